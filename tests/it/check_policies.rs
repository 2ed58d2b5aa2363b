//! `ordinance check --policies`: policies that others wrote, verdict by verdict.
//!
//! The policies here are written for these tests. What the API server, Gatekeeper and Kyverno do
//! with each is stated beside it.

use crate::support::binary::ordinance;
use serde_json::{Value, json};
use std::fs;

/// A policy and its binding; `spec` and `binding` are the inside of their `spec`.
pub fn native(spec: &Value, binding: &Value) -> Vec<Value> {
    let mut policy = json!({"apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingAdmissionPolicy", "metadata": {"name": "rule"}, "spec": spec});
    if spec.get("matchConstraints").is_none() {
        policy["spec"]["matchConstraints"] =
            json!({"resourceRules": [rule("apps", "deployments")]});
    }
    if spec.get("validations").is_none() {
        policy["spec"]["validations"] = json!([{"expression": "false", "message": "no"}]);
    }
    let mut bound = json!({"apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingAdmissionPolicyBinding", "metadata": {"name": "bound"},
        "spec": {"policyName": "rule", "validationActions": ["Deny"]}});
    for (key, value) in binding.as_object().into_iter().flatten() {
        bound["spec"][key] = value.clone();
    }
    vec![policy, bound]
}

