//! The policies that a change touches on a cluster, before and after, and what becomes of objects
//! under them.

use super::Effect;
use super::alike::{Alike, Reads};
use crate::admission::{Operation, User};
use crate::change::{self, Touched};
use crate::check::{self, About, Judge, Labels, Manifest, Panel};
use crate::document::Action;
use crate::engine;
use crate::name;
use crate::object::{self, Object};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

/// The objects of the controls that a change touches, on both sides.
pub struct Drawn {
    /// The same for the same objects.
    pub digest: String,
    sides: [Vec<Object>; 2],
}

impl Drawn {
    pub fn of(touched: &Touched) -> Drawn {
        let mut sides: [Vec<Object>; 2] = [vec![], vec![]];
        for (old, new) in touched.files.values() {
            for (side, bytes) in sides.iter_mut().zip([old, new]) {
                let read = bytes.as_deref().and_then(change::objects);
                side.extend(read.unwrap_or_default().into_iter().filter(is_ours));
            }
        }
        // A policy may be of no use without what stands in a file that stays as it is.
        let controls: BTreeSet<String> =
            sides.iter().flatten().map(|object| change::control(object).to_owned()).collect();
        let unchanged = if controls.is_empty() { vec![] } else { touched.unchanged() };
        for control in &controls {
            let beside = change::of_control(control, &unchanged);
            let beside: Vec<Object> = beside.into_iter().filter(is_ours).collect();
            for side in &mut sides {
                side.extend(beside.iter().cloned());
            }
        }
        let said: Vec<String> = sides
            .iter()
            .map(|side| side.iter().map(|one| format!("{one}\n")).collect::<String>())
            .collect();
        Drawn { digest: name::digest(said.join("\0").as_bytes()), sides }
    }
}

/// Rendered by us, and for some engine to read.
fn is_ours(object: &Object) -> bool {
    let (group, _) = object::group_version(object);
    !change::control(object).is_empty()
        && engine::all().iter().any(|engine| engine.groups().contains(&group))
}

/// Both sides' policies, and what they said of objects so far.
pub struct Court {
    panels: [Panel; 2],
    /// Kind and name of what cannot judge, and why.
    blind: BTreeSet<String>,
    reads: Reads,
    said: Mutex<HashMap<Alike, Said>>,
}

/// What is said of an object; most often nothing.
pub type Said = Option<Arc<Vec<Sentence>>>;

/// What becomes of an object under one control.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sentence {
    pub control: String,
    pub effect: Effect,
    /// Already when it is written again as it is; otherwise only when it is made anew.
    pub now: bool,
    /// Kinds and names of the objects that say so, of the side that says it.
    pub origins: BTreeSet<String>,
    pub offenders: BTreeSet<String>,
    /// The labels of its namespace are not known, and they decide.
    pub assumed: bool,
}

/// What one round of judging came to.
pub struct Round {
    /// Of each object, in their order.
    pub said: Vec<Said>,
    /// How many could not be judged by something, by why.
    pub unjudged: BTreeMap<String, usize>,
}

const SIDES: [&str; 2] = ["before", "after"];

impl Court {
    pub fn of(drawn: &Drawn) -> Court {
        let mut blind = BTreeSet::new();
        let mut panels = [Panel::default(), Panel::default()];
        for ((panel, objects), side) in panels.iter_mut().zip(&drawn.sides).zip(SIDES) {
            panel.clusters = vec![side.to_owned()];
            // Nobody in particular asks: who is in no group of the fleet's.
            panel.user = Some(User::default());
            panel.judges = judges(objects, &mut blind);
        }
        let reads = Reads::of(panels.iter().flat_map(|panel| &panel.judges));
        Court { panels, blind, reads, said: Mutex::default() }
    }

    pub fn judges(&self) -> bool {
        self.panels.iter().any(|panel| !panel.judges.is_empty())
    }

    pub fn blind(&self) -> impl Iterator<Item = &str> {
        self.blind.iter().map(String::as_str)
    }

    /// Judges objects, as far as none like them were judged before.
    ///
    /// `given` are labels of namespaces that the objects do not state themselves.
    pub fn judge(&self, manifests: &[Manifest], given: &BTreeMap<String, Labels>) -> Round {
        let keys: Vec<Alike> =
            manifests.par_iter().map(|one| self.reads.of_object(&one.object, given)).collect();
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
        let defines = |one: &Manifest| object::kind(&one.object) == "CustomResourceDefinition";
        let asked: Vec<usize> = (0..manifests.len())
            .filter(|index| asked.contains(index) || defines(&manifests[*index]))
            .collect();
        let few: Vec<Manifest> = asked.iter().map(|index| manifests[*index].clone()).collect();
        let (sentences, unjudged) = self.ask(&few, given);
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        for (index, sentences) in asked.into_iter().zip(sentences) {
            let sentences = (!sentences.is_empty()).then(|| Arc::new(sentences));
            said.insert(keys[index], sentences);
        }
        Round { said: keys.iter().map(|key| said.get(key).cloned().flatten()).collect(), unjudged }
    }

