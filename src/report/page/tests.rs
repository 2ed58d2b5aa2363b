//! The page of the sample, of hostile text, and of a fleet of a thousand clusters.

use super::super::sample::{self, entry, statement};
use super::super::{Dated, Known};
use super::*;
use crate::calendar::Kind;
use crate::change::{
    Change, Direction, Entry, Example, FileCount, Only, Presence, Rendering, Topic,
};
use serde_json::{Value, json};

/// The most bytes of the big page, less than the three million that it may have: more is to be told.
const LARGEST: usize = 2_600_000;

fn page(change: &Change) -> String {
    page_with(change, vec![])
}

/// The whole of it, with what dates bring.
fn page_with(change: &Change, dates: Vec<Dated>) -> String {
    let known = Known { dates: Some(sample::ahead(dates)), ..Known::default() };
    write(&Comparison { change, against: "HEAD", colour: true, known: &known })
}

fn dated(day: &str, kind: Kind, about: &str, rule: &str, clusters: &[String]) -> Dated {
    let mut dated = sample::dated(day, kind, about, "is told here in words", clusters);
    dated.event.rules.extend((!rule.is_empty()).then(|| rule.to_owned()));
    dated
}

/// What dates bring to the sample: one overdue, one beyond the line, six on one day.
fn dates() -> Vec<Dated> {
    let all = sample::names(8);
    let mut dates = vec![
        dated("2026-11-20", Kind::ReviewDue, "billing", "", &all[..1]),
        dated("2026-11-22", Kind::AdvisoryEnds, "cve-2026-1", "", &all),
        dated("2026-12-06", Kind::GraceEnds, "no-root/all", "no-root", &all),
        dated("2026-12-06", Kind::GraceEnds, "no-root/all", "other", &all),
    ];
    for about in ["a", "b", "c", "d", "e", "f"] {
        dates.push(dated("2027-01-15", Kind::ExemptionEnds, about, "", &all[2..3]));
    }
    dates.push(dated("2027-03-01", Kind::ExemptionEnds, "billing", "", &all[..1]));
    dates
}

#[test]
fn dates_are_seen_told_and_linked_with_changes() {
    let page = page_with(&sample::change(), dates());
    assert!(page.contains("aria-label=\"9 dates from 2026-11-22 to 2027-02-20; 2 overdue or later; all are listed below\""), "{page}");
    assert!(page.contains(">January 2027</text>") && page.contains(">+3</text>"));
    let row = |of: &str| {
        let row = page.split("<tr id=\"date-").skip(1).find(|row| row.contains(of)).unwrap();
        row.split("</tr>").next().unwrap().to_owned()
    };
    let grace = row("no-root/all");
    assert!(grace.contains("14 days") && grace.contains("tightens"), "{grace}");
    assert!(
        grace.contains(">no-root</a>") && grace.contains("<code class=\"soft\">intents/a.yaml:7")
    );
    assert!(row("billing").contains("overdue") && row("billing").contains(">limits</a>"));
    assert!(row("cve-2026-1").contains(">today<") && row("cve-2026-1").contains("loosens"));
    let change = page.split("id=\"change-limits-").nth(1).unwrap();
    assert!(change.contains("<p class=\"when\"><a href=\"#date-2026-11-20-"), "{change}");
    // Without dates nothing is said of them.
    assert!(!self::page(&sample::change()).contains("id=\"dates\""));
    let hostile = dated("2026-12-01", Kind::ExemptionEnds, "<script>x", "", &[]);
    assert!(!page_with(&sample::change(), vec![hostile]).contains("<script>x"));
}

#[test]
fn of_very_many_dates_some_are_told_and_the_rest_is_counted() {
    let clusters = sample::names(3);
    let many = (0..500)
        .map(|at| dated("2026-12-24", Kind::ExemptionEnds, &format!("hole-{at}"), "", &clusters));
    let page = page_with(&sample::change(), many.collect());
    assert_eq!(page.matches("<tr id=\"date-").count(), 120);
    assert!(page.contains("380 dates more: <code>ordinance calendar --until 2027-02-20</code>"));
}

