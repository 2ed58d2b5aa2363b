//! The webhooks Kyverno would build for the rendered policies, minor by minor.
//!
//! From 1.16 to 1.18 all ValidatingPolicies without a webhook of their own share one, and only the
//! last policy's namespace selector holds for it: requests elsewhere never reach Kyverno. What sets
//! a policy apart there is a time-out. From 1.19 policies are grouped by their selectors. No
//! command-line tool shows this, so the grouping is stated here (kyverno/kyverno
//! `pkg/controllers/webhook/validating.go`, v1.18.2 and v1.19.0).

use crate::support::binary::must;
use ordinance::text::Sources;
use ordinance::yaml::{self, Node};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;

/// Name of a policy → the namespace selector that requests for it are filtered by.
fn effective(policies: &[Value], grouped: bool) -> BTreeMap<String, Value> {
    let selector = |policy: &Value| {
        policy.pointer("/spec/matchConstraints/namespaceSelector").cloned().unwrap_or_default()
    };
    let own =
        |policy: &Value| policy.pointer("/spec/webhookConfiguration/timeoutSeconds").is_some();
    let shared = policies.iter().rfind(|policy| !own(policy)).map(selector);
    let reached = |policy: &Value| match own(policy) || grouped {
        true => selector(policy),
        false => shared.clone().unwrap_or_default(),
    };
    let name = |policy: &Value| policy["metadata"]["name"].as_str().unwrap().to_owned();
    policies.iter().map(|policy| (name(policy), reached(policy))).collect()
}

const FLEET: &str = "\
apiVersion: ordinance.dev/v1
kind: Fleet
metadata: {name: test}
spec:
  environments:
    - name: development
      places: [{clusters: {}, namespaces: {matchLabels: {environment: development}}}]
    - {name: production}
";

/// Two controls whose scopes differ.
const INTENT: &str = "\
apiVersion: ordinance.dev/v1
kind: Intent
metadata: {name: scopes}
spec:
  statement: Two scopes.
  owner: platform
  requires:
    - {control: run-as-non-root, environment: development}
    - {control: disallow-privileged-containers, environment: production}
";

/// The ValidatingPolicies that are rendered for such a cluster.
fn rendered(version: &str) -> Vec<Value> {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    fs::create_dir_all(path("clusters")).unwrap();
    fs::create_dir_all(path("intents")).unwrap();
    fs::write(path("ordinance.yaml"), FLEET).unwrap();
    fs::write(path("intents/scopes.yaml"), INTENT).unwrap();
    let cluster = format!(
        "apiVersion: ordinance.dev/v1\nkind: Cluster\nmetadata: {{name: one}}\nspec:\n  \
         kubernetes: \"1.33\"\n  provider: generic\n  engine: {{name: kyverno, version: \"{version}\"}}\n"
    );
    fs::write(path("clusters/one.yaml"), cluster).unwrap();
    must(folder.path(), &["render"]);
    let mut files: Vec<_> = fs::read_dir(path("rendered/one/policies")).unwrap().collect();
    files.sort_by_key(|file| file.as_ref().unwrap().path());
    let mut policies = vec![];
    for file in files {
        let mut sources = Sources::default();
        let text = fs::read_to_string(file.unwrap().path()).unwrap();
        let source = sources.add("policy", text);
        policies.extend(yaml::read(&sources, source).unwrap().iter().map(Node::to_json));
    }
    policies.retain(|object| object["kind"] == "ValidatingPolicy");
    policies
}

fn check(version: &str, grouped: bool, own_webhooks: bool) {
    let policies = rendered(version);
    assert!(policies.len() > 1, "there must be policies that could disturb each other");
    let effective = effective(&policies, grouped);
    for policy in &policies {
        let name = policy["metadata"]["name"].as_str().unwrap();
        let own = policy.pointer("/spec/matchConstraints/namespaceSelector").unwrap();
        assert_eq!(
            &effective[name], own,
            "Kyverno {version}: {name} is filtered by another's selector"
        );
        let apart = policy.pointer("/spec/webhookConfiguration").is_some();
        assert_eq!(apart, own_webhooks, "Kyverno {version}: {name}");
    }
}

#[test]
fn from_1_16_to_1_18_each_policy_has_a_webhook_of_its_own() {
    for version in ["1.16.3", "1.17.2", "1.18.2"] {
        check(version, false, true);
    }
}

#[test]
fn from_1_19_policies_are_grouped_by_their_selectors() {
    check("1.19.0", true, false);
}

#[test]
fn without_webhooks_of_their_own_policies_would_disturb_each_other() {
    let mut policies = rendered("1.17.2");
    for policy in &mut policies {
        policy["spec"].as_object_mut().unwrap().remove("webhookConfiguration");
    }
    let effective = effective(&policies, false);
    let disturbed = policies.iter().any(|policy| {
        let own = policy.pointer("/spec/matchConstraints/namespaceSelector").unwrap();
        &effective[policy["metadata"]["name"].as_str().unwrap()] != own
    });
    assert!(disturbed, "the model must show the defect it guards against");
}
