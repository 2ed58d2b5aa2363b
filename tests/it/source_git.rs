//! Reading a commit: exactly what was committed, and nothing that leads out of it.

use ordinance::source::git::Commit;
use ordinance::tree::base::Base;

use crate::support::repository::Repository;

fn paths(commit: &Commit, roots: &[&str]) -> Vec<String> {
    let found = commit.read(roots).expect("files");
    assert_eq!(found.refused, [], "nothing is refused");
    found.files.into_iter().map(|(path, _)| path).collect()
}

#[test]
fn a_commit_is_read_without_its_work_tree() {
    let repository = Repository::new();
    repository.write("ordinance.yaml", "kind: Fleet\n");
    repository.write("intents/a.yaml", "a: committed\n");
    repository.write("intents/b/c.yaml", "c: 1\n");
    repository.write("notes/no-input.txt", "not read\n");
    repository.commit("Begin");
    repository.write("intents/a.yaml", "a: edited since\n");
    repository.write("intents/new.yaml", "new: 1\n");

    let commit = Commit::open(repository.path(), "HEAD").expect("opens");
    let roots = ["ordinance.yaml", "intents", "clusters"];
    assert_eq!(paths(&commit, &roots), ["intents/a.yaml", "intents/b/c.yaml", "ordinance.yaml"]);
    let files = commit.read(&roots).expect("files").files;
    assert_eq!(files[0].1, b"a: committed\n");
    assert_eq!(commit.uncommitted(&roots).expect("status"), ["intents/a.yaml", "intents/new.yaml"]);
    assert!(commit.is_head());
}

#[cfg(unix)]
#[test]
fn links_and_submodules_are_refused_with_their_reason() {
    let repository = Repository::new();
    repository.write("intents/a.yaml", "a: 1\n");
    std::os::unix::fs::symlink("/etc/passwd", repository.path().join("intents/out.yaml"))
        .expect("a link");
    std::os::unix::fs::symlink("intents", repository.path().join("clusters")).expect("a link");
    repository.git(&["add", "--all"]);
    let module = "160000,0123456789012345678901234567890123456789,intents/module";
    repository.git(&["update-index", "--add", "--cacheinfo", module]);
    repository.git(&["commit", "-q", "-m", "Lead elsewhere"]);

    let commit = Commit::open(repository.path(), "HEAD").expect("opens");
    let found = commit.read(&["intents", "clusters"]).expect("files");
    assert_eq!(found.files.len(), 1);
    let refused: Vec<String> = found
        .refused
        .iter()
        .map(|refused| format!("{}: {}", refused.path, refused.because))
        .collect();
    assert_eq!(
        refused,
        [
            "intents/module: it is a submodule",
            "intents/out.yaml: it is a symbolic link",
            "clusters: it is a symbolic link",
        ]
    );
}

#[test]
fn a_huge_file_is_refused_before_it_is_unpacked() {
    let repository = Repository::new();
    repository.write("intents/huge.yaml", &"x".repeat(5 << 20));
    repository.commit("Be huge");
    let commit = Commit::open(repository.path(), "HEAD").expect("opens");
    let found = commit.read(&["intents"]).expect("files");
    assert_eq!(found.files, []);
    assert_eq!(found.refused[0].because, "it has 5242880 bytes, more than 4 MiB");
}

#[test]
fn a_name_that_leads_elsewhere_is_refused() {
    let repository = Repository::new();
    repository.commit("Begin");
    let raw = git2::Repository::open(repository.path()).expect("opens");
    let odb = raw.odb().expect("an object store");
    let blob = odb.write(git2::ObjectType::Blob, b"evil").expect("written");
    let tree = |name: &str, mode: &str, id: git2::Oid| {
        let bytes = [format!("{mode} {name}\0").as_bytes(), id.as_bytes()].concat();
        odb.write(git2::ObjectType::Tree, &bytes).expect("written")
    };
    let root = tree("intents", "40000", tree("..", "40000", tree("x.yaml", "100644", blob)));
    let text = format!("tree {root}\nauthor a <a> 0 +0000\ncommitter a <a> 0 +0000\n\nx\n");
    let commit = odb.write(git2::ObjectType::Commit, text.as_bytes()).expect("written");

    let commit = Commit::open(repository.path(), &commit.to_string()).expect("opens");
    let found = commit.read(&["intents"]).expect("files");
    assert_eq!(found.files, []);
    assert_eq!(found.refused[0].path, "intents/..");
    assert_eq!(found.refused[0].because, "its name leads elsewhere");
}

