//! From the bytes of a file to objects.
//!
//! What a cluster answers is JSON in one list; its items are taken one by one, so that the list is
//! never there twice. The bytes themselves are one file of bounded size, and whoever reads the next
//! has let go of it. What could be a value is quoted in no complaint.

use super::secrets::drop_values;
use crate::limits;
use crate::object::{self, Object};
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use std::fmt;

/// How many documents of one file are complained about one by one.
pub const TOLD: usize = 5;

#[derive(Default)]
pub struct Read {
    /// Each with the number of its document.
    pub objects: Vec<(usize, Object)>,
    pub problems: Vec<String>,
}

/// The documents of a file, as they stand: whoever asks for them keeps no value of a Secret.
pub fn values(path: &str, bytes: &[u8]) -> Result<Vec<Value>, String> {
    if bytes.len() > limits::SNAPSHOT_BYTES {
        return Err(format!("it is larger than {} MiB", limits::SNAPSHOT_BYTES >> 20));
    }
    let text = std::str::from_utf8(bytes).map_err(|_| "it is not UTF-8")?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let is_json = text.trim_start().starts_with(['{', '[']);
    match is_json.then(|| json(text)) {
        Some(Ok(documents)) => Ok(documents),
        Some(Err(why)) if path.ends_with(".json") => Err(why),
        // A map in braces may be YAML all the same.
        _ => yaml(text),
    }
}

pub fn read(path: &str, bytes: &[u8]) -> Read {
    let mut read = Read::default();
    let documents = match values(path, bytes) {
        Ok(documents) => documents,
        Err(why) => {
            read.problems.push(why);
            return read;
        }
    };
    let mut flaws = 0;
    let documents = documents.into_iter().filter(|one| !one.is_null());
    for (index, document) in documents.enumerate() {
        flatten(document, &mut |object, flaw| match flaw {
            None => read.objects.push((index + 1, object)),
            Some(flaw) => {
                flaws += 1;
                if flaws <= TOLD {
                    let number = index + 1;
                    read.problems
                        .push(format!("its document {number} is no Kubernetes object: {flaw}"));
                }
            }
        });
    }
    if flaws > TOLD {
        read.problems.push(format!("{} more are no Kubernetes objects", flaws - TOLD));
    }
    read
}

/// One JSON value without what no snapshot keeps in its maps; `None` where it is none.
pub fn value(text: &str) -> Option<Value> {
    let mut left = limits::SNAPSHOT_NODES;
    Counted(&mut left).deserialize(&mut serde_json::Deserializer::from_str(text)).ok()
}

/// An object without what no snapshot keeps.
pub fn kept(mut object: Object) -> Object {
    drop_values(&mut object);
    object
}

/// Hands over every object of a document, without what no snapshot keeps; of what is none, why.
fn flatten(mut value: Value, each: &mut impl FnMut(Object, Option<&str>)) {
    let flaw = object::flaw(&value);
    if flaw.is_none() && object::is_list(object::kind(&value)) {
        match value.get_mut("items").map(Value::take) {
            Some(Value::Array(items)) => {
                let kind = object::kind(&value).trim_end_matches("List").to_owned();
                let version = object::text(&value, &["apiVersion"]).to_owned();
                for mut item in items {
                    // What the API itself answers leaves to the list what its items are.
                    if let Some(item) = item.as_object_mut()
                        && !kind.is_empty()
                        && !item.contains_key("kind")
                        && !item.contains_key("apiVersion")
                    {
                        item.insert("kind".to_owned(), kind.clone().into());
                        item.insert("apiVersion".to_owned(), version.clone().into());
                    }
                    flatten(item, each);
                }
                return;
            }
            Some(Value::Null) | None if object::kind(&value) == "List" => return,
            Some(other) => value["items"] = other,
            None => {}
        }
    }
    each(kept(value), flaw);
}

fn yaml(text: &str) -> Result<Vec<Value>, String> {
    let options = serde_saphyr::options! {
        legacy_octal_numbers: true,
        with_snippet: false,
        duplicate_keys: serde_saphyr::DuplicateKeyPolicy::Error,
        budget: serde_saphyr::budget! {
            max_depth: limits::YAML_DEPTH,
            max_nodes: limits::SNAPSHOT_NODES,
            max_events: 2 * limits::SNAPSHOT_NODES,
            max_total_scalar_bytes: limits::SNAPSHOT_BYTES,
            max_aliases: limits::YAML_ALIASES,
            max_documents: limits::SNAPSHOT_NODES,
        },
    };
    serde_saphyr::from_multiple_with_options(text, options).map_err(|error| {
        match error.location() {
            Some(at) => format!("it cannot be read as YAML, as seen in line {}", at.line()),
            None => "it cannot be read as YAML".to_owned(),
        }
    })
}

fn json(text: &str) -> Result<Vec<Value>, String> {
    let mut left = limits::SNAPSHOT_NODES;
    let mut reader = serde_json::Deserializer::from_str(text);
    let mut documents = vec![];
    while reader.end().is_err() {
        let document = Counted(&mut left).deserialize(&mut reader).map_err(|error| {
            format!("it cannot be read as JSON, as seen in line {}", error.line())
        })?;
        documents.push(document);
    }
    Ok(documents)
}

/// Any JSON value, of no more parts than are left.
struct Counted<'a>(&'a mut usize);

impl<'de> DeserializeSeed<'de> for Counted<'_> {
    type Value = Value;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        *self.0 = self.0.checked_sub(1).ok_or_else(|| D::Error::custom("too many parts"))?;
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Counted<'_> {
    type Value = Value;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }
    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }
    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut items = vec![];
        while let Some(item) = list.next_element_seed(Counted(self.0))? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut entries = Map::new();
        while let Some(key) = map.next_key::<String>()? {
            let value = map.next_value_seed(Counted(self.0))?;
            // Nobody reads them, and they are as large as the object.
            if key != "managedFields" {
                entries.insert(key, value);
            }
        }
        Ok(Value::Object(entries))
    }
}
