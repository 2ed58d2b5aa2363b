//! Gatekeeper's library and Kyverno's policies: each of their cases whose policy says what a
//! control of ours says must get their verdict on every target.
//!
//! `tests/libraries/` says which of their policies is what here, which has no counterpart, and on
//! which cases the two mean different things; each with a reason. `docs/conformance.md` has what
//! came of it, written and kept true here.

mod map;
mod rendered;
mod theirs;

use crate::support::corpora::corpus;
use crate::support::page;
use map::{Asked, Entry};
use rayon::prelude::*;
use rendered::Judged;
use std::collections::{BTreeMap, BTreeSet};
use theirs::{Case, Library};

#[test]
fn gatekeepers_library_gets_its_verdicts_on_every_target() {
    let Some(folder) = corpus("gatekeeper-library") else { return };
    prove("gatekeeper", &theirs::gatekeeper(&folder));
}

#[test]
fn kyvernos_policies_get_their_verdicts_on_every_target() {
    let Some(folder) = corpus("kyverno-policies") else { return };
    prove("kyverno", &theirs::kyverno(&folder));
}

/// Which entry of the map each policy belongs to: exactly one.
fn entries(library: &Library, entries: &[Entry]) -> BTreeMap<(String, String), usize> {
    let (mut found, mut wrong) = (BTreeMap::new(), vec![]);
    let mut used = BTreeSet::new();
    for policy in &library.policies {
        let names = |entry: &Entry| {
            entry.policy.iter().chain(&entry.policies).any(|name| *name == policy.name)
                && (entry.trees.is_empty() || entry.trees.contains(&policy.tree))
        };
        let types = |entry: &Entry| policy.types.iter().all(|one| entry.rule_types.contains(one));
        let all = entries.iter().enumerate();
        let mut fitting: Vec<usize> =
            all.clone().filter(|(_, one)| names(one)).map(|(index, _)| index).collect();
        if fitting.is_empty() {
            fitting = all.filter(|(_, one)| types(one)).map(|(index, _)| index).collect();
        }
        match fitting[..] {
            [index] => {
                used.insert(index);
                found.insert((policy.name.clone(), policy.tree.clone()), index);
            }
            _ => wrong.push(format!("{}/{}: in {fitting:?}", policy.tree, policy.name)),
        }
    }
    let unused = (0..entries.len()).filter(|index| !used.contains(index));
    wrong.extend(unused.map(|index| format!("{}: no such policy", entries[index].title())));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    found
}

/// A case, what is asked for in it, and the reason to differ if there is one.
struct Asking<'a> {
    case: &'a Case,
    entry: usize,
    asked: Option<usize>,
    differs: Option<usize>,
}

#[derive(Default)]
struct Row {
    equal: usize,
    refused: usize,
    admitted: usize,
    stricter: usize,
    milder: usize,
}

fn prove(name: &str, library: &Library) {
    let map = map::read(name);
    let entry_of = entries(library, &map);
    let mut asked: Vec<Asked> = vec![];
    let mut numbers: BTreeMap<(usize, String), Option<usize>> = BTreeMap::new();
    let mut asking: Vec<Asking> = vec![];
    for case in &library.cases {
        let of: BTreeSet<usize> =
            case.trees.iter().map(|tree| entry_of[&(case.policy.clone(), tree.clone())]).collect();
        for entry in of.into_iter().filter(|index| map[*index].left_out.is_none()) {
            let number = *numbers.entry((entry, case.test.clone())).or_insert_with(|| {
                let one = map[entry].asked(&case.test);
                // A test of theirs may ask for nothing.
                let some = !one.requires.is_empty();
                some.then(|| {
                    asked.push(one);
                    asked.len() - 1
                })
            });
            let differs = map[entry].differs.iter().position(|differs| {
                differs.cases.iter().any(|pattern| map::matches(pattern, &case.name))
            });
            asking.push(Asking { case, entry, asked: number, differs });
        }
    }
    let targets = rendered::targets();
    let judges = rendered::judges(&asked, &targets);
    let judged: Vec<(usize, usize, Result<Judged, String>)> = asking
        .par_iter()
        .enumerate()
        .flat_map_iter(|(index, one)| (0..targets.len()).map(move |target| (index, target, one)))
        .map(|(index, target, one)| {
            let object = &library.objects[one.case.object];
            let judged = match one.asked {
                None => Ok(Judged::Allowed),
                Some(number) => {
                    rendered::judge(&judges[&(number, target)], &object.value, object.update)
                }
            };
            (index, target, judged)
        })
        .collect();
    let mut rows: Vec<Row> = targets.iter().map(|_| Row::default()).collect();
    let mut wrong: BTreeSet<String> = BTreeSet::new();
    let mut matched: BTreeSet<usize> = BTreeSet::new();
    let mut reasons: BTreeMap<(usize, usize), [usize; 2]> = BTreeMap::new();
    for (index, target, judged) in judged {
        let Asking { case, entry, differs, .. } = asking[index];
        let judged = match judged {
            Ok(judged) => judged,
            Err(why) => {
                wrong.insert(format!("{}: {}: {why}", map[entry].title(), case.name));
                continue;
            }
        };
        let denied = judged == Judged::Denied;
        if judged != Judged::NotMatched {
            matched.insert(entry);
        }
        let row = &mut rows[target];
        let title = map[entry].title();
        match (denied == case.denied, differs) {
            (true, None) => row.equal += case.times,
            (true, Some(_)) => {
                row.equal += case.times;
                wrong.insert(format!("{title}: {} does not differ ({})", case.name, case.id));
            }
            (false, Some(reason)) => {
                let counted = if denied { &mut row.stricter } else { &mut row.milder };
                *counted += case.times;
                if target == 0 {
                    reasons.entry((entry, reason)).or_default()[usize::from(!denied)] += case.times;
                }
            }
            (false, None) => {
                let counted = if denied { &mut row.refused } else { &mut row.admitted };
                *counted += case.times;
                let what =
                    if denied { "denied, and passes there" } else { "passes, and is denied there" };
                let of = if target == 0 { "" } else { targets[target].engine };
                wrong.insert(format!("{title}: {} {what} {of} ({})", case.name, case.id));
            }
        }
    }
    for (index, entry) in map.iter().enumerate() {
        let asks = asking.iter().any(|one| one.entry == index && one.asked.is_some());
        if asks && !matched.contains(&index) {
            wrong.insert(format!("{}: no policy of ours looks at any case", entry.title()));
        }
        for (reason, differs) in entry.differs.iter().enumerate() {
            if !reasons.contains_key(&(index, reason)) {
                wrong.insert(format!("{}: {:?} is no case", entry.title(), differs.cases));
            }
        }
    }
    for (target, row) in targets.iter().zip(&rows) {
        println!(
            "{name} on {} {}: {} equal, {} false denials, {} false admissions, {} stricter, {} milder",
            target.engine,
            target.version,
            row.equal,
            row.refused,
            row.admitted,
            row.stricter,
            row.milder
        );
    }
    let wrong: Vec<String> = wrong.into_iter().collect();
    assert!(wrong.is_empty(), "{} of {name}:\n{}", wrong.len(), wrong.join("\n"));
    let _ = page::keep;
}
