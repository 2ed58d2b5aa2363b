//! `ordinance baseline`: what already runs goes on for a while, and everything new is refused.

use crate::check::folder;
use crate::support::binary::{Run, command, must, ordinance, run};
use std::path::Path;

const FLEET: &str = "\
apiVersion: ordinance.dev/v1
kind: Fleet
metadata: {name: example}
spec:
  environments: [{name: all}]
";

const INTENTS: &str = "\
apiVersion: ordinance.dev/v1
kind: Intent
metadata: {name: no-root}
spec:
  statement: Pods do not run as root.
  owner: security
  requires:
    - {control: run-as-non-root}
    - {control: disallow-privileged-containers}
    - {control: disallow-node-ports}
  exemptions: {longest: 60d}
---
apiVersion: ordinance.dev/v1
kind: Intent
metadata: {name: no-root-either}
spec:
  statement: Pods do not run as root, says somebody else.
  owner: audit
  requires: [{control: run-as-non-root}]
  exemptions: {longest: 90d}
---
apiVersion: ordinance.dev/v1
kind: Intent
metadata: {name: tags}
spec:
  statement: Nothing runs by the tag latest.
  owner: security
  requires: [{control: disallow-latest-tag}]
---
apiVersion: ordinance.dev/v1
kind: Intent
metadata: {name: owners}
spec:
  statement: Workloads say whose they are.
  owner: platform
  requires: [{control: required-labels, parameters: {labels: [owner]}, action: audit}]
";

const FOUND: &str = r#"{"apiVersion":"v1","items":[
{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"shop","labels":{"team":"web"}}},
{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web","namespace":"shop"},"spec":{"template":{
  "metadata":{"labels":{"app":"web","cost":"k1"}},
  "spec":{"containers":[{"name":"web","image":"registry.example.com/web:1","securityContext":{"privileged":true}}]}}}},
{"apiVersion":"apps/v1","kind":"ReplicaSet","metadata":{"name":"web-6d4cf","namespace":"shop",
  "ownerReferences":[{"apiVersion":"apps/v1","kind":"Deployment","name":"web","controller":true}]},
  "spec":{"template":{"metadata":{"labels":{"app":"web","pod-template-hash":"6d4cf"}},
  "spec":{"containers":[{"name":"web","image":"registry.example.com/web:1"}]}}}},
{"apiVersion":"v1","kind":"Pod","metadata":{"name":"web-6d4cf-abcde","namespace":"shop",
  "labels":{"app":"web","pod-template-hash":"6d4cf"},
  "ownerReferences":[{"apiVersion":"apps/v1","kind":"ReplicaSet","name":"web-6d4cf","controller":true}]},
  "spec":{"containers":[{"name":"web","image":"registry.example.com/web:1"}]}},
{"apiVersion":"v1","kind":"Pod","metadata":{"name":"nightly-29387400-x","namespace":"jobs","labels":{"owner":"data"},
  "ownerReferences":[{"apiVersion":"batch/v1","kind":"Job","name":"nightly-29387400","controller":true}]},
  "spec":{"containers":[{"name":"n","image":"registry.example.com/n:1"}]}},
{"apiVersion":"v1","kind":"Pod","metadata":{"name":"bare","namespace":"jobs"},
  "spec":{"containers":[{"name":"n","image":"registry.example.com/n:latest","securityContext":{"runAsNonRoot":true}}]}},
{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"calm","namespace":"shop"},"spec":{"template":{"spec":{
  "containers":[{"name":"c","image":"registry.example.com/c:1","securityContext":{"runAsNonRoot":true}}]}}}},
{"apiVersion":"v1","kind":"Service","metadata":{"name":"door","namespace":"shop"},"spec":{"type":"NodePort"}},
{"apiVersion":"v1","kind":"Secret","metadata":{"name":"db","namespace":"shop"},"data":{"password":"aHVudGVyMg=="}}
],"kind":"List"}"#;

const ENGINES: &[&str] = &[
    "{name: native}",
    "{name: kyverno, version: \"1.17.2\"}",
    "{name: gatekeeper, version: \"3.23.1\"}",
];

