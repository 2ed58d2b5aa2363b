//! Kyverno's command line, which judges its own policies and the native ones.
//!
//! A report lists every object a policy matched, with `pass` or `fail`, so an object without a
//! result was not matched. Only for a ClusterPolicy can it be told what an object was before an
//! update; updates are therefore not asked of it in the other shapes.

use super::case_files::{Case, CaseFile, kept_namespace};
use super::objects::{key, list, parse, text, write};
use super::tools::Tools;
use super::verdict::{Answer, Answers, Judge, untroubled};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    ClusterPolicy,
    ValidatingPolicy,
    Native,
}

pub struct Kyverno {
    pub tools: Tools,
    pub binary: &'static str,
    pub shape: Shape,
}

impl Judge for Kyverno {
    fn judges(&self, case: &Case) -> bool {
        // The quirks `kyverno-no-resize` and `kyverno-no-scale`.
        let told =
            !case.update || (self.shape == Shape::ClusterPolicy && !unseen(&case.subresource));
        // Before it looks at any policy, 1.12 refuses objects whose images it cannot read.
        told && (self.binary != "kyverno-1.12" || images_are_readable(&case.object))
    }

    fn judge(&self, file: &CaseFile, objects: &[Value], work: &Path) -> Result<Answers, String> {
        let policies: Vec<Value> = match self.shape {
            Shape::Native => with_bound_kinds(objects)?,
            _ => objects.to_vec(),
        };
        write(&work.join("policies.yaml"), &policies);
        let mut answers = Answers::new();
        for batch in self.batches(file) {
            write(&work.join("objects.yaml"), batch.iter().map(|(_, case)| &case.object));
            write(&work.join("values.yaml"), [&values(file, &policies, &batch)]);
            // All of a file are asked for by the same people.
            let groups = &batch[0].1.groups;
            write(&work.join("user.yaml"), [&user(groups)]);
            let report = self.apply(work, !groups.is_empty())?;
            self.read(&report, &batch, &mut answers)?;
        }
        Ok(answers)
    }
}

/// Cases with their index in the file.
type Batch<'a> = Vec<(usize, &'a Case)>;

impl Kyverno {
    /// What is created in one go, and what is updated in as many as make names unique: values are
    /// given by name alone.
    fn batches<'a>(&self, file: &'a CaseFile) -> Vec<Batch<'a>> {
        let asked = file.cases.iter().enumerate().filter(|(_, case)| self.judges(case));
        let (updated, created): (Batch, Batch) = asked.partition(|(_, case)| case.update);
        let mut batches: Vec<Batch> = vec![created];
        for one in updated {
            let name = |case: &Case| text(&case.object, "/metadata/name").to_owned();
            let free = batches[1..]
                .iter_mut()
                .find(|batch| batch.iter().all(|(_, other)| name(other) != name(one.1)));
            match free {
                Some(batch) => batch.push(one),
                None => batches.push(vec![one]),
            }
        }
        batches.retain(|batch| !batch.is_empty());
        batches
    }

    fn apply(&self, work: &Path, with_user: bool) -> Result<Value, String> {
        let mut arguments =
            vec!["apply", "policies.yaml", "-r", "objects.yaml", "-f", "values.yaml", "-p"];
        if self.binary != "kyverno-1.12" {
            arguments.extend(["--output-format", "json"]);
        }
        if with_user {
            arguments.extend(["--userinfo", "user.yaml"]);
        }
        let finished = self.tools.run(self.binary, work, &arguments);
        let stderr = finished.stderr.trim();
        let said = || format!("{}{stderr}", finished.stdout);
        if !stderr.is_empty() || finished.stdout.contains("Invalid Policies") {
            return Err(format!("kyverno complained: {}", said()));
        }
        let reports = match self.binary {
            "kyverno-1.12" => match finished.stdout.find("apiVersion:") {
                Some(start) => parse("report", &finished.stdout[start..]),
                None => vec![],
            },
            _ => match finished.stdout.find('{') {
                Some(start) => serde_json::Deserializer::from_str(&finished.stdout[start..])
                    .into_iter()
                    .next()
                    .transpose()
                    .map_err(|error| format!("{error}: {}", said()))?
                    .into_iter()
                    .collect(),
                None => vec![],
            },
        };
        reports.into_iter().next().ok_or_else(|| format!("kyverno made no report: {}", said()))
    }

    fn read(&self, report: &Value, batch: &Batch, answers: &mut Answers) -> Result<(), String> {
        let by_key: BTreeMap<String, usize> =
            batch.iter().map(|(index, case)| (self.reported(case), *index)).collect();
        if by_key.len() != batch.len() {
            return Err("two cases have the same object".to_owned());
        }
        for result in list(report, "/results") {
            let subject = &list(result, "/resources")[0];
            let part = |field| text(subject, field);
            let object = format!("{}/{}/{}", part("/kind"), part("/namespace"), part("/name"));
            let message = untroubled(text(result, "/message"))?;
            let Some(index) = by_key.get(&object) else {
                return Err(format!("{object} was judged, which is no case: {message}"));
            };
            let answer =
                answers.entry(*index).or_insert(Answer { by: "kyverno apply", denials: vec![] });
            match text(result, "/result") {
                "pass" => {}
                "fail" => answer.denials.push(message),
                other => return Err(format!("{object}: the result is {other}: {message}")),
            }
        }
        Ok(())
    }

    /// How the report calls the object of a case.
    fn reported(&self, case: &Case) -> String {
        match self.binary {
            // Its reports give every object a namespace.
            "kyverno-1.12" if !case.in_namespace() => key(&case.object).replace("//", "/default/"),
            _ => key(&case.object),
        }
    }
}

