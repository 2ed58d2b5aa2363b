//! A whole policy of the shape that is emitted, and the requests that must and must not pass it.

mod limits;

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use limits::{limits, rule};

use super::*;
use crate::selector::{Operator, Selector};

fn pod(containers: Json) -> Json {
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web"}, "spec": {"containers": containers}})
}

fn shop() -> Option<Namespace> {
    Some(Namespace::with_labels("shop", BTreeMap::new()))
}

fn create(object: &Json) -> Request {
    Request::from_object(object, Operation::Create, None, shop()).expect("a kind is given")
}

fn judge(policy: Policy, request: Request) -> Verdict {
    policy.compile().expect("the policy compiles").judge(&Prepared::from(request))
}

fn violated(message: &str) -> Verdict {
    Verdict::Violated { messages: vec![message.to_owned()] }
}

fn owned_by(kind: &str, name: &str, mut pod: Json) -> Json {
    pod["metadata"]["ownerReferences"] = json!([{"kind": kind, "name": name, "controller": true}]);
    pod
}

#[test]
fn an_offender_is_named() {
    let pod = pod(json!([
        {"name": "app", "resources": {"limits": {"cpu": "1", "memory": "1Gi"}}},
        {"name": "side", "resources": {"limits": {"cpu": "1"}}},
    ]));
    assert_eq!(judge(limits(), create(&pod)), violated("without limits for cpu, memory: side"));
}

#[test]
fn a_workload_is_judged_by_its_template() {
    let spec = json!({"containers": [{"name": "task"}]});
    let cron = json!({"apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": "day"},
        "spec": {"jobTemplate": {"spec": {"template": {"spec": spec}}}}});
    assert_eq!(judge(limits(), create(&cron)), violated("without limits for cpu, memory: task"));
}

#[test]
fn an_exempt_workload_frees_what_it_creates() {
    let bare = pod(json!([{"name": "app"}]));
    let mut hashed = owned_by("ReplicaSet", "old-5d9c", bare.clone());
    hashed["metadata"]["labels"] = json!({"pod-template-hash": "5d9c"});
    assert_eq!(judge(limits(), create(&hashed)), Verdict::Allowed);
    let night = owned_by("Job", "night-29384756", bare.clone());
    assert_eq!(judge(limits(), create(&night)), Verdict::Allowed);

    let stranger = owned_by("ReplicaSet", "old-5d9c", bare);
    assert!(matches!(judge(limits(), create(&stranger)), Verdict::Violated { .. }));
}

#[test]
fn an_exempt_image_frees_its_container_alone() {
    let mut mixed = pod(json!([
        {"name": "legacy", "image": "registry.example.com/legacy/billing:1"},
        {"name": "side", "image": "registry.example.com/team/side:1"},
    ]));
    mixed["metadata"]["labels"] = json!({"team": "core"});
    assert_eq!(judge(limits(), create(&mixed)), violated("without limits for cpu, memory: side"));

    let alone = json!([mixed["spec"]["containers"][0].clone()]);
    mixed["spec"]["containers"] = alone;
    assert_eq!(judge(limits(), create(&mixed)), Verdict::Allowed);
}

#[test]
fn odd_nulls_are_no_errors() {
    let mut odd = pod(json!([{"name": "app", "resources": null, "securityContext": null}]));
    for field in ["labels", "annotations", "ownerReferences"] {
        odd["metadata"][field] = Json::Null;
    }
    odd["spec"]["initContainers"] = Json::Null;
    assert_eq!(judge(limits(), create(&odd)), violated("without limits for cpu, memory: app"));
    odd["spec"]["containers"] = Json::Null;
    assert_eq!(judge(limits(), create(&odd)), Verdict::Allowed);
    odd["spec"] = Json::Null;
    assert_eq!(judge(limits(), create(&odd)), Verdict::Allowed);
}

#[test]
fn an_update_that_leaves_the_subject_alone_passes() {
    let old = pod(json!([{"name": "app"}]));
    let mut new = old.clone();
    new["metadata"]["labels"] = json!({"touched": "yes"});
    let update =
        |new: &Json| Request::from_object(new, Operation::Update, Some(&old), shop()).unwrap();
    assert_eq!(judge(limits(), update(&new)), Verdict::Allowed);
    new["spec"]["containers"][0]["image"] = json!("other");
    assert!(matches!(judge(limits(), update(&new)), Verdict::Violated { .. }));
}

