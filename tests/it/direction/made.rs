//! For made-up repositories: what is said to keep what was asked for keeps it.

use super::{compared, rendered};
use crate::dates::made::made;
use crate::support::binary::full;
use crate::year::probes::verdicts_of;
use ordinance::tree::Tree;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU32, Ordering};

const CLUSTERS: [(&str, &str); 2] = [("dev-1", "native"), ("edge-1", "kyverno")];

/// Which control a rendered file is about.
fn control(text: &str) -> Option<&str> {
    text.lines().find_map(|line| line.trim().strip_prefix("ordinance.dev/control: "))
}

/// What becomes of every probe, by the policies of a cluster that are about other controls.
fn judged(
    tree: &Tree,
    cluster: &str,
    engine: &str,
    without: &BTreeSet<String>,
) -> BTreeMap<&'static str, usize> {
    let files = tree.clusters[cluster].folder.files.iter();
    let files = files
        .filter(|(path, _)| path.starts_with("policies/") && !path.ends_with("kustomization.yaml"));
    let texts = files.map(|(_, bytes)| String::from_utf8_lossy(bytes).into_owned());
    let kept = texts.filter(|text| control(text).is_none_or(|name| !without.contains(name)));
    let kept: Vec<Vec<u8>> = kept.map(String::into_bytes).collect();
    let ranks = ["passes", "audits", "warns", "denies"];
    let rank = |verdict: &str| ranks.iter().position(|one| *one == verdict).expect("a verdict");
    verdicts_of(engine, &kept).into_iter().map(|(probe, verdict)| (probe, rank(verdict))).collect()
}

#[test]
fn what_is_said_to_loosen_nothing_lets_nothing_in_that_was_denied() {
    let cases = if full() { 300 } else { 32 };
    let (kept, looser) = (AtomicU32::new(0), AtomicU32::new(0));
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let outcome = TestRunner::new_with_rng(config, rng).run(&made(), |made| {
        let today = made.day(3).to_string();
        let mut edited: BTreeMap<String, String> = made.files().into_iter().collect();
        edited.extend(made.edits());
        // What is wrong comes to nothing; that it is told is tested elsewhere.
        let (Ok((_, one)), Ok((loaded, other))) =
            (rendered(made.files(), &today), rendered(edited.into_iter().collect(), &today))
        else {
            return Ok(());
        };
        for (old, new) in [(&one, &other), (&other, &one)] {
            let change = compared(&loaded, old, new);
            for (cluster, engine) in CLUSTERS {
                let mut loose: BTreeSet<String> = BTreeSet::new();
                for entry in &change.entries {
                    if !entry.clusters().contains(&cluster) {
                        continue;
                    }
                    if !entry.direction.counts_as_loosening() {
                        kept.fetch_add(1, Ordering::Relaxed);
                        continue;
                    }
                    looser.fetch_add(1, Ordering::Relaxed);
                    for shown in entry.renderings.iter().map(|one| &one.example) {
                        for text in [&shown.old, &shown.new].into_iter().flatten() {
                            let text = String::from_utf8_lossy(text);
                            loose.extend(control(&text).map(str::to_owned));
                        }
                    }
                }
                let before = judged(old, cluster, engine, &loose);
                let after = judged(new, cluster, engine, &loose);
                for (probe, was) in before {
                    if after[probe] < was {
                        let why = format!("{cluster}, {probe}: {was} -> {}", after[probe]);
                        return Err(TestCaseError::fail(why));
                    }
                }
            }
        }
        Ok(())
    });
    outcome.unwrap_or_else(|why| panic!("{why}"));
    let (kept, looser) = (kept.into_inner(), looser.into_inner());
    assert!(kept > cases && looser > cases, "{kept} kept and {looser} looser of {cases}");
}
