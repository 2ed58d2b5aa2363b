//! Parameters that bound each other: where each was set, and whether a minimum is above its
//! maximum. Which do, a control says with `x-at-most`.

use super::requirement::{RequirementReader, Wanted};
use crate::catalogue::{Definition, node_at};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::text::Place;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

impl RequirementReader<'_> {
    /// The places at which such parameters were set; a minimum above its maximum is a complaint.
    pub(super) fn bounding(
        &self,
        wanted: &Wanted,
        parameters: &Map<String, Value>,
        diagnostics: &mut Diagnostics,
    ) -> BTreeMap<String, Place> {
        let control = &wanted.control;
        let names = control.minima().flat_map(|(low, high)| [low, high]);
        let places: BTreeMap<String, Place> =
            names.map(|name| (name.to_owned(), self.set_at(wanted, name))).collect();
        for (low, high) in control.crossed(parameters, parameters) {
            let (least, most) = (&parameters[low], &parameters[high]);
            let message = format!(
                "`{}` lets nothing through: `{low}` is above `{high}`, {least} above {most}",
                control.id()
            );
            let mut labelled = [
                (places[low], format!("`{low}` is {least}")),
                (places[high], format!("`{high}` is {most}")),
            ];
            // A default is the less to blame.
            labelled.sort_by_key(|(place, _)| place.source == control.document.place().source);
            let said = labelled
                .into_iter()
                .fold(Diagnostic::error("contradiction", message), |said, (place, label)| {
                    said.at(place, label)
                });
            diagnostics.push(said.help(format!("lower `{low}`, or raise `{high}`")));
        }
        places
    }

    /// The last of the layers that sets a parameter.
    fn set_at(&self, wanted: &Wanted, name: &str) -> Place {
        let id = wanted.control.id();
        let written = self.requirement.parameters.as_ref();
        let own = written.and_then(|written| node_at(&self.intent.node, written.place));
        let own = own.and_then(|own| match &self.requirement.framework {
            Some(_) => own.get(&wanted.rule).or_else(|| own.get(id)),
            None => Some(own),
        });
        let framework =
            || wanted.framework_place.filter(|_| wanted.framework_parameters.contains_key(name));
        let fleet = || Some(*self.settings.parameters.get(id)?.places.get(name)?);
        own.and_then(|own| own.get(name))
            .map(|node| node.place)
            .or_else(framework)
            .or_else(fleet)
            .or_else(|| default_at(&wanted.control, name))
            .unwrap_or(self.requirement.place)
    }
}

fn default_at(control: &Definition, name: &str) -> Option<Place> {
    let declared = control.document.spec.parameters.as_ref()?;
    let schema = node_at(&control.document.node, declared.place)?;
    let property = schema.get("properties")?.get(name)?;
    Some(property.get("default").map_or(property.place, |default| default.place))
}
