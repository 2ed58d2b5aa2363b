//! A control with all that belongs to it, as others ask about it.

use crate::document::{Action, Cases, Control, Document, ResourceScope, Subject};
use crate::text::SourceId;
use crate::version::Version;
use std::sync::Arc;

/// A control, ready to be asked for.
#[derive(Debug)]
pub struct Definition {
    pub document: Document<Control>,
    pub subject: Subject,
    pub cases: Vec<Document<Cases>>,
    /// Of a control that is made of manifests: their templates, in order.
    pub templates: Vec<Template>,
}

/// A template of manifests, as it was read.
#[derive(Clone, Debug)]
pub struct Template {
    pub source: SourceId,
    pub text: Arc<str>,
    /// The actions it is applied for; none: all.
    pub actions: Vec<Action>,
}

impl Template {
    pub fn is_applied(&self, action: Action) -> bool {
        self.actions.is_empty() || self.actions.contains(&action)
    }
}

impl Definition {
    pub fn id(&self) -> &str {
        &self.document.name
    }

    /// Whether it is objects to be applied rather than something to be judged.
    pub fn is_manifest(&self) -> bool {
        !self.document.spec.manifests.is_empty()
    }

    /// Whether its manifests are applied where a rule acts so; what judges always does.
    pub fn is_applied(&self, action: Action) -> bool {
        !self.is_manifest() || self.templates.iter().any(|one| one.is_applied(action))
    }

    /// Whether objects of a kind are among its manifests.
    pub fn makes(&self, kind: &str) -> bool {
        let line = format!("kind: {kind}");
        self.templates.iter().any(|one| one.text.lines().any(|found| found.trim() == line))
    }

    /// Whether it looks at namespaced objects, and at others.
    pub fn looks_at(&self) -> (bool, bool) {
        match &self.subject {
            Subject::Pod | Subject::Workload => (true, false),
            Subject::Resources(resources) => (
                resources.iter().any(|one| one.scope == ResourceScope::Namespaced),
                resources.iter().any(|one| one.scope == ResourceScope::Cluster),
            ),
        }
    }

    /// Name, schema and the meaning of "more" for each parameter.
    pub fn parameters(&self) -> impl Iterator<Item = (&str, &serde_json::Value)> {
        let schema = self.document.spec.parameters.as_ref();
        schema
            .and_then(|schema| schema.value.get("properties"))
            .and_then(serde_json::Value::as_object)
            .into_iter()
            .flat_map(|map| map.iter().map(|(name, schema)| (name.as_str(), schema)))
    }

    /// Parameters that may not be above another, with that other one.
    pub fn minima(&self) -> impl Iterator<Item = (&str, &str)> {
        self.parameters().filter_map(|(name, schema)| {
            Some((name, schema.get("x-at-most").and_then(serde_json::Value::as_str)?))
        })
    }

    /// Those of them whose value in `low` is above that of the other one in `high`.
    pub fn crossed<'a>(
        &'a self,
        low: &'a serde_json::Map<String, serde_json::Value>,
        high: &'a serde_json::Map<String, serde_json::Value>,
    ) -> impl Iterator<Item = (&'a str, &'a str)> {
        let number = serde_json::Value::as_f64;
        self.minima().filter(move |(least, most)| {
            let least = low.get(*least).and_then(number);
            let most = high.get(*most).and_then(number);
            least.zip(most).is_some_and(|(least, most)| least > most)
        })
    }

    /// The parameters that stand for themselves on each cluster, where nobody gives them.
    pub fn derived(&self, kubernetes: Version) -> serde_json::Map<String, serde_json::Value> {
        let next = format!("{}.{}", kubernetes.major, kubernetes.minor.saturating_add(1));
        let derived = self.parameters().filter(|(_, schema)| is_derived(schema));
        derived.map(|(name, _)| (name.to_owned(), next.clone().into())).collect()
    }

    /// The defaults of all parameters that have one.
    pub fn defaults(&self) -> serde_json::Map<String, serde_json::Value> {
        self.parameters()
            .filter_map(|(name, schema)| Some((name.to_owned(), schema.get("default")?.clone())))
            .collect()
    }
}

/// The default of a parameter as people are told of it: a value, or what stands for one.
pub fn shown_default(schema: &serde_json::Value) -> Option<&serde_json::Value> {
    schema.get("default").or_else(|| schema.get("x-default"))
}

/// Whether a parameter is the version of Kubernetes that is to come.
pub fn is_derived(schema: &serde_json::Value) -> bool {
    schema.get("x-default").is_some_and(|text| text == NEXT)
}

/// What `x-default` may be.
pub const NEXT: &str = "next-kubernetes";
