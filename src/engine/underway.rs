//! What is rendered while an upgrade is under way: one shape that every version on the way takes.
//!
//! Between the day an upgrade is announced in Git and the day it is done nobody knows which version
//! runs. So the oldest shape is rendered that all of them take, about those kinds alone that all of
//! them serve; where there is none, the error says in which order to go.

use super::{Blame, Engine, Target, Unsupported, resources};
use crate::catalogue::Definition;
use crate::plan::Facts;
use crate::version::Version;
use std::collections::BTreeSet;

type Of<'a> = &'a dyn Fn(&Facts) -> Result<Target, Unsupported>;

/// The target of a cluster in all of its states; of one that has a single state, its own.
pub fn target(engine: &dyn Engine, facts: &Facts, of: Of<'_>) -> Result<Target, Unsupported> {
    let moments = facts.moments();
    let [first, _, ..] = &moments[..] else { return of(facts) };
    let mut targets = vec![];
    for moment in &moments {
        let found = of(moment);
        targets.push(found.map_err(|error| first_upgrade(engine, facts, moment == first, error))?);
    }
    let all_take = |target: &&Target| moments.iter().all(|moment| engine.takes(target, moment));
    let Some(common) = targets.iter().find(all_take) else { return Err(none(engine, facts, of)) };
    let mut common = common.clone();
    // A subresource that does not exist is never asked for: naming it early costs nothing.
    common.resize = targets.iter().any(|target| target.resize);
    let minors: BTreeSet<(u32, u32)> =
        targets.iter().flat_map(|target| target.kubernetes.iter().copied()).collect();
    common.kubernetes = minors.into_iter().collect();
    Ok(common)
}

/// What the version that runs cannot be given at all is rendered once the upgrade is done.
fn first_upgrade(
    engine: &dyn Engine,
    facts: &Facts,
    is_present: bool,
    error: Unsupported,
) -> Unsupported {
    let (what, next) = match error.blames {
        Blame::Kubernetes => {
            ("Kubernetes", facts.next_kubernetes.map(|_| facts.newest_kubernetes()))
        }
        Blame::Engine => (engine.title(), next_engine(facts)),
        Blame::Stated if facts.engine_version.is_none() => {
            let help = "remove `next`: state it of `kubernetes`".to_owned();
            return Unsupported { help, ..error };
        }
        Blame::Stated | Blame::Upgrade => return error,
    };
    let Some(next) = next.filter(|_| is_present) else { return error };
    let help = format!(
        "{}; finish the upgrade to {what} {next} first, with the cluster at `state: paused` or the \
         engine it had, and state that version then",
        error.help
    );
    Unsupported { help, ..error }
}

fn next_engine(facts: &Facts) -> Option<Version> {
    let (major, minor, patch) = facts.next_engine_version?;
    Some(Version { major, minor, patch: Some(patch).filter(|patch| *patch > 0) })
}

/// No shape is taken before and after: where the way has a stop between two that share one.
fn none(engine: &dyn Engine, facts: &Facts, of: Of<'_>) -> Unsupported {
    let plain = |version: Version| match version.patch {
        Some(0) => version.minor_version(),
        _ => version,
    };
    let title = engine.title();
    let version = facts.engine_version().map(plain);
    let next = next_engine(facts);
    let (Some(version), Some(next)) = (version, next) else {
        let why = "nothing is valid before and after its upgrade".to_owned();
        let help = "upgrade one version at a time".to_owned();
        return Unsupported { why, help, blames: Blame::Upgrade };
    };
    let stops: BTreeSet<Version> =
        engine.proved().iter().filter_map(Facts::engine_version).map(plain).collect();
    let stop = stops.into_iter().rev().find(|stop| {
        let to = Facts { next_engine_version: Some(stop.numbers()), ..facts.clone() };
        let from = Facts { engine_version: Some(stop.numbers()), ..facts.clone() };
        version < *stop
            && *stop < next
            && target(engine, &to, of).is_ok()
            && target(engine, &from, of).is_ok()
    });
    let shape = |version: Version| {
        let facts = Facts {
            engine_version: Some(version.numbers()),
            next_engine_version: None,
            ..facts.clone()
        };
        of(&facts).map_or("what it is given", |target| target.shape)
    };
    let why = match (shape(version), shape(next)) {
        (old, new) if old == new => format!(
            "while {title} goes from {version} to {next}, no version of {old} is known to both"
        ),
        (old, new) => format!(
            "while {title} goes from {version} to {next}, neither {old} nor {new} is known to both"
        ),
    };
    let help = match stop {
        Some(stop) => format!(
            "go by way of {title} {stop}: `next: \"{stop}\"` first, and once that runs \
             `version: \"{stop}\"` with `next: \"{next}\"`"
        ),
        None => "upgrade by way of a version that knows both".to_owned(),
    };
    Unsupported { why, help, blames: Blame::Upgrade }
}

/// What of a control's kinds a policy is about now and not while an upgrade is under way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unseen {
    /// As `GROUP/VERSION/KIND`.
    pub kinds: Vec<String>,
    /// Nothing is left that it is about.
    pub all: bool,
}

/// `None` where everything stays in sight.
pub fn unseen(control: &Definition, now: &Target, during: &Target) -> Option<Unseen> {
    let all = resources(&control.subject);
    let lost = all.iter().filter(|one| now.serves(one) && !during.serves(one));
    let kinds: Vec<String> = lost
        .flat_map(|one| {
            let group =
                if one.group.is_empty() { String::new() } else { format!("{}/", one.group) };
            one.versions.iter().map(move |version| format!("{group}{version}/{}", one.kind))
        })
        .collect();
    let left = all.iter().any(|one| during.serves(one));
    (!kinds.is_empty()).then_some(Unseen { kinds, all: !left })
}
