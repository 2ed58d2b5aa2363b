//! `policies.kyverno.io` ValidatingPolicy.
//!
//! Workload kinds are matched explicitly and autogen is off: it rewrites text it does not
//! understand. What Kyverno would default is written out, with one exception that is a defect
//! (`own-webhook`): there a time-out is set, since that alone gives a policy selectors of its own.

use super::super::{
    metadata, namespace_selector, part_name, reading, resource_rules, validations, variables,
};
use crate::admission::{Absent, Operation, Policy, Scan, Unnamespaced};
use crate::compile::{self, Data};
use crate::document::Action;
use crate::engine::Target;
use crate::object::{self, Object};
use crate::plan::{Part, Rule};
use serde_json::{Value, json};

pub fn emit(rule: &Rule, part: &Part, action: Action, target: &Target) -> Object {
    let text = compile::text(
        &rule.control,
        rule.since(),
        &rule.parameters,
        &part.exemptions,
        Data::Literal,
    );
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

pub fn read(object: &Object) -> Result<Policy, String> {
    let mut read = Policy::new(object::name(object), reading::origin(object));
    let spec = object.get("spec").unwrap_or(&Value::Null);
    let constraints = spec.get("matchConstraints").unwrap_or(&Value::Null);
    read.matching.rules = reading::resource_rules(constraints);
    read.matching.converts_versions = object::text(constraints, &["matchPolicy"]) != "Exact";
    read.matching.unnamespaced = Unnamespaced::Outside;
    read.matching.namespaces = reading::selector(constraints, "namespaceSelector")?;
    read.matching.objects = reading::selector(constraints, "objectSelector")?;
    read.actions = object::texts(spec, &["validationActions"])
        .iter()
        .map(|action| match action.as_str() {
            "Deny" => Action::Deny,
            "Warn" => Action::Warn,
            _ => Action::Audit,
        })
        .collect();
    read.variables = reading::variables(spec);
    read.validations = reading::validations(object::list(spec, &["validations"]));
    read.stops_at_first = true;
    read.scan = Scan::As(Operation::Create);
    read.absent = Absent::Empty;
    Ok(read)
}
