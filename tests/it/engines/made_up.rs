//! Requests made up for the purpose, judged by the API server's own plugin and by the evaluator:
//! every rule denies the same of them, in the same words.
//!
//! Objects that hold a pod are the ones that the Pod Security library is asked about, with fields
//! absent, null, empty and odd; here they are created and updated, in namespaces that rules are and
//! are not about, exempt and not. A few hundred in CI, the same on every machine; thousands with
//! `CI_FULL=1`.

use super::corpus::{CLUSTER, fleet};
use super::fleet::Target;
use super::kubernetes::Kubernetes;
use super::objects::{below, key, list, text};
use super::tools::{Tools, say};
use crate::psa::generated::made;
use crate::support::binary::full;
use crate::support::page;
use ordinance::admission::{
    Compiled, Namespace, Operation, Prepared, Request, Verdict, resource_of,
};
use ordinance::pipeline;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

const FEW: usize = 400;
const MANY: usize = 20_000;
/// How many are asked of one process.
const BATCH: usize = 1_000;

/// Namespaces and their labels; system namespaces are out of every rule's reach.
fn namespaces() -> Vec<Value> {
    let named = |name: &str| json!({"name": name, "labels": {"kubernetes.io/metadata.name": name}});
    ["shop", "monitoring", "kube-system", "default"].map(named).to_vec()
}

/// One request.
#[derive(Clone, Debug)]
struct Asked {
    update: bool,
    subresource: &'static str,
    object: Value,
    old: Value,
    /// Whether the API server's plugin gets it as it was written, and not decoded.
    as_sent: bool,
}

/// An object with a pod in it, in some place, under some name, with some images.
fn holder() -> impl Strategy<Value = Value> {
    let place = (0..4_usize, 0..4_usize, 0..3_usize, 0..4_usize);
    (made(), place).prop_map(|(made, (namespace, image, label, name))| {
        let mut object = made.object();
        let image =
            ["registry.example.com/a:1", "quay.io/a/b:1", "registry.k8s.io/a", "a:latest"][image];
        images(&mut object, image);
        object["metadata"]["namespace"] = namespaces()[namespace]["name"].clone();
        object["metadata"]["name"] = ["cert-manager", "made", "made", "made"][name].into();
        let labels = ["kube-prometheus", "shop"].get(label);
        let labels = labels.map(|value| json!({"app.kubernetes.io/part-of": value}));
        if let Some(labels) = labels {
            object["metadata"]["labels"] = labels;
        }
        object
    })
}

fn images(value: &mut Value, image: &str) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                match key.as_str() {
                    "image" if value.is_string() => *value = image.into(),
                    _ => images(value, image),
                }
            }
        }
        Value::Array(list) => list.iter_mut().for_each(|one| images(one, image)),
        _ => {}
    }
}

/// A Role or ClusterRole.
fn role() -> impl Strategy<Value = Value> {
    let words = || {
        prop_oneof![
            Just(json!(null)),
            Just(json!([])),
            Just(json!(["*"])),
            Just(json!(["get", "*"])),
            Just(json!(["get"])),
            Just(json!([""])),
        ]
    };
    let rule = (words(), words(), words())
        .prop_map(|(a, b, c)| json!({"apiGroups": a, "resources": b, "verbs": c}));
    (prop::collection::vec(rule, 0..3), any::<bool>(), 0..4_usize).prop_map(
        |(rules, whole, namespace)| {
            let mut object = json!({"apiVersion": "rbac.authorization.k8s.io/v1",
                "kind": if whole { "ClusterRole" } else { "Role" },
                "metadata": {"name": "made"}, "rules": rules});
            if !whole {
                object["metadata"]["namespace"] = namespaces()[namespace]["name"].clone();
            }
            object
        },
    )
}

fn asked() -> impl Strategy<Value = Asked> {
    let object = || prop_oneof![7 => holder().boxed(), 1 => role().boxed()];
    (object(), object(), 0..8_usize, any::<bool>()).prop_map(|(object, other, how, as_sent)| {
        let created = Asked { update: false, subresource: "", old: Value::Null, object, as_sent };
        let object = &created.object;
        let mut old = object.clone();
        match how {
            0..=3 => return created,
            // Nothing that a rule looks at changes.
            4 => old["metadata"]["labels"] = json!({"example.com/before": "yes"}),
            5 => old["metadata"]["annotations"] = json!({"example.com/before": "yes"}),
            // Something does, and not what is wrong.
            6 => images(&mut old, "registry.example.com/before:1"),
            _ => {}
        }
        // What an object was before is of its own kind and name, so only the rest is another's.
        let alike = other["kind"] == object["kind"];
        if how == 7 && alike {
            let metadata = object["metadata"].clone();
            old = Value::Object(Map::clone(other.as_object().expect("an object")));
            old["metadata"] = metadata;
        }
        let pod = object["kind"] == "Pod";
        let subresource = if pod && how == 6 { "ephemeralcontainers" } else { "" };
        // Decoding makes null and absent one; between two that differ in nothing else, a plugin
        // that is given them decoded sees no change.
        let as_sent = as_sent || how == 7;
        Asked { update: true, subresource, old, as_sent, ..created }
    })
}

impl Asked {
    fn line(&self, id: usize) -> Value {
        let object = &self.object;
        let written = text(object, "/apiVersion");
        let (group, version) = written.split_once('/').unwrap_or(("", written));
        let kind = text(object, "/kind");
        json!({"id": id, "as_sent": self.as_sent, "request": {
            "uid": "1",
            "kind": {"group": group, "version": version, "kind": kind},
            "resource": {"group": group, "version": version, "resource": resource_of(group, kind).name},
            "subResource": self.subresource,
            "name": text(object, "/metadata/name"),
            "namespace": text(object, "/metadata/namespace"),
            "operation": if self.update { "UPDATE" } else { "CREATE" },
            "userInfo": {"username": "somebody"},
            "object": object,
            "oldObject": self.old,
        }})
    }

