//! `explain`: what it says, and that every place it names is one that decides.

use crate::support::binary::{self, TODAY, must, ordinance};
use crate::support::files::{self, Tree, root};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// One cluster of each kind of the example.
const CLUSTERS: &[&str] =
    &["prod-eu-1", "shared-1", "old-1", "edge-1", "dev-asia-1", "staging-eu-1", "old-2"];

fn explain(folder: &std::path::Path, words: &[&str]) -> String {
    let words: Vec<&str> = ["explain"].iter().chain(words).copied().collect();
    let run = must(folder, &words);
    assert_eq!(run.err, "");
    run.out
}

#[test]
fn one_rule_of_a_production_cluster() {
    let folder = files::folder(&files::example());
    let expected = "\
run-as-non-root denies in every namespace of prod-eu-1 but 9 system ones (built-in templates/providers/eks.yaml:5)
  demanded by  cis-baseline/production   5.2.7, level 2; 5.7.3, level 2       intents/cis-baseline.yaml:16
  in           environment production                                         ordinance.yaml:16
  because      One baseline that auditors know. (platform-security, SEC-1001)   intents/cis-baseline.yaml:3
  demanded by  no-root/1                                                      intents/no-root.yaml:11
  because      Root in a container is a step from root on its node. (platform-security, SEC-1003)   intents/no-root.yaml:3
  except       legacy-billing until 2027-01-29, 68 days: Deployment legacy-billing in namespace billing for its named images   intents/legacy.yaml:4
  because      The images predate the security baseline; their successor is due in January. (team-billing)   intents/legacy.yaml:4
  approved by  security-lead in SEC-1234                                      intents/legacy.yaml:4
  since        2026-11-22 (lock) · ValidatingPolicy                           → rendered/prod-eu-1/policies/run-as-non-root.yaml
";
    assert_eq!(explain(folder.path(), &["prod-eu-1", "run-as-non-root"]), expected);
}

#[test]
fn one_rule_in_two_parts_of_a_shared_cluster() {
    let folder = files::folder(&files::example());
    let expected = "\
container-resource-limits warns in namespaces of shared-1 where environment is development but 8 system ones (built-in templates/providers/eks.yaml:5)
container-resource-limits denies in namespaces of shared-1 where environment is not development but 8 system ones (built-in templates/providers/eks.yaml:5)
  demanded by  resource-limits/1                                              intents/resource-limits.yaml:12
  grace        14d of grace (warn) until 2026-12-06, 14 days                  intents/resource-limits.yaml:16
  because      A pod without limits can starve its neighbours. (platform-team, SEC-1002)   intents/resource-limits.yaml:3
  since        2026-11-22 (lock) · ValidatingPolicy                           → rendered/shared-1/policies/container-resource-limits.yaml
";
    assert_eq!(explain(folder.path(), &["shared-1", "container-resource-limits"]), expected);
}

/// A grace that is granted elsewhere is no part of why a rule denies here.
#[test]
fn a_grace_is_told_only_where_it_is_granted() {
    let folder = files::folder(&files::example());
    let told = |cluster| explain(folder.path(), &[cluster, "container-resource-limits"]);
    assert!(!told("prod-eu-1").contains("grace"), "{}", told("prod-eu-1"));
    assert!(told("dev-eu-1").contains("14d of grace (warn) until 2026-12-06"));
}

#[test]
fn what_is_not_there_is_said() {
    let folder = files::folder(&files::example());
    let run = ordinance(folder.path(), &["explain", "prod-eu-3"]);
    assert_eq!((run.code, run.out.as_str()), (2, ""));
    assert_eq!(
        run.err,
        "error: there is no cluster `prod-eu-3`\nhint: did you mean `prod-eu-1`?\n"
    );
    let run = ordinance(folder.path(), &["explain", "dev-eu-1", "run-as-nonroot"]);
    assert_eq!((run.code, run.out.as_str()), (2, ""));
    assert_eq!(
        run.err,
        "error: there is no control `run-as-nonroot`\nhint: did you mean `run-as-non-root`?\n\
         hint: `ordinance controls` lists what there is\n"
    );
    for name in ["require-image-digests", "ordinance-require-image-digests"] {
        let run = ordinance(folder.path(), &["explain", "dev-eu-1", name]);
        assert_eq!((run.code, run.err.as_str()), (1, ""), "{name}");
        assert_eq!(run.out, "require-image-digests is not demanded of dev-eu-1.\n");
    }
}

