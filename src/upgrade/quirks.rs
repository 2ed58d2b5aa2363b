//! Defects and differences of an engine's version that end, or begin, with another one.

use crate::catalogue::Catalogue;
use crate::document::{Cluster, Document, Quirk};
use crate::engine::{Engine, Target};
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

/// What begins with the newer version and is not allowed for before the upgrade is done, since the
/// older one may not take it: a sentence each, and a way out.
pub fn unheeded(beginning: &[&Document<Quirk>], meanwhile: &Target) -> Vec<(String, String)> {
    let effect = |quirk: &Quirk| quirk.effect.as_ref().map(|effect| meanwhile.has(effect));
    let unheeded = beginning.iter().filter(|quirk| effect(&quirk.spec) == Some(false));
    let told = unheeded.map(|quirk| {
        let (name, defect) = (&quirk.name.value, quirk.spec.defect.trim());
        (
            format!("what is rendered while it is under way does not allow for `{name}`: {defect}"),
            "say soon after the upgrade that it is done: what is rendered then does".to_owned(),
        )
    });
    told.collect()
}
