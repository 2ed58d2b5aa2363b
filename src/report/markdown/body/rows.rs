//! The table of changes: a row for each fingerprint.

use super::super::safe::{clipped, code, prose};
use super::verdict::mark;
use super::{One, Told};
use crate::change::{Direction, Entry, clusters};
use std::collections::BTreeMap;

/// The longest cell, in characters.
const CELL: usize = 240;

/// The most kinds and the most intents that a row names.
const KINDS: usize = 4;
const INTENTS: usize = 3;

/// What stands above the rows; nothing where there are none, or no tables.
pub fn head(told: &Told<'_>) -> String {
    if !told.body.budget.tables || told.all.is_empty() {
        return String::new();
    }
    let known = told.hits.as_ref().and_then(|hits| hits.by_fingerprint.as_ref());
    let hits = known.map_or("", |_| " Would hit |");
    let line = if hits.is_empty() { "" } else { " --- |" };
    format!(
        "| # | Rule | Intent | Change | Rendered as | Clusters | Direction |{hits} Fingerprint |\n\
         | --: | --- | --- | --- | --- | --- | --- |{line} --- |\n"
    )
}

/// A line of the table, or of a list; with clusters by name where there is room.
pub fn row(told: &Told<'_>, one: &One<'_>, names: bool) -> String {
    let entry = one.entry;
    let all = &one.clusters;
    let on = match names {
        true => format!("{}: {}", all.len(), prose(&clusters(all))),
        false => all.len().to_string(),
    };
    let mut rule = code(&clipped(&entry.title(), CELL));
    if let Some((main, _)) = one.of {
        rule.push_str(&format!(" (outlier of {})", told.all[main].number));
    }
    let intents = intents(told, entry);
    let direction = match entry.direction {
        Direction::Loosens => "**loosens**",
        Direction::Unknown => "**not known**",
        other => other.word(),
    };
    let direction = format!("{} {direction}", mark(entry.direction));
    let hits = told.hits.as_ref().and_then(|hits| hits.by_fingerprint.as_ref());
    let hits =
        hits.map(|hits| hits.get(&one.fingerprint).map_or("–".to_owned(), |words| prose(words)));
    let mut cells = vec![one.number.to_string(), rule, intents, effect(entry), kinds(entry), on];
    cells.push(direction);
    cells.extend(hits);
    cells.push(code(&one.fingerprint));
    if told.body.budget.tables {
        return format!("| {} |\n", cells.join(" | "));
    }
    let first = format!("**{}** {}", cells[0], cells[1]);
    let rest = cells[2..].iter().filter(|cell| !matches!(cell.as_str(), "" | "–"));
    format!("- {}\n", std::iter::once(&first).chain(rest).cloned().collect::<Vec<_>>().join(" · "))
}

/// Whose rule it is.
fn intents(told: &Told<'_>, entry: &Entry) -> String {
    let known = told.body.known.intents.get(&entry.title());
    let Some(all) = known.filter(|all| !all.is_empty()) else { return "–".to_owned() };
    let named = all.iter().take(INTENTS).map(|name| prose(&clipped(name, 63)));
    let mut named: Vec<String> = named.collect();
    if all.len() > INTENTS {
        named.push(format!("and {} more", all.len() - INTENTS));
    }
    named.join(", ")
}

/// What becomes of it, with the new end of an action in bold.
fn effect(entry: &Entry) -> String {
    let says = entry.says();
    let mut cell = says.iter().take(3).map(|said| sentence(said)).collect::<Vec<_>>().join("; ");
    if says.len() > 3 {
        cell.push_str(&format!("; and {} more", says.len() - 3));
    }
    cell
}

fn sentence(said: &str) -> String {
    match said.strip_prefix("action: ").and_then(|ends| ends.split_once(" → ")) {
        Some((old, new)) => {
            format!("{} → **{}**", prose(&clipped(old, 20)), prose(&clipped(new, 20)))
        }
        None => prose(&clipped(said, CELL)),
    }
}

/// As which kinds of objects, on how many clusters each.
fn kinds(entry: &Entry) -> String {
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    for one in entry.renderings.iter().filter(|one| !one.kind.is_empty()) {
        *kinds.entry(&one.kind).or_default() += one.clusters.len();
    }
    let named = kinds.iter().take(KINDS);
    let mut named: Vec<String> =
        named.map(|(kind, count)| format!("{} ×{count}", prose(&clipped(kind, 63)))).collect();
    if kinds.len() > KINDS {
        named.push(format!("and {} more", kinds.len() - KINDS));
    }
    named.join(", ")
}
