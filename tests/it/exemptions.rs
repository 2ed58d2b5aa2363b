//! `exemptions`, `exemptions prune` and `calendar`: what they say, write and end with.

use crate::support::binary::{must, ordinance};
use crate::support::files::{self, Tree};
use std::collections::BTreeSet;

/// One cluster, one intent that two rules come of, and exemptions in every state.
fn repository() -> Tree {
    let exemption = |name: &str, scope: &str, dates: &str| {
        format!(
            "apiVersion: ordinance.dev/v1\nkind: Exemption\nmetadata: {{name: {name}}}\nspec:\n  \
             lifts: [{{intent: host, controls: [disallow-host-namespaces]}}]\n  scope: {scope}\n  \
             reason: It predates the rule.\n  owner: team-{name}\n  {dates}\n"
        )
    };
    let cluster = |name: &str, environment: &str| {
        format!(
            "apiVersion: ordinance.dev/v1\nkind: Cluster\nmetadata: {{name: {name}, labels: \
             {{environment: {environment}}}}}\nspec:\n  kubernetes: \"1.34\"\n  provider: generic\n  \
             engine: {{name: native}}\n"
        )
    };
    let billing = "{namespaces: {names: [billing]}}";
    let files = [
        (
            "ordinance.yaml",
            "apiVersion: ordinance.dev/v1\nkind: Fleet\nmetadata: {name: small}\nspec:\n  \
             environments:\n    - name: development\n      places: [{clusters: {matchLabels: \
             {environment: development}}}]\n    - {name: production}\n  exemptions: {review: 30d, \
             remind: 14d, overdue: lapse}\n"
                .to_owned(),
        ),
        ("clusters/dev-1.yaml", cluster("dev-1", "development")),
        ("clusters/prod-1.yaml", cluster("prod-1", "production")),
        (
            "intents/host.yaml",
            "apiVersion: ordinance.dev/v1\nkind: Intent\nmetadata: {name: host}\nspec:\n  statement: \
             It shall be so.\n  owner: platform\n  requires:\n    - {control: \
             disallow-host-namespaces, environment: development, grace: {period: 14d, action: warn}}\n  \
             exemptions: {}\n"
                .to_owned(),
        ),
        (
            "intents/holes.yaml",
            [
                "# What is written above stays.\n".to_owned(),
                exemption("old", billing, "granted: 2026-10-01\n  expires: 2026-11-21  # too late"),
                "# About the next one.\n---\n".to_owned(),
                exemption("soon", billing, "granted: 2026-11-20\n  expires: 2026-12-06"),
                "---\n# Only of this one.\n".to_owned(),
                exemption("later", billing, "granted: 2026-12-31\n  expires: 2027-03-01"),
            ]
            .concat(),
        ),
        (
            "intents/idle.yaml",
            [
                exemption("idle", "{clusters: {names: [prod-1]}, namespaces: {names: [billing]}}", "granted: 2026-11-20\n  expires: 2026-12-19"),
                "---\n".to_owned(),
                exemption("late", billing, "granted: 2026-10-01\n  expires: 2027-01-29\n  reviewed: [2026-10-20]"),
            ]
            .concat(),
        ),
        ("intents/gone.yaml", format!("# Alone.\n---\n{}", exemption("gone", billing, "granted: 2026-11-01\n  expires: 2026-11-02"))),
    ];
    files.into_iter().map(|(path, text)| (path.to_owned(), text.into_bytes())).collect()
}

