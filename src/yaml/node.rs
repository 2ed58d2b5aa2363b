//! The spanned tree, and reading it.
//!
//! serde-saphyr parses; its budgets refuse bombs. Repeated keys are passed through and kept, so
//! that the complaint about them can name both places.

use super::parts;
use crate::diagnostic::Diagnostic;
use crate::limits;
use crate::text::{Place, SourceId, Sources};
use rayon::prelude::*;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::Spanned;
use std::fmt;

/// A YAML value and where it stands.
#[derive(Clone, Debug)]
pub struct Node {
    pub place: Place,
    pub value: Value,
}

#[derive(Clone, Debug)]
pub enum Value {
    Null,
    Bool(bool),
    Integer(i64),
    Float(f64),
    Text(String),
    List(Vec<Node>),
    /// In the order written; keys are unique.
    Map(Vec<((String, Place), Node)>),
}

impl Node {
    pub fn get(&self, key: &str) -> Option<&Node> {
        let Value::Map(entries) = &self.value else { return None };
        entries.iter().find(|((name, _), _)| name == key).map(|(_, node)| node)
    }

    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// What kind of value this is, in words.
    pub fn kind(&self) -> &'static str {
        match self.value {
            Value::Null => "nothing",
            Value::Bool(_) => "a boolean",
            Value::Integer(_) => "a whole number",
            Value::Float(_) => "a number",
            Value::Text(_) => "a text",
            Value::List(_) => "a list",
            Value::Map(_) => "a map",
        }
    }

    pub fn to_json(&self) -> serde_json::Value {
        match &self.value {
            Value::Null => serde_json::Value::Null,
            Value::Bool(value) => (*value).into(),
            Value::Integer(value) => (*value).into(),
            Value::Float(value) => (*value).into(),
            Value::Text(value) => value.as_str().into(),
            Value::List(nodes) => nodes.iter().map(Node::to_json).collect(),
            Value::Map(entries) => {
                entries.iter().map(|((key, _), node)| (key.clone(), node.to_json())).collect()
            }
        }
    }
}

/// Reads all documents of a source; empty documents are left out.
pub fn read(sources: &Sources, source: SourceId) -> Result<Vec<Node>, Vec<Diagnostic>> {
    let text = &sources.get(source).text;
    if text.len() >= parts::WORTHWHILE
        && let Some(nodes) = read_in_parts(sources, source, parts::PART)
    {
        return Ok(nodes);
    }
    let raw = parse(text).map_err(|error| {
        let message = error.to_string();
        let message = message.lines().next().unwrap_or_default();
        let message = message.trim_start_matches("error: ");
        // The place says which line it is.
        let message = message.split(" at line ").next().unwrap_or_default();
        let at = error.location().map_or(0, |at| {
            let known = at.span().byte_offset().and_then(|offset| usize::try_from(offset).ok());
            known.unwrap_or_else(|| offset(text, at.line() as usize, at.column() as usize))
        });
        let start = u32::try_from(at.min(text.len())).unwrap_or(0);
        let place = Place { source, start, end: (start + 1).min(text.len() as u32) };
        let said = Diagnostic::error("yaml-syntax", "this file cannot be read as YAML")
            .at(place, message)
            .help("mend the file; other complaints about it can only be seen afterwards");
        vec![said]
    })?;
    placed(raw, source, 0)
}

/// The same by several threads, each with some of the documents, `shortest` bytes of them or more;
/// `None` where that cannot be, or where there is anything to complain about: what is told then is
/// what reading it whole tells.
pub fn read_in_parts(sources: &Sources, source: SourceId, shortest: usize) -> Option<Vec<Node>> {
    let text = &sources.get(source).text;
    let parts = parts::of(text, shortest)?;
    let read = parts.par_iter().map(|part| {
        let raw = parse(&text[part.clone()]).ok()?;
        let nodes: usize = raw.iter().map(Raw::size).sum();
        Some((placed(raw, source, u32::try_from(part.start).ok()?).ok()?, nodes))
    });
    let read: Vec<(Vec<Node>, usize)> = read.collect::<Option<_>>()?;
    let nodes: usize = read.iter().map(|(_, nodes)| nodes).sum();
    (nodes <= limits::YAML_NODES).then(|| read.into_iter().flat_map(|(nodes, _)| nodes).collect())
}

fn parse(text: &str) -> Result<Vec<Raw>, serde_saphyr::Error> {
    let options = serde_saphyr::options! {
        legacy_octal_numbers: true,
        with_snippet: false,
        duplicate_keys: serde_saphyr::DuplicateKeyPolicy::PassThrough,
        budget: serde_saphyr::budget! {
            max_depth: limits::YAML_DEPTH,
            max_nodes: limits::YAML_NODES,
            max_aliases: limits::YAML_ALIASES,
            max_documents: 100_000,
        },
    };
    serde_saphyr::from_multiple_with_options(text, options)
}

/// The documents of a text that begins at `start` of its source.
fn placed(raw: Vec<Raw>, source: SourceId, start: u32) -> Result<Vec<Node>, Vec<Diagnostic>> {
    let mut problems = vec![];
    let mut placing = Placing { source, start, problems: &mut problems };
    let nodes = raw.into_iter().map(|raw| placing.node(raw));
    let nodes = nodes.filter(|node| !matches!(node.value, Value::Null)).collect();
    if problems.is_empty() { Ok(nodes) } else { Err(problems) }
}

