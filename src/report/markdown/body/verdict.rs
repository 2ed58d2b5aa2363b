//! What happens, in one line: how much, for how many, which way, and what of it is seldom.

use super::super::safe::{clipped, prose};
use super::Told;
use crate::change::{Direction, Presence, Subject, Topic};
use crate::text;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The most pairs of actions that are counted apart.
const ACTIONS: usize = 6;

pub fn verdict(told: &Told<'_>) -> String {
    let change = told.body.change;
    let mut parts = vec![match change.is_empty() {
        true => {
            format!("**No policy changes on any of {}**", text::count(change.in_all(), "cluster"))
        }
        false => format!(
            "**{} on {} of {}**{}",
            text::count(told.all.len(), "change"),
            change.clusters.len(),
            text::count(change.in_all(), "cluster"),
            alike(told)
        ),
    }];
    if told.body.known.posture {
        parts.push("the posture that is kept beside the render is brought up to date".to_owned());
    }
    parts.extend(directions(told));
    parts.extend(actions(told));
    parts.extend(presences(told));
    parts.extend(told.hits.iter().map(|hits| prose(&hits.verdict)));
    parts.extend(change.says_left_out());
    parts.join(" · ")
}

/// How many clusters are changed as most are, and how many otherwise.
fn alike(told: &Told<'_>) -> String {
    let outliers = told.all.iter().filter(|one| one.of.is_some());
    let other: BTreeSet<&str> = outliers.flat_map(|one| one.clusters.iter().copied()).collect();
    if other.is_empty() {
        return String::new();
    }
    let alike = told.body.change.clusters.len().saturating_sub(other.len());
    format!(" ({alike} alike, {})", text::count(other.len(), "outlier"))
}

fn directions(told: &Told<'_>) -> Vec<String> {
    let words = [
        (Direction::Loosens, "loosens", "loosen"),
        (Direction::Unknown, "not known not to loosen", "not known not to loosen"),
        (Direction::Tightens, "tightens", "tighten"),
        (Direction::Neutral, "neutral", "neutral"),
    ];
    let said = words.into_iter().filter_map(|(direction, one, several)| {
        let count = told.all.iter().filter(|it| it.entry.direction == direction).count();
        let word = if count == 1 { one } else { several };
        let words = format!("{} {count} {word}", mark(direction));
        let words = if direction.counts_as_loosening() { format!("**{words}**") } else { words };
        (count > 0).then_some(words)
    });
    said.collect()
}

/// The same in every part of a body, and in the terminal.
pub fn mark(direction: Direction) -> &'static str {
    match direction {
        Direction::Loosens => "▼",
        Direction::Unknown => "?",
        Direction::Tightens => "▲",
        Direction::Neutral => "=",
    }
}

fn actions(told: &Told<'_>) -> Vec<String> {
    // A rule that differs on a few clusters is several changes, and one rule.
    let mut actions: BTreeMap<(String, String), BTreeSet<&Subject>> = BTreeMap::new();
    for entry in told.all.iter().map(|one| one.entry) {
        for one in entry.statements.iter().filter(|one| one.topic == Topic::Action) {
            if let (Some(old), Some(new)) = (&one.old, &one.new) {
                actions.entry((plain(old), plain(new))).or_default().insert(&entry.subject);
            }
        }
    }
    let more = actions.len().saturating_sub(ACTIONS);
    let mut said: Vec<String> = actions
        .into_iter()
        .take(ACTIONS)
        .map(|((old, new), rules)| format!("{}: {old} → {new}", text::count(rules.len(), "rule")))
        .collect();
    if more > 0 {
        said.push(format!("{more} other changes of actions"));
    }
    said
}

/// Actions are words of ours.
fn plain(value: &Value) -> String {
    prose(&clipped(value.as_str().unwrap_or_default(), 20))
}

/// Rules, exemptions and clusters that come and go.
fn presences(told: &Told<'_>) -> Vec<String> {
    let mut parts = vec![];
    for (presence, word) in [(Presence::Removed, "removed"), (Presence::Added, "added")] {
        let is = |subject: &Subject| matches!(subject, Subject::Rule { .. });
        let rules = told.all.iter().filter(|one| one.entry.presence == presence);
        let names: BTreeSet<&Subject> =
            rules.map(|one| &one.entry.subject).filter(|subject| is(subject)).collect();
        if !names.is_empty() {
            parts.push(format!("{} {word}", text::count(names.len(), "rule")));
        }
    }
    let (mut opened, mut closed) = (BTreeSet::new(), BTreeSet::new());
    for one in told.statements().filter(|one| one.topic == Topic::Exemption) {
        match (&one.old, &one.new) {
            (None, Some(_)) => drop(opened.insert(&one.path)),
            (Some(_), None) => drop(closed.insert(&one.path)),
            _ => {}
        }
    }
    for (names, word) in [(opened, "added"), (closed, "removed")] {
        if !names.is_empty() {
            parts.push(format!("{} {word}", text::count(names.len(), "exemption")));
        }
    }
    for (presence, noun) in
        [(Presence::Added, "new cluster"), (Presence::Removed, "retired cluster")]
    {
        let whole = told
            .all
            .iter()
            .filter(|one| one.entry.subject == Subject::Cluster && one.entry.presence == presence);
        let count: usize = whole.map(|one| one.clusters.len()).sum();
        if count > 0 {
            parts.push(text::count(count, noun));
        }
    }
    parts
}
