//! `ordinance check --policies`: what judges nothing, or cannot be judged by, is always said.

use crate::check_policies::{
    check, cluster_policy, denied, deployments, native, object, rule, template,
};
use serde_json::{Value, json};

fn validating_policy(spec: &Value) -> Value {
    let mut policy = json!({"apiVersion": "policies.kyverno.io/v1", "kind": "ValidatingPolicy",
        "metadata": {"name": "rule"}, "spec": {
            "matchConstraints": {"resourceRules": [rule("", "pods")]},
            "validations": [{"expression": "false", "message": "no"}]}});
    for (key, value) in spec.as_object().into_iter().flatten() {
        policy["spec"][key] = value.clone();
    }
    policy
}

fn pod() -> Vec<Value> {
    vec![object("v1", "Pod", "shop", "bare")]
}

/// The one reason why nothing was judged by these.
fn reason(policies: &[Value]) -> String {
    let (code, violations, mut errors) = check(policies, &pod(), &[]);
    assert_eq!((code, violations.len(), errors.len()), (2, 0, 1), "{violations:?} {errors:?}");
    errors.remove(0)
}

#[test]
fn a_policy_without_an_action_denies_where_that_is_its_default() {
    assert_eq!(denied(&[validating_policy(&json!({}))], &pod()), ["bare"]);
    let warns = validating_policy(&json!({"validationActions": ["Warn"]}));
    assert_eq!(check(&[warns], &pod(), &[]).1, ["warn bare: no"]);
}

#[test]
fn a_policy_from_which_nothing_follows_is_not_evaluated() {
    let source = json!({"validations": [{"expression": "false", "message": "no"}]});
    let elsewhere = json!({"enforcementAction": "scoped", "scopedEnforcementActions": [
        {"action": "deny", "enforcementPoints": [{"name": "gator.gatekeeper.sh"}]}]});
    let why = reason(&template(&source, &elsewhere));
    assert!(why.ends_with("nothing says what follows from a violation of it"), "{why}");
    let nothing = json!({"validationActions": []});
    let why = reason(&native(&json!({}), &nothing));
    assert!(why.ends_with("nothing says what follows from a violation of it"), "{why}");
}

#[test]
fn parameters_that_are_not_given_are_no_reason_to_pass() {
    let spec = json!({"paramKind": {"apiVersion": "v1", "kind": "ConfigMap"}});
    for reference in [
        json!({"name": "limit", "namespace": "config", "parameterNotFoundAction": "Allow"}),
        json!({"name": "limit", "parameterNotFoundAction": "Allow"}),
    ] {
        let why = reason(&native(&spec, &json!({"paramRef": reference})));
        let expected = "its parameters, ConfigMap limit, are not among the objects";
        assert!(why.ends_with(expected), "{why}");
    }
    let selected = json!({"selector": {"matchLabels": {"a": "b"}}, "namespace": "config",
        "parameterNotFoundAction": "Allow"});
    let why = reason(&native(&spec, &json!({"paramRef": selected})));
    assert!(why.contains("the ConfigMap that its `paramRef` selects"), "{why}");
}

/// A namespace with an annotation, which decides.
#[test]
fn of_a_namespace_all_is_known_that_is_given_and_nothing_is_guessed() {
    let shop = |tier: &str| {
        json!({"apiVersion": "v1", "kind": "Namespace",
            "metadata": {"name": "shop", "annotations": {"tier": tier}}})
    };
    let web = deployments().remove(0);
    let free = "namespaceObject.metadata.?annotations['tier'].orValue('free') == 'free'";
    let validated =
        native(&json!({"validations": [{"expression": free, "message": "no"}]}), &json!({}));
    let paid = "namespaceObject != null && has(namespaceObject.metadata.annotations) && \
                namespaceObject.metadata.annotations['tier'] == 'paid'";
    let conditional =
        native(&json!({"matchConditions": [{"name": "paid", "expression": paid}]}), &json!({}));
    for policies in [validated, conditional] {
        assert_eq!(denied(&policies, &[web.clone(), shop("paid")]), ["web"]);
        assert_eq!(denied(&policies, &[web.clone(), shop("free")]), Vec::<String>::new());
        // Of two, the first is meant.
        assert_eq!(denied(&policies, &[web.clone(), shop("paid"), shop("free")]), ["web"]);
        for given in [&[][..], &["--namespace", "shop=team=web"]] {
            let (code, violations, errors) = check(&policies, std::slice::from_ref(&web), given);
            assert_eq!((code, violations.len(), errors.len()), (2, 0, 1), "{errors:?}");
            let expected = "`annotations` of its namespace is not known";
            assert!(errors[0].contains(expected), "{errors:?}");
        }
    }
    for (text, known) in [
        ("namespaceObject.metadata.name == 'shop'", true),
        ("!('annotations' in namespaceObject.metadata)", false),
        ("!has(namespaceObject.spec)", false),
        ("namespaceObject.?status.phase.orValue('Active') == 'Active'", false),
    ] {
        let policies =
            native(&json!({"validations": [{"expression": text, "message": "no"}]}), &json!({}));
        let (code, _, errors) = check(&policies, std::slice::from_ref(&web), &[]);
        assert_eq!((code, errors.len()), if known { (0, 0) } else { (2, 1) }, "{text} {errors:?}");
        let annotated = json!([{"key": "k", "valueExpression": format!("string({text})")}]);
        let policies = native(
            &json!({"validations": [{"expression": "true"}], "auditAnnotations": annotated}),
            &json!({}),
        );
        let (code, denied, _) = check(&policies, std::slice::from_ref(&web), &[]);
        assert_eq!((code, denied.len()), (if known { 0 } else { 2 }, 0), "{text}");
    }
}