pub fn rule(group: &str, resource: &str) -> Value {
    json!({"apiGroups": [group], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": [resource]})
}

pub fn object(version: &str, kind: &str, namespace: &str, name: &str) -> Value {
    let mut object = json!({"apiVersion": version, "kind": kind,
        "metadata": {"name": name, "labels": {"app": name}}});
    if !namespace.is_empty() {
        object["metadata"]["namespace"] = json!(namespace);
    }
    if kind == "Deployment" {
        object["spec"] =
            json!({"replicas": 3, "template": {"spec": {"containers": [{"name": "app"}]}}});
    }
    if kind == "Pod" {
        object["spec"] = json!({"containers": [{"name": "app"}]});
    }
    object
}

/// What is found: messages of violations with the object's name, then reasons of errors.
pub fn check(
    policies: &[Value],
    objects: &[Value],
    more: &[&str],
) -> (i32, Vec<String>, Vec<String>) {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |path: &str, list: &[Value]| {
        let list = json!({"apiVersion": "v1", "kind": "List", "items": list});
        fs::write(folder.path().join(path), list.to_string()).expect("a file");
    };
    write("policies.json", policies);
    write("objects.json", objects);
    let words = ["check", "--policies", "policies.json", "--format", "json", "objects.json"];
    let run = ordinance(folder.path(), &[&words[..], more].concat());
    let said: Value =
        serde_json::from_str(&run.out).unwrap_or_else(|_| panic!("{}{}", run.out, run.err));
    let list = |field: &str| said[field].as_array().expect("a list").clone();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let violations = list("violations");
    let violations = violations.iter().map(|one| {
        format!(
            "{} {}: {}",
            text(&one["action"]),
            text(&one["object"]["name"]),
            text(&one["message"])
        )
    });
    let errors = list("errors").iter().map(|one| text(&one["message"])).collect();
    (run.code, violations.collect(), errors)
}

/// The names of the objects that are denied.
pub fn denied(policies: &[Value], objects: &[Value]) -> Vec<String> {
    let (_, violations, errors) = check(policies, objects, &[]);
    assert_eq!(errors, Vec::<String>::new());
    let names = violations
        .iter()
        .filter_map(|one| Some(one.strip_prefix("deny ")?.split(':').next()?.to_owned()));
    names.collect()
}

pub fn deployments() -> Vec<Value> {
    vec![
        object("apps/v1", "Deployment", "shop", "web"),
        object("apps/v1", "Deployment", "till", "pay"),
        object("apps/v1", "StatefulSet", "shop", "db"),
        object("rbac.authorization.k8s.io/v1", "ClusterRole", "", "all"),
        object("v1", "Namespace", "", "shop"),
    ]
}

fn matched(constraints: &Value) -> Vec<String> {
    denied(&native(&json!({"matchConstraints": constraints}), &json!({})), &deployments())
}

#[test]
fn constraints_match_as_on_the_api_server() {
    let one = |rule: Value| json!({"resourceRules": [rule]});
    let with = |field: &str, value: Value| {
        let mut rule = rule("*", "*");
        rule["apiVersions"] = json!(["*"]);
        rule[field] = value;
        json!({"resourceRules": [rule]})
    };
    assert_eq!(matched(&one(rule("apps", "deployments"))), ["web", "pay"]);
    assert_eq!(matched(&with("scope", json!("Cluster"))), ["all", "shop"]);
    assert_eq!(matched(&with("scope", json!("Namespaced"))), ["web", "pay", "db"]);
    assert_eq!(matched(&with("resources", json!(["deployments/scale"]))), Vec::<String>::new());
    assert_eq!(matched(&with("resources", json!(["deployments/*"]))), ["web", "pay"]);
    assert_eq!(matched(&with("resourceNames", json!(["web", "all"]))), ["web", "all"]);
    assert_eq!(matched(&with("operations", json!(["UPDATE"]))), Vec::<String>::new());
    assert_eq!(matched(&with("operations", json!(["*"]))).len(), 5);

    let mut narrow = with("scope", json!("*"));
    narrow["excludeResourceRules"] = json!([rule("apps", "deployments")]);
    assert_eq!(matched(&narrow), ["db", "all", "shop"]);
    narrow["objectSelector"] = json!({"matchLabels": {"app": "db"}});
    assert_eq!(matched(&narrow), ["db"]);
    // What lies in no namespace is matched whatever the selector says; a Namespace by its labels.
    let name = "kubernetes.io/metadata.name";
    let mut selected = with("scope", json!("*"));
    selected["namespaceSelector"] = json!({"matchLabels": {name: "till"}});
    assert_eq!(matched(&selected), ["pay", "all"]);
    let version = |policy: &str| {
        let mut constraints = one(rule("apps", "deployments"));
        constraints["matchPolicy"] = json!(policy);
        let old = [object("apps/v1beta1", "Deployment", "shop", "old")];
        check(&native(&json!({"matchConstraints": constraints}), &json!({})), &old, &[])
    };
    assert_eq!(version("Exact"), (0, vec![], vec![]));
    let (code, _, errors) = version("Equivalent");
    assert_eq!(code, 2, "what would be converted is no pass");
    assert!(errors[0].contains("is converted to another version"), "{errors:?}");
}

#[test]
fn a_binding_narrows_and_says_how_strictly() {
    let bound = |resources: Value| {
        denied(&native(&json!({}), &json!({"matchResources": resources})), &deployments())
    };
    assert_eq!(bound(json!({})), ["web", "pay"]);
    assert_eq!(
        bound(json!({"resourceRules": [rule("apps", "statefulsets")]})),
        Vec::<String>::new()
    );
    let till = json!({"matchLabels": {"kubernetes.io/metadata.name": "till"}});
    assert_eq!(bound(json!({"namespaceSelector": till})), ["pay"]);
    assert_eq!(bound(json!({"excludeResourceRules": [rule("apps", "*")]})), Vec::<String>::new());
    for (actions, code, expected) in [
        (json!(["Warn"]), 0, "warn web: no"),
        (json!(["Audit"]), 0, "audit web: no"),
        (json!(["Deny", "Audit"]), 1, "deny web: no"),
    ] {
        let policies = native(&json!({}), &json!({"validationActions": actions}));
        let (exit, said, _) = check(&policies, &deployments()[..1], &[]);
        assert_eq!((exit, said), (code, vec![expected.to_owned()]));
    }
}

#[test]
fn conditions_variables_messages_and_errors() {
    let web = &deployments()[..1];
    let said = |spec: Value| check(&native(&spec, &json!({})), web, &[]);
    let validation = |text: &str| json!([{"expression": text, "message": "no"}]);
    let condition = |text: &str| json!([{"name": "if", "expression": text}]);
    assert_eq!(
        said(json!({"matchConditions": condition("object.spec.replicas > 5")})).1,
        Vec::<String>::new()
    );
    assert_eq!(
        said(json!({"matchConditions": condition("object.spec.replicas < 5")})).1,
        ["deny web: no"]
    );
    // A condition that is false outweighs one that fails; alone, a failure follows failurePolicy.
    let both = json!([
        {"name": "fails", "expression": "object.absent"},
        {"name": "not", "expression": "false"},
    ]);
    assert_eq!(said(json!({"matchConditions": both})).1, Vec::<String>::new());
    let fails = condition("object.absent == 1");
    let (code, denied, _) = said(json!({"matchConditions": fails}));
    assert_eq!(code, 1);
    assert!(denied[0].contains("no such key: absent"), "{denied:?}");
    let (code, denied, errors) = said(json!({"matchConditions": fails, "failurePolicy": "Ignore"}));
    assert_eq!((code, denied.len(), errors.len()), (2, 0, 1), "what is ignored is told");
    // What nothing reads is never evaluated, and what is read is evaluated for each reader alike.
    let variables = json!([
        {"name": "broken", "expression": "object.absent"},
        {"name": "few", "expression": "object.spec.replicas < 5"},
    ]);
    let lazily = json!({"variables": variables, "validations": validation("variables.few || variables.broken")});
    assert_eq!(said(lazily), (0, vec![], vec![]));
    let eagerly = json!({"variables": variables, "validations": validation("variables.broken")});
    assert_eq!(said(eagerly).0, 1);
    let message = json!([{"expression": "object.spec.replicas > 5", "message": "fixed",
        "messageExpression": "'only ' + string(object.spec.replicas)"}]);
    assert_eq!(said(json!({"validations": message})).1, ["deny web: only 3"]);
    let unfit =
        json!([{"expression": "false", "message": "fixed", "messageExpression": "object.absent"}]);
    assert_eq!(said(json!({"validations": unfit})).1, ["deny web: fixed"]);
    let bare = json!([{"expression": "object.spec.replicas > 5"}]);
    assert_eq!(
        said(json!({"validations": bare})).1,
        ["deny web: failed expression: object.spec.replicas > 5"]
    );
    let annotation = |text: &str| json!([{"key": "k", "valueExpression": text}]);
    let fine = validation("true");
    assert_eq!(said(json!({"validations": fine, "auditAnnotations": annotation("'x'")})).0, 0);
    assert_eq!(said(json!({"validations": fine, "auditAnnotations": annotation("null")})).0, 0);
    assert_eq!(
        said(json!({"validations": fine, "auditAnnotations": annotation("object.absent")})).0,
        1
    );
}

#[test]
fn the_request_is_seen_as_the_api_server_builds_it() {
    let holds = |text: &str| {
        let spec = json!({"validations": [{"expression": text, "message": "no"}]});
        check(&native(&spec, &json!({})), &deployments()[..1], &["--namespace", "shop=team=web"])
    };
    for text in [
        "request.operation == 'CREATE' && oldObject == null && object != null",
        "request.kind.kind == 'Deployment' && request.resource.resource == 'deployments'",
        "request.requestKind == request.kind && request.requestResource == request.resource",
        "request.name == 'web' && request.namespace == 'shop' && request.dryRun == false",
        "!has(request.subResource)",
        "params == null",
        "namespaceObject.metadata.labels.team == 'web'",
        "namespaceObject.metadata.labels['kubernetes.io/metadata.name'] == 'shop'",
    ] {
        assert_eq!(holds(text), (0, vec![], vec![]), "{text}");
    }
    // Nobody asks, so what depends on who does is not judged: that is no pass.
    let (code, denied, errors) = holds("'admins' in request.userInfo.groups");
    assert_eq!((code, denied.len()), (2, 0));
    assert_eq!(errors, ["it depends on who asks, which is not known"]);
    let (code, _, errors) = holds("authorizer.group('').resource('pods').check('get').allowed()");
    assert_eq!(code, 2);
    assert!(errors[0].contains("only a cluster knows"), "{errors:?}");
}

pub fn limit(namespace: &str, name: &str, most: i64) -> Value {
    json!({"apiVersion": "v1", "kind": "ConfigMap", "data": {"most": most.to_string()},
        "metadata": {"name": name, "namespace": namespace, "labels": {"kind": "limit"}}})
}

#[test]
fn parameters_are_looked_up_as_the_binding_says() {
    let spec = json!({
        "paramKind": {"apiVersion": "v1", "kind": "ConfigMap"},
        "validations": [{"expression": "object.spec.replicas <= int(params.data.most)",
            "messageExpression": "'most is ' + params.data.most"}],
    });
    let said = |reference: Value, params: &[Value]| {
        let policies = [native(&spec, &json!({"paramRef": reference})), params.to_vec()].concat();
        let (_, said, errors) = check(&policies, &deployments()[..2], &[]);
        (said, errors)
    };
    let fine: (Vec<String>, Vec<String>) = (vec![], vec![]);
    let both = |message: &str| -> (Vec<String>, Vec<String>) {
        (vec![format!("deny web: {message}"), format!("deny pay: {message}")], vec![])
    };
    let named = json!({"name": "limit", "namespace": "config", "parameterNotFoundAction": "Deny"});
    assert_eq!(said(named.clone(), &[limit("config", "limit", 3)]), fine);
    assert_eq!(said(named.clone(), &[limit("config", "limit", 2)]), both("most is 2"));
    let (denied, _) = said(named, &[limit("other", "limit", 3)]);
    assert!(denied[0].contains("no params found") && denied.len() == 2, "{denied:?}");
    let allowed =
        json!({"name": "limit", "namespace": "config", "parameterNotFoundAction": "Allow"});
    assert_eq!(said(allowed, &[limit("config", "limit", 3)]), fine);
    // Every object that is selected must be content.
    let selected = json!({"selector": {"matchLabels": {"kind": "limit"}}, "namespace": "config",
        "parameterNotFoundAction": "Deny"});
    let several = [limit("config", "a", 5), limit("config", "b", 2), limit("other", "c", 1)];
    assert_eq!(said(selected, &several), both("most is 2"));
    // Without a namespace it is that of the request.
    let own = json!({"name": "limit", "parameterNotFoundAction": "Deny"});
    let (denied, _) = said(own, &[limit("shop", "limit", 2)]);
    assert_eq!(denied[0], "deny web: most is 2");
    assert!(
        denied[1].starts_with("deny pay: ") && denied[1].contains("no params found"),
        "{denied:?}"
    );
}

pub fn template(source: &Value, constraint: &Value) -> Vec<Value> {
    let template = json!({"apiVersion": "templates.gatekeeper.sh/v1", "kind": "ConstraintTemplate",
        "metadata": {"name": "most"}, "spec": {
            "crd": {"spec": {"names": {"kind": "Most"}}},
            "targets": [{"target": "admission.k8s.gatekeeper.sh",
                "code": [{"engine": "K8sNativeValidation", "source": source}]}]}});
    let constraint = json!({"apiVersion": "constraints.gatekeeper.sh/v1beta1", "kind": "Most",
        "metadata": {"name": "most"}, "spec": constraint});
    vec![template, constraint]
}

#[test]
fn a_constraint_matches_as_gatekeeper_does() {
    let source = json!({"validations": [{"expression": "false", "message": "no"}]});
    let matched =
        |matching: Value| denied(&template(&source, &json!({"match": matching})), &deployments());
    assert_eq!(matched(json!({})), ["web", "pay", "db", "all", "shop"]);
    let kinds = json!([{"apiGroups": ["apps"], "kinds": ["Deployment"]}]);
    assert_eq!(matched(json!({"kinds": kinds})), ["web", "pay"]);
    assert_eq!(matched(json!({"namespaces": ["sh*"]})), ["web", "db", "all", "shop"]);
    assert_eq!(matched(json!({"excludedNamespaces": ["*op"]})), ["pay", "all"]);
    assert_eq!(matched(json!({"name": "w*"})), ["web"]);
    assert_eq!(matched(json!({"labelSelector": {"matchLabels": {"app": "db"}}})), ["db"]);
    assert_eq!(matched(json!({"scope": "Cluster"})), ["all", "shop"]);
    let action = |spec: Value| check(&template(&source, &spec), &deployments()[..1], &[]).1;
    assert_eq!(action(json!({"enforcementAction": "warn"})), ["warn web: no"]);
    assert_eq!(action(json!({"enforcementAction": "dryrun"})), ["audit web: no"]);
    let scoped = |point: &str| {
        json!({"enforcementAction": "scoped", "scopedEnforcementActions": [
            {"action": "deny", "enforcementPoints": [{"name": point}]}]})
    };
    assert_eq!(action(scoped("validation.gatekeeper.sh")), ["deny web: no"]);
    assert_eq!(action(scoped("vap.k8s.io")), ["deny web: no"]);
    assert_eq!(action(scoped("audit.gatekeeper.sh")), ["audit web: no"], "only recorded there");
    let any = json!({"variables": [{"name": "n", "expression": "variables.anyObject.spec.replicas"}],
        "matchCondition": [{"name": "c", "expression": "object.kind == 'Deployment'"}],
        "validations": [{"expression": "variables.n <= variables.params.most"}]});
    let most =
        |most: i64| denied(&template(&any, &json!({"parameters": {"most": most}})), &deployments());
    assert_eq!(most(3), Vec::<String>::new());
    assert_eq!(most(2), ["web", "pay"]);
}

pub fn cluster_policy(rule: &Value) -> Value {
    json!({"apiVersion": "kyverno.io/v1", "kind": "ClusterPolicy", "metadata": {"name": "rule"},
        "spec": {"validationFailureAction": "Enforce", "rules": [rule]}})
}

#[test]
fn a_cluster_policy_in_cel_matches_as_kyverno_does() {
    let matched = |matching: Value, exclude: Value| {
        let mut rule = json!({"name": "one", "match": matching,
            "validate": {"message": "no", "cel": {"expressions": [{"expression": "false"}]}}});
        if !exclude.is_null() {
            rule["exclude"] = exclude;
        }
        denied(&[cluster_policy(&rule)], &deployments())
    };
    let any = |resources: Value| json!({"any": [{"resources": resources}]});
    let kinds = json!(["apps/v1/Deployment", "StatefulSet", "ClusterRole", "Namespace"]);
    let all = matched(any(json!({"kinds": kinds})), Value::Null);
    assert_eq!(all, ["web", "pay", "db", "all", "shop"]);
    let of = |field: &str, value: Value| any(json!({"kinds": kinds, field: value}));
    assert_eq!(matched(of("names", json!(["w*", "p?y"])), Value::Null), ["web", "pay"]);
    assert_eq!(matched(of("operations", json!(["DELETE"])), Value::Null), Vec::<String>::new());
    // A selector never matches what lies in no namespace, nor a Namespace.
    let till = json!({"matchLabels": {"kubernetes.io/metadata.name": "till"}});
    assert_eq!(matched(of("namespaceSelector", till), Value::Null), ["pay"]);
    assert_eq!(matched(of("namespaces", json!(["sh*"])), Value::Null), ["web", "db", "shop"]);
    let excluded = any(json!({"kinds": ["Deployment"]}));
    assert_eq!(matched(any(json!({"kinds": kinds})), excluded), ["db", "all", "shop"]);
    let both = json!({"all": [{"resources": {"kinds": kinds}}, {"resources": {"names": ["web"]}}]});
    assert_eq!(matched(both, Value::Null), ["web"]);
    assert_eq!(
        matched(any(json!({"kinds": ["Deployment/scale"]})), Value::Null),
        Vec::<String>::new()
    );
}

/// Kyverno makes rules for what makes pods out of one about pods, by replacing texts.
#[test]
fn what_is_generated_for_workloads_judges_them() {
    let objects =
        [object("v1", "Pod", "shop", "bare"), object("apps/v1", "Deployment", "shop", "web")];
    let expression = "object.spec.containers.all(c, has(c.image))";
    let rule = json!({"name": "one", "match": {"any": [{"resources": {"kinds": ["Pod"]}}]},
        "validate": {"cel": {"expressions": [{"expression": expression, "message": "no"}]}}});
    let mut policy = cluster_policy(&rule);
    assert_eq!(denied(&[policy.clone()], &objects), ["bare", "web"]);
    policy["metadata"]["annotations"] =
        json!({"pod-policies.kyverno.io/autogen-controllers": "none"});
    assert_eq!(denied(&[policy], &objects), ["bare"]);

    let mut policy = json!({"apiVersion": "policies.kyverno.io/v1", "kind": "ValidatingPolicy",
        "metadata": {"name": "rule"}, "spec": {"validationActions": ["Deny"],
            "matchConstraints": {"resourceRules": [self::rule("", "pods")]},
            "validations": [{"expression": expression, "message": "no"}]}});
    assert_eq!(denied(&[policy.clone()], &objects), ["bare", "web"]);
    policy["spec"]["autogen"] = json!({"podControllers": {"controllers": []}});
    assert_eq!(denied(&[policy.clone()], &objects), ["bare"]);
    policy["spec"]["matchConditions"] =
        json!([{"name": "c", "expression": "object.metadata.name != 'bare'"}]);
    assert_eq!(denied(&[policy], &objects), Vec::<String>::new());
}

#[test]
fn what_cannot_be_evaluated_is_told_and_is_no_pass() {
    let validate = |validate: Value| {
        cluster_policy(
            &json!({"name": "one", "match": {"any": [{"resources": {"kinds": ["Pod"]}}]},
            "validate": validate}),
        )
    };
    let mut context = validate(json!({"cel": {"expressions": [{"expression": "true"}]}}));
    context["spec"]["rules"][0]["context"] = json!([{"name": "x", "apiCall": {}}]);
    let mutate = cluster_policy(&json!({"name": "one", "mutate": {}}));
    let images = cluster_policy(&json!({"name": "one", "verifyImages": []}));
    let other = |version: &str, kind: &str| json!({"apiVersion": version, "kind": kind, "metadata": {"name": "x"}, "spec": {}});
    let rego = json!({"apiVersion": "templates.gatekeeper.sh/v1", "kind": "ConstraintTemplate",
        "metadata": {"name": "x"}, "spec": {"crd": {"spec": {"names": {"kind": "X"}}},
            "targets": [{"target": "admission.k8s.gatekeeper.sh", "rego": "package x"}]}});
    let call = native(&json!({"validations": [{"expression": "http.Get('x') == 1"}]}), &json!({}));
    for (policies, why) in [
        (vec![validate(json!({"pattern": {}}))], "it is a pattern"),
        (vec![validate(json!({"anyPattern": []}))], "it is a pattern"),
        (vec![validate(json!({"deny": {}}))], "its conditions are not written in CEL"),
        (vec![validate(json!({"foreach": []}))], "it is a loop of patterns"),
        (vec![context], "it looks something up"),
        (vec![mutate], "it changes objects"),
        (vec![images], "it verifies images"),
        (vec![other("policies.kyverno.io/v1", "ImageValidatingPolicy")], "it verifies images"),
        (vec![other("policies.kyverno.io/v1", "GeneratingPolicy")], "it changes objects"),
        (vec![other("kyverno.io/v2", "PolicyException")], "exceptions are not evaluated yet"),
        (vec![rego], "it is written in Rego"),
        (vec![other("constraints.gatekeeper.sh/v1beta1", "X")], "its template is not among"),
        (vec![native(&json!({}), &json!({}))[0].clone()], "nothing binds it"),
        (vec![native(&json!({}), &json!({}))[1].clone()], "which is not among the objects"),
        (call, "does not compile"),
    ] {
        let (code, denied, errors) = check(&policies, &[object("v1", "Pod", "shop", "bare")], &[]);
        assert_eq!((code, denied.len(), errors.len()), (2, 0, 1), "{why}: {errors:?}");
        assert!(errors[0].contains(why), "{why}: {errors:?}");
    }
}
