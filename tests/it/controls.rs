//! `ordinance controls`: what there is, chosen and told, and a control of one's own begun.

use crate::support::binary::{blessing, must, ordinance};
use crate::support::files::{self, root};
use serde_json::Value;
use std::collections::BTreeMap;

/// The ids that a choice lists.
fn listed(arguments: &[&str]) -> Vec<String> {
    let all = [&["controls"], arguments].concat();
    let said = must(root(), &all).out;
    let lines = said.lines().skip(1).take_while(|line| line.starts_with("  "));
    lines.filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect()
}

/// `docs/controls.md` and `docs/controls.html` are the reference, as the binary writes it.
#[test]
fn the_committed_reference_is_that_of_the_binary() {
    for (format, page) in [("markdown", "docs/controls.md"), ("html", "docs/controls.html")] {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let written = must(folder.path(), &["controls", "--format", format]).out;
        if blessing() {
            std::fs::write(root().join(page), &written).expect("docs can be written");
        }
        let committed = std::fs::read_to_string(root().join(page)).unwrap_or_default();
        assert!(committed == written, "{page}: ORDINANCE_BLESS=1 cargo test docs writes it anew");
    }
}

/// The README's table of frameworks is counted from the catalogue.
#[test]
fn the_readme_counts_what_frameworks_recommend() {
    let json: Value =
        serde_json::from_str(&must(root(), &["controls", "--format", "json"]).out).expect("JSON");
    let mut table = "\
| framework | recommends | enforced | in part | not by admission | not yet |
| --- | ---: | ---: | ---: | ---: | ---: |
"
    .to_owned();
    for one in json["frameworks"].as_array().expect("frameworks") {
        let text = |field: &str| one[field].as_str().expect("a text").to_owned();
        let all = one["recommendations"].as_array().expect("recommendations").len();
        let count = |field: &str| one["counts"][field].as_u64().expect("a count");
        let counts = ["covered", "part", "notByAdmission", "notYet"].map(count);
        assert_eq!(counts.iter().sum::<u64>(), all as u64, "{one}");
        let [covered, part, never, later] = counts;
        table += &format!(
            "| `{}` {} | {all} | {covered} | {part} | {never} | {later} |\n",
            text("name"),
            text("version")
        );
    }
    let path = root().join("README.md");
    let page = std::fs::read_to_string(&path).expect("a README");
    let (before, rest) = page.split_once("<!-- frameworks -->\n").expect("a beginning");
    let (shown, after) = rest.split_once("<!-- end -->").expect("an end");
    if blessing() {
        let anew = format!("{before}<!-- frameworks -->\n{table}<!-- end -->{after}");
        std::fs::write(&path, anew).expect("the README can be written");
        return;
    }
    assert_eq!(shown, table, "ORDINANCE_BLESS=1 cargo test controls writes it anew");
}

/// A recommendation keeps its title and its controls from version to version of a benchmark,
/// whatever its number.
#[test]
fn a_recommendation_means_the_same_in_every_version_of_its_framework() {
    let mut known: BTreeMap<String, (String, Value)> = BTreeMap::new();
    let mut versions = 0;
    for (path, document) in files::documents("templates/frameworks") {
        if document["metadata"]["name"] != "cis-kubernetes" {
            continue;
        }
        versions += 1;
        for one in document["spec"]["recommendations"].as_array().expect("recommendations") {
            let title = one["title"].as_str().expect("a title").to_owned();
            let mut meaning = one.clone();
            meaning.as_object_mut().expect("a map").remove("id");
            let (first, same) =
                known.entry(title.clone()).or_insert((path.clone(), meaning.clone()));
            assert_eq!(*same, meaning, "`{title}` in {first} and in {path}");
        }
    }
    assert_eq!(versions, 8);
}

/// All formats tell every control with all it says; a page stands alone.
#[test]
fn every_format_tells_every_control() {
    let json: Value =
        serde_json::from_str(&must(root(), &["controls", "--format", "json"]).out).expect("JSON");
    let controls = json["controls"].as_array().expect("controls");
    let folders = std::fs::read_dir(root().join("templates/controls")).expect("the catalogue");
    assert_eq!(controls.len(), folders.count());
    let markdown = must(root(), &["controls", "--format", "markdown"]).out;
    let html = must(root(), &["controls", "--format", "html"]).out;
    for one in controls {
        let id = one["id"].as_str().expect("an id");
        assert!(markdown.contains(&format!("\n### {id}\n")), "{id}");
        assert!(html.contains(&format!("<article id=\"{id}\"")), "{id}");
        for field in ["title", "why", "fix", "severity", "looksAt"] {
            assert!(one[field].as_str().is_some_and(|text| !text.is_empty()), "{id}: {field}");
        }
    }
    for outside in ["src=", "@import", "url(", "<link"] {
        assert!(!html.contains(outside), "the page asks for something: {outside}");
    }
}

#[test]
fn controls_are_chosen_by_words_framework_severity_and_subject() {
    let found = listed(&["--search", "ROOT user"]);
    assert!(found.iter().any(|id| id == "disallow-root-user"), "{found:?}");
    assert!(!found.iter().any(|id| id == "required-labels"), "{found:?}");
    let critical = listed(&["--severity", "critical"]);
    let high = listed(&["--severity", "high"]);
    assert!(critical.iter().all(|id| high.contains(id)) && critical.len() < high.len());
    let roles = listed(&["--subject", "clusterrole"]);
    assert!(roles.iter().any(|id| id == "disallow-wildcard-rbac"), "{roles:?}");
    assert!(!roles.iter().any(|id| id == "run-as-non-root"), "{roles:?}");
    let level = listed(&["--framework", "pod-security-standards"]);
    assert!(level.iter().any(|id| id == "restrict-sysctls"), "{level:?}");
    assert!(!level.iter().any(|id| id == "required-labels"), "{level:?}");
}