#[test]
fn an_object_of_no_version_is_an_error_of_its_file() {
    for version in ["apps/", "a/b/c"] {
        let objects = [
            json!({"apiVersion": version, "kind": "Deployment",
            "metadata": {"name": "web"}}),
            pod().remove(0),
        ];
        let (code, violations, errors) = check(&[validating_policy(&json!({}))], &objects, &[]);
        assert_eq!((code, violations.len(), errors.len()), (1, 1, 1), "{errors:?}");
        assert!(errors[0].contains("is no version of an API"), "{errors:?}");
    }
}

fn one_rule(matched: &Value, exclude: &Value) -> Value {
    let mut rule = json!({"name": "one", "match": matched,
        "validate": {"cel": {"expressions": [{"expression": "false", "message": "no"}]}}});
    if !exclude.is_null() {
        rule["exclude"] = exclude.clone();
    }
    cluster_policy(&rule)
}

#[test]
fn what_is_matched_in_the_old_way_is_understood_or_told() {
    let pods = json!({"resources": {"kinds": ["Pod"]}});
    assert_eq!(denied(&[one_rule(&pods, &Value::Null)], &pod()), ["bare"]);
    let named = json!({"resources": {"names": ["bare"]}});
    assert_eq!(denied(&[one_rule(&pods, &named)], &pod()), Vec::<String>::new());
    assert_eq!(denied(&[one_rule(&pods, &json!({}))], &pod()), ["bare"]);
    for (policy, why) in [
        (one_rule(&json!({"subjects": [{"kind": "User", "name": "x"}]}), &Value::Null), "who asks"),
        (one_rule(&pods, &json!({"clusterRoles": ["cluster-admin"]})), "who asks"),
        (one_rule(&json!({}), &Value::Null), "it does not say what it matches"),
        (one_rule(&json!({"any": []}), &Value::Null), "it does not say what it matches"),
    ] {
        let told = reason(&[policy]);
        assert!(told.contains(why), "{told}");
    }
}

#[test]
fn conditions_of_the_webhook_are_conditions_of_every_rule() {
    let mut policy = one_rule(&json!({"any": [{"resources": {"kinds": ["Pod"]}}]}), &Value::Null);
    for (text, expected) in [
        ("object.metadata.name != 'bare'", vec![]),
        ("object.metadata.name == 'bare'", vec!["bare"]),
    ] {
        policy["spec"]["webhookConfiguration"] =
            json!({"matchConditions": [{"name": "c", "expression": text}]});
        assert_eq!(denied(&[policy.clone()], &pod()), expected);
    }
}

#[test]
fn what_is_not_used_is_said_and_each_flaw_once() {
    let broken = json!({"validations": [{"expression": "http.Get('x') == 1", "message": "no"}]});
    let why = reason(&[validating_policy(&broken)]);
    assert!(why.contains("does not compile"), "{why}");

    let source = json!({"validations": [{"expression": "false", "message": "no"}]});
    let why = reason(&template(&source, &json!({}))[..1]);
    assert!(why.ends_with("no constraint applies it, so it judges nothing"), "{why}");

    let fine = validating_policy(&json!({"validations": [{"expression": "true"}]}));
    let stranger = json!({"apiVersion": "policies.kubewarden.io/v1",
        "kind": "ClusterAdmissionPolicy", "metadata": {"name": "x"}, "spec": {}});
    let why = reason(&[fine.clone(), stranger]);
    assert_eq!(
        why,
        "ClusterAdmissionPolicy/x is not evaluated: no engine that is known here reads its kind"
    );
    let network = json!({"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
        "metadata": {"name": "x"}, "spec": {}});
    assert_eq!(check(&[fine, network], &pod(), &[]), (0, vec![], vec![]));
}
