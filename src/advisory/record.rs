//! What a record says, gathered from whichever form it has, as far as documents can say it.
//!
//! However much a record holds, each thing is kept once; how much of it is written or told is
//! bounded where the draft is written.

use super::ENTRIES;
use super::draft::line;
use super::once::Once;
use super::purl::Named;
use super::ranges::{self, Bounds};
use crate::document::Severity;
use crate::version::Standing;
use std::collections::BTreeMap;

/// The most versions that are listed one by one.
const LISTED: usize = 20;

/// The most lines that are told; nobody reads more.
const TOLD: usize = 50;

#[derive(Debug, Default)]
pub struct Record {
    pub id: String,
    pub aliases: Vec<String>,
    pub summary: Option<String>,
    pub severity: Option<Severity>,
    /// Per repository: ranges and digests.
    pub images: BTreeMap<String, (Once<String>, Once<String>)>,
    /// Name and range.
    pub runtimes: Once<(&'static str, String)>,
    pub kubelets: Once<String>,
    /// What cannot be said, in words.
    told: Once<String>,
}

impl Record {
    pub fn new(id: &str) -> Record {
        Record { id: line(id), ..Record::default() }
    }

    pub fn is_empty(&self) -> bool {
        let nodes = self.runtimes.all().is_empty() && self.kubelets.all().is_empty();
        nodes && self.images.is_empty()
    }

    /// Says once what a document cannot say.
    pub fn tell(&mut self, words: &str) {
        self.told.push(line(words));
    }

    /// What was told, and how many lines are left out.
    pub fn told(&self) -> Vec<String> {
        let all = self.told.all();
        let mut told: Vec<String> = all.iter().take(TOLD).cloned().collect();
        if let Some(more) = all.len().checked_sub(TOLD).filter(|more| *more > 0) {
            told.push(format!("and {more} more"));
        }
        told
    }

    /// Adds ranges of what is named.
    pub fn add(&mut self, named: &Named, called: &str, all: &[Bounds]) {
        if let Named::Image { repository, digest: Some(digest), .. } = named {
            self.images.entry(repository.clone()).or_default().1.push(digest.clone());
        }
        for bounds in all {
            match ranges::range(bounds) {
                Ok((range, cut)) => {
                    let range = ranges::written(&range);
                    match bounds.single() {
                        _ if !cut => {}
                        Some(version) => {
                            let read = range.trim_start_matches(['<', '=']);
                            self.tell(&format!("{called}: `{version}` is read as {read}"));
                        }
                        None => {
                            self.tell(&format!(
                                "{called}: of its versions only the numbers are read"
                            ));
                        }
                    }
                    self.put(named, range);
                }
                Err(why) => self.tell(&format!("{called}: {why}")),
            }
        }
    }

    /// Adds single versions of what is named, but for those that ranges hold already.
    pub fn exactly(&mut self, named: &Named, called: &str, versions: &[&str], beside: &[Bounds]) {
        // No document has more ranges than some, so none but the first of them count.
        let ranges = beside.iter().filter_map(|bounds| ranges::range(bounds).ok()).take(ENTRIES);
        let ranges: Vec<_> = ranges.map(|(range, _)| range).collect();
        let mut others = vec![];
        for version in versions {
            match ranges.iter().map(|range| range.standing(version)).max() {
                Some(Standing::Inside) => {}
                // A pre-release: its numbers are those of the version that is fixed.
                Some(Standing::Unknown) if ranges::numbers(version).is_ok() => {
                    self.tell(&format!(
                        "{called}: whether `{version}` lies in a range cannot be said"
                    ));
                }
                _ => others.push(Bounds::only(version)),
            }
        }
        match others.len() {
            many if many > LISTED => self.tell(&format!("{called}: {many} versions one by one")),
            _ => self.add(named, called, &others),
        }
    }

    fn put(&mut self, named: &Named, range: String) {
        match named {
            Named::Image { repository, .. } => {
                self.images.entry(repository.clone()).or_default().0.push(range);
            }
            Named::Runtime(name) => self.runtimes.push((*name, range)),
            Named::Kubelet => self.kubelets.push(range),
            Named::Kubernetes => {
                self.tell("all of Kubernetes is named; only its kubelet is judged here");
                self.kubelets.push(range);
            }
        }
    }
}
