//! What changes between what has landed and what was rendered: by cluster, object and field, in
//! the words of policy.
//!
//! Like changes of many clusters are one [`Entry`]. What a change says is read from the fields that
//! Kubernetes' own policy types and their kin share, and everything else is called by its path;
//! whether it loosens or tightens is told by [`direction`], from what engines read in the objects.
//! The work is proportional to what is distinct: folders are compared by their ids, then files by
//! theirs, and only files that differ are read.

mod compare;
mod direction;
mod fields;
mod folder;
mod group;
mod objects;
mod outliers;
mod parts;
mod patch;
mod policy;
mod words;

#[cfg(test)]
mod tests;

pub use compare::{Scope, compare};
pub use direction::Direction;
pub use folder::Sides;
pub use objects::{control, is_of_control, objects, of_control};
pub use outliers::{Alike, Facts, Outlier};
pub use patch::patch;
pub use words::{clusters, short};

use crate::tree::Folder;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The difference between two outputs.
#[derive(Debug, Default)]
pub struct Change {
    /// How many clusters were compared.
    pub compared: usize,
    /// Clusters with differences, and how many of their files differ.
    pub clusters: BTreeMap<String, FileCount>,
    /// What changes, in a fixed order: the worst first, and of what is as bad whole clusters, rules,
    /// other files, sync objects, locks.
    pub entries: Vec<Entry>,
    /// Entries that were asked to be left out.
    pub left_out: usize,
    /// The files behind it, of every cluster with differences.
    pub touched: Vec<Touched>,
    /// What was asked for, where that is not all of it.
    pub only: Only,
}

/// Clusters with the same differences, and the files that differ there.
#[derive(Clone, Debug)]
pub struct Touched {
    pub clusters: Vec<String>,
    /// Below the cluster's folder.
    pub files: BTreeMap<String, Sides>,
    /// What is rendered for them; `None` where all of it goes.
    pub folder: Option<Arc<Folder>>,
}

impl Touched {
    /// The files that stay as they are, by path.
    pub fn unchanged(&self) -> Vec<(&str, &Arc<[u8]>)> {
        let files = self.folder.iter().flat_map(|folder| &folder.files);
        let stay = files.filter(|(path, _)| !self.files.contains_key(*path));
        stay.map(|(path, bytes)| (path.as_str(), bytes)).collect()
    }
}

/// What of a change was asked for.
#[derive(Clone, Debug, Default)]
pub struct Only {
    pub loosening: bool,
    /// By name; none: whatever asks for it.
    pub intents: Vec<String>,
}

impl Change {
    /// The entries that loosen, or are not known not to.
    pub fn loosening(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(|entry| entry.direction.counts_as_loosening())
    }

    /// Where an entry of this change stands in it.
    pub fn place_of(&self, entry: &Entry) -> Option<usize> {
        self.entries.iter().position(|one| std::ptr::eq(one, entry))
    }

    /// Leaves out whatever does not loosen.
    #[must_use]
    pub fn only_loosening(mut self) -> Change {
        self.only.loosening = true;
        self.only(|entry| entry.direction.counts_as_loosening())
    }

    /// Leaves out whatever is about none of these rules, which are those that the intents ask for.
    #[must_use]
    pub fn only_of(mut self, intents: &[String], rules: &BTreeSet<String>) -> Change {
        self.only.intents = intents.to_vec();
        // What was enforced before a grace is a rule of its own while that runs.
        let is_one = |name: &str| {
            let whole = name.split_once("-before-").map_or(name, |(rule, _)| rule);
            rules.contains(name) || rules.contains(whole)
        };
        self.only(|entry| matches!(&entry.subject, Subject::Rule { name } if is_one(name)))
    }

    fn only(mut self, is_asked_for: impl Fn(&Entry) -> bool) -> Change {
        let all = self.entries.len();
        self.entries.retain(is_asked_for);
        self.left_out += all - self.entries.len();
        let on: BTreeSet<String> =
            self.entries.iter().flat_map(Entry::clusters).map(str::to_owned).collect();
        self.clusters.retain(|name, _| on.contains(name));
        self
    }

    pub fn is_empty(&self) -> bool {
        self.clusters.is_empty()
    }

    /// How many clusters there are in all; those that are retired are not compared.
    pub fn in_all(&self) -> usize {
        self.compared.max(self.clusters.len())
    }
}

/// How many files of a cluster differ. Locks are not counted: they change with everything else.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FileCount {
    pub added: usize,
    pub changed: usize,
    pub removed: usize,
}

impl FileCount {
    pub fn total(self) -> usize {
        self.added + self.changed + self.removed
    }
}

impl std::ops::AddAssign for FileCount {
    fn add_assign(&mut self, other: FileCount) {
        self.added += other.added;
        self.changed += other.changed;
        self.removed += other.removed;
    }
}

/// One difference, and everywhere it is the same.
#[derive(Clone, Debug)]
pub struct Entry {
    pub subject: Subject,
    pub presence: Presence,
    /// Whether it loosens.
    pub direction: Direction,
    /// What is different about it, by topic; of what is added or removed, what it does or did.
    pub statements: Vec<Statement>,
    /// As which objects, by kind, name and path.
    pub renderings: Vec<Rendering>,
}

impl Entry {
    /// All clusters it is the same on, sorted.
    pub fn clusters(&self) -> Vec<&str> {
        let all: BTreeSet<&str> =
            self.renderings.iter().flat_map(|one| &one.clusters).map(String::as_str).collect();
        all.into_iter().collect()
    }
}

/// What an entry is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// A cluster as a whole.
    Cluster,
    /// A rule, by the file its objects stand in.
    Rule { name: String },
    /// A file that is not read as objects, or not any more.
    File { path: String },
    /// What a sync tool is given.
    Sync { tool: String, file: String },
    /// The lock alone.
    Lock,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Presence {
    Added,
    Removed,
    Changed,
}

impl Presence {
    pub fn word(self) -> &'static str {
        match self {
            Presence::Added => "added",
            Presence::Removed => "removed",
            Presence::Changed => "changed",
        }
    }
}

/// One thing that is different, or one thing that what is added or removed does.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    pub topic: Topic,
    /// The field's path; of a parameter or an exemption, its name.
    pub path: String,
    pub old: Option<Value>,
    pub new: Option<Value>,
}

/// What a statement is about, in the order they are said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Topic {
    Kind,
    /// A part of a rule that comes or goes, with all that it does or did.
    Part,
    Action,
    Scope,
    Exemption,
    Parameter,
    Expression,
    Field,
}

impl Topic {
    pub fn word(self) -> &'static str {
        match self {
            Topic::Kind => "kind",
            Topic::Part => "part",
            Topic::Action => "action",
            Topic::Scope => "scope",
            Topic::Exemption => "exemption",
            Topic::Parameter => "parameter",
            Topic::Expression => "expression",
            Topic::Field => "field",
        }
    }
}

/// The object that says it on some of the clusters.
#[derive(Clone, Debug)]
pub struct Rendering {
    /// The object's kind; empty where there is no object.
    pub kind: String,
    /// The object's name; empty where there is no object.
    pub name: String,
    /// Its file, below the cluster's folder.
    pub path: String,
    /// Sorted.
    pub clusters: Vec<String>,
    pub example: Example,
}

/// One cluster's file before and after, to be shown as text for all of them.
#[derive(Clone, Debug)]
pub struct Example {
    pub cluster: String,
    /// Below the output folder.
    pub path: String,
    pub old: Option<Arc<[u8]>>,
    pub new: Option<Arc<[u8]>>,
}
