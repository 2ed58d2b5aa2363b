//! What an object says, in the words of policy: its action, scope, exemptions and parameters.
//!
//! These are read from the fields that policy types share, so an object of any of them is
//! understood, and one of none of them is told field by field. What has been said in words is not
//! said again as a field; what could not be understood always is.

use super::fields::{self, Field, SELECTORS};
use super::{Statement, Topic};
use crate::compile::{BREAK_GLASS, LATER, read_literal, without_day};
use crate::object::{self, Object};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

const ACTION_FIELDS: [&str; 5] = [
    "validationActions",
    "enforcementAction",
    "validationFailureAction",
    "failureAction",
    "emitWarning",
];

/// How groups that may break the glass are told of where they pass, and where they alone are
/// judged; no exemption and no parameter has a name like it.
const PASSING: &str = "of those who break the glass";
const ONLY: &str = "only for groups";

/// What the first day on which it may deny is called.
const DENIES: &str = "denies at the earliest";

/// What differs between two states of one object; nothing if they say the same.
pub fn statements(old: &Object, new: &Object) -> Vec<Statement> {
    let (was, is) = (Facts::of(old), Facts::of(new));
    let mut said = facts(&was, &is);
    let fields = fields::differing(old, new);
    said.extend(fields.into_iter().filter(|field| !told(field, &was, &is)).map(statement));
    sorted(said)
}

/// What one object stands for that is added or removed, or replaced by one of another kind.
pub fn summary(old: Option<&Object>, new: Option<&Object>) -> Vec<Statement> {
    let of = |object: Option<&Object>| object.map(Facts::of).unwrap_or_default();
    let mut said = facts(&of(old), &of(new));
    let selectors = |object: Option<&Object>| object.map(namespaces).unwrap_or_default();
    let (was, is) = (selectors(old), selectors(new));
    if was != is {
        said.push(Statement { topic: Topic::Scope, path: "namespaces".into(), old: was, new: is });
    }
    if let (Some(old), Some(new)) = (old, new) {
        let kind = |object: &Object| Some(Value::from(object::kind(object)));
        let (old, new) = (kind(old), kind(new));
        said.push(Statement { topic: Topic::Kind, path: "kind".into(), old, new });
    }
    sorted(said)
}

fn sorted(mut said: Vec<Statement>) -> Vec<Statement> {
    said.sort_by_key(|statement| statement.topic);
    said
}

/// What is understood of an object.
#[derive(Debug, Default)]
struct Facts {
    action: Option<&'static str>,
    /// The first day on which it may deny, while a grace runs.
    later: Option<Value>,
    exemptions: Told,
    parameters: Told,
}

/// Things with names, wherever the object keeps them.
#[derive(Debug, Default)]
struct Told {
    by_name: BTreeMap<String, Value>,
    /// They could not be read, or not kept apart.
    unclear: bool,
}

impl Facts {
    fn of(object: &Object) -> Facts {
        let (mut exemptions, mut parameters) = (Told::default(), Told::default());
        if let Some(given) = object::at(object, &["spec", "parameters"]) {
            match given.as_object() {
                Some(map) => {
                    let others = map.iter().filter(|(name, _)| *name != "exemptions");
                    parameters.by_name =
                        others.map(|(name, value)| (name.clone(), value.clone())).collect();
                    exemptions = map.get("exemptions").map(records).unwrap_or_default();
                }
                None => parameters.unclear = true,
            }
        }
        for list in variable_lists(object) {
            if let Some(written) = expression(list, "exemptions") {
                exemptions = read_literal(written).as_ref().map_or_else(Told::unclear, records);
            }
            if let Some(written) = expression(list, "params") {
                parameters = match read_literal(written) {
                    Some(Value::Object(map)) => {
                        Told { by_name: map.into_iter().collect(), unclear: false }
                    }
                    _ => Told::unclear(),
                };
            }
        }
        match breaks(object, &mut parameters) {
            Some((groups, true)) => {
                let record = json!({"groups": groups});
                exemptions.by_name.insert(PASSING.to_owned(), record);
            }
            Some((groups, false)) => {
                parameters.by_name.insert(ONLY.to_owned(), groups);
            }
            None => {}
        }
        let later = later(object, &mut parameters);
        Facts { action: action(object), later, exemptions, parameters }
    }
}

