//! The posture for auditors, for the web, and for programs.
//!
//! It is told from frozen facts. What a format calls a standing is decided here, once.

mod csv;
mod html;
mod json;
mod markdown;
mod oscal;

use crate::date::Date;
use crate::document::Action;
use crate::posture::{By, Cell, Posture, Recommended, Scoped, Standing, Told, Word};
use crate::text::count;

/// A way to tell it.
#[derive(Clone, Copy, Debug)]
pub struct PostureFormat {
    /// What `--format` calls it.
    pub id: &'static str,
    /// How a file of it ends.
    pub ending: &'static str,
    pub write: fn(&Posture) -> String,
}

/// Every format; the first is the default.
pub const POSTURE_FORMATS: &[PostureFormat] = &[
    PostureFormat { id: "markdown", ending: "md", write: markdown::write },
    PostureFormat { id: "html", ending: "html", write: html::write },
    PostureFormat { id: "json", ending: "json", write: json::write },
    PostureFormat { id: "oscal", ending: "oscal.json", write: oscal::write },
    PostureFormat { id: "csv", ending: "csv", write: csv::write },
];

/// From more clusters than these their names are counted, in what people read.
const NAMED: usize = 6;

/// A standing as people say it: `warns until 2026-12-06`.
fn standing(posture: &Posture, one: &Standing) -> String {
    headline(posture, one.word, one.until, one.owner.as_deref())
}

fn headline(posture: &Posture, word: Word, until: Option<Date>, owner: Option<&str>) -> String {
    let least = if posture.decided { " at least" } else { "" };
    match (word, until) {
        (Word::Enforced, _) => "enforced".to_owned(),
        (Word::Warns | Word::Audits, Some(day)) => {
            format!("{} until {day}{least}", word.in_words())
        }
        (Word::Warns | Word::Audits, None) => format!("{} for good", word.in_words()),
        (Word::Exempt, _) => {
            let until = until.map(|day| format!(" until {day}")).unwrap_or_default();
            let by = owner.map(|owner| format!(" by {owner}")).unwrap_or_default();
            format!("exempt{until}{by}")
        }
        (Word::Provided, _) => "provided by the provider".to_owned(),
        (Word::NotByAdmission, _) => "not enforceable by admission".to_owned(),
        (Word::NotCovered, _) => "not covered".to_owned(),
    }
}

/// A standing in a narrow column.
fn cell(one: &Cell) -> String {
    match (one.word, one.until) {
        (Word::Warns | Word::Audits | Word::Exempt, Some(day)) => {
            format!("{} until {day}", one.word.in_words())
        }
        (word, _) => word.in_words().to_owned(),
    }
}

/// What marks a cell: that somebody is exempt, that something is not reached.
fn marks(one: &Cell) -> String {
    let exempt = if one.exempt && one.word != Word::Exempt { "†" } else { "" };
    let gaps = if one.gaps { "*" } else { "" };
    format!("{exempt}{gaps}")
}

/// What a part of a rule does, as the rest of a sentence.
fn part(posture: &Posture, one: &Scoped) -> String {
    let verb = match (one.freed, one.action) {
        (true, _) => "frees everybody".to_owned(),
        (false, action) => action.verb().to_owned(),
    };
    let least = if posture.decided { " at least" } else { "" };
    let until = match one.until.filter(|_| !one.freed) {
        Some(day) => format!(" until {day}{least}"),
        None => String::new(),
    };
    let instead = match one.instead_of.filter(|_| !one.freed) {
        Some(wanted) => format!(" (it should {}, which the engine cannot)", wanted.name()),
        None => String::new(),
    };
    let scope = match one.scope.starts_with("objects") {
        true => format!("for {}", one.scope),
        false => format!("in {}", one.scope),
    };
    format!("{verb} {scope}{until}{instead}")
}

/// Whether a rule says no more than that it denies everywhere.
fn is_plain(by: &By) -> bool {
    let plain = |part: &Scoped| {
        let everywhere = !part.scope.contains(" where ");
        part.action == Action::Deny && everywhere && !part.freed
    };
    by.parts.iter().all(plain) && !by.before
}

/// The verdict on a framework as one sentence, without a full stop.
fn verdict(told: &Told) -> String {
    let all = told.recommendations.len();
    let holding = || told.recommendations.iter().filter(|one| holds(one));
    let held = holding().count();
    let clusters = told.clusters.len();
    let on = match clusters {
        1 => "its cluster".to_owned(),
        _ => format!("all {clusters} clusters"),
    };
    let recommendations = count(all, "recommendation");
    let verb = if held == 1 { "holds" } else { "hold" };
    let said = match held {
        0 => return format!("None of {recommendations} holds on {on}"),
        held if held == all => format!("All {recommendations} {verb} on {on}"),
        held => format!("{held} of {recommendations} {verb} on {on}"),
    };
    match holding().filter(|one| one.is_whole()).count() {
        whole if whole == held => format!("{said}, in full"),
        0 => format!("{said}, none of them in full"),
        whole => format!("{said}, {whole} of them in full"),
    }
}

/// What those that hold leave out.
fn fine_print(told: &Told) -> String {
    let holding = || told.recommendations.iter().filter(|one| holds(one));
    let rest = holding().filter(|one| !one.is_whole()).count();
    let partly = holding().filter(|one| one.partly.is_some()).count();
    let others = rest - partly;
    let part = format!("of {partly} admission can enforce but a part");
    let have = if others == 1 { "has" } else { "have" };
    let beside = format!("{others} {have} exemptions, or scopes that are not reached");
    match (partly, others) {
        _ if holding().next().is_none() => "what holds on some of them is told below".to_owned(),
        (0, 0) => "nothing is left out".to_owned(),
        (0, _) => beside,
        (_, 0) => part,
        _ => format!("{part}, and {beside}"),
    }
}

/// On every cluster that it is told of.
fn holds(one: &Recommended) -> bool {
    matches!(one.weakest(), Word::Enforced | Word::Provided)
}