#[test]
fn every_exemption_is_told_with_how_it_stands() {
    let folder = files::folder(&repository());
    let expected = "\
exemption  owner       age  left  state
gone       team-gone   21d     –  ended since 2026-11-03
  lifts     disallow-host-namespaces of host
  for       in namespace billing on dev-1
  because   It predates the rule.   intents/gone.yaml:5
";
    let run = must(folder.path(), &["exemptions"]);
    assert!(run.out.starts_with(expected), "{}", run.out);
    let states: Vec<&str> = run
        .out
        .lines()
        .filter(|line| line.contains("  team-"))
        .map(|line| line.rsplit("  ").next().unwrap_or_default())
        .collect();
    assert_eq!(
        states,
        [
            "ended since 2026-11-03",
            "matches nothing",
            "lapsed since 2026-11-20: review overdue",
            "not yet",
            "ended since 2026-11-22",
            "ends soon"
        ]
    );
    assert!(run.out.ends_with("6 exemptions on 2026-11-22: 4 of them want something done\n"));
    assert_eq!(ordinance(folder.path(), &["exemptions", "--check"]).code, 1);
    let table = must(folder.path(), &["exemptions", "--format", "markdown"]).out;
    assert_eq!(table.lines().filter(|line| line.starts_with("| `")).count(), 6, "{table}");
    assert!(table.contains("| 21 | – | **ended since 2026-11-03** |"), "{table}");
}

#[test]
fn programs_are_told_with_stable_fields() {
    let folder = files::folder(&repository());
    let out = must(folder.path(), &["exemptions", "--format", "json"]).out;
    let read: serde_json::Value = serde_json::from_str(&out).expect("one JSON document");
    assert_eq!((&read["schemaVersion"], &read["date"]), (&1.into(), &"2026-11-22".into()));
    let late = &read["exemptions"][2];
    assert_eq!(
        *late,
        serde_json::json!({
            "name": "late", "path": "intents/idle.yaml", "line": 14, "owner": "team-late",
            "reason": "It predates the rule.", "granted": "2026-10-01", "expires": "2027-01-29",
            "lifts": [{"intent": "host", "controls": ["disallow-host-namespaces"]}],
            "scope": {"namespaces": "name is billing"}, "clusters": ["dev-1"],
            "ageDays": 52, "daysLeft": 68, "state": "review-overdue", "since": "2026-11-20",
            "lapsed": true, "review": {"every": 30, "due": "2026-11-19"},
        })
    );
}

/// What is told is what is rendered: exempt on the days it says, and not on the others.
#[test]
fn what_lapsed_is_rendered_without_until_it_is_granted_anew() {
    let mut tree = repository();
    let folder = files::folder(&tree);
    let exempt = |folder: &std::path::Path, now: &str| {
        let told =
            must(folder, &["explain", "dev-1", "disallow-host-namespaces", "--now", now]).out;
        told.contains("except       late until 2027-01-29")
    };
    assert!(exempt(folder.path(), "2026-11-19"), "the last day of its review still counts");
    assert!(!exempt(folder.path(), "2026-11-20"));
    let holes = String::from_utf8(tree["intents/idle.yaml"].clone()).expect("text");
    // A review that comes too late is none, be it written down on that day or long before.
    let reviewed = holes.replace("reviewed: [2026-10-20]", "reviewed: [2026-10-20, 2026-11-22]");
    tree.insert("intents/idle.yaml".to_owned(), reviewed.into_bytes());
    let folder = files::folder(&tree);
    assert!(exempt(folder.path(), "2026-11-19"));
    assert!(!exempt(folder.path(), "2026-11-20") && !exempt(folder.path(), "2026-11-22"));
    let anew = holes.replace(
        "granted: 2026-10-01\n  expires: 2027-01-29",
        "granted: 2026-11-22\n  expires: 2027-01-29",
    );
    tree.insert("intents/idle.yaml".to_owned(), anew.into_bytes());
    let folder = files::folder(&tree);
    assert!(exempt(folder.path(), "2026-11-22") && exempt(folder.path(), "2026-12-22"));
    assert!(!exempt(folder.path(), "2026-12-23"));
}