#[test]
fn a_folder_below_the_top_is_its_own_world() {
    let repository = Repository::new();
    repository.write("policies/intents/a.yaml", "a: 1\n");
    repository.write("policies/rendered/dev/policies/p.yaml", "p: 1\n");
    repository.write("intents/other.yaml", "other: 1\n");
    repository.commit("Begin");
    let commit = Commit::open(&repository.path().join("policies"), "main").expect("opens");
    assert_eq!(commit.below(), "policies/");
    assert_eq!(paths(&commit, &["intents"]), ["intents/a.yaml"]);
    assert_eq!(commit.folders("rendered"), ["dev"]);
    repository.write("policies/intents/b.yaml", "b: 1\n");
    assert_eq!(commit.uncommitted(&["intents"]).expect("status"), ["intents/b.yaml"]);
}

#[test]
fn the_base_knows_folders_and_files_by_content() {
    let repository = Repository::new();
    for cluster in ["a", "a.b", "b"] {
        repository.write(&format!("rendered/{cluster}/policies/p.yaml"), "p: 1\n");
    }
    repository.write("rendered/b/ordinance.lock", "lock\n");
    repository.commit("Begin");
    let base = Commit::open(repository.path(), "HEAD").expect("opens");
    assert_eq!(base.folders("rendered"), ["a", "a.b", "b"]);
    assert_eq!(base.folder_id("rendered/a"), base.folder_id("rendered/a.b"));
    assert_ne!(base.folder_id("rendered/a"), base.folder_id("rendered/b"));
    assert_eq!(base.folder_id("rendered/c"), None);
    assert_eq!(
        base.files("rendered/b"),
        [
            ("ordinance.lock".to_owned(), base.id_of(b"lock\n")),
            ("policies/p.yaml".to_owned(), base.id_of(b"p: 1\n")),
        ]
    );
    assert_eq!(base.bytes("rendered/b/ordinance.lock").as_deref(), Some(&b"lock\n"[..]));
    assert_eq!(base.bytes("rendered/b"), None);
    assert_eq!(base.bytes("rendered/b/none"), None);
}

#[test]
fn the_history_since_the_base_tells_why() {
    let repository = Repository::new();
    repository.write("intents/a.yaml", "a: 1\n");
    repository.commit("Begin");
    repository.git(&["switch", "-q", "-c", "change"]);
    repository.write("intents/a.yaml", "a: 2\n");
    repository.commit("Ask for limits\n\nSEC-1\n");
    repository.commit("Explain");
    let commit = Commit::open(repository.path(), "change").expect("opens");
    let base = commit.merge_base("main").expect("a merge base");
    let history = commit.since(base, 1).expect("a history");
    assert_eq!(history.more, 1);
    assert_eq!(history.commits[0].summary, "Explain");
    let history = commit.since(base, 10).expect("a history");
    assert_eq!(history.commits[1].author, "Somebody");
    assert_eq!(history.commits[1].body, "SEC-1");
    assert_eq!(commit.merge_base("no-such-branch"), None);
}

#[test]
fn what_is_no_repository_or_no_commit_says_what_to_do() {
    let nowhere = tempfile::tempdir().expect("a folder");
    let failure = Commit::open(nowhere.path(), "HEAD").err().expect("fails");
    assert!(failure.to_do.contains("git init"), "{failure}");
    let repository = Repository::new();
    let failure = Commit::open(repository.path(), "HEAD").err().expect("fails");
    assert!(failure.to_do.contains("git commit"), "{failure}");
    repository.commit("Begin");
    let failure = Commit::open(repository.path(), "nope").err().expect("fails");
    assert!(failure.to_string().starts_with("could not read the commit `nope` of "), "{failure}");
}
