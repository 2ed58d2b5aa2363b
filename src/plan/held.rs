//! How strictly a demand counts today in which part of its scope: whose grace runs, whose is over,
//! and what was in force before it was asked for.
//!
//! A grace is for what is new on a cluster. What the lock says has been in force there is not
//! graced again, whoever asks for it now; of a demand that asks for more than before, only what is
//! added is.

use super::merge::Force;
use super::scope::{absolute, relative, within, without};
use super::{RunningGrace, Scope, Situation, scope};
use crate::catalogue::Definition;
use crate::date::Date;
use crate::document::Action;
use crate::link::{Demand, Graced};
use crate::lock::{Held, Since};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A line of the lock, and since when it counts.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Standing {
    /// Shared by all clusters with the same lock.
    pub held: Arc<Held>,
    pub begun: Begun,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Begun {
    /// It is in force.
    Enforced,
    /// A grace runs: from `start`, once it has landed; it was noted on `first`.
    Running { start: Option<Date>, first: Date },
}

impl Begun {
    fn order(self) -> (u8, Date) {
        match self {
            Begun::Enforced => (0, Date::FIRST),
            Begun::Running { start: Some(start), .. } => (1, start),
            Begun::Running { start: None, first } => (2, first),
        }
    }
}

impl Standing {
    /// `landed` is the day its line landed, where that is known; a line that is only proposed has
    /// not begun.
    pub fn new(held: Arc<Held>, landed: Option<Date>, is_proposed: bool) -> Standing {
        let begun = match held.since {
            Since::Enforced => Begun::Enforced,
            Since::First(first) if is_proposed => Begun::Running { start: None, first },
            Since::First(first) => {
                let start = landed.map_or(first, |landed| landed.max(first));
                Begun::Running { start: Some(start), first }
            }
            Since::Landed(day) => Begun::Running { start: Some(day), first: day },
        };
        Standing { held, begun }
    }
}

/// What a demand comes to on a cluster today.
pub struct Terms {
    pub pieces: Vec<Piece>,
    /// What asked for less and goes on counting while what is added has its grace.
    pub kept: Vec<Kept>,
    pub grace: Option<RunningGrace>,
}

/// A scope, what happens there today, and what the lock is to remember of it.
pub struct Piece {
    pub scope: Scope,
    pub force: Force,
    pub held: Held,
}

pub struct Kept {
    pub scope: Scope,
    pub action: Action,
    pub parameters: Map<String, Value>,
}

/// A demand on a cluster.
pub struct Asked<'a> {
    pub demand: &'a Demand,
    /// Its parameters on this cluster.
    pub parameters: &'a Map<String, Value>,
    pub situation: &'a Situation,
    /// What others enforce of its rule from today on.
    pub enforced: &'a [Standing],
    /// The names of all rules that are asked for here.
    pub rules: &'a BTreeSet<&'a str>,
    /// The grace of what is asked for on a new cluster.
    pub onboarding: Option<&'a Graced>,
    pub today: Date,
}

