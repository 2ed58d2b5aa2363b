//! Same input, same bytes; names that never change because something else came or went.

use crate::support::binary::{self, must};
use crate::support::files::{self, Tree, root};
use ordinance::{name, text::Sources, yaml};
use proptest::prelude::*;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

fn rendered(input: &Tree) -> Tree {
    let folder = files::folder(input);
    must(folder.path(), &["render"]);
    files::below(&files::read(folder.path()), "rendered")
}

/// The objects of a rendered file.
fn objects(path: &str, bytes: &[u8]) -> Vec<Value> {
    let mut sources = Sources::default();
    let source = sources.add(path, String::from_utf8(bytes.to_vec()).expect("text"));
    let nodes = yaml::read(&sources, source).unwrap_or_else(|_| panic!("{path} is YAML"));
    nodes.iter().map(yaml::Node::to_json).collect()
}

fn policies(tree: &Tree) -> impl Iterator<Item = (&String, &Vec<u8>)> {
    tree.iter().filter(|(path, _)| {
        !path.starts_with("sync/")
            && path.ends_with(".yaml")
            && !path.ends_with("kustomization.yaml")
    })
}

/// The committed tree is what comes out, in whatever way it is asked for.
#[test]
fn the_example_renders_to_the_same_bytes_in_every_way() {
    let example = files::example();
    let committed = files::below(&example, "rendered");
    for (threads, backwards) in [("1", true), ("4", false)] {
        let folder = tempfile::tempdir().expect("a temporary folder");
        match backwards {
            true => files::write(folder.path(), example.iter().rev()),
            false => files::write(folder.path(), &example),
        }
        let out = tempfile::tempdir().expect("a temporary folder");
        let (input, output) =
            (folder.path().display().to_string(), out.path().display().to_string());
        let words = ["render", "--repository", &input, "--output", &output];
        let run =
            binary::run(binary::command(out.path(), &words).env("RAYON_NUM_THREADS", threads));
        assert_eq!(run.code, 0, "{}", run.err);
        assert_eq!(files::difference(&committed, &files::read(out.path())), None);
    }
}

#[test]
fn an_unrelated_intent_changes_no_other_object() {
    let mut example = files::example();
    let before = rendered(&example);
    example.insert(
        "intents/aaa.yaml".into(),
        b"apiVersion: ordinance.dev/v1\nkind: Intent\nmetadata: {name: aaa}\nspec:\n  \
          statement: Names are labels.\n  owner: platform-team\n  requires:\n    \
          - {control: required-labels, as: team-label, parameters: {labels: [team]}}\n"
            .to_vec(),
    );
    let after = rendered(&example);
    let mut added = 0;
    for (path, bytes) in policies(&after) {
        match before.get(path) {
            Some(old) => assert!(old == bytes, "{path} changes"),
            None => {
                let own = path.ends_with("/policies/team-label.yaml")
                    || path.ends_with("templates/ordinancerequiredlabels.yaml");
                assert!(own, "{path} is new");
                added += 1;
            }
        }
    }
    for (path, _) in policies(&before) {
        assert!(after.contains_key(path), "{path} is gone");
    }
    assert!(added >= 14, "only {added} files are new");
}

#[test]
fn every_rendered_name_is_a_label_and_unique_in_its_cluster() {
    let committed = files::below(&files::example(), "rendered");
    let mut names: BTreeMap<[String; 4], String> = BTreeMap::new();
    for (path, bytes) in policies(&committed) {
        let cluster = path.split('/').next().expect("a cluster").to_owned();
        for object in objects(path, bytes) {
            let kind = object["kind"].as_str().expect("a kind").to_owned();
            let own = object["metadata"]["name"].as_str().expect("a name").to_owned();
            assert_eq!(name::problem(&own), None, "{path}: {own}");
            assert!(own.len() <= 50, "{path}: {own} has {} characters", own.len());
            let namespace = object["metadata"]["namespace"].as_str().unwrap_or_default();
            let key = [cluster.clone(), kind, namespace.to_owned(), own];
            if let Some(other) = names.insert(key.clone(), path.clone()) {
                panic!("{key:?} is in {other} and in {path}");
            }
        }
    }
    assert!(names.len() > 150, "{} objects", names.len());
}

#[test]
fn no_policy_names_a_cluster() {
    let example = files::example();
    let clusters: BTreeSet<String> = example
        .keys()
        .filter_map(|path| path.strip_prefix("clusters/")?.strip_suffix(".yaml"))
        .map(str::to_owned)
        .collect();
    assert_eq!(clusters.len(), 14);
    let committed = files::below(&example, "rendered");
    for (path, bytes) in committed.iter().filter(|(path, _)| !path.starts_with("sync/")) {
        let text = String::from_utf8_lossy(bytes);
        for cluster in &clusters {
            assert!(!text.contains(cluster.as_str()), "{path} names {cluster}");
        }
    }
}

/// Clusters alike get the same bytes, lock and all.
#[test]
fn twins_are_given_the_same_bytes() {
    let committed = files::below(&files::example(), "rendered");
    for (one, other) in [("dev-eu-1", "dev-us-1"), ("prod-us-1", "prod-us-2"), ("edge-1", "edge-2")]
    {
        let (one, other) = (files::below(&committed, one), files::below(&committed, other));
        assert!(!one.is_empty());
        assert_eq!(files::difference(&one, &other), None);
    }
}

/// Two ids stay two names, of objects and of kinds, whatever letters are small.
#[test]
fn ids_of_the_catalogue_never_collide() {
    let ids: Vec<String> = std::fs::read_dir(root().join("templates/controls"))
        .expect("controls")
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("a plain name"))
        .collect();
    assert!(ids.len() >= 12);
    let objects: BTreeSet<String> =
        ids.iter().map(|id| name::object([id.as_str()]).to_lowercase()).collect();
    let kinds: BTreeSet<String> =
        ids.iter().map(|id| name::pascal_case(id).to_lowercase()).collect();
    assert_eq!((objects.len(), kinds.len()), (ids.len(), ids.len()));
}

proptest! {
    #[test]
    fn different_names_stay_different(a in "[a-z][a-z0-9-]{0,62}", b in "[a-z][a-z0-9-]{0,62}") {
        let (one, other) = (name::object([a.as_str()]), name::object([b.as_str()]));
        prop_assert!(one.len() <= 50 && other.len() <= 50);
        prop_assert_eq!(a == b, one.to_lowercase() == other.to_lowercase());
    }
}
