//! The policies that a change touches on a cluster, before and after, and what becomes of objects
//! under them.

use super::alike::{Alike, Reads, undone};
use super::drawn::Drawn;
use super::read::{Readable, Reader};
use super::sides::{Asked, Broken, Sentence, Sides, among_themselves, sentences};
use crate::admission::{Compiled, Operation, User};
use crate::check::{self, About, Judge, Known, Manifest, Panel};
use crate::object::Object;
use crate::snapshot::{self, Seen};
use crate::text::Sources;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

/// Both sides' policies, and what they said of objects so far.
pub struct Court {
    panels: [Panel; 2],
    /// What their controls say on both sides alike, as far as it may be the same.
    beside: Panel,
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

/// Objects of which nobody asks where they stand.
pub fn manifests(objects: Vec<Object>) -> Vec<Manifest> {
    let file: Arc<str> = "".into();
    let found = |object| snapshot::Found { file: file.clone(), document: 1, object };
    check::of_snapshot(objects.into_iter().map(found).collect(), &mut Sources::default())
}

const SIDES: [&str; 2] = ["before", "after"];

impl Court {
    pub fn of(drawn: &Drawn, reader: &Reader) -> Court {
        let (mut blind, mut unknown) = (BTreeSet::new(), BTreeSet::new());
        // Nobody in particular asks: who is in no group of the fleet's.
        let panel = |side: &str| Panel {
            clusters: vec![side.to_owned()],
            user: Some(User::default()),
            ..Panel::default()
        };
        let (mut panels, mut beside) = (SIDES.map(panel), panel("both"));
        for (name, control) in &drawn.controls {
            let judge = |policy: &Compiled, compared_as: String| Judge {
                policy: policy.clone(),
                about: Arc::new(About {
                    control: name.clone(),
                    rule: policy.policy().origin.clone(),
                    title: compared_as,
                    ..About::default()
                }),
            };
            let mut asked = vec![];
            for (side, panel) in panels.iter_mut().enumerate() {
                let read = reader.read(&control.sides[side], &control.support);
                if !read.blind.is_empty() {
                    unknown.insert(name.clone());
                    blind.extend(read.blind.iter().cloned());
                }
                for readable in &read.policies {
                    let Some(path) = control.compared_as(side, &readable.policy.origin) else {
                        continue;
                    };
                    asked.push(undone(&readable.policy).parameters);
                    match readable.compiled() {
                        Ok(policy) => panel.judges.push(judge(policy, path)),
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
                let same = |one: &&Readable| asked.contains(&undone(&one.policy).parameters);
                let same = read.policies.iter().filter(same).filter_map(|one| one.compiled().ok());
                beside.judges.extend(same.map(|policy| judge(policy, String::new())));
            }
        }
        let reads = Reads::of(panels.iter().chain([&beside]).flat_map(|panel| &panel.judges));
        Court { panels, beside, blind, unknown, reads, said: Mutex::default() }
    }

    pub fn blind(&self) -> impl Iterator<Item = &str> {
        self.blind.iter().map(String::as_str)
    }

    /// Judges the objects of a cluster, as far as none like them were judged before; `None` where one
    /// of them cannot be read.
    pub fn judge(&self, objects: &[Seen<'_>], known: &Known) -> Option<Vec<Said>> {
        let keys: Vec<Alike> =
            objects.par_iter().map(|one| self.reads.of_object(one, known)).collect();
        let mut new: HashMap<&Alike, usize> = HashMap::new();
        {
            let said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
            for (index, key) in keys.iter().enumerate() {
                if !said.contains_key(key) {
                    new.entry(key).or_insert(index);
                }
            }
        }
        // In their order, so that whichever thread comes first asks the same.
        let asked: BTreeSet<usize> = new.into_values().collect();
        let found = |index: &usize| Some(objects[*index].read()?.into_owned());
        let found: Vec<Object> = asked.iter().map(found).collect::<Option<_>>()?;
        let heard = self.ask(&manifests(found), known);
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        for (index, heard) in asked.into_iter().zip(heard) {
            let anything = !heard.sentences.is_empty() || !heard.unjudged.is_empty();
            said.insert(keys[index], anything.then(|| Arc::new(heard)));
        }
        Some(keys.iter().map(|key| said.get(key).cloned().flatten()).collect())
    }

    fn ask(&self, manifests: &[Manifest], known: &Known) -> Vec<Heard> {
        // By control, what is not known of an object.
        let mut unjudged: Vec<BTreeMap<String, String>> = vec![BTreeMap::new(); manifests.len()];
        let mut found: Vec<BTreeMap<Asked, [Sides; 2]>> = vec![BTreeMap::new(); manifests.len()];
        for (which, operation) in ASKED.into_iter().enumerate() {
            let findings = check::judge_as(operation, manifests, known, &self.panels);
            for one in findings.violations {
                let key = (one.about.control.clone(), one.about.title.clone());
                let both = found[one.manifest].entry(key).or_default();
                for side in one.clusters.iter().filter_map(|name| side(name)) {
                    both[which].0[side].push(Broken::of(&one));
                }
            }
            for one in findings.unjudged {
                unjudged[one.manifest].entry(one.about.control.clone()).or_insert(one.why);
            }
        }
        found.iter_mut().for_each(among_themselves);
        self.beside(manifests, known, &mut found);
        let heard = found.into_iter().zip(unjudged).map(|(asked, unjudged)| {
            // Where one side cannot tell, what becomes of it is not known.
            let known = |((control, _), _): &(&Asked, &[Sides; 2])| {
                !unjudged.contains_key(control) && !self.unknown.contains(control)
            };
            let said = asked.iter().filter(known);
            let sentences =
                said.flat_map(|((control, _), both)| sentences(control, both)).collect();
            let why = unjudged.iter().map(|(control, why)| format!("{control}: {why}"));
            Heard { sentences, unjudged: why.collect() }
        });
        heard.collect()
    }

    /// What another policy of the control says with the same words, before and after, is no news.
    fn beside(
        &self,
        manifests: &[Manifest],
        known: &Known,
        found: &mut [BTreeMap<Asked, [Sides; 2]>],
    ) {
        let changes = |both: &[Sides; 2]| both.iter().any(|sides| sides.effect().is_some());
        let hit: Vec<usize> = (0..found.len())
            .filter(|index| !self.beside.judges.is_empty() && found[*index].values().any(changes))
            .collect();
        let few: Vec<Manifest> = hit.iter().map(|index| manifests[*index].clone()).collect();
        for (which, operation) in ASKED.into_iter().enumerate() {
            let panels = std::slice::from_ref(&self.beside);
            let findings = check::judge_as(operation, &few, known, panels);
            for one in findings.violations {
                let asked = found[hit[one.manifest]].iter_mut();
                for (_, both) in asked.filter(|((control, _), _)| *control == one.about.control) {
                    let same = vec![Broken::of(&one)];
                    both[which].join(&Sides([same.clone(), same]));
                }
            }
        }
    }
}

/// Made anew, and written again as it is.
const ASKED: [Operation; 2] = [Operation::Create, Operation::Update];

fn side(name: &str) -> Option<usize> {
    SIDES.iter().position(|side| *side == name)
}