#[test]
fn a_controlled_replica_set_passes() {
    let set = json!({"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": {"name": "web-1"},
        "spec": {"template": {"spec": {"containers": [{"name": "app"}]}}}});
    assert!(matches!(judge(limits(), create(&set)), Verdict::Violated { .. }));
    assert_eq!(judge(limits(), create(&owned_by("Deployment", "web", set))), Verdict::Allowed);
}

#[test]
fn operations_subresources_and_versions_are_matched() {
    let bare = pod(json!([{"name": "app"}]));
    let mut request = create(&bare);
    request.subresource = "ephemeralcontainers".to_owned();
    assert!(matches!(judge(limits(), request.clone()), Verdict::Violated { .. }));
    request.subresource = "status".to_owned();
    assert_eq!(judge(limits(), request), Verdict::NotMatched);

    let delete = Request::from_object(&bare, Operation::Delete, None, shop()).unwrap();
    assert_eq!(judge(limits(), delete), Verdict::NotMatched);

    let mut old_version = create(&bare);
    old_version.gvk.version = "v1beta1".to_owned();
    assert_eq!(judge(limits(), old_version.clone()), Verdict::NotMatched);
    let mut converting = limits();
    converting.matching.converts_versions = true;
    assert!(matches!(judge(converting, old_version), Verdict::Unknown(_)));
}

#[test]
fn a_scan_is_what_the_policy_takes_it_for() {
    let bare = pod(json!([{"name": "app"}]));
    let scan = || Request::from_object(&bare, Operation::Scan, None, shop()).unwrap();
    assert!(matches!(judge(limits(), scan()), Verdict::Violated { .. }));
    let mut policy = limits();
    policy.scan = Scan::Never;
    assert_eq!(judge(policy.clone(), scan()), Verdict::NotMatched);
    policy.scan = Scan::Unnamed;
    policy.matching.rules[0].operations = vec![Operation::Update];
    assert!(matches!(judge(policy, scan()), Verdict::Violated { .. }));
}

#[test]
fn labels_that_are_not_known_are_never_a_pass() {
    let bare = pod(json!([{"name": "app"}]));
    let unknown = |name: &str| {
        let namespace = Some(Namespace::without_labels(name));
        Request::from_object(&bare, Operation::Create, None, namespace).unwrap()
    };
    assert!(
        matches!(judge(limits(), unknown("shop")), Verdict::Violated { .. }),
        "the name decides"
    );
    assert_eq!(judge(limits(), unknown("kube-system")), Verdict::NotMatched);

    let mut policy = limits();
    let production = Selector::one("environment", Operator::In, ["production".to_owned()]);
    policy.matching.namespaces = policy.matching.namespaces.map(|own| own.and(&production));
    let why = "the policy selects namespaces by environment, and the labels of namespace shop are not known";
    assert_eq!(judge(policy.clone(), unknown("shop")), Verdict::Unknown(why.to_owned()));
    assert_eq!(judge(policy.clone(), unknown("kube-system")), Verdict::NotMatched);
    assert_eq!(judge(policy, create(&bare)), Verdict::NotMatched);
}

#[test]
fn what_lies_in_no_namespace_is_selected_as_the_policy_says() {
    let role = json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "all"}});
    let namespace = json!({"apiVersion": "v1", "kind": "Namespace",
        "metadata": {"name": "live", "labels": {"environment": "production"}}});
    let mut policy = Policy::new("any", "test");
    policy.matching.rules = vec![ResourceRule {
        names: Names::Kinds(vec!["ClusterRole".to_owned(), "Namespace".to_owned()]),
        ..rule(&["*"], &[])
    }];
    policy.matching.namespaces =
        Some(Selector::one("environment", Operator::In, ["production".to_owned()]));
    let verdict = |policy: &Policy, object: &Json| {
        judge(policy.clone(), Request::from_object(object, Operation::Create, None, None).unwrap())
    };
    assert_eq!(verdict(&policy, &role), Verdict::Allowed);
    assert_eq!(verdict(&policy, &namespace), Verdict::Allowed);
    policy.matching.unnamespaced = Unnamespaced::Unlabelled;
    assert_eq!(verdict(&policy, &role), Verdict::NotMatched);
    assert_eq!(verdict(&policy, &namespace), Verdict::NotMatched);
}

