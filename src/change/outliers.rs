//! Which changes are one change but for a few clusters, and what tells these from the others.
//!
//! A rule that changes on many clusters and otherwise on a few is one decision that came out in two
//! ways. Why it did is not asked of the plan: what is said is what the inventory says of these
//! clusters alone, which a reader can hold against it.

use super::{Change, Entry, Subject};
use std::collections::{BTreeMap, BTreeSet};

/// The most values of a fact that are said.
const VALUES: usize = 3;

/// How many times as many clusters the others must be for some to be few.
const FEW: usize = 3;

/// What the inventory says of each cluster, in the order it is to be said: a name, and a value that
/// reads well behind it.
pub type Facts = BTreeMap<String, Vec<(&'static str, String)>>;

/// A change of most clusters, and the few that were changed otherwise.
#[derive(Debug)]
pub struct Alike<'a> {
    pub entry: &'a Entry,
    pub outliers: Vec<Outlier<'a>>,
}

#[derive(Debug)]
pub struct Outlier<'a> {
    pub entry: &'a Entry,
    /// Facts that hold of its clusters and of none of the others; empty where none does.
    pub only: Vec<String>,
}

/// What an outlier differs from, and what the inventory says of the outlier's clusters alone.
pub type Main<'a> = (&'a Entry, Vec<String>);

impl Change {
    /// Its entries, the worst first, those of few clusters below the one they differ from.
    ///
    /// An entry is an outlier of another about the same rule that three times as many clusters have
    /// and none of its own has.
    pub fn alike(&self, facts: &Facts) -> Vec<Alike<'_>> {
        let mut entries: Vec<(&Entry, Vec<&str>)> =
            self.entries.iter().map(|entry| (entry, entry.clusters())).collect();
        entries.sort_by_key(|(_, clusters)| std::cmp::Reverse(clusters.len()));
        let mut all: Vec<(Alike<'_>, Vec<&str>)> = vec![];
        for (entry, own) in entries {
            let main = all.iter_mut().find(|(one, theirs)| {
                matches!(entry.subject, Subject::Rule { .. })
                    && one.entry.subject == entry.subject
                    && own.len() * FEW <= theirs.len()
                    && own.iter().all(|cluster| theirs.binary_search(cluster).is_err())
            });
            match main {
                Some((main, theirs)) => {
                    let only = only(facts, &own, theirs);
                    main.outliers.push(Outlier { entry, only });
                }
                None => all.push((Alike { entry, outliers: vec![] }, own)),
            }
        }
        let mut all: Vec<Alike<'_>> = all.into_iter().map(|(one, _)| one).collect();
        let place = |entry: &Entry| self.entries.iter().position(|one| std::ptr::eq(one, entry));
        all.sort_by_cached_key(|one| (std::cmp::Reverse(one.worst()), place(one.entry)));
        all
    }

    /// Every entry in the order in which they are numbered where each stands for itself: the worst
    /// first. An outlier comes with the entry it differs from and what the inventory says of it alone.
    pub fn numbered(&self, facts: &Facts) -> Vec<(&Entry, Option<Main<'_>>)> {
        let mut all: Vec<(&Entry, Option<Main<'_>>)> = vec![];
        for main in self.alike(facts) {
            all.push((main.entry, None));
            let outliers = main.outliers.into_iter();
            all.extend(outliers.map(|one| (one.entry, Some((main.entry, one.only)))));
        }
        all.sort_by_key(|(entry, _)| std::cmp::Reverse(entry.direction));
        all
    }
}

impl Alike<'_> {
    /// What weighs most among it and its outliers.
    pub fn worst(&self) -> super::Direction {
        let outliers = self.outliers.iter().map(|one| one.entry.direction);
        outliers.fold(self.entry.direction, Ord::max)
    }
}

