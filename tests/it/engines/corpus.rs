//! Manifests of real applications: for every object and every control, the engine says what
//! `check` says, in the same words.
//!
//! What is demanded of a production cluster is rendered for an engine and given to it one by one.
//! What a tool cannot be asked is named here, each object with its reason.

use super::as_written::AsWritten;
use super::asked::{Asked, by_check, by_control, differing, questions};
use super::fleet::{Fleet, Target, document};
use super::gator::Gator;
use super::kept::Kept;
use super::kubernetes::Kubernetes;
use super::kyverno::{Kyverno, Shape};
use super::manifests::Manifests;
use super::objects::key;
use super::tools::{Tools, say};
use super::verdict::Judge;
use crate::support::binary::full;
use crate::support::catalogue::{controls, of_production};
use crate::support::corpora::corpus;
use crate::support::page;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Instant;

pub const CLUSTER: &str = "production";

/// What the production cluster is given: all that judges with `CI_FULL=1`.
fn demanded() -> BTreeMap<String, Value> {
    let mut demanded = match full() {
        true => controls(),
        false => of_production(),
    };
    // Such as some images and some labels of the corpus meet.
    demanded.insert("required-labels".into(), json!({"labels": ["app.kubernetes.io/name"]}));
    let registries = json!({"registries": ["quay.io/", "registry.k8s.io/"]});
    demanded.insert("allowed-image-registries".into(), registries);
    demanded
}

/// One production cluster of which every control is demanded, with exemptions that reach into the
/// corpus.
pub fn fleet(target: &Target, namespaces: &[Value]) -> Fleet {
    let fleet = Fleet::new();
    let mut cluster = target.cluster(CLUSTER, &json!({"environment": "production"}));
    cluster["spec"]["namespaces"] = json!(namespaces);
    fleet.write("clusters/production.yaml", &[cluster]);
    let requires = demanded().into_iter().map(|(control, parameters)| {
        json!({"control": control, "action": "deny", "parameters": parameters})
    });
    let requires: Vec<Value> = requires.collect();
    let spec = json!({
        "statement": "Everything.", "owner": "platform", "requires": requires, "exemptions": {},
    });
    let intent = document("Intent", &json!({"name": "everything"}), &spec);
    let scopes = [
        json!({"images": ["docker.io/istio/*", "quay.io/*"]}),
        json!({"namespaces": {"names": ["monitoring"]},
            "labels": {"matchLabels": {"app.kubernetes.io/part-of": "kube-prometheus"}}}),
        json!({"workloads": [{"kind": "Deployment", "name": "cert-manager"}]}),
    ];
    let lifted = ["container-resource-limits", "require-seccomp-profile", "run-as-non-root"]
        .map(Value::from);
    let mut documents = vec![intent];
    documents.extend(scopes.iter().enumerate().map(|(index, scope)| {
        let spec = json!({
            "lifts": [{"intent": "everything", "controls": lifted}], "scope": scope,
            "reason": "To see that it passes.", "owner": "team-billing",
            "approvedBy": "security-lead", "ticket": "SEC-1",
            "granted": "2026-11-02", "expires": "2027-01-29",
        });
        document("Exemption", &json!({"name": format!("exemption-{index}")}), &spec)
    }));
    fleet.write("intents/everything.yaml", &documents);
    fleet.render();
    fleet
}

/// What is done to objects that a tool ends itself over, by name: another image in the place of
/// the one it cannot read. As they are, they are judged in-process alone.
type Unreadable = [(&'static str, &'static str)];

const READABLE: &str = "registry.example.com/readable:1";

/// Before it looks at any policy, 1.12 reads all images; the placeholders of examples are none.
const UNREADABLE: &Unreadable = &[
    ("DaemonSet/default/flex-ds", "<image_url>"),
    ("ReplicationController/default/web-controller-again-2", "<YOUR-CONTAINER>"),
];

/// The objects such that the tool can be asked; that it cannot be otherwise is made sure of.
fn readable(
    objects: Vec<Value>,
    unreadable: &Unreadable,
    asked: &dyn Fn(&Value) -> bool,
) -> Vec<Value> {
    let mut mended = 0;
    let mend = |object: Value| {
        let name = key(&object);
        let Some((_, image)) = unreadable.iter().find(|(of, _)| *of == name) else { return object };
        assert!(!asked(&object), "{name} can be asked about as it is");
        mended += 1;
        let text =
            object.to_string().replace(&json!(image).to_string(), &json!(READABLE).to_string());
        let object: Value = serde_json::from_str(&text).expect("JSON");
        assert!(asked(&object), "{name}: it is not {image} that cannot be read");
        object
    };
    let objects = objects.into_iter().map(mend).collect();
    assert_eq!(mended, unreadable.len(), "each of them is in the corpus");
    objects
}