#[test]
fn pruning_shows_first_and_edits_when_told_to() {
    let tree = repository();
    let folder = files::folder(&tree);
    let shown = must(folder.path(), &["exemptions", "prune"]);
    assert_eq!(files::difference(&tree, &files::read(folder.path())), None, "only shown");
    assert!(shown.out.contains("--- a/intents/gone.yaml\n+++ /dev/null\n"), "{}", shown.out);
    assert!(shown.out.contains("-metadata: {name: old}\n"), "{}", shown.out);
    assert!(shown.err.ends_with(
        "2 exemptions would go from 2 files; `ordinance exemptions prune --write` edits them\n"
    ));
    let run = must(folder.path(), &["exemptions", "prune", "--write"]);
    assert_eq!(
        run.out,
        "intents/gone.yaml: removed; it held nothing but gone (ended since 2026-11-03)\n\
         intents/holes.yaml: without old (ended since 2026-11-22)\n\
         2 exemptions removed from 2 files. Next: ordinance render\n"
    );
    let mut expected = tree.clone();
    expected.remove("intents/gone.yaml");
    let holes = String::from_utf8(tree["intents/holes.yaml"].clone()).expect("text");
    let (head, rest) = holes.split_once("apiVersion").expect("a head");
    let (_, rest) = rest.split_once("# About").expect("a second");
    expected.insert("intents/holes.yaml".to_owned(), format!("{head}# About{rest}").into_bytes());
    assert_eq!(files::difference(&expected, &files::read(folder.path())), None);
    let again = must(folder.path(), &["exemptions", "prune", "--write"]);
    assert_eq!(again.out, "No exemption has ended: nothing to remove.\n");
    let unused = must(folder.path(), &["exemptions", "prune", "--write", "--unused"]);
    assert!(unused.out.starts_with("intents/idle.yaml: without idle (matches nothing)\n"));
    must(folder.path(), &["validate"]);
}

#[test]
fn nothing_is_pruned_where_the_input_is_wrong() {
    let mut tree = repository();
    tree.insert("intents/bad.yaml".to_owned(), b"kind: Nothing\n".to_vec());
    let folder = files::folder(&tree);
    let run = ordinance(folder.path(), &["exemptions", "prune", "--write"]);
    assert_eq!((run.code, run.out.as_str()), (2, ""));
    assert!(run.err.ends_with("; nothing was written\n"), "{}", run.err);
    assert_eq!(files::difference(&tree, &files::read(folder.path())), None);
}

#[test]
fn the_calendar_has_every_date_ahead_and_what_is_overdue() {
    let folder = files::folder(&repository());
    must(folder.path(), &["render"]);
    let expected = "\
3 dates overdue on 2026-11-22
  2026-11-02  exemption ends    gone has ended and can be removed: disallow-host-namespaces is judged again on dev-1   intents/gone.yaml:5
  2026-11-19  review due        late was to be reviewed, and has lapsed on dev-1   intents/idle.yaml:14
  2026-11-21  exemption ends    old has ended and can be removed: disallow-host-namespaces is judged again on dev-1   intents/holes.yaml:4

6 dates ahead, from 2026-11-22 to 2027-11-22
  2026-12-06  grace ends        host/1 is graced no longer: disallow-host-namespaces denies on dev-1   intents/host.yaml:8
  2026-12-06  exemption ends    soon counts for the last time; from the next day, disallow-host-namespaces is judged again on dev-1   intents/holes.yaml:16
  2026-12-19  exemption ends    idle counts for the last time; from the next day, disallow-host-namespaces is judged again   intents/idle.yaml:3
  2026-12-31  exemption begins  later begins to count: disallow-host-namespaces is lifted on dev-1   intents/holes.yaml:28
  2027-01-30  review due        later is to be reviewed, or it lapses on dev-1   intents/holes.yaml:28
  2027-03-01  exemption ends    later counts for the last time; from the next day, disallow-host-namespaces is judged again on dev-1   intents/holes.yaml:28
";
    assert_eq!(must(folder.path(), &["calendar"]).out, expected);
    let until = must(folder.path(), &["calendar", "--until", "2026-12-06"]).out;
    assert!(until.contains("2 dates ahead, from 2026-11-22 to 2026-12-06\n"), "{until}");
    let past = ordinance(folder.path(), &["calendar", "--until", "2026-11-21"]);
    assert_eq!((past.code, past.out.as_str()), (2, ""));
    let later = must(folder.path(), &["calendar", "--now", "2026-12-08"]).out;
    let missed = "  2026-12-06  grace ends        host/1 is graced no longer: disallow-host-namespaces \
                  denies once it is rendered anew on dev-1   intents/host.yaml:8\n";
    assert!(later.contains(missed), "{later}");
    must(folder.path(), &["render", "--now", "2026-12-08"]);
    let told = must(folder.path(), &["calendar", "--now", "2026-12-08"]).out;
    assert!(!told.contains("grace ends"), "{told}");
}

