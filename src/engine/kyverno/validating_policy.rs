//! `policies.kyverno.io` ValidatingPolicy.
//!
//! Workload kinds are matched explicitly and autogen is off: it rewrites text it does not
//! understand. What Kyverno would default is written out, with one exception that is a defect
//! (`own-webhook`): there a time-out is set, since that alone gives a policy selectors of its own.

use super::super::{
    literal_text, metadata, namespace_selector, part_name, reading, resource_rules, validations,
    variables,
};
use super::autogen;
use crate::admission::{Absent, Matching, Names, Operation, Policy, ResourceRule, Scan};
use crate::cel::Dialect;
use crate::document::Action;
use crate::engine::Target;
use crate::object::{self, Object};
use crate::plan::{Part, Rule};
use crate::selector::{self, NAME, Selector};
use serde_json::{Value, json};

pub fn emit(rule: &Rule, part: &Part, action: Action, target: &Target) -> Object {
    let text = literal_text(rule, part);
    let action = match action {
        Action::Deny => "Deny",
        Action::Warn => "Warn",
        Action::Audit => "Audit",
    };
    let mut policy = json!({
        "apiVersion": target.api_version,
        "kind": "ValidatingPolicy",
        "metadata": metadata(part_name(rule, part), &rule.control, &[]),
        "spec": {
            "autogen": {
                "podControllers": {"controllers": []},
                "validatingAdmissionPolicy": {"enabled": false},
            },
            "evaluation": {
                "admission": {"enabled": true},
                "background": {"enabled": true},
                "mode": "Kubernetes",
            },
            "failurePolicy": "Fail",
            "matchConstraints": {
                "matchPolicy": "Equivalent",
                "namespaceSelector": namespace_selector(&part.scope),
                "objectSelector": {},
                "resourceRules": resource_rules(&rule.control, &part.scope, target),
            },
            "validationActions": [action],
        },
    });
    // Moved in: `json!` would copy them.
    policy["spec"]["variables"] = variables(&text.variables);
    policy["spec"]["validations"] = validations(&text.validations);
    if target.has("own-webhook") {
        policy["spec"]["webhookConfiguration"] = json!({"timeoutSeconds": 10});
    }
    policy
}

/// The policy itself, and those that are generated from it for what makes pods.
pub fn read(object: &Object) -> Result<Vec<Policy>, String> {
    let mut read = Policy::new(object::name(object), reading::origin(object));
    read.budget = Dialect::newest("ValidatingPolicy");
    let spec = object.get("spec").unwrap_or(&Value::Null);
    if !["", "Kubernetes"].contains(&object::text(spec, &["evaluation", "mode"])) {
        return Err("it judges no requests of Kubernetes".to_owned());
    }
    if object::at(spec, &["evaluation", "admission", "enabled"]) == Some(&json!(false)) {
        return Err("it is switched off at admission".to_owned());
    }
    let constraints = spec.get("matchConstraints").unwrap_or(&Value::Null);
    read.matching = reading::match_resources(constraints, &[])?;
    if object::kind(object) == "NamespacedValidatingPolicy" {
        read.matching.also.push(within(object::namespace(object)));
    }
    read.actions = object::texts(spec, &["validationActions"])
        .iter()
        .map(|action| match action.as_str() {
            "Deny" => Action::Deny,
            "Warn" => Action::Warn,
            _ => Action::Audit,
        })
        .collect();
    // Kyverno's own default, which is nowhere in the object.
    if read.actions.is_empty() {
        read.actions.push(Action::Deny);
    }
    read.match_conditions = reading::conditions(spec, "matchConditions");
    read.variables = reading::variables(spec);
    read.validations = reading::validations(object::list(spec, &["validations"]));
    read.audit_annotations = reading::audit_annotations(spec);
    read.stops_at_first = true;
    read.scan = Scan::As(Operation::Create);
    read.absent = Absent::Empty;
    let written = object::at(spec, &["autogen", "podControllers", "controllers"]);
    let controllers = match written.and_then(Value::as_array) {
        _ if !matches_pods_alone(&read, constraints) => vec![],
        None => autogen::USUAL.to_vec(),
        Some(listed) => autogen::listed(listed.iter().filter_map(Value::as_str)),
    };
    let generated = autogen::generate(&read, &controllers);
    Ok(std::iter::once(read).chain(generated).collect())
}

/// What a policy must look at for others to be generated from it.
fn matches_pods_alone(policy: &Policy, constraints: &Value) -> bool {
    let selects = constraints.get("objectSelector").and_then(Value::as_object);
    let [rule] = &policy.matching.rules[..] else { return false };
    rule.groups == [""]
        && rule.versions == ["v1"]
        && rule.names == Names::Resources(vec!["pods".to_owned()])
        && rule.object_names.is_empty()
        && selects.is_none_or(serde_json::Map::is_empty)
        && object::list(constraints, &["excludeResourceRules"]).is_empty()
}

/// Only requests for one namespace.
pub fn within(namespace: &str) -> Matching {
    let namespaces = Selector::one(NAME, selector::Operator::In, [namespace.to_owned()]);
    let scope = crate::admission::Scope::Namespaced;
    let rules = vec![ResourceRule { scope, ..ResourceRule::any() }];
    Matching { rules, namespaces: Some(namespaces), ..Matching::default() }
}