/// Who was denied knows the name that the answer had.
#[test]
fn a_rule_is_found_by_the_names_of_its_objects() {
    let folder = files::folder(&files::example());
    for (cluster, rule, name) in [
        ("prod-eu-1", "run-as-non-root", "ordinance-run-as-non-root"),
        ("prod-us-1", "run-as-non-root", "ordinance-run-as-non-root"),
        ("prod-eu-2", "run-as-non-root", "ordinancerunasnonroot"),
        (
            "shared-1",
            "container-resource-limits",
            "ordinance-container-resource-limits-development",
        ),
        ("prod-eu-1", "default-deny-network-policy", "ordinance-default-deny-network-policy"),
    ] {
        let told = explain(folder.path(), &[cluster, name]);
        assert_eq!(told, explain(folder.path(), &[cluster, rule]), "{cluster} {name}");
    }
}

/// Nobody is denied by an object, and where none is given there is no file of it.
#[test]
fn an_object_is_told_as_one() {
    let folder = files::folder(&files::example());
    let told = explain(folder.path(), &["prod-eu-1", "default-deny-network-policy"]);
    let first =
        "default-deny-network-policy is an object, applied in every namespace of prod-eu-1 ";
    assert!(told.starts_with(first), "{told}");
    assert!(
        told.contains("→ rendered/prod-eu-1/manifests/default-deny-network-policy.yaml"),
        "{told}"
    );
    let told = explain(folder.path(), &["prod-us-1", "default-deny-network-policy"]);
    assert!(told.contains("nothing is rendered"), "{told}");
    assert!(told.contains("→ rendered/prod-us-1/ordinance.lock"), "{told}");
}

/// Deletes what each named line begins and renders the cluster again: either the input is wrong
/// now, or the cluster's folder – its lock holds who demands what – is another one.
#[test]
fn every_place_that_is_named_decides() {
    let example = files::example();
    let folder = files::folder(&example);
    let mut places: BTreeMap<(String, usize), BTreeSet<&str>> = BTreeMap::new();
    let pattern = regex::Regex::new(r"(\S+\.yaml):(\d+)").expect("a pattern");
    for cluster in CLUSTERS {
        let alone = ["run-as-non-root", "container-resource-limits", "disallow-wildcard-rbac"];
        let mut told = explain(folder.path(), &[cluster]);
        told.extend(alone.map(|rule| ordinance(folder.path(), &["explain", cluster, rule]).out));
        for found in pattern.captures_iter(&told) {
            let (path, line) =
                (found[1].trim_start_matches('('), found[2].parse().expect("a line"));
            let own = path == "ordinance.yaml"
                || path.starts_with("intents/")
                || path.starts_with("clusters/");
            if own {
                places.entry((path.to_owned(), line)).or_default().insert(cluster);
            }
        }
    }
    assert!(places.len() >= 15, "only {} places are named", places.len());
    let checks: Vec<(&(String, usize), &str)> = places
        .iter()
        .flat_map(|(place, clusters)| clusters.iter().map(move |cluster| (place, *cluster)))
        .collect();
    let before: BTreeMap<&str, Tree> = CLUSTERS
        .iter()
        .map(|cluster| (*cluster, rendered(&example, cluster).expect("valid")))
        .collect();
    let idle: Vec<String> = checks
        .par_iter()
        .filter_map(|((path, line), cluster)| {
            let mut without = example.clone();
            let text = String::from_utf8(without[path].clone()).expect("text");
            without.insert(path.clone(), delete(&text, *line).into_bytes());
            let decides = rendered(&without, cluster).is_none_or(|tree| tree != before[cluster]);
            (!decides).then(|| format!("{path}:{line} changes nothing for {cluster}"))
        })
        .collect();
    assert!(idle.is_empty(), "{idle:#?}");
    println!("{} deletions at {} places", checks.len(), places.len());
}

/// What the cluster is given; `None` where the input is wrong.
fn rendered(files: &Tree, cluster: &str) -> Option<Tree> {
    let folder = files::folder(files);
    let out = tempfile::tempdir().expect("a temporary folder");
    let place = out.path().display().to_string();
    let run = ordinance(folder.path(), &["render", "--cluster", cluster, "--output", &place]);
    assert!([0, 2].contains(&run.code), "{}", run.err);
    (run.code == 0).then(|| files::read(out.path()))
}

