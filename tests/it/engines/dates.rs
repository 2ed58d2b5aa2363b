//! What the real engines make of exempted, expired and graced workloads, and of those beside them.
//!
//! One repository is rendered by the real binary on days around the ends of its exemptions and of a
//! grace; each expected verdict is stated here by hand, day by day. A rule that warns is judged as
//! one that denies, since the engines' command lines tell of a violation whatever follows from it;
//! that it warns is read from its bytes, and seen from the API server's own plugin.

use super::case_files::{Case, CaseFile};
use super::fleet::{Fleet, Target, document};
use super::gator::Gator;
use super::kubernetes::{self, Kubernetes};
use super::kyverno::{Kyverno, Shape};
use super::objects::{below, list, text};
use super::tools::{Tools, say};
use super::verdict::{Judge, complaint};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The first and the last day of the exemptions and of the grace, and those around them.
const DAYS: [&str; 6] =
    ["2026-11-22", "2026-11-30", "2026-12-01", "2026-12-05", "2026-12-06", "2027-01-01"];

/// An object, what is asked of it, and on which of the days it is refused, naming whom.
struct Stated {
    name: &'static str,
    object: Value,
    /// In the order of the days.
    refused: [bool; 6],
    offenders: &'static [&'static str],
}

const NEVER: [bool; 6] = [false; 6];
const ALWAYS: [bool; 6] = [true; 6];
/// The exemption of the Deployment counts until the 30th of November.
const FROM_DECEMBER: [bool; 6] = [false, false, true, true, true, true];
/// That of the images counts until the end of the year.
const FROM_JANUARY: [bool; 6] = [false, false, false, false, false, true];

const LEGACY: &str = "registry.example.com/legacy/reports:3";
const PLAIN: &str = "registry.example.com/shop/web:1";

fn container(name: &str, image: &str, root: bool, limits: bool) -> Value {
    let limits = if limits { json!({"cpu": "1", "memory": "1Gi"}) } else { json!({}) };
    json!({
        "name": name, "image": image, "resources": {"limits": limits},
        "securityContext": {"runAsNonRoot": !root},
    })
}

fn deployment(namespace: &str, name: &str, containers: &[Value]) -> Value {
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {
            "selector": {"matchLabels": {"app": name}},
            "template": {
                "metadata": {"labels": {"app": name}},
                "spec": {"containers": containers},
            },
        },
    })
}

fn pod(namespace: &str, name: &str, owner: &str, containers: &[Value]) -> Value {
    let mut pod = json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"containers": containers},
    });
    if !owner.is_empty() {
        pod["metadata"]["labels"] = json!({"pod-template-hash": "5c9d8"});
        pod["metadata"]["ownerReferences"] = json!([{
            "apiVersion": "apps/v1", "kind": "ReplicaSet", "name": format!("{owner}-5c9d8"),
            "uid": "1", "controller": true,
        }]);
    }
    pod
}

/// Of the rule that nothing runs as root, which is exempted from.
fn exempted() -> Vec<Stated> {
    let root = || [container("app", PLAIN, true, true)];
    let exempt = || container("old", LEGACY, true, true);
    let stated = |name, object, refused, offenders| Stated { name, object, refused, offenders };
    vec![
        stated(
            "the workload that is exempt",
            deployment("shop", "ledger", &root()),
            FROM_DECEMBER,
            &["app"],
        ),
        stated(
            "a pod of it",
            pod("shop", "ledger-5c9d8-x2k4", "ledger", &root()),
            FROM_DECEMBER,
            &["app"],
        ),
        stated(
            "a pod that only has such a name",
            pod("shop", "ledger", "", &root()),
            ALWAYS,
            &["app"],
        ),
        stated(
            "a pod of a workload beside it",
            pod("shop", "till-5c9d8-x2k4", "till", &root()),
            ALWAYS,
            &["app"],
        ),
        stated("the workload beside it", deployment("shop", "till", &root()), ALWAYS, &["app"]),
        stated(
            "one of that name elsewhere",
            deployment("billing", "ledger", &root()),
            ALWAYS,
            &["app"],
        ),
        stated(
            "one that complies",
            deployment("shop", "web", &[container("app", PLAIN, false, true)]),
            NEVER,
            &[],
        ),
        stated(
            "a container with an exempt image",
            pod("shop", "report", "", &[exempt()]),
            FROM_JANUARY,
            &["old"],
        ),
        stated(
            "such a container elsewhere",
            pod("billing", "report", "", &[exempt()]),
            ALWAYS,
            &["old"],
        ),
        stated(
            "an exempt container beside one that complies",
            pod("shop", "mixed", "", &[exempt(), container("app", PLAIN, false, true)]),
            FROM_JANUARY,
            &["old"],
        ),
    ]
}

