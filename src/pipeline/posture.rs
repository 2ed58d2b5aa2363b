//! From a render to the posture: which clusters were given what, and which frameworks are told.

use super::{Loaded, Render};
use crate::date::Date;
use crate::document::{Document, Framework, State};
use crate::posture::{self, Asked, Given, Given1, Line, Posture, Unit, Who};

/// The posture of all clusters that are not retired. `decided`: for being kept beside the render.
pub fn posture(
    loaded: &Loaded,
    rendered: &Render,
    frameworks: &[Asked],
    (day, decided): (Date, bool),
    who: &dyn Fn(&Line) -> Who,
) -> Posture {
    let linked = &loaded.linked;
    let unit = |name: &str| {
        let number = rendered.clusters.get(name)?.unit;
        let unit = &rendered.units[number];
        let (plan, target, folder) = (&unit.plan, &unit.target, unit.folder.as_ref());
        Some(Unit { number, plan, target, folder })
    };
    let there = linked.clusters.iter().filter(|one| one.spec.state != State::Retired);
    let mut clusters: Vec<Given1<'_>> =
        there.map(|cluster| Given1 { cluster, unit: unit(&cluster.name.value) }).collect();
    clusters.sort_by(|one, other| one.cluster.name.value.cmp(&other.cluster.name.value));
    let frameworks: Vec<(&Document<Framework>, Asked)> = frameworks
        .iter()
        .filter_map(|asked| {
            let found = loaded.catalogue.framework(&asked.framework, &asked.version)?;
            Some((found, asked.clone()))
        })
        .collect();
    let given = Given {
        catalogue: &loaded.catalogue,
        linked,
        sources: &loaded.sources,
        day,
        decided,
        clusters,
        frameworks,
    };
    posture::posture(&given, who)
}