impl Asked<'_> {
    /// `first` is the day the demand was first noted here.
    pub fn terms(&self, first: Date) -> Terms {
        let mut terms = Terms { pieces: vec![], kept: vec![], grace: None };
        let mut ends = vec![];
        let mut running = None;
        for whole in scope::scopes(self.demand, self.situation) {
            let runs = ends.len();
            let mut pieces = vec![];
            for (scope, grace) in self.graced(&whole) {
                let Some(grace) = grace else {
                    pieces.push(self.enforced(scope));
                    continue;
                };
                for (scope, begun) in self.begun(scope, grace) {
                    match until(begun, grace, self.today) {
                        Some((start, first, until)) => {
                            ends.push(until);
                            running = running.or(Some(grace));
                            let (milder, kept) = self.milder(scope, grace, start, first);
                            pieces.extend(milder);
                            terms.kept.extend(kept);
                        }
                        None => pieces.push(self.enforced(scope)),
                    }
                }
            }
            // What is in force in all parts is so as a whole.
            if ends.len() == runs {
                pieces = vec![self.enforced(whole)];
            }
            terms.pieces.extend(pieces);
        }
        let own = self.demand.grace.as_ref();
        let own = own.filter(|grace| scope::is_granted(self.demand, grace, self.situation));
        terms.grace = running.or(own).map(|grace| {
            let over = ends.is_empty();
            let until = ends.into_iter().min().unwrap_or_else(|| first.plus(grace.period));
            let Graced { period, action, place, .. } = *grace;
            RunningGrace { period, action, until, over, place }
        });
        terms
    }

    /// The parts of a scope with the grace each is granted: its own, or that of a new cluster.
    fn graced(&self, whole: &Scope) -> Vec<(Scope, Option<&Graced>)> {
        let milder = |grace: &&Graced| grace.action < self.demand.action;
        let onboarding = self.onboarding.filter(milder);
        let Some(own) = &self.demand.grace else { return vec![(whole.clone(), onboarding)] };
        let (graced, rest) = scope::graced(self.demand, own, self.situation, whole.clone());
        let graced = graced.into_iter().map(|scope| (scope, Some(own)));
        graced.chain(rest.into_iter().map(|scope| (scope, onboarding))).collect()
    }

    /// What the lock says of the rule, or of others that nobody asks for any more.
    fn standing(&self) -> impl Iterator<Item = (&Standing, Map<String, Value>)> {
        let regrace = self.demand.grace.as_ref().and_then(|grace| grace.regrace.as_ref());
        let known = self.situation.held.iter().chain(self.enforced).filter(move |one| {
            let own = one.held.rule == self.demand.rule;
            one.held.control == self.demand.control.id()
                && (own || !self.rules.contains(one.held.rule.as_str()))
                && (regrace.is_none() || one.held.regrace.as_ref() == regrace)
        });
        known.filter_map(|one| Some((one, serde_json::from_str(&one.held.parameters).ok()?)))
    }

    fn covers(&self, parameters: &Map<String, Value>) -> bool {
        self.demand.control.asks_as_much(parameters, self.parameters)
    }

    /// Splits what is graced by when its grace began, or whether it is in force.
    fn begun(&self, scope: Scope, grace: &Graced) -> Vec<(Scope, Begun)> {
        let mut known: Vec<(Begun, Scope)> = vec![];
        for (one, parameters) in self.standing() {
            if action(&one.held) < self.demand.action {
                continue;
            }
            let there = absolute(&one.held.scope, self.situation);
            if self.covers(&parameters) {
                known.push((one.begun, there));
            } else if one.begun == Begun::Enforced
                && one.held.rule == self.demand.rule
                && !self.demand.control.asks_as_much(self.parameters, &parameters)
            {
                // Neither more nor less was in force: there is no part that was added.
                known.push((Begun::Enforced, there));
            }
        }
        // What is in force comes first, then what ends first; what has not landed is last.
        known.sort_by(|(one, there), (other, elsewhere)| {
            one.order().cmp(&other.order()).then_with(|| there.cmp(elsewhere))
        });
        let mut found = vec![];
        let mut rest = vec![scope];
        for (begun, there) in known {
            let inside = rest.iter().filter_map(|one| within(one, &there));
            found.extend(inside.map(|scope| (scope, begun)));
            rest = rest.iter().flat_map(|one| without(one, &there)).collect();
        }
        // What is asked for later is no part of a cluster's onboarding.
        let own = self.demand.grace.as_ref().is_some_and(|own| own.place == grace.place);
        let new = match own || self.situation.is_new {
            true => Begun::Running { start: None, first: self.today },
            false => Begun::Enforced,
        };
        found.extend(rest.into_iter().map(|scope| (scope, new)));
        found
    }

    /// What counts while a grace runs: its own action, or what has been in force.
    fn milder(
        &self,
        scope: Scope,
        grace: &Graced,
        start: Option<Date>,
        first: Date,
    ) -> (Vec<Piece>, Vec<Kept>) {
        let mut parts = vec![(scope, grace.action)];
        let mut kept = vec![];
        for (one, parameters) in self.standing() {
            let before = action(&one.held);
            if one.begun != Begun::Enforced || before <= grace.action {
                continue;
            }
            let there = absolute(&one.held.scope, self.situation);
            if self.covers(&parameters) {
                // The same was in force, less strictly.
                let split = |(part, counting): (Scope, Action)| {
                    let inside = within(&part, &there).map(|part| (part, counting.max(before)));
                    let outside = without(&part, &there).into_iter();
                    inside.into_iter().chain(outside.map(move |part| (part, counting)))
                };
                parts = parts.into_iter().flat_map(split).collect();
            } else if self.demand.control.asks_as_much(self.parameters, &parameters) {
                let inside = parts.iter().filter_map(|(part, _)| within(part, &there));
                let action = before.min(self.demand.action);
                kept.extend(inside.map(|scope| Kept {
                    scope,
                    action,
                    parameters: parameters.clone(),
                }));
            }
        }
        let denies = self.demand.action == Action::Deny;
        let piece = |(scope, action): (Scope, Action)| {
            let noted = |since| self.held(&scope, since);
            let same = |held: &Held| self.situation.held.iter().any(|one| *one.held == *held);
            // A line that stays as it is goes on waiting for its landing.
            let held = match start {
                Some(start) if !same(&noted(Since::First(first))) => noted(Since::Landed(start)),
                _ => noted(Since::First(first)),
            };
            // Not the day on which it will: that is known once it has landed, and would change the
            // text of a rule that nobody changed. Once the lock notes it, it is that day.
            let noted = match held.since {
                Since::Landed(day) => day,
                _ => first,
            };
            let later = denies.then(|| noted.plus(grace.period));
            Piece { scope, force: Force { action, later }, held }
        };
        (parts.into_iter().map(piece).collect(), kept)
    }

    fn enforced(&self, scope: Scope) -> Piece {
        let held = self.held(&scope, Since::Enforced);
        Piece { scope, force: Force::of(self.demand.action), held }
    }

    fn held(&self, scope: &Scope, since: Since) -> Held {
        let regrace = self.demand.grace.as_ref().and_then(|grace| grace.regrace.clone());
        Held {
            rule: self.demand.rule.clone(),
            control: self.demand.control.id().to_owned(),
            action: self.demand.action.name().to_owned(),
            since,
            scope: relative(scope, self.situation),
            parameters: Value::Object(self.parameters.clone()).to_string(),
            regrace,
        }
    }
}

