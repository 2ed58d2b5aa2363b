//! A change that every format is tested with: one rule on many clusters, one on one, one new
//! cluster, and texts that try to be more than texts.

use super::{Ahead, Dated};
use crate::calendar::{Event, Kind};
use crate::change::{
    Change, Direction, Entry, Example, FileCount, Presence, Rendering, Statement, Subject, Topic,
};
use crate::text::{Place, SourceId};
use serde_json::json;

/// Clusters `c01`, `c02` …
pub fn names(count: usize) -> Vec<String> {
    (1..=count).map(|number| format!("c{number:02}")).collect()
}

pub fn statement(
    topic: Topic,
    path: &str,
    old: Option<serde_json::Value>,
    new: Option<serde_json::Value>,
) -> Statement {
    Statement { topic, path: path.to_owned(), old, new }
}

/// What dates bring, told on the day of all samples.
pub fn ahead(dates: Vec<Dated>) -> Ahead {
    let day = |written: &str| written.parse().unwrap();
    Ahead { today: day("2026-11-22"), until: day("2027-02-20"), dates }
}

/// Something that a day brings to what changes.
pub fn dated(day: &str, kind: Kind, about: &str, text: &str, clusters: &[String]) -> Dated {
    let event = Event {
        day: day.parse().unwrap(),
        kind,
        about: about.to_owned(),
        text: text.to_owned(),
        place: Place { source: SourceId(0), start: 0, end: 0 },
        rules: vec![],
        clusters: clusters.to_vec(),
    };
    Dated { event, place: "intents/a.yaml:7".to_owned(), touched: true }
}

pub fn entry(rule: &str, statements: Vec<Statement>, clusters: Vec<String>, new: &str) -> Entry {
    let path = format!("policies/{rule}.yaml");
    let cluster = clusters.first().cloned().unwrap_or_default();
    let example = Example {
        path: format!("{cluster}/{path}"),
        cluster,
        old: Some(b"spec:\n  validationActions:\n  - Warn\n".as_slice().into()),
        new: Some(new.as_bytes().into()),
    };
    Entry {
        subject: Subject::Rule { name: rule.to_owned() },
        presence: Presence::Changed,
        direction: Direction::Neutral,
        statements,
        renderings: vec![Rendering {
            kind: "ValidatingPolicy".into(),
            name: format!("ordinance-{rule}"),
            path,
            clusters,
            example,
        }],
    }
}

pub fn change() -> Change {
    let action = statement(Topic::Action, "action", Some(json!("warn")), Some(json!("deny")));
    let hole = json!({"name": "billing", "namespaces": ["billing"]});
    let exemption = statement(Topic::Exemption, "billing", None, Some(hole));
    let expression = statement(
        Topic::Expression,
        "spec.variables[exempt].expression",
        Some(json!("a")),
        Some(json!("b\nc")),
    );
    let new = "spec:\n  validationActions:\n  - Deny\n";
    let appears = Entry {
        subject: Subject::Cluster,
        presence: Presence::Added,
        direction: Direction::Tightens,
        statements: vec![statement(Topic::Field, "files", None, Some(json!(25)))],
        renderings: vec![Rendering {
            kind: String::new(),
            name: String::new(),
            path: "ordinance.lock".into(),
            clusters: vec!["new-1".into()],
            example: Example {
                cluster: "new-1".into(),
                path: "new-1/ordinance.lock".into(),
                old: None,
                new: Some(b"x\n".as_slice().into()),
            },
        }],
    };
    let mut change = Change { compared: 14, ..Change::default() };
    change.entries = vec![
        appears,
        Entry { direction: Direction::Tightens, ..entry("no-root", vec![action], names(8), new) },
        Entry {
            direction: Direction::Loosens,
            ..entry("limits", vec![exemption, expression], names(1), "spec: {}\n")
        },
    ];
    for name in names(8) {
        change.clusters.insert(name, FileCount { changed: 1, ..FileCount::default() });
    }
    change.clusters.insert("new-1".into(), FileCount { added: 25, ..FileCount::default() });
    change
}
