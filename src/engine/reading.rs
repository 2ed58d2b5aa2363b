//! Reading back what several engines share, since they share Kubernetes' own types: matching,
//! conditions, variables and validations.
//!
//! What a field means is the same wherever it stands; what an engine makes of the whole is its own.

use crate::admission::{
    Condition, FailurePolicy, Matching, Names, Operation, ResourceRule, Unnamespaced, Validation,
    Variable,
};
use crate::object::{self, Object};
use crate::selector::Selector;
use serde_json::Value;

pub fn operations(listed: &[String]) -> Vec<Operation> {
    let all = [Operation::Create, Operation::Update, Operation::Delete, Operation::Connect];
    all.into_iter().filter(|one| listed.iter().any(|name| name == one.text())).collect()
}

pub fn scope(written: &str) -> crate::admission::Scope {
    match written {
        "Cluster" => crate::admission::Scope::Cluster,
        "Namespaced" => crate::admission::Scope::Namespaced,
        _ => crate::admission::Scope::Any,
    }
}

/// Kubernetes' `MatchResources`; `any` is what it means to state no rules.
pub fn match_resources(constraints: &Value, any: &[ResourceRule]) -> Result<Matching, String> {
    let stated = resource_rules(constraints, "resourceRules");
    let excluded = resource_rules(constraints, "excludeResourceRules");
    let converts_versions = object::text(constraints, &["matchPolicy"]) != "Exact";
    let except = Matching { rules: excluded, converts_versions, ..Matching::default() };
    Ok(Matching {
        rules: if stated.is_empty() { any.to_vec() } else { stated },
        namespaces: selector(constraints, "namespaceSelector")?,
        unnamespaced: Unnamespaced::Outside,
        objects: selector(constraints, "objectSelector")?,
        converts_versions,
        except: if except.rules.is_empty() { vec![] } else { vec![except] },
        ..Matching::default()
    })
}

pub fn conditions(parent: &Value, field: &str) -> Vec<Condition> {
    named(parent, field, "name", "expression")
}

pub fn audit_annotations(parent: &Value) -> Vec<Condition> {
    named(parent, "auditAnnotations", "key", "valueExpression")
}

fn named(parent: &Value, field: &str, name: &str, expression: &str) -> Vec<Condition> {
    object::list(parent, &[field])
        .iter()
        .map(|one| Condition {
            name: object::text(one, &[name]).to_owned(),
            expression: object::text(one, &[expression]).to_owned(),
        })
        .collect()
}

pub fn failure_policy(parent: &Value) -> FailurePolicy {
    match object::text(parent, &["failurePolicy"]) {
        "Ignore" => FailurePolicy::Ignore,
        _ => FailurePolicy::Fail,
    }
}

fn resource_rules(constraints: &Value, field: &str) -> Vec<ResourceRule> {
    object::list(constraints, &[field])
        .iter()
        .map(|rule| ResourceRule {
            groups: object::texts(rule, &["apiGroups"]),
            versions: object::texts(rule, &["apiVersions"]),
            names: Names::Resources(object::texts(rule, &["resources"])),
            operations: operations(&object::texts(rule, &["operations"])),
            object_names: object::texts(rule, &["resourceNames"]),
            scope: scope(object::text(rule, &["scope"])),
        })
        .collect()
}

pub fn selector(parent: &Value, field: &str) -> Result<Option<Selector>, String> {
    parent.get(field).map(Selector::from_label_selector).transpose()
}

pub fn variables(parent: &Value) -> Vec<Variable> {
    object::list(parent, &["variables"])
        .iter()
        .map(|one| Variable {
            name: object::text(one, &["name"]).to_owned(),
            expression: object::text(one, &["expression"]).to_owned(),
        })
        .collect()
}

pub fn validations(list: &[Value]) -> Vec<Validation> {
    let text = |one: &Value, field| one.get(field).and_then(Value::as_str).map(str::to_owned);
    list.iter()
        .map(|one| Validation {
            expression: text(one, "expression").unwrap_or_default(),
            message: text(one, "message"),
            message_expression: text(one, "messageExpression"),
        })
        .collect()
}

pub fn origin(object: &Object) -> String {
    format!("{}/{}", object::kind(object), object::name(object))
}
