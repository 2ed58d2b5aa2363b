//! Objects of which only the outside is read, for whoever knows most of them from elsewhere.
//!
//! What a cluster answers is one list in JSON, and clusters hold copies of the same: reading every
//! part of every copy takes most of the time there is. Here an object is taken apart into the texts
//! of its parts, and read if somebody asks. A file that is anything but plain, and every object that
//! explains others or may hold a Secret, is not skimmed: what [`super::Snapshot`] says of it counts.

use super::seen::Seen;
use super::{is_node, reading};
use crate::limits;
use crate::object::{self, Object};
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, de};
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};
use std::borrow::Cow;
use std::fmt;

/// So many parts of an object, or of its `metadata`, are told apart.
const PARTS: usize = 64;

/// What is read in full, wherever it is found.
const IN_FULL: [&str; 4] = ["CustomResourceDefinition", "Namespace", "Node", "Secret"];

/// An object, as the texts of its parts.
#[derive(Clone, Debug, Default)]
pub struct Skimmed<'a> {
    pub(super) api_version: Option<String>,
    pub(super) kind: Option<String>,
    pub(super) metadata: Parts<'a>,
    /// All others.
    pub(super) others: Parts<'a>,
}

/// Parts by name, as JSON, in the order in which they are written.
#[derive(Clone, Debug, Default)]
pub(super) struct Parts<'a>(pub(super) Vec<(Cow<'a, str>, &'a RawValue)>);

/// A key, copied only where it is written with escapes.
#[derive(Deserialize)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);

/// The objects of a file; `None` where all of it has to be read.
pub fn skim<'a>(path: &str, bytes: &'a [u8]) -> Option<Vec<Seen<'a>>> {
    if bytes.len() > limits::SNAPSHOT_BYTES || !path.ends_with(".json") {
        return None;
    }
    let text = std::str::from_utf8(bytes).ok()?;
    let mut seen = vec![];
    for document in serde_json::Deserializer::from_str(text).into_iter::<Document<'_>>() {
        let Document { own, items } = document.ok()?;
        let kind = own.kind.as_deref()?;
        match (object::is_list(kind), items) {
            (false, None) => seen.push(own.seen()?),
            (true, Some(items)) => {
                for mut item in items {
                    if item.kind.is_none() && item.api_version.is_none() {
                        item.kind = Some(kind.trim_end_matches("List").to_owned());
                        item.api_version = own.api_version.clone();
                    }
                    seen.push(item.seen()?);
                }
            }
            _ => return None,
        }
    }
    Some(seen)
}

impl<'a> Skimmed<'a> {
    /// As what it can be told here; `None` where it takes more to know what it is.
    fn seen(self) -> Option<Seen<'a>> {
        let kind = self.kind.as_deref()?;
        let version = self.api_version.as_deref()?;
        if object::is_list(kind) || kind.is_empty() || !object::is_version(version) {
            return None;
        }
        if !IN_FULL.contains(&kind) {
            return Some(Seen::Skimmed(self));
        }
        let object = self.read()?;
        let flaw = is_node(&object).then(|| super::node::flaw(&object)).flatten();
        flaw.is_none().then_some(Seen::Read(Cow::Owned(object)))
    }

    /// Reads all of it; `None` where some part is no JSON after all.
    pub(super) fn read(&self) -> Option<Object> {
        let metadata = self.metadata.read()?;
        let mut object = self.others.read()?;
        object.insert("apiVersion".to_owned(), self.api_version.clone()?.into());
        object.insert("kind".to_owned(), self.kind.clone()?.into());
        if !metadata.is_empty() {
            object.insert("metadata".to_owned(), metadata.into());
        }
        Some(reading::kept(object.into()))
    }

    /// What it is, and these parts of its `metadata`.
    pub(super) fn head(&self, keys: &[&str]) -> Option<Object> {
        let mut metadata = Map::new();
        for key in keys {
            if let Some(text) = self.metadata.get(key) {
                metadata.insert((*key).to_owned(), reading::value(text)?);
            }
        }
        Some(json!({"apiVersion": self.api_version, "kind": self.kind, "metadata": metadata}))
    }

    /// Its name and labels and owners, and what is said of the pods it makes unless one of these
    /// labels is its own.
    pub(super) fn outline(&self, labels: &[&str]) -> Option<Object> {
        let mut object = self.head(&["name", "generateName", "namespace"])?;
        // Of the others most is of no use here, and there are many.
        let owners: &[&str] = &["kind", "name", "controller"];
        let hash: &[&str] = &["pod-template-hash"];
        for (key, keys) in [("labels", &[labels, hash].concat()[..]), ("ownerReferences", owners)] {
            if let Some(text) = self.metadata.get(key) {
                let only = Only(keys).deserialize(&mut serde_json::Deserializer::from_str(text));
                object["metadata"][key] = only.ok()?;
            }
        }
        if object::first_label(&object, labels).is_some() {
            return Some(object);
        }
        let within = |part: &str, path: &[&str]| {
            let text = self.others.get(part)?;
            Within(path).deserialize(&mut serde_json::Deserializer::from_str(text)).ok()?
        };
        if let Some(found) = within("spec", &["jobTemplate", "spec", "template", "metadata"]) {
            object["spec"]["jobTemplate"]["spec"]["template"]["metadata"] = found;
        } else if let Some(found) = within("spec", &["template", "metadata"]) {
            object["spec"]["template"]["metadata"] = found;
        } else if let Some(found) = within("template", &["metadata"]) {
            object["template"]["metadata"] = found;
        }
        Some(object)
    }
}

