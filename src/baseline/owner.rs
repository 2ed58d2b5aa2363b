//! Which workload an object belongs to, and who answers for it.
//!
//! A workload is known as exemptions know it: a pod by what made it, as its owner references say.

use crate::object::{self, Object};
use std::collections::{BTreeMap, HashMap};
use std::fmt;

/// The labels that say who answers for a workload, the best first.
pub const TEAM_LABELS: &[&str] = &["app.kubernetes.io/team", "team", "owner"];

/// A workload, as the scope of an exemption names it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// Empty where its kind has none.
    pub namespace: String,
    pub kind: String,
    pub name: String,
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let slash = if self.namespace.is_empty() { "" } else { "/" };
        write!(f, "{} {}{slash}{}", self.kind, self.namespace, self.name)
    }
}

/// Everything that was found, by what it is.
pub struct Objects<'a> {
    by_key: HashMap<Named<'a>, &'a Object>,
}

/// Namespace, kind and name.
type Named<'a> = (&'a str, &'a str, &'a str);

fn named(object: &Object) -> Named<'_> {
    (object::namespace(object), object::kind(object), object::name(object))
}

impl<'a> Objects<'a> {
    pub fn new(objects: impl IntoIterator<Item = &'a Object>) -> Objects<'a> {
        let mut by_key = HashMap::new();
        for object in objects {
            by_key.entry(named(object)).or_insert(object);
        }
        Objects { by_key }
    }

    /// The workload that an exemption has to name; `None` where the object has no name yet.
    pub fn owning(&self, object: &Object) -> Option<Key> {
        let mut key = own(object);
        if key.kind == "Pod"
            && let Some(owner) = self.owner_of_pod(object)
        {
            key = Key { namespace: key.namespace, ..owner };
        }
        (!key.name.is_empty()).then_some(key)
    }

    fn owner_of_pod(&self, pod: &Object) -> Option<Key> {
        let namespace = object::namespace(pod).to_owned();
        let (kind, name) = controller(pod)?;
        let key = |kind: &str, name: &str| Key {
            namespace: namespace.clone(),
            kind: kind.to_owned(),
            name: name.to_owned(),
        };
        let found = self.found(&namespace, &kind, &name);
        // Whoever made what made it, where that is known to be nobody.
        let ends_here = found.is_some_and(|found| controller(found).is_none());
        match kind.as_str() {
            // Such pods belong to the machine, and each is known by its own name.
            "Node" => None,
            "ReplicaSet" if !ends_here => {
                let hash = object::text(pod, &["metadata", "labels", "pod-template-hash"]);
                let base = name.strip_suffix(hash).and_then(|name| name.strip_suffix('-'));
                let base = base.filter(|base| !hash.is_empty() && !base.is_empty());
                Some(base.map_or_else(|| key(&kind, &name), |base| key("Deployment", base)))
            }
            "Job" if !ends_here => {
                let minute = |end: &str| {
                    (8..=10).contains(&end.len()) && end.bytes().all(|byte| byte.is_ascii_digit())
                };
                let base =
                    name.rsplit_once('-').filter(|(base, end)| !base.is_empty() && minute(end));
                Some(base.map_or_else(|| key(&kind, &name), |(base, _)| key("CronJob", base)))
            }
            _ => Some(key(&kind, &name)),
        }
    }

    /// The labels of a namespace, as far as it was found.
    pub fn namespace_labels(&self, name: &str) -> BTreeMap<String, String> {
        self.found("", "Namespace", name).map(object::labels).unwrap_or_default()
    }

    fn found<'b>(&'b self, namespace: &'b str, kind: &'b str, name: &'b str) -> Option<&'b Object> {
        self.by_key.get(&(namespace, kind, name)).copied()
    }

    /// Who answers for it: by the labels of the workload, of its pods, of the object that was judged,
    /// of its namespace.
    pub fn owner(&self, key: &Key, judged: &Object, labels: &[&str]) -> Option<String> {
        let workload = self.found(&key.namespace, &key.kind, &key.name);
        let namespace = self.found("", "Namespace", &key.namespace);
        let own = workload.into_iter().chain([judged]).flat_map(|one| [one, template_of(one)]);
        own.chain(namespace)
            .find_map(|object| object::first_label(object, labels))
            .map(str::to_owned)
    }
}

/// Whether others are understood by it: by labels of namespaces, kinds that are defined, and what
/// made what made a pod.
pub fn explains(object: &Object) -> bool {
    const KINDS: &[&str] = &["CustomResourceDefinition", "Job", "Namespace", "ReplicaSet"];
    KINDS.contains(&object::kind(object))
}

/// The pod that an object is, or makes.
pub fn template_of(object: &Object) -> &Object {
    let paths: [&[&str]; 2] = [&["spec", "jobTemplate", "spec", "template"], &["spec", "template"]];
    let own: &[&str] = if object::kind(object) == "PodTemplate" { &["template"] } else { &[] };
    let mut paths = paths.into_iter().chain([own]);
    let template = paths.find_map(|path| object::at(object, path).filter(|one| one.is_object()));
    template.unwrap_or(object)
}

fn own(object: &Object) -> Key {
    Key {
        namespace: object::namespace(object).to_owned(),
        kind: object::kind(object).to_owned(),
        name: object::name(object).to_owned(),
    }
}

/// Kind and name of the owner that controls it.
fn controller(object: &Object) -> Option<(String, String)> {
    let one = object::controller(object)?;
    let text = |field| object::text(one, &[field]).to_owned();
    let (kind, name) = (text("kind"), text("name"));
    (!kind.is_empty() && !name.is_empty()).then_some((kind, name))
}