fn repository(engine: &str) -> tempfile::TempDir {
    let cluster = format!(
        "apiVersion: ordinance.dev/v1\nkind: Cluster\nmetadata: {{name: prod-1}}\n\
         spec: {{kubernetes: \"1.33\", provider: generic, engine: {engine}}}\n"
    );
    folder(&[
        ("ordinance.yaml", FLEET),
        ("clusters/prod-1.yaml", &cluster),
        ("intents/all.yaml", INTENTS),
        ("workloads/prod-1/all.json", FOUND),
        ("workloads/prod-1/taken", "2026-11-20\n"),
    ])
}

fn baseline(folder: &Path, more: &[&str]) -> Run {
    ordinance(folder, &[&["baseline", "prod-1"], more].concat())
}

const OUT: &[&str] = &["--default-owner", "ops", "--out", "intents/baseline.yaml"];

/// The whole of it, on every engine: what was there is free, its like is not.
#[test]
fn what_runs_goes_on_and_what_is_new_is_refused() {
    for engine in ENGINES {
        let folder = repository(engine);
        let folder = folder.path();
        let said = baseline(folder, OUT);
        assert_eq!(
            (said.code, said.out.as_str(), said.err.as_str()),
            (
                1,
                "",
                "note: 9 objects, taken on 2026-11-20\n\
                 note: 1 workload only breaks rules that warn or record: these refuse nothing and are \
                 left as they are\n\
                 warning: Pod jobs/bare stays denied by disallow-latest-tag: intent `tags` grants no \
                 exemptions\n\
                 3 exemptions: the first ends on 2026-12-22, the last on 2027-01-21.\n"
            ),
            "{engine}"
        );
        must(folder, &["validate"]);
        let again =
            ordinance(folder, &["check", "--cluster", "prod-1", "--format", "json", "workloads"]);
        let denied = crate::check::json(&again);
        let denied: Vec<&serde_json::Value> = denied["violations"]
            .as_array()
            .expect("violations")
            .iter()
            .filter(|one| one["action"] == "deny")
            .collect();
        assert_eq!(denied.len(), 1, "{engine}: {denied:#?}");
        assert_eq!(denied[0]["control"], "disallow-latest-tag");

        let new =
            FOUND.replace("\"name\":\"web\",\"namespace\"", "\"name\":\"web2\",\"namespace\"");
        std::fs::write(folder.join("new.json"), new).expect("a file");
        let new = ordinance(folder, &["check", "--cluster", "prod-1", "new.json"]);
        assert_eq!(new.code, 1, "{engine}");
        assert!(new.out.contains("Deployment shop/web2"), "{engine}: {}", new.out);
    }
}

#[test]
fn an_exemption_names_the_workload_its_owner_and_every_intent() {
    let folder = repository("{name: native}");
    let said = baseline(folder.path(), &["--default-owner", "ops"]);
    let web = said.out.split("---\n").find(|one| one.contains("- kind: Deployment")).expect("web");
    let expected = "\
apiVersion: ordinance.dev/v1
kind: Exemption
metadata:
  name: baseline-shop-web-4267411a
spec:
  expires: \"2027-01-21\"
  granted: \"2026-11-22\"
  lifts:
  - controls:
    - disallow-privileged-containers
    - run-as-non-root
    intent: no-root
  - controls:
    - run-as-non-root
    intent: no-root-either
  owner: web
  reason: \"Baseline of 2026-11-22: it ran before this was denied. It breaks disallow-privileged-containers (web); run-as-non-root (web).\"
  scope:
    clusters:
      names:
      - prod-1
    namespaces:
      names:
      - shop
    workloads:
    - kind: Deployment
      name: web
";
    let owner = |key: &str| {
        let said = baseline(folder.path(), &["--default-owner", "ops", "--owner-label", key]);
        let web = said.out.split("---\n").find(|one| one.contains("- kind: Deployment"));
        web.and_then(|web| web.lines().find(|line| line.starts_with("  owner"))).map(str::to_owned)
    };
    assert_eq!(owner("cost").as_deref(), Some("  owner: k1"));
    assert_eq!(owner("nothing").as_deref(), Some("  owner: ops"));
    assert_eq!(web.replace("2027-01-06", "2027-01-21"), expected);
    assert!(said.out.contains("- kind: CronJob\n      name: nightly\n"), "{}", said.out);
    assert!(said.out.contains("- kind: Service\n      name: door\n"), "{}", said.out);
}