    fn prepared(&self) -> Prepared {
        let name = text(&self.object, "/metadata/namespace");
        let namespace = (!name.is_empty()).then(|| {
            let label = ("kubernetes.io/metadata.name".to_owned(), name.to_owned());
            Namespace::with_labels(name, BTreeMap::from([label]))
        });
        let (operation, old) = match self.update {
            true => (Operation::Update, Some(&self.old)),
            false => (Operation::Create, None),
        };
        let request = Request::from_object(&self.object, operation, old, namespace);
        let mut request = request.expect("an object with a kind");
        request.subresource = self.subresource.to_owned();
        Prepared::from(request)
    }
}

/// Policies that deny, and what each says.
type Denials = BTreeSet<(String, String)>;

fn here(policies: &[Compiled], asked: &Asked) -> Result<(usize, Denials), String> {
    let prepared = asked.prepared();
    let (mut matched, mut denials) = (0, Denials::new());
    for policy in policies {
        match policy.judge(&prepared) {
            Verdict::NotMatched => continue,
            Verdict::Allowed => {}
            Verdict::Violated { messages } => {
                let name = &policy.policy().name;
                denials.extend(messages.into_iter().map(|message| (name.clone(), message)));
            }
            other => return Err(format!("{}: {other:?}", policy.policy().origin)),
        }
        matched += 1;
    }
    Ok((matched, denials))
}

fn there(answer: &Value) -> Result<Denials, String> {
    if let [trouble, ..] = list(answer, "/errors") {
        return Err(trouble.to_string());
    }
    let denials = list(answer, "/denials").iter();
    Ok(denials
        .map(|one| (text(one, "/policy").to_owned(), text(one, "/message").to_owned()))
        .collect())
}

fn agree(kubernetes: &'static str, binary: &'static str) {
    let Some(tools) = Tools::with(&[binary]) else { return };
    let target = Target { engine: "native", version: "", kubernetes };
    let objects = below(&fleet(&target, &namespaces()).rendered(CLUSTER));
    let engine = pipeline::engine("native").expect("an engine");
    let policies = engine.read(&objects).expect("what was rendered is read");
    let compile = |policy: ordinance::admission::Policy| policy.compile().expect("it compiles");
    let policies: Vec<Compiled> = policies.into_iter().map(compile).collect();
    let of = |kind: &str| -> Vec<&Value> {
        objects.iter().filter(|object| text(object, "/kind") == kind).collect()
    };
    let cluster = json!({
        "policies": of("ValidatingAdmissionPolicy"),
        "bindings": of("ValidatingAdmissionPolicyBinding"),
        "namespaces": namespaces(),
    });
    let judge = Kubernetes { tools, binary };
    let ask = |asked: &[&Asked]| {
        let lines = asked.iter().enumerate().map(|(id, one)| one.line(id));
        let lines: Vec<Value> = std::iter::once(cluster.clone()).chain(lines).collect();
        let mut answers = judge.ask(&lines).unwrap_or_else(|why| panic!("{why}"));
        answers.remove(0);
        answers
    };
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let strategy = asked();
    let number = if full() { MANY } else { FEW };
    let (mut asked_for, mut updates, mut verdicts, mut denied) = (0, 0, 0, 0);
    let mut by: BTreeSet<String> = BTreeSet::new();
    while asked_for < number {
        let one = |_| strategy.new_tree(&mut runner).expect("a request").current();
        let mut batch: Vec<Asked> = (0..BATCH.min(number - asked_for)).map(one).collect();
        let mut answers = ask(&batch.iter().collect::<Vec<_>>());
        // Fields that this minor does not know yet are gone once it has decoded an object.
        let unknown = |answer: &Value| !list(answer, "/unknown").is_empty();
        let again: Vec<usize> = (0..batch.len()).filter(|one| unknown(&answers[*one])).collect();
        again.iter().for_each(|index| batch[*index].as_sent = true);
        let as_sent = ask(&again.iter().map(|index| &batch[*index]).collect::<Vec<_>>());
        again.into_iter().zip(as_sent).for_each(|(index, answer)| answers[index] = answer);
        for (one, answer) in batch.iter().zip(&answers) {
            let (matched, here) =
                here(&policies, one).unwrap_or_else(|why| panic!("{why}: {one:?}"));
            let there = there(answer).unwrap_or_else(|why| panic!("{kubernetes}: {why}: {one:?}"));
            let object = key(&one.object);
            assert_eq!(here, there, "here and Kubernetes {kubernetes}: {object}: {one:?}");
            verdicts += matched;
            denied += here.len();
            updates += usize::from(one.update);
            by.extend(here.into_iter().map(|(policy, _)| policy));
        }
        asked_for += batch.len();
    }
    say(&format!(
        "Kubernetes {kubernetes}: {asked_for} made-up requests ({updates} updates), {verdicts} \
         verdicts, {denied} denials by {} of {} policies, as here",
        by.len(),
        policies.len()
    ));
    page::keep_row(
        "plugin requests",
        &[&target.title(), &asked_for, &updates, &verdicts, &denied, &policies.len()],
    );
    assert!(updates * 3 > asked_for && denied * 20 > asked_for, "enough of each");
    assert!(by.len() * 10 >= policies.len() * 8, "hardly a policy denies: {by:?}");
}

#[test]
fn kubernetes_1_30_judges_made_up_requests_alike() {
    agree("1.30", "admission-1.30");
}

#[test]
fn kubernetes_1_37_judges_made_up_requests_alike() {
    agree("1.37", "admission-1.37");
}
