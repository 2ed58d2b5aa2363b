//! Who decided what, when: the requirements and exemptions that a posture rests on, each with the
//! lines it is written in. Who wrote these is asked of whoever knows the history.

use super::{Exempted, Given, Told, on_one_line};
use crate::date::Date;
use crate::text::Place;
use std::collections::BTreeSet;

/// Some lines of a file of the repository, counted from 1; the last one belongs to them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Line {
    pub path: String,
    pub first: usize,
    pub last: usize,
}

/// Who wrote lines last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
    Committed {
        /// Its id in hex digits.
        commit: String,
        author: String,
        day: Date,
        /// The clone is shallow: it may have been somebody before.
        or_earlier: bool,
    },
    /// The lines are in no commit yet.
    NotCommitted,
    /// There is no history here, or it is not asked.
    NotAsked,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DecisionKind {
    Requirement,
    LeftOut,
    Exemption,
}

impl DecisionKind {
    pub fn id(self) -> &'static str {
        match self {
            DecisionKind::Requirement => "requirement",
            DecisionKind::LeftOut => "left-out",
            DecisionKind::Exemption => "exemption",
        }
    }

    pub fn in_words(self) -> &'static str {
        match self {
            DecisionKind::Requirement => "requires",
            DecisionKind::LeftOut => "leaves out",
            DecisionKind::Exemption => "exempts",
        }
    }
}

/// Something that somebody decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    pub kind: DecisionKind,
    /// `intent/requirement`, or the exemption's name.
    pub name: String,
    /// What is required in plain words, or why it is left out or exempt.
    pub what: String,
    pub owner: String,
    pub ticket: Option<String>,
    pub line: Line,
    pub who: Who,
}

pub fn all(
    given: &Given<'_>,
    frameworks: &[Told],
    exemptions: &[Exempted],
    who: &dyn Fn(&Line) -> Who,
) -> Vec<Decision> {
    let standings = frameworks.iter().flat_map(|one| &one.recommendations);
    let standings = standings.flat_map(|one| &one.variants).map(|one| &one.standing);
    let labels: BTreeSet<&str> =
        standings.flat_map(|one| &one.decided).map(String::as_str).collect();
    let linked = given.linked;
    let mut found = vec![];
    let mut told: BTreeSet<&str> = BTreeSet::new();
    for demand in linked.demands.iter().filter(|demand| labels.contains(demand.label.as_str())) {
        if !told.insert(&demand.label) {
            continue;
        }
        let intent = linked.intents.iter().find(|intent| intent.name == demand.intent);
        let line = lines(given, demand.place);
        found.push(Decision {
            kind: DecisionKind::Requirement,
            name: demand.label.clone(),
            what: intent.map(|intent| on_one_line(&intent.statement)).unwrap_or_default(),
            owner: intent.map(|intent| on_one_line(&intent.owner)).unwrap_or_default(),
            ticket: intent.and_then(|intent| intent.ticket.as_deref().map(on_one_line)),
            who: who(&line),
            line,
        });
    }
    let named: BTreeSet<&str> = given
        .frameworks
        .iter()
        .flat_map(|(document, _)| &document.spec.recommendations)
        .flat_map(|one| &one.controls)
        .flat_map(|entry| [Some(&entry.control), entry.rendered_as.as_ref()])
        .flatten()
        .map(|name| name.value.as_str())
        .collect();
    for intent in &linked.intents {
        let left_out = intent.left_out.iter();
        for left in left_out.filter(|left| named.contains(left.control.as_str())) {
            let line = lines(given, left.place);
            found.push(Decision {
                kind: DecisionKind::LeftOut,
                name: format!("{} without {}", left.label, left.control),
                what: on_one_line(&left.because),
                owner: on_one_line(&intent.owner),
                ticket: intent.ticket.as_deref().map(on_one_line),
                who: who(&line),
                line,
            });
        }
    }
    for one in exemptions {
        let mut liftings = linked.liftings.iter();
        let Some(lifting) = liftings.find(|lifting| lifting.name == one.name) else { continue };
        let line = document(given, lifting.place);
        found.push(Decision {
            kind: DecisionKind::Exemption,
            name: one.name.clone(),
            what: one.reason.clone(),
            owner: one.owner.clone(),
            ticket: one.ticket.clone(),
            who: who(&line),
            line,
        });
    }
    found.sort_by(|one, other| {
        (one.kind, &one.line, &one.name).cmp(&(other.kind, &other.line, &other.name))
    });
    found
}

/// The lines of what begins at a place: those below it that are indented as far, and its own.
fn lines(given: &Given<'_>, place: Place) -> Line {
    let source = given.sources.get(place.source);
    let (first, column) = given.sources.line_column(place);
    let mut last = first + given.sources.slice(place).trim_end().matches('\n').count();
    for (index, line) in source.text.lines().enumerate().skip(first) {
        let indented = line.chars().take_while(|c| *c == ' ').count() + 1;
        if line.trim().is_empty() {
            continue;
        }
        if indented < column {
            break;
        }
        last = last.max(index + 1);
    }
    Line { path: source.path.to_string(), first, last }
}

/// The lines of the document that a place lies in.
fn document(given: &Given<'_>, place: Place) -> Line {
    let source = given.sources.get(place.source);
    let here = given.sources.line_column(place).0;
    let (mut first, mut last) = (1, 0);
    for (index, line) in source.text.lines().enumerate() {
        let number = index + 1;
        let begins = line == "---" || line.starts_with("--- ");
        if begins && number > here {
            break;
        }
        if begins {
            first = number + 1;
        }
        if !line.trim().is_empty() {
            last = number;
        }
    }
    Line { path: source.path.to_string(), first: first.min(here), last: last.max(here) }
}
