//! Everything that one control says on a cluster, before and after, taken together.
//!
//! A rule's parts may be split, merged, renamed or taken over by another rule of its control, and
//! no object alone tells what that comes to. So an object's own claims are compared first, and where
//! those alone would loosen, all that its control says there: if that still asks for everything, so
//! does the change. Objects of files that stay as they are are read only where they are needed.

use super::claim::Claim;
use super::{Direction, cover, other};
use crate::catalogue::{Catalogue, Definition};
use crate::change::objects;
use crate::engine;
use crate::object::{self, Object};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// An object, and the file it stands in.
#[derive(Clone, Copy, Debug)]
pub struct Piece<'a> {
    pub path: &'a str,
    pub object: &'a Object,
}

/// What the differing files of a folder are surrounded by.
#[derive(Debug, Default)]
pub struct Surroundings<'a> {
    /// Says which parameters ask for more.
    pub catalogue: Option<&'a Catalogue>,
    /// The folder's other files.
    pub unchanged: Vec<&'a [u8]>,
}

/// By what objects belong together: their control, or else their file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Control(String),
    File(String),
}

impl Key {
    fn of(piece: Piece<'_>) -> Key {
        match objects::control(piece.object) {
            "" => Key::File(piece.path.to_owned()),
            control => Key::Control(control.to_owned()),
        }
    }
}

/// Both sides of a folder, control by control.
#[derive(Debug)]
pub struct Rules<'a> {
    by_key: BTreeMap<Key, Rule<'a>>,
}

#[derive(Debug)]
struct Rule<'a> {
    control: Option<&'a Definition>,
    old: Side<'a>,
    new: Side<'a>,
    whole: Direction,
}

/// What is said on one side.
#[derive(Debug, Default)]
struct Side<'a> {
    given: Vec<&'a Object>,
    claims: Vec<Claim>,
    /// Kind and name of what no engine understands.
    opaque: BTreeSet<String>,
    /// Something is of no use without what stands elsewhere.
    lacks: bool,
}

impl<'a> Rules<'a> {
    pub fn new(
        old: impl Iterator<Item = Piece<'a>>,
        new: impl Iterator<Item = Piece<'a>>,
        around: &Surroundings<'a>,
    ) -> Rules<'a> {
        let mut sides: BTreeMap<Key, [Vec<&'a Object>; 2]> = BTreeMap::new();
        let all = old.map(|piece| (0, piece)).chain(new.map(|piece| (1, piece)));
        for (side, piece) in all {
            sides.entry(Key::of(piece)).or_default()[side].push(piece.object);
        }
        let rules = sides.into_iter().map(|(key, [old, new])| {
            let rule = Rule::of(&key, old, new, around);
            (key, rule)
        });
        Rules { by_key: rules.collect() }
    }

    /// What becomes of one object.
    pub fn direction(&self, old: Option<Piece<'_>>, new: Option<Piece<'_>>) -> Direction {
        if let (Some(was), Some(is)) = (old, new)
            && Key::of(was) != Key::of(is)
        {
            // A name that is given to another control: one thing ends and another begins.
            return self.direction(old, None).max(self.direction(None, new));
        }
        let Some(rule) = new.or(old).and_then(|piece| self.by_key.get(&Key::of(piece))) else {
            return Direction::Unknown;
        };
        let (old, new) = (old.map(|piece| piece.object), new.map(|piece| piece.object));
        if ![old, new].into_iter().flatten().any(is_policy) {
            return other::of_manifest(old, new, &rule.old.given, &rule.new.given);
        }
        let names: Vec<String> = [old, new].into_iter().flatten().map(origin).collect();
        let opaque = |side: &Side<'_>| names.iter().any(|name| side.opaque.contains(name));
        if opaque(&rule.old) || opaque(&rule.new) {
            return Direction::Unknown;
        }
        let own = |side: &Side<'_>| -> Vec<Claim> {
            let about = |claim: &&Claim| claim.origins.iter().any(|one| names.contains(one));
            side.claims.iter().filter(about).cloned().collect()
        };
        let own = cover::direction(&own(&rule.old), &own(&rule.new), rule.control);
        // What stands in an object that is understood may depend on one that is not.
        if !rule.old.opaque.is_empty() || !rule.new.opaque.is_empty() {
            return own.max(Direction::Unknown);
        }
        // Together nothing is lost: what one object asks for less, another asks for more.
        if rule.whole.counts_as_loosening() { own } else { own.min(rule.whole) }
    }
}

impl<'a> Rule<'a> {
    fn of(
        key: &Key,
        old: Vec<&'a Object>,
        new: Vec<&'a Object>,
        around: &Surroundings<'a>,
    ) -> Rule<'a> {
        let control = match key {
            Key::Control(name) => {
                let known = around.catalogue.and_then(|catalogue| catalogue.controls.get(name));
                known.map(Arc::as_ref)
            }
            Key::File(_) => None,
        };
        let alone = Rule::between(control, Side::of(&old, &[]), Side::of(&new, &[]));
        let needs = alone.whole != Direction::Neutral || alone.old.lacks || alone.new.lacks;
        let beside = match key {
            Key::Control(name) if needs => objects::of_control(name, &around.unchanged),
            _ => vec![],
        };
        match beside.is_empty() {
            true => alone,
            false => Rule::between(control, Side::of(&old, &beside), Side::of(&new, &beside)),
        }
    }

    fn between(control: Option<&'a Definition>, old: Side<'a>, new: Side<'a>) -> Rule<'a> {
        let mut whole = cover::direction(&old.claims, &new.claims, control);
        if !old.opaque.is_empty() || !new.opaque.is_empty() {
            whole = whole.max(Direction::Unknown);
        }
        Rule { control, old, new, whole }
    }
}

impl<'a> Side<'a> {
    fn of(given: &[&'a Object], beside: &[Object]) -> Side<'a> {
        let policies = given.iter().copied().chain(beside).filter(|object| is_policy(object));
        let objects: Vec<Object> = policies.cloned().collect();
        let own = given.iter().filter(|object| is_policy(object)).count();
        let mut side = Side { given: given.to_vec(), ..Side::default() };
        for engine in engine::all() {
            let read = engine.understand(&objects);
            side.claims.extend(read.policies.iter().filter_map(Claim::of));
            side.lacks |= !read.not.is_empty() || !read.unused.is_empty();
            let not = read.not.into_iter().filter(|one| one.object < own);
            side.opaque.extend(not.map(|one| one.origin));
        }
        side
    }
}

/// Whether it is for some engine to read.
fn is_policy(object: &Object) -> bool {
    let (group, _) = object::group_version(object);
    engine::all().iter().any(|engine| engine.groups().contains(&group))
}

fn origin(object: &Object) -> String {
    format!("{}/{}", object::kind(object), object::name(object))
}
