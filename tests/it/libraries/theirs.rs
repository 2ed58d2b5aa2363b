//! Their policies and cases, as far as they are of concern here, from the index of a corpus.

use ordinance::{text::Sources, yaml};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// A policy of theirs.
pub struct Policy {
    /// The kind of a template, or the folder of a policy.
    pub name: String,
    /// The tree it is in.
    pub tree: String,
    /// `validate`, `mutate` and so on.
    pub types: BTreeSet<String>,
}

/// What one policy says of one object, however often they say it.
pub struct Case {
    pub policy: String,
    /// A test of theirs, which has parameters of its own, or one rule of a policy; else empty.
    pub part: String,
    /// It tells of one rule of several.
    pub alone: bool,
    /// `TEST/NAME`, or `KIND/NAME` of the object.
    pub name: String,
    /// The first of their names for it.
    pub id: String,
    pub denied: bool,
    /// How often they say it in each tree: by each way of testing.
    pub times: BTreeMap<String, usize>,
    /// Its place among the objects.
    pub object: usize,
}

pub struct Library {
    pub policies: Vec<Policy>,
    pub cases: Vec<Case>,
    /// The policy and the tree of each case that more than the object decides: what there was
    /// before, what else there is, or who asks.
    pub beside: Vec<(String, String)>,
    pub objects: Vec<Object>,
}

pub struct Object {
    pub value: Value,
    /// It is there already: nothing that may be changed of a pod was changed.
    pub update: bool,
}

fn texts(value: &Value) -> BTreeSet<String> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap_or_default()
}

fn index(folder: &Path) -> Value {
    let index = std::fs::read_to_string(folder.join("index.json")).expect("an index");
    serde_json::from_str(&index).expect("JSON")
}

/// Objects by file, each read once.
#[derive(Default)]
struct Objects {
    known: BTreeMap<String, usize>,
    all: Vec<Object>,
}

impl Objects {
    fn add(&mut self, folder: &Path, path: &str) -> usize {
        if let Some(number) = self.known.get(path) {
            return *number;
        }
        let written = std::fs::read_to_string(folder.join(path)).expect("an object");
        let mut sources = Sources::default();
        let source = sources.add(path, written);
        let nodes = yaml::read(&sources, source).unwrap_or_else(|why| panic!("{path}: {why:?}"));
        let read = nodes[0].to_json();
        let update = read["kind"] == "AdmissionReview";
        if update {
            assert_eq!(read["request"]["operation"], "UPDATE", "{path}");
        }
        let mut value = if update { read["request"]["object"].clone() } else { read };
        if value["metadata"]["name"].is_null() {
            value["metadata"]["name"] = json!("unnamed");
        }
        self.all.push(Object { value, update });
        self.known.insert(path.to_owned(), self.all.len() - 1);
        self.all.len() - 1
    }
}

/// Gatekeeper's library: templates, and suites of tests, each with a constraint.
pub fn gatekeeper(folder: &Path) -> Library {
    let index = index(folder);
    let (mut policies, mut cases) = (vec![], vec![]);
    let mut objects = Objects::default();
    for template in index["templates"].as_array().expect("templates") {
        let (kind, tree) = (text(template, "kind"), text(template, "group"));
        let types = BTreeSet::from(["validate".to_owned()]);
        policies.push(Policy { name: kind.to_owned(), tree: tree.to_owned(), types });
        for test in template["tests"].as_array().into_iter().flatten() {
            for case in test["cases"].as_array().into_iter().flatten() {
                cases.push(Case {
                    policy: kind.to_owned(),
                    part: text(test, "name").to_owned(),
                    alone: false,
                    name: format!("{}/{}", text(test, "name"), text(case, "name")),
                    id: text(case, "id").to_owned(),
                    denied: case["expect_violation"] == true,
                    times: BTreeMap::from([(tree.to_owned(), 1)]),
                    object: objects.add(folder, text(case, "object")),
                });
            }
        }
    }
    Library { policies, cases, beside: vec![], objects: objects.all }
}

/// Kyverno's policies: the same ones in several trees, and cases that repeat themselves.
pub fn kyverno(folder: &Path) -> Library {
    let index = index(folder);
    let (mut policies, mut named) = (vec![], BTreeSet::new());
    for policy in index["policies"].as_array().expect("policies") {
        let (dir, of) = (text(policy, "dir"), policy["policies"].as_array().expect("a list"));
        named.extend(of.iter().map(|one| (dir, text(one, "name"))));
        policies.push(Policy {
            name: leaf(dir).to_owned(),
            tree: tree(dir).to_owned(),
            types: of.iter().flat_map(|one| texts(&one["types"])).collect(),
        });
    }
    let (mut whole, mut of_rules, mut beside) = (vec![], vec![], vec![]);
    for case in index["cases"].as_array().expect("cases") {
        match part(case, &named) {
            Some("") => whole.push((case, "", text(case, "policy_verdict"))),
            Some(part) => of_rules.push((case, part, text(case, "verdict"))),
            None => beside.push((text(case, "leaf").to_owned(), tree_of(case))),
        }
    }
    let mut cases: BTreeMap<(&str, &str, &str, &str), Case> = BTreeMap::new();
    let mut objects = Objects::default();
    for (case, part, verdict) in whole.into_iter().chain(of_rules) {
        let (policy, object) = (text(case, "leaf"), text(case, "object"));
        // What all rules say of an object together is known from another case, if there is one.
        let known = |verdict| cases.contains_key(&(policy, object, "", verdict));
        let key = match ["allow", "deny"]
            .into_iter()
            .find(|verdict| !part.is_empty() && known(verdict))
        {
            Some(verdict) => (policy, object, "", verdict),
            None => (policy, object, part, verdict),
        };
        let one = cases.entry(key).or_insert_with(|| Case {
            policy: policy.to_owned(),
            part: part.to_owned(),
            alone: !part.is_empty(),
            name: format!("{}/{}", text(case, "resource_kind"), text(case, "resource")),
            id: text(case, "id").to_owned(),
            denied: verdict == "deny",
            times: BTreeMap::new(),
            object: objects.add(folder, object),
        });
        *one.times.entry(tree_of(case)).or_default() += 1;
    }
    Library { policies, cases: cases.into_values().collect(), beside, objects: objects.all }
}

/// The rule that a case is about, nothing if it is about all of a policy, `None` if the object does
/// not decide it.
fn part<'a>(case: &'a Value, named: &BTreeSet<(&str, &str)>) -> Option<&'a str> {
    match (case["static"] == true, case["policy_verdict_sure"] == true) {
        (false, _) => None,
        (true, false) => Some(text(case, "rule")),
        // Some say the name of a rule where a policy's is asked for.
        (true, true) if !named.contains(&(text(case, "dir"), text(case, "policy"))) => {
            Some(text(case, "policy"))
        }
        (true, true) => Some(""),
    }
}

fn tree_of(case: &Value) -> String {
    tree(text(case, "dir")).to_owned()
}

fn leaf(dir: &str) -> &str {
    dir.rsplit('/').next().unwrap_or(dir)
}

fn tree(dir: &str) -> &str {
    dir.split('/').next().unwrap_or(dir)
}