fn data(page: &str) -> Value {
    let (_, rest) = page.split_once("id=\"data\">").unwrap();
    serde_json::from_str(rest.split_once("</script>").unwrap().0).unwrap()
}

#[test]
fn a_change_is_a_page() {
    let page = page(&sample::change());
    assert!(page.contains("<h1 id=\"says\">1 of 3 changes loosens</h1>"), "{page}");
    assert!(
        page.contains(
            "<b>3 changes</b> on <b>9</b> of 14 clusters, compared with <code>HEAD</code>."
        )
    );
    let data = data(&page);
    assert_eq!(data["changes"][0]["title"], "limits");
    assert_eq!(data["changes"][0]["direction"], "loosens");
    let groups = data["groups"].as_array().unwrap();
    let clusters: Vec<&Value> = groups.iter().map(|group| &group["clusters"]).collect();
    assert_eq!(clusters, [&json!(["c01"]), &json!(sample::names(8)[1..]), &json!(["new-1"])]);
    assert_eq!(groups[0]["changes"], "a", "the first and the third");
    // What a reader without scripts has.
    assert!(
        page.contains(
            "exemption billing added (namespaces billing)<br>expressions: changed exempt"
        )
    );
    assert!(page.contains("<td>3<td><del>  - <b>Warn</b></del>"), "{page}");
    assert!(page.contains("<td>3<td><ins>  - <b>Deny</b></ins>"));
    assert!(page.contains("in spec › validationActions"));
}

#[test]
fn every_link_leads_somewhere_and_no_id_is_there_twice() {
    let mut change = big(40, 30);
    change.entries.extend(sample::change().entries);
    change.entries.extend(sample::change().entries);
    let twice = [dates(), dates()].concat();
    let page = page_with(&change, twice);
    let marked = |mark: &str| -> Vec<String> {
        page.split(mark).skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
    };
    let ids = marked(" id=\"");
    let distinct: std::collections::BTreeSet<&String> = ids.iter().collect();
    assert_eq!(distinct.len(), ids.len());
    for link in marked("href=\"#") {
        assert!(distinct.contains(&link), "{link}");
    }
}

#[test]
fn a_link_survives_what_is_said_of_others() {
    let id = |change: &Change| data(&page(change))["changes"][0]["id"].clone();
    let all = sample::change();
    let mut one = sample::change();
    one.entries.retain(|entry| entry.direction == Direction::Loosens);
    assert_eq!(id(&all), id(&one));
}

#[test]
fn nothing_that_changes_is_said() {
    let none = page(&Change { compared: 14, ..Change::default() });
    assert!(none.contains("<h1 id=\"says\">Nothing changes</h1>"));
    assert!(none.contains("14 clusters, compared with <code>HEAD</code>."));
    assert!(!none.contains("<table"));
    let only = Only { loosening: true, intents: vec![] };
    let left_out = page(&Change { compared: 14, left_out: 2, only, ..Change::default() });
    assert!(left_out.contains("<h1 id=\"says\">Nothing loosens</h1>"));
    assert!(left_out.contains("2 changes that do not loosen left out"), "{left_out}");
}

