//! `kyverno.io/v1` ClusterPolicy with `validate.cel`.
//!
//! Where the action is written differs by minor version, and so does what the definition would
//! default; both are quirks. The rule matches kinds, and subresources of pods come along.

use super::super::{
    metadata, namespace_selector, part_name, part_resources, reading, validations, variables,
};
use crate::admission::{Absent, Names, Operation, Policy, ResourceRule, Scan, Unnamespaced};
use crate::compile::{self, Data};
use crate::document::Action;
use crate::engine::Target;
use crate::object::{self, Object};
use crate::plan::{Part, Rule, Scope};
use serde_json::{Value, json};

const AUTOGEN: &str = "pod-policies.kyverno.io/autogen-controllers";

pub fn emit(rule: &Rule, part: &Part, action: Action, target: &Target) -> Object {
    let text = compile::text(
        &rule.control,
        rule.since(),
        &rule.parameters,
        &part.exemptions,
        Data::Literal,
    );
    let operations: Vec<&str> =
        rule.control.document.spec.operations.iter().map(|one| one.name()).collect();
    let kinds: Vec<String> = part_resources(&rule.control, &part.scope)
        .iter()
        .flat_map(|one| {
            one.versions.iter().map(|version| match one.group.as_str() {
                "" => one.kind.clone(),
                group => format!("{group}/{version}/{}", one.kind),
            })
        })
        .collect();
    let mut resources = json!({"kinds": kinds, "operations": operations});
    if matches!(part.scope, Scope::Namespaces(_)) {
        resources["namespaceSelector"] = namespace_selector(&part.scope);
    }
    // Moved into each other: `json!` would copy what it is given.
    let mut cel = json!({});
    cel["variables"] = variables(&text.variables);
    cel["expressions"] = validations(&text.validations);
    if !target.has("no-generate-field") {
        cel["generate"] = json!(false);
    }
    let failure = if action == Action::Deny { "Enforce" } else { "Audit" };
    let mut validate = json!({});
    validate["cel"] = cel;
    if target.has("allow-existing-violations") {
        validate["allowExistingViolations"] = json!(true);
    }
    let mut spec = json!({
        "admission": true,
        "background": true,
        "failurePolicy": "Fail",
        "validationFailureAction": failure,
    });
    if !target.has("action-at-policy-level") {
        validate["failureAction"] = json!(failure);
    }
    if !target.has("warn-unavailable") {
        spec["emitWarning"] = json!(action == Action::Warn);
    }
    let name = part_name(rule, part);
    let mut only = json!({
        "name": name,
        "match": {"any": [{"resources": resources}]},
        "skipBackgroundRequests": true,
    });
    only["validate"] = validate;
    spec["rules"] = Value::Array(vec![only]);
    let mut policy = json!({
        "apiVersion": target.api_version,
        "kind": "ClusterPolicy",
        "metadata": metadata(name, &rule.control, &[(AUTOGEN, "none")]),
    });
    policy["spec"] = spec;
    policy
}

/// One policy per rule of the object that is written in CEL.
pub fn read(object: &Object) -> Result<Vec<Policy>, String> {
    let spec = object.get("spec").unwrap_or(&Value::Null);
    let mut found = vec![];
    for rule in object::list(spec, &["rules"]) {
        let Some(cel) = object::at(rule, &["validate", "cel"]) else { continue };
        let written = object::text(rule, &["validate", "failureAction"]);
        let written = match written {
            "" => object::text(spec, &["validationFailureAction"]),
            written => written,
        };
        let action = match written.to_ascii_lowercase().as_str() {
            "enforce" => Action::Deny,
            _ if object::at(spec, &["emitWarning"]) == Some(&json!(true)) => Action::Warn,
            _ => Action::Audit,
        };
        for any in object::list(rule, &["match", "any"]) {
            let resources = any.get("resources").unwrap_or(&Value::Null);
            let mut read = Policy::new(object::name(object), reading::origin(object));
            read.actions = vec![action];
            let operations = reading::operations(&object::texts(resources, &["operations"]));
            read.matching.rules = object::texts(resources, &["kinds"])
                .iter()
                .map(|kind| kind_rule(kind, &operations))
                .collect();
            read.matching.converts_versions = true;
            read.matching.unnamespaced = Unnamespaced::Unlabelled;
            read.matching.namespaces = reading::selector(resources, "namespaceSelector")?;
            read.variables = reading::variables(cel);
            read.validations = reading::validations(object::list(cel, &["expressions"]));
            read.stops_at_first = true;
            read.scan = Scan::As(Operation::Create);
            read.absent = Absent::Null;
            found.push(read);
        }
    }
    Ok(found)
}

/// `Pod`, `v1/Pod`, `apps/v1/Deployment`, `*/*/Role`.
fn kind_rule(written: &str, operations: &[Operation]) -> ResourceRule {
    let parts: Vec<&str> = written.split('/').collect();
    let (group, version, kind) = match parts[..] {
        [group, version, kind] => (group, version, kind),
        [version, kind] => ("", version, kind),
        _ => ("*", "*", written),
    };
    ResourceRule {
        groups: vec![group.to_owned()],
        versions: vec![version.to_owned()],
        names: Names::Kinds(vec![kind.to_owned()]),
        operations: operations.to_vec(),
        scope: crate::admission::Scope::Any,
    }
}
