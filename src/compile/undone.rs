//! What a text was compiled from, as far as it shows: the control's own words, and what was put
//! around them.
//!
//! Exemptions, who may break the glass and the day of a denial each add variables and guards, so
//! that two texts may differ in much and yet be of one control. Here the additions are taken off
//! again, where they are written the way this module's siblings write them; anything else stays in
//! the text, which is then another one. Whether one text asks for more than another is decided by
//! those who compare.

use super::subject::{CONTAINERS, CONTAINERS_LEFT, EACH, EXEMPTING, NAMESPACE, WHOLE};
use super::{BREAK_GLASS, Data, LATER, asking, read_literal, reads};
use crate::date::Date;
use crate::object;
use crate::plan::{AskedBy, Exempt};
use crate::selector::{Operator, Selector};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// A text without what was put around it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Undone {
    /// The variables that validations read.
    pub variables: BTreeMap<String, String>,
    /// Each as its alternatives: one that holds lets a request pass.
    pub validations: Vec<BTreeSet<String>>,
    pub parameters: Option<Map<String, Value>>,
    pub exemptions: Vec<Exempt>,
    /// How an exemption knows an object by its labels and its workload.
    pub known_by: Vec<String>,
    pub asked_by: AskedBy,
    /// The first day on which it may deny.
    pub later: Option<Date>,
}

/// Takes off what was put around a control's words; `handed` are the parameters that an engine
/// hands over, where they are not written into the text.
pub fn undo(
    variables: impl IntoIterator<Item = (String, String)>,
    validations: &[String],
    handed: Option<&Map<String, Value>>,
) -> Undone {
    let mut text = Undone {
        variables: variables.into_iter().collect(),
        validations: validations.iter().map(|one| alternatives(one)).collect(),
        parameters: handed.cloned(),
        ..Undone::default()
    };
    text.take_later();
    text.take_exemptions();
    text.take_asked_by();
    if handed.is_none() {
        let written = text.variables.get("params").and_then(|written| read_literal(written));
        if let Some(Value::Object(map)) = written {
            text.variables.remove("params");
            text.parameters = Some(map);
        }
    }
    let all = text.validations.iter().flatten();
    text.variables = reached(&text.variables, all);
    text
}

impl Undone {
    /// The variables that these alternatives read, and what those read.
    pub fn reached(&self, alternatives: &BTreeSet<String>) -> BTreeMap<String, String> {
        reached(&self.variables, alternatives)
    }

    fn take_later(&mut self) {
        let handed = self.parameters.as_mut().and_then(|map| map.remove(LATER));
        let written = self.variables.remove(LATER);
        let day = handed.or_else(|| read_literal(&written?));
        self.later = day.as_ref().and_then(Value::as_str).and_then(|day| day.parse().ok());
    }

    fn take_exemptions(&mut self) {
        let text = |name: &str| self.variables.get(name).map(String::as_str);
        let list = match (text("exemptions"), &self.parameters) {
            (Some("variables.params.exemptions"), Some(map)) => map.get("exemptions").cloned(),
            (Some(written), _) => read_literal(written),
            (None, _) => None,
        };
        let list = list.as_ref().and_then(Value::as_array);
        let read = list.and_then(|list| list.iter().map(exempt).collect::<Option<Vec<Exempt>>>());
        let Some(exemptions) = read else { return };
        let ours = text("exempting") == Some(EXEMPTING)
            && text("namespace") == Some(NAMESPACE)
            && [Some(EACH), Some(WHOLE)].contains(&text("exempt"))
            && (text("exempt") == Some(WHOLE) || text("containers") == Some(CONTAINERS_LEFT));
        if !ours || !self.take_guard("variables.exempt") {
            return;
        }
        for name in ["labels", "workloads"] {
            self.known_by.extend(self.variables.get(name).cloned());
        }
        if let Some(containers) = self.variables.get_mut("containers")
            && containers == CONTAINERS_LEFT
        {
            *containers = CONTAINERS.to_owned();
        }
        if let Some(map) = &mut self.parameters {
            map.remove("exemptions");
        }
        self.exemptions = exemptions;
    }

    fn take_asked_by(&mut self) {
        let Some(written) = self.variables.get(BREAK_GLASS) else { return };
        let handed = self.parameters.as_ref().map(|map| map.get(BREAK_GLASS));
        let (groups, data) = match handed {
            Some(record) => {
                let groups = record.map(|record| object::texts(record, &["groups"]));
                (groups.unwrap_or_default(), Data::Injected { break_glass: true })
            }
            None => {
                let list = written.split_once(" in ").and_then(|(_, list)| list.strip_suffix(')'));
                let Some(list) = list.and_then(read_literal) else { return };
                let groups = serde_json::from_value(list).unwrap_or_default();
                (groups, Data::Literal)
            }
        };
        let passes = handed.flatten().and_then(|record| record.get("passes"));
        let members = AskedBy::Members(groups.clone());
        let possible = match (data, passes) {
            (Data::Literal, _) => vec![AskedBy::Others(groups), members],
            (_, Some(Value::Bool(false))) => vec![members],
            _ => vec![AskedBy::Others(groups)],
        };
        let written = written.clone();
        for asked_by in possible {
            let Some((member, guard)) = asking(&asked_by, data) else { continue };
            if member == written && self.take_guard(&guard) {
                if let Some(map) = &mut self.parameters {
                    map.remove(BREAK_GLASS);
                }
                self.asked_by = match asked_by {
                    AskedBy::Others(groups) if groups.is_empty() => AskedBy::Everybody,
                    other => other,
                };
                return;
            }
        }
    }

