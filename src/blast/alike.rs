//! Which objects nobody who judges here can tell apart.
//!
//! A copy of a workload on another cluster has another uid, another status, and often another name.
//! What no policy reads is no difference. Which parts are read is told by the policies' texts, and
//! whatever might be a reading is one.

use crate::admission::{Matching, Policy};
use crate::check::Known;
use crate::compile::{Undone, undo};
use crate::snapshot::Seen;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};
use std::borrow::Cow;

/// The same for objects that are judged alike.
pub type Alike = [u8; 32];

/// What the policies read, beside what all of them may.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reads {
    status: bool,
    /// More of a namespace than its labels.
    namespaces: bool,
    /// Names, and whatever else tells two copies apart.
    names: bool,
}

/// Parts of `metadata` that are told apart whether they are read or not.
const TOLD: [&str; 4] = ["namespace", "labels", "annotations", "ownerReferences"];

/// What `compile` writes to know owners by; written otherwise, names are taken to be read.
const OWNERS: &str = "optional.ofNonZeroValue(dyn(object).?metadata.?ownerReferences.orValue(null)).orValue([]).filter(o, o.?controller.orValue(false) == true)";

impl Reads {
    pub fn of(policy: &Policy) -> Reads {
        let mut reads = Reads::default();
        // The text that knows workloads by their names is there although nobody is exempt.
        let text = undone(policy);
        reads.names |= text.exemptions.iter().any(|one| !one.workloads.is_empty());
        let conditions = policy.match_conditions.iter().map(|one| &one.expression);
        // Nothing is changed by the update that is asked about.
        let variables = text.variables.iter().filter(|(name, _)| *name != "unchanged");
        let texts = variables.map(|(_, text)| text).chain(text.validations.iter().flatten());
        for text in texts.chain(conditions) {
            reads.status |= text.contains("status");
            reads.namespaces |= text.contains("namespaceObject");
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
        reads
    }

    /// What either reads.
    pub fn and(self, other: Reads) -> Reads {
        Reads {
            status: self.status || other.status,
            namespaces: self.namespaces || other.namespaces,
            names: self.names || other.names,
        }
    }

    pub fn names(self) -> bool {
        self.names
    }

    /// `known` is what is known of the object's cluster.
    pub fn of_object(self, object: &Seen<'_>, known: &Known) -> Alike {
        let mut digest = Sha256::new();
        let mut add = |whose: &str, key: &str, json: &str| {
            for part in [whose, key, json] {
                digest.update(part.len().to_le_bytes());
                digest.update(part);
            }
        };
        object.each(|whose, key, json| match (whose, key) {
            ("metadata", "ownerReferences") if !self.names => add(whose, key, &owners(json)),
            ("metadata", key) if !self.names && !TOLD.contains(&key) => {}
            ("", "status") if !self.status => {}
            _ => add(whose, key, json),
        });
        // A Namespace is judged by its own labels, which are part of it, and by its name; for what
        // lies in no namespace it makes no difference.
        let inside = object.text(if object.kind() == "Namespace" { "name" } else { "namespace" });
        let inside = if inside.is_empty() { "default" } else { &inside };
        let (group, _) = object.api_version().split_once('/').unwrap_or_default();
        if let Some((name, namespaced)) = known.defined(group, object.kind()) {
            add("served", name, if *namespaced { "inside" } else { "outside" });
        }
        add("inside", inside, "");
        match known.labels(inside) {
            Some(labels) => labels.iter().for_each(|(key, value)| add("label", key, value)),
            None => add("labels", "", "not known"),
        }
        if self.namespaces {
            let written = known.written(inside).unwrap_or(&Value::Null);
            add("namespace", inside, &written.to_string());
        }
        digest.finalize().into()
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
fn owners(json: &str) -> Cow<'_, str> {
    #[derive(Deserialize)]
    struct Owner<'a> {
        #[serde(borrow)]
        kind: Option<&'a RawValue>,
        controller: Option<&'a RawValue>,
    }
    let Ok(owners) = serde_json::from_str::<Vec<Owner<'_>>>(json) else { return json.into() };
    let text = |part: Option<&RawValue>| part.map_or("", RawValue::get).to_owned();
    let owners = owners.into_iter().map(|one| text(one.kind) + "," + &text(one.controller) + ";");
    owners.collect::<String>().into()
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
    use crate::blast::witness::manifests;
    use serde_json::json;
    use std::collections::BTreeMap;

    fn seen(object: &Value) -> Seen<'_> {
        Seen::Read(Cow::Borrowed(object))
    }

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
        let known = |labels: &[(&str, &str)]| {
            let labels = labels.iter().map(|(key, value)| (key.to_string(), value.to_string()));
            Known::new(&[], &BTreeMap::from([("shop".to_owned(), labels.collect())]))
        };
        let blind = Reads::default();
        let (one, copy) = (pod("web-1", "a", "web:1"), pod("web-2", "b", "web:1"));
        let other = pod("web-1", "a", "web:2");
        let of = |reads: Reads, object: &Value| reads.of_object(&seen(object), &known(&[]));
        assert_eq!(of(blind, &one), of(blind, &copy));
        assert_ne!(of(blind, &one), of(blind, &other));
        let names = Reads { names: true, ..blind };
        assert_ne!(of(names, &one), of(names, &copy));
        let status = Reads { status: true, ..blind };
        assert_ne!(of(status, &one), of(status, &copy));
        let labelled = known(&[("tier", "web")]);
        assert_ne!(blind.of_object(&seen(&one), &labelled), of(blind, &one));
    }

    #[test]
    fn what_a_cluster_says_of_kinds_and_namespaces_tells_objects_apart() {
        let defined = |plural: &str, scope: &str| {
            json!({
                "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
                "spec": {
                    "group": "shop.example", "scope": scope,
                    "names": {"kind": "Basket", "plural": plural},
                },
            })
        };
        let named = |uid: &str| {
            let metadata = json!({"name": "shop", "uid": uid});
            json!({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})
        };
        let metadata = json!({"name": "a", "namespace": "shop"});
        let basket =
            json!({"apiVersion": "shop.example/v1", "kind": "Basket", "metadata": metadata});
        let of = |reads: Reads, others: &[Value]| {
            let others = manifests(others.to_vec());
            reads.of_object(&seen(&basket), &Known::new(&others, &BTreeMap::new()))
        };
        let blind = Reads::default();
        let usual = of(blind, &[defined("baskets", "Namespaced")]);
        assert_ne!(usual, of(blind, &[defined("carts", "Namespaced")]));
        assert_ne!(usual, of(blind, &[defined("baskets", "Cluster")]));
        let [one, other] = ["1", "2"].map(|uid| [named(uid)]);
        assert_eq!(of(blind, &one), of(blind, &other));
        let reads = Reads { namespaces: true, ..blind };
        assert_ne!(of(reads, &one), of(reads, &other));
    }
}
