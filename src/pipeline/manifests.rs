//! The files of rules that are made of manifests, per plan.

use crate::catalogue;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::engine::{Emitted, Stage};
use crate::manifest;
use crate::object;
use crate::plan::{Plan, Rule};
use crate::tree::{self, Rendered};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Fills in a plan's templates; two that say an object of one name are a contradiction.
pub fn render(
    plan: &Plan,
    kept: &[(&str, &str)],
    diagnostics: &mut Diagnostics,
) -> Vec<Arc<Rendered>> {
    let mut first: BTreeMap<[String; 4], &Rule> = BTreeMap::new();
    let mut all = vec![];
    for rule in plan.holding().filter(|rule| rule.control.is_manifest()) {
        match manifest::compile(rule, plan, kept) {
            Ok(objects) if objects.is_empty() => {}
            Ok(objects) => {
                for object in &objects {
                    let (group, _) = object::group_version(object);
                    let parts = [group, object::kind(object), object::namespace(object)];
                    let [group, kind, namespace] = parts.map(str::to_owned);
                    let key = [group, kind, namespace, object::name(object).to_owned()];
                    let other = *first.entry(key).or_insert(rule);
                    if other.name != rule.name {
                        diagnostics.push(twice(other, rule, object));
                        break;
                    }
                }
                let stage = Stage::Manifests;
                let emitted = objects.into_iter().map(|object| Emitted { stage, object });
                let emitted: Vec<Emitted> = emitted.collect();
                all.push(Arc::new(tree::rule_files(&rule.name, &emitted)));
            }
            Err(failed) => {
                for one in failed {
                    diagnostics.push(catalogue::refused_template(&one.problem, one.source));
                }
            }
        }
    }
    all
}

fn twice(one: &Rule, other: &Rule, object: &object::Object) -> Diagnostic {
    let (kind, name) = (object::kind(object), object::name(object));
    let message = format!("`{}` and `{}` both render {kind} {name}", one.name, other.name);
    let mut said = Diagnostic::error("contradiction", message);
    for (rule, label) in [(one, "asked for here"), (other, "and here")] {
        if let Some(origin) = rule.origins.first() {
            said = said.at(origin.place, label);
        }
    }
    said.help("ask for both in one requirement, or let their namespaces differ")
}
