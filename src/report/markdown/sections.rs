//! The parts of a Markdown report, each complete in itself: fences and elements that a part opens
//! it also closes.

use super::safe::{clipped, code, fence, html, prose};
use crate::change::{
    Change, Direction, Entry, Presence, Statement, Subject, Topic, clusters, patch,
};
use crate::text;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// How much is said of an entry; each says more than the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tier {
    /// Counted among those left out.
    Hidden,
    /// A row with the number of clusters.
    Row,
    /// A row with clusters, and what changes in words.
    Words,
    /// Old and new values of every field, and all clusters.
    Fields,
    /// The text of one cluster's file as well.
    Text,
}

/// The longest cell and summary, in characters.
const CELL: usize = 240;

/// The longest value and the longest line that are shown of a field.
const LINES: usize = 60;
const LINE: usize = 400;

/// The most kinds a row names.
const KINDS: usize = 4;

/// The most clusters that are listed by name.
const NAMES: usize = 100;

pub const TABLE_HEAD: &str =
    "| # | What | Change | As | Clusters |\n| --: | --- | --- | --- | --- |\n";

/// What happens, in one line.
pub fn verdict(change: &Change) -> String {
    let mut parts = vec![format!(
        "**{} on {} of {}**",
        text::count(change.entries.len(), "change"),
        change.clusters.len(),
        text::count(change.in_all(), "cluster"),
    )];
    let of = |direction: Direction| {
        change.entries.iter().filter(|entry| entry.direction == direction).count()
    };
    for (direction, one, several) in [
        (Direction::Loosens, "loosens", "loosen"),
        (Direction::Unknown, "not known not to loosen", "not known not to loosen"),
        (Direction::Tightens, "tightens", "tighten"),
    ] {
        let (count, mark) =
            (of(direction), if direction == Direction::Tightens { "" } else { "**" });
        if count > 0 {
            parts.push(format!("{mark}{count} {}{mark}", if count == 1 { one } else { several }));
        }
    }
    let mut actions: BTreeMap<(String, String), usize> = BTreeMap::new();
    let (mut opened, mut closed) = (BTreeSet::new(), BTreeSet::new());
    for one in change.entries.iter().flat_map(|entry| &entry.statements) {
        match (one.topic, &one.old, &one.new) {
            (Topic::Action, Some(old), Some(new)) => {
                *actions.entry((plain(old), plain(new))).or_default() += 1;
            }
            (Topic::Exemption, None, Some(_)) => drop(opened.insert(&one.path)),
            (Topic::Exemption, Some(_), None) => drop(closed.insert(&one.path)),
            _ => {}
        }
    }
    for ((old, new), count) in actions {
        parts.push(format!("{}: {old} → {new}", text::count(count, "rule")));
    }
    for (presence, word) in [(Presence::Removed, "removed"), (Presence::Added, "added")] {
        let rules = change.entries.iter().filter(|entry| {
            matches!(entry.subject, Subject::Rule { .. }) && entry.presence == presence
        });
        let count = rules.count();
        if count > 0 {
            parts.push(format!("{} {word}", text::count(count, "rule")));
        }
    }
    let exemptions = [(opened, "added"), (closed, "removed")];
    for (names, word) in exemptions.into_iter().filter(|(names, _)| !names.is_empty()) {
        parts.push(format!("{} {word}", text::count(names.len(), "exemption")));
    }
    for (presence, noun) in
        [(Presence::Added, "new cluster"), (Presence::Removed, "retired cluster")]
    {
        let whole = change
            .entries
            .iter()
            .filter(|entry| entry.subject == Subject::Cluster && entry.presence == presence);
        let count: usize = whole.map(|entry| entry.clusters().len()).sum();
        if count > 0 {
            parts.push(text::count(count, noun));
        }
    }
    parts.join(" · ")
}

/// Actions are words of ours.
fn plain(value: &Value) -> String {
    prose(&clipped(value.as_str().unwrap_or_default(), 20))
}

/// A line of the table.
pub fn row(number: usize, entry: &Entry, tier: Tier) -> String {
    let says = entry.says();
    let mut cell = says.iter().take(3).map(|said| sentence(said)).collect::<Vec<_>>().join("; ");
    if says.len() > 3 {
        cell.push_str(&format!("; and {} more", says.len() - 3));
    }
    if let Some(mark) = marked(entry) {
        cell = format!("**{mark}**: {cell}");
    }
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    for one in entry.renderings.iter().filter(|one| !one.kind.is_empty()) {
        *kinds.entry(&one.kind).or_default() += one.clusters.len();
    }
    let mut kinds: Vec<String> = kinds
        .into_iter()
        .map(|(kind, count)| format!("{} ×{count}", prose(&clipped(kind, 63))))
        .collect();
    if kinds.len() > KINDS {
        let more = format!("and {} more", kinds.len() - KINDS);
        kinds.splice(KINDS.., [more]);
    }
    let names = entry.clusters();
    let on = match tier {
        Tier::Hidden | Tier::Row => names.len().to_string(),
        _ => format!("{}: {}", names.len(), prose(&clusters(&names))),
    };
    let subject = code(&clipped(&entry.title(), CELL));
    format!("| {number} | {subject} | {cell} | {} | {on} |\n", kinds.join(", "))
}

