//! Parameters that bound each other: where each was set, and whether a minimum is above its
//! maximum, or one quantity above another. Which do, a control says with `x-at-most`.

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
        let bounds = control.minima().chain(control.quantity_bounds());
        let places: BTreeMap<String, Place> = bounds
            .flat_map(|(low, high)| [low, high])
            .map(|name| (name.to_owned(), self.set_at(wanted, name)))
            .collect();
        let mut complain = |low: &str, high: &str, message: String, said: [String; 2]| {
            let [of_low, of_high] = said;
            let mut labelled = [(places[low], of_low), (places[high], of_high)];
            // A default is the less to blame.
            labelled.sort_by_key(|(place, _)| place.source == control.document.place().source);
            let said = labelled
                .into_iter()
                .fold(Diagnostic::error("contradiction", message), |said, (place, label)| {
                    said.at(place, label)
                });
            diagnostics.push(said.help(format!("lower `{low}`, or raise `{high}`")));
        };
        for (low, high) in control.crossed(parameters, parameters) {
            let (least, most) = (&parameters[low], &parameters[high]);
            let message = format!(
                "`{}` lets nothing through: `{low}` is above `{high}`, {least} above {most}",
                control.id()
            );
            complain(
                low,
                high,
                message,
                [format!("`{low}` is {least}"), format!("`{high}` is {most}")],
            );
        }
        // The API server refuses an object that contradicts itself so.
        for (low, high, above) in control.crossed_quantities(parameters) {
            let (resource, least, most) = (above.resource, above.least, above.most);
            let message = format!(
                "`{}` contradicts itself: `{low}` is above `{high}`, {resource} {least} above {most}",
                control.id()
            );
            let told = |name: &str, value: &str| format!("`{name}` has {resource} {value}");
            complain(low, high, message, [told(low, least), told(high, most)]);
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
