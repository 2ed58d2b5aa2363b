//! What people are told while a grace runs: the developer whom a rule warns, and who reads the
//! change that ends it.

use crate::support::binary;
use crate::support::repository::Repository;
use serde_json::Value;

const ENGINES: [(&str, &str); 4] = [
    ("keeper", "{name: gatekeeper, version: \"3.23.0\"}"),
    ("older", "{name: kyverno, version: \"1.13.4\"}"),
    ("native", "{name: native}"),
    ("newer", "{name: kyverno, version: \"1.19.0\"}"),
];

/// A fleet with a cluster of each shape, a rule that has a grace, and a pod that breaks it.
fn fleet() -> Repository {
    let repository = Repository::new();
    repository.write(
        "ordinance.yaml",
        "apiVersion: ordinance.dev/v1\nkind: Fleet\nmetadata: {name: small}\nspec: {}\n",
    );
    for (name, engine) in ENGINES {
        repository.write(
            &format!("clusters/{name}.yaml"),
            &format!(
                "apiVersion: ordinance.dev/v1\nkind: Cluster\nmetadata: {{name: {name}}}\n\
                 spec: {{kubernetes: \"1.34\", provider: generic, engine: {engine}}}\n"
            ),
        );
    }
    repository.write(
        "intents/limits.yaml",
        "apiVersion: ordinance.dev/v1\nkind: Intent\nmetadata: {name: limits}\nspec:\n\
         \x20 statement: It shall be so.\n  owner: platform\n  requires:\n\
         \x20   - control: container-resource-limits\n      grace: {period: 14d, action: warn}\n",
    );
    repository.write(
        "pod.yaml",
        "apiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: shop}\n\
         spec: {containers: [{name: web, image: web}]}\n",
    );
    repository
}

/// What every cluster says of the pod on a day: one line each, all the same but for the name.
fn said(repository: &Repository, day: &str) -> String {
    let arguments = ["check", "pod.yaml", "--format", "json", "--now", day];
    let run = binary::ordinance(repository.path(), &arguments);
    let told: Value = serde_json::from_str(&run.out).unwrap_or_else(|_| panic!("{run:?}"));
    let violations = told["violations"].as_array().expect("a list").iter();
    let mut lines: Vec<String> = violations
        .flat_map(|one| {
            let words = format!("{}: {}", one["action"], one["message"]).replace('"', "");
            let clusters = one["clusters"].as_array().expect("a list").clone();
            clusters.into_iter().map(move |cluster| format!("{cluster} {words}").replace('"', ""))
        })
        .collect();
    lines.sort();
    lines.join("\n")
}

fn on_all(words: &str) -> String {
    let mut names = ENGINES.map(|(name, _)| name);
    names.sort();
    names.map(|name| format!("{name} {words}")).join("\n")
}

#[test]
fn a_warning_says_from_when_it_is_a_denial() {
    let repository = fleet();
    let commits = |day: &str| {
        repository.git(&["add", "--all"]);
        let moment = format!("{day}T12:00:00+00:00");
        repository.git_on(&moment, &["commit", "-q", "--allow-empty", "-m", "A day's work"]);
    };
    let renders = |day: &str| binary::must(repository.path(), &["render", "--now", day]);
    commits("2026-11-20");
    // Proposed on the 22nd and merged on the 25th: 14 days are over on December 9.
    renders("2026-11-22");
    commits("2026-11-25");
    let offends = "container(s) without limits for cpu, memory: web";
    let warns = on_all(&format!("warn: denied from 2026-12-06 at the earliest: {offends}"));
    for day in ["2026-11-25", "2026-12-05", "2026-12-08"] {
        assert_eq!(said(&repository, day), warns, "{day}");
        assert!(renders(day).out.contains("Nothing changes"), "{day}");
    }
    assert_eq!(said(&repository, "2026-12-09"), on_all(&format!("deny: {offends}")));
    let diff = binary::must(repository.path(), &["diff", "--now", "2026-12-09"]);
    // Whichever objects hold it, in a line of its own, whatever is said at a glance.
    let words = "\n  denies at the earliest: 2026-12-06 → none\n";
    assert_eq!(diff.out.matches(words).count(), 1, "{}", diff.out);
    assert!(!diff.out.contains("expressions:"), "the text says nothing else: {}", diff.out);
}