impl Told {
    fn unclear() -> Told {
        Told { by_name: BTreeMap::new(), unclear: true }
    }

    fn compare(&self, new: &Told, topic: Topic, said: &mut Vec<Statement>) {
        if self.unclear || new.unclear {
            return;
        }
        let names: BTreeSet<&String> = self.by_name.keys().chain(new.by_name.keys()).collect();
        for name in names {
            let (old, new) = (self.by_name.get(name), new.by_name.get(name));
            if old != new {
                let (old, new) = (old.cloned(), new.cloned());
                said.push(Statement { topic, path: name.clone(), old, new });
            }
        }
    }
}

fn facts(was: &Facts, is: &Facts) -> Vec<Statement> {
    let mut said = vec![];
    if was.action != is.action {
        let (old, new) = (was.action.map(Value::from), is.action.map(Value::from));
        said.push(Statement { topic: Topic::Action, path: "action".into(), old, new });
    }
    if was.later != is.later {
        let (old, new) = (was.later.clone(), is.later.clone());
        said.push(Statement { topic: Topic::Action, path: DENIES.into(), old, new });
    }
    was.exemptions.compare(&is.exemptions, Topic::Exemption, &mut said);
    was.parameters.compare(&is.parameters, Topic::Parameter, &mut said);
    said
}

/// Whether a field's difference was already said in words.
fn told(field: &Field, was: &Facts, is: &Facts) -> bool {
    let path = field.path.as_str();
    let ends = |name: &str| path.ends_with(&format!(".{name}"));
    let variable = |name: &str| {
        let whole = format!("variables[{name}]");
        path.ends_with(&whole) || path.ends_with(&format!("{whole}.expression"))
    };
    let exemptions = !was.exemptions.unclear && !is.exemptions.unclear;
    let parameters = !was.parameters.unclear && !is.parameters.unclear;
    if ACTION_FIELDS.iter().any(|name| ends(name)) {
        return was.action.is_some() && is.action.is_some() && was.action != is.action;
    }
    if path.starts_with("spec.parameters.exemptions") {
        return exemptions;
    }
    if path == "spec.parameters" {
        return parameters && exemptions;
    }
    (parameters && (path.starts_with("spec.parameters") || variable("params")))
        || (exemptions && (variable("exemptions") || variable(BREAK_GLASS)))
        || (was.later != is.later && (variable(LATER) || same_but_for_the_day(field)))
}

/// Whether a message differs in nothing but whether it begins with the day on which it denies.
fn same_but_for_the_day(field: &Field) -> bool {
    let text = |value: &Option<Value>| {
        let text = value.as_ref().and_then(Value::as_str)?;
        Some(without_day(text).to_owned())
    };
    text(&field.old).is_some_and(|old| text(&field.new) == Some(old))
}

/// A field that has no better words.
fn statement(field: Field) -> Statement {
    let path = field.path.as_str();
    let last = path.rsplit('.').next().unwrap_or_default();
    let has = |part: &str| path.contains(part);
    let (topic, path) = if last == SELECTORS[0] {
        (Topic::Scope, "namespaces".to_owned())
    } else if SELECTORS.contains(&last) {
        (Topic::Scope, "objects".to_owned())
    } else if path == "apiVersion" || path == "kind" {
        (Topic::Kind, field.path)
    } else if has(".variables")
        || has(".validations")
        || has(".expressions[")
        || has("atchConditions")
        || matches!(last, "expression" | "messageExpression")
    {
        (Topic::Expression, field.path)
    } else if has(".match") {
        (Topic::Scope, field.path)
    } else {
        (Topic::Field, field.path)
    };
    Statement { topic, path, old: field.old, new: field.new }
}

/// The groups that may break the glass, and whether they pass; as data they are no parameter.
fn breaks(object: &Object, parameters: &mut Told) -> Option<(Value, bool)> {
    if let Some(record) = parameters.by_name.remove(BREAK_GLASS) {
        let passes = record.get("passes") != Some(&Value::Bool(false));
        return Some((record.get("groups").cloned().unwrap_or_default(), passes));
    }
    let written = variable_lists(object).into_iter().find_map(|list| expression(list, BREAK_GLASS));
    let (_, groups) = written?.split_once(" in ")?;
    let groups = read_literal(groups.strip_suffix(')')?)?;
    let negated = format!("!variables.{BREAK_GLASS}");
    Some((groups, !object.to_string().contains(&negated)))
}

