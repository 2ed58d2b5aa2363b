//! Policies and bindings as the API server understands them, whoever wrote them.
//!
//! One neutral policy comes of each binding and each parameter object it refers to.

use super::super::{Understood, reading};
use crate::admission::{Absent, Matching, Names, Policy, ResourceRule, Scan, Scope, resource_of};
use crate::cel::Dialect;
use crate::document::Action;
use crate::object::{self, Object};
use crate::selector::{NAME, Operator, Selector};
use serde_json::Value;
use std::collections::BTreeSet;

const GROUP: &str = "admissionregistration.k8s.io";

/// What no policy sees that was made through the API: policies themselves, and reviews.
const UNSEEN: &[(&str, &[&str])] = &[
    (
        GROUP,
        &[
            "mutatingadmissionpolicies",
            "mutatingadmissionpolicybindings",
            "validatingadmissionpolicies",
            "validatingadmissionpolicybindings",
        ],
    ),
    ("authentication.k8s.io", &["selfsubjectreviews", "tokenreviews"]),
    (
        "authorization.k8s.io",
        &[
            "localsubjectaccessreviews",
            "selfsubjectaccessreviews",
            "selfsubjectrulesreviews",
            "subjectaccessreviews",
        ],
    ),
];

pub fn understand(objects: &[Object]) -> Understood {
    let mut understood = Understood::default();
    let of_kind = |kind: &'static str| {
        objects.iter().enumerate().filter(move |(_, object)| {
            object::kind(object) == kind && object::group_version(object).0 == GROUP
        })
    };
    let mut bound: BTreeSet<&str> = BTreeSet::new();
    for (index, binding) in of_kind("ValidatingAdmissionPolicyBinding") {
        let wanted = object::text(binding, &["spec", "policyName"]);
        bound.insert(wanted);
        let policy =
            of_kind("ValidatingAdmissionPolicy").find(|(_, policy)| object::name(policy) == wanted);
        match policy {
            Some((_, policy)) => {
                understood.add(index, binding, self::bound(policy, binding, objects));
            }
            None => understood.cannot(
                index,
                binding,
                format!("it binds policy {wanted}, which is not among the objects"),
            ),
        }
    }
    for (index, policy) in of_kind("ValidatingAdmissionPolicy") {
        if !bound.contains(object::name(policy)) {
            understood.cannot(index, policy, "nothing binds it, so it judges nothing");
        }
    }
    for kind in ["MutatingAdmissionPolicy", "MutatingAdmissionPolicyBinding"] {
        for (index, policy) in of_kind(kind) {
            understood.cannot(index, policy, "it changes objects and refuses none");
        }
    }
    understood
}

/// A policy as one of its bindings applies it: once for each parameter object.
fn bound(policy: &Object, binding: &Object, objects: &[Object]) -> Result<Vec<Policy>, String> {
    let origin = format!("{} by {}", reading::origin(policy), reading::origin(binding));
    let mut read = Policy::new(object::name(policy), origin);
    read.budget = Dialect::newest("ValidatingAdmissionPolicy");
    read.applied_by = object::name(binding).to_owned();
    let null = Value::Null;
    let spec = policy.get("spec").unwrap_or(&null);
    let constraints = spec.get("matchConstraints").unwrap_or(&null);
    let resources = object::at(binding, &["spec", "matchResources"]).unwrap_or(&null);
    read.matching = reading::match_resources(constraints, &[])?;
    let also = reading::match_resources(resources, &[ResourceRule::any()])?;
    read.matching.also.push(also);
    read.matching.except.push(unseen());
    for action in object::texts(binding, &["spec", "validationActions"]) {
        match action.as_str() {
            "Deny" => read.actions.push(Action::Deny),
            "Warn" => read.actions.push(Action::Warn),
            _ => read.actions.push(Action::Audit),
        }
    }
    read.match_conditions = reading::conditions(spec, "matchConditions");
    read.variables = reading::variables(spec);
    read.validations = reading::validations(object::list(spec, &["validations"]));
    read.audit_annotations = reading::audit_annotations(spec);
    read.failure_policy = reading::failure_policy(spec);
    read.scan = Scan::Never;
    read.absent = Absent::Null;
    let kind = spec.get("paramKind").filter(|kind| !kind.is_null());
    let reference = object::at(binding, &["spec", "paramRef"]).filter(|one| !one.is_null());
    match (kind, reference) {
        (Some(kind), Some(reference)) => parametrized(read, kind, reference, objects),
        // Either alone means nothing: `params` is null then.
        _ => Ok(vec![read]),
    }
}

