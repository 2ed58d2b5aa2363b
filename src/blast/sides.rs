//! What an object breaks before and after, and what becomes of it.

use super::Effect;
use crate::check::Violation;
use crate::document::Action;
use std::collections::{BTreeMap, BTreeSet};

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

/// A control, and what its policies are compared as.
pub type Asked = (String, String);

/// What one rule of a control does not say any more another may say now, with the same words: then
/// it counts for both.
pub fn among_themselves(asked: &mut BTreeMap<Asked, [Sides; 2]>) {
    if asked.len() < 2 {
        return;
    }
    let before = asked.clone();
    for (key, both) in asked {
        let others = before.iter().filter(|(other, _)| other.0 == key.0 && *other != key);
        for (_, theirs) in others {
            for (own, theirs) in both.iter_mut().zip(theirs) {
                own.join(theirs);
            }
        }
    }
}

/// A rule that is broken, on one side.
#[derive(Clone, Debug)]
pub struct Broken {
    action: Action,
    origin: String,
    message: String,
    offenders: Vec<String>,
    assumed: bool,
}

impl Broken {
    pub fn of(one: &Violation) -> Broken {
        Broken {
            action: one.action,
            origin: one.about.rule.clone(),
            message: one.message.clone(),
            offenders: one.offenders.clone(),
            assumed: one.assumed,
        }
    }
}

/// What is broken before and after.
#[derive(Clone, Debug, Default)]
pub struct Sides(pub [Vec<Broken>; 2]);

impl Sides {
    /// Takes what others say with the same words.
    pub fn join(&mut self, others: &Sides) {
        let words: BTreeSet<String> =
            self.0.iter().flatten().map(|one| one.message.clone()).collect();
        for (own, theirs) in self.0.iter_mut().zip(&others.0) {
            own.extend(theirs.iter().filter(|one| words.contains(&one.message)).cloned());
        }
    }

    /// What becomes of it, and which side says so.
    pub fn effect(&self) -> Option<(Effect, &[Broken], Action)> {
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

/// Sums up both questions: made anew, and written again; they may have other answers.
pub fn sentences(control: &str, [anew, again]: &[Sides; 2]) -> Vec<Sentence> {
    let (anew, again) = (anew.effect(), again.effect());
    let at_update = again.map(|(effect, ..)| effect);
    let differs = again.filter(|(effect, ..)| anew.is_none_or(|(other, ..)| other != *effect));
    let sentence = |(effect, side, action): (Effect, &[Broken], Action)| {
        let says: Vec<&Broken> = side.iter().filter(|one| one.action == action).collect();
        let origins = says.iter().flat_map(|one| one.origin.split(" by ")).map(str::to_owned);
        Sentence {
            control: control.to_owned(),
            effect,
            now: at_update == Some(effect),
            origins: origins.collect(),
            offenders: says.iter().flat_map(|one| one.offenders.iter().cloned()).collect(),
            assumed: says.iter().any(|one| one.assumed),
        }
    };
    anew.into_iter().chain(differs).map(sentence).collect()
}