    /// Takes a guard off every validation; `false`, and nothing taken, where one has it not.
    fn take_guard(&mut self, guard: &str) -> bool {
        let there = self.validations.iter().all(|one| one.contains(guard));
        if there {
            for one in &mut self.validations {
                one.remove(guard);
            }
        }
        there
    }
}

fn reached<'a>(
    all: &BTreeMap<String, String>,
    texts: impl IntoIterator<Item = &'a String>,
) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut open: Vec<String> = texts.into_iter().cloned().collect();
    while let Some(text) = open.pop() {
        // Read in another way than by its name: it may be any of them.
        if text.replace("variables.", "").contains("variables") {
            return all.clone();
        }
        for name in reads(&text) {
            if let Some(expression) = all.get(&name)
                && found.insert(name, expression.clone()).is_none()
            {
                open.push(expression.clone());
            }
        }
    }
    found
}

/// The parts between `||` at the top of an expression; all of it where that cannot be told.
fn alternatives(expression: &str) -> BTreeSet<String> {
    let whole = || BTreeSet::from([expression.trim().to_owned()]);
    let told = ["'''", "\"\"\"", "r'", "r\"", "R'", "R\"", "//"];
    if told.iter().any(|mark| expression.contains(mark)) {
        return whole();
    }
    let bytes = expression.as_bytes();
    let (mut depth, mut quote, mut start) = (0_usize, None, 0);
    let mut parts = BTreeSet::new();
    let mut at = 0;
    while at < bytes.len() {
        match (bytes[at], quote) {
            (b'\\', Some(_)) => at += 1,
            (byte, Some(end)) => quote = (byte != end).then_some(end),
            (byte @ (b'\'' | b'"'), None) => quote = Some(byte),
            (b'(' | b'[' | b'{', None) => depth += 1,
            (b')' | b']' | b'}', None) => depth = depth.saturating_sub(1),
            // What is chosen between is no alternative; `.?` and `[?` choose nothing.
            (b'?', None) if depth == 0 && !(at > 0 && bytes[at - 1] == b'.') => return whole(),
            (b'|', None) if depth == 0 && bytes.get(at + 1) == Some(&b'|') => {
                parts.insert(expression.get(start..at).unwrap_or_default().trim().to_owned());
                at += 1;
                start = at + 1;
            }
            _ => {}
        }
        at += 1;
    }
    parts.insert(expression.get(start..).unwrap_or_default().trim().to_owned());
    parts
}

/// An exemption as data, read back; `None` where anything about it is unusual.
fn exempt(record: &Value) -> Option<Exempt> {
    let known = ["images", "labels", "name", "namespaces", "workloads"];
    let fields = record.as_object()?;
    if fields.len() != known.len() || !known.iter().all(|field| fields.contains_key(*field)) {
        return None;
    }
    let texts = |field: &str| serde_json::from_value::<Vec<String>>(record[field].clone()).ok();
    let mut labels = Selector::all();
    for one in record["labels"].as_array()? {
        let operator = match one["operator"].as_str()? {
            "In" => Operator::In,
            "NotIn" => Operator::NotIn,
            "Exists" => Operator::Exists,
            "DoesNotExist" => Operator::DoesNotExist,
            _ => return None,
        };
        let values = object::texts(one, &["values"]);
        labels = labels.and(&Selector::one(one["key"].as_str()?, operator, values));
    }
    Some(Exempt {
        name: record["name"].as_str()?.to_owned(),
        namespaces: texts("namespaces")?,
        workloads: texts("workloads")?,
        labels,
        images: texts("images")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alternatives_are_those_at_the_top() {
        let parts = |text: &str| alternatives(text).into_iter().collect::<Vec<_>>();
        assert_eq!(
            parts("b || (a || c) || x.?y.orValue('||')"),
            ["(a || c)", "b", "x.?y.orValue('||')"]
        );
        assert_eq!(parts("a ? b : c || d"), ["a ? b : c || d"]);
        assert_eq!(parts("a && b || c"), ["a && b", "c"]);
        assert_eq!(parts("a|é|b"), ["a|é|b"]);
        assert_eq!(parts("r'\\' || a"), ["r'\\' || a"]);
    }
}
