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
    pub trees: BTreeSet<String>,
    /// Their test, where it has parameters of its own; else empty.
    pub test: String,
    /// `TEST/NAME`, or `KIND/NAME` of the object.
    pub name: String,
    /// The first of their names for it.
    pub id: String,
    pub denied: bool,
    /// How often they say it: for each tree and each way of testing.
    pub times: usize,
    /// Its place among the objects.
    pub object: usize,
}

pub struct Library {
    pub policies: Vec<Policy>,
    pub cases: Vec<Case>,
    /// Cases that more than the object decides: by policy and tree, and why.
    pub beside: Vec<(String, String, &'static str)>,
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
                    trees: BTreeSet::from([tree.to_owned()]),
                    test: text(test, "name").to_owned(),
                    name: format!("{}/{}", text(test, "name"), text(case, "name")),
                    id: text(case, "id").to_owned(),
                    denied: case["expect_violation"] == true,
                    times: 1,
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
    let mut policies = vec![];
    for policy in index["policies"].as_array().expect("policies") {
        let of = policy["policies"].as_array().into_iter().flatten();
        policies.push(Policy {
            name: leaf(text(policy, "dir")).to_owned(),
            tree: tree(text(policy, "dir")).to_owned(),
            types: of.flat_map(|one| texts(&one["types"])).collect(),
        });
    }
    let all: Vec<&Value> = index["cases"].as_array().expect("cases").iter().collect();
    let certain = |case: &Value| case["static"] == true && case["policy_verdict_sure"] == true;
    let mut found: BTreeMap<(String, String, bool), Case> = BTreeMap::new();
    let mut objects = Objects::default();
    for case in all.iter().filter(|case| certain(case)) {
        let denied = text(case, "policy_verdict") == "deny";
        let (policy, object) = (text(case, "leaf"), text(case, "object"));
        let one =
            found.entry((policy.to_owned(), object.to_owned(), denied)).or_insert_with(|| Case {
                policy: policy.to_owned(),
                trees: BTreeSet::new(),
                test: String::new(),
                name: format!("{}/{}", text(case, "resource_kind"), text(case, "resource")),
                id: text(case, "id").to_owned(),
                denied,
                times: 0,
                object: objects.add(folder, object),
            });
        one.trees.insert(tree(text(case, "dir")).to_owned());
        one.times += 1;
    }
    let mut beside = vec![];
    for case in all.iter().filter(|case| !certain(case)) {
        let (policy, object) = (text(case, "leaf"), text(case, "object"));
        let keys = [true, false].map(|denied| (policy.to_owned(), object.to_owned(), denied));
        let known = keys.iter().find(|key| found.contains_key(key));
        // One rule's verdict; what the whole policy says of the object is known from elsewhere.
        if let (true, Some(key)) = (case["static"] == true, known) {
            let one = found.get_mut(key).expect("just found");
            one.times += 1;
            one.trees.insert(tree(text(case, "dir")).to_owned());
            continue;
        }
        let why = match case["static"] == true {
            true => "one rule alone",
            false => "more than the object",
        };
        beside.push((policy.to_owned(), tree(text(case, "dir")).to_owned(), why));
    }
    Library { policies, cases: found.into_values().collect(), beside, objects: objects.all }
}

fn leaf(dir: &str) -> &str {
    dir.rsplit('/').next().unwrap_or(dir)
}

fn tree(dir: &str) -> &str {
    dir.split('/').next().unwrap_or(dir)
}