/// Time passes and it is written again: nothing is renewed by that.
#[test]
fn writing_it_again_changes_no_byte() {
    let folder = repository("{name: native}");
    let folder = folder.path();
    let before = "# Ours.\n";
    std::fs::write(folder.join("intents/baseline.yaml"), before).expect("a file");
    baseline(folder, OUT);
    let first = std::fs::read_to_string(folder.join("intents/baseline.yaml")).expect("a file");
    assert!(first.starts_with("# Ours.\n---\napiVersion: "), "{first}");
    let later = run(command(folder, &[&["baseline", "prod-1"], OUT].concat())
        .env("ORDINANCE_NOW", "2026-12-01"));
    assert!(later.err.ends_with("No more can be exempt; nothing was written.\n"), "{}", later.err);
    let second = std::fs::read_to_string(folder.join("intents/baseline.yaml")).expect("a file");
    assert_eq!(first, second);

    let more = r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"more","namespace":"jobs"},"spec":{"containers":[{"name":"n","image":"registry.example.com/n:1"}]}}"#;
    std::fs::write(folder.join("workloads/prod-1/more.json"), more).expect("a file");
    baseline(folder, OUT);
    let third = std::fs::read_to_string(folder.join("intents/baseline.yaml")).expect("a file");
    let added = third.strip_prefix(&first).expect("what was there stays");
    assert_eq!(added.matches("kind: Exemption").count(), 1);
    must(folder, &["validate"]);
}

