//! Gatekeeper: a ConstraintTemplate in CEL per control, a Constraint per part.
//!
//! The template depends on the control alone; action, scope, parameters and exemptions are the
//! Constraint's, so that a change of any of them never replaces a template, which would take its
//! Constraints with it.

mod reading_back;

use super::{
    Blame, Emitted, Engine, Stage, Target, Understood, Unsupported, metadata, namespace_selector,
    part_name, part_resources, validations, variables,
};
use crate::catalogue::{Definition, FOLLOWED};
use crate::compile::{self, Data, Of, exemptions_data};
use crate::document::Action;
use crate::name;
use crate::object::{Object, Readiness};
use crate::plan::{Facts, Part, Rule, Scope};
use crate::version::Version;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

const SMALLEST: Version = Version::new(3, 17);
const ENGINE: &str = "K8sNativeValidation";

pub struct Gatekeeper;

impl Engine for Gatekeeper {
    fn id(&self) -> &'static str {
        "gatekeeper"
    }

    fn title(&self) -> &'static str {
        "Gatekeeper"
    }

    fn namespace(&self) -> Option<&'static str> {
        Some("gatekeeper-system")
    }

    fn proved(&self) -> Vec<Facts> {
        let versions = [17, 20, 23].map(|minor| Version::new(3, minor)).into_iter();
        let kubernetes = Version::new(1, 33);
        versions.map(|version| super::facts(self.id(), kubernetes, Some(version))).collect()
    }

    fn groups(&self) -> &'static [&'static str] {
        &[
            "config.gatekeeper.sh",
            "constraints.gatekeeper.sh",
            "expansion.gatekeeper.sh",
            "mutations.gatekeeper.sh",
            "templates.gatekeeper.sh",
        ]
    }

    fn version(&self, facts: &Facts) -> Option<Version> {
        facts.engine_version()
    }

    fn target(&self, facts: &Facts, effects: BTreeSet<String>) -> Result<Target, Unsupported> {
        let unsupported = |why: String| Unsupported {
            why,
            help: format!("the smallest that would do is Gatekeeper {SMALLEST}"),
            blames: Blame::Engine,
        };
        let Some(version) = facts.engine_version() else {
            return Err(unsupported("its engine's version is not stated".into()));
        };
        if version < SMALLEST {
            let why = format!("Gatekeeper {version} does not evaluate CEL unless told to");
            return Err(unsupported(why));
        }
        Ok(Target {
            engine: self.id(),
            api_version: "templates.gatekeeper.sh/v1",
            shape: "ConstraintTemplate",
            effects,
            resize: false,
            kubernetes: vec![],
        })
    }

    fn action(&self, action: Action, _: &Target) -> Action {
        action
    }

    fn definition(
        &self,
        control: &Definition,
        target: &Target,
        break_glass: bool,
    ) -> Option<Emitted> {
        let object = template(control, target, break_glass);
        Some(Emitted { stage: Stage::Templates, object })
    }

    fn compile(&self, rule: &Rule, target: &Target) -> Vec<Emitted> {
        let constraint =
            |part| Emitted { stage: Stage::Policies, object: constraint(rule, part, target) };
        rule.parts.iter().map(constraint).collect()
    }

    fn readiness(&self) -> Option<Readiness> {
        Some(Readiness {
            api_version: "templates.gatekeeper.sh/v1",
            kind: "ConstraintTemplate",
            current: "status.?created.orValue(false)",
        })
    }

    fn understand(&self, objects: &[Object]) -> Understood {
        reading_back::understand(objects)
    }
}

fn kind(control: &Definition) -> String {
    format!("Ordinance{}", name::pascal_case(control.id()))
}

fn template(control: &Definition, target: &Target, break_glass: bool) -> Object {
    let data = Data::Injected { break_glass };
    let text = compile::text(control, None, &Map::new(), Of::default(), data);
    let kind = kind(control);
    let mut validation = json!({"openAPIV3Schema": parameters_schema(control, break_glass)});
    if target.has("write-legacy-schema") {
        validation["legacySchema"] = json!(false);
    }
    json!({
        "apiVersion": target.api_version,
        "kind": "ConstraintTemplate",
        "metadata": metadata(kind.to_lowercase(), control, &[]),
        "spec": {
            "crd": {"spec": {"names": {"kind": kind}, "validation": validation}},
            "targets": [{
                "target": "admission.k8s.gatekeeper.sh",
                "code": [{
                    "engine": ENGINE,
                    "source": {
                        "failurePolicy": "Fail",
                        "generateVAP": false,
                        "variables": variables(&text.variables),
                        "validations": validations(&text.validations),
                    },
                }],
            }],
        },
    })
}

