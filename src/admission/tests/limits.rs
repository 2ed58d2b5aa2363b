//! The policy under test, written out as an engine would read it back.

use super::super::*;
use crate::document::Action;
use crate::selector::{NAME, Operator, Selector};

/// Containers have limits; two exemptions: a Deployment, and images of one path.
pub(super) fn limits() -> Policy {
    let variables = [
        ("params", r#"dyn({"resources": dyn(["cpu", "memory"])})"#),
        (
            "exemptions",
            r#"dyn([
                dyn({"images": dyn([]), "labels": dyn([]), "namespaces": dyn(["shop"]), "workloads": dyn(["Deployment/old", "CronJob/night"])}),
                dyn({"images": dyn(["^registry\\.example\\.com/legacy/[^/]*$"]), "namespaces": dyn([]), "workloads": dyn([]),
                     "labels": dyn([dyn({"key": "team", "operator": "In", "values": dyn(["core"])})])})])"#,
        ),
        (
            "podTemplate",
            r#"dyn(object).kind == "Pod" ? dyn(object)
               : dyn(object).kind == "CronJob" ? dyn(object).?spec.?jobTemplate.?spec.?template.orValue({})
               : dyn(object).?spec.?template.orValue({})"#,
        ),
        ("podMetadata", "optional.ofNonZeroValue(variables.podTemplate.?metadata.orValue(null)).orValue({})"),
        ("podLabels", "optional.ofNonZeroValue(variables.podMetadata.?labels.orValue(null)).orValue({})"),
        ("podSpec", "optional.ofNonZeroValue(variables.podTemplate.?spec.orValue(null)).orValue({})"),
        (
            "allContainers",
            "optional.ofNonZeroValue(variables.podSpec.?containers.orValue(null)).orValue([])
             + optional.ofNonZeroValue(variables.podSpec.?initContainers.orValue(null)).orValue([])",
        ),
        (
            "owners",
            "optional.ofNonZeroValue(dyn(object).?metadata.?ownerReferences.orValue(null)).orValue([])
               .filter(o, o.?controller.orValue(false) == true)",
        ),
        (
            "workloads",
            r#"[dyn(object).kind + "/" + dyn(object).?metadata.?name.orValue("")]
               + variables.owners.map(o, o.kind + "/" + o.name)
               + variables.owners.filter(o, o.kind == "ReplicaSet" && o.name.endsWith("-" + variables.podLabels[?"pod-template-hash"].orValue("?")))
                   .map(o, "Deployment/" + o.name.substring(0, o.name.lastIndexOf("-")))
               + variables.owners.filter(o, o.kind == "Job" && o.name.matches("^.+-[0-9]{8,10}$"))
                   .map(o, "CronJob/" + o.name.substring(0, o.name.lastIndexOf("-")))"#,
        ),
        (
            "exempting",
            r#"variables.exemptions.filter(e,
                 (size(e.namespaces) == 0 || e.namespaces.exists(n, n == dyn(object).?metadata.?namespace.orValue("")))
                 && (size(e.workloads) == 0 || e.workloads.exists(w, w in variables.workloads))
                 && e.labels.all(l, l.operator == "In" && l.values.exists(v, v == variables.podLabels[?l.key].orValue(null))))"#,
        ),
        (
            "containers",
            r#"variables.allContainers.filter(c,
                 !variables.exempting.exists(e, e.images.exists(i, c.?image.orValue("").matches(i))))"#,
        ),
        (
            "exempt",
            r#"variables.exempting.exists(e, size(e.images) == 0)
               || (size(variables.containers) == 0 && size(variables.allContainers) > 0)
               || (dyn(object).kind in ["ReplicaSet", "Job"] && size(variables.owners) > 0)"#,
        ),
        (
            "unchanged",
            r#"request.operation == "UPDATE" && (dyn(object).kind == "Pod"
                 ? dyn(object).?spec == dyn(oldObject).?spec
                 : dyn(object).?spec.?template == dyn(oldObject).?spec.?template)"#,
        ),
        (
            "offenders",
            r#"variables.containers.filter(c, !variables.params.resources.all(r,
                 r in optional.ofNonZeroValue(c.?resources.?limits.orValue(null)).orValue({}))).map(c, c.?name.orValue(""))"#,
        ),
    ];
    let mut policy = Policy::new("limits", "ValidatingAdmissionPolicy/limits");
    policy.actions = vec![Action::Deny, Action::Audit];
    policy.scan = Scan::As(Operation::Create);
    policy.matching.rules = vec![
        rule(&[""], &["pods", "pods/ephemeralcontainers"]),
        rule(&["apps"], &["deployments", "replicasets"]),
        rule(&["batch"], &["jobs", "cronjobs"]),
    ];
    let not_system = Selector::one(NAME, Operator::NotIn, ["kube-system".to_owned()]);
    policy.matching.namespaces = Some(not_system);
    policy.variables = variables
        .map(|(name, text)| Variable { name: name.to_owned(), expression: text.to_owned() })
        .to_vec();
    policy.validations = vec![Validation {
        expression: "variables.unchanged || variables.exempt || size(variables.offenders) == 0".to_owned(),
        message: Some("Containers declare resource limits".to_owned()),
        message_expression: Some(
            r#""without limits for " + variables.params.resources.join(", ") + ": " + variables.offenders.join(", ")"#
                .to_owned(),
        ),
    }];
    policy
}

pub(super) fn rule(groups: &[&str], resources: &[&str]) -> ResourceRule {
    let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    ResourceRule {
        groups: owned(groups),
        versions: vec!["v1".to_owned()],
        names: Names::Resources(owned(resources)),
        operations: vec![Operation::Create, Operation::Update],
        object_names: vec![],
        scope: Scope::Any,
    }
}