#[test]
fn growth_is_named_and_nothing_is_written() {
    let folder = repository("{name: native}");
    let folder = folder.path();
    baseline(folder, OUT);
    let intents = INTENTS.replace(
        "requires: [{control: disallow-latest-tag}]",
        "requires: [{control: disallow-latest-tag, action: audit}]",
    );
    std::fs::write(folder.join("intents/all.yaml"), intents).expect("a file");
    let growth = || baseline(folder, &["--fail-on", "growth"]);
    let none = growth();
    assert_eq!(
        (none.code, none.out.as_str()),
        (0, "prod-1: no more breaks a rule than is exempt (9 objects, taken on 2026-11-20)\n")
    );
    let more = r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"more","namespace":"jobs"},"spec":{"containers":[{"name":"n","image":"registry.example.com/n:1"}]}}"#;
    std::fs::write(folder.join("workloads/prod-1/more.json"), more).expect("a file");
    let grown = growth();
    assert_eq!((grown.code, grown.out.as_str()), (1, "Pod jobs/more breaks run-as-non-root\n"));
    assert_eq!(
        grown.err,
        "prod-1: 1 workload that no exemption is about (10 objects, taken on 2026-11-20)\n"
    );
    // What is freed for an image is not all of a workload.
    let images = "\
apiVersion: ordinance.dev/v1
kind: Exemption
metadata: {name: images}
spec:
  lifts:
    - {intent: no-root, controls: [run-as-non-root]}
    - {intent: no-root-either, controls: [run-as-non-root]}
  scope: {namespaces: {names: [jobs]}, images: [registry.example.com/old/*]}
  reason: They are old.
  owner: jobs
  granted: 2026-11-20
  expires: 2026-12-20
";
    std::fs::write(folder.join("intents/images.yaml"), images).expect("a file");
    assert_eq!(growth().out, grown.out);
    std::fs::remove_file(folder.join("intents/images.yaml")).expect("a file");
    // Once they have ended they are denied, and that is no growth.
    std::fs::remove_file(folder.join("workloads/prod-1/more.json")).expect("a file");
    let ended = run(command(folder, &["baseline", "prod-1", "--fail-on", "growth"])
        .env("ORDINANCE_NOW", "2027-06-01"));
    assert_eq!(ended.code, 0, "{}{}", ended.out, ended.err);
    assert!(
        ended.err.contains("3 workloads are denied although an exemption is about it"),
        "{}",
        ended.err
    );
}

#[test]
fn what_must_be_given_is_asked_for() {
    let folder = repository("{name: native}");
    let folder = folder.path();
    let said = |more: &[&str]| {
        let said = baseline(folder, more);
        assert_eq!((said.code, said.out.as_str()), (2, ""), "{}", said.err);
        said.err
    };
    assert_eq!(
        said(&[]),
        "note: 9 objects, taken on 2026-11-20\n\
         note: 1 workload only breaks rules that warn or record: these refuse nothing and are left as \
         they are\n\
         error: no label says who answers for 1 workload\n  Pod jobs/bare\n\
         hint: name the label with `--owner-label KEY`, or somebody with `--default-owner NAME`\n"
    );
    let late = said(&["--default-owner", "ops", "--expires-from", "2027-01-10", "--stagger", "30"]);
    assert!(
        late.ends_with(
            "error: the last exemption would end on 2027-02-09, and 60d is the longest that is allowed \
             here\nhint: all of them have to end on 2027-01-21 or before\n"
        ),
        "{late}"
    );
    let none = ordinance(folder, &["baseline", "prod-2"]);
    assert_eq!(none.code, 2);
    assert!(none.err.contains("there is no folder `./workloads/prod-2`"), "{}", none.err);
    let unknown = ordinance(folder, &["baseline", "prod-2", "--from", "workloads"]);
    assert_eq!(unknown.err, "error: there is no cluster `prod-2`\nhint: did you mean `prod-1`?\n");
}

/// What the fleet allows is less than what any intent does.
#[test]
fn the_fleet_bounds_the_ends_too() {
    let folder = repository("{name: native}");
    let folder = folder.path();
    let fleet = format!("{FLEET}  exemptions: {{longest: 30d}}\n");
    std::fs::write(folder.join("ordinance.yaml"), fleet).expect("a file");
    let said = baseline(folder, OUT);
    assert!(
        said.err.ends_with("3 exemptions: the first ends on 2026-12-07, the last on 2026-12-22.\n"),
        "{}",
        said.err
    );
    must(folder, &["validate"]);
}

/// A broken file takes nothing with it, and no line of it is shown.
#[test]
fn a_broken_file_is_named_and_the_others_are_read() {
    let folder = repository("{name: native}");
    let folder = folder.path();
    let broken = r#"{"apiVersion":"v1","kind":"Secret","data":{"p":"hunter2" "hunter2"}}"#;
    std::fs::write(folder.join("workloads/prod-1/broken.json"), broken).expect("a file");
    let said = baseline(folder, &["--default-owner", "ops"]);
    assert_eq!(said.out.matches("kind: Exemption").count(), 3);
    assert!(
        said.err
            .contains("`./workloads/prod-1/broken.json` is not read: it cannot be read as JSON"),
        "{}",
        said.err
    );
    assert!(!(said.err + &said.out).contains("hunter2"));
}

/// Without a stated day, the commit that brought the files says how old they are at most.
#[test]
fn a_snapshot_is_as_old_as_its_commit_unless_its_day_is_stated() {
    let folder = repository("{name: native}");
    let folder = folder.path();
    std::fs::remove_file(folder.join("workloads/prod-1/taken")).expect("a file");
    let first = |run: Run| run.err.lines().next().unwrap_or_default().to_owned();
    let asked = || first(baseline(folder, &["--default-owner", "ops"]));
    assert_eq!(asked(), "note: 9 objects, of unknown age");
    let git = |day: &str, words: &[&str]| {
        let name = ["-c", "user.name=Somebody", "-c", "user.email=somebody@example.com"];
        let status = std::process::Command::new("git")
            .args(name)
            .args(words)
            .current_dir(folder)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_COMMITTER_DATE", format!("{day}T12:00:00Z"))
            .status();
        assert!(status.expect("git runs").success());
    };
    git("2026-10-01", &["init", "-q", "-b", "main"]);
    git("2026-10-01", &["add", "--all"]);
    git("2026-10-01", &["commit", "-q", "-m", "All"]);
    std::fs::write(folder.join("README.md"), "more\n").expect("a file");
    git("2026-11-01", &["add", "--all"]);
    git("2026-11-01", &["commit", "-q", "-m", "More"]);
    assert_eq!(asked(), "note: 9 objects, committed on 2026-10-01");
    std::fs::write(folder.join("workloads/prod-1/new.yaml"), "# nothing\n").expect("a file");
    assert_eq!(asked(), "note: 9 objects, of unknown age");
}
