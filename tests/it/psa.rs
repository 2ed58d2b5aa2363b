//! The fixtures of Kubernetes' own Pod Security tests: what passes there and what does not, for
//! every check at every version, must be told apart just so by what is rendered for every engine.
//!
//! `docs/conformance.md` has the outcome as a table, written and kept true here.

mod differential;
mod fields;
pub mod generated;
pub mod standard;
mod versions;

use crate::support::corpora::corpus;
use crate::support::page;
use ordinance::{text::Sources, yaml};
use rayon::prelude::*;
use serde_json::Value;
use standard::{Standard, TARGETS, creation, deployment};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Fewer verdicts than this means that fixtures, targets or rules were lost.
const VERDICTS: usize = 27_000;

pub struct Fixture {
    pub id: String,
    pub level: &'static str,
    pub minor: u32,
    pub denied: bool,
    /// The check it is about; none for pods that are minimal.
    check: Option<String>,
    /// Its place among the distinct pods.
    pub pod: usize,
}

/// All fixtures, and the distinct pods in them.
pub fn fixtures(folder: &Path) -> (Vec<Fixture>, Vec<Value>) {
    let read = |path: &str| std::fs::read_to_string(folder.join(path)).expect("a file");
    let index: Value = serde_json::from_str(&read("index.json")).expect("JSON");
    let (mut pods, mut known) = (vec![], BTreeMap::new());
    let cases = index["cases"].as_array().expect("cases");
    let fixtures = cases.iter().map(|case| {
        let text = |field: &str| case[field].as_str().expect("a text");
        let pod = *known.entry(text("content").to_owned()).or_insert_with(|| {
            let mut sources = Sources::default();
            let source = sources.add(text("file"), read(text("file")));
            let nodes = yaml::read(&sources, source).expect("YAML");
            pods.push(nodes[0].to_json());
            pods.len() - 1
        });
        Fixture {
            id: text("id").to_owned(),
            level: standard::LEVELS.into_iter().find(|one| *one == text("level")).expect("known"),
            minor: text("version").trim_start_matches("v1.").parse().expect("a minor"),
            denied: text("expect") == "deny",
            check: case["check"].as_str().map(str::to_owned),
            pod,
        }
    });
    (fixtures.collect(), pods)
}

/// What came of one check's fixtures.
#[derive(Default)]
struct Row {
    versions: BTreeSet<u32>,
    allowed: usize,
    denied: usize,
    agree: [usize; TARGETS.len()],
}

#[test]
fn every_fixture_of_kubernetes_gets_its_verdict_on_every_target() {
    let Some(folder) = corpus("psa") else { return };
    let (fixtures, pods) = fixtures(&folder);
    let all: Vec<usize> = (0..TARGETS.len()).collect();
    let standard = Standard::new(&all);
    let shapes = [("as a Pod", false), ("in a Deployment", true)];
    let requests: Vec<_> = shapes
        .iter()
        .flat_map(|(_, wrapped)| {
            pods.iter().map(|pod| if *wrapped { deployment(pod) } else { pod.clone() })
        })
        .map(|object| creation(&object))
        .collect();
    // Each pair of policies and pod is judged once, however many versions share it.
    let mut wanted: BTreeSet<(usize, usize)> = BTreeSet::new();
    for fixture in &fixtures {
        for target in &all {
            for (_, number) in standard.counting(*target, fixture.level, fixture.minor) {
                wanted.extend(
                    (0..shapes.len()).map(|shape| (*number, shape * pods.len() + fixture.pod)),
                );
            }
        }
    }
    let judged: BTreeMap<(usize, usize), bool> = wanted
        .into_par_iter()
        .map(|(number, request)| {
            ((number, request), standard.denies(number, &requests[request]).expect("a verdict"))
        })
        .collect();
    let mut rows: BTreeMap<String, Row> = BTreeMap::new();
    let (mut verdicts, mut refused, mut admitted, mut unnamed) = (0, vec![], vec![], vec![]);
    for fixture in &fixtures {
        let row =
            rows.entry(fixture.check.clone().unwrap_or_else(|| "(minimal)".into())).or_default();
        row.versions.insert(fixture.minor);
        if fixture.denied {
            row.denied += 1
        } else {
            row.allowed += 1
        };
        for target in &all {
            let counting = standard.counting(*target, fixture.level, fixture.minor);
            for (shape, (how, _)) in shapes.iter().enumerate() {
                let request = shape * pods.len() + fixture.pod;
                let denying: Vec<&str> = counting
                    .iter()
                    .filter(|(_, number)| judged[&(*number, request)])
                    .map(|(check, _)| check.as_str())
                    .collect();
                verdicts += 1;
                let told =
                    format!("{} {how} on {}: {denying:?}", fixture.id, TARGETS[*target].title);
                match (fixture.denied, denying.is_empty()) {
                    (false, false) => refused.push(told),
                    (true, true) => admitted.push(told),
                    (true, false) => {
                        let check = fixture.check.as_deref().expect("what is denied has a check");
                        if denying.contains(&standard.in_place_of(check, counting)) {
                            row.agree[*target] += 1;
                        } else {
                            unnamed.push(told);
                        }
                    }
                    (false, true) => row.agree[*target] += 1,
                }
            }
        }
    }
    println!(
        "{} fixtures, {} pods, {} policies, {verdicts} verdicts: {} false denials, {} false \
         admissions, {} denials by another check",
        fixtures.len(),
        pods.len(),
        standard.distinct(),
        refused.len(),
        admitted.len(),
        unnamed.len()
    );
    for (what, list) in [
        ("denied, and must pass", &refused),
        ("passes, and must be denied", &admitted),
        ("denied, and not by its check", &unnamed),
    ] {
        assert!(
            list.is_empty(),
            "{} {what}; the first:\n{}",
            list.len(),
            list[..list.len().min(20)].join("\n")
        );
    }
    assert!(verdicts >= VERDICTS, "only {verdicts} verdicts");
    page::keep("pod-security fixtures", &table(&rows, verdicts));
}

/// Per check: since when, its fixtures, and on each target how many agree.
fn table(rows: &BTreeMap<String, Row>, verdicts: usize) -> String {
    let titles: Vec<&str> = TARGETS.iter().map(|target| target.title).collect();
    let mut lines = vec![
        format!("| check | versions | allowed | denied | {} |", titles.join(" | ")),
        format!("| --- | --- | ---: | ---: |{}", " ---: |".repeat(titles.len())),
    ];
    for (check, row) in rows {
        let versions = (row.versions.first(), row.versions.last());
        let (Some(first), Some(last)) = versions else { continue };
        let of = 2 * (row.allowed + row.denied);
        let agree = row.agree.iter().map(|agree| format!("{agree} of {of}"));
        lines.push(format!(
            "| {check} | 1.{first} to 1.{last} | {} | {} | {} |",
            row.allowed,
            row.denied,
            agree.collect::<Vec<_>>().join(" | ")
        ));
    }
    format!("{}\n\n{verdicts} verdicts, no false denial, no false admission.\n", lines.join("\n"))
}
