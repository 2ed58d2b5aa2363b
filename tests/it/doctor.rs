//! `doctor`: what a cluster's engine cannot see or gets wrong.

use crate::support::binary::{must, ordinance};
use crate::support::files::{self, root};
use serde_json::Value;

fn quirks(folder: &std::path::Path, cluster: &str) -> Vec<Value> {
    let told = must(folder, &["doctor", cluster, "--format", "json"]).out;
    let told: Value = serde_json::from_str(&told).expect("one JSON document");
    told["quirks"].as_array().expect("a list").clone()
}

fn names(folder: &std::path::Path, cluster: &str) -> Vec<String> {
    let names = quirks(folder, cluster).into_iter();
    names.map(|quirk| quirk["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_native_cluster_is_told_whole() {
    let expected = "\
prod-us-1 lets Kubernetes 1.34 judge by itself and is given ValidatingAdmissionPolicy   clusters/prod-us-1.yaml:8
Nobody states what becomes of NetworkPolicies here; Autopilot and Dataplane V2 enforce NetworkPolicies; a Standard cluster without Dataplane V2 does so only with the network policy add-on.

What remains, whatever is rendered
  native-first-denial (CREATE)   built-in templates/quirks/native-first-denial.yaml:3
    defect    The answer to a request names one policy, however many refuse it.
    remains   Who mends a manifest by the answers alone needs as many tries as it has faults.
    instead   Nothing can be rendered. `ordinance check` tells all of them.
    proof     CREATE of a pod that two policies refuse. The message names one.
    source    kubernetes/apiserver v0.36.3 pkg/admission/plugin/policy/validating/dispatcher.go, line 292
  native-no-audit-list (background scan)   built-in templates/quirks/native-no-audit-list.yaml:3
    defect    What exists already is never judged, and what a rule that audits finds is an annotation in the API server's audit log, which many managed clusters do not show.
    remains   Violations that exist already are found by nothing in the cluster.
    instead   Nothing can be rendered. `ordinance check` judges what exists from its manifests.
    proof     A violating pod that existed before its rule. Nothing lists it.
    source    kubernetes/apiserver v0.36.3 pkg/admission/plugin/policy/validating/dispatcher.go

What is rendered around
  native-deny-audits (CREATE)   built-in templates/quirks/native-deny-audits.yaml:3
    defect    A denial leaves no trace but the answer to its request; there is no report to read.
    instead   validationActions are Deny and Audit, which writes an annotation into the API server's audit log.
    proof     CREATE of a violating pod: refused, and the audit event has validation.policy.admission.k8s.io/validation_failure.
    source    kubernetes/apiserver v0.36.3 pkg/admission/plugin/policy/validating/dispatcher.go
  native-no-match-conditions (CREATE)   built-in templates/quirks/native-no-match-conditions.yaml:3
    defect    Match conditions have no variables, and namespaceObject is null in them.
    instead   What would be a condition is a variable that the validation reads.
    proof     Any object that an exemption frees.
    source    kubernetes/api admissionregistration/v1/types.go, line 286; kubernetes/apiserver v0.36.3 pkg/admission/plugin/webhook/matchconditions/matcher.go, line 85

2 gaps; 2 other defects rendered around.
";
    assert_eq!(must(root(), &["doctor", "prod-us-1"]).out, expected);
}

/// A defect belongs to the versions that have it: the shared webhook to Kyverno 1.16 to 1.18.
#[test]
fn a_quirk_is_told_of_its_own_versions() {
    let folder = files::folder(&files::example());
    let has = |cluster, quirk: &str| names(folder.path(), cluster).iter().any(|one| one == quirk);
    assert!(has("prod-eu-1", "kyverno-own-webhook"));
    assert!(!has("dev-eu-1", "kyverno-own-webhook"));
    assert!(!has("old-1", "kyverno-own-webhook"));
    assert!(has("old-1", "kyverno-warn-unavailable"));
    assert!(!has("edge-1", "kyverno-warn-unavailable"));
    assert!(has("old-2", "gatekeeper-no-resize"));
    assert!(!has("prod-eu-2", "gatekeeper-no-resize"));
}

/// What is not rendered around is told first.
#[test]
fn gaps_come_first() {
    let all = quirks(root(), "old-1");
    let gaps = all.iter().take_while(|quirk| !quirk["remains"].is_null()).count();
    assert!(gaps > 0 && gaps < all.len());
    assert!(all[gaps..].iter().all(|quirk| quirk["remains"].is_null()));
}

/// An engine that its provider manages, and what is said of its failing, have quirks of their own.
#[test]
fn what_is_stated_of_the_engine_decides_what_is_told() {
    let mut tree = files::example();
    let path = "clusters/prod-eu-2.yaml";
    let written = String::from_utf8(tree[path].clone()).unwrap();
    let told = |engine: &str, tree: &mut files::Tree| {
        let changed = written.replace("failOpen: true", engine);
        assert_ne!(changed, written);
        tree.insert(path.to_owned(), changed.into_bytes());
        names(files::folder(tree).path(), "prod-eu-2")
    };
    let has = |names: &[String], quirk: &str| names.iter().any(|one| one == quirk);
    let plain = told("failOpen: unknown", &mut tree);
    assert!(has(&plain, "gatekeeper-fails-open") && has(&plain, "gatekeeper-aks-enforcer"));
    assert!(!has(&plain, "gatekeeper-aks-addon"));
    let managed = told("managed: true, failOpen: false", &mut tree);
    assert!(has(&managed, "gatekeeper-aks-addon") && !has(&managed, "gatekeeper-aks-enforcer"));
    assert!(!has(&managed, "gatekeeper-fails-open"));
}

#[test]
fn a_cluster_that_there_is_not_is_said() {
    let run = ordinance(root(), &["doctor", "prod-eu-11"]);
    assert_eq!((run.code, run.out.as_str()), (2, ""));
    assert_eq!(
        run.err,
        "error: there is no cluster `prod-eu-11`\nhint: did you mean `prod-eu-1`?\n"
    );
}

#[test]
fn a_cluster_that_can_be_given_nothing_is_told_why() {
    let mut tree = files::example();
    let path = "clusters/prod-us-1.yaml";
    let written = String::from_utf8(tree[path].clone()).unwrap();
    tree.insert(path.to_owned(), written.replace("\"1.34\"", "\"1.29\"").into_bytes());
    let run = ordinance(files::folder(&tree).path(), &["doctor", "prod-us-1"]);
    assert_eq!((run.code, run.out.as_str()), (2, ""));
    assert_eq!(
        run.err,
        "error: prod-us-1 can be given nothing: Kubernetes 1.29 does not serve \
         ValidatingAdmissionPolicy v1\nhint: the smallest that would do is Kubernetes 1.30\n"
    );
}

/// Targets are made by engine and version alone.
#[test]
fn a_quirk_of_some_clusters_only_is_nothing_that_rendering_obeys() {
    let all = files::read(&root().join("templates/quirks"));
    let of_some =
        all.iter().filter(|(_, text)| String::from_utf8_lossy(text).contains("\n  where:"));
    let of_some: Vec<_> = of_some.collect();
    assert!(!of_some.is_empty());
    for (path, text) in of_some {
        assert!(!String::from_utf8_lossy(text).contains("\n  effect:"), "{path}");
    }
}
