//! Whether what an advisory comes to is what its control takes.
//!
//! Entries of one repository are put together, and a reference is read in full: what is handed to the
//! control is not what was written, so it is measured once more, by the control's own schema.

use super::image::in_full;
use super::{Context, Warned};
use crate::catalogue::{Definition, check_parameters};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::document::{Advisory, Document};
use crate::limits;
use crate::text::Place;
use crate::yaml::{Node, Value};
use serde_json::{Map, Value as Json};

/// Says what the control would not take of these parameters, at the entries that they come from.
pub fn check(
    one: &Warned,
    document: &Document<Advisory>,
    control: &Definition,
    parameters: &Map<String, Json>,
    (context, diagnostics): (&Context<'_>, &mut Diagnostics),
) {
    let affects = &document.spec.affects;
    let size = serde_json::to_string(parameters).map_or(0, |text| text.len());
    if size > limits::ADVISORY_BYTES {
        let message = format!("this advisory lists more than one policy can hold: {size} bytes");
        diagnostics.push(
            Diagnostic::error("out-of-range", message)
                .at(affects.place, format!("at most {}", limits::ADVISORY_BYTES))
                .help("make several advisories of it, or name versions in the place of digests"),
        );
        return;
    }
    let mut nodes = tree(&Json::Object(parameters.clone()), one.place);
    if let Value::Map(entries) = &mut nodes.value
        && let Some((_, images)) = entries.iter_mut().find(|((name, _), _)| name == "images")
        && let Value::List(images) = &mut images.value
    {
        for (image, built) in one.images.iter().zip(images) {
            let mut written = affects.images.iter();
            let of = written.find(|of| in_full(&of.repository) == image.repository);
            if let Some(of) = of {
                *built = tree(&built.to_json(), of.place);
            }
        }
    }
    check_parameters(control, Some(&nodes), context.sources, diagnostics);
}

/// A value as if all of it were written at one place.
fn tree(value: &Json, place: Place) -> Node {
    let value = match value {
        Json::Null => Value::Null,
        Json::Bool(value) => Value::Bool(*value),
        Json::Number(number) => match number.as_i64() {
            Some(number) => Value::Integer(number),
            None => Value::Float(number.as_f64().unwrap_or_default()),
        },
        Json::String(text) => Value::Text(text.clone()),
        Json::Array(items) => Value::List(items.iter().map(|item| tree(item, place)).collect()),
        Json::Object(map) => {
            let entries = map.iter();
            let entry =
                |(name, value): (&String, &Json)| ((name.clone(), place), tree(value, place));
            Value::Map(entries.map(entry).collect())
        }
    };
    Node { place, value }
}
