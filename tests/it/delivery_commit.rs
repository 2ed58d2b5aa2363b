//! Commits made without a work tree.

use std::path::Path;
use std::sync::Arc;

use git2::Oid;
use ordinance::delivery::git::{Author, Draft, FolderUpdate};

use crate::support::repository::Repository;

type Files = Vec<(String, Arc<[u8]>)>;

fn files(files: &[(&str, &str)]) -> Files {
    files.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().into())).collect()
}

fn author() -> Author {
    Author {
        name: "ordinance".into(),
        email: "ordinance@example.com".into(),
        seconds: 1_780_000_000,
    }
}

fn update<'a>(path: &str, files: &'a Files) -> FolderUpdate<'a> {
    FolderUpdate { path: path.into(), files, key: None }
}

fn start() -> (Repository, Oid) {
    let repository = Repository::new();
    repository.write("intents/a.yaml", "a: 1\n");
    repository.write("rendered/a/policies/old.yaml", "old: 1\n");
    repository.write("rendered/a/policies/kept.yaml", "kept: 1\n");
    repository.write("rendered/b/policies/p.yaml", "p: 1\n");
    let id = repository.commit("Begin");
    (repository, Oid::from_str(&id).expect("an id"))
}

/// Stages and commits at once.
fn commit(repository: &Path, parent: Oid, updates: &[FolderUpdate<'_>], message: &str) -> Oid {
    let draft = Draft::stage(repository, parent, updates).expect("a draft");
    draft.commit(message, &author()).expect("a commit")
}

#[test]
fn a_folder_becomes_exactly_its_files_and_all_else_stays() {
    let (repository, parent) = start();
    let a = files(&[("policies/kept.yaml", "kept: 1\n"), ("ordinance.lock", "lock\n")]);
    let sync = files(&[("a.yaml", "sync: a\n")]);
    let none = files(&[]);
    let updates = [
        update("rendered/a", &a),
        update("rendered/sync/flux/a", &sync),
        update("rendered/b", &none),
        update("rendered/none", &none),
    ];
    let id = commit(repository.path(), parent, &updates, "Render\n\nWhy.");

    let listed = repository.git(&["ls-tree", "-r", "--name-only", &id.to_string()]);
    assert_eq!(
        listed.lines().collect::<Vec<_>>(),
        [
            "intents/a.yaml",
            "rendered/a/ordinance.lock",
            "rendered/a/policies/kept.yaml",
            "rendered/sync/flux/a/a.yaml"
        ]
    );
    let said = repository.git(&["log", "-1", "--format=%an|%ce|%ct|%B", &id.to_string()]);
    assert_eq!(said.trim_end(), "ordinance|ordinance@example.com|1780000000|Render\n\nWhy.");
    // Neither the branch nor the index nor the work tree knows of it.
    assert_eq!(repository.git(&["rev-parse", "HEAD"]), parent.to_string());
    assert_eq!(repository.git(&["status", "--porcelain"]), "");
    assert_eq!(repository.git(&["for-each-ref", "--format=%(refname)"]), "refs/heads/main");
    repository.git(&["fsck", "--strict"]);
}

#[test]
fn the_same_input_makes_the_same_commit() {
    let (repository, parent) = start();
    let a = files(&[("x.yaml", "x: 1\n"), ("x/y.yaml", "y: 1\n"), ("x-y.yaml", "z: 1\n")]);
    let mut backwards = a.clone();
    backwards.reverse();
    let make = |files| commit(repository.path(), parent, &[update("rendered/a", files)], "Render");
    assert_eq!(make(&a), make(&backwards));
    repository.git(&["fsck", "--strict"]);
}

#[test]
fn a_draft_that_changes_nothing_writes_nothing() {
    let (repository, parent) = start();
    let a = files(&[("policies/old.yaml", "old: 1\n"), ("policies/kept.yaml", "kept: 1\n")]);
    let objects = || count(&repository.path().join(".git/objects"));
    let before = objects();
    let draft =
        Draft::stage(repository.path(), parent, &[update("rendered/a", &a)]).expect("a draft");
    assert!(draft.is_empty());
    let b = files(&[("policies/new.yaml", "new: 1\n")]);
    let draft =
        Draft::stage(repository.path(), parent, &[update("rendered/a", &b)]).expect("a draft");
    assert!(!draft.is_empty());
    drop(draft);
    assert_eq!(objects(), before, "a draft is in memory only");
}

#[test]
fn many_objects_go_into_one_pack_and_shared_ones_only_once() {
    let (repository, parent) = start();
    let shared: Files = (0..300)
        .map(|n| (format!("policies/{n}.yaml"), format!("policy: {n}\n").into_bytes().into()))
        .collect();
    let paths: Vec<String> = (0..50).map(|n| format!("rendered/c{n}")).collect();
    let updates: Vec<FolderUpdate<'_>> = paths
        .iter()
        .map(|path| FolderUpdate { path: path.clone(), files: &shared, key: Some(1) })
        .collect();
    let id = commit(repository.path(), parent, &updates, "Render");
    let packs = std::fs::read_dir(repository.path().join(".git/objects/pack")).expect("packs");
    let packs = packs.filter(|file| {
        let file = file.as_ref().expect("a file").path();
        file.extension().is_some_and(|extension| extension == "pack")
    });
    assert_eq!(packs.count(), 1);
    // 300 contents, the folder, its `policies`, `rendered`, the top and the commit.
    let counted = repository.git(&["count-objects", "-v"]);
    assert!(counted.contains("in-pack: 305"), "{counted}");
    let listed = repository.git(&["ls-tree", "-r", "--name-only", &id.to_string()]);
    assert_eq!(listed.lines().count(), 50 * 300 + 4);
    repository.git(&["fsck", "--strict"]);
}

#[test]
fn paths_that_lead_elsewhere_or_collide_are_refused_before_anything_is_written() {
    let (repository, parent) = start();
    let fine = files(&[("p.yaml", "p: 1\n")]);
    let refused = |updates: &[FolderUpdate<'_>]| {
        let failure = Draft::stage(repository.path(), parent, updates).err();
        failure.expect("is refused").came_back
    };
    for path in ["../out", "rendered//a", "", "/etc", "rendered/.git/hooks", "a\\b", "a/.GIT"] {
        let said = refused(&[update(path, &fine)]);
        assert!(said.starts_with("the path `"), "{path}: {said}");
        let bad = files(&[(path, "p: 1\n")]);
        let said = refused(&[update("rendered/a", &bad)]);
        assert!(said.starts_with("the path `"), "{path}: {said}");
    }
    let within = [update("rendered/a", &fine), update("rendered/a/policies", &fine)];
    assert!(refused(&within).contains("lies within another"));
    let twice = [update("rendered/a", &fine), update("rendered/a", &fine)];
    assert!(refused(&twice).contains("lies within another"));
    let both = files(&[("a", "1"), ("a.b", "1"), ("a/b", "1")]);
    assert_eq!(refused(&[update("rendered/a", &both)]), "`a/` is a file and a folder");
    let twice = files(&[("a", "1"), ("a", "2")]);
    assert_eq!(refused(&[update("rendered/a", &twice)]), "`a` is given twice");
}

#[test]
fn removing_the_last_file_leaves_no_empty_folder() {
    let (repository, parent) = start();
    let none = files(&[]);
    let gone = ["rendered/a", "rendered/b", "intents"].map(|path| update(path, &none));
    let id = commit(repository.path(), parent, &gone, "x");
    assert_eq!(repository.git(&["ls-tree", &id.to_string()]), "");
    repository.git(&["fsck"]);
}

fn count(folder: &Path) -> usize {
    let entries = std::fs::read_dir(folder).expect("a folder");
    let each = entries.map(|entry| {
        let path = entry.expect("an entry").path();
        if path.is_dir() { count(&path) } else { 1 }
    });
    each.sum()
}