/// The byte at which a line and column begin, both counted from 1.
fn offset(text: &str, line: usize, column: usize) -> usize {
    let above: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let rest = text.get(above..).unwrap_or_default();
    let inside = rest.char_indices().nth(column.saturating_sub(1));
    above + inside.map_or(rest.len(), |(index, _)| index)
}

/// What serde-saphyr hands over: the same tree before sources have ids.
struct Raw {
    start: u32,
    end: u32,
    value: RawValue,
}

enum RawValue {
    Null,
    Bool(bool),
    Integer(i64),
    Float(f64),
    Text(String),
    List(Vec<Raw>),
    Map(Vec<(String, u32, u32, Raw)>),
}

impl Raw {
    /// How many nodes it has, keys included.
    fn size(&self) -> usize {
        match &self.value {
            RawValue::List(items) => 1 + items.iter().map(Raw::size).sum::<usize>(),
            RawValue::Map(entries) => {
                1 + entries.iter().map(|(.., value)| 1 + value.size()).sum::<usize>()
            }
            _ => 1,
        }
    }
}

/// Gives every node its place in its source, and finds keys that are given twice.
struct Placing<'a> {
    source: SourceId,
    /// Where the text that was parsed begins.
    start: u32,
    problems: &'a mut Vec<Diagnostic>,
}

impl Placing<'_> {
    fn place(&self, start: u32, end: u32) -> Place {
        Place { source: self.source, start: self.start + start, end: self.start + end }
    }

    fn node(&mut self, raw: Raw) -> Node {
        let place = self.place(raw.start, raw.end);
        let value = match raw.value {
            RawValue::Null => Value::Null,
            RawValue::Bool(value) => Value::Bool(value),
            RawValue::Integer(value) => Value::Integer(value),
            RawValue::Float(value) => Value::Float(value),
            RawValue::Text(value) => Value::Text(value),
            RawValue::List(raw) => Value::List(raw.into_iter().map(|raw| self.node(raw)).collect()),
            RawValue::Map(raw) => {
                let mut entries: Vec<((String, Place), Node)> = Vec::with_capacity(raw.len());
                for (key, start, end, value) in raw {
                    let place = self.place(start, end);
                    if let Some(((_, first), _)) = entries.iter().find(|((k, _), _)| *k == key) {
                        self.problems.push(
                            Diagnostic::error("duplicate-key", format!("`{key}` is given twice"))
                                .at(place, "given again here")
                                .at(*first, "first given here")
                                .help("keep one of the two"),
                        );
                        continue;
                    }
                    let value = self.node(value);
                    entries.push(((key, place), value));
                }
                Value::Map(entries)
            }
        };
        Node { place, value }
    }
}

fn range<T>(spanned: &Spanned<T>) -> (u32, u32) {
    let span = spanned.referenced.span();
    let start = u32::try_from(span.byte_offset().unwrap_or(0)).unwrap_or(0);
    let length = u32::try_from(span.byte_len().unwrap_or(0)).unwrap_or(0);
    (start, start.saturating_add(length))
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spanned = Spanned::<RawValue>::deserialize(deserializer)?;
        let (start, end) = range(&spanned);
        Ok(Raw { start, end, value: spanned.value })
    }
}

impl<'de> Deserialize<'de> for RawValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValue)
    }
}

struct AnyValue;

impl<'de> Visitor<'de> for AnyValue {
    type Value = RawValue;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any YAML value")
    }
    fn visit_unit<E>(self) -> Result<RawValue, E> {
        Ok(RawValue::Null)
    }
    fn visit_none<E>(self) -> Result<RawValue, E> {
        Ok(RawValue::Null)
    }
    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<RawValue, D::Error> {
        RawValue::deserialize(deserializer)
    }
    fn visit_bool<E>(self, value: bool) -> Result<RawValue, E> {
        Ok(RawValue::Bool(value))
    }
    fn visit_i64<E>(self, value: i64) -> Result<RawValue, E> {
        Ok(RawValue::Integer(value))
    }
    fn visit_u64<E>(self, value: u64) -> Result<RawValue, E> {
        Ok(i64::try_from(value).map_or(RawValue::Float(value as f64), RawValue::Integer))
    }
    fn visit_f64<E>(self, value: f64) -> Result<RawValue, E> {
        Ok(RawValue::Float(value))
    }
    fn visit_str<E>(self, value: &str) -> Result<RawValue, E> {
        Ok(RawValue::Text(value.to_owned()))
    }
    fn visit_string<E>(self, value: String) -> Result<RawValue, E> {
        Ok(RawValue::Text(value))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<RawValue, A::Error> {
        let mut nodes = vec![];
        while let Some(node) = list.next_element()? {
            nodes.push(node);
        }
        Ok(RawValue::List(nodes))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<RawValue, A::Error> {
        let mut entries = vec![];
        while let Some(key) = map.next_key::<Spanned<String>>()? {
            let (start, end) = range(&key);
            entries.push((key.value, start, end, map.next_value()?));
        }
        Ok(RawValue::Map(entries))
    }
}