fn agrees(
    target: Target,
    (tools, binary): (&Tools, &'static str),
    judge: &dyn Judge,
    unreadable: &Unreadable,
) {
    let Some(folder) = corpus("manifests") else { return };
    let began = Instant::now();
    let manifests = Manifests::read(&folder);
    assert_eq!(manifests.broken.len(), 5, "{:#?}", manifests.broken);
    assert!(manifests.broken.values().all(|why| why.contains("given twice")));
    assert!(manifests.objects.len() >= 1_700, "only {} objects", manifests.objects.len());
    let namespaces = manifests.namespaces();
    let fleet = fleet(&target, &namespaces);
    let rendered = by_control(&fleet, CLUSTER);
    assert!(rendered.keys().eq(demanded().keys()));
    // Where nothing is matched, there is no report; so another is matched for sure.
    let other = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "other", "namespace": "default"},
        "spec": {"containers": [{"name": "app", "image": READABLE}]}});
    let ask = |object: &Value| {
        let work = tempfile::tempdir().expect("a temporary folder");
        let policies = rendered.values().next().expect("a rule");
        judge.judge(&questions(&[object, &other], &namespaces), policies, work.path()).is_ok()
    };
    let objects = &readable(manifests.objects, unreadable, &ask);
    let all = questions(&objects.iter().collect::<Vec<_>>(), &namespaces);
    assert!(all.cases.iter().all(|case| judge.judges(case)), "all are asked");
    let expected = by_check(&fleet, CLUSTER, objects);
    let kept = Kept::new(judge, tools, binary);
    let asked = Asked { kept: &kept, rendered: &rendered, objects, namespaces: &namespaces };
    let found = asked.denied();
    let (found, judged) = found.unwrap_or_else(|why| panic!("{}: {why}", target.title()));
    say(&format!(
        "{}: {} objects, {} controls, {judged} verdicts ({} denials), {} answers as before; {:.1} s",
        target.title(),
        objects.len(),
        rendered.len(),
        found.len(),
        kept.kept.into_inner(),
        began.elapsed().as_secs_f64(),
    ));
    let differing = differing(&expected, &found, objects);
    let first: Vec<&String> = differing.iter().take(20).collect();
    assert!(first.is_empty(), "{}: {} differ: {first:#?}", target.title(), differing.len());
    page::keep_row(
        "engine manifests",
        &[
            &target.title(),
            &objects.len(),
            &rendered.len(),
            &judged,
            &found.len(),
            &unreadable.len(),
        ],
    );
    let (few, some) = (judged < 6_000, found.len() < 1_600);
    assert!(!few && !some, "only {judged} verdicts, {} of them denials", found.len());
}

fn gatekeeper(version: &'static str, binary: &'static str) {
    let Some(tools) = Tools::with(&[binary]) else { return };
    let target = Target { engine: "gatekeeper", version, kubernetes: "1.34" };
    let judge = Gator { tools: tools.clone(), binary };
    agrees(target, (&tools, binary), &judge, &[]);
}

fn kyverno(target: Target, binary: &'static str, shape: Shape, unreadable: &Unreadable) {
    let Some(tools) = Tools::with(&[binary]) else { return };
    let judge = Kyverno { tools: tools.clone(), binary, shape };
    agrees(target, (&tools, binary), &judge, unreadable);
}

#[test]
fn gatekeeper_3_17_agrees_on_real_manifests() {
    gatekeeper("3.17.1", "gator-3.17");
}

#[test]
fn gatekeeper_3_23_agrees_on_real_manifests() {
    gatekeeper("3.23.1", "gator-3.23");
}

#[test]
fn kyverno_1_12_agrees_on_real_manifests() {
    let target = Target { engine: "kyverno", version: "1.12.6", kubernetes: "1.29" };
    kyverno(target, "kyverno-1.12", Shape::ClusterPolicy, UNREADABLE);
}

#[test]
fn kyverno_1_19_agrees_on_real_manifests() {
    let target = Target { engine: "kyverno", version: "1.19.0", kubernetes: "1.34" };
    kyverno(target, "kyverno-1.19", Shape::ValidatingPolicy, &[]);
}

fn kubernetes(kubernetes: &'static str, binary: &'static str) {
    let Some(tools) = Tools::with(&[binary]) else { return };
    let target = Target { engine: "native", version: "", kubernetes };
    let judge = AsWritten(Kubernetes { tools: tools.clone(), binary });
    agrees(target, (&tools, binary), &judge, &[]);
}

#[test]
fn kubernetes_1_30_agrees_on_real_manifests() {
    kubernetes("1.30", "admission-1.30");
}

#[test]
fn kubernetes_1_37_agrees_on_real_manifests() {
    kubernetes("1.37", "admission-1.37");
}
