//! The manifests of real applications, such as every tool can be asked about them.
//!
//! An API server knows an object by its kind, namespace and name, and tools that take files go by
//! the same. Objects of different applications may share all three: all but the first get another
//! name. One that names no namespace is in `default`, as it is once it was applied.

use super::objects::{key, list, text};
use ordinance::admission::resource_of;
use ordinance::text::Sources;
use ordinance::yaml;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

pub struct Manifests {
    pub objects: Vec<Value>,
    /// Files that are no YAML, with what is wrong.
    pub broken: BTreeMap<String, String>,
}

impl Manifests {
    pub fn read(folder: &Path) -> Manifests {
        let index = fs::read_to_string(folder.join("index.json")).expect("an index");
        let index: Value = serde_json::from_str(&index).expect("JSON");
        let sets = index["sets"].as_object().expect("sets");
        let mut manifests = Manifests { objects: vec![], broken: BTreeMap::new() };
        let mut named: BTreeMap<String, usize> = BTreeMap::new();
        for set in sets.keys() {
            for file in files(&folder.join(set)) {
                let name = file.file_name().expect("a file").to_string_lossy();
                let mut sources = Sources::default();
                let source = sources.add("manifest", fs::read_to_string(&file).expect("a text"));
                let nodes = match yaml::read(&sources, source) {
                    Ok(nodes) => nodes,
                    Err(found) => {
                        let why = found[0].message.clone();
                        manifests.broken.insert(format!("{set}/{name}"), why);
                        continue;
                    }
                };
                for object in nodes.iter().map(yaml::Node::to_json).flat_map(items) {
                    let mut object = in_its_namespace(object);
                    let before = named.entry(key(&object)).or_default();
                    *before += 1;
                    if *before > 1 {
                        let name = format!("{}-again-{before}", text(&object, "/metadata/name"));
                        object["metadata"]["name"] = name.into();
                    }
                    manifests.objects.push(object);
                }
            }
        }
        manifests
    }

    /// Name and labels of every namespace that something is in: the labels of its own manifest
    /// where there is one.
    pub fn namespaces(&self) -> Vec<Value> {
        let all = || self.objects.iter();
        let names: BTreeSet<&str> = all()
            .map(|one| text(one, "/metadata/namespace"))
            .filter(|one| !one.is_empty())
            .collect();
        let of = |name: &str| {
            let own = all().find(|one| key(one) == format!("Namespace//{name}"));
            let labels = own.and_then(|one| one.pointer("/metadata/labels")).cloned();
            json!({"name": name, "labels": labels.unwrap_or_else(|| json!({}))})
        };
        names.into_iter().map(of).collect()
    }
}

fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder of the index");
    let mut files: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    files
}

/// The objects of a document: one, or those of a list.
fn items(document: Value) -> Vec<Value> {
    let kind = text(&document, "/kind").to_owned();
    let Some(of) = kind.strip_suffix("List").filter(|_| document.get("items").is_some()) else {
        return if document.is_object() { vec![document] } else { vec![] };
    };
    assert!(list(&document, "/items").iter().all(|item| item.get("kind").is_some()), "{of}");
    list(&document, "/items").to_vec()
}

fn in_its_namespace(mut object: Value) -> Value {
    let (group, _) = text(&object, "/apiVersion").split_once('/').unwrap_or_default();
    let namespaced = resource_of(group, text(&object, "/kind")).namespaced == Some(true);
    if namespaced && text(&object, "/metadata/namespace").is_empty() {
        object["metadata"]["namespace"] = "default".into();
    }
    object
}
