//! The policies that a change touches on a cluster, before and after, and what becomes of objects
//! under them.

use super::alike::{Alike, Reads, undone};
use super::drawn::Drawn;
use super::read::{Readable, Reader};
use super::sides::{Asked, Sentence, Sides, among_themselves, sentences};
use super::witness::{Sitting, Witness};
use crate::admission::Operation;
use crate::check::Known;
use crate::snapshot::Seen;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

/// Both sides' policies, and what they said of objects so far.
pub struct Court {
    sides: [Vec<Sitting>; 2],
    /// What their controls say on both sides alike, as far as it may be the same.
    beside: Vec<Sitting>,
    /// Kind and name of what cannot judge, and why.
    blind: BTreeSet<String>,
    /// The controls of these: what becomes of anything under them is not known.
    unknown: BTreeSet<String>,
    reads: Reads,
    said: Mutex<HashMap<Alike, Said>>,
}

/// What is said of an object; most often nothing.
pub type Said = Option<Arc<Heard>>;

/// What came of judging an object.
#[derive(Default)]
pub struct Heard {
    pub sentences: Vec<Sentence>,
    /// What could not judge it, and why.
    pub unjudged: BTreeSet<String>,
}

impl Court {
    pub fn of(drawn: &Drawn, reader: &Reader) -> Court {
        let (mut blind, mut unknown) = (BTreeSet::new(), BTreeSet::new());
        let (mut sides, mut beside) = ([vec![], vec![]], vec![]);
        for (name, control) in &drawn.controls {
            let mut asked = vec![];
            for (side, sittings) in sides.iter_mut().enumerate() {
                let read = reader.read(&control.sides[side], &control.support);
                if !read.blind.is_empty() {
                    unknown.insert(name.clone());
                    blind.extend(read.blind.iter().cloned());
                }
                for policy in &read.policies {
                    let Some(path) = control.compared_as(side, &policy.policy.origin) else {
                        continue;
                    };
                    asked.push(undone(&policy.policy).parameters);
                    match Sitting::of(name, path, policy) {
                        Ok(sitting) => sittings.push(sitting),
                        Err(why) => {
                            unknown.insert(name.clone());
                            blind.insert(why.to_owned());
                        }
                    }
                }
            }
            for file in &control.beside {
                let read = reader.read(std::slice::from_ref(file), &control.support);
                // Who asks for something else says it in other words.
                let same = |one: &&Arc<Readable>| asked.contains(&undone(&one.policy).parameters);
                let same = read.policies.iter().filter(same);
                beside.extend(same.filter_map(|one| Sitting::of(name, String::new(), one).ok()));
            }
        }
        let all = sides.iter().flatten().chain(&beside);
        let reads = all.fold(Reads::default(), |reads, one| reads.and(one.policy.reads()));
        Court { sides, beside, blind, unknown, reads, said: Mutex::default() }
    }

    pub fn blind(&self) -> impl Iterator<Item = &str> {
        self.blind.iter().map(String::as_str)
    }

    /// Judges the objects of a cluster, as far as none like them were judged before; `None` where one
    /// of them cannot be read.
    pub fn judge(&self, objects: &[Seen<'_>], known: &Known) -> Option<Vec<Said>> {
        let keys: Vec<Alike> =
            objects.par_iter().map(|one| self.reads.of_object(one, known)).collect();
        // In their order, so that whichever thread comes first asks the same.
        let asked: Vec<usize> = {
            let said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
            let mut new: HashSet<&Alike> = HashSet::new();
            let is_new = |at: &usize| !said.contains_key(&keys[*at]) && new.insert(&keys[*at]);
            (0..keys.len()).filter(is_new).collect()
        };
        let heard: Vec<Heard> =
            asked.par_iter().map(|at| self.ask(&objects[*at], known)).collect::<Option<_>>()?;
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        for (index, heard) in asked.into_iter().zip(heard) {
            let anything = !heard.sentences.is_empty() || !heard.unjudged.is_empty();
            said.insert(keys[index], anything.then(|| Arc::new(heard)));
        }
        Some(keys.iter().map(|key| said.get(key).cloned().flatten()).collect())
    }

    fn ask(&self, object: &Seen<'_>, known: &Known) -> Option<Heard> {
        let witness = Witness::new(object, known)?;
        let mut found: BTreeMap<Asked, [Sides; 2]> = BTreeMap::new();
        // By control, what is not known of the object.
        let mut unjudged: BTreeMap<&str, String> = BTreeMap::new();
        for (side, sittings) in self.sides.iter().enumerate() {
            for sitting in sittings {
                for (which, operation) in ASKED.into_iter().enumerate() {
                    let Some(verdict) = witness.before(sitting, operation)? else { continue };
                    if let Some(why) = &verdict.unjudged {
                        unjudged.entry(&sitting.control).or_insert_with(|| why.clone());
                    }
                    if !verdict.broken.is_empty() {
                        let key = (sitting.control.clone(), sitting.compared_as.clone());
                        let both = found.entry(key).or_default();
                        both[which].0[side].extend(verdict.broken.iter().cloned());
                    }
                }
            }
        }
        among_themselves(&mut found);
        self.beside(&witness, &mut found)?;
        // Where one side cannot tell, what becomes of it is not known.
        let known = found.iter().filter(|((control, _), _)| {
            !unjudged.contains_key(control.as_str()) && !self.unknown.contains(control)
        });
        let sentences = known.flat_map(|((control, _), both)| sentences(control, both)).collect();
        let unjudged = unjudged.iter().map(|(control, why)| format!("{control}: {why}"));
        Some(Heard { sentences, unjudged: unjudged.collect() })
    }

    /// What another policy of the control says with the same words, before and after, is no news.
    fn beside(&self, witness: &Witness<'_>, found: &mut BTreeMap<Asked, [Sides; 2]>) -> Option<()> {
        let changes = |both: &[Sides; 2]| both.iter().any(|sides| sides.effect().is_some());
        if !found.values().any(changes) {
            return Some(());
        }
        for sitting in &self.beside {
            for (which, operation) in ASKED.into_iter().enumerate() {
                let Some(verdict) = witness.before(sitting, operation)? else { continue };
                let same = Sides([verdict.broken.clone(), verdict.broken.clone()]);
                let of = found.iter_mut().filter(|((control, _), _)| *control == sitting.control);
                of.for_each(|(_, both)| both[which].join(&same));
            }
        }
        Some(())
    }
}

/// Made anew, and written again as it is.
const ASKED: [Operation; 2] = [Operation::Create, Operation::Update];