/// What no ClusterPolicy is told of.
fn unseen(subresource: &str) -> bool {
    ["resize", "scale"].contains(&subresource)
}

/// Every digest in the object is one in form.
fn images_are_readable(value: &Value) -> bool {
    let readable = |image: &str| match image.split_once('@') {
        None => true,
        Some((_, digest)) => digest.strip_prefix("sha256:").is_some_and(|hex| hex.len() == 64),
    };
    match value {
        Value::Object(map) => map.iter().all(|(key, value)| match value {
            Value::String(image) if key == "image" => readable(image),
            value => images_are_readable(value),
        }),
        Value::Array(list) => list.iter().all(images_are_readable),
        _ => true,
    }
}

/// The command line goes by a binding's kinds and forgets the policy's own: in its copy the
/// binding is given them.
fn with_bound_kinds(objects: &[Value]) -> Result<Vec<Value>, String> {
    let rules: BTreeMap<&str, &Value> = objects
        .iter()
        .filter(|object| text(object, "/kind") == "ValidatingAdmissionPolicy")
        .map(|policy| {
            (text(policy, "/metadata/name"), &policy["spec"]["matchConstraints"]["resourceRules"])
        })
        .collect();
    let mut bound = BTreeSet::new();
    let mut copies = objects.to_vec();
    for object in &mut copies {
        if text(object, "/kind") == "ValidatingAdmissionPolicyBinding" {
            let policy = text(object, "/spec/policyName").to_owned();
            let rules = rules.get(&*policy).ok_or("a binding names no policy that is here")?;
            object["spec"]["matchResources"]["resourceRules"] = (*rules).clone();
            // Of several bindings of a policy only the last one's result is kept.
            if !bound.insert(policy) {
                return Err("a policy has two bindings, of which one would go unjudged".to_owned());
            }
        }
    }
    match bound.len() == rules.len() {
        true => Ok(copies),
        false => Err("a policy has no binding".to_owned()),
    }
}

/// The file that tells who asks.
fn user(groups: &[String]) -> Value {
    json!({
        "apiVersion": "cli.kyverno.io/v1alpha1",
        "kind": "UserInfo",
        "metadata": {"name": "user"},
        "userInfo": {"username": "somebody", "groups": groups},
    })
}

/// The file that tells of namespaces, and of what objects were before their update.
fn values(file: &CaseFile, policies: &[Value], batch: &Batch) -> Value {
    let namespaces: Vec<Value> = file.namespaces.iter().map(kept_namespace).collect();
    let resources: Vec<Value> = batch
        .iter()
        .filter(|(_, case)| case.update)
        .map(|(_, case)| {
            let values = json!({
                "request.operation": "UPDATE",
                "request.oldObject": instead_of(&case.object, &case.old),
            });
            json!({"name": text(&case.object, "/metadata/name"), "values": values})
        })
        .collect();
    let mut values = json!({
        "apiVersion": "cli.kyverno.io/v1alpha1",
        "kind": "Values",
        "metadata": {"name": "values"},
        "namespaceSelector": namespaces,
    });
    if !resources.is_empty() {
        let of =
            |policy: &Value| json!({"name": policy["metadata"]["name"], "resources": resources});
        values["policies"] = policies.iter().map(of).collect();
    }
    values
}

/// `old`, such that it replaces `new` when merged over it: what it lacks is null.
fn instead_of(new: &Value, old: &Value) -> Value {
    let (Value::Object(new), Value::Object(old)) = (new, old) else { return old.clone() };
    let lacking = new.keys().filter(|key| !old.contains_key(*key));
    let mut merged: Map<String, Value> = lacking.map(|key| (key.clone(), Value::Null)).collect();
    for (key, value) in old {
        let before = new.get(key).unwrap_or(&Value::Null);
        merged.insert(key.clone(), instead_of(before, value));
    }
    Value::Object(merged)
}