/// Of an exempt container beside one that is not: who is named changes with the year.
fn mixed() -> Value {
    let containers = [container("old", LEGACY, true, true), container("app", PLAIN, true, true)];
    pod("shop", "both", "", &containers)
}

/// Of the rule that has a grace: everybody, exempt from the other rule or not.
fn graced() -> Vec<Stated> {
    let none = || [container("app", PLAIN, false, false)];
    let stated = |name, object, refused, offenders| Stated { name, object, refused, offenders };
    vec![
        stated("without limits", deployment("shop", "till", &none()), ALWAYS, &["app"]),
        stated(
            "without limits, exempt from something else",
            deployment("shop", "ledger", &none()),
            ALWAYS,
            &["app"],
        ),
        stated(
            "with limits",
            deployment("shop", "web", &[container("app", PLAIN, true, true)]),
            NEVER,
            &[],
        ),
    ]
}

/// The repository: nothing is rendered yet.
fn fleet(target: &Target) -> Fleet {
    let fleet = Fleet::new();
    fleet.write("clusters/one.yaml", &[target.cluster("one", &json!({}))]);
    let spec = json!({
        "statement": "Nothing runs as root, and what is new has limits.",
        "owner": "platform",
        "requires": [
            {"control": "run-as-non-root"},
            {"control": "container-resource-limits", "grace": {"period": "14d", "action": "warn"}},
        ],
        "exemptions": {},
    });
    fleet.write("intents/all.yaml", &[document("Intent", &json!({"name": "all"}), &spec)]);
    let exemption = |name: &str, scope: Value, expires: &str| {
        let spec = json!({
            "lifts": [{"intent": "all", "controls": ["run-as-non-root"]}],
            "scope": scope, "reason": "It predates the rule.", "owner": "team-shop",
            "granted": "2026-11-02", "expires": expires,
        });
        document("Exemption", &json!({"name": name}), &spec)
    };
    let namespaces = json!({"names": ["shop"]});
    let workloads = json!([{"kind": "Deployment", "name": "ledger"}]);
    let workload = json!({"namespaces": namespaces, "workloads": workloads});
    let images = json!({"namespaces": namespaces, "images": ["registry.example.com/legacy/*"]});
    let holes =
        [exemption("ledger", workload, "2026-11-30"), exemption("reports", images, "2026-12-31")];
    fleet.write("intents/holes.yaml", &holes);
    fleet
}

/// The questions of a day about one rule.
fn asked(control: &str, stated: &[Stated], day: usize) -> CaseFile {
    let case = |stated: &Stated| Case {
        name: stated.name.to_owned(),
        update: false,
        subresource: String::new(),
        parent: String::new(),
        groups: vec![],
        offenders: stated.refused[day]
            .then(|| stated.offenders.iter().map(|one| (*one).to_owned()).collect()),
        object: stated.object.clone(),
        old: Value::Null,
    };
    let mut cases: Vec<Case> = stated.iter().map(case).collect();
    if control == "run-as-non-root" {
        let both: &[&str] = if FROM_JANUARY[day] { &["old", "app"] } else { &["app"] };
        cases.push(Case {
            name: "an exempt container beside one that is not".to_owned(),
            offenders: Some(both.iter().map(|one| (*one).to_owned()).collect::<BTreeSet<_>>()),
            object: mixed(),
            ..case(&stated[0])
        });
    }
    CaseFile {
        version: None,
        name: control.to_owned(),
        control: control.to_owned(),
        parameters: json!({}),
        namespaces: vec![json!({"name": "shop"}), json!({"name": "billing"})],
        exemptions: vec![],
        cases,
        before_offenders: vec![": ".to_owned()],
    }
}