/// The text without what begins on a line: an entry or item with all that is indented below it;
/// for a document's metadata, the document.
fn delete(text: &str, line: usize) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let depth = |line: &str| line.len() - line.trim_start().len();
    let begin = line - 1;
    let mut range = begin..begin + 1;
    if lines[begin].starts_with("metadata:") {
        let starts = lines[..begin].iter().rposition(|line| *line == "---").map_or(0, |at| at + 1);
        let ends = lines[begin..].iter().position(|line| *line == "---");
        range = starts..ends.map_or(lines.len(), |at| begin + at);
    } else {
        let inside = |line: &&str| line.trim().is_empty() || depth(line) > depth(lines[begin]);
        range.end += lines[begin + 1..].iter().take_while(|line| inside(line)).count();
    }
    let kept = lines.iter().enumerate().filter(|(index, _)| !range.contains(index));
    kept.map(|(_, line)| format!("{line}\n")).collect()
}

/// The day may be given on the command line; it then wins over the environment.
#[test]
fn the_day_decides_what_is_told() {
    let folder = files::folder(&files::example());
    let words = ["explain", "dev-eu-1", "container-resource-limits", "--now", "2026-12-06"];
    let run = binary::run(binary::command(folder.path(), &words).env("ORDINANCE_NOW", TODAY));
    assert!(run.out.contains("14d of grace, over since 2026-12-06"), "{}", run.out);
    assert!(run.out.starts_with("container-resource-limits denies"), "{}", run.out);
}

/// The small repository of the complaints, with more files laid over it.
fn small(files: &[(&str, &str)]) -> Tree {
    let mut tree = files::read(&root().join("tests/complaints/base"));
    tree.extend(files.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())));
    tree
}

/// Where an exemption frees a rule wholly there is nothing that could deny.
#[test]
fn what_is_exempt_as_a_whole_is_not_said_to_deny() {
    let intent = "\
apiVersion: ordinance.dev/v1
kind: Intent
metadata: {name: no-root}
spec:
  statement: Pods must not run as root.
  owner: platform-security
  requires:
    - {control: run-as-non-root, namespaces: {matchLabels: {team: billing}}}
    - {control: disallow-host-namespaces}
  exemptions: {}
";
    let exemption = "\
apiVersion: ordinance.dev/v1
kind: Exemption
metadata: {name: move}
spec:
  lifts:
    - {intent: no-root, controls: [run-as-non-root, disallow-host-namespaces]}
  scope: {namespaces: {matchLabels: {team: billing}}}
  reason: They move.
  owner: team-billing
  expires: 2026-11-30
";
    let with = |expires: &str| {
        let exemption = exemption.replace("2026-11-30", expires);
        small(&[("intents/no-root.yaml", intent), ("intents/move.yaml", &exemption)])
    };
    let folder = files::folder(&with("2026-11-30"));
    must(folder.path(), &["render"]);
    let expected = "\
run-as-non-root holds nowhere on prod-1: all of it is exempt
  demanded by  no-root/1                                                      intents/no-root.yaml:8
  asked by     platform-security                                              intents/no-root.yaml:3
  except       move until 2026-11-30, 8 days: in namespaces where team is billing   intents/move.yaml:3
  because      They move. (team-billing)                                      intents/move.yaml:3
  since        2026-11-22 (lock) · nothing is rendered                        → rendered/prod-1/ordinance.lock
";
    assert_eq!(explain(folder.path(), &["prod-1", "run-as-non-root"]), expected);
    let rest = explain(folder.path(), &["prod-1", "disallow-host-namespaces"]);
    assert!(rest.starts_with(
        "disallow-host-namespaces denies in namespaces of prod-1 where team is not billing but "
    ));
    let rendered = files::read(&folder.path().join("rendered/prod-1"));
    assert!(!rendered.contains_key("policies/run-as-non-root.yaml"), "{:?}", rendered.keys());
    // The days go on being counted: when it ends, nothing begins anew.
    let (intents, ended) = (folder.path().join("intents"), exemption.replace("11-30", "12-05"));
    std::fs::write(intents.join("move.yaml"), ended).expect("an exemption");
    let told = explain(folder.path(), &["prod-1", "run-as-non-root", "--now", "2026-12-06"]);
    assert!(told.starts_with("run-as-non-root denies in namespaces of prod-1"), "{told}");
    assert!(told.contains("since        2026-11-22 (lock)"), "{told}");
}

