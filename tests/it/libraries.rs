//! Gatekeeper's library and Kyverno's policies: each of their cases whose policy says what a
//! control of ours says must get their verdict on every target.
//!
//! `tests/libraries/` says which of their policies is what here, which has no counterpart, and on
//! which cases the two mean different things; each with a reason. `docs/conformance.md` has what
//! came of it, written and kept true here.

mod map;
mod rendered;
mod theirs;
mod told;

use crate::support::catalogue::is_told_of_served_kinds_only;
use crate::support::corpora::corpus;
use crate::support::page;
use map::{Asked, Entry};
use rayon::prelude::*;
use rendered::{Judged, Target};
use std::collections::{BTreeMap, BTreeSet};
use theirs::{Case, Library};

#[test]
fn gatekeepers_library_gets_its_verdicts_on_every_target() {
    let Some(folder) = corpus("gatekeeper-library") else { return };
    let proved = prove("gatekeeper", theirs::gatekeeper(&folder));
    assert!(proved.cases() >= 150, "only {} cases", proved.cases());
}

#[test]
fn kyvernos_policies_get_their_verdicts_on_every_target() {
    let Some(folder) = corpus("kyverno-policies") else { return };
    let proved = prove("kyverno", theirs::kyverno(&folder));
    assert!(proved.cases() >= 6_000, "only {} cases", proved.cases());
}

/// A library, its map, and what came of judging by it.
struct Proved {
    library: Library,
    map: Vec<Entry>,
    /// The entry of each policy, by name and tree.
    entries: BTreeMap<(String, String), usize>,
    targets: Vec<&'static Target>,
    rows: Vec<Row>,
    /// By entry and reason: how many cases are denied here alone, and there alone.
    differing: BTreeMap<(usize, usize), [usize; 2]>,
    /// Cases of rules that have no counterpart of their own.
    alone: usize,
}

/// What came of all cases on one target.
#[derive(Default)]
struct Row {
    equal: usize,
    /// Denied here and not there, and the other way round, for no reason that is known.
    false_denials: usize,
    false_admissions: usize,
    /// The same for a reason.
    stricter: usize,
    milder: usize,
    /// Passes, as it does there, since nothing here looks at it.
    overlooked: usize,
    /// Not asked: about kinds that the engine is not told of where the cluster does not serve them.
    unserved: usize,
}

impl Row {
    fn cases(&self) -> usize {
        self.equal + self.false_denials + self.false_admissions + self.stricter + self.milder
    }
}

impl Proved {
    fn cases(&self) -> usize {
        self.rows[0].cases()
    }
}

/// A case, what is asked for in it, and the reason to differ if there is one.
struct Asking<'a> {
    case: &'a Case,
    entry: usize,
    times: usize,
    /// Of what is asked for; none where it is nothing.
    asked: Option<usize>,
    differs: Option<usize>,
    /// It is about versions that newer clusters do not serve.
    removed: bool,
}

/// The entry of the map that each policy belongs to: exactly one.
fn entries(library: &Library, map: &[Entry]) -> BTreeMap<(String, String), usize> {
    let (mut found, mut wrong) = (BTreeMap::new(), vec![]);
    for policy in &library.policies {
        let fitting = |how: fn(&Entry, &theirs::Policy) -> bool| -> Vec<usize> {
            (0..map.len()).filter(|index| how(&map[*index], policy)).collect()
        };
        let named = fitting(Entry::names);
        match if named.is_empty() { fitting(Entry::holds_type_of) } else { named }[..] {
            [index] => {
                found.insert((policy.name.clone(), policy.tree.clone()), index);
            }
            ref many => {
                wrong.push(format!("{}/{}: {} times", policy.tree, policy.name, many.len()))
            }
        }
    }
    let used: BTreeSet<usize> = found.values().copied().collect();
    let unused = (0..map.len()).filter(|index| !used.contains(index));
    wrong.extend(unused.map(|index| format!("{}: no such policy", map[index].title())));
    assert!(wrong.is_empty(), "not in the map just once:\n{}", wrong.join("\n"));
    found
}

