//! `kyverno.io/v1` ClusterPolicy with `validate.cel`.
//!
//! Where the action is written differs by minor version, and so does what the definition would
//! default; both are quirks. The rule matches kinds, and subresources of pods come along. A
//! Scale would be taken for what it scales and refused unread (`no-scale`), so none is matched. A
//! kind that the cluster does not serve would have the whole policy refused (`no-unserved-kinds`).

use super::super::{
    literal_text, metadata, namespace_selector, part_name, part_resources, validations, variables,
};
use crate::document::Action;
use crate::engine::Target;
use crate::object::Object;
use crate::plan::{Part, Rule, Scope};
use serde_json::{Value, json};

pub const AUTOGEN: &str = "pod-policies.kyverno.io/autogen-controllers";

/// Nothing where the cluster serves none of the kinds.
pub fn emit(rule: &Rule, part: &Part, action: Action, target: &Target) -> Option<Object> {
    let text = literal_text(rule, part);
    let operations: Vec<&str> =
        rule.control.document.spec.operations.iter().map(|one| one.name()).collect();
    let kinds: Vec<String> = part_resources(&rule.control, &part.scope, target)
        .iter()
        .flat_map(|one| {
            one.versions.iter().map(|version| match one.group.as_str() {
                "" => one.kind.clone(),
                group => format!("{group}/{version}/{}", one.kind),
            })
        })
        .collect();
    if kinds.is_empty() {
        return None;
    }
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
    Some(policy)
}
