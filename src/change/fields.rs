//! The fields in which two objects differ, each with its path.
//!
//! Lists whose elements have names are compared by name, other lists of maps by position, and
//! lists of plain values as a whole, since their order may matter.

use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// Selectors are said whole: half a selector means nothing.
pub const SELECTORS: [&str; 3] = ["namespaceSelector", "objectSelector", "labelSelector"];

/// One field that differs; missing on one side where it was added or removed.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    pub path: String,
    pub old: Option<Value>,
    pub new: Option<Value>,
}

/// All fields that differ, in the order of their paths within the objects.
pub fn differing(old: &Value, new: &Value) -> Vec<Field> {
    let mut found = vec![];
    walk("", Some(old), Some(new), &mut found);
    found
}

fn walk(path: &str, old: Option<&Value>, new: Option<&Value>, found: &mut Vec<Field>) {
    if old == new {
        return;
    }
    let whole = SELECTORS.iter().any(|name| path == *name || path.ends_with(&format!(".{name}")));
    match (old, new) {
        (Some(Value::Object(old)), Some(Value::Object(new))) if !whole => {
            maps(path, old, new, found);
        }
        (Some(Value::Array(old)), Some(Value::Array(new))) => match (named(old), named(new)) {
            (Some(old), Some(new)) if !old.is_empty() || !new.is_empty() => {
                by_name(path, &old, &new, found);
            }
            _ if old.iter().chain(new).all(Value::is_object) => {
                for index in 0..old.len().max(new.len()) {
                    walk(&format!("{path}[{index}]"), old.get(index), new.get(index), found);
                }
            }
            _ => push(path, Some(&old.clone().into()), Some(&new.clone().into()), found),
        },
        _ => push(path, old, new, found),
    }
}

fn push(path: &str, old: Option<&Value>, new: Option<&Value>, found: &mut Vec<Field>) {
    found.push(Field { path: path.to_owned(), old: old.cloned(), new: new.cloned() });
}

fn maps(path: &str, old: &Map<String, Value>, new: &Map<String, Value>, found: &mut Vec<Field>) {
    let keys: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    for key in keys {
        walk(&joined(path, key), old.get(key), new.get(key), found);
    }
}

fn joined(path: &str, key: &str) -> String {
    let plain = !key.is_empty() && key.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_');
    match (plain, path) {
        (true, "") => key.to_owned(),
        (true, _) => format!("{path}.{key}"),
        (false, _) => format!("{path}[{key:?}]"),
    }
}

/// Elements by their names, in order; `None` where one has none or two have the same.
fn named(list: &[Value]) -> Option<Vec<(&str, &Value)>> {
    let mut seen = BTreeSet::new();
    list.iter()
        .map(|element| {
            let name = element.as_object()?.get("name")?.as_str()?;
            seen.insert(name).then_some((name, element))
        })
        .collect()
}

fn by_name(path: &str, old: &[(&str, &Value)], new: &[(&str, &Value)], found: &mut Vec<Field>) {
    let before: BTreeMap<&str, &Value> = old.iter().copied().collect();
    let after: BTreeMap<&str, &Value> = new.iter().copied().collect();
    let gone = old.iter().filter(|(name, _)| !after.contains_key(name));
    for (name, _) in gone.chain(new) {
        let path = format!("{path}[{name}]");
        walk(&path, before.get(name).copied(), after.get(name).copied(), found);
    }
    // Elements read those before them, so the order of those that stay is worth a word.
    let kept = |list: &[(&str, &Value)], other: &BTreeMap<&str, &Value>| -> Value {
        list.iter().map(|(name, _)| *name).filter(|name| other.contains_key(name)).collect()
    };
    let (was, is) = (kept(old, &after), kept(new, &before));
    if was != is {
        push(&format!("{path} in order"), Some(&was), Some(&is), found);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn paths(old: &Value, new: &Value) -> Vec<String> {
        differing(old, new).into_iter().map(|field| field.path).collect()
    }

    #[test]
    fn named_lists_are_compared_by_name_and_order_is_said() {
        let old = json!({"v": [{"name": "a", "e": 1}, {"name": "b", "e": 1}, {"name": "c"}]});
        let new = json!({"v": [{"name": "b", "e": 2}, {"name": "a", "e": 1}, {"name": "d"}]});
        assert_eq!(paths(&old, &new), ["v[c]", "v[b].e", "v[d]", "v in order"]);
    }

    #[test]
    fn other_lists_are_compared_by_position_or_as_a_whole() {
        let old = json!({"l": [{"x": 1}], "s": ["a", "b"], "e": []});
        let new = json!({"l": [{"x": 2}, {"x": 3}], "s": ["b"], "e": [1]});
        assert_eq!(paths(&old, &new), ["e", "l[0].x", "l[1]", "s"]);
    }

    #[test]
    fn keys_that_are_no_words_are_quoted_and_selectors_stay_whole() {
        let old = json!({"a": {"x.y/z": 1}, "namespaceSelector": {"matchLabels": {"a": "b"}}});
        let new = json!({"a": {"x.y/z": 2}, "namespaceSelector": {}});
        assert_eq!(paths(&old, &new), ["a[\"x.y/z\"]", "namespaceSelector"]);
    }

    #[test]
    fn nothing_differs_in_equal_objects() {
        let value = json!({"a": [1, {"name": "x"}], "b": null});
        assert_eq!(differing(&value, &value), []);
    }
}
