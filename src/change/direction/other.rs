//! What is no policy: manifests that are applied as they are, and what sync tools are given.

use super::Direction;
use crate::change::fields;
use crate::change::objects;
use crate::object::{self, Object};
use serde_json::Value;

/// A manifest. Whether it asks for more than another is its controller's business; but where a
/// control had none one that can only limit begins, and where it has none it ends.
pub fn of_manifest(
    old: Option<&Object>,
    new: Option<&Object>,
    before: &[&Object],
    after: &[&Object],
) -> Direction {
    let beside =
        |object: &Object, all: &[&Object]| all.iter().any(|one| place(one) == place(object));
    match (old, new) {
        (Some(old), Some(new)) if plain(old) == plain(new) => Direction::Neutral,
        (None, Some(new)) if only_limits(new) && !beside(new, before) => Direction::Tightens,
        (Some(old), None) if !beside(old, after) => Direction::Loosens,
        _ => Direction::Unknown,
    }
}

/// Whether there is nothing that it allows: a NetworkPolicy with rules, or a RoleBinding, opens
/// what others had closed.
fn only_limits(object: &Object) -> bool {
    let nothing = |side: &str| object::list(object, &["spec", side]).is_empty();
    match object::kind(object) {
        "LimitRange" | "Namespace" | "ResourceQuota" => true,
        "NetworkPolicy" => nothing("ingress") && nothing("egress"),
        _ => false,
    }
}

/// The namespace it is about.
fn place(object: &Object) -> &str {
    match object::kind(object) {
        "Namespace" => object::name(object),
        _ => object::namespace(object),
    }
}

/// Without what only tells people about it.
fn plain(object: &Object) -> Object {
    let mut object = object.clone();
    let told = object.pointer_mut("/metadata/annotations").and_then(Value::as_object_mut);
    if let Some(annotations) = told {
        annotations.retain(|key, _| !key.starts_with("ordinance.dev/"));
    }
    object
}

/// Fields of a sync tool's objects that only say how often, or for whom to read.
const IDLE: [&str; 4] = ["interval", "retryInterval", "timeout", "finalizers"];

/// A file of a sync tool: what it is not given it does not apply, and what is suspended waits.
pub fn of_sync(old: Option<&[u8]>, new: Option<&[u8]>) -> Direction {
    let (old, new) = match (old, new) {
        (None, Some(_)) => return Direction::Tightens,
        (Some(_), None) => return Direction::Loosens,
        (Some(old), Some(new)) => (old, new),
        (None, None) => return Direction::Neutral,
    };
    let (Some(old), Some(new)) = (objects::objects(old), objects::objects(new)) else {
        return Direction::Unknown;
    };
    if old.len() != new.len() {
        return Direction::Unknown;
    }
    let pairs = old.iter().zip(&new);
    let fields = pairs.flat_map(|(old, new)| fields::differing(old, new));
    let of = |field: fields::Field| {
        let last = field.path.rsplit('.').next().unwrap_or_default();
        let on = |side: &Option<Value>| side.as_ref().and_then(Value::as_bool).unwrap_or_default();
        match (last, on(&field.old), on(&field.new)) {
            ("suspend", false, true) => Direction::Loosens,
            ("suspend", true, false) => Direction::Tightens,
            ("suspend", ..) => Direction::Neutral,
            (last, ..) if IDLE.contains(&last) => Direction::Neutral,
            _ => Direction::Unknown,
        }
    };
    fields.map(of).max().unwrap_or(Direction::Neutral)
}
