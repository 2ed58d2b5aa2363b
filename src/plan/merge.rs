//! From the scopes of several demands to the parts of one rule.
//!
//! Scopes are merged only when they are equal or one provably contains the other at least as
//! strictly; otherwise both are rendered, and admission denies if one denies.

use super::{AskedBy, Exempt, Part, Scope, Situation, scope::outside_system};
use crate::date::Date;
use crate::document::Action;
use crate::link::{BREAK_GLASS, Lifting, Linked};
use crate::name;
use crate::selector::Selector;

/// One demand's scope: where, how strictly, and which origin asks.
pub struct Claim {
    pub scope: Scope,
    pub force: Force,
    pub origin: usize,
}

/// What happens to what offends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Force {
    pub action: Action,
    /// The first day on which it may be denied, while a grace runs.
    pub later: Option<Date>,
}

impl Force {
    pub fn of(action: Action) -> Force {
        Force { action, later: None }
    }

    /// The strictest of both, today and later.
    fn and(self, other: Force) -> Force {
        let action = self.action.max(other.action);
        let later = self.later.into_iter().chain(other.later).min();
        Force { action, later: later.filter(|_| action < Action::Deny) }
    }
}

/// Merges claims; also tells which origins are wholly contained in others.
pub fn merge(claims: Vec<Claim>) -> Vec<(Scope, Force, Vec<usize>)> {
    let mut merged: Vec<(Scope, Force, Vec<usize>)> = vec![];
    for claim in claims {
        match merged.iter_mut().find(|(scope, ..)| *scope == claim.scope) {
            Some((_, force, origins)) => {
                *force = force.and(claim.force);
                origins.push(claim.origin);
            }
            None => merged.push((claim.scope, claim.force, vec![claim.origin])),
        }
    }
    let covered = |(scope, force, _): &(Scope, Force, Vec<usize>), index: usize| {
        merged.iter().enumerate().any(|(other, (theirs, their_force, _))| {
            let nothing_more = their_force.and(*force) == *their_force;
            other != index && nothing_more && contains(theirs, scope)
        })
    };
    let kept: Vec<bool> =
        merged.iter().enumerate().map(|(index, one)| !covered(one, index)).collect();
    let mut keep = kept.iter();
    merged.retain(|_| *keep.next().expect("one mark each"));
    merged
}

fn contains(outer: &Scope, inner: &Scope) -> bool {
    match (outer, inner) {
        (Scope::Namespaces(outer), Scope::Namespaces(inner)) => outer.contains(inner),
        (outer, inner) => outer == inner,
    }
}

/// Splits a scope where exemptions hold by namespace label, which no expression may read.
pub fn exempted(scope: Scope, liftings: &[&Lifting]) -> Vec<(Scope, Vec<Exempt>)> {
    let mut parts: Vec<(Scope, Vec<Exempt>)> = vec![(scope, vec![])];
    for lifting in liftings {
        let record = Exempt::from(*lifting);
        let mut next = vec![];
        for (scope, mut exemptions) in parts {
            let Scope::Namespaces(selector) = &scope else {
                if lifting.scope.namespaces.is_all() && lifting.scope.namespace_names.is_empty() {
                    exemptions.push(record.clone());
                }
                next.push((scope, exemptions));
                continue;
            };
            if lifting.scope.namespaces.contains(selector) {
                // An exemption of whole namespaces leaves nothing of the rule there.
                if !record.frees_everything() {
                    exemptions.push(record.clone());
                    next.push((scope, exemptions));
                }
                continue;
            }
            let inside = selector.and(&lifting.scope.namespaces);
            if inside.is_empty() {
                next.push((scope, exemptions));
                continue;
            }
            for rest in selector.minus(&lifting.scope.namespaces) {
                next.push((Scope::Namespaces(rest), exemptions.clone()));
            }
            if !record.frees_everything() {
                exemptions.push(record.clone());
                next.push((Scope::Namespaces(inside), exemptions));
            }
        }
        parts = next;
    }
    parts
}

impl Exempt {
    fn frees_everything(&self) -> bool {
        self.namespaces.is_empty()
            && self.workloads.is_empty()
            && self.labels.is_all()
            && self.images.is_empty()
    }
}

impl From<&Lifting> for Exempt {
    fn from(lifting: &Lifting) -> Exempt {
        Exempt {
            name: lifting.name.clone(),
            namespaces: lifting.scope.namespace_names.clone(),
            workloads: lifting.scope.workloads.clone(),
            labels: lifting.scope.labels.clone(),
            images: lifting.scope.images.clone(),
        }
    }
}

/// The end of a part's name: nothing for all but the system namespaces, an environment's name where the scope
/// is just that, eight digits of the scope otherwise. It depends on the part alone, so names do
/// not change because another intent came or went.
pub fn suffix(scope: &Scope, both: bool, situation: &Situation, linked: &Linked) -> String {
    let selector = match scope {
        Scope::Cluster => return if both { "cluster".into() } else { String::new() },
        Scope::Namespaces(selector) => selector,
    };
    let outside = outside_system(situation);
    if *selector == outside {
        return String::new();
    }
    if selector.is_all() {
        return "everywhere".to_owned();
    }
    let environments = situation.environments.iter().zip(&linked.settings.environments);
    for (parts, environment) in environments {
        if let [only] = &parts[..]
            && only.and(&outside) == *selector
        {
            return environment.name.value.clone();
        }
    }
    name::short_digest(canonical(selector).as_bytes())
}

/// A text that is equal for equal selectors only.
pub fn canonical(selector: &Selector) -> String {
    selector.to_label_selector().to_string()
}

/// The `Part`s of a rule, in a fixed order.
pub fn parts(
    merged: Vec<(Scope, Force, Vec<usize>)>,
    liftings: &[&Lifting],
    both: bool,
    situation: &Situation,
    linked: &Linked,
) -> Vec<Part> {
    let mut parts: Vec<Part> = vec![];
    for (scope, force, origins) in merged {
        for (scope, exemptions) in exempted(scope, liftings) {
            // Splitting may leave the same scope of two that overlapped: the strictest holds.
            match parts.iter_mut().find(|part| part.scope == scope) {
                Some(part) => {
                    let own = Force { action: part.action, later: part.later };
                    Force { action: part.action, later: part.later } = own.and(force);
                    part.origins.extend(&origins);
                }
                None => {
                    let suffix = suffix(&scope, both, situation, linked);
                    let origins = origins.clone();
                    let asked_by = AskedBy::Everybody;
                    let Force { action, later } = force;
                    parts.push(Part {
                        suffix,
                        scope,
                        action,
                        later,
                        exemptions,
                        asked_by,
                        origins,
                    });
                }
            }
        }
    }
    parts.sort();
    parts
}

/// What denies, for all but those who may break the glass, and once more for them with the
/// mildest action that whoever asks can see.
pub fn breakable(parts: Vec<Part>, groups: &[String]) -> Vec<Part> {
    if groups.is_empty() {
        return parts;
    }
    let mut all = vec![];
    for mut part in parts {
        if part.action == Action::Deny {
            let suffix = match part.suffix.as_str() {
                "" => BREAK_GLASS.to_owned(),
                suffix => format!("{suffix}-{BREAK_GLASS}"),
            };
            let asked_by = AskedBy::Members(groups.to_vec());
            all.push(Part { suffix, action: Action::Warn, asked_by, ..part.clone() });
            part.asked_by = AskedBy::Others(groups.to_vec());
        }
        all.push(part);
    }
    all.sort();
    all
}
