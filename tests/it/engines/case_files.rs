//! The catalogue's cases, read as data: what is asked, and what must be answered.

use super::objects::{list, read, text};
use ordinance::admission::resource_of;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// One file of cases.
pub struct CaseFile {
    /// `CONTROL-FILE`: the name of its cluster and its intent.
    pub name: String,
    pub control: String,
    pub parameters: Value,
    /// The version its control follows here, where it follows one.
    pub version: Option<Value>,
    /// Name and labels of the namespaces its objects are in.
    pub namespaces: Vec<Value>,
    /// Scopes, as written.
    pub exemptions: Vec<Value>,
    pub cases: Vec<Case>,
    /// What a message of one of its rules says right before it names the offenders.
    pub before_offenders: Vec<String>,
}

pub struct Case {
    pub name: String,
    pub update: bool,
    pub subresource: String,
    /// The resource it is one of, where the object is of another kind: `deployments`.
    pub parent: String,
    /// The groups of whoever asks.
    pub groups: Vec<String>,
    /// The offenders to be named; `None`: it is let in.
    pub offenders: Option<BTreeSet<String>>,
    pub object: Value,
    pub old: Value,
}

impl Case {
    /// Whether its object lies where no rule reaches unless an intent says so; cases are judged
    /// without that, engines are not.
    pub fn in_system_namespace(&self) -> bool {
        text(&self.object, "/metadata/namespace").starts_with("kube-")
    }

    pub fn in_namespace(&self) -> bool {
        self.object.pointer("/metadata/namespace").is_some()
    }
}

impl Case {
    /// Kind and resource of the request that carries its object.
    pub fn asks_for(&self) -> (Value, Value) {
        let api_version = text(&self.object, "/apiVersion");
        let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
        let kind = text(&self.object, "/kind");
        let resource = match &*self.parent {
            "" => {
                json!({"group": group, "version": version, "resource": resource_of(group, kind).name})
            }
            "replicationcontrollers" => {
                json!({"group": "", "version": "v1", "resource": self.parent})
            }
            parent => json!({"group": "apps", "version": "v1", "resource": parent}),
        };
        (json!({"group": group, "version": version, "kind": kind}), resource)
    }
}

/// Name and labels of a namespace as the API server keeps them: the name is a label too.
pub fn kept_namespace(written: &Value) -> Value {
    let mut namespace = json!({"name": written["name"], "labels": {}});
    if let Some(labels) = written.get("labels") {
        namespace["labels"] = labels.clone();
    }
    namespace["labels"]["kubernetes.io/metadata.name"] = written["name"].clone();
    namespace
}

/// Every file of cases of every control, in order.
pub fn all() -> Vec<CaseFile> {
    let controls = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates/controls");
    let mut found = vec![];
    for control in entries(&controls) {
        // What is made of manifests judges nothing.
        if read(&control.join("control.yaml"))[0].pointer("/spec/manifests").is_some() {
            continue;
        }
        let (messages, follows) = messages(&control.join("control.yaml"));
        let cases = entries(&control.join("cases"));
        found.extend(cases.iter().map(|file| one(file, &messages, follows)));
    }
    assert!(!found.is_empty(), "there are cases");
    found
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries =
        fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("a readable folder").path()).collect();
    paths.sort();
    paths
}

/// The parts of a control's messages that stand before its offenders, and whether it follows a
/// framework.
fn messages(control: &Path) -> (Vec<String>, bool) {
    let document = &read(control)[0];
    let before = |rule: &Value| {
        let message = text(rule, "/message");
        let before = message.strip_suffix("{offenders}").expect("it ends with its offenders");
        before.rsplit('}').next().expect("a split has a last part").to_owned()
    };
    let rules = list(document, "/spec/rules");
    // Of a control with a rule for each version, all may say the same.
    let messages: BTreeSet<String> = rules.iter().map(before).collect();
    (messages.into_iter().collect(), document.pointer("/spec/follows").is_some())
}

fn one(file: &Path, before_offenders: &[String], follows: bool) -> CaseFile {
    let document = &read(file)[0];
    let control = text(document, "/spec/control").to_owned();
    let stem = file.file_stem().and_then(|stem| stem.to_str()).expect("a plain name");
    let mut case_file = CaseFile {
        name: format!("{control}-{stem}"),
        control,
        version: document.pointer("/spec/version").cloned().or(follows.then(|| json!("latest"))),
        parameters: document.pointer("/spec/parameters").cloned().unwrap_or_else(|| json!({})),
        namespaces: document.pointer("/spec/namespace").cloned().into_iter().collect(),
        exemptions: list(document, "/spec/exemptions").to_vec(),
        cases: list(document, "/spec/cases").iter().map(case).collect(),
        before_offenders: before_offenders.to_vec(),
    };
    // Objects that lie elsewhere lie in namespaces of which nothing but the name is known.
    for case in &case_file.cases {
        let name = &case.object["metadata"]["namespace"];
        if case.in_namespace() && !case_file.namespaces.iter().any(|one| one["name"] == *name) {
            case_file.namespaces.push(json!({"name": name}));
        }
    }
    case_file
}

fn case(written: &Value) -> Case {
    let offenders = list(written, "/offenders").iter().filter_map(Value::as_str);
    let asked = text(written, "/subresource");
    let (parent, subresource) = asked.split_once('/').unwrap_or(("", asked));
    Case {
        name: text(written, "/name").to_owned(),
        update: text(written, "/operation") == "UPDATE",
        subresource: subresource.to_owned(),
        parent: parent.to_owned(),
        groups: vec![],
        offenders: match text(written, "/expect") {
            "deny" => Some(offenders.map(str::to_owned).collect()),
            _ => None,
        },
        object: written["object"].clone(),
        old: written.get("oldObject").cloned().unwrap_or(Value::Null),
    }
}
