//! Inventories of others: what their objects say of clusters, as Cluster documents.
//!
//! It is handed values that somebody read and keeps of them names, labels, versions and who runs the
//! control plane, nothing else: an address serves to tell the provider and is not kept, credentials are
//! not looked at. What nobody says is left out of the document as a comment that says what to fill in.
//! No cluster is asked.

mod answers;
mod listed;
mod providers;
mod written;

pub use answers::answers;
pub use listed::{Listing, listed};
pub use written::{Choices, document};

use crate::name::{self, label};
use crate::version::Version;
use std::collections::{BTreeMap, BTreeSet};

/// What is known of a cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// As it is called where it was found; not always a name that can be taken.
    pub called: String,
    /// By what its other objects refer to it, where that is something else.
    pub also: Option<String>,
    pub labels: BTreeMap<String, String>,
    pub kubernetes: Option<Version>,
    pub provider: Option<String>,
    /// Name, and version where it has one of its own.
    pub engine: Option<(String, Option<Version>)>,
    /// What else was seen, as sentences for whoever completes the document.
    pub remarks: Vec<String>,
}

impl Known {
    fn new(called: impl Into<String>) -> Known {
        Known { called: called.into(), ..Known::default() }
    }

    /// What another object says of the same cluster; what is known stays.
    fn add(&mut self, other: Known) {
        for (key, value) in other.labels {
            self.labels.entry(key).or_insert(value);
        }
        self.kubernetes = self.kubernetes.or(other.kubernetes);
        self.provider = self.provider.take().or(other.provider);
        for remark in other.remarks {
            if !self.remarks.contains(&remark) {
                self.remarks.push(remark);
            }
        }
    }

    /// Its labels without those that no document may hold.
    fn keep_valid_labels(&mut self) {
        self.labels.retain(|key, value| {
            label::problem(label::KEY, key).is_none()
                && label::problem(label::VALUE, value).is_none()
        });
    }
}

/// The leading numbers of a version without its patch, which changes too often to be written down.
fn minor(written: &str) -> Option<Version> {
    written.parse::<Version>().ok().map(Version::minor_version)
}

/// Names that can be taken, one for each in this order, none of them twice or among those taken.
pub fn names<'a>(
    called: impl IntoIterator<Item = &'a str>,
    taken: &BTreeSet<String>,
) -> Vec<String> {
    let mut taken = taken.clone();
    let mut all = vec![];
    for called in called {
        let plain = valid(called);
        let mut name = plain.clone();
        for number in 2_u32.. {
            if !taken.contains(&name) {
                break;
            }
            name = format!("{plain}-{number}");
        }
        taken.insert(name.clone());
        all.push(name);
    }
    all
}

/// The nearest name that a document may have.
fn valid(called: &str) -> String {
    /// Room for a number at its end.
    const LONGEST: usize = 55;
    let plain = |c: char| match c.to_ascii_lowercase() {
        c if c.is_ascii_lowercase() || c.is_ascii_digit() => c,
        _ => '-',
    };
    let words: String = called.chars().map(plain).collect();
    let words: Vec<&str> = words.split('-').filter(|word| !word.is_empty()).collect();
    let mut found = words.join("-");
    if found.len() > LONGEST {
        found.truncate(LONGEST - 9);
        found =
            format!("{}-{}", found.trim_end_matches('-'), name::short_digest(called.as_bytes()));
    }
    // Names that mean something else where documents and folders have them.
    match found.as_str() {
        "" => "cluster".to_owned(),
        "sync" | "kustomization" => format!("cluster-{found}"),
        _ => found,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_valid_and_told_apart() {
        let taken = BTreeSet::from(["prod".to_owned()]);
        let long = "x".repeat(80);
        let called = ["Prod_EU.1", "prod-eu-1", "prod", "", "sync", &long, "ä"];
        let found = names(called, &taken);
        assert_eq!(found[..5], ["prod-eu-1", "prod-eu-1-2", "prod-2", "cluster", "cluster-sync"]);
        assert!(found.iter().all(|one| name::problem(one).is_none()), "{found:?}");
        assert_eq!(found.iter().collect::<BTreeSet<_>>().len(), found.len());
    }
}
