//! Snapshots: what was found in a cluster one day, `workloads/CLUSTER/…` of the repository.
//!
//! Any manifests, and what `kubectl get -A -o json` writes. Whoever reads the files hands over their
//! bytes one file at a time; a snapshot holds objects, not text, and in no object is a Secret's value:
//! it is dropped while reading, and no complaint quotes a line. When it was taken is stated beside it,
//! or known from whoever committed it; a clock or the time of a file says nothing here. What an object
//! means is for others: `check` judges them, advisories look for nodes and images.

mod age;
mod node;
mod reading;
mod secrets;
mod seen;
mod skim;

pub use age::Taken;
pub use node::{Node, Runtime};
pub use reading::values;
pub use seen::Seen;
pub use skim::skim;

use crate::date::Date;
use crate::diagnostic::Diagnostic;
use crate::object::{self, Object};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The folder of a repository that holds a folder of each cluster's own.
pub const ROOT: &str = "workloads";

/// The file that says on which day a snapshot was taken.
pub const TAKEN: &str = "taken";

/// What the names of files end in that are read.
pub const ENDINGS: &[&str] = &[".yaml", ".yml", ".json"];

/// What was found in one cluster.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    pub cluster: String,
    /// `None`: nobody says when.
    pub taken: Option<Taken>,
    /// The file that states the day.
    stated_in: String,
    /// In the order of the files.
    pub objects: Vec<Found>,
    /// Of one file each: what could not be read takes nothing else with it.
    pub problems: Vec<Diagnostic>,
}

/// An object and where it was found.
#[derive(Clone, Debug)]
pub struct Found {
    pub file: Arc<str>,
    /// Which document of its file, counted from 1; the items of a list are of one document.
    pub document: usize,
    pub object: Object,
}

impl Snapshot {
    pub fn new(cluster: impl Into<String>) -> Snapshot {
        Snapshot { cluster: cluster.into(), ..Snapshot::default() }
    }

    /// Takes one more file, or why it is not read.
    pub fn take(&mut self, path: &str, read: Result<Vec<u8>, String>) {
        match read {
            Ok(bytes) => self.add(path, &bytes),
            Err(because) => self.refuse(path, &because),
        }
    }

    /// Reads one more file; `path` is what people know it by.
    pub fn add(&mut self, path: &str, bytes: &[u8]) {
        if path.rsplit('/').next() == Some(TAKEN) {
            match age::stated(bytes) {
                Ok(day) => {
                    self.taken = Some(Taken::Stated(day));
                    path.clone_into(&mut self.stated_in);
                }
                Err(because) => self.refuse(path, &because),
            }
        } else if ENDINGS.iter().any(|end| path.ends_with(end)) {
            let file: Arc<str> = path.into();
            let read = reading::read(path, bytes);
            for because in read.problems {
                self.refuse(path, &because);
            }
            let mut flaws = BTreeSet::new();
            for (document, object) in read.objects {
                match is_node(&object).then(|| node::flaw(&object)).flatten() {
                    Some(flaw) => {
                        flaws.insert((document, flaw));
                    }
                    None => self.objects.push(Found { file: file.clone(), document, object }),
                }
            }
            for (document, flaw) in flaws.iter().take(reading::TOLD) {
                self.refuse(path, &format!("its document {document} holds {flaw}"));
            }
            if flaws.len() > reading::TOLD {
                let more = flaws.len() - reading::TOLD;
                self.refuse(path, &format!("{more} more of its documents hold such Nodes"));
            }
        }
    }

    /// All that is wrong with it, on a day.
    pub fn problems(&self, today: Date) -> Vec<Diagnostic> {
        self.problems.iter().cloned().chain(self.day_to_come(today)).collect()
    }

    /// What is wrong with its day, on a day: no snapshot is of a day to come.
    pub fn day_to_come(&self, today: Date) -> Option<Diagnostic> {
        let Some(Taken::Stated(day)) = self.taken.filter(|taken| taken.day() > today) else {
            return None;
        };
        let path = &self.stated_in;
        let message = format!("`{path}` says {day}, which is a day to come on {today}");
        let said = Diagnostic::error("refused-file", message);
        Some(said.help("write the day on which the snapshot was taken"))
    }

    /// A file that is not read, and why.
    pub fn refuse(&mut self, path: &str, because: &str) {
        let message = format!("`{path}` is not read: {because}");
        self.problems.push(
            Diagnostic::error("refused-file", message)
                .help("take the snapshot again, or remove the file"),
        );
    }

    /// The nodes, by name; of those found twice, the first.
    pub fn nodes(&self) -> Vec<Node> {
        let mut nodes: BTreeMap<&str, Node> = BTreeMap::new();
        for found in self.objects.iter().filter(|one| is_node(&one.object)) {
            nodes.entry(object::name(&found.object)).or_insert_with(|| Node::from(found));
        }
        nodes.into_values().collect()
    }

    /// The namespaces, with their labels; of those found twice, the first.
    pub fn namespaces(&self) -> BTreeMap<String, BTreeMap<String, String>> {
        let mut namespaces = BTreeMap::new();
        for Found { object, .. } in self.of_kind("", "Namespace") {
            let name = object::name(object).to_owned();
            namespaces.entry(name).or_insert_with(|| object::labels(object));
        }
        namespaces
    }

    fn of_kind(&self, group: &str, kind: &str) -> impl Iterator<Item = &Found> {
        self.objects.iter().filter(move |one| {
            object::kind(&one.object) == kind && object::group_version(&one.object).0 == group
        })
    }
}

fn is_node(object: &Object) -> bool {
    object::kind(object) == "Node" && object::group_version(object).0.is_empty()
}

/// The cluster that a path of a repository belongs to, where it is one of a snapshot.
pub fn cluster_of(path: &str) -> Option<&str> {
    let below = path.strip_prefix(ROOT)?.strip_prefix('/')?;
    below.split_once('/').map(|(cluster, _)| cluster)
}

#[cfg(test)]
mod tests;