/// The first day on which it may deny; as data it is no parameter.
fn later(object: &Object, parameters: &mut Told) -> Option<Value> {
    parameters.by_name.remove(LATER).or_else(|| {
        let written = variable_lists(object).into_iter().find_map(|list| expression(list, LATER));
        read_literal(written?)
    })
}

/// What happens to a request that offends.
fn action(object: &Object) -> Option<&'static str> {
    let spec = object.get("spec")?;
    let several = object::texts(spec, &["validationActions"]);
    if !several.is_empty() {
        let has = |action: &str| several.iter().any(|one| one == action);
        let strictest = [("Deny", "deny"), ("Warn", "warn"), ("Audit", "audit")];
        return strictest.into_iter().find(|(written, _)| has(written)).map(|(_, word)| word);
    }
    match object::text(spec, &["enforcementAction"]) {
        "deny" => return Some("deny"),
        "warn" => return Some("warn"),
        "dryrun" => return Some("audit"),
        _ => {}
    }
    let general = object::text(spec, &["validationFailureAction"]);
    let own = object::list(spec, &["rules"])
        .iter()
        .map(|rule| object::text(rule, &["validate", "failureAction"]))
        .map(|written| if written.is_empty() { general } else { written });
    let written: BTreeSet<&str> = own.chain((!general.is_empty()).then_some(general)).collect();
    let warns = spec.get("emitWarning") == Some(&Value::Bool(true));
    // Rules of one object that act in different ways have no one word.
    match (written.len() == 1).then(|| written.first().copied()).flatten()? {
        "Enforce" | "enforce" => Some("deny"),
        "Audit" | "audit" if warns => Some("warn"),
        "Audit" | "audit" => Some("audit"),
        _ => None,
    }
}

/// The selector of the namespaces an object is about.
fn namespaces(object: &Object) -> Option<Value> {
    let spec = object.get("spec")?;
    let rule = object::list(spec, &["rules"]).first().and_then(|rule| {
        object::list(rule, &["match", "any"]).first()?.get("resources")?.get(SELECTORS[0])
    });
    ["matchConstraints", "matchResources", "match"]
        .iter()
        .find_map(|parent| object::at(spec, &[parent, SELECTORS[0]]))
        .or(rule)
        .cloned()
}

/// Every list of variables whose content depends on the rule.
fn variable_lists(object: &Object) -> Vec<&[Value]> {
    let own = object::list(object, &["spec", "variables"]);
    let rules = object::list(object, &["spec", "rules"]);
    let inner = rules.iter().map(|rule| object::list(rule, &["validate", "cel", "variables"]));
    [own].into_iter().chain(inner).collect()
}

fn expression<'a>(variables: &'a [Value], name: &str) -> Option<&'a str> {
    let variable = variables.iter().find(|one| object::text(one, &["name"]) == name)?;
    variable.get("expression")?.as_str()
}

/// Exemptions by name.
fn records(list: &Value) -> Told {
    let Some(list) = list.as_array() else { return Told::unclear() };
    let mut told = Told::default();
    for record in list {
        let name = object::text(record, &["name"]);
        told.unclear |= name.is_empty();
        told.unclear |= told.by_name.insert(name.to_owned(), record.clone()).is_some();
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_way_of_writing_an_action_has_one_word() {
        let of = |spec: Value| action(&json!({"spec": spec}));
        assert_eq!(of(json!({"validationActions": ["Deny", "Audit"]})), Some("deny"));
        assert_eq!(of(json!({"validationActions": ["Audit", "Warn"]})), Some("warn"));
        assert_eq!(of(json!({"enforcementAction": "dryrun"})), Some("audit"));
        assert_eq!(of(json!({"enforcementAction": "scoped"})), None);
        let rules = json!([{"validate": {"failureAction": "Audit"}}]);
        assert_eq!(of(json!({"rules": rules, "emitWarning": true})), Some("warn"));
        assert_eq!(of(json!({"rules": rules, "validationFailureAction": "Enforce"})), None);
        assert_eq!(of(json!({})), None);
    }
}