#[test]
fn hostile_text_is_text() {
    let hostile =
        "</script><script>alert(1)</script><img src=x onerror=alert(1)>`\"'&\u{202e}\u{2028}]]>-->";
    let mut change = sample::change();
    let bad = json!({"name": hostile, "namespaces": [hostile]});
    let mut one = entry(
        hostile,
        vec![
            statement(Topic::Exemption, hostile, None, Some(bad)),
            statement(Topic::Field, hostile, Some(json!(hostile)), Some(json!([hostile]))),
        ],
        vec![hostile.to_owned()],
        &format!("spec:\n  {hostile}: {hostile}\n"),
    );
    one.renderings[0].kind = hostile.to_owned();
    change.clusters.insert(hostile.to_owned(), FileCount { changed: 1, ..FileCount::default() });
    change.entries.push(one);
    let page = write(&Comparison {
        change: &change,
        against: hostile,
        colour: false,
        known: &Known::default(),
    });
    assert_eq!(page.matches("<script").count(), 2);
    assert_eq!(page.matches("</script").count(), 2);
    assert!(!page.contains("<img"));
    assert!(!page.contains(['\u{202e}', '\u{2028}']), "what hides is spelled out");
    assert!(!page.contains("on\u{65}rror=alert(1)>"));
    assert_eq!(data(&page)["against"], hostile);
    // A quote in a value cannot begin an attribute: no tag has one that is not ours.
    assert!(!page.contains("\"'&"));
}

#[test]
fn only_the_one_script_and_style_may_run() {
    let page = page(&sample::change());
    let style = page.split("<style>").nth(1).unwrap().split("</style>").next().unwrap();
    let script = page.split("<script>").nth(1).unwrap().split("</script>").next().unwrap();
    assert!(page.contains(&html::policy(style, script, false)));
    assert!(!page.contains(" style=") && !page.contains(" onclick="));
    for outside in ["http:", "https:", "url(", "@import", "src="] {
        assert!(!page.contains(outside), "{outside}");
    }
    assert!(!SCRIPT.contains("innerHTML") && !SCRIPT.contains("insertAdjacentHTML"));
}

#[test]
fn the_same_change_is_the_same_page() {
    assert_eq!(page(&sample::change()), page(&sample::change()));
    assert_eq!(page(&big(50, 20)), page(&big(50, 20)));
}

#[test]
fn a_thousand_clusters_and_two_hundred_changes_stay_small() {
    let change = big(1000, 200);
    let on: Vec<String> = change.clusters.keys().cloned().collect();
    let many = (0..200).map(|at| {
        let (day, rule) = (format!("2026-12-{:02}", at % 30 + 1), format!("host-paths-{at}"));
        dated(&day, Kind::GraceEnds, &format!("intent-{at}/all"), &rule, &on)
    });
    let page = page_with(&change, many.collect());
    // The browser's tests look at what is written here.
    if let Some(folder) = std::env::var_os("ORDINANCE_PAGES") {
        let folder = std::path::Path::new(&folder);
        std::fs::write(folder.join("big.html"), &page).unwrap();
        let sample = page_with(&sample::change(), dates());
        std::fs::write(folder.join("sample.html"), sample).unwrap();
        std::fs::write(folder.join("middle.html"), self::page(&big(60, 14))).unwrap();
        let none = Change { compared: 14, ..Change::default() };
        std::fs::write(folder.join("none.html"), self::page(&none)).unwrap();
    }
    assert!(page.len() < LARGEST, "{} bytes", page.len());
}

/// A made-up change whose clusters are as unlike as chance makes them.
fn big(clusters: usize, changes: usize) -> Change {
    let regions = ["eu-west", "eu-north", "us-east", "ap-south", "sa-east"];
    let stages = ["prod", "stage", "dev"];
    let subjects = ["run-as-non-root", "container-limits", "image-registries", "host-paths"];
    let names: Vec<String> =
        (0..clusters).map(|n| format!("{}-{}-{n:03}", stages[n % 3], regions[n % 5])).collect();
    let mut chance = 88_172_645_463_325_252_u64;
    let mut below = |limit: u64| {
        chance ^= chance << 13;
        chance ^= chance >> 7;
        chance ^= chance << 17;
        chance % limit
    };
    let mut change = Change { compared: clusters + clusters / 10, ..Change::default() };
    for number in 0..changes {
        let rule = format!("{}-{number}", subjects[number % 4]);
        // A quarter is everywhere, a quarter on one stage, the rest on whomever it hits.
        let share = 5 + below(60);
        let mut on: Vec<String> = match number % 4 {
            0 => names.clone(),
            1 => {
                names.iter().filter(|name| name.starts_with(stages[number % 3])).cloned().collect()
            }
            _ => names.iter().filter(|_| below(100) < share).cloned().collect(),
        };
        if on.is_empty() {
            on.push(names[0].clone());
        }
        on.sort();
        change.entries.push(made_up(number, &rule, on));
    }
    for name in change.entries.iter().flat_map(Entry::clusters) {
        change.clusters.insert(name.to_owned(), FileCount { changed: 3, ..FileCount::default() });
    }
    change
}

