//! What is around the changes: who asked for them and why, and what dates bring.

use super::super::safe::{clipped, code, prose};
use super::{Body, Commit, Reason};
use crate::change;
use crate::date::Period;
use crate::report::{Ahead, Dated};
use crate::text;

/// The longest sentence of somebody else's, in characters.
const SENTENCE: usize = 300;

/// How many days ahead are soon.
const SOON: Period = Period { days: 30 };

/// Who asked for it, and in which words; so many of each kind.
pub fn why(body: &Body<'_>, most: usize) -> String {
    let reasons = body.known.reasons.iter().map(|reason| told("", reason));
    let exemptions = body.known.exemptions.iter().map(|one| told("exemption ", one));
    let parts = [
        some(reasons.collect(), most, "intent"),
        some(exemptions.collect(), most, "exemption"),
        some(body.commits.iter().map(commit).collect(), most, "commit"),
    ];
    match parts.concat() {
        list if list.is_empty() => list,
        list => format!("**Why**\n\n{list}"),
    }
}

/// What dates bring to what changes, whenever that is, and to its clusters soon.
pub fn dates(body: &Body<'_>, most: usize) -> String {
    let Some(Ahead { today, dates, .. }) = &body.known.dates else { return String::new() };
    let soon = today.plus(SOON);
    let is_told = |one: &&Dated| one.event.day >= *today && (one.touched || one.event.day <= soon);
    let events = dates.iter().filter(is_told).map(|Dated { event, place, .. }| {
        let on = match &event.clusters[..] {
            [] => String::new(),
            some => format!(" on {}", change::clusters(some)),
        };
        format!(
            "- {} {}: {} {} ({})\n",
            event.day,
            event.kind.title(),
            code(&clipped(&event.about, 120)),
            said(&format!("{}{on}", event.text)),
            code(&clipped(place, 200))
        )
    });
    match some(events.collect(), most, "date") {
        list if list.is_empty() => list,
        list => format!("**Dates**\n\n{list}"),
    }
}

fn told(lead: &str, reason: &Reason) -> String {
    let agreed = reason.agreed.iter().map(|words| format!(", {}", said(words)));
    let why = reason.why.iter().map(|why| format!(" {}", said(why)));
    format!(
        "- {lead}{} ({}, {}{}): {}{}\n",
        code(&clipped(&reason.name, 63)),
        code(&clipped(&reason.place, 200)),
        said(&reason.owner),
        agreed.collect::<String>(),
        said(&reason.statement),
        why.collect::<String>()
    )
}

fn commit(commit: &Commit) -> String {
    let id: String = commit.id.chars().take(10).collect();
    format!("- {} {} – {}\n", code(&id), said(&commit.subject), said(&commit.author))
}

fn said(text: &str) -> String {
    prose(&clipped(text, SENTENCE))
}

/// The first lines, and how many more there are.
fn some(lines: Vec<String>, most: usize, noun: &str) -> String {
    let more = lines.len().saturating_sub(most);
    let mut list: String = lines.into_iter().take(most).collect();
    if more > 0 {
        list.push_str(&format!("- {} not listed here\n", text::count(more, noun)));
    }
    list
}