fn prove(name: &str, library: Library) -> Proved {
    let map = map::read(name);
    let entries = entries(&library, &map);
    let (mut asked, mut asking, mut alone): (Vec<Asked>, Vec<Asking>, usize) = Default::default();
    let mut numbers: BTreeMap<(usize, &str), Option<usize>> = BTreeMap::new();
    for case in &library.cases {
        let mut times: BTreeMap<usize, usize> = BTreeMap::new();
        for (tree, often) in &case.times {
            *times.entry(entries[&(case.policy.clone(), tree.clone())]).or_default() += often;
        }
        times.retain(|entry, _| map[*entry].left_out.is_none());
        for (entry, times) in times {
            let Some(one) = map[entry].asked(case) else {
                alone += times;
                continue;
            };
            let removed = one.requires.iter().any(|one| one["control"] == "disallow-removed-apis");
            let number = *numbers.entry((entry, &case.part)).or_insert_with(|| {
                (!one.requires.is_empty()).then(|| {
                    asked.push(one);
                    asked.len() - 1
                })
            });
            let differs = map[entry].reason(&case.name);
            asking.push(Asking { case, entry, times, asked: number, differs, removed });
        }
    }
    let targets = rendered::targets();
    let judges = rendered::judges(&asked, &targets);
    let judged: Vec<Vec<Result<Judged, String>>> = asking
        .par_iter()
        .map(|one| {
            let object = &library.objects[one.case.object];
            let judge = |target: usize| match one.asked {
                None => Ok(Judged::Allowed),
                Some(number) => {
                    rendered::judge(&judges[&(number, target)], &object.value, object.update)
                }
            };
            (0..targets.len()).map(judge).collect()
        })
        .collect();
    let (rows, differing, wrong) = compare(&map, &targets, &asking, &judged);
    for (target, row) in targets.iter().zip(&rows) {
        println!(
            "{name} on {} {}: {} equal, {} false denials, {} false admissions, {} and {} for a reason, {} \
             overlooked",
            target.engine,
            target.version,
            row.equal,
            row.false_denials,
            row.false_admissions,
            row.stricter,
            row.milder,
            row.overlooked
        );
    }
    let wrong: Vec<String> = wrong.into_iter().collect();
    assert!(wrong.is_empty(), "{} of {name}:\n{}", wrong.len(), wrong.join("\n"));
    let proved = Proved { map, entries, targets, rows, differing, alone, library };
    page::keep(&format!("library {name}"), &told::told(&proved));
    proved
}

type Compared = (Vec<Row>, BTreeMap<(usize, usize), [usize; 2]>, BTreeSet<String>);

/// Counts, and says everything that is not as the map has it.
fn compare(
    map: &[Entry],
    targets: &[&Target],
    asking: &[Asking],
    judged: &[Vec<Result<Judged, String>>],
) -> Compared {
    let mut rows: Vec<Row> = targets.iter().map(|_| Row::default()).collect();
    let mut differing: BTreeMap<(usize, usize), [usize; 2]> = BTreeMap::new();
    let (mut wrong, mut matched) = (BTreeSet::new(), BTreeSet::new());
    for (one, judged) in asking.iter().zip(judged) {
        let title = format!("{}: {} ({})", map[one.entry].title(), one.case.name, one.case.id);
        for (target, judged) in judged.iter().enumerate() {
            if one.removed
                && is_told_of_served_kinds_only(targets[target].engine, targets[target].version)
            {
                rows[target].unserved += one.times;
                continue;
            }
            let judged = match judged {
                Ok(judged) => *judged,
                Err(why) => {
                    wrong.insert(format!("{title} cannot be judged: {why}"));
                    continue;
                }
            };
            if judged != Judged::NotMatched {
                matched.insert(one.entry);
            }
            let denied = judged == Judged::Denied;
            let row = &mut rows[target];
            let counted = match (denied == one.case.denied, one.differs, denied) {
                (true, ..) => &mut row.equal,
                (false, Some(_), true) => &mut row.stricter,
                (false, Some(_), false) => &mut row.milder,
                (false, None, true) => &mut row.false_denials,
                (false, None, false) => &mut row.false_admissions,
            };
            *counted += one.times;
            if judged == Judged::NotMatched {
                row.overlooked += one.times;
            }
            let on = format!("{} {}", targets[target].engine, targets[target].version);
            match (denied == one.case.denied, one.differs) {
                (true, Some(_)) => {
                    wrong.insert(format!("{title} does not differ on {on}"));
                }
                (false, None) => {
                    let what = if denied { "is denied" } else { "passes" };
                    wrong.insert(format!("{title} {what} on {on}, and not there"));
                }
                // All targets say the same, or something is wrong already.
                (false, Some(reason)) if target == 0 => {
                    let counted = differing.entry((one.entry, reason)).or_default();
                    counted[usize::from(!denied)] += one.times;
                }
                _ => {}
            }
        }
    }
    for (index, entry) in map.iter().enumerate() {
        let asks = asking.iter().any(|one| one.entry == index && one.asked.is_some());
        if asks && !matched.contains(&index) {
            wrong.insert(format!("{}: nothing here looks at any case", entry.title()));
        }
        for (reason, differs) in entry.differs.iter().enumerate() {
            if !differing.contains_key(&(index, reason)) {
                wrong.insert(format!("{}: {:?} does not differ", entry.title(), differs.cases));
            }
        }
    }
    (rows, differing, wrong)
}