/// What holds of these clusters and of none of the others.
fn only(facts: &Facts, these: &[&str], others: &[&str]) -> Vec<String> {
    let values = |clusters: &[&str]| {
        let mut values: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (name, value) in clusters.iter().filter_map(|one| facts.get(*one)).flatten() {
            values.entry(name).or_default().insert(value);
        }
        values
    };
    let (own, theirs) = (values(these), values(others));
    let everywhere = |name: &str, clusters: &[&str]| {
        let has = |one: &&str| {
            facts.get(*one).is_some_and(|facts| facts.iter().any(|(known, _)| *known == name))
        };
        clusters.iter().all(has)
    };
    let order = these.first().and_then(|first| facts.get(*first));
    let names = order.into_iter().flatten().map(|(name, _)| *name);
    names
        .filter(|name| everywhere(name, these) && own[name].len() <= VALUES)
        .filter(|name| theirs.get(name).is_none_or(|theirs| own[name].is_disjoint(theirs)))
        .map(|name| own[name].iter().copied().collect::<Vec<_>>().join(", "))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::{Direction, Example, Presence, Rendering, Statement, Topic};
    use super::*;
    use serde_json::json;

    fn entry(rule: &str, new: &str, direction: Direction, clusters: &[&str]) -> Entry {
        let path = format!("policies/{rule}.yaml");
        let example =
            Example { cluster: clusters[0].into(), path: path.clone(), old: None, new: None };
        Entry {
            subject: Subject::Rule { name: rule.into() },
            presence: Presence::Changed,
            direction,
            statements: vec![Statement {
                topic: Topic::Action,
                path: "action".into(),
                old: Some(json!("deny")),
                new: Some(json!(new)),
            }],
            renderings: vec![Rendering {
                kind: "ValidatingPolicy".into(),
                name: rule.into(),
                path,
                clusters: clusters.iter().map(|one| (*one).to_owned()).collect(),
                example,
            }],
        }
    }

    fn facts(all: &[(&str, &str, &str)]) -> Facts {
        let facts = |(cluster, engine, minor): &(&str, &str, &str)| {
            let minor = format!("Kubernetes {minor}");
            ((*cluster).to_owned(), vec![("engine", (*engine).to_owned()), ("kubernetes", minor)])
        };
        all.iter().map(facts).collect()
    }

    #[test]
    fn the_few_that_differ_are_told_by_what_only_they_have() {
        let entries = vec![
            entry("no-root", "audit", Direction::Loosens, &["old-1"]),
            entry("no-root", "warn", Direction::Loosens, &["a", "b", "c"]),
            entry("limits", "warn", Direction::Tightens, &["a", "b", "old-1"]),
        ];
        let change = Change { entries, ..Change::default() };
        let known = [
            ("a", "Guard 1.17", "1.30"),
            ("b", "built in", "1.30"),
            ("old-1", "Guard 1.12", "1.30"),
        ];
        let facts = facts(&known);
        let alike = change.alike(&facts);
        let told: Vec<(String, Vec<String>)> = alike
            .iter()
            .map(|one| {
                let outliers = one.outliers.iter();
                let outliers = outliers.map(|one| {
                    format!("{}: {}", one.entry.clusters().join(", "), one.only.join("; "))
                });
                (one.entry.title(), outliers.collect())
            })
            .collect();
        let no_root = ("no-root".to_owned(), vec!["old-1: Guard 1.12".to_owned()]);
        assert_eq!(told, [no_root, ("limits".to_owned(), vec![])]);
    }

    #[test]
    fn what_others_have_too_is_no_reason() {
        let facts = facts(&[
            ("a", "built in", "1.30"),
            ("b", "built in", "1.31"),
            ("c", "built in", "1.30"),
        ]);
        assert_eq!(only(&facts, &["b"], &["a"]), ["Kubernetes 1.31"]);
        assert!(only(&facts, &["c"], &["a", "b"]).is_empty());
        assert!(only(&facts, &["unknown"], &["a"]).is_empty());
    }

    #[test]
    fn a_second_change_of_the_same_clusters_is_no_outlier() {
        let entries = vec![
            entry("no-root", "audit", Direction::Loosens, &["a"]),
            entry("no-root", "warn", Direction::Loosens, &["a", "b"]),
        ];
        let change = Change { entries, ..Change::default() };
        assert!(change.alike(&Facts::new()).iter().all(|one| one.outliers.is_empty()));
    }

    #[test]
    fn a_fingerprint_knows_neither_clusters_nor_objects() {
        let one = entry("no-root", "warn", Direction::Loosens, &["a", "b"]);
        let mut elsewhere = entry("no-root", "warn", Direction::Loosens, &["c"]);
        elsewhere.renderings[0].kind = "K8sNoRoot".into();
        assert_eq!(one.fingerprint(), elsewhere.fingerprint());
        for other in [
            entry("no-root", "audit", Direction::Loosens, &["a", "b"]),
            entry("limits", "warn", Direction::Loosens, &["a", "b"]),
            entry("no-root", "warn", Direction::Neutral, &["a", "b"]),
        ] {
            assert_ne!(one.fingerprint(), other.fingerprint());
        }
    }
}