    fn ask(
        &self,
        manifests: &[Manifest],
        given: &BTreeMap<String, Labels>,
    ) -> (Vec<Vec<Sentence>>, BTreeMap<String, usize>) {
        let mut unjudged: BTreeMap<String, usize> = BTreeMap::new();
        let mut found: Vec<BTreeMap<String, [Sides; 2]>> = vec![BTreeMap::new(); manifests.len()];
        for (which, operation) in [Operation::Create, Operation::Update].into_iter().enumerate() {
            let findings = check::judge_as(operation, manifests, given, &self.panels);
            for one in findings.violations {
                let both = found[one.manifest].entry(one.about.control.clone()).or_default();
                for side in
                    one.clusters.iter().filter_map(|name| SIDES.iter().position(|s| s == name))
                {
                    both[which].0[side].push(Broken {
                        action: one.action,
                        origin: one.about.rule.clone(),
                        offenders: one.offenders.clone(),
                        assumed: one.assumed,
                    });
                }
            }
            if operation == Operation::Create {
                for one in findings.unjudged {
                    *unjudged.entry(format!("{}: {}", one.about.control, one.why)).or_default() +=
                        1;
                }
            }
        }
        let sentences = found.into_iter().map(|controls| {
            let said = controls.into_iter();
            said.filter_map(|(control, both)| sentence(control, &both)).collect()
        });
        (sentences.collect(), unjudged)
    }
}

/// Reads each control's objects as their engines do.
fn judges(objects: &[Object], blind: &mut BTreeSet<String>) -> Vec<Judge> {
    let mut by_control: BTreeMap<&str, Vec<Object>> = BTreeMap::new();
    for object in objects {
        by_control.entry(change::control(object)).or_default().push(object.clone());
    }
    let mut judges = vec![];
    for (control, objects) in by_control {
        for engine in engine::all() {
            let understood = engine.understand(&objects);
            blind.extend(understood.not.iter().map(|one| format!("{}: {}", one.origin, one.why)));
            for mut policy in understood.policies {
                policy.budget = None;
                let origin = policy.origin.clone();
                let about =
                    About { control: control.to_owned(), rule: origin.clone(), ..About::default() };
                match policy.compile() {
                    Ok(policy) => judges.push(Judge { policy, about: Arc::new(about) }),
                    Err(flaws) => {
                        let said = crate::admission::Flaw::all(&flaws);
                        blind.insert(format!("{origin}: {said}"));
                    }
                }
            }
        }
    }
    judges
}

/// A rule that is broken, on one side.
#[derive(Clone, Debug)]
struct Broken {
    action: Action,
    origin: String,
    offenders: Vec<String>,
    assumed: bool,
}

/// What is broken before and after.
#[derive(Clone, Debug, Default)]
struct Sides([Vec<Broken>; 2]);

impl Sides {
    /// What becomes of it, and which side says so.
    fn effect(&self) -> Option<(Effect, &[Broken], Action)> {
        let [old, new] = &self.0;
        let strictest = |side: &[Broken]| side.iter().map(|one| one.action).max();
        match (strictest(old), strictest(new)) {
            (old, new) if old == new => None,
            (old_action, Some(action)) if old_action < Some(action) => {
                let effect = match action {
                    Action::Deny => Effect::Denied,
                    Action::Warn => Effect::Warned,
                    Action::Audit => Effect::Recorded,
                };
                Some((effect, new, action))
            }
            (Some(action), _) => Some((Effect::Freed, old, action)),
            (None, _) => None,
        }
    }
}

/// Sums up both questions: made anew, and written again.
fn sentence(control: String, [anew, again]: &[Sides; 2]) -> Option<Sentence> {
    let (anew, again) = (anew.effect(), again.effect());
    let (effect, side, action) = anew.or(again)?;
    let says: Vec<&Broken> = side.iter().filter(|one| one.action == action).collect();
    let origins = says.iter().flat_map(|one| one.origin.split(" by ")).map(str::to_owned);
    Some(Sentence {
        control,
        effect,
        now: again.is_some_and(|(same, ..)| same == effect),
        origins: origins.collect(),
        offenders: says.iter().flat_map(|one| one.offenders.iter().cloned()).collect(),
        assumed: says.iter().any(|one| one.assumed),
    })
}
