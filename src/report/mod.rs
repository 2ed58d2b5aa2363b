//! Reports: a change, or what was rendered, told to people and to programs.
//!
//! Reports read frozen facts: they decide nothing and ask nobody. A format is one file and one
//! line in [`FORMATS`], and knows no other format. Nothing is left out without saying what and
//! where it is to be seen.

mod calendar;
mod exemptions;
mod html;
mod json;
mod markdown;
mod page;
mod posture;
mod reference;
mod safe;
mod sarif;
mod scanning;
mod table;
mod terminal;
mod upgrade;
mod verdicts;

pub use markdown::body::{Commit, Reason};
pub use markdown::budget::{Budget, Unit};
pub use markdown::proposal::{
    Limits, Proposal, Reproduce, Written, marker, report_path, reports_folder,
};
pub use markdown::within as markdown_within;
pub use page::{live, write_live};
pub use posture::{POSTURE_FORMATS, PostureFormat};
pub use reference::{REFERENCE_FORMATS, Reference, ReferenceFormat, looks_at, state};
pub use table::{Row, table};
pub use verdicts::{CHECK_FORMATS, CheckFormat, Checked, Problem};

use crate::blast::Blast;
use crate::calendar::{Calendar, Event, Standing};
use crate::change::{Change, Facts};
use crate::date::Date;
use crate::text::Sources;
use crate::upgrade::Upgrade;
use std::collections::BTreeMap;

/// A change that is to be told.
#[derive(Clone, Copy, Debug)]
pub struct Comparison<'a> {
    pub change: &'a Change,
    /// What it was compared with, as people name it: `HEAD`, `main`, a commit.
    pub against: &'a str,
    /// Only where a terminal reads it.
    pub colour: bool,
    pub known: &'a Known,
}

/// What is known around a change, where anybody wants to know.
#[derive(Clone, Debug, Default)]
pub struct Known {
    pub facts: Facts,
    /// Where each rule is asked for, as `path:line`.
    pub asked: BTreeMap<String, Vec<String>>,
    /// Whom it hits; `None` where nobody asked.
    pub blast: Option<Blast>,
    /// The intents that ask for each rule.
    pub intents: BTreeMap<String, Vec<String>>,
    /// The intents behind the rules that change.
    pub reasons: Vec<Reason>,
    /// The exemptions that begin, end or become others.
    pub exemptions: Vec<Reason>,
    /// Clusters that were not rendered, and why.
    pub skipped: Vec<(String, String)>,
    /// What was rendered otherwise than asked for, such as a warning that becomes an audit.
    pub notes: Vec<String>,
    /// What dates bring, where somebody wants to know that as well.
    pub dates: Option<Ahead>,
    /// The posture that is kept beside the render is another one.
    pub posture: bool,
    /// The folder that is rendered into.
    pub output: String,
}

/// What dates bring around a change, sorted by day.
#[derive(Clone, Debug)]
pub struct Ahead {
    pub today: Date,
    /// The last day of what is ahead; what was missed and what is touched may lie outside.
    pub until: Date,
    pub dates: Vec<Dated>,
}

#[derive(Clone, Debug)]
pub struct Dated {
    pub event: Event,
    /// Where it is decided, as `path:line`.
    pub place: String,
    /// It is about an exemption or a rule that changes.
    pub touched: bool,
}

/// A way to tell a change.
#[derive(Clone, Copy, Debug)]
pub struct Format {
    /// What `--format` calls it.
    pub id: &'static str,
    pub write: fn(&Comparison<'_>) -> String,
}

/// Every format; the first is the default.
pub const FORMATS: &[Format] = &[
    Format { id: "text", write: terminal::write },
    Format { id: "json", write: json::write },
    Format { id: "markdown", write: markdown::write },
    Format { id: "html", write: page::write },
    Format { id: "sarif", write: sarif::write },
];

/// The JSON Schemas of what is told to programs, by name.
pub const SCHEMAS: &[(&str, &str)] = &[
    ("CheckReport", include_str!("schemas/check.json")),
    ("DiffReport", include_str!("schemas/diff.json")),
];

/// Exemptions that are to be told.
#[derive(Clone, Copy, Debug)]
pub struct Exemptions<'a> {
    pub today: Date,
    pub standings: &'a [Standing<'a>],
    pub sources: &'a Sources,
}

/// A way to tell exemptions.
#[derive(Clone, Copy, Debug)]
pub struct ExemptionFormat {
    pub id: &'static str,
    pub write: fn(&Exemptions<'_>) -> String,
}

/// Every format of exemptions; the first is the default.
pub const EXEMPTION_FORMATS: &[ExemptionFormat] = &[
    ExemptionFormat { id: "text", write: exemptions::text::write },
    ExemptionFormat { id: "json", write: exemptions::json::write },
    ExemptionFormat { id: "markdown", write: markdown::exemptions::write },
];

/// Dates that are to be told.
#[derive(Clone, Copy, Debug)]
pub struct Dates<'a> {
    pub today: Date,
    pub until: Date,
    pub calendar: &'a Calendar,
    pub sources: &'a Sources,
}

/// A way to tell dates.
#[derive(Clone, Copy, Debug)]
pub struct CalendarFormat {
    pub id: &'static str,
    pub write: fn(&Dates<'_>) -> String,
}

/// Every format of dates; the first is the default.
pub const CALENDAR_FORMATS: &[CalendarFormat] = &[
    CalendarFormat { id: "text", write: calendar::text::write },
    CalendarFormat { id: "json", write: calendar::json::write },
    CalendarFormat { id: "icalendar", write: calendar::icalendar::write },
];

/// What an upgrade changes, that is to be told.
#[derive(Clone, Copy, Debug)]
pub struct Upgrades<'a> {
    pub upgrade: &'a Upgrade<'a>,
    pub sources: &'a Sources,
}

/// A way to tell what an upgrade changes.
#[derive(Clone, Copy, Debug)]
pub struct UpgradeFormat {
    pub id: &'static str,
    pub write: fn(&Upgrades<'_>) -> String,
}

/// Every format of upgrades; the first is the default.
pub const UPGRADE_FORMATS: &[UpgradeFormat] = &[
    UpgradeFormat { id: "text", write: upgrade::text::write },
    UpgradeFormat { id: "json", write: upgrade::json::write },
];

#[cfg(test)]
mod sample;