fn unseen() -> Matching {
    let rule = |(group, resources): &(&str, &[&str])| ResourceRule {
        groups: vec![(*group).to_owned()],
        names: Names::Resources(resources.iter().map(|one| (*one).to_owned()).collect()),
        ..ResourceRule::any()
    };
    Matching { rules: UNSEEN.iter().map(rule).collect(), ..Matching::default() }
}

/// Where parameters need not be there, the files may just lack what the cluster has. A policy that
/// nothing was judged by would look like one that all is well with.
fn not_given(kind: &Value, reference: &Value) -> String {
    let kind = object::text(kind, &["kind"]);
    let wanted = match object::text(reference, &["name"]) {
        "" => format!("the {kind} that its `paramRef` selects"),
        name => format!("{kind} {name}"),
    };
    format!("its parameters, {wanted}, are not among the objects")
}

/// Once for each parameter object that the reference means, wherever the request is.
fn parametrized(
    policy: Policy,
    kind: &Value,
    reference: &Value,
    objects: &[Object],
) -> Result<Vec<Policy>, String> {
    let of_kind = |object: &&Object| {
        object::text(object, &["apiVersion"]) == object::text(kind, &["apiVersion"])
            && object::kind(object) == object::text(kind, &["kind"])
    };
    let name = object::text(reference, &["name"]);
    let selector = reading::selector(reference, "selector")?;
    let meant = |object: &&Object| match &selector {
        Some(selector) if name.is_empty() => selector.matches(&object::labels(object)),
        _ => object::name(object) == name,
    };
    let found: Vec<&Object> = objects.iter().filter(of_kind).filter(meant).collect();
    let group = object::group_version(kind).0;
    let known = resource_of(group, object::text(kind, &["kind"])).namespaced;
    let stated = object::text(reference, &["namespace"]);
    let inside = known.unwrap_or_else(|| {
        !stated.is_empty() || found.iter().any(|one| !object::namespace(one).is_empty())
    });
    let denies = object::text(reference, &["parameterNotFoundAction"]) == "Deny";
    let missing = |policy: &Policy| {
        let mut policy = policy.clone();
        policy.fails = Some(
            "no params found for policy binding with `Deny` parameterNotFoundAction".to_owned(),
        );
        policy
    };
    let given = |policy: &Policy, params: &Object| {
        let mut policy = policy.clone();
        policy.params = Some(params.clone());
        policy
    };
    if !inside || !stated.is_empty() {
        let there = |one: &&&Object| !inside || object::namespace(one) == stated;
        let all: Vec<Policy> = found.iter().filter(there).map(|one| given(&policy, one)).collect();
        return match (all.is_empty(), denies) {
            (true, true) => Ok(vec![missing(&policy)]),
            (true, false) => Err(not_given(kind, reference)),
            (false, _) => Ok(all),
        };
    }
    if found.is_empty() && !denies {
        return Err(not_given(kind, reference));
    }
    // Without a namespace of its own the reference means the namespace of the request.
    let within = |policy: &Policy, operator, names: Vec<String>| {
        let mut policy = policy.clone();
        let namespaces = Some(Selector::one(NAME, operator, names));
        let rules = vec![ResourceRule { scope: Scope::Namespaced, ..ResourceRule::any() }];
        policy.matching.also.push(Matching { rules, namespaces, ..Matching::default() });
        policy
    };
    let mut all = vec![];
    let mut names: BTreeSet<String> = BTreeSet::new();
    for one in &found {
        let namespace = match object::namespace(one) {
            "" => "default",
            namespace => namespace,
        };
        names.insert(namespace.to_owned());
        let policy = within(&policy, Operator::In, vec![namespace.to_owned()]);
        all.push(given(&policy, one));
    }
    if denies {
        all.push(missing(&within(&policy, Operator::NotIn, names.into_iter().collect())));
    }
    let mut nowhere = policy;
    nowhere.fails = Some(
        "cannot use namespaced paramRef in policy binding that matches cluster-scoped resources"
            .to_owned(),
    );
    let rules = vec![ResourceRule { scope: Scope::Cluster, ..ResourceRule::any() }];
    nowhere.matching.also.push(Matching { rules, ..Matching::default() });
    all.push(nowhere);
    Ok(all)
}
