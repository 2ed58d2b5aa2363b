//! Gatekeeper's gator: `test` for what is created in a namespace, `verify` for the rest.
//!
//! `gator test` ignores AdmissionReviews, and gives objects of the whole cluster an empty
//! namespace, which admission does not. It tells only of violations: whether a constraint matches
//! an object is seen by a second run, with a template that refuses whatever reaches it.

use super::case_files::{Case, CaseFile, kept_namespace};
use super::gator_verify;
use super::objects::{key, text, write};
use super::tools::Tools;
use super::verdict::{Answer, Answers, Judge, untroubled};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;

pub struct Gator {
    pub tools: Tools,
    pub binary: &'static str,
}

/// Denials by the index of the case.
pub type Denials = BTreeMap<usize, Vec<String>>;

impl Judge for Gator {
    fn judges(&self, _: &Case) -> bool {
        true
    }

    fn judge(&self, file: &CaseFile, objects: &[Value], work: &Path) -> Result<Answers, String> {
        let refusing: Vec<Value> = objects.iter().map(refusing).collect();
        let mut answers = Answers::new();
        let by_test = |case: &Case| !case.update && case.in_namespace() && case.groups.is_empty();
        let asked = file.cases.iter().enumerate();
        let (tested, verified): (Vec<_>, Vec<_>) = asked.partition(|(_, case)| by_test(case));
        if !tested.is_empty() {
            let matched = self.test(file, &tested, &refusing, work)?;
            let denied = self.test(file, &tested, objects, work)?;
            collect(&mut answers, "gator test", matched, denied)?;
        }
        if !verified.is_empty() {
            let matched = gator_verify::run(self, &verified, &refusing, work)?;
            let denied = gator_verify::run(self, &verified, objects, work)?;
            collect(&mut answers, "gator verify", matched, denied)?;
        }
        Ok(answers)
    }
}

fn collect(
    answers: &mut Answers,
    by: &'static str,
    matched: Denials,
    mut denied: Denials,
) -> Result<(), String> {
    for index in matched.into_keys() {
        let denials = denied.remove(&index).unwrap_or_default();
        answers.insert(index, Answer { by, denials });
    }
    match denied.is_empty() {
        true => Ok(()),
        false => Err(format!("denied, yet not refused by a template that refuses all: {denied:?}")),
    }
}

/// A template whose every validation fails; anything else as it is.
fn refusing(object: &Value) -> Value {
    let mut object = object.clone();
    let validations = "/spec/targets/0/code/0/source/validations";
    if let Some(validations) = object.pointer_mut(validations) {
        *validations = json!([{"expression": "false", "message": "matched"}]);
    }
    object
}

impl Gator {
    fn test(
        &self,
        file: &CaseFile,
        cases: &[(usize, &Case)],
        policies: &[Value],
        work: &Path,
    ) -> Result<Denials, String> {
        let mut by_key: BTreeMap<String, usize> = BTreeMap::new();
        for (index, case) in cases {
            if by_key.insert(key(&case.object), *index).is_some() {
                return Err(format!("two cases have the object {}", key(&case.object)));
            }
        }
        write(&work.join("policies.yaml"), policies);
        let namespace =
            |one| json!({"apiVersion": "v1", "kind": "Namespace", "metadata": kept_namespace(one)});
        let namespaces: Vec<Value> = file.namespaces.iter().map(namespace).collect();
        let objects = cases.iter().map(|(_, case)| &case.object);
        write(&work.join("objects.yaml"), namespaces.iter().chain(objects));
        let arguments = ["test", "-f", "policies.yaml", "-f", "objects.yaml", "-o", "json"];
        let finished = self.tools.run(self.binary, work, &arguments);
        let stderr = finished.stderr.trim();
        let results: Value = serde_json::from_str(&finished.stdout)
            .map_err(|_| format!("gator test said no JSON, but {stderr}"))?;
        if !stderr.is_empty() {
            return Err(format!("gator test complained: {stderr}"));
        }
        let mut denials = Denials::new();
        for result in results.as_array().into_iter().flatten() {
            let message = untroubled(text(result, "/msg"))?;
            let object = key(&result["violatingObject"]);
            let Some(index) = by_key.get(&object) else {
                return Err(format!("{object} was judged, which is no case: {message}"));
            };
            denials.entry(*index).or_default().push(message);
        }
        Ok(denials)
    }
}
