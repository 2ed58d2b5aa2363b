//! The API server's admission plugin on objects as they were written.
//!
//! An API server decodes an object before anybody judges it: what does not decode is refused, and
//! fields it does not know are gone. Manifests of real applications are for many versions, so they
//! are judged here as they are, as `check` judges them.

use super::asked::refusing;
use super::case_files::{Case, CaseFile};
use super::kubernetes::Kubernetes;
use super::objects::{list, text};
use super::verdict::{Answer, Answers, Judge, untroubled};
use ordinance::admission::resource_of;
use serde_json::{Value, json};
use std::path::Path;

pub struct AsWritten(pub Kubernetes);

impl Judge for AsWritten {
    fn judges(&self, case: &Case) -> bool {
        !case.update
    }

    fn judge(&self, file: &CaseFile, objects: &[Value], _: &Path) -> Result<Answers, String> {
        // Whether a policy matches an object is seen from a copy that refuses whatever reaches it.
        let refusing: Vec<Value> = objects.iter().map(refusing).collect();
        let mut lines = vec![];
        for policies in [&refusing[..], objects] {
            let of = |kind: &str| -> Vec<&Value> {
                policies.iter().filter(|object| text(object, "/kind") == kind).collect()
            };
            lines.push(json!({
                "policies": of("ValidatingAdmissionPolicy"),
                "bindings": of("ValidatingAdmissionPolicyBinding"),
                "namespaces": file.namespaces,
            }));
            lines.extend(file.cases.iter().enumerate().map(question));
        }
        let told = self.0.ask(&lines)?;
        let (refused, told) = told.split_at(told.len() / 2);
        let mut answers = Answers::new();
        for (index, (refused, answer)) in refused[1..].iter().zip(&told[1..]).enumerate() {
            if list(refused, "/denials").is_empty() {
                continue;
            }
            if let [trouble, ..] = list(answer, "/errors") {
                return Err(format!("{}: {trouble}", file.cases[index].name));
            }
            let denials = list(answer, "/denials").iter();
            let denials = denials.map(|denial| untroubled(text(denial, "/message")));
            let denials = denials.collect::<Result<Vec<_>, _>>()?;
            answers.insert(index, Answer { by: "Kubernetes", denials });
        }
        Ok(answers)
    }
}

fn question((index, case): (usize, &Case)) -> Value {
    let object = &case.object;
    let kind = text(object, "/kind");
    let written = text(object, "/apiVersion");
    let (group, version) = written.split_once('/').unwrap_or(("", written));
    json!({
        "id": index,
        "as_sent": true,
        "request": {
            "uid": "1",
            "kind": {"group": group, "version": version, "kind": kind},
            "resource": {"group": group, "version": version, "resource": resource_of(group, kind).name},
            "subResource": "",
            "name": text(object, "/metadata/name"),
            "namespace": text(object, "/metadata/namespace"),
            "operation": "CREATE",
            "userInfo": {"username": "somebody"},
            "object": object,
            "oldObject": null,
        },
    })
}