#[test]
fn messages_fall_back_as_on_the_api_server() {
    let bare = pod(json!([]));
    let said = |message: Option<&str>, expression: Option<&str>| {
        let mut policy = limits();
        policy.validations = vec![Validation {
            expression: " false ".to_owned(),
            message: message.map(str::to_owned),
            message_expression: expression.map(str::to_owned),
        }];
        judge(policy, create(&bare))
    };
    assert_eq!(said(Some("fixed"), Some("'said'")), violated("said"));
    assert_eq!(said(Some("fixed"), Some(r"'two\nlines'")), violated("fixed"));
    assert_eq!(said(Some("fixed"), Some("object.absent")), violated("fixed"));
    assert_eq!(said(Some("fixed"), Some("' '")), violated("fixed"));
    assert_eq!(said(None, None), violated("failed expression: false"));
}

#[test]
fn errors_and_conditions() {
    let bare = pod(json!([]));
    let mut policy = limits();
    policy.validations[0].expression = "object.absent == 1".to_owned();
    assert_eq!(
        judge(policy.clone(), create(&bare)),
        Verdict::Error("no such key: absent".to_owned())
    );
    let condition =
        |text: &str| Condition { name: "guard".to_owned(), expression: text.to_owned() };
    policy.match_conditions = vec![condition("object.absent")];
    assert!(matches!(judge(policy.clone(), create(&bare)), Verdict::Error(_)));
    policy.match_conditions.push(condition("object.kind != 'Pod'"));
    assert_eq!(judge(policy, create(&bare)), Verdict::NotMatched);
}

#[test]
fn what_is_absent_is_null_or_empty() {
    let bare = pod(json!([]));
    let mut policy = limits();
    policy.validations[0].expression = "oldObject == null".to_owned();
    assert_eq!(judge(policy.clone(), create(&bare)), Verdict::Allowed);
    policy.absent = Absent::Empty;
    policy.validations[0].expression = "oldObject == {}".to_owned();
    assert_eq!(judge(policy, create(&bare)), Verdict::Allowed);
}

#[test]
fn every_flaw_is_told_with_its_part() {
    let mut policy = limits();
    policy.constants = vec![("params".to_owned(), json!({}))];
    policy.variables[2].expression = "objekt".to_owned();
    policy.validations[0].message_expression = Some("variables.nobody".to_owned());
    let flaws = policy.compile().expect_err("four parts are wrong");
    let told: Vec<String> = flaws.iter().take(2).map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "variables.params: `variables.params` is defined twice",
            "variables.podTemplate: `objekt` is not defined",
        ]
    );
    assert!(flaws.iter().any(|flaw| flaw.part == "validations[0].messageExpression"));
}

#[test]
fn constants_stand_for_the_parameters_of_a_constraint() {
    let mut policy = limits();
    policy.variables.remove(0);
    policy.constants = vec![("params".to_owned(), json!({"resources": ["ephemeral-storage"]}))];
    let pod = pod(json!([{"name": "app", "resources": {"limits": {"cpu": "1", "memory": "1Gi"}}}]));
    assert_eq!(judge(policy, create(&pod)), violated("without limits for ephemeral-storage: app"));
}

/// Some engines grant a whole policy what the API server grants one expression.
#[test]
fn what_costs_too_much_is_an_error_where_the_budget_is_smaller() {
    let many: Vec<Json> = (0..400).map(|number| json!({"name": format!("c{number}")})).collect();
    let judged = |shape: &str| {
        let mut policy = limits();
        policy.budget = crate::cel::Dialect::newest(shape);
        policy.variables.clear();
        let pairs = "object.spec.containers.all(a, object.spec.containers.all(b, b.name != 'x'))";
        let validation = Validation { expression: pairs.to_owned(), ..Validation::default() };
        policy.validations = vec![validation.clone(), validation];
        judge(policy, create(&pod(json!(many))))
    };
    assert_eq!(judged("ValidatingAdmissionPolicy"), Verdict::Allowed);
    let Verdict::Error(why) = judged("ConstraintTemplate") else { panic!("it costs too much") };
    assert!(why.contains("budget"), "{why}");
}

/// What only a cluster knows is never a pass, whatever a policy does with errors.
#[test]
fn what_cannot_be_evaluated_is_not_known() {
    let mut policy = limits();
    policy.failure_policy = FailurePolicy::Ignore;
    policy.variables.clear();
    let expression = "authorizer.group('').resource('pods').check('create').allowed()".to_owned();
    policy.validations = vec![Validation { expression, ..Validation::default() }];
    let verdict = judge(policy, create(&pod(json!([]))));
    assert!(matches!(&verdict, Verdict::Unknown(_)), "{verdict:?}");
}