/// Each day's flip is the calendar's: what rendering changes on a day is a date of that day.
#[test]
fn the_calendar_is_what_rendering_does_day_by_day() {
    let folder = files::folder(&repository());
    must(folder.path(), &["render"]);
    let json = must(folder.path(), &["calendar", "--format", "json"]).out;
    let read: serde_json::Value = serde_json::from_str(&json).expect("one JSON document");
    let ahead = read["ahead"].as_array().expect("a list").iter();
    let ahead = ahead.filter(|event| !event["clusters"].as_array().expect("a list").is_empty());
    let day = |text: &str| text.parse::<ordinance::date::Date>().expect("a date");
    let one = "1d".parse().expect("a period");
    let flips: BTreeSet<String> = ahead
        .map(|event| {
            let date = day(event["date"].as_str().expect("a date"));
            match event["kind"].as_str() {
                Some("exemption-ends" | "review-due") => date.plus(one).to_string(),
                _ => date.to_string(),
            }
        })
        .collect();
    let mut changed = BTreeSet::new();
    let mut today = day("2026-11-23");
    while today <= day("2027-03-05") {
        let now = today.to_string();
        let out = must(folder.path(), &["render", "--now", &now]).out;
        if !out.ends_with("Nothing changes.\n") && !out.contains(": 0 files change") {
            changed.insert(now);
        }
        today = today.plus(one);
    }
    // `later` lapses before it ends: its end changes nothing.
    let expected: BTreeSet<String> = flips.into_iter().filter(|day| day != "2027-03-02").collect();
    assert_eq!(changed, expected);
}

/// What RFC 5545 asks of a file, line by line.
#[test]
fn the_icalendar_is_well_formed_and_stays_the_same() {
    let folder = files::folder(&repository());
    let told = must(folder.path(), &["calendar", "--format", "icalendar"]).out;
    assert!(
        told.starts_with("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:")
            && told.ends_with("END:VCALENDAR\r\n")
    );
    assert_eq!(told.matches('\n').count(), told.matches("\r\n").count());
    assert!(told.split("\r\n").all(|line| line.len() <= 75), "{told}");
    let unfolded = told.replace("\r\n ", "");
    let uids = |text: &str| -> Vec<String> {
        text.split("\r\n").filter(|line| line.starts_with("UID:")).map(str::to_owned).collect()
    };
    let all = uids(&unfolded);
    assert_eq!(all.len(), 9, "{unfolded}");
    assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len(), "one of each");
    for field in
        ["DTSTAMP:20261122T000000Z", "DTSTART;VALUE=DATE:", "DTEND;VALUE=DATE:", "SUMMARY:"]
    {
        assert_eq!(unfolded.matches(&format!("\r\n{field}")).count(), all.len(), "{field}");
    }
    let next = must(
        folder.path(),
        &["calendar", "--format", "icalendar", "--now", "2026-11-23", "--until", "2027-11-22"],
    );
    let still: BTreeSet<String> = uids(&next.out.replace("\r\n ", "")).into_iter().collect();
    let exemptions = all.iter().filter(|uid| still.contains(*uid)).count();
    assert!(exemptions >= 8, "all but the grace, which begins anew while nothing is rendered");
}