/// Of a grace that is not over: since when it counts, when it was noted, and its end; that of one
/// that has not landed is the earliest there may be.
fn until(begun: Begun, grace: &Graced, today: Date) -> Option<(Option<Date>, Date, Date)> {
    let Begun::Running { start, first } = begun else { return None };
    let until = start.unwrap_or(first).plus(grace.period);
    (start.is_none() || today < until).then_some((start, first, until))
}

fn action(held: &Held) -> Action {
    match held.action.as_str() {
        "audit" => Action::Audit,
        "warn" => Action::Warn,
        _ => Action::Deny,
    }
}

/// What the lock is to remember: what is asked for today, and what was in force and is not all
/// asked for any more.
pub fn remembered(
    mut asked: BTreeSet<Held>,
    situation: &Situation,
    controls: &BTreeMap<&str, &Definition>,
) -> BTreeSet<Held> {
    let parameters =
        |held: &Held| serde_json::from_str::<Map<String, Value>>(&held.parameters).ok();
    let covered = |old: &Held| {
        let Some(control) = controls.get(old.control.as_str()) else { return false };
        let there = absolute(&old.scope, situation);
        asked.iter().filter(|new| new.control == old.control).any(|new| {
            if new.since != Since::Enforced
                || action(new) < action(old)
                || !without(&there, &absolute(&new.scope, situation)).is_empty()
            {
                return false;
            }
            let (Some(more), Some(less)) = (parameters(new), parameters(old)) else { return false };
            let replaced = new.rule == old.rule && !control.asks_as_much(&less, &more);
            replaced || control.asks_as_much(&more, &less)
        })
    };
    let enforced = situation.held.iter().filter(|one| one.begun == Begun::Enforced);
    let enforced = enforced.map(|one| &*one.held).filter(|held| !asked.contains(*held));
    let left: Vec<Held> = enforced.filter(|held| !covered(held)).cloned().collect();
    asked.extend(left);
    asked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_in_force_counts_first_and_what_is_only_proposed_last() {
        let day = |text: &str| text.parse::<Date>().expect("a day");
        let running = |start: Option<&str>| Begun::Running {
            start: start.map(day),
            first: day("2026-11-01"),
        };
        let mut all = [
            running(None),
            running(Some("2026-11-09")),
            running(Some("2026-11-03")),
            Begun::Enforced,
        ];
        all.sort_by_key(|one| one.order());
        assert_eq!(
            all,
            [
                Begun::Enforced,
                running(Some("2026-11-03")),
                running(Some("2026-11-09")),
                running(None)
            ]
        );
    }
}
