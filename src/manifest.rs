//! Manifest controls: objects that are no policy, from templates, for what the inventory knows.
//!
//! Nothing in a cluster judges them: they are applied as they are. It knows no engine and no sync
//! tool; what keeps an object from being pruned is handed to it.

use crate::catalogue::Template;
use crate::document::CONTROL_ANNOTATION;
use crate::name;
use crate::object::{self, Object};
use crate::plan::{Known, Part, Plan, Rule, Scope};
use crate::selector::NAME;
use crate::template::{self, Problem};
use crate::text::SourceId;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// A template that could not be filled in.
#[derive(Clone, Debug)]
pub struct Failed {
    pub source: SourceId,
    pub problem: Problem,
}

/// The namespaces of a part that are given something, and those that an exemption keeps without.
pub fn namespaces<'a>(plan: &'a Plan, part: &'a Part) -> (Vec<&'a Known>, Vec<&'a Known>) {
    let Scope::Namespaces(selector) = &part.scope else { return (vec![], vec![]) };
    let covered = plan.namespaces.iter().filter(|namespace| {
        let mut labels = namespace.labels.clone();
        labels.insert(NAME.to_owned(), namespace.name.clone());
        selector.matches(&labels)
    });
    // What is given to a namespace cannot tell its workloads apart: an exemption of any of them
    // is one of all.
    let reached = |namespace: &&Known| {
        let mut all = part.exemptions.iter();
        all.any(|one| one.namespaces.is_empty() || one.namespaces.contains(&namespace.name))
    };
    let (exempt, given) = covered.partition(reached);
    (given, exempt)
}

/// The objects of a rule whose control is made of manifests; `kept` are the annotations by which
/// sync tools leave an object where it is once it is no longer rendered.
pub fn compile(
    rule: &Rule,
    plan: &Plan,
    kept: &[(&str, &str)],
) -> Result<Vec<Object>, Vec<Failed>> {
    let (mut all, mut failed) = (vec![], vec![]);
    // Parts may overlap; a namespace is given one of them, the strictest.
    let mut parts: Vec<&Part> = rule.parts.iter().collect();
    parts.sort_by_key(|part| std::cmp::Reverse(part.action));
    let mut given: BTreeSet<&str> = BTreeSet::new();
    let name = name::object(["ordinance", &rule.name]);
    for part in parts {
        for namespace in namespaces(plan, part).0 {
            if !given.insert(&namespace.name) {
                continue;
            }
            let applied = |template: &&Template| template.is_applied(part.action);
            for template in rule.control.templates.iter().filter(applied) {
                let values = json!({
                    "name": name,
                    "namespace": {"name": namespace.name, "labels": namespace.labels},
                    "params": rule.parameters,
                    "action": part.action.name(),
                    "version": rule.followed.as_ref().map(|one| one.version.to_string()),
                });
                match template::fill_in(&template.text, &values) {
                    Ok(objects) => {
                        all.extend(objects.into_iter().map(|object| finished(object, rule, kept)));
                    }
                    Err(problem) => failed.push(Failed { source: template.source, problem }),
                }
            }
        }
    }
    if failed.is_empty() { Ok(all) } else { Err(failed) }
}

/// Marked as ours; and a namespace is never pruned, since all that is in it would go with it.
fn finished(mut object: Object, rule: &Rule, kept: &[(&str, &str)]) -> Object {
    let namespace = object::kind(&object) == "Namespace";
    let spec = &rule.control.document.spec;
    let mut annotations = vec![
        (CONTROL_ANNOTATION, rule.control.id()),
        ("ordinance.dev/severity", spec.severity.name()),
        ("ordinance.dev/title", spec.title.as_str()),
    ];
    if namespace {
        annotations.extend(kept);
    }
    let mut add = |field: &str, key: &str, value: &str| {
        if let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) {
            metadata.entry(field).or_insert_with(|| json!({}))[key] = value.into();
        }
    };
    for (key, value) in annotations {
        add("annotations", key, value);
    }
    // A namespace is its owner's; we own some of its labels.
    if !namespace {
        add("labels", "app.kubernetes.io/managed-by", "ordinance");
    }
    object
}
