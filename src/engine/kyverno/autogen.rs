//! Policies that Kyverno generates from one about pods, for what makes pods.
//!
//! It replaces texts without understanding them, and so is done here: what it gets wrong on a
//! cluster, it gets wrong here in the same way. What Ordinance renders switches it off.

use crate::admission::{Names, Policy, ResourceRule};

/// A kind that makes pods: group, resource, kind, and where its template is.
type Controller = (&'static str, &'static str, &'static str, &'static str);

const TEMPLATE: &str = "spec.template";

/// What policies are generated for unless one says otherwise.
pub const USUAL: [Controller; 6] = [
    ("apps", "daemonsets", "DaemonSet", TEMPLATE),
    ("apps", "deployments", "Deployment", TEMPLATE),
    ("apps", "replicasets", "ReplicaSet", TEMPLATE),
    ("apps", "statefulsets", "StatefulSet", TEMPLATE),
    ("batch", "jobs", "Job", TEMPLATE),
    ("batch", "cronjobs", "CronJob", "spec.jobTemplate.spec.template"),
];

/// Those that are named, by resource or by kind.
pub fn listed<'a>(names: impl Iterator<Item = &'a str>) -> Vec<Controller> {
    let names: Vec<&str> = names.map(str::trim).collect();
    let named = |one: &&Controller| names.iter().any(|name| [one.1, one.2].contains(name));
    USUAL.iter().filter(named).copied().collect()
}

/// One policy for each place of a template.
pub fn generate(policy: &Policy, controllers: &[Controller]) -> Vec<Policy> {
    let mut templates: Vec<&str> = controllers.iter().map(|one| one.3).collect();
    templates.sort_unstable();
    templates.dedup();
    let by_resource =
        policy.matching.rules.first().is_some_and(|rule| matches!(rule.names, Names::Resources(_)));
    let operations = policy.matching.rules.first().map(|rule| rule.operations.clone());
    templates
        .into_iter()
        .map(|template| {
            let mut made = policy.clone();
            let of = controllers.iter().filter(|one| one.3 == template);
            made.matching.rules = of
                .map(|(group, resource, kind, _)| ResourceRule {
                    groups: vec![(*group).to_owned()],
                    versions: vec!["v1".to_owned()],
                    names: match by_resource {
                        true => Names::Resources(vec![(*resource).to_owned()]),
                        false => Names::Kinds(vec![(*kind).to_owned()]),
                    },
                    operations: operations.clone().unwrap_or_default(),
                    ..ResourceRule::any()
                })
                .collect();
            rewrite(&mut made, template);
            made
        })
        .collect()
}

fn rewrite(policy: &mut Policy, template: &str) {
    let moved = |text: &mut String| *text = self::moved(text, template);
    for one in &mut policy.variables {
        moved(&mut one.expression);
    }
    for one in policy.match_conditions.iter_mut().chain(&mut policy.audit_annotations) {
        moved(&mut one.expression);
    }
    for one in &mut policy.validations {
        moved(&mut one.expression);
        one.message.iter_mut().for_each(moved);
        one.message_expression.iter_mut().for_each(moved);
    }
}

/// `object.spec` of a pod is `object.spec.template.spec` of what makes it; the namespace is the
/// same for both.
fn moved(text: &str, template: &str) -> String {
    const KEPT: &str = "\u{0}";
    let mut text = text.to_owned();
    for root in ["object", "oldObject"] {
        let namespace = format!("{root}.metadata.namespace");
        text = text.replace(&namespace, &format!("{root}{KEPT}"));
        for part in ["spec", "metadata"] {
            let (from, to) = (format!("{root}.{part}"), format!("{root}{KEPT}{KEPT}.{part}"));
            text = text.replace(&from, &to);
        }
        text = text.replace(&format!("{root}{KEPT}{KEPT}"), &format!("{root}.{template}"));
        text = text.replace(&format!("{root}{KEPT}"), &namespace);
    }
    text
}

#[cfg(test)]
mod tests {
    #[test]
    fn texts_are_moved_and_the_namespace_stays() {
        let moved = super::moved(
            "object.spec.x == oldObject.spec.x && object.metadata.namespace != object.metadata.name",
            "spec.template",
        );
        assert_eq!(
            moved,
            "object.spec.template.spec.x == oldObject.spec.template.spec.x && \
             object.metadata.namespace != object.spec.template.metadata.name"
        );
    }
}
