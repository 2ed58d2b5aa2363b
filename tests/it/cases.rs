//! The cases beside every control: that they are judged, that there are enough of them, and that
//! a framework claims only what some case proves.

use crate::support::binary::{must, ordinance};
use crate::support::files::{self, Tree, root};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Fewer verdicts than this means that cases or targets were lost.
const VERDICTS: usize = 250_000;

fn list(value: &Value) -> Vec<&Value> {
    value.as_array().map(|list| list.iter().collect()).unwrap_or_default()
}

#[test]
fn every_case_gets_the_stated_verdict_on_every_target() {
    let run = must(root(), &["test", "--all"]);
    let last = run.out.lines().last().expect("a summary");
    let verdicts = regex::Regex::new(r"(\d+) verdicts: 0 not as stated$").expect("a pattern");
    let verdicts: usize =
        verdicts.captures(last).unwrap_or_else(|| panic!("{last}"))[1].parse().expect("a number");
    assert!(verdicts >= VERDICTS, "only {verdicts} verdicts");
}

#[test]
fn every_control_has_allowed_and_denied_cases_and_one_denied_per_parameter() {
    let mut allowed: BTreeMap<String, usize> = BTreeMap::new();
    let mut denied: BTreeMap<String, usize> = BTreeMap::new();
    let mut given: BTreeSet<(String, String)> = BTreeSet::new();
    let mut controls = BTreeMap::new();
    for (path, document) in files::documents("templates/controls") {
        let spec = &document["spec"];
        if document["kind"] == "Control" {
            // What is made of manifests judges nothing; a scenario has what it renders.
            if spec.get("manifests").is_some() {
                continue;
            }
            let id = document["metadata"]["name"].as_str().expect("a name").to_owned();
            controls.insert(id, spec["parameters"]["properties"].clone());
            continue;
        }
        let control = spec["control"].as_str().expect("a control").to_owned();
        assert!(path.starts_with(&format!("{control}/")), "{path} is about {control}");
        let cases = list(&spec["cases"]);
        let deny = cases.iter().filter(|case| case["expect"] == "deny").count();
        *denied.entry(control.clone()).or_default() += deny;
        *allowed.entry(control.clone()).or_default() += cases.len() - deny;
        if deny > 0 {
            let parameters = spec["parameters"].as_object().into_iter().flatten();
            given.extend(parameters.map(|(name, _)| (control.clone(), name.clone())));
        }
    }
    assert!(controls.len() >= 12);
    for (id, parameters) in controls {
        assert!(allowed.get(&id).is_some_and(|number| *number > 0), "{id} has no allowed case");
        assert!(denied.get(&id).is_some_and(|number| *number > 0), "{id} has no denied case");
        for (parameter, _) in parameters.as_object().into_iter().flatten() {
            let key = (id.clone(), parameter.clone());
            assert!(given.contains(&key), "no denied case of {id} gives `{parameter}`");
        }
    }
}

/// Covered is what a denied case proves, with a control that the framework lists for it. What has
/// the same title in several versions of a framework is proved once: it means the same in all.
#[test]
fn a_recommendation_is_covered_just_where_a_denied_case_proves_it() {
    // What is claimed, with the ids it has in all versions; and the other way round.
    type Claim = (String, String, String);
    let controls = files::documents("templates/controls");
    let manifests: BTreeSet<&str> = controls
        .iter()
        .filter(|(_, one)| one["spec"].get("manifests").is_some())
        .filter_map(|(_, one)| one["metadata"]["name"].as_str())
        .collect();
    let mut claimed: BTreeSet<Claim> = BTreeSet::new();
    let mut by_id: BTreeMap<(String, String), Claim> = BTreeMap::new();
    for (path, framework) in files::documents("templates/frameworks") {
        let spec = &framework["spec"];
        let name = framework["metadata"]["name"].as_str().expect("a name");
        let version = spec["version"].as_str();
        assert_eq!(path, format!("{name}/{}.yaml", version.unwrap_or("all")));
        for one in list(&spec["recommendations"]) {
            // Of several versions, the first that has it.
            let first = one["from"].as_str().or(spec["versions"]["from"].as_str());
            let version = version.or(first).expect("a version");
            let id = format!("{name}@{version}/{}", one["id"].as_str().expect("an id"));
            let title = one["title"].as_str().expect("a title");
            let controls = list(&one["controls"]);
            for control in controls.iter().filter_map(|entry| entry["control"].as_str()) {
                // What is made of manifests judges nothing; a scenario has what it renders.
                if manifests.contains(control) {
                    continue;
                }
                let claim = (name.to_owned(), title.to_owned(), control.to_owned());
                by_id.insert((id.clone(), control.to_owned()), claim.clone());
                claimed.insert(claim);
            }
        }
    }
    assert!(claimed.len() >= 90, "{claimed:?}");
    let mut proved: BTreeSet<Claim> = BTreeSet::new();
    for (path, document) in files::documents("templates/controls") {
        let control = document["spec"]["control"].as_str().unwrap_or_default();
        for case in list(&document["spec"]["cases"]) {
            for id in list(&case["proves"]).into_iter().filter_map(Value::as_str) {
                assert_eq!(case["expect"], "deny", "{path}: {} proves nothing", case["name"]);
                let claim = by_id.get(&(id.to_owned(), control.to_owned()));
                proved.insert(claim.unwrap_or_else(|| panic!("{path}: no {id} lists it")).clone());
            }
        }
    }
    let unproved: Vec<_> = claimed.difference(&proved).collect();
    assert!(unproved.is_empty(), "no denied case proves {unproved:?}");
}

