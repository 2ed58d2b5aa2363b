//! Exemptions for programs: one JSON document, with a version of its own.
//!
//! | field | content |
//! | --- | --- |
//! | `schemaVersion` | 1; a new field keeps it, a field that goes or changes raises it |
//! | `date` | the day it is told for |
//! | `exemptions[]` | by name: `name`, `path`, `line`, `owner`, `reason`, `granted`, `expires`, `approvedBy`, `ticket` |
//! | `….lifts[]` | `intent` and its `controls` |
//! | `….scope` | as given: `clusters`, `namespaces`, `labels` in words, `workloads` as `Kind/name`, `images` |
//! | `….clusters` | the clusters it selects that are asked for something it lifts |
//! | `….ageDays`, `….daysLeft` | since `granted`; until `expires`, 0 on the last day |
//! | `….state`, `….since` | in-force, ends-soon, not-yet, review-overdue, matches-nothing, stale, ended; the first day of it |
//! | `….snapshot` | of a stale one: `day` it was taken or committed, whether anything it is for was `found` |
//! | `….lapsed` | true where it does not count because its review is overdue |
//! | `….review` | `every` so many days, `due`: the last day for the next one |
//!
//! What is not given, or not a day, is missing.

use super::lifts;
use crate::calendar::{Standing, State};
use crate::report::Exemptions;
use serde_json::{Map, Value, json};

const SCHEMA_VERSION: u32 = 1;

pub fn write(exemptions: &Exemptions<'_>) -> String {
    let all: Vec<Value> =
        exemptions.standings.iter().map(|one| exemption(exemptions, one)).collect();
    let report = json!({
        "schemaVersion": SCHEMA_VERSION,
        "date": exemptions.today.to_string(),
        "exemptions": all,
    });
    format!("{report:#}\n")
}

fn exemption(exemptions: &Exemptions<'_>, standing: &Standing<'_>) -> Value {
    let lifting = standing.lifting;
    let lifts: Vec<Value> = lifts(standing)
        .into_iter()
        .map(|(intent, controls)| json!({"intent": intent, "controls": controls}))
        .collect();
    let mut told = json!({
        "name": lifting.name,
        "path": exemptions.sources.get(lifting.place.source).path.as_ref(),
        "line": exemptions.sources.line_column(lifting.place).0,
        "lifts": lifts,
        "scope": scope(standing),
        "clusters": standing.clusters,
        "reason": lifting.reason,
        "owner": lifting.owner,
        "expires": lifting.expires.to_string(),
        "state": standing.state.id(),
    });
    let review = lifting.review.as_ref().map(|review| {
        let mut told = Map::from_iter([("every".to_owned(), json!(review.period.days))]);
        let due = review.due(exemptions.today);
        told.extend(due.map(|due| ("due".to_owned(), json!(due.to_string()))));
        Value::Object(told)
    });
    let lapsed = matches!(standing.state, State::Overdue { lapsed: true, .. });
    let given = [
        ("approvedBy", lifting.approved_by.as_ref().map(|who| json!(who))),
        ("ticket", lifting.ticket.as_ref().map(|ticket| json!(ticket))),
        ("granted", lifting.granted.map(|day| json!(day.to_string()))),
        ("ageDays", standing.age.map(|days| json!(days))),
        ("daysLeft", standing.left.map(|days| json!(days))),
        ("since", standing.state.since().map(|day| json!(day.to_string()))),
        ("snapshot", snapshot(standing.state)),
        ("lapsed", lapsed.then_some(Value::Bool(true))),
        ("review", review),
    ];
    for (field, value) in given.into_iter().filter_map(|(field, value)| Some((field, value?))) {
        told[field] = value;
    }
    told
}

/// What a stale one was told by.
fn snapshot(state: State) -> Option<Value> {
    let State::Stale { found, taken } = state else { return None };
    let mut told = json!({"found": found});
    if let Some(taken) = taken {
        told["day"] = json!(taken.day().to_string());
    }
    Some(told)
}

fn scope(standing: &Standing<'_>) -> Value {
    let lifting = standing.lifting;
    let scope = &lifting.scope;
    let mut told = Map::new();
    let mut put = |field: &str, value: Value| told.insert(field.to_owned(), value);
    if !lifting.clusters.is_all() {
        put("clusters", json!(lifting.clusters.to_string()));
    }
    if !scope.namespace_names.is_empty() {
        put("namespaces", json!(format!("name is {}", scope.namespace_names.join(" or "))));
    } else if !scope.namespaces.is_all() {
        put("namespaces", json!(scope.namespaces.to_string()));
    }
    if !scope.workloads.is_empty() {
        put("workloads", json!(scope.workloads));
    }
    if !scope.labels.is_all() {
        put("labels", json!(scope.labels.to_string()));
    }
    if !lifting.images.is_empty() {
        put("images", json!(lifting.images));
    }
    Value::Object(told)
}
