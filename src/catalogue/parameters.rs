//! Parameters of a control, wherever they are given: in a fleet's settings, by an intent, by a
//! framework.

use super::{Definition, values};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::schema;
use crate::text::Sources;
use crate::yaml::Node;

/// Says what is wrong with parameters, measured by their control's schema.
///
/// What the schema requires may come from another layer, so it is not demanded of this one.
pub fn check_parameters(
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
    let mut found = schema::check(&layer, &layer, node, sources);
    found.extend(values::check(&layer, node));
    // The second place is the schema: the line that makes the value wrong.
    let label = format!("parameters of `{}` are declared here", definition.id());
    diagnostics.extend(found.into_iter().map(|said| said.at(declared.place, label.clone())));
}
