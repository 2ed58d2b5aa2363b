//! What a control asks of its parameters' values beyond JSON Schema: a regular expression that the
//! evaluator takes, a range whose ends are in order, entries of a list that go together.
//!
//! It relies on `schema` for everything else: what has the wrong type is passed over here.

use crate::cel;
use crate::diagnostic::Diagnostic;
use crate::yaml::{Node, Value};
use serde_json::Value as Json;

/// What is wrong with the value of each parameter in `node`, by the schema of all of them.
pub fn check(schema: &Json, node: &Node) -> Vec<Diagnostic> {
    let mut found = vec![];
    let Value::Map(entries) = &node.value else { return found };
    // Parameters that bound each other may come from several layers: `link` compares those.
    for ((name, _), value) in entries {
        if let Some(property) = schema.get("properties").and_then(|known| known.get(name)) {
            one(property, value, name, &mut found);
        }
    }
    found
}

fn one(schema: &Json, node: &Node, name: &str, found: &mut Vec<Diagnostic>) {
    match &node.value {
        Value::Map(entries) => {
            in_order(schema, node, found);
            for ((key, _), value) in entries {
                let property = schema.get("properties").and_then(|known| known.get(key));
                if let Some(of) = property.or_else(|| schema.get("additionalProperties")) {
                    one(of, value, key, found);
                }
            }
        }
        Value::List(items) => {
            apart(schema, items, name, found);
            for item in items {
                schema.get("items").into_iter().for_each(|of| one(of, item, name, found));
            }
        }
        Value::Text(text) if schema.get("format").is_some_and(|format| format == "regex") => {
            if let Err(why) = cel::pattern(text) {
                found.push(
                    Diagnostic::error("bad-value", format!("`{name}`: {why}"))
                        .at(node.place, "cannot be read")
                        .help("write it as RE2 does, which Kubernetes uses"),
                );
            }
        }
        _ => {}
    }
}

/// A range that ends before it begins has nothing in it.
fn in_order(schema: &Json, node: &Node, found: &mut Vec<Diagnostic>) {
    let properties = schema.get("properties").and_then(Json::as_object);
    for (low, property) in properties.into_iter().flatten() {
        let Some(high) = property.get("x-at-most").and_then(Json::as_str) else { continue };
        let (Some(least), Some(most)) = (node.get(low), node.get(high)) else { continue };
        let (from, to) = (least.to_json(), most.to_json());
        if from.as_f64().zip(to.as_f64()).is_some_and(|(from, to)| from > to) {
            let message = format!("nothing is in this range: `{low}` is above `{high}`");
            found.push(
                Diagnostic::error("contradiction", message)
                    .at(least.place, format!("`{low}` is {from}"))
                    .at(most.place, format!("`{high}` is {to}"))
                    .help(format!("lower `{low}`, or raise `{high}`")),
            );
        }
    }
}

/// Entries that leave nothing over together.
fn apart(schema: &Json, items: &[Node], name: &str, found: &mut Vec<Diagnostic>) {
    let groups = schema.get("x-apart").and_then(Json::as_array);
    for group in groups.into_iter().flatten().filter_map(Json::as_array) {
        let named = items.iter().filter(|item| group.iter().any(|one| *one == item.to_json()));
        let named: Vec<(&Node, &str)> =
            named.filter_map(|item| Some((item, item.text()?))).collect();
        let [(first, one), .., (last, other)] = named[..] else { continue };
        if one != other {
            let message = format!("`{name}` cannot have both `{one}` and `{other}`");
            found.push(
                Diagnostic::error("contradiction", message)
                    .at(last.place, "and this")
                    .at(first.place, "this")
                    .help("nothing is both: remove one of them"),
            );
        }
    }
}
