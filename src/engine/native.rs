//! The engine built into Kubernetes: ValidatingAdmissionPolicy.
//!
//! One policy holds the text, one binding per scope and action says where and how strictly. Parts
//! whose exemptions differ get policies of their own, since exemptions are part of the text.

pub mod bindings;
mod reading_back;

use super::{
    Blame, Emitted, Engine, Stage, Target, Understood, Unsupported, literal_text, metadata,
    namespace_selector, part_name, resource_rules, validations, variables,
};
use crate::compile::Of;
use crate::document::Action;
use crate::link::BREAK_GLASS;
use crate::object::Object;
use crate::plan::{AskedBy, Facts, Part, Rule, Scope};
use crate::version::Version;
use serde_json::{Value, json};
use std::collections::BTreeSet;

const API_VERSION: &str = "admissionregistration.k8s.io/v1";
const SMALLEST: Version = Version::new(1, 30);

pub struct Native;

impl Engine for Native {
    fn id(&self) -> &'static str {
        "native"
    }

    fn title(&self) -> &'static str {
        "native"
    }

    fn namespace(&self) -> Option<&'static str> {
        None
    }

    fn proved(&self) -> Vec<Facts> {
        let minors = [30, 33, 36].into_iter();
        minors.map(|minor| super::facts(self.id(), Version::new(1, minor), None)).collect()
    }

    fn groups(&self) -> &'static [&'static str] {
        &["admissionregistration.k8s.io"]
    }

    fn version(&self, facts: &Facts) -> Option<Version> {
        Some(facts.kubernetes())
    }

    fn target(&self, facts: &Facts, effects: BTreeSet<String>) -> Result<Target, Unsupported> {
        if facts.engine_version.is_some() {
            return Err(Unsupported {
                why: "an engine that is part of Kubernetes has no version of its own".to_owned(),
                help: "remove `version`: it is that of the cluster".to_owned(),
                blames: Blame::Stated,
            });
        }
        if facts.kubernetes() < SMALLEST {
            return Err(Unsupported {
                why: format!(
                    "Kubernetes {} does not serve ValidatingAdmissionPolicy v1",
                    facts.kubernetes()
                ),
                help: format!("the smallest that would do is Kubernetes {SMALLEST}"),
                blames: Blame::Kubernetes,
            });
        }
        Ok(Target {
            engine: self.id(),
            api_version: API_VERSION,
            shape: "ValidatingAdmissionPolicy",
            resize: facts.kubernetes() >= Version::new(1, 33) && !effects.contains("no-resize"),
            kubernetes: vec![],
            effects,
        })
    }

    fn action(&self, action: Action, _: &Target) -> Action {
        action
    }

    fn compile(&self, rule: &Rule, target: &Target) -> Vec<Emitted> {
        let mut emitted = vec![];
        for policy in policies(rule) {
            let first = policy.parts[0];
            let text = literal_text(rule, first);
            let mut object = json!({
                "apiVersion": API_VERSION,
                "kind": "ValidatingAdmissionPolicy",
                "metadata": metadata(policy.name.clone(), &rule.control, &[]),
                "spec": {
                    "failurePolicy": "Fail",
                    "matchConstraints": {
                        "matchPolicy": "Equivalent",
                        "namespaceSelector": {},
                        "objectSelector": {},
                        "resourceRules": resource_rules(&rule.control, &first.scope, target),
                    },
                },
            });
            // Moved in: `json!` would copy them.
            object["spec"]["variables"] = variables(&text.variables);
            object["spec"]["validations"] = validations(&text.validations);
            emit(&mut emitted, object);
            for part in policy.parts {
                emit(
                    &mut emitted,
                    json!({
                        "apiVersion": API_VERSION,
                        "kind": "ValidatingAdmissionPolicyBinding",
                        "metadata": metadata(part_name(rule, part), &rule.control, &[]),
                        "spec": {
                            "policyName": policy.name,
                            "validationActions": actions(part.action),
                            "matchResources": {
                                "matchPolicy": "Equivalent",
                                "namespaceSelector": namespace_selector(&part.scope),
                                "objectSelector": {},
                            },
                        },
                    }),
                );
            }
        }
        emitted
    }

    fn understand(&self, objects: &[Object]) -> Understood {
        reading_back::understand(objects)
    }
}

fn emit(emitted: &mut Vec<Emitted>, object: Object) {
    emitted.push(Emitted { stage: Stage::Policies, object });
}

/// A denial is also written to the audit log, so that it can be found later.
fn actions(action: Action) -> Value {
    match action {
        Action::Deny => json!(["Deny", "Audit"]),
        Action::Warn => json!(["Warn", "Audit"]),
        Action::Audit => json!(["Audit"]),
    }
}

/// One policy to be rendered, with the parts that bind it.
struct Shared<'a> {
    name: String,
    parts: Vec<&'a Part>,
}

/// Parts share a policy where kinds, exemptions, those who ask and what messages say are the same.
fn policies(rule: &Rule) -> Vec<Shared<'_>> {
    let mut shared = vec![];
    let members = |part: &Part| matches!(part.asked_by, AskedBy::Members(_));
    for (cluster, breaking) in [(false, false), (false, true), (true, false), (true, true)] {
        let of =
            |part: &&Part| (part.scope == Scope::Cluster) == cluster && members(part) == breaking;
        let parts: Vec<&Part> = rule.parts.iter().filter(of).collect();
        let Some(first) = parts.first() else { continue };
        if parts.iter().all(|part| Of::from(*part) == Of::from(*first)) {
            let end = match (cluster, breaking) {
                (true, _) => first.suffix.as_str(),
                (false, true) => BREAK_GLASS,
                (false, false) => "",
            };
            let name = crate::name::object(["ordinance", &rule.name, end]);
            shared.push(Shared { name, parts });
        } else {
            shared.extend(
                parts
                    .into_iter()
                    .map(|part| Shared { name: part_name(rule, part), parts: vec![part] }),
            );
        }
    }
    shared
}
