//! The part of one change: what differs in terms of policy, one cluster's text, and where it is so.
//! Fences and elements that it opens it also closes.

use super::super::safe::{clipped, code, fence, html, prose};
use super::{One, Told};
use crate::change::{Entry, Statement, Subject, Topic, patch};
use crate::text;
use serde_json::Value;

/// How much is said of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tier {
    /// What changes, in short sentences, and how many clusters.
    Words,
    /// Old and new values of every field, and all clusters.
    Fields,
    /// The text of one cluster's file as well.
    Text,
}

/// How much of a long value, a long text and a long list is shown in a body; a file shows all.
struct Most {
    values: usize,
    text: usize,
    line: usize,
    names: usize,
}

const IN_A_BODY: Most = Most { values: 60, text: 160, line: 400, names: 100 };
const IN_A_FILE: Most =
    Most { values: usize::MAX, text: usize::MAX, line: usize::MAX, names: usize::MAX };

/// The longest title, in characters.
const TITLE: usize = 240;

pub fn part(told: &Told<'_>, one: &One<'_>, tier: Tier) -> String {
    let most = if told.body.budget.limit == usize::MAX { IN_A_FILE } else { IN_A_BODY };
    let mut part = open(told, one);
    let about = about(told, one);
    if !about.is_empty() {
        part.push_str(&format!("{about}\n\n"));
    }
    if tier == Tier::Words {
        let says = one.entry.says();
        for line in &says {
            part.push_str(&format!("- {}\n", prose(&clipped(line, most.line))));
        }
        for object in &one.entry.renderings {
            let on = text::count(object.clusters.len(), "cluster");
            part.push_str(&format!("- {}\n", prose(&on_clusters(one.entry.object(object), &on))));
        }
    } else {
        part.push_str(&fence("diff", &fields(one.entry, &most)));
        if tier == Tier::Text {
            part.push_str(&shown(told, one, &most));
        }
        part.push('\n');
        for object in &one.entry.renderings {
            let on = everywhere(&object.clusters, &most);
            part.push_str(&format!("- {}\n", prose(&on_clusters(one.entry.object(object), &on))));
        }
    }
    part.push_str(if told.body.budget.details { "\n</details>\n" } else { "\n" });
    part
}

fn open(told: &Told<'_>, one: &One<'_>) -> String {
    let entry = one.entry;
    let says = entry.says();
    let first = clipped(says.first().map(String::as_str).unwrap_or_default(), TITLE);
    let more = match says.len() {
        0 | 1 => String::new(),
        count => format!(" and {} more", count - 1),
    };
    let loosens = match entry.direction.counts_as_loosening() {
        true if entry.direction == crate::change::Direction::Loosens => "loosens: ",
        true => "not known not to loosen: ",
        false => "",
    };
    let outlier = if one.of.is_some() { " (outlier)" } else { "" };
    let title = format!("{}{outlier}: {loosens}{first}{more}", clipped(&entry.title(), TITLE));
    let on = text::count(one.clusters.len(), "cluster");
    match told.body.budget.details {
        true => {
            format!("<details><summary>{} · {} · {on}</summary>\n\n", one.number, html(&title))
        }
        false => format!("#### {} · {} · {on}\n\n", one.number, prose(&title)),
    }
}

/// Which changes belong together, and by which fact of the inventory they differ.
fn about(told: &Told<'_>, one: &One<'_>) -> String {
    if let Some((main, only)) = &one.of {
        let main = &told.all[*main];
        let most = main.entry.says();
        let most = most.first().map(|said| prose(&clipped(said, TITLE))).unwrap_or_default();
        return format!(
            "Differs from change {}, which is “{most}” on {}. {}",
            main.number,
            text::count(main.clusters.len(), "cluster"),
            match only.is_empty() {
                true =>
                    "The inventory says nothing that holds for these clusters alone.".to_owned(),
                false => format!(
                    "The inventory says only of these: {}.",
                    prose(&clipped(&only.join("; "), TITLE))
                ),
            }
        );
    }
    let of = |other: &&One<'_>| {
        other.of.as_ref().is_some_and(|(main, _)| told.all[*main].number == one.number)
    };
    let outliers: Vec<String> =
        told.all.iter().filter(of).map(|other| other.number.to_string()).collect();
    match outliers.is_empty() {
        true => String::new(),
        false => format!("Some clusters differ: see {}.", outliers.join(", ")),
    }
}

/// Old and new values, said as a difference.
fn fields(entry: &Entry, most: &Most) -> String {
    let mut lines = vec![];
    for statement in &entry.statements {
        lines.push(format!("  {}", clipped(&heading(statement), most.line)));
        for (mark, value) in [("-", &statement.old), ("+", &statement.new)] {
            let Some(value) = value else { continue };
            let value = match value {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            let count = value.lines().count();
            let shown = value.lines().take(most.values);
            lines.extend(shown.map(|line| format!("{mark} {}", clipped(line, most.line))));
            if count > most.values {
                lines.push(format!("{mark} … {} more lines", count - most.values));
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

fn on_clusters(kind: String, on: &str) -> String {
    if kind.is_empty() { on.to_owned() } else { format!("{} on {on}", clipped(&kind, TITLE)) }
}

fn everywhere(names: &[String], most: &Most) -> String {
    let listed = names.iter().take(most.names).map(String::as_str).collect::<Vec<_>>().join(", ");
    let more = match names.len().saturating_sub(most.names) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("{}: {listed}{more}", text::count(names.len(), "cluster"))
}

/// One cluster's text, for all of them.
fn shown(told: &Told<'_>, one: &One<'_>, most: &Most) -> String {
    let Some(first) = one.entry.renderings.first() else { return String::new() };
    // Of a whole cluster or a lock there is nothing to learn line by line.
    if matches!(one.entry.subject, Subject::Cluster | Subject::Lock) {
        return String::new();
    }
    if let Some(earlier) = one.shown_by {
        return format!("\nIts text is part of change {}.\n", told.all[earlier].number);
    }
    let text = patch(&first.example);
    let count = text.lines().count();
    let lines: Vec<String> =
        text.lines().take(most.text).map(|line| clipped(line, most.line)).collect();
    let more = match count > most.text {
        true => format!("\n{} more lines are not shown here.\n", count - most.text),
        false => String::new(),
    };
    let on = code(&first.example.cluster);
    format!("\nAs text, on {on}:\n\n{}{more}", fence("diff", &lines.join("\n")))
}
