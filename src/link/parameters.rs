//! Parameters: checked against their control's schema, and layered.

use crate::catalogue::Definition;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::schema;
use crate::text::{Place, Sources};
use crate::yaml::Node;
use serde_json::{Map, Value};

/// Says what is wrong with parameters, measured by their control's schema.
///
/// What the schema requires may come from another layer, so it is not demanded of this one.
pub fn check(
    definition: &Definition,
    node: Option<&Node>,
    sources: &Sources,
    diagnostics: &mut Diagnostics,
) {
    let Some(node) = node else { return };
    let Some(declared) = &definition.document.spec.parameters else {
        let message = format!("control `{}` takes no parameters", definition.id());
        diagnostics.push(
            Diagnostic::error("unknown-field", message)
                .at(node.place, "given here")
                .help("remove them"),
        );
        return;
    };
    let mut layer = declared.value.clone();
    if let Some(map) = layer.as_object_mut() {
        map.remove("required");
    }
    let found = schema::check(&layer, &layer, node, sources);
    // The second place is the schema: the line that makes the value wrong.
    let label = format!("parameters of `{}` are declared here", definition.id());
    diagnostics.extend(found.into_iter().map(|said| said.at(declared.place, label.clone())));
}

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
        .map(|(name, _)| name)
        .filter(|name| !parameters.contains_key(*name))
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
