//! Objects that are others afterwards: of another kind or version of their API, with other fields,
//! new or gone. They are read from the emitted bytes.

use super::Side;
use crate::object::{self, Object};
use crate::text::Sources;
use crate::tree::Files;
use crate::yaml::{self, Node};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// What kind of object it is, in which version of its API.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Shape {
    pub api_version: String,
    pub kind: String,
}

/// An object that is another one afterwards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    pub name: String,
    /// Below the cluster's folder.
    pub path: String,
    /// `None`: there is none before.
    pub old: Option<Shape>,
    pub new: Option<Shape>,
    /// Where it stays of its shape: the fields that differ.
    pub fields: Vec<String>,
}

/// The objects that differ, in the order of their files.
pub fn moved(before: &Side<'_>, after: &Side<'_>) -> Vec<Moved> {
    let (before, after) = (before.files, after.files);
    let paths: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let differing = paths.into_iter().filter(|path| {
        let applied = path.contains('/') && !path.ends_with("/kustomization.yaml");
        applied && before.get(*path) != after.get(*path)
    });
    differing.flat_map(|path| file(path, &read(before, path), &read(after, path))).collect()
}

fn read(files: &Files, path: &str) -> Vec<Object> {
    let text = files.get(path).map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    let mut sources = Sources::default();
    let source = sources.add(path, text.unwrap_or_default());
    let nodes = yaml::read(&sources, source).unwrap_or_default();
    nodes.iter().map(Node::to_json).collect()
}

fn shape(object: &Object) -> Shape {
    let api_version = object::text(object, &["apiVersion"]).to_owned();
    Shape { api_version, kind: object::kind(object).to_owned() }
}

/// Objects belong together that have one kind and name, and of the others those that have one name.
fn file(path: &str, before: &[Object], after: &[Object]) -> Vec<Moved> {
    let key = |one: &Object| (object::kind(one).to_owned(), object::name(one).to_owned());
    let mut old: BTreeMap<(String, String), &Object> =
        before.iter().map(|one| (key(one), one)).collect();
    let mut new: BTreeMap<(String, String), &Object> =
        after.iter().map(|one| (key(one), one)).collect();
    let mut pairs = vec![];
    for one in before {
        if let Some(other) = new.remove(&key(one)) {
            old.remove(&key(one));
            pairs.push((Some(one), Some(other)));
        }
    }
    for one in old.into_values() {
        let namesake = new.keys().find(|(_, name)| name == object::name(one)).cloned();
        pairs.push((Some(one), namesake.and_then(|key| new.remove(&key))));
    }
    pairs.extend(new.into_values().map(|one| (None, Some(one))));
    let told = pairs.into_iter().filter(|(old, new)| old != new).map(|(old, new)| {
        let name = old.or(new).map_or("", object::name).to_owned();
        let (was, is) = (old.map(shape), new.map(shape));
        let fields = match (old, new) {
            (Some(old), Some(new)) if was == is => fields(old, new),
            _ => vec![],
        };
        Moved { name, path: path.to_owned(), old: was, new: is, fields }
    });
    told.collect()
}

fn fields(old: &Value, new: &Value) -> Vec<String> {
    let mut found = vec![];
    differing("", old, new, &mut found);
    found
}

/// Lists are compared as a whole: their entries have no names that all of them share.
fn differing(path: &str, old: &Value, new: &Value, found: &mut Vec<String>) {
    match (old, new) {
        (Value::Object(was), Value::Object(is)) => {
            let keys: BTreeSet<&String> = was.keys().chain(is.keys()).collect();
            for key in keys {
                let deeper = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                let (was, is) = (was.get(key), is.get(key));
                match was.zip(is) {
                    Some((was, is)) => differing(&deeper, was, is, found),
                    None => found.push(deeper),
                }
            }
        }
        (old, new) if old != new => found.push(path.to_owned()),
        _ => {}
    }
}
