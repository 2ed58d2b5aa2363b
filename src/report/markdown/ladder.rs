//! As much of every entry as there is room for.
//!
//! All entries get their rows before any gets more, then all their words, then fields, then
//! texts. What does not fit is passed over whole, so nothing is ever cut in the middle, and one
//! huge part does not keep the others from being told. The same entries and the same room give
//! the same report.

use super::sections::{self, TABLE_HEAD, Tier};
use crate::change::Entry;
use crate::text;
use std::collections::BTreeMap;

/// A part that takes more than this share of the room is huge.
const HUGE: usize = 8;

/// What fitted.
#[derive(Debug, Default)]
pub struct Fitted {
    pub table: String,
    pub details: String,
    /// What was left out, in words; empty if everything fitted.
    pub left_out: Vec<String>,
}

/// An entry as it is said so far.
#[derive(Clone)]
struct Said {
    tier: Tier,
    row: String,
    details: String,
    length: usize,
}

/// Says what fits into so many characters.
pub fn fit(entries: &[Entry], room: usize) -> Fitted {
    let earlier = earlier(entries);
    let nothing =
        Said { tier: Tier::Hidden, row: String::new(), details: String::new(), length: 0 };
    let mut said = vec![nothing; entries.len()];
    let mut used = TABLE_HEAD.len();
    let mut full = false;
    for tier in [Tier::Row, Tier::Words, Tier::Fields, Tier::Text] {
        for (index, entry) in entries.iter().enumerate() {
            if full {
                break;
            }
            // An entry without a row gets no details either.
            let before = &said[index];
            if tier > Tier::Row && before.tier == Tier::Hidden {
                continue;
            }
            let row = sections::row(index + 1, entry, tier);
            let details = sections::details(index + 1, entry, tier, earlier[index]);
            let length = row.chars().count() + details.chars().count();
            if used - before.length + length <= room {
                used = used - before.length + length;
                said[index] = Said { tier, row, details, length };
            } else if length <= room / HUGE {
                full = true;
            }
        }
    }
    let mut fitted = Fitted { left_out: left_out(&said), ..Fitted::default() };
    if said.iter().any(|one| one.tier > Tier::Hidden) {
        fitted.table.push_str(TABLE_HEAD);
    }
    for one in &said {
        fitted.table.push_str(&one.row);
        fitted.details.push_str(&one.details);
    }
    fitted
}

/// For each entry the one before it that shows the same file, if any.
fn earlier(entries: &[Entry]) -> Vec<Option<usize>> {
    let mut first: BTreeMap<&str, usize> = BTreeMap::new();
    let found = entries.iter().enumerate().map(|(index, entry)| {
        let path = entry.renderings.first()?.example.path.as_str();
        let known = *first.entry(path).or_insert(index);
        (known < index).then_some(known)
    });
    found.collect()
}

fn left_out(said: &[Said]) -> Vec<String> {
    let count = |tier: Tier| said.iter().filter(|one| one.tier == tier).count();
    let parts = [
        (Tier::Hidden, "without a row"),
        (Tier::Row, "without details and names of clusters"),
        (Tier::Words, "without fields and text"),
        (Tier::Fields, "without text"),
    ];
    parts
        .into_iter()
        .filter(|(tier, _)| count(*tier) > 0)
        .map(|(tier, what)| format!("{} {what}", text::count(count(tier), "change")))
        .collect()
}