/// What is rendered of one rule, and what follows from breaking it.
fn of_rule(all: &[Value], control: &str) -> (Vec<Value>, String) {
    let kind = ordinance::name::pascal_case(control).to_lowercase();
    let is_of = |object: &&Value| {
        let name = text(object, "/metadata/name");
        name.contains(control) || name.ends_with(&kind)
    };
    let objects: Vec<Value> = all.iter().filter(is_of).cloned().collect();
    let says = |object: &Value| {
        let actions = list(object, "/spec/validationActions");
        let action = actions.first().and_then(Value::as_str).map(str::to_lowercase);
        action.or_else(|| Some(object.pointer("/spec/enforcementAction")?.as_str()?.to_owned()))
    };
    let actions: BTreeSet<String> = objects.iter().filter_map(says).collect();
    let actions: Vec<String> = actions.into_iter().collect();
    (objects, actions.join(" "))
}

/// The same, where what only warns refuses.
fn refusing(objects: &[Value]) -> Vec<Value> {
    let mut objects = objects.to_vec();
    for object in &mut objects {
        if text(object, "/kind").ends_with("Binding") {
            object["spec"]["validationActions"] = json!(["Deny"]);
        }
    }
    objects
}

fn prove(target: Target, judge: &dyn Judge) -> Vec<(usize, Vec<Value>)> {
    let fleet = fleet(&target);
    let (exempted, graced) = (exempted(), graced());
    let mut complaints = vec![];
    let (mut verdicts, mut rendered) = (0, vec![]);
    for (day, today) in DAYS.iter().enumerate() {
        fleet.render_for(today);
        let all = below(&fleet.rendered("one"));
        // The last day of the grace is the 5th.
        let limits = if *today < "2026-12-06" { "warn" } else { "deny" };
        for (control, stated, action) in
            [("run-as-non-root", &exempted, "deny"), ("container-resource-limits", &graced, limits)]
        {
            let (objects, rendered) = of_rule(&all, control);
            if rendered != action {
                complaints.push(format!("{today}: {control} is to {action}: {rendered}"));
            }
            let file = asked(control, stated, day);
            let work = tempfile::tempdir().expect("a temporary folder");
            let answers = judge.judge(&file, &refusing(&objects), work.path());
            let answers = answers.unwrap_or_else(|why| panic!("{} {today}: {why}", target.title()));
            for (index, case) in file.cases.iter().enumerate() {
                let wrong = complaint(&file, case, answers.get(&index));
                complaints.extend(wrong.map(|why| format!("{today}: {}: {why}", case.name)));
                verdicts += 1;
            }
        }
        rendered.push((day, all));
    }
    assert!(complaints.is_empty(), "{}:\n{}", target.title(), complaints.join("\n"));
    assert_eq!(verdicts, 6 * (11 + 3), "as many as are stated");
    say(&format!("{}: {verdicts} verdicts on {} days", target.title(), DAYS.len()));
    rendered
}

#[test]
fn gatekeeper() {
    let Some(tools) = Tools::with(&["gator-3.23"]) else { return };
    let target = Target { engine: "gatekeeper", version: "3.23.1", kubernetes: "1.34" };
    prove(target, &Gator { tools, binary: "gator-3.23" });
}

#[test]
fn kyverno() {
    let Some(tools) = Tools::with(&["kyverno-1.19"]) else { return };
    let target = Target { engine: "kyverno", version: "1.19.0", kubernetes: "1.34" };
    prove(target, &Kyverno { tools, binary: "kyverno-1.19", shape: Shape::ValidatingPolicy });
}

/// The API server's own plugin tells, besides, a warning from a refusal.
#[test]
fn kubernetes() {
    let Some(tools) = Tools::with(&["admission-1.37"]) else { return };
    let target = Target { engine: "native", version: "", kubernetes: "1.37" };
    let judge = Kubernetes { tools, binary: "admission-1.37" };
    let graced = graced();
    for (day, objects) in prove(target, &judge) {
        let (limits, action) = of_rule(&objects, "container-resource-limits");
        let file = asked("container-resource-limits", &graced, day);
        let mut lines = vec![kubernetes::cluster(&file, &limits)];
        lines.extend(file.cases.iter().enumerate().map(|one| kubernetes::question(one.0, one.1)));
        let told = judge.ask(&lines).expect("answers");
        for (case, told) in file.cases.iter().zip(&told[1..]) {
            let offends = case.offenders.is_some();
            let warned = offends && action == "warn";
            let name = format!("{}: {}", DAYS[day], case.name);
            assert_eq!(told["allowed"], !offends || warned, "{name}: {told}");
            assert_eq!(!list(told, "/warnings").is_empty(), warned, "{name}: {told}");
        }
    }
}
