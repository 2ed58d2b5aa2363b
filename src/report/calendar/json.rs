//! Dates for programs: one JSON document, with a version of its own.
//!
//! | field | content |
//! | --- | --- |
//! | `schemaVersion` | 1; a new field keeps it, a field that goes or changes raises it |
//! | `date`, `until` | the day it is told for, and the last day that was asked for |
//! | `overdue[]`, `ahead[]` | by date: `date`, `kind`, `about`, `text`, `path`, `line`, `rules`, `clusters` |
//! | `….kind` | grace-ends, exemption-begins, review-due, exemption-ends |
//! | `….about` | an exemption, or `intent/requirement` |
//! | `….rules` | the rules that flip, where it is about rules |

use crate::calendar::Event;
use crate::report::Dates;
use serde_json::{Value, json};

const SCHEMA_VERSION: u32 = 1;

pub fn write(dates: &Dates<'_>) -> String {
    let told = |events: &[Event]| -> Vec<Value> {
        events.iter().map(|event| self::event(dates, event)).collect()
    };
    let report = json!({
        "schemaVersion": SCHEMA_VERSION,
        "date": dates.today.to_string(),
        "until": dates.until.to_string(),
        "overdue": told(&dates.calendar.overdue),
        "ahead": told(&dates.calendar.ahead),
    });
    format!("{report:#}\n")
}

fn event(dates: &Dates<'_>, event: &Event) -> Value {
    json!({
        "date": event.day.to_string(),
        "kind": event.kind.id(),
        "about": event.about,
        "text": event.text,
        "path": dates.sources.get(event.place.source).path.as_ref(),
        "line": dates.sources.line_column(event.place).0,
        "rules": event.rules,
        "clusters": event.clusters,
    })
}