/// Objects without a namespace belong to the environment of their cluster.
#[test]
fn objects_without_a_namespace_are_told_with_their_environment() {
    let folder = files::folder(&files::example());
    for (cluster, environment) in [
        ("dev-eu-1", "development (ordinance.yaml:9)"),
        ("shared-1", "production (ordinance.yaml:16)"),
    ] {
        let told = explain(folder.path(), &[cluster, "disallow-wildcard-rbac"]);
        let words = "denies among objects of";
        let rest = format!("without a namespace, which belong to environment {environment}");
        assert!(
            told.contains(&format!("disallow-wildcard-rbac {words} {cluster} {rest}\n")),
            "{told}"
        );
    }
}

/// What a requirement leaves out of a framework, and why, is said wherever one would look for it.
#[test]
fn what_is_left_out_of_a_framework_is_told() {
    let mut example = files::example();
    let intent = String::from_utf8(example["intents/cis-baseline.yaml"].clone()).expect("text");
    let level = "version: \"1.8\", level: 1}";
    let without = "version: \"1.8\", level: 1,
       without: [{control: disallow-wildcard-rbac, because: Our operators need them.}]}";
    assert!(intent.contains(level));
    example.insert("intents/cis-baseline.yaml".into(), intent.replace(level, without).into_bytes());
    let folder = files::folder(&example);
    let run = ordinance(folder.path(), &["explain", "dev-eu-1", "disallow-wildcard-rbac"]);
    let expected = "\
disallow-wildcard-rbac is not demanded of dev-eu-1.
  left out by  cis-baseline/everywhere: Our operators need them.   intents/cis-baseline.yaml:15
";
    assert_eq!((run.code, run.out.as_str(), run.err.as_str()), (1, expected, ""));
    let all = explain(folder.path(), &["dev-eu-1"]);
    let end = "
Left out of the frameworks it is given
  disallow-wildcard-rbac  cis-baseline/everywhere: Our operators need them.   intents/cis-baseline.yaml:15
";
    assert!(all.ends_with(end), "{all}");
    let both = explain(folder.path(), &["prod-eu-1", "disallow-wildcard-rbac"]);
    assert!(
        both.contains("\n  left out by  cis-baseline/everywhere: Our operators need"),
        "{both}"
    );
    let line = "cis-baseline/everywhere leaves out disallow-wildcard-rbac: Our operators need them. \
                (intents/cis-baseline.yaml:15)\n";
    let shown = must(folder.path(), &["controls", "cis-kubernetes@1.8"]);
    assert!(shown.out.ends_with(line), "{}", shown.out);
    let rendered = must(folder.path(), &["render"]);
    assert!(rendered.err.contains(&format!("note: {line}")), "{}", rendered.err);
}

/// What a control says may depend on a version: whose it is, and since when it has said the same.
#[test]
fn a_rule_that_follows_a_standard_says_which_version() {
    let mut input = files::read(&root().join("tests/complaints/base"));
    let intent = "apiVersion: ordinance.dev/v1\nkind: Intent\nmetadata: {name: pods}\nspec:\n  \
        statement: All pods are restricted.\n  owner: platform\n  requires:\n    \
        - {name: all, framework: pod-security-standards, level: restricted}\n    \
        - {name: old, control: restrict-selinux-options, version: \"1.33\"}\n";
    input.insert("intents/pods.yaml".into(), intent.into());
    let folder = files::folder(&input);
    let expected = "\
restrict-sysctls denies in every namespace of dev-1 but 4 system ones (built-in templates/providers/eks.yaml:5)
  follows      pod-security-standards 1.35 (the cluster's, the same since 1.32)
  demanded by  pods/all   sysctls, baseline
";
    let told = explain(folder.path(), &["dev-1", "restrict-sysctls"]);
    for line in expected.lines().skip(1) {
        assert!(told.contains(line), "{told}");
    }
    assert!(told.contains("clusters/dev-1.yaml:5"), "the line of the version: {told}");
    // Another requirement names a version in which the control says the same: one rule.
    let told = explain(folder.path(), &["dev-1", "restrict-selinux-options"]);
    assert!(told.contains("pods/old") && told.contains("pods/all"), "{told}");
    // What replaces a check is given in its place.
    let told = explain(folder.path(), &["dev-1"]);
    assert!(told.contains("require-masked-proc") && !told.contains("disallow-unmasked-proc"));
}
