//! Controls broken in one place: some case must notice.
//!
//! The policy that is read back from the rendered bytes is altered: an operator turned round, a
//! list of containers dropped, a number moved by one. What no case notices survives; survivors are
//! listed and explained in `docs/mutations.md`, and this test keeps the list true: for the controls
//! of a usual production cluster each time, for all of them with `CI_FULL=1`.

use crate::support::binary::full;
use crate::support::catalogue::of_production;
use crate::support::files::root;
use crate::support::page;
use ordinance::admission::Policy;
use ordinance::catalogue::Extent;
use ordinance::{check, engine, pipeline, source};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::sync::Mutex;

/// What stands for what, once each.
const SWAPS: [(&str, &str); 16] = [
    ("==", "!="),
    ("!=", "=="),
    ("&&", "||"),
    ("||", "&&"),
    (" > ", " >= "),
    (" < ", " <= "),
    (" 0", " 1"),
    (".exists(", ".all("),
    (".all(", ".exists("),
    ("orValue(false)", "orValue(true)"),
    ("orValue(true)", "orValue(false)"),
    (".filter(c, ", ".filter(c, !"),
    ("== true", "== false"),
    ("== false", "== true"),
    ("!variables.", "variables."),
    ("!optional.", "optional."),
];

/// Variables that every control is given alike, but for the containers: they have tests of their
/// own, in `src/admission/tests`.
const SHARED: [&str; 17] = [
    "breakGlass",
    "params",
    "exemptions",
    "understood",
    "podTemplate",
    "podMetadata",
    "podSpec",
    "allContainers",
    "owners",
    "controlled",
    "labels",
    "namespace",
    "workloads",
    "exempting",
    "containers",
    "exempt",
    "unchanged",
];

/// A variable, what it is altered to, and what was done in words.
type Mutant = (String, String, String);

/// The list of containers is broken only where the control itself reads it: that an exemption by
/// image looks at all of them is proved elsewhere.
fn mutants(policy: &Policy) -> BTreeSet<Mutant> {
    let mut all = BTreeSet::new();
    let own = policy.variables.iter().filter(|one| !SHARED.contains(&one.name.as_str()));
    let lists = ["variables.containers", "variables.allContainers"];
    let reads = own.into_iter().any(|one| lists.iter().any(|list| one.expression.contains(list)));
    for variable in &policy.variables {
        let (name, text) = (&variable.name, &variable.expression);
        if name == "allContainers" && reads {
            let lists: Vec<&str> = text.split(" + ").collect();
            for left_out in 0..lists.len() {
                let mut kept = lists.clone();
                let gone = kept.remove(left_out);
                let gone = gone.split(".?").nth(1).unwrap_or_default();
                let gone = gone.split('.').next().unwrap_or_default();
                all.insert((name.clone(), kept.join(" + "), format!("without `{gone}`")));
            }
        }
        if SHARED.contains(&name.as_str()) || name.starts_with("message") {
            continue;
        }
        for (from, to) in SWAPS {
            for (at, _) in text.match_indices(from) {
                let altered = format!("{}{to}{}", &text[..at], &text[at + from.len()..]);
                all.insert((name.clone(), altered.clone(), shown(text, &altered)));
            }
        }
    }
    all
}

/// Words around the first difference, as the list of survivors shows a mutant.
fn shown(before: &str, after: &str) -> String {
    let at = before.bytes().zip(after.bytes()).take_while(|(a, b)| a == b).count();
    let start = after[..at.min(after.len())].char_indices().rev().nth(24).map_or(0, |(at, _)| at);
    let rest: String = after[start..].chars().take(64).collect();
    let rest = rest.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "¦");
    format!("`{rest}`")
}

#[test]
fn what_no_case_notices_is_listed_and_explained() {
    let known = pipeline::known(vec![]);
    let loaded = pipeline::load(source::Found::default(), &known, Extent::WithCases);
    // One text for all engines, so one engine is enough; the first needs no version of its own.
    let engine = engine::all().swap_remove(0);
    let mut tried = 0;
    let mut survivors: BTreeMap<String, Vec<String>> = BTreeMap::new();
    // What is made of manifests judges nothing.
    let explained = of_production();
    let full = full();
    let judging = loaded.catalogue.controls.iter().filter(|(_, control)| !control.is_manifest());
    let judging = judging.filter(|(id, _)| full || explained.contains_key(*id));
    for (id, control) in judging {
        let seen = Mutex::new(BTreeSet::new());
        let look = |policy: &mut Policy| {
            seen.lock().expect("no thread fails").extend(mutants(policy));
        };
        let proved = check::prove_altered(control, engine.as_ref(), &loaded.catalogue, &look);
        assert!(proved.problems.is_empty() && proved.judged > 0, "{id}: {:?}", proved.problems);
        let all: BTreeSet<Mutant> = seen.into_inner().expect("no thread fails");
        let outcomes: Vec<(&Mutant, Option<bool>)> = all
            .par_iter()
            .map(|mutant| {
                let alter = |policy: &mut Policy| {
                    for one in policy.variables.iter_mut().filter(|one| one.name == mutant.0) {
                        one.expression.clone_from(&mutant.1);
                    }
                };
                let proved =
                    check::prove_altered(control, engine.as_ref(), &loaded.catalogue, &alter);
                let mut problems = proved.problems.iter().map(|one| one.problem.as_str());
                let compiles = !problems.clone().any(|one| one.contains("does not compile"));
                (mutant, compiles.then(|| problems.next().is_some()))
            })
            .collect();
        for ((name, _, done), noticed) in outcomes {
            tried += usize::from(noticed.is_some());
            if noticed == Some(false) {
                survivors.entry(id.clone()).or_default().push(format!("`{name}`: {done}"));
            }
        }
    }
    let page = fs::read_to_string(root().join("docs/mutations.md")).unwrap_or_default();
    let listed: BTreeSet<String> = page
        .lines()
        .filter_map(|line| line.strip_prefix("| "))
        .filter_map(|line| line.rsplit_once(" | ").map(|(start, _)| start.to_owned()))
        .filter(|line| line.contains('`'))
        .filter(|line| {
            let control = line.split(" | ").next().unwrap_or_default();
            full || explained.contains_key(control)
        })
        .collect();
    let found: BTreeSet<String> = survivors
        .iter()
        .flat_map(|(id, all)| all.iter().map(move |one| format!("{id} | {one}")))
        .collect();
    eprintln!("{tried} mutants, {} survive", found.len());
    page::keep(
        "mutations",
        &format!(
            "{tried} breaks are tried, {} are noticed by a case, and {} are not: \
             [each is listed with its reason](mutations.md).",
            tried - found.len(),
            found.len()
        ),
    );
    let unlisted: Vec<_> = found.difference(&listed).collect();
    let gone: Vec<_> = listed.difference(&found).collect();
    assert!(unlisted.is_empty() && gone.is_empty(), "not listed: {unlisted:#?}; gone: {gone:#?}");
    assert!(tried >= 85, "only {tried} mutants");
}