fn constraint(rule: &Rule, part: &Part, target: &Target) -> Object {
    let mut kinds: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for resource in part_resources(&rule.control, &part.scope, target) {
        if resource.scales() {
            // One kind, whatever is scaled: the text looks at the resource.
            kinds.entry("autoscaling".to_owned()).or_default().push("Scale".to_owned());
        }
        kinds.entry(resource.group).or_default().push(resource.kind);
    }
    let kinds: Vec<Value> = kinds
        .into_iter()
        .map(|(group, mut kinds)| {
            kinds.sort();
            kinds.dedup();
            json!({"apiGroups": [group], "kinds": kinds})
        })
        .collect();
    let mut matching = json!({"kinds": kinds});
    match &part.scope {
        Scope::Cluster => matching["scope"] = json!("Cluster"),
        Scope::Namespaces(_) => {
            matching["scope"] = json!("Namespaced");
            matching["namespaceSelector"] = namespace_selector(&part.scope);
        }
    }
    let mut parameters = rule.parameters.clone();
    parameters.insert("exemptions".to_owned(), exemptions_data(&part.exemptions));
    if let Some(version) = rule.since() {
        parameters.insert(FOLLOWED.to_owned(), json!(version.minor));
    }
    if let Some(asked_by) = compile::asked_by_data(&part.asked_by) {
        parameters.insert(compile::BREAK_GLASS.to_owned(), asked_by);
    }
    if let Some(day) = part.later {
        parameters.insert(compile::LATER.to_owned(), json!(day.to_string()));
    }
    let action = match part.action {
        Action::Deny => "deny",
        Action::Warn => "warn",
        Action::Audit => "dryrun",
    };
    json!({
        "apiVersion": "constraints.gatekeeper.sh/v1beta1",
        "kind": kind(&rule.control),
        "metadata": metadata(part_name(rule, part), &rule.control, &[]),
        "spec": {"enforcementAction": action, "match": matching, "parameters": parameters},
    })
}

/// A structural schema of the control's parameters and the exemptions.
fn parameters_schema(control: &Definition, break_glass: bool) -> Value {
    let texts = json!({"type": "array", "items": {"type": "string"}});
    let label = json!({
        "type": "object",
        "properties": {"key": {"type": "string"}, "operator": {"type": "string"}, "values": texts},
    });
    let exemption = json!({
        "type": "object",
        "properties": {
            "name": {"type": "string"},
            "images": texts,
            "labels": {"type": "array", "items": label},
            "namespaces": texts,
            "workloads": texts,
        },
    });
    let mut properties: Map<String, Value> =
        control.parameters().map(|(name, schema)| (name.to_owned(), structural(schema))).collect();
    properties.insert("exemptions".into(), json!({"type": "array", "items": exemption}));
    properties.insert(compile::LATER.into(), json!({"type": "string"}));
    if break_glass {
        let asked_by = json!({"groups": texts, "passes": {"type": "boolean"}});
        let record = json!({"type": "object", "properties": asked_by});
        properties.insert(compile::BREAK_GLASS.into(), record);
    }
    if control.follows().is_some() {
        properties.insert(FOLLOWED.into(), json!({"type": "integer"}));
    }
    json!({"type": "object", "properties": properties})
}

/// What Kubernetes' structural schemas allow of a JSON Schema; defaults are filled in by us.
fn structural(schema: &Value) -> Value {
    match schema {
        Value::Object(map) => map
            .iter()
            .filter(|(key, _)| {
                !key.starts_with("x-")
                    && !["default", "uniqueItems", "additionalProperties"].contains(&key.as_str())
            })
            .map(|(key, value)| {
                let inner = ["items", "properties"].contains(&key.as_str()) || value.is_object();
                (key.clone(), if inner { structural(value) } else { value.clone() })
            })
            .map(|(key, value)| match key.as_str() {
                // Without a type a schema is not structural; the values of an enum tell it.
                "items" if value.get("type").is_none() && value.get("enum").is_some() => {
                    let mut value = value;
                    value["type"] = json!("string");
                    (key, value)
                }
                _ => (key, value),
            })
            .collect(),
        other => other.clone(),
    }
}
