//! Defects and differences of an engine's version that end, or begin, with another one.

use crate::catalogue::Catalogue;
use crate::document::{Cluster, Document, Quirk};
use crate::engine::Engine;
use crate::plan::Facts;

/// Those that are its own in one of two states of a cluster and not in the other: what ends, and what
/// begins.
pub fn quirks<'a>(
    catalogue: &'a Catalogue,
    cluster: &Cluster,
    engine: &dyn Engine,
    (before, after): (&Facts, &Facts),
) -> (Vec<&'a Document<Quirk>>, Vec<&'a Document<Quirk>>) {
    let of = |facts: &Facts| -> Vec<&'a Document<Quirk>> {
        let version = engine.version(facts).into_iter();
        let all = version.flat_map(|version| catalogue.quirks(engine.id(), version));
        all.filter(|quirk| quirk.spec.only.holds(cluster)).collect()
    };
    let without = |all: &[&'a Document<Quirk>], others: &[&'a Document<Quirk>]| {
        let own = |one: &&&'a Document<Quirk>| {
            !others.iter().any(|other| other.name.value == one.name.value)
        };
        all.iter().filter(own).copied().collect()
    };
    let (before, after) = (of(before), of(after));
    (without(&before, &after), without(&after, &before))
}
