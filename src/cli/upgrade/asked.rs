//! Which upgrade is meant: the cluster's document as it would be, and the lines that make it so.

use super::super::newer;
use super::super::options::Upgrade as Options;
use crate::document::Cluster;
use crate::engine::Engine;
use crate::text::{Place, Spanned};
use crate::upgrade::Step;
use crate::version::Version;

/// An upgrade leads upwards only.
fn older(to: Version, runs: Version) -> String {
    match to.minor_version() < runs.minor_version() {
        true => format!(", and {to} is older"),
        false => String::new(),
    }
}

/// The versions a cluster is to have.
pub struct To {
    kubernetes: Option<Version>,
    engine: Option<Version>,
}

impl To {
    /// `None` where that is no upgrade of this cluster, which is said.
    pub fn new(options: &Options, spec: &Cluster, engine: &dyn Engine) -> Option<To> {
        let name = &options.cluster;
        let kubernetes = options.kubernetes.map(Version::minor_version);
        let runs = spec.kubernetes.version.value;
        if let Some(to) = kubernetes.filter(|to| *to <= runs.minor_version()) {
            tell!("error: `{name}` runs Kubernetes {runs} already{}", older(to, runs));
            tell!("hint: name a newer minor version with `--kubernetes`");
            return None;
        }
        let Some(asked) = &options.engine else { return Some(To { kubernetes, engine: None }) };
        if asked.name != engine.id() {
            tell!("error: `{name}` is given what {} takes, not {}", engine.id(), asked.name);
            tell!(
                "hint: an upgrade keeps the engine; write the other one into the cluster's document \
                 and compare with `ordinance diff`"
            );
            return None;
        }
        if engine.namespace().is_none() {
            tell!("error: an engine that is part of Kubernetes has no version of its own");
            tell!("hint: name that of Kubernetes with `--kubernetes`");
            return None;
        }
        let runs = spec.engine.version.map(|version| version.value);
        if let Some((runs, to)) = runs.zip(asked.version).filter(|(runs, to)| to <= runs) {
            tell!("error: `{name}` runs {} {runs} already{}", engine.title(), older(to, runs));
            tell!("hint: name a newer version with `--engine`");
            return None;
        }
        Some(To { kubernetes, engine: asked.version })
    }

    /// That a version is newer than any of which something is known.
    pub fn unknown(&self, engine: &dyn Engine) -> Vec<(String, String)> {
        let hint = "what changed since is not told; a newer `ordinance` may know it";
        let told = newer::told(engine, self.engine, self.kubernetes).into_iter();
        told.map(|one| (one, hint.to_owned())).collect()
    }

    /// The cluster while the upgrade is under way.
    pub fn announced(&self, spec: &Cluster) -> Cluster {
        let mut spec = spec.clone();
        let at = |value: Version, place: Place| Some(Spanned { value, place });
        if let Some(to) = self.kubernetes {
            spec.kubernetes.next = at(to, spec.kubernetes.version.place);
        }
        if let Some(to) = self.engine {
            spec.engine.next = at(to, spec.engine.name.place);
        }
        spec
    }

    /// The cluster once it is done.
    pub fn done(&self, spec: &Cluster) -> Cluster {
        let mut spec = spec.clone();
        if let Some(to) = self.kubernetes {
            spec.kubernetes.version.value = to;
            spec.kubernetes.next = None;
        }
        if let Some(to) = self.engine {
            let place = spec.engine.version.map_or(spec.engine.name.place, |version| version.place);
            spec.engine.version = Some(Spanned { value: to, place });
            spec.engine.next = None;
        }
        spec
    }

    /// From which Kubernetes to which.
    pub fn kubernetes(&self, spec: &Cluster) -> Option<(Version, Version)> {
        Some((spec.kubernetes.version.value, self.kubernetes?))
    }

    /// Where it is to be stated.
    pub fn place(&self, spec: &Cluster) -> Place {
        match self.kubernetes {
            Some(_) => spec.kubernetes.version.place,
            None => spec.engine.name.place,
        }
    }

    pub fn steps(&self, spec: &Cluster, engine: &dyn Engine) -> Vec<Step> {
        let kubernetes = self.kubernetes(spec).map(|(from, to)| ("Kubernetes", from, to));
        let runs = spec.engine.version.map(|version| version.value);
        let engine = runs.zip(self.engine).map(|(from, to)| (engine.title(), from, to));
        let steps = kubernetes.into_iter().chain(engine);
        steps.map(|(what, from, to)| Step { what: what.to_owned(), from, to }).collect()
    }

    /// The lines to write next: those that announce it, or, where they are written, those that say it
    /// is done.
    pub fn lines(&self, spec: &Cluster) -> Vec<String> {
        let mut lines = vec![];
        if let Some(to) = self.kubernetes {
            let announced = spec.kubernetes.next.is_some_and(|next| next.value == to);
            let runs = spec.kubernetes.version.value;
            lines.push(match announced {
                true => format!("kubernetes: \"{to}\""),
                false => format!("kubernetes: {{version: \"{runs}\", next: \"{to}\"}}"),
            });
        }
        if let Some(to) = self.engine {
            let engine = &spec.engine;
            let announced = engine.next.is_some_and(|next| next.value == to);
            let mut fields = vec![format!("name: {}", engine.name.value)];
            match (announced, engine.version) {
                (false, Some(runs)) => {
                    fields.push(format!("version: \"{}\", next: \"{to}\"", runs.value));
                }
                _ => fields.push(format!("version: \"{to}\"")),
            }
            if engine.managed {
                fields.push("managed: true".to_owned());
            }
            fields.extend(engine.namespace.iter().map(|name| format!("namespace: {name}")));
            fields.extend(engine.fail_open.iter().map(|fails| format!("failOpen: {fails}")));
            lines.push(format!("engine: {{{}}}", fields.join(", ")));
        }
        lines
    }
}
