//! Reports: a change, or what was rendered, told to people and to programs.
//!
//! Reports read frozen facts: they decide nothing and ask nobody. A format is one file and one
//! line in [`FORMATS`], and knows no other format. Nothing is left out without saying what and
//! where it is to be seen.

mod json;
mod markdown;
mod reference;
mod table;
mod terminal;
mod verdicts;

pub use markdown::proposal::{Commit, Limits, Proposal, Reason, Reproduce, Written, marker};
pub use reference::{REFERENCE_FORMATS, Reference, ReferenceFormat, looks_at, state};
pub use table::{Row, table};
pub use verdicts::{CHECK_FORMATS, CheckFormat, Checked, Problem};

use crate::change::Change;

/// A change that is to be told.
#[derive(Clone, Copy, Debug)]
pub struct Comparison<'a> {
    pub change: &'a Change,
    /// What it was compared with, as people name it: `HEAD`, `main`, a commit.
    pub against: &'a str,
    /// Only where a terminal reads it.
    pub colour: bool,
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
];

#[cfg(test)]
mod sample;