/// What a reviewer has to look at.
fn marked(entry: &Entry) -> Option<&'static str> {
    match entry.direction {
        Direction::Loosens => Some("loosens"),
        Direction::Unknown => Some("not known not to loosen"),
        Direction::Neutral | Direction::Tightens => None,
    }
}

/// What is said of a change, with the stricter or milder end of an action in bold.
fn sentence(said: &str) -> String {
    match said.strip_prefix("action: ").and_then(|ends| ends.split_once(" → ")) {
        Some((old, new)) => format!("action: {} → **{}**", prose(old), prose(new)),
        None => prose(&clipped(said, CELL)),
    }
}

/// The collapsible part of an entry; empty for what is told by its row alone.
///
/// `earlier` is the entry that already shows the text this one would show.
pub fn details(number: usize, entry: &Entry, tier: Tier, earlier: Option<usize>) -> String {
    if tier < Tier::Words {
        return String::new();
    }
    let says = entry.says();
    let first = says.first().map(String::as_str).unwrap_or_default();
    let more = match says.len() {
        0 | 1 => String::new(),
        count => format!(" and {} more", count - 1),
    };
    let mut part = format!(
        "<details><summary>{number} · {}: {}{}{more} · {}</summary>\n\n",
        html(&clipped(&entry.title(), CELL)),
        marked(entry).map(|mark| format!("{mark}: ")).unwrap_or_default(),
        html(&clipped(first, CELL)),
        text::count(entry.clusters().len(), "cluster"),
    );
    if tier == Tier::Words {
        for line in says.iter().chain(&entry.places()) {
            part.push_str(&format!("- {}\n", prose(line)));
        }
    } else {
        part.push_str(&fence("diff", &fields(entry)));
        part.push('\n');
        for one in &entry.renderings {
            part.push_str(&format!(
                "- {}\n",
                prose(&everywhere(&entry.object(one), &one.clusters))
            ));
        }
    }
    if tier == Tier::Text {
        part.push_str(&shown(entry, earlier));
    }
    part.push_str("\n</details>\n");
    part
}

/// Old and new values, said as a difference.
fn fields(entry: &Entry) -> String {
    let mut lines = vec![];
    for statement in &entry.statements {
        lines.push(format!("  {}", heading(statement)));
        for (mark, value) in [("-", &statement.old), ("+", &statement.new)] {
            let Some(value) = value else { continue };
            let value = match value {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            let count = value.lines().count();
            let shown = value.lines().take(LINES);
            lines.extend(shown.map(|line| format!("{mark} {}", clipped(line, LINE))));
            if count > LINES {
                lines.push(format!("{mark} … {} more lines", count - LINES));
            }
        }
    }
    if lines.is_empty() {
        lines.push(format!("  {}", entry.presence.word()));
    }
    lines.join("\n")
}

fn heading(statement: &Statement) -> String {
    match statement.topic {
        Topic::Exemption | Topic::Parameter => {
            format!("{} {}", statement.topic.word(), statement.path)
        }
        _ => statement.path.clone(),
    }
}

fn everywhere(kind: &str, names: &[String]) -> String {
    let listed = names.iter().take(NAMES).map(String::as_str).collect::<Vec<_>>().join(", ");
    let more = match names.len().saturating_sub(NAMES) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let on = format!("{}: {listed}{more}", text::count(names.len(), "cluster"));
    if kind.is_empty() { on } else { format!("{kind} on {on}") }
}

/// One cluster's text, for all of them.
fn shown(entry: &Entry, earlier: Option<usize>) -> String {
    let Some(one) = entry.renderings.first() else { return String::new() };
    // Of a whole cluster or a lock there is nothing to learn line by line.
    match (&entry.subject, earlier) {
        (Subject::Cluster | Subject::Lock, _) => String::new(),
        (_, Some(earlier)) => format!("\nIts text is part of change {}.\n", earlier + 1),
        _ => {
            let text = patch(&one.example);
            format!("\nAs text, on {}:\n\n{}", code(&one.example.cluster), fence("diff", &text))
        }
    }
}
