//! Every rule that a cluster was given, asked of an engine one by one about many objects, beside
//! what `check` says by the same rules.
//!
//! Which objects a rule matches is seen from a copy that refuses whatever reaches it, one for all
//! rules whose match is the same; the other objects are asked about with `CI_FULL=1` only.

use super::case_files::{Case, CaseFile};
use super::fleet::Fleet;
use super::kept::Kept;
use super::objects::{below, key, list, text, write};
use super::tools::pool;
use super::verdict::Answers;
use crate::support::binary::full;
use rayon::prelude::*;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Who denies what, by control and place among the objects; and the messages.
pub type Denied = BTreeMap<(String, usize), Vec<String>>;

/// A tool with all that it is asked about.
pub struct Asked<'a> {
    pub kept: &'a Kept<'a>,
    /// By control.
    pub rendered: &'a BTreeMap<String, Vec<Value>>,
    pub objects: &'a [Value],
    pub namespaces: &'a [Value],
}

impl Asked<'_> {
    /// What the engine denies, and how often it was seen to judge.
    pub fn denied(&self) -> Result<(Denied, usize), String> {
        let matched = self.matched()?;
        let all: Vec<usize> = (0..self.objects.len()).collect();
        let everything = full();
        let ask = |(control, policies): (&String, &Vec<Value>)| {
            let matched = &matched[&matching(policies)];
            let answers = self.ask(policies, if everything { &all } else { matched });
            let answers = answers.map_err(|why| format!("{control}: {why}"))?;
            match answers.keys().eq(matched) {
                true => Ok((control.clone(), answers)),
                false => Err(format!("{control} does not match what its match says")),
            }
        };
        let ask = || self.rendered.par_iter().map(ask).collect();
        let found: Vec<Result<(String, Answers), String>> = pool().install(ask);
        let (mut denied, mut judged) = (Denied::new(), 0);
        for answers in found {
            let (control, answers) = answers?;
            judged += answers.len();
            let denials = answers.into_iter().filter(|(_, answer)| !answer.denials.is_empty());
            denied.extend(denials.map(|(index, one)| ((control.clone(), index), one.denials)));
        }
        Ok((denied, judged))
    }

    /// The objects that policies with these matches see: all are refused by a copy that refuses
    /// what reaches it.
    fn matched(&self) -> Result<BTreeMap<String, Vec<usize>>, String> {
        let all: Vec<usize> = (0..self.objects.len()).collect();
        let alike: BTreeMap<String, &Vec<Value>> =
            self.rendered.values().map(|policies| (matching(policies), policies)).collect();
        let ask = |(matching, policies): (&String, &&Vec<Value>)| {
            let answers = self.ask(&policies.iter().map(refusing).collect::<Vec<_>>(), &all)?;
            match answers.values().all(|answer| answer.denials == ["matched"]) {
                true => Ok((matching.clone(), answers.into_keys().collect())),
                false => Err(format!("a rule that refuses all does not: {matching}")),
            }
        };
        pool().install(|| alike.par_iter().map(ask).collect())
    }

    /// The answers to some of the objects, by their place among all.
    fn ask(&self, policies: &[Value], asked: &[usize]) -> Result<Answers, String> {
        let objects: Vec<&Value> = asked.iter().map(|index| &self.objects[*index]).collect();
        let file = questions(&objects, self.namespaces);
        let work = tempfile::tempdir().expect("a temporary folder");
        let answers = self.kept.judge(&file, policies, work.path())?;
        Ok(answers.into_iter().map(|(index, answer)| (asked[index], answer)).collect())
    }
}

/// A policy that refuses whatever reaches it; anything else as it is.
pub fn refusing(object: &Value) -> Value {
    let mut object = object.clone();
    let places = ["/spec", "/spec/rules/0/validate/cel", "/spec/targets/0/code/0/source"];
    for place in places {
        for field in ["validations", "expressions"] {
            let text = object.pointer_mut(place).and_then(Value::as_object_mut);
            if let Some(text) = text.filter(|text| text.contains_key(field)) {
                text.insert(field.into(), json!([{"expression": "false", "message": "matched"}]));
                text.remove("variables");
            }
        }
    }
    object
}

/// What is rendered for each control.
pub fn by_control(fleet: &Fleet, cluster: &str) -> BTreeMap<String, Vec<Value>> {
    let mut found: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for object in below(&fleet.rendered(cluster)) {
        let control = &object["metadata"]["annotations"]["ordinance.dev/control"];
        let control = control.as_str().expect("what is rendered names its control").to_owned();
        found.entry(control).or_default().push(object);
    }
    found
}

/// The part of policies that decides which requests they see, as one text.
fn matching(policies: &[Value]) -> String {
    let mut found = vec![];
    for policy in policies.iter().filter(|one| text(one, "/kind") != "ConstraintTemplate") {
        let rules = list(policy, "/spec/rules").iter();
        let rules = rules.flat_map(|rule| [&rule["match"], &rule["exclude"]]);
        let own = ["matchConstraints", "matchConditions", "matchResources", "match"];
        found.extend(own.iter().map(|field| &policy["spec"][field]).chain(rules).cloned());
    }
    Value::from(found).to_string()
}

/// Objects as questions to a tool.
pub fn questions(objects: &[&Value], namespaces: &[Value]) -> CaseFile {
    let case = |object: &&Value| Case {
        name: key(object),
        update: false,
        subresource: String::new(),
        offenders: None,
        object: (*object).clone(),
        old: Value::Null,
        parent: String::new(),
        groups: vec![],
    };
    CaseFile {
        name: "corpus".to_owned(),
        control: String::new(),
        parameters: json!({}),
        version: None,
        namespaces: namespaces.to_vec(),
        exemptions: vec![],
        cases: objects.iter().map(case).collect(),
        before_offenders: vec![],
    }
}

/// What `check` denies.
pub fn by_check(fleet: &Fleet, cluster: &str, objects: &[Value]) -> Denied {
    let folder = tempfile::tempdir().expect("a temporary folder");
    write(&folder.path().join("objects.yaml"), objects);
    let said = fleet.check(cluster, folder.path(), &["objects.yaml"]);
    assert_eq!(said["objects"], json!(objects.len()));
    assert_eq!((&said["errors"], &said["assumed"]), (&json!([]), &json!([])));
    let mut denied = Denied::new();
    for violation in list(&said, "/violations") {
        let document = violation["document"].as_u64().and_then(|one| usize::try_from(one).ok());
        let control = text(violation, "/control").to_owned();
        let message = text(violation, "/message").to_owned();
        denied.entry((control, document.expect("counted from 1") - 1)).or_default().push(message);
    }
    denied
}

/// Whatever `check` and an engine do not say alike.
pub fn differing(expected: &Denied, found: &Denied, objects: &[Value]) -> Vec<String> {
    let all: BTreeSet<_> = expected.keys().chain(found.keys()).collect();
    let differing = all.into_iter().filter(|one| expected.get(one) != found.get(one));
    let told = |one: &(String, usize)| {
        let object = key(&objects[one.1]);
        format!("{} {object}: {:?} here, {:?} there", one.0, expected.get(one), found.get(one))
    };
    differing.map(told).collect()
}
