//! The API server compiles every native policy as a new one, without an error and without a
//! warning of its type checker.

use super::fleet::Target;
use super::kubernetes::Kubernetes;
use super::objects::{below, list, text};
use super::schemas::{everything, name};
use super::tools::{Tools, asked, say};
use crate::support::page;
use serde_json::{Value, json};

/// The oldest and the newest are asked always, those between with `CI_FULL=1`.
const OFTEN: [(&str, &str); 2] = [("1.30", "admission-1.30"), ("1.37", "admission-1.37")];
const SELDOM: [(&str, &str); 6] = [
    ("1.31", "admission-1.31"),
    ("1.32", "admission-1.32"),
    ("1.33", "admission-1.33"),
    ("1.34", "admission-1.34"),
    ("1.35", "admission-1.35"),
    ("1.36", "admission-1.36"),
];

#[test]
fn native_policies_compile_without_a_warning() {
    let minors: Vec<(&str, &'static str)> = asked(&OFTEN, &SELDOM);
    let binaries: Vec<&str> = minors.iter().map(|(_, binary)| *binary).collect();
    let Some(tools) = Tools::with(&binaries) else { return };
    let target = |kubernetes| Target { engine: "native", version: "", kubernetes };
    let targets: Vec<Target> = OFTEN.into_iter().chain(SELDOM).map(|one| target(one.0)).collect();
    let fleet = everything(&targets);
    let mut compiled = 0;
    for (kubernetes, binary) in minors {
        let judge = Kubernetes { tools: tools.clone(), binary };
        let rendered = below(&fleet.rendered(&name(&target(kubernetes))));
        let policies: Vec<&Value> = rendered
            .iter()
            .filter(|object| text(object, "/kind") == "ValidatingAdmissionPolicy")
            .collect();
        let complaints = complaints(&judge, &policies);
        assert!(complaints.is_empty(), "Kubernetes {kubernetes}: {complaints:#?}");
        compiled += policies.len();
        let expressions: usize = policies.iter().map(|policy| expressions(policy)).sum();
        let title = format!("Kubernetes {kubernetes}");
        page::keep_row("plugin expressions", &[&title, &policies.len(), &expressions]);
        for broken in ["object.spec.sort()", "[1, object.metadata.name]", "1 + 'a' == 2"] {
            let mut policy = policies[0].clone();
            policy["spec"]["validations"][0]["expression"] = broken.into();
            let complaints = self::complaints(&judge, &[&policy]);
            assert!(!complaints.is_empty(), "Kubernetes {kubernetes} must refuse {broken}");
        }
    }
    assert!(compiled >= 20, "only {compiled} policies were compiled");
    say(&format!("type checker: {compiled} native policies, neither an error nor a warning"));
}

/// Its variables, its validations, and their messages.
fn expressions(policy: &Value) -> usize {
    let validations = list(policy, "/spec/validations");
    let messages = validations.iter().filter(|one| one.get("messageExpression").is_some());
    list(policy, "/spec/variables").len() + validations.len() + messages.count()
}

fn complaints(judge: &Kubernetes, policies: &[&Value]) -> Vec<String> {
    let answers = judge.ask(&[json!({"id": 1, "compile": policies})]);
    let answers = answers.unwrap_or_else(|why| panic!("{why}"));
    let compiled = list(&answers[0], "/compiled");
    assert_eq!(compiled.len(), policies.len(), "{answers:?}");
    let of = |one: &Value, kind: &str| -> Vec<String> {
        let found = list(one, &format!("/{kind}")).iter();
        found.map(|found| format!("{}: {found}", text(one, "/policy"))).collect()
    };
    compiled.iter().flat_map(|one| [of(one, "errors"), of(one, "warnings")]).flatten().collect()
}
