//! Parameters, layer by layer.

use crate::catalogue::{Definition, is_derived};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::text::Place;
use serde_json::{Map, Value};

/// Later layers win, parameter by parameter; what is required and still missing is a complaint.
pub fn layered<'a>(
    definition: &Definition,
    layers: impl IntoIterator<Item = &'a Map<String, Value>>,
    place: Place,
    diagnostics: &mut Diagnostics,
) -> Map<String, Value> {
    let mut parameters = definition.defaults();
    for layer in layers {
        parameters.extend(layer.iter().map(|(name, value)| (name.clone(), value.clone())));
    }
    let missing: Vec<&str> = definition
        .parameters()
        .filter(|(name, schema)| !parameters.contains_key(*name) && !is_derived(schema))
        .map(|(name, _)| name)
        .collect();
    if !missing.is_empty() {
        let id = definition.id();
        let names = missing.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        diagnostics.push(
            Diagnostic::error("missing-parameter", format!("control `{id}` needs {names}"))
                .at(place, "demanded here")
                .help(format!(
                    "give it under `parameters` here, or for the whole fleet under \
                     `parameters: {{{id}: …}}` in ordinance.yaml"
                )),
        );
    }
    parameters
}
