//! Kubernetes' own fixtures of the Pod Security Standards, judged by the real engines.
//!
//! `psa` judges each fixture of each version in-process. Here the oldest version, the newest, and
//! those at which most changed are rendered for an engine, and their fixtures are given to it, each
//! as a Pod and in a Deployment: every rule must say what `check` says, word for word; what must
//! pass is denied by none, and what must not by at least one.

use super::as_written::AsWritten;
use super::asked::{Asked, by_check, by_control, differing};
use super::fleet::{Fleet, Target, document};
use super::gator::Gator;
use super::kept::Kept;
use super::kubernetes::Kubernetes;
use super::kyverno::{Kyverno, Shape};
use super::tools::{Tools, say};
use super::verdict::Judge;
use crate::psa::standard::{LEVELS, deployment};
use crate::psa::{Fixture, fixtures};
use crate::support::corpora::corpus;
use crate::support::page;
use serde_json::{Value, json};
use std::time::Instant;

/// 1.19 brought seccomp as a field, 1.25 what Windows is spared.
const MINORS: [u32; 4] = [0, 19, 25, 37];

fn cluster(level: &str, minor: u32) -> String {
    format!("{level}-{minor}")
}

/// A cluster for each level of each version.
fn fleet(target: &Target) -> Fleet {
    let fleet = Fleet::new();
    for (level, minor) in LEVELS.iter().flat_map(|level| MINORS.map(|minor| (level, minor))) {
        let name = cluster(level, minor);
        let asks = json!({"asks": name});
        fleet.write(&format!("clusters/{name}.yaml"), &[target.cluster(&name, &asks)]);
        let spec = json!({
            "statement": "Pods keep to the standard.", "owner": "platform",
            "clusters": {"matchLabels": asks},
            "requires": [{"framework": "pod-security-standards", "version": format!("1.{minor}"),
                "level": level, "action": "deny"}],
        });
        let intent = document("Intent", &json!({"name": name}), &spec);
        fleet.write(&format!("intents/{name}.yaml"), &[intent]);
    }
    fleet.render();
    fleet
}

/// A fixture as a Pod and in a Deployment, both named after it.
fn both(index: usize, fixture: &Fixture, pods: &[Value]) -> [Value; 2] {
    let pod = &pods[fixture.pod];
    [pod.clone(), deployment(pod)].map(|mut object| {
        object["metadata"]["name"] = format!("fixture-{index}").into();
        object["metadata"]["namespace"] = "default".into();
        object
    })
}

fn agrees(target: Target, (tools, binary): (&Tools, &'static str), judge: &dyn Judge) {
    let Some(folder) = corpus("psa") else { return };
    let began = Instant::now();
    let (fixtures, pods) = fixtures(&folder);
    let fleet = fleet(&target);
    let kept = Kept::new(judge, tools, binary);
    let namespaces = [json!({"name": "default"})];
    let (mut judged, mut denials, mut asked_about) = (0, 0, 0);
    for (level, minor) in LEVELS.iter().flat_map(|level| MINORS.map(|minor| (*level, minor))) {
        let name = cluster(level, minor);
        let these = fixtures.iter().filter(|one| one.level == level && one.minor == minor);
        let these: Vec<&Fixture> = these.collect();
        let objects: Vec<Value> =
            these.iter().enumerate().flat_map(|(index, one)| both(index, one, &pods)).collect();
        let rendered = by_control(&fleet, &name);
        let expected = by_check(&fleet, &name, &objects);
        let asked =
            Asked { kept: &kept, rendered: &rendered, objects: &objects, namespaces: &namespaces };
        let (found, answers) =
            asked.denied().unwrap_or_else(|why| panic!("{} {name}: {why}", target.title()));
        let differing = differing(&expected, &found, &objects);
        assert!(differing.is_empty(), "{} {name}: {differing:#?}", target.title());
        for (index, object) in objects.iter().enumerate() {
            let denied = found.keys().any(|(_, denied)| *denied == index);
            let fixture = these[index / 2];
            let kind = &object["kind"];
            assert_eq!(denied, fixture.denied, "{}: {} as {kind}", target.title(), fixture.id);
        }
        judged += answers;
        denials += found.len();
        asked_about += these.len();
    }
    say(&format!(
        "{}: {asked_about} fixtures of Pod Security, {judged} verdicts ({denials} denials), \
         {} answers as before; {:.1} s",
        target.title(),
        kept.kept.into_inner(),
        began.elapsed().as_secs_f64(),
    ));
    page::keep_row("engine pod security", &[&target.title(), &asked_about, &judged, &denials]);
    assert!(
        asked_about >= 280 && judged >= 7_000,
        "only {asked_about} fixtures, {judged} verdicts"
    );
}

fn gatekeeper(version: &'static str, binary: &'static str) {
    let Some(tools) = Tools::with(&[binary]) else { return };
    let target = Target { engine: "gatekeeper", version, kubernetes: "1.34" };
    agrees(target, (&tools, binary), &Gator { tools: tools.clone(), binary });
}

fn kyverno(target: Target, binary: &'static str, shape: Shape) {
    let Some(tools) = Tools::with(&[binary]) else { return };
    agrees(target, (&tools, binary), &Kyverno { tools: tools.clone(), binary, shape });
}

#[test]
fn gatekeeper_3_17_agrees_on_pod_security() {
    gatekeeper("3.17.1", "gator-3.17");
}

#[test]
fn gatekeeper_3_23_agrees_on_pod_security() {
    gatekeeper("3.23.1", "gator-3.23");
}

#[test]
fn kyverno_1_12_agrees_on_pod_security() {
    let target = Target { engine: "kyverno", version: "1.12.6", kubernetes: "1.29" };
    kyverno(target, "kyverno-1.12", Shape::ClusterPolicy);
}

#[test]
fn kyverno_1_19_agrees_on_pod_security() {
    let target = Target { engine: "kyverno", version: "1.19.0", kubernetes: "1.34" };
    kyverno(target, "kyverno-1.19", Shape::ValidatingPolicy);
}

#[test]
fn kubernetes_1_37_agrees_on_pod_security() {
    let binary = "admission-1.37";
    let Some(tools) = Tools::with(&[binary]) else { return };
    let target = Target { engine: "native", version: "", kubernetes: "1.37" };
    agrees(target, (&tools, binary), &AsWritten(Kubernetes { tools: tools.clone(), binary }));
}