fn made_up(number: usize, rule: &str, on: Vec<String>) -> Entry {
    let (action, direction) = match number % 10 {
        0 | 7 => (("deny", "warn"), Direction::Loosens),
        3 => (("deny", "deny"), Direction::Unknown),
        5 | 9 => (("deny", "deny"), Direction::Neutral),
        _ => (("warn", "deny"), Direction::Tightens),
    };
    let mut statements = vec![];
    if action.0 != action.1 {
        let (old, new) = (json!(action.0), json!(action.1));
        statements.push(statement(Topic::Action, "action", Some(old), Some(new)));
    }
    if number.is_multiple_of(3) {
        let (old, new) = (json!(format!("{number}m")), json!("500m"));
        statements.push(statement(Topic::Parameter, "cpu", Some(old), Some(new)));
    }
    let hole = json!({"name": "billing", "namespaces": ["billing", "ledger"]});
    if direction == Direction::Loosens {
        statements.push(statement(Topic::Exemption, "billing", None, Some(hole)));
    }
    let path = "spec.variables[exempt].expression";
    statements.push(statement(Topic::Expression, path, Some(json!("a")), Some(json!("b"))));
    let cluster = on[0].clone();
    let file = format!("policies/{rule}.yaml");
    let example = Example {
        path: format!("{cluster}/{file}"),
        cluster,
        old: Some(policy(rule, action.0, number, 0).into_bytes().into()),
        new: Some(policy(rule, action.1, number, 7).into_bytes().into()),
    };
    let (half, rest) = on.split_at(if number.is_multiple_of(5) { on.len() / 2 } else { 0 });
    let rendering = |kind: &str, clusters: &[String]| Rendering {
        kind: kind.to_owned(),
        name: format!("ordinance-{rule}"),
        path: file.clone(),
        clusters: clusters.to_vec(),
        example: example.clone(),
    };
    let mut renderings = vec![rendering("ValidatingAdmissionPolicy", rest)];
    if !half.is_empty() {
        renderings.push(rendering("ClusterPolicy", half));
    }
    Entry {
        direction,
        presence: Presence::Changed,
        statements,
        renderings,
        ..entry(rule, vec![], vec!["x".into()], "")
    }
}

/// About what a rendered policy is like, with a handful of lines that differ.
fn policy(rule: &str, action: &str, number: usize, shift: usize) -> String {
    let mut text = format!(
        "apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingAdmissionPolicy\nmetadata:\n  name: ordinance-{rule}\n  labels:\n    ordinance.dev/rule: {rule}\nspec:\n  failurePolicy: Fail\n  matchConstraints:\n    resourceRules:\n    - apiGroups:\n      - apps\n      apiVersions:\n      - v1\n      operations:\n      - CREATE\n      - UPDATE\n      resources:\n      - deployments\n  variables:\n"
    );
    for line in 0..16 {
        let value = if line % 6 == 0 { number + shift } else { number };
        text.push_str(&format!(
            "  - name: part{line}\n    expression: |-\n      object.spec.template.spec.containers.all(c,\n        !has(c.resources) || c.resources.limits.cpu <= quantity('{value}m'))\n"
        ));
    }
    text + &format!("  validationActions:\n  - {}\n", action)
}
