//! The API server's own admission plugin, which judges native policies with whole requests.
//!
//! `tests/engines/admission` runs it, one program for each Kubernetes minor. It tells of denials
//! and of trouble: whether a policy matches an object is seen from a copy that refuses whatever
//! reaches it.

use super::case_files::{Case, CaseFile};
use super::objects::{list, text};
use super::tools::Tools;
use super::verdict::{Answer, Answers, Judge, untroubled};
use serde_json::{Value, json};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

pub struct Kubernetes {
    pub tools: Tools,
    pub binary: &'static str,
}

impl Judge for Kubernetes {
    fn judges(&self, case: &Case) -> bool {
        // Before 1.33 there is no pods/resize.
        case.subresource != "resize" || self.binary != "admission-1.30"
    }

    fn judge(&self, file: &CaseFile, objects: &[Value], _: &Path) -> Result<Answers, String> {
        let asked: Vec<(usize, &Case)> =
            file.cases.iter().enumerate().filter(|(_, case)| self.judges(case)).collect();
        let refusing: Vec<Value> = objects.iter().map(refusing).collect();
        let mut lines = vec![];
        for policies in [&refusing[..], objects] {
            lines.push(cluster(file, policies));
            lines.extend(asked.iter().map(|(index, case)| question(*index, case)));
        }
        let told = self.ask(&lines)?;
        let (refused, judged) = told.split_at(told.len() / 2);
        let judged = self.as_sent_where_unknown(&lines[lines.len() / 2..], judged)?;
        let mut answers = Answers::new();
        for (refused, judged) in refused[1..].iter().zip(&judged[1..]) {
            let index = usize::try_from(judged["id"].as_u64().ok_or("an answer has no id")?)
                .map_err(|error| error.to_string())?;
            if list(refused, "/denials").is_empty() {
                continue;
            }
            let trouble = list(judged, "/errors").iter().chain(list(judged, "/unknown"));
            let trouble: Vec<&Value> = trouble.collect();
            if !trouble.is_empty() {
                return Err(format!("{}: {trouble:?}", file.cases[index].name));
            }
            let denials = list(judged, "/denials").iter();
            let denials = denials.map(|denial| untroubled(text(denial, "/message")));
            let denials = denials.collect::<Result<Vec<_>, _>>()?;
            answers.insert(index, Answer { by: "Kubernetes", denials });
        }
        Ok(answers)
    }
}

impl Kubernetes {
    /// A field that this minor does not know yet is gone when it has decoded the object. Such
    /// objects are judged once more as they were sent, which is how a newer minor sees them.
    fn as_sent_where_unknown(&self, lines: &[Value], told: &[Value]) -> Result<Vec<Value>, String> {
        let mut told = told.to_vec();
        let unknown = |answer: &Value| !list(answer, "/unknown").is_empty();
        let again: Vec<usize> = (1..told.len()).filter(|index| unknown(&told[*index])).collect();
        if again.is_empty() || self.binary != "admission-1.30" {
            return Ok(told);
        }
        let mut asked = vec![lines[0].clone()];
        asked.extend(again.iter().map(|index| {
            let mut line = lines[*index].clone();
            line["as_sent"] = true.into();
            line
        }));
        for (index, answer) in again.into_iter().zip(self.ask(&asked)?.into_iter().skip(1)) {
            told[index] = answer;
        }
        Ok(told)
    }

    /// An answer for each line; an answer that is an error is trouble.
    pub fn ask(&self, lines: &[Value]) -> Result<Vec<Value>, String> {
        let mut child = Command::new(self.tools.path(self.binary))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("{}: {error}", self.binary))?;
        let mut input = child.stdin.take().ok_or("no input")?;
        let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
        // What is answered must be read while more is asked, or both sides wait for each other.
        let writer = std::thread::spawn(move || input.write_all(text.as_bytes()));
        let output = child.wait_with_output().map_err(|error| error.to_string())?;
        writer
            .join()
            .map_err(|_| "the questions could not be written")?
            .map_err(|error| error.to_string())?;
        let answers: Vec<Value> = String::from_utf8_lossy(&output.stdout)
            .lines()
            .map(|line| serde_json::from_str(line).map_err(|error| format!("{error}: {line}")))
            .collect::<Result<_, _>>()?;
        if let Some(error) = answers.iter().find(|answer| answer.get("error").is_some()) {
            return Err(format!("{}: {error}", self.binary));
        }
        match answers.len() == lines.len() {
            true => Ok(answers),
            false => Err(format!("{} answers to {} lines", answers.len(), lines.len())),
        }
    }
}

/// A policy whose only validation fails; anything else as it is.
fn refusing(object: &Value) -> Value {
    let mut object = object.clone();
    if text(&object, "/kind") == "ValidatingAdmissionPolicy" {
        object["spec"]["validations"] = json!([{"expression": "false", "message": "matched"}]);
        object["spec"]["variables"] = json!([]);
    }
    object
}

pub fn cluster(file: &CaseFile, objects: &[Value]) -> Value {
    let of = |kind: &str| -> Vec<&Value> {
        objects.iter().filter(|object| text(object, "/kind") == kind).collect()
    };
    json!({
        "policies": of("ValidatingAdmissionPolicy"),
        "bindings": of("ValidatingAdmissionPolicyBinding"),
        "namespaces": file.namespaces,
    })
}

pub fn question(index: usize, case: &Case) -> Value {
    let object = &case.object;
    let (kind, resource) = case.asks_for();
    json!({
        "id": index,
        "request": {
            "uid": "1",
            "kind": kind,
            "resource": resource,
            "subResource": case.subresource,
            "name": text(object, "/metadata/name"),
            "namespace": text(object, "/metadata/namespace"),
            "operation": if case.update { "UPDATE" } else { "CREATE" },
            "userInfo": {"username": "somebody", "groups": case.groups},
            "object": object,
            "oldObject": case.old,
        },
    })
}
