//! What an upgrade of a cluster changes, before anybody edits a line.
//!
//! It compares a cluster as it is rendered, as it is rendered while the upgrade is under way, and as
//! it will be rendered: objects, rules, quirks, APIs in the snapshot, verdicts. The three are rendered
//! by others, each from the repository as it would then be; a verdict comes from the bytes that were
//! emitted, read back by their engine. What is good or bad about any of it is for people, but for the
//! one question whether all is well ([`Upgrade::is_fine`]).

mod apis;
mod objects;
mod quirks;
mod rules;
mod verdicts;

pub use apis::{Gone, gone};
pub use objects::{Moved, Shape, moved};
pub use quirks::{quirks, unheeded};
pub use rules::{Rules, rules};
pub use verdicts::{Other, Outcome, Verdicts, on_cases, on_snapshot};

use crate::check::Panel;
use crate::document::{Document, Quirk};
use crate::engine::Target;
use crate::plan::Plan;
use crate::snapshot::Taken;
use crate::text::Place;
use crate::tree::Files;
use crate::version::Version;

/// A cluster as it is, or would be.
#[derive(Clone, Copy, Debug)]
pub struct Side<'a> {
    pub plan: &'a Plan,
    pub target: &'a Target,
    pub files: &'a Files,
    /// Its policies, read back.
    pub panel: &'a Panel,
}

/// A version that becomes another one.
#[derive(Clone, Debug)]
pub struct Step {
    /// Kubernetes, or an engine as people write it.
    pub what: String,
    pub from: Version,
    pub to: Version,
}

/// Everything that an upgrade changes.
#[derive(Debug)]
pub struct Upgrade<'a> {
    pub cluster: &'a str,
    pub place: Place,
    pub steps: Vec<Step>,
    /// What is in the way, as a sentence and a way out: of the upgrade as a whole, and then of saying
    /// that it is under way.
    pub impossible: Vec<(String, String)>,
    pub no_window: Vec<(String, String)>,
    /// What is worth knowing beside.
    pub remarks: Vec<(String, String)>,
    /// The objects that are others once it is announced, and then once it is done.
    pub announced: Vec<Moved>,
    pub done: Vec<Moved>,
    pub rules: Rules,
    pub apis: Vec<Gone>,
    pub ending: Vec<&'a Document<Quirk>>,
    pub beginning: Vec<&'a Document<Quirk>>,
    pub verdicts: Verdicts,
    pub snapshot: Option<Found>,
    /// The lines to write next.
    pub next: Vec<String>,
}

/// The snapshot that was looked at.
#[derive(Clone, Copy, Debug)]
pub struct Found {
    pub objects: usize,
    pub taken: Option<Taken>,
}

impl<'a> Upgrade<'a> {
    /// An upgrade of which nothing is known yet.
    pub fn new(cluster: &'a str, place: Place, steps: Vec<Step>) -> Upgrade<'a> {
        Upgrade {
            cluster,
            place,
            steps,
            impossible: vec![],
            no_window: vec![],
            remarks: vec![],
            announced: vec![],
            done: vec![],
            rules: Rules::default(),
            apis: vec![],
            ending: vec![],
            beginning: vec![],
            verdicts: Verdicts::default(),
            snapshot: None,
            next: vec![],
        }
    }

    /// No verdict changes, no rule is lost, no API goes that is in use, and nothing is in the way.
    pub fn is_fine(&self) -> bool {
        self.impossible.is_empty()
            && self.no_window.is_empty()
            && self.rules.impossible.is_empty()
            && self.rules.milder().next().is_none()
            && self.apis.is_empty()
            && self.verdicts.other.is_empty()
    }
}
