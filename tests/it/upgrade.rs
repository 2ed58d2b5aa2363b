//! `upgrade`: what is told of an upgrade is what happens when its lines are written.

use crate::support::binary::{must, ordinance};
use crate::support::files::{self, root};
use ordinance::catalogue::removed_apis;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

fn told(folder: &Path, words: &[&str]) -> (i32, Value) {
    let run = ordinance(folder, &[&["upgrade"], words, &["--format", "json"]].concat());
    let told = serde_json::from_str(&run.out);
    (run.code, told.unwrap_or_else(|_| panic!("{}{}", run.out, run.err)))
}

fn replace(file: &Path, old: &str, new: &str) {
    let text = fs::read_to_string(file).expect("a file");
    assert!(text.contains(old), "{old} in {text}");
    fs::write(file, text.replacen(old, new, 1)).expect("a file");
}

/// The objects of files that git would show as changed, by their file.
fn changed(before: &files::Tree, after: &files::Tree, cluster: &str) -> BTreeSet<String> {
    let home = format!("rendered/{cluster}/");
    let paths: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let differ = paths.into_iter().filter(|path| before.get(*path) != after.get(*path));
    let own = differ.filter_map(|path| path.strip_prefix(&home));
    let applied = own.filter(|path| path.contains('/') && !path.ends_with("kustomization.yaml"));
    applied.map(str::to_owned).collect()
}

fn paths(objects: &Value) -> BTreeSet<String> {
    let list = objects.as_array().expect("a list").iter();
    list.map(|one| one["path"].as_str().expect("a path").to_owned()).collect()
}

/// The files that are said to change when its lines are written do, and no other; nothing is
/// written by telling it; and once it is written it is told as announced.
#[test]
fn what_is_told_is_what_happens() {
    for (cluster, words, line, announced, done) in [
        (
            "old-1",
            ["--engine", "kyverno@1.17.2"].as_slice(),
            "version: \"1.12.6\"",
            "version: \"1.12.6\", next: \"1.17.2\"",
            "version: \"1.17.2\"",
        ),
        (
            "prod-eu-1",
            &["--engine", "kyverno@1.19"],
            "version: \"1.17.2\"",
            "version: \"1.17.2\", next: \"1.19\"",
            "version: \"1.19\"",
        ),
        (
            "prod-eu-1",
            &["--kubernetes", "1.34"],
            "kubernetes: \"1.33\"",
            "kubernetes: {version: \"1.33\", next: \"1.34\"}",
            "kubernetes: \"1.34\"",
        ),
    ] {
        let folder = files::folder(&files::example());
        let folder = folder.path();
        let document = folder.join(format!("clusters/{cluster}.yaml"));
        let as_it_is = files::read(folder);
        let words = [&[cluster], words].concat();
        let (code, said) = told(folder, &words);
        assert_eq!(code, i32::from(said["fine"] == false), "{words:?}");
        assert_eq!(files::difference(&as_it_is, &files::read(folder)), None, "{words:?}");
        replace(&document, line, announced);
        must(folder, &["render"]);
        let meanwhile = files::read(folder);
        let expected = paths(&said["objects"]["announced"]);
        assert_eq!(changed(&as_it_is, &meanwhile, cluster), expected, "{words:?}");
        let (_, again) = told(folder, &words);
        assert_eq!(again["objects"]["announced"], Value::Array(vec![]), "{words:?}");
        assert_eq!(again["objects"]["done"], said["objects"]["done"], "{words:?}");
        assert_eq!(again["verdicts"], said["verdicts"], "{words:?}");
        let next = again["next"][0].as_str().expect("a line");
        assert!(next.contains(done), "{next}");
        replace(&document, announced, done);
        must(folder, &["render"]);
        let expected = paths(&said["objects"]["done"]);
        assert_eq!(changed(&meanwhile, &files::read(folder), cluster), expected, "{words:?}");
    }
}

/// Every cluster of the example can go one minor further, and is told so in whole.
#[test]
fn every_cluster_of_the_example_can_be_upgraded() {
    let listed = fs::read_dir(root().join("clusters")).expect("a folder");
    let mut judged = 0;
    for file in listed {
        let path = file.expect("a file").path();
        let cluster = path.file_stem().expect("a name").to_string_lossy().into_owned();
        let text = fs::read_to_string(&path).expect("a document");
        // Of one whose upgrade is under way, the next version.
        let line = text.lines().find(|line| line.contains("  kubernetes: ")).expect("a version");
        let line = line.split('#').next().unwrap_or_default();
        let version = line.rsplit("\"1.").next().expect("a version");
        let minor: u32 = version.split('"').next().expect("a minor").parse().expect("a number");
        let next = format!("1.{}", minor + u32::from(!line.contains("next")));
        let (code, said) = told(root(), &[&cluster, "--kubernetes", &next]);
        assert!([0, 1].contains(&code), "{cluster}");
        assert_eq!(said["impossible"], Value::Array(vec![]), "{cluster}");
        assert_eq!(said["withoutWindow"], Value::Array(vec![]), "{cluster}");
        judged += said["verdicts"]["judged"].as_u64().expect("a number");
    }
    assert!(judged > 10_000, "{judged} verdicts were compared");
}

/// The control that refuses what goes and the table of what goes say the same of what both know.
#[test]
fn the_table_and_the_control_agree_on_what_goes() {
    let control = root().join("templates/controls/disallow-removed-apis/control.yaml");
    let text = fs::read_to_string(control).expect("the control");
    let pattern = regex::Regex::new(r"'([a-z0-9./]+)/([A-Za-z]+)': '(\d+) ").expect("a pattern");
    let table: Vec<_> = removed_apis().collect();
    let mut compared = 0;
    for found in pattern.captures_iter(&text) {
        let known = table.iter().find(|one| (one.api_version, one.kind) == (&found[1], &found[2]));
        let Some(known) = known else { continue };
        assert_eq!(known.removed.minor.to_string(), found[3], "{}", &found[0]);
        compared += 1;
    }
    assert!(compared >= 40, "{compared} were compared");
}