#[test]
fn a_choice_that_nothing_fits_is_said() {
    let run = ordinance(root(), &["controls", "--search", "no such words"]);
    assert_eq!((run.code, run.out.as_str()), (1, ""));
    let hint = "hint: `ordinance controls` lists what there is\n";
    assert_eq!(run.err, format!("error: no control is like that\n{hint}"));
    let run = ordinance(root(), &["controls", "--framework", "cis-kubernets"]);
    assert_eq!(run.code, 2);
    assert_eq!(
        run.err,
        "error: there is no framework `cis-kubernets`\nhint: did you mean `cis-kubernetes`?\n"
    );
    let run = ordinance(root(), &["controls", "--severity", "bad"]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("it is one of low, medium, high, critical"), "{}", run.err);
}

/// A scaffold fails for what is left to do, and passes once that is done.
#[test]
fn a_control_of_ones_own_is_begun_and_proved() {
    for (subject, from, to, offender) in [
        ("pod", "containers:\n            - {", "containers:\n            - {stdin: true, ", "web"),
        ("workload", "metadata: {name: web, namespace: shop}", "", "team"),
        (
            "resources",
            "ports: [{port: 80}]",
            "type: NodePort\n          ports: [{port: 80}]",
            "type",
        ),
    ] {
        let folder = tempfile::tempdir().expect("a temporary folder");
        files::write(folder.path(), &files::read(&root().join("templates/scaffold/init")));
        let at = folder.path();
        must(at, &["controls", "new", "my-own", "--subject", subject]);
        let begun = ordinance(at, &["test", "my-own"]);
        assert_eq!(begun.code, 1, "{}{}", begun.out, begun.err);
        let told: Vec<&str> =
            begun.out.lines().filter(|line| line.contains("what offends")).collect();
        let [only] = told[..] else { panic!("said once for all: {}", begun.out) };
        assert!(only.ends_with("on all 15 targets: it must be denied and passes"), "{only}");
        let control = at.join("templates/controls/my-own/control.yaml");
        let text = std::fs::read_to_string(&control).expect("the control");
        let mut lines = text.lines().skip_while(|line| !line.ends_with("For example:"));
        let example = lines.nth(1).expect("an example").trim().trim_start_matches("# ").to_owned();
        let filled =
            text.replace("offenders: \"[]\"", &format!("offenders: >-\n        {example}"));
        std::fs::write(&control, filled.replace("TODO: ", "")).expect("written");
        let cases = at.join("templates/controls/my-own/cases/create.yaml");
        let text = std::fs::read_to_string(&cases).expect("the cases");
        let (first, second) = text.split_once("TODO: make").expect("what is left to do");
        let (first, second) = match subject {
            // The one that is as it should be carries the label.
            "workload" => {
                let labelled = "metadata: {name: web, namespace: shop, labels: {team: shop}}";
                (first.replace(from, labelled), second.to_owned())
            }
            _ => (first.to_owned(), second.replace(from, to)),
        };
        let second = second.replace("[TODO]", &format!("[{offender}]"));
        std::fs::write(&cases, format!("{first}{second}")).expect("written");
        let done = ordinance(at, &["test", "my-own"]);
        assert_eq!(done.code, 0, "{subject}: {}{}", done.out, done.err);
    }
}

#[test]
fn a_name_that_cannot_be_taken_writes_nothing() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    files::write(folder.path(), &files::read(&root().join("templates/scaffold/init")));
    let at = folder.path();
    must(at, &["controls", "new", "my-own"]);
    let before = files::read(at);
    for (name, said) in [
        ("my-own", "error: there is a control `my-own` already\n"),
        ("run-as-non-root", "error: there is a control `run-as-non-root` already\n"),
        ("My_Own", "error: a control cannot be named `My_Own`: "),
        ("../escape", "error: a control cannot be named `../escape`: "),
    ] {
        let run = ordinance(at, &["controls", "new", name]);
        assert_eq!((run.code, run.out.as_str()), (2, ""), "{name}");
        assert!(run.err.starts_with(said), "{}", run.err);
    }
    assert_eq!(files::difference(&before, &files::read(at)), None);
}

/// A name that is defined nowhere is said once, before any target is asked.
#[test]
fn what_no_target_could_compile_is_said_once() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let at = folder.path();
    files::write(at, &files::read(&root().join("templates/scaffold/init")));
    must(at, &["controls", "new", "my-own"]);
    let control = at.join("templates/controls/my-own/control.yaml");
    let text = std::fs::read_to_string(&control).expect("the control");
    let text = text.replace("\"[]\"", "variables.containrs.map(c, c.name)");
    std::fs::write(&control, text).expect("written");
    let run = ordinance(at, &["test", "my-own"]);
    assert_eq!((run.code, run.out.as_str()), (2, ""));
    let said = "error[bad-expression]: there is no `variables.containrs` here";
    assert_eq!(run.err.matches(said).count(), 1, "{}", run.err);
    assert!(run.err.contains("help: did you mean `containers`?"), "{}", run.err);
}
