//! Which rules are meant: by the name of a rule, of its control, or of an object made of it.
//!
//! Who was denied knows the name in the answer, which is that of an object in the cluster. These
//! names are read from what is rendered, whatever engine it is for.

use super::Explainer;
use crate::link::{NODES, Warned};
use crate::object;
use crate::plan::{Rule, UnsafeNodes};
use crate::text::Sources;
use crate::yaml;

/// What the names of objects begin with.
const OURS: &str = "ordinance-";

impl Explainer<'_> {
    /// The rules of the cluster that are called so.
    pub(super) fn named(&self, wanted: &str) -> Vec<&Rule> {
        let rules = || self.unit.plan.rules.iter().map(AsRef::as_ref);
        let called = |rule: &&Rule| rule.name == wanted || rule.control.id() == wanted;
        let found: Vec<&Rule> = rules().filter(called).collect();
        match found.is_empty() {
            true => rules().filter(|rule| self.makes(rule, wanted)).collect(),
            false => found,
        }
    }

    /// Whether an object of this name is made of a rule, or a kind that is there for it alone.
    fn makes(&self, rule: &Rule, wanted: &str) -> bool {
        let files = &self.unit.folder.files;
        let own_kind = |kind: &str| {
            let kind = kind.to_lowercase();
            kind == wanted.to_lowercase() && files.contains_key(&format!("templates/{kind}.yaml"))
        };
        let paths = ["policies", "manifests"].map(|folder| format!("{folder}/{}.yaml", rule.name));
        paths.iter().filter_map(|path| files.get(path)).any(|bytes| {
            let mut sources = Sources::default();
            let source = sources.add("", String::from_utf8_lossy(bytes));
            let nodes = yaml::read(&sources, source).unwrap_or_default();
            nodes
                .iter()
                .map(yaml::Node::to_json)
                .any(|found| object::name(&found) == wanted || own_kind(object::kind(&found)))
        })
    }

    /// What is rendered about nodes that is called so, or whose advisory is.
    pub(super) fn nodes_named(&self, wanted: &str) -> Vec<&UnsafeNodes> {
        let name = wanted.strip_prefix(OURS).unwrap_or(wanted);
        let called = |one: &&UnsafeNodes| one.rule() == name || one.advisory == wanted;
        self.unit.plan.nodes.iter().filter(called).collect()
    }

    /// The advisory about nodes that is meant, whether or not it comes to anything here.
    pub(super) fn about_nodes(&self, wanted: &str) -> Option<&str> {
        let name = wanted.strip_prefix(OURS).unwrap_or(wanted);
        let of = name.strip_suffix(NODES).and_then(|name| name.strip_suffix('-'));
        let mut warned = self.loaded.linked.warned.iter().filter(|one| one.is_about_nodes());
        let called = |one: &&Warned| one.name == wanted || Some(one.name.as_str()) == of;
        warned.find(called).map(|one| one.name.as_str())
    }

    /// What is meant, of what other clusters are given or could be.
    pub(super) fn known<'a>(&self, wanted: &'a str) -> Option<&'a str> {
        let is = |name: &str| self.names().any(|known| known == name);
        let without = wanted.strip_prefix(OURS);
        is(wanted).then_some(wanted).or(without.filter(|name| is(name)))
    }

    /// Every control, and every name that one is rendered as somewhere.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        let controls = self.loaded.catalogue.controls.keys().map(String::as_str);
        let rules = self.loaded.linked.demands.iter().map(|demand| demand.rule.as_str());
        let left_out = self.loaded.linked.intents.iter().flat_map(|one| &one.left_out);
        controls.chain(rules).chain(left_out.map(|one| one.control.as_str()))
    }
}