/// What a control says changes with the version it follows: at each change there is a case on both
/// sides, so that neither a rule that comes too late nor one that goes too early is missed.
#[test]
fn every_version_in_which_a_control_changes_is_proved() {
    let mut proved: BTreeSet<(String, String)> = BTreeSet::new();
    let mut wanted: BTreeSet<(String, String)> = BTreeSet::new();
    for (_, document) in files::documents("templates/controls") {
        let spec = &document["spec"];
        if document["kind"] == "Cases" {
            let control = spec["control"].as_str().expect("a control").to_owned();
            proved.extend(spec["version"].as_str().map(|version| (control, version.to_owned())));
            continue;
        }
        if spec["follows"].is_null() {
            continue;
        }
        let id = document["metadata"]["name"].as_str().expect("a name");
        for rule in list(&spec["rules"]) {
            let bounds = [&rule["from"], &rule["until"]].into_iter().filter_map(Value::as_str);
            wanted.extend(bounds.map(|version| (id.to_owned(), version.to_owned())));
        }
    }
    assert!(wanted.len() >= 20, "{wanted:?}");
    // The newest version is the one that cases without a version are about.
    let unproved: Vec<_> =
        wanted.difference(&proved).filter(|(_, version)| version != "1.25").collect();
    assert!(unproved.is_empty(), "no case has the version {unproved:?}");
}

/// A repository with a control of its own, whose one denied case expects `expectation`.
fn own_control(expectation: &str) -> Tree {
    let mut input = files::read(&root().join("tests/complaints/base"));
    let home = "templates/controls/good-names";
    let control = "apiVersion: ordinance.dev/v1\nkind: Control\nmetadata: {name: good-names}\nspec:\n  \
        title: Names are good\n  why: Bad names confuse.\n  fix: Rename it.\n  severity: low\n  \
        subject: workload\n  rules:\n    - name: names\n      offenders: >-\n        \
        dyn(object).?metadata.?name.orValue(\"\") == \"x\" ? [\"x\"] : []\n      \
        message: \"bad name(s): {offenders}\"\n";
    let cases = format!(
        "apiVersion: ordinance.dev/v1\nkind: Cases\nspec:\n  control: good-names\n  cases:\n    \
         - name: a bad name\n      operation: CREATE\n      {expectation}\n      object:\n        \
         apiVersion: v1\n        kind: Pod\n        metadata: {{name: x, namespace: shop}}\n        \
         spec: {{containers: [{{name: app, image: registry.example.com/app:1}}]}}\n"
    );
    input.insert(format!("{home}/control.yaml"), control.into());
    input.insert(format!("{home}/cases/create.yaml"), cases.into_bytes());
    input
}

#[test]
fn a_control_of_ones_own_is_proved_too() {
    let folder = files::folder(&own_control("expect: deny\n      offenders: [x]"));
    let run = must(folder.path(), &["test"]);
    assert!(run.out.contains("good-names"), "{}", run.out);
    assert!(run.out.ends_with("verdicts: 0 not as stated\n"), "{}", run.out);
    assert!(!run.out.contains("run-as-non-root"), "only its own: {}", run.out);
}

#[test]
fn a_wrong_expectation_is_told_with_its_place() {
    for (expectation, words) in [
        ("expect: allow", ": it must pass and is denied: "),
        ("expect: deny\n      offenders: [z]", ": it must name z and names x"),
    ] {
        let folder = files::folder(&own_control(expectation));
        let run = ordinance(folder.path(), &["test"]);
        assert_eq!(run.code, 1, "{}{}", run.out, run.err);
        let place = "templates/controls/good-names/cases/create.yaml:6 a bad name on ";
        let line = run.out.lines().find(|line| line.contains(place) && line.contains(words));
        assert!(line.is_some(), "{}", run.out);
    }
}
