//! Kubernetes objects as plain JSON values, and where to look inside them.

use serde_json::Value;
use std::collections::BTreeMap;

/// A Kubernetes object; map keys are kept sorted, which is the order everything is written in.
pub type Object = Value;

/// How to tell that an object which defines others can be relied on: the value of a CEL
/// expression over the object itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Readiness {
    pub api_version: &'static str,
    pub kind: &'static str,
    pub current: &'static str,
}

/// `apiVersion` split into group and version; the core group is empty.
pub fn group_version(object: &Object) -> (&str, &str) {
    let written = text(object, &["apiVersion"]);
    written.split_once('/').unwrap_or(("", written))
}

pub fn kind(object: &Object) -> &str {
    text(object, &["kind"])
}

/// As for kubectl, a list is one whatever its version: `RoleList` of rbac.authorization.k8s.io/v1.
pub fn is_list(kind: &str) -> bool {
    kind.ends_with("List")
}

/// Whether this is `v1`, or like `apps/v1`.
pub fn is_version(written: &str) -> bool {
    let (_, version) = written.split_once('/').unwrap_or(("", written));
    !version.is_empty() && !version.contains('/')
}

/// Why a value is no object, if it is none.
pub fn flaw(value: &Value) -> Option<&'static str> {
    match (text(value, &["apiVersion"]), kind(value)) {
        ("", _) => Some("it has no `apiVersion`"),
        (_, "") => Some("it has no `kind`"),
        (version, _) if !is_version(version) => Some("its `apiVersion` is no version of an API"),
        _ => None,
    }
}

/// The controller that made an object, as the object refers to it.
pub fn controller(object: &Object) -> Option<&Value> {
    let owners = list(object, &["metadata", "ownerReferences"]);
    owners.iter().find(|owner| owner["controller"] == Value::Bool(true))
}

pub fn name(object: &Object) -> &str {
    text(object, &["metadata", "name"])
}

pub fn namespace(object: &Object) -> &str {
    text(object, &["metadata", "namespace"])
}

/// The labels whose values are texts.
pub fn labels(object: &Object) -> BTreeMap<String, String> {
    let labels = at(object, &["metadata", "labels"]).and_then(Value::as_object);
    let text = |(key, value): (&String, &Value)| Some((key.clone(), value.as_str()?.to_owned()));
    labels.map(|labels| labels.iter().filter_map(text).collect()).unwrap_or_default()
}

/// The value of the first of these labels that it has, and that says something.
pub fn first_label<'a>(object: &'a Object, labels: &[&str]) -> Option<&'a str> {
    let own = at(object, &["metadata", "labels"])?;
    let mut values = labels.iter().filter_map(|label| own.get(label)?.as_str());
    values.find(|value| !value.is_empty())
}

/// The value at a path of keys.
pub fn at<'a>(object: &'a Object, path: &[&str]) -> Option<&'a Value> {
    path.iter().try_fold(object, |value, key| value.get(key))
}

/// The string at a path of keys, empty where there is none.
pub fn text<'a>(object: &'a Object, path: &[&str]) -> &'a str {
    at(object, path).and_then(Value::as_str).unwrap_or_default()
}

/// The list at a path of keys, empty where there is none.
pub fn list<'a>(object: &'a Object, path: &[&str]) -> &'a [Value] {
    at(object, path).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// The strings of the list at a path of keys.
pub fn texts(object: &Object, path: &[&str]) -> Vec<String> {
    list(object, path).iter().filter_map(Value::as_str).map(str::to_owned).collect()
}
