//! Pods made up for the purpose: a good one, and what is done to it.
//!
//! A pod that the strictest level admits is changed in a few places, so that what is denied is
//! mostly denied for one reason. Shrinking takes changes away, and each towards its field being
//! absent.

use super::fields::{Scope, fields};
use proptest::prelude::*;
use serde_json::{Value, json};

/// One change: which field, of which container if it is one of a container, and what it becomes.
#[derive(Clone, Debug)]
pub struct Change {
    field: prop::sample::Index,
    value: prop::sample::Index,
    /// The pod's own where there is one, or one of three containers.
    whose: usize,
}

/// A pod and the kind of object it comes in.
#[derive(Clone, Debug)]
pub struct Made {
    pub changes: Vec<Change>,
    pub kind: usize,
}

pub fn made() -> impl Strategy<Value = Made> {
    let change = (any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0..4_usize)
        .prop_map(|(field, value, whose)| Change { field, value, whose });
    let few = prop_oneof![
        6 => prop::collection::vec(change.clone(), 1..=1),
        3 => prop::collection::vec(change.clone(), 2..=2),
        1 => prop::collection::vec(change, 3..=8),
    ];
    (few, 0..KINDS.len()).prop_map(|(changes, kind)| Made { changes, kind })
}

/// Kinds that hold a pod, with the path to it.
const KINDS: [(&str, &str, &str); 9] = [
    ("v1", "Pod", ""),
    ("apps/v1", "Deployment", "/spec/template"),
    ("apps/v1", "StatefulSet", "/spec/template"),
    ("apps/v1", "DaemonSet", "/spec/template"),
    ("apps/v1", "ReplicaSet", "/spec/template"),
    ("batch/v1", "Job", "/spec/template"),
    ("batch/v1", "CronJob", "/spec/jobTemplate/spec/template"),
    ("v1", "PodTemplate", "/template"),
    ("v1", "ReplicationController", "/spec/template"),
];

impl Made {
    /// The pod itself.
    pub fn pod(&self) -> Value {
        let mut pod = good();
        let fields = fields();
        for change in &self.changes {
            let (scope, path, values) = change.field.get(&fields);
            let value = change.value.get(values).clone();
            let paths: &[&str] = match scope {
                Scope::Pod => &[""],
                Scope::Container => &CONTAINERS[1..],
                Scope::Both => &CONTAINERS,
            };
            set(&mut pod, &format!("{}{path}", paths[change.whose % paths.len()]), value);
        }
        pod
    }

    /// The object it comes in.
    pub fn object(&self) -> Value {
        let (api, kind, path) = KINDS[self.kind];
        let mut object = json!({"metadata": {"name": "made", "namespace": "shop"}});
        let pod = self.pod();
        if path.is_empty() {
            object["spec"] = pod["spec"].clone();
            object["metadata"]["annotations"] = pod["metadata"]["annotations"].clone();
        } else {
            set(&mut object, path, Some(pod));
        }
        object["apiVersion"] = api.into();
        object["kind"] = kind.into();
        object
    }
}

/// Where settings are: the pod's, and those of a container of each kind.
const CONTAINERS: [&str; 4] =
    ["/spec", "/spec/containers/0", "/spec/initContainers/0", "/spec/ephemeralContainers/0"];

pub fn container(name: &str) -> Value {
    json!({
        "name": name,
        "image": "registry.example.com/shop/web:1.4.2",
        "securityContext": {
            "allowPrivilegeEscalation": false,
            "capabilities": {"drop": ["ALL"]},
            "runAsNonRoot": true,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
    })
}

/// What the strictest level admits in every version.
fn good() -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "made", "namespace": "shop", "annotations": {"example.com/a": "b"}},
        "spec": {
            "containers": [container("app")],
            "initContainers": [container("init")],
            "ephemeralContainers": [container("debug")],
            "securityContext": {"runAsNonRoot": true, "seccompProfile": {"type": "RuntimeDefault"}},
        },
    })
}

/// Sets what a path leads to, making maps on the way; `None` takes it away.
fn set(object: &mut Value, path: &str, value: Option<Value>) {
    let (parent, field) = path.rsplit_once('/').expect("a path begins with a slash");
    let mut at = object;
    for step in parent.split('/').skip(1) {
        let next = match (at, step.parse::<usize>()) {
            (Value::Array(items), Ok(index)) => items.get_mut(index),
            (_, Ok(_)) => None,
            (other, Err(_)) => {
                if !other.is_object() {
                    *other = json!({});
                }
                other.as_object_mut().map(|map| map.entry(step).or_insert(Value::Null))
            }
        };
        // A list that an earlier change took away stays away.
        let Some(next) = next else { return };
        at = next;
    }
    if at.is_array() {
        return;
    }
    if !at.is_object() {
        *at = json!({});
    }
    let map = at.as_object_mut().expect("just made");
    match value {
        Some(value) => map.insert(field.to_owned(), value),
        None => map.remove(field),
    };
}
