//! Which objects nobody who judges here can tell apart.
//!
//! A copy of a workload on another cluster has another uid, another status, and often another name.
//! What no policy reads is no difference. Which parts are read is told by the policies' texts, and
//! whatever might be a reading is one.

use crate::admission::{Matching, Policy};
use crate::check::{Judge, Labels};
use crate::compile::{Undone, undo};
use crate::object::{self, Object};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// The same for objects that are judged alike.
pub type Alike = [u8; 32];

/// What the policies read, beside what all of them may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reads {
    status: bool,
    /// Names, and whatever else tells two copies apart.
    names: bool,
}

/// Parts of `metadata` that are told apart whether they are read or not.
const TOLD: [&str; 4] = ["namespace", "labels", "annotations", "ownerReferences"];

/// What `compile` writes to know owners by; written otherwise, names are taken to be read.
const OWNERS: &str = "optional.ofNonZeroValue(dyn(object).?metadata.?ownerReferences.orValue(null)).orValue([]).filter(o, o.?controller.orValue(false) == true)";

impl Reads {
    pub fn of<'a>(judges: impl Iterator<Item = &'a Judge>) -> Reads {
        let mut reads = Reads { status: false, names: false };
        for policy in judges.map(|judge| judge.policy.policy()) {
            // The text that knows workloads by their names is there although nobody is exempt.
            let text = undone(policy);
            reads.names |= text.exemptions.iter().any(|one| !one.workloads.is_empty());
            let conditions = policy.match_conditions.iter().map(|one| &one.expression);
            // Nothing is changed by the update that is asked about.
            let variables = text.variables.iter().filter(|(name, _)| *name != "unchanged");
            let texts = variables.map(|(_, text)| text).chain(text.validations.iter().flatten());
            for text in texts.chain(conditions) {
                reads.status |= text.contains("status");
                reads.names |= reads_names(text);
            }
            let mut matching = std::iter::once(&policy.matching).chain(&policy.matching.also);
            reads.names |= matching.any(|one| {
                let named = |one: &Matching| {
                    !one.object_names.is_empty()
                        || one.rules.iter().any(|rule| !rule.object_names.is_empty())
                };
                named(one) || one.except.iter().any(named)
            });
        }
        reads
    }

    /// `given` are labels of namespaces.
    pub fn of_object(self, object: &Object, given: &BTreeMap<String, Labels>) -> Alike {
        let mut said = Vec::with_capacity(2048);
        let mut add = |key: &str, value: &Value| {
            said.extend_from_slice(key.as_bytes());
            said.push(0);
            // Writing a value into memory has nothing to fail at.
            let _ = serde_json::to_writer(&mut said, value);
            said.push(0);
        };
        for (key, value) in object.as_object().into_iter().flatten() {
            match key.as_str() {
                "metadata" if !self.names => {
                    for (key, value) in value.as_object().into_iter().flatten() {
                        match key.as_str() {
                            "ownerReferences" => add(key, &owners(value)),
                            key if TOLD.contains(&key) => add(key, value),
                            _ => {}
                        }
                    }
                }
                "status" if !self.status => {}
                key => add(key, value),
            }
        }
        // A Namespace is judged by its own labels, which are part of it, and by its name.
        let inside = match object::kind(object) {
            "Namespace" => object::name(object),
            _ => match object::namespace(object) {
                // As it is judged; for what lies in no namespace it makes no difference.
                "" => "default",
                stated => stated,
            },
        };
        said.extend_from_slice(inside.as_bytes());
        match given.get(inside) {
            None => said.push(1),
            Some(labels) => {
                for (key, value) in labels {
                    said.extend([0, 2]);
                    said.extend_from_slice(key.as_bytes());
                    said.push(0);
                    said.extend_from_slice(value.as_bytes());
                }
            }
        }
        Sha256::digest(&said).into()
    }
}

/// A policy's own words and parameters.
pub fn undone(policy: &Policy) -> Undone {
    let variables = policy.variables.iter().map(|one| (one.name.clone(), one.expression.clone()));
    let validations: Vec<String> =
        policy.validations.iter().map(|one| one.expression.clone()).collect();
    let handed = policy.constants.iter().find(|(name, _)| name == "params");
    undo(variables, &validations, handed.and_then(|(_, value)| value.as_object()))
}

/// Who made it, by kind: a policy that asks for more reads names.
fn owners(references: &Value) -> Value {
    let owner = |one: &Value| Value::from(vec![one["kind"].clone(), one["controller"].clone()]);
    Value::from(references.as_array().into_iter().flatten().map(owner).collect::<Vec<_>>())
}

/// Whether a text may look at more of `metadata` than [`TOLD`], or at what a request says of it.
fn reads_names(text: &str) -> bool {
    let after = |word: &str, known: &[&str]| {
        text.match_indices(word).any(|(at, _)| {
            let rest = text[at + word.len()..].trim_start_matches(['.', '?']);
            !known.iter().any(|known| rest.starts_with(known))
        })
    };
    // Of owners no more is told apart than what kind they are of, and which one is in control.
    let owners = text.replace(OWNERS, "").replace("size(variables.owners)", "");
    after("metadata", &TOLD)
        || after("request.", &["operation", "userInfo", "resource", "kind", "subResource"])
        || owners.contains("ownerReferences")
        || owners.contains("variables.owners")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_reads_names() {
        for (text, expected) in [
            ("object.metadata.name == 'a'", true),
            ("dyn(object).?metadata.?name.orValue('')", true),
            ("dyn(object).?metadata.?namespace.orValue('')", false),
            ("dyn(object).?metadata.?labels.orValue({})", false),
            ("optional.ofNonZeroValue(variables.podTemplate.?metadata.orValue(null))", true),
            ("request.operation == 'UPDATE' && object.spec == oldObject.spec", false),
            ("request.name.startsWith('a')", true),
            ("variables.owners.map(o, o.kind + '/' + o.name)", true),
            ("size(variables.owners) > 0", false),
            ("variables.owners.all(o, o.name == 'a')", true),
            ("variables.owners[0].name == 'a'", true),
            ("object.metadata.ownerReferences.exists(o, o.name == 'a')", true),
            (OWNERS, false),
        ] {
            assert_eq!(reads_names(text), expected, "{text}");
        }
    }

    #[test]
    fn copies_are_alike_unless_somebody_tells_them_apart() {
        let pod = |name: &str, uid: &str, image: &str| {
            json!({
                "apiVersion": "v1", "kind": "Pod",
                "metadata": {
                    "name": name, "uid": uid, "namespace": "shop",
                    "ownerReferences": [{"kind": "ReplicaSet", "name": name, "controller": true}],
                },
                "spec": {"containers": [{"name": "web", "image": image}]},
                "status": {"podIP": uid},
            })
        };
        let none = BTreeMap::new();
        let blind = Reads { status: false, names: false };
        let (one, copy) = (pod("web-1", "a", "web:1"), pod("web-2", "b", "web:1"));
        let other = pod("web-1", "a", "web:2");
        let of = |reads: Reads, object: &Value| reads.of_object(object, &none);
        assert_eq!(of(blind, &one), of(blind, &copy));
        assert_ne!(of(blind, &one), of(blind, &other));
        let names = Reads { names: true, ..blind };
        assert_ne!(of(names, &one), of(names, &copy));
        let status = Reads { status: true, ..blind };
        assert_ne!(of(status, &one), of(status, &copy));
        let labelled = BTreeMap::from([("shop".to_owned(), Labels::new())]);
        assert_ne!(blind.of_object(&one, &labelled), of(blind, &one));
    }
}