impl Parts<'_> {
    pub(super) fn get(&self, key: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == key).map(|(_, text)| text.get())
    }

    fn read(&self) -> Option<Map<String, Value>> {
        let parts = self.0.iter();
        parts.map(|(key, text)| Some((key.to_string(), reading::value(text.get())?))).collect()
    }
}

/// A document of a file: an object, or a list of some.
struct Document<'a> {
    own: Skimmed<'a>,
    items: Option<Vec<Skimmed<'a>>>,
}

impl<'de> Deserialize<'de> for Document<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut items = None;
        let own = deserializer.deserialize_map(Outside { items: Some(&mut items) })?;
        Ok(Document { own, items })
    }
}

impl<'de> Deserialize<'de> for Skimmed<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Outside { items: None })
    }
}

/// An object from the outside; `items` takes those of a list, where it may be one.
struct Outside<'a, 'de> {
    items: Option<&'a mut Option<Vec<Skimmed<'de>>>>,
}

impl<'de> Visitor<'de> for Outside<'_, 'de> {
    type Value = Skimmed<'de>;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }
    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut found = Skimmed::default();
        let mut again = false;
        while let Some(Key(key)) = map.next_key()? {
            match (key.as_ref(), &mut self.items) {
                ("apiVersion", _) => {
                    again |= found.api_version.replace(map.next_value()?).is_some()
                }
                ("kind", _) => again |= found.kind.replace(map.next_value()?).is_some(),
                ("metadata", _) => {
                    again |= !found.metadata.0.is_empty();
                    found.metadata = map.next_value()?;
                }
                ("items", Some(items)) => again |= items.replace(map.next_value()?).is_some(),
                _ => found.others.add(key, map.next_value()?)?,
            }
        }
        if again {
            return Err(A::Error::custom("a key is there twice"));
        }
        Ok(found)
    }
}

impl<'a> Parts<'a> {
    fn add<E: de::Error>(&mut self, key: Cow<'a, str>, text: &'a RawValue) -> Result<(), E> {
        if self.0.len() == PARTS || self.get(&key).is_some() {
            return Err(E::custom("too many parts, or one of them twice"));
        }
        // Nobody reads them, and they are as large as the object.
        if key != "managedFields" {
            self.0.push((key, text));
        }
        Ok(())
    }
}

impl<'de> Deserialize<'de> for Parts<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Each;
        impl<'de> Visitor<'de> for Each {
            type Value = Parts<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut parts = Parts::default();
                while let Some((Key(key), text)) = map.next_entry::<Key<'_>, &RawValue>()? {
                    parts.add(key, text)?;
                }
                Ok(parts)
            }
        }
        deserializer.deserialize_map(Each)
    }
}

/// These keys of a map, or of every map of a list.
#[derive(Clone, Copy)]
struct Only<'a>(&'a [&'a str]);

impl<'de> DeserializeSeed<'de> for Only<'_> {
    type Value = Value;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Only<'_> {
    type Value = Value;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map, or a list of some")
    }
    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut items = vec![];
        while let Some(item) = list.next_element_seed(self)? {
            items.push(item);
        }
        Ok(items.into())
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut found = Map::new();
        while let Some(Key(key)) = map.next_key()? {
            match self.0.contains(&&*key) {
                true => drop(found.insert(key.into_owned(), map.next_value()?)),
                false => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(found.into())
    }
}

/// The value at a path of keys, where what leads there are maps.
struct Within<'a>(&'a [&'a str]);

impl<'de> DeserializeSeed<'de> for Within<'_> {
    type Value = Option<Value>;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        match self.0 {
            [] => Value::deserialize(deserializer).map(Some),
            _ => deserializer.deserialize_map(self),
        }
    }
}

impl<'de> Visitor<'de> for Within<'_> {
    type Value = Option<Value>;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map")
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut found = None;
        while let Some(Key(key)) = map.next_key()? {
            match self.0.split_first() {
                Some((first, rest)) if *first == key => {
                    found = map.next_value_seed(Within(rest))?;
                }
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(found)
    }
}
