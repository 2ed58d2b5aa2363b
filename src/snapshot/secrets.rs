//! What no snapshot keeps: the values of Secrets, wherever in an object they stand, and what tools
//! write down of an object within it.

use serde_json::{Map, Value};

/// Kubectl's own copy of an object, values included.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// The longest annotation of a Secret that is kept: others may be copies of it, packed or not.
const ANNOTATION_BYTES: usize = 256;

/// Drops them. Keys stay, since rules may ask which there are.
pub fn drop_values(value: &mut Value) {
    match value {
        Value::Object(map) => {
            if map.get("kind").and_then(Value::as_str) == Some("Secret") {
                secret(map);
            }
            if let Some(metadata) = map.get_mut("metadata").and_then(Value::as_object_mut) {
                metadata.remove("managedFields");
                if let Some(annotations) =
                    metadata.get_mut("annotations").and_then(Value::as_object_mut)
                {
                    annotations.remove(LAST_APPLIED);
                }
            }
            map.values_mut().for_each(drop_values);
        }
        Value::Array(items) => items.iter_mut().for_each(drop_values),
        _ => {}
    }
}

fn secret(map: &mut Map<String, Value>) {
    for field in ["data", "stringData"] {
        match map.get_mut(field) {
            Some(Value::Object(values)) => values.values_mut().for_each(|one| *one = "".into()),
            Some(other) => *other = Value::Null,
            None => {}
        }
    }
    let metadata = map.get_mut("metadata").and_then(Value::as_object_mut);
    let annotations = metadata.and_then(|metadata| metadata.get_mut("annotations"));
    if let Some(annotations) = annotations.and_then(Value::as_object_mut) {
        annotations.retain(|_, value| match value.as_str() {
            Some(text) => {
                text.len() <= ANNOTATION_BYTES && !text.trim_start().starts_with(['{', '['])
            }
            None => false,
        });
    }
}
