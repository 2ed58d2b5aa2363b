//! What is known of the cluster that manifests are meant for: its namespaces, and kinds that are
//! not Kubernetes' own.
//!
//! A namespace's labels are those of the first that states them: its own Namespace object among
//! the manifests (of several, the first), what was given for the run, the inventory. Of the object
//! all is known, of the others the labels. Where none states them, a rule that selects
//! by other labels than the name is judged as if the namespace had no others, and the result is
//! marked as assumed.

use super::manifests::Manifest;
use crate::admission::{Namespace, Resource, resource_of};
use crate::object;
use std::collections::BTreeMap;

/// Labels by key.
pub type Labels = BTreeMap<String, String>;

/// What is known, whoever said it.
#[derive(Clone, Debug, Default)]
pub struct Known {
    namespaces: BTreeMap<String, Labels>,
    /// Of the manifests, which come before all others: of a name, the first.
    written: BTreeMap<String, Namespace>,
    /// By group and kind: plural, and whether it lies in a namespace.
    kinds: BTreeMap<(String, String), (String, bool)>,
}

impl Known {
    /// What the manifests themselves say, and then what was given beside them.
    pub fn new(manifests: &[Manifest], given: &BTreeMap<String, Labels>) -> Known {
        let mut known = Known { namespaces: given.clone(), ..Known::default() };
        for one in manifests {
            let object = &one.object;
            match (object::group_version(object).0, object::kind(object)) {
                ("", "Namespace") => {
                    let name = object::name(object).to_owned();
                    known.written.entry(name).or_insert_with(|| Namespace::whole(object));
                }
                ("apiextensions.k8s.io", "CustomResourceDefinition") => known.define(object),
                _ => {}
            }
        }
        known
    }

    fn define(&mut self, definition: &object::Object) {
        let text = |path: &[&str]| object::text(definition, path).to_owned();
        let key = (text(&["spec", "group"]), text(&["spec", "names", "kind"]));
        let namespaced = text(&["spec", "scope"]) != "Cluster";
        self.kinds.insert(key, (text(&["spec", "names", "plural"]), namespaced));
    }

    /// The same, with the namespaces of an inventory where nothing else states them.
    pub fn with(&self, inventory: &BTreeMap<String, Labels>) -> Known {
        let mut known = self.clone();
        for (name, labels) in inventory {
            known.namespaces.entry(name.clone()).or_insert_with(|| labels.clone());
        }
        known
    }

    /// How a kind is served: as Kubernetes does it, else as its definition says.
    pub fn resource(&self, group: &str, kind: &str) -> Resource {
        let built_in = resource_of(group, kind);
        if built_in.namespaced.is_some() {
            return built_in;
        }
        match self.defined(group, kind) {
            Some((name, namespaced)) => {
                Resource { name: name.clone(), namespaced: Some(*namespaced) }
            }
            None => built_in,
        }
    }

    /// How a kind is served that Kubernetes does not know, where its definition says so.
    pub fn defined(&self, group: &str, kind: &str) -> Option<&(String, bool)> {
        self.kinds.get(&(group.to_owned(), kind.to_owned()))
    }

    /// A namespace's labels, where anybody states them.
    pub fn labels(&self, name: &str) -> Option<&Labels> {
        let written = self.written.get(name).and_then(|one| one.labels.as_ref());
        written.or_else(|| self.namespaces.get(name))
    }

    /// All of a namespace, where it is among the manifests.
    pub fn written(&self, name: &str) -> Option<&object::Object> {
        self.written.get(name).and_then(Namespace::object)
    }

    /// How an object is served here, and the namespace it lies in, where it lies in one.
    pub fn place(&self, object: &object::Object) -> (Resource, Option<Namespace>) {
        let served = self.resource(object::group_version(object).0, object::kind(object));
        let named = object::namespace(object);
        let inside = served.namespaced.unwrap_or(!named.is_empty());
        let name = if named.is_empty() { "default" } else { named };
        let namespace = inside.then(|| self.namespace(name));
        (served, namespace)
    }

    /// A namespace as far as anybody stated it.
    pub fn namespace(&self, name: &str) -> Namespace {
        if let Some(written) = self.written.get(name) {
            return written.clone();
        }
        match self.namespaces.get(name) {
            Some(labels) => Namespace::with_labels(name, labels.clone()),
            None => Namespace::without_labels(name),
        }
    }
}