/// An exemption of a workload on all clusters of an environment.
fn of_workload(name: &str, environment: &str, workload: &str) -> (String, Vec<u8>) {
    let text = format!(
        "apiVersion: ordinance.dev/v1\nkind: Exemption\nmetadata: {{name: {name}}}\nspec:\n  \
         lifts: [{{intent: host, controls: [disallow-host-namespaces]}}]\n  scope:\n    clusters: \
         {{matchLabels: {{environment: {environment}}}}}\n    namespaces: {{names: [billing]}}\n    \
         workloads: [{{kind: Deployment, name: {workload}}}]\n  reason: It predates the rule.\n  \
         owner: team-{name}\n  granted: 2026-11-20\n  expires: 2027-01-29\n"
    );
    (format!("intents/{name}.yaml"), text.into_bytes())
}

#[test]
fn what_breaks_nothing_any_more_needs_no_exemption() {
    let mut tree = repository();
    tree.retain(|path, _| !path.starts_with("intents/") || path == "intents/host.yaml");
    let intent = String::from_utf8(tree["intents/host.yaml"].clone()).expect("text");
    let everywhere = intent.replace("environment: development, ", "");
    tree.insert("intents/host.yaml".to_owned(), everywhere.into_bytes());
    tree.extend([
        of_workload("breaking", "development", "web"),
        of_workload("mended", "development", "api"),
        of_workload("gone", "development", "batch"),
        // Of this cluster nothing is known.
        of_workload("unseen", "production", "api"),
    ]);
    let deployment = |name: &str, host: bool| {
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}, namespace: billing}}\n\
             spec: {{template: {{spec: {{hostNetwork: {host}, containers: [{{name: a, image: a}}]}}}}}}\n"
        )
    };
    let found = [deployment("web", true), deployment("api", false)].join("---\n");
    tree.insert("workloads/dev-1/all.yaml".to_owned(), found.into_bytes());
    tree.insert("workloads/dev-1/taken".to_owned(), b"2026-11-21\n".to_vec());
    let folder = files::folder(&tree);
    let told = || must(folder.path(), &["exemptions", "--format", "json"]);
    let states = |run: &str| -> Vec<String> {
        let read: serde_json::Value = serde_json::from_str(run).expect("one JSON document");
        let all = read["exemptions"].as_array().expect("a list").iter();
        all.map(|one| format!("{} {} {}", one["name"], one["state"], one["snapshot"])).collect()
    };
    let run = told();
    assert_eq!(
        states(&run.out),
        [
            r#""breaking" "in-force" null"#,
            r#""gone" "stale" {"day":"2026-11-21","found":false}"#,
            r#""mended" "stale" {"day":"2026-11-21","found":true}"#,
            r#""unseen" "in-force" null"#,
        ]
    );
    assert_eq!(run.err, "note: whether exemptions are still needed was told by 1 snapshot\n");
    let text = must(folder.path(), &["exemptions"]).out;
    assert!(text.contains("stale: breaks nothing in the snapshot taken on 2026-11-21"), "{text}");
    assert!(text.contains("stale: not found in the snapshot taken on 2026-11-21"), "{text}");
    assert_eq!(ordinance(folder.path(), &["exemptions", "--check"]).code, 1);

    // What cannot be read speaks for them.
    std::fs::write(folder.path().join("workloads/dev-1/more.yaml"), "a: [").expect("a file");
    let run = told();
    assert!(states(&run.out).iter().all(|one| one.ends_with(r#""in-force" null"#)), "{}", run.out);
    assert!(run.err.contains("still needed on dev-1 is not known: `"), "{}", run.err);

    // A list of nodes says nothing of workloads.
    std::fs::remove_file(folder.path().join("workloads/dev-1/more.yaml")).expect("a file");
    let node = "apiVersion: v1\nkind: Node\nmetadata: {name: a}\n";
    std::fs::write(folder.path().join("workloads/dev-1/all.yaml"), node).expect("a file");
    let run = told();
    assert!(states(&run.out).iter().all(|one| one.ends_with(r#""in-force" null"#)), "{}", run.out);
}
