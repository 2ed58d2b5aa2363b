//! Engines: what enforces a rule, and what it must be given.
//!
//! An engine only wraps: envelope, match, action, parameters. The text inside comes from
//! `compile` and is the same everywhere. An engine knows no path and no other engine. Adding one
//! is a file and a line in [`all`].

mod gatekeeper;
mod kyverno;
mod native;
mod reading;
mod underway;

pub use underway::{Unseen, unseen};

use crate::admission::Policy;
use crate::catalogue::{Catalogue, Definition};
use crate::compile::{Validation, resources};
use crate::document::{Action, CONTROL_ANNOTATION, Resource, ResourceScope};
use crate::object::{Object, Readiness};
use crate::plan::{Facts, Part, Rule, Scope, UnsafeNodes};
use crate::version::Version;
use crate::{compile, name};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Every engine there is.
pub fn all() -> Vec<Box<dyn Engine>> {
    vec![Box::new(native::Native), Box::new(kyverno::Kyverno), Box::new(gatekeeper::Gatekeeper)]
}

/// What keeps pods away from nodes that an advisory affects. The API server judges it by itself,
/// whatever engine a cluster has.
pub fn bindings(nodes: &UnsafeNodes, system: &[String]) -> Vec<Emitted> {
    native::bindings::compile(nodes, system)
}

/// An engine as far as it matters to what is rendered.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Target {
    pub engine: &'static str,
    /// The API version of the policies it is given.
    pub api_version: &'static str,
    /// Their kind.
    pub shape: &'static str,
    /// Quirks that rendering obeys.
    pub effects: BTreeSet<String>,
    /// The API server has `pods/resize`, and the engine can see it.
    pub resize: bool,
    /// The minors of Kubernetes it may be on, where the engine refuses a policy about kinds that are
    /// not served; otherwise none.
    pub kubernetes: Vec<(u32, u32)>,
}

impl Target {
    /// Whether its engine can be told of a resource.
    pub fn serves(&self, resource: &Resource) -> bool {
        let mut minors = self.kubernetes.iter().map(|(major, minor)| Version::new(*major, *minor));
        resource.served.as_ref().is_none_or(|served| minors.all(|minor| served.contains(minor)))
    }

    pub fn has(&self, effect: &str) -> bool {
        self.effects.contains(effect)
    }
}

/// The fact of a cluster that is in the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blame {
    Engine,
    Kubernetes,
    /// A version is stated of an engine that has none.
    Stated,
    /// Nothing is valid both before and after the engine's upgrade.
    Upgrade,
}

/// Why a cluster can be given nothing, and the way out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsupported {
    pub why: String,
    pub help: String,
    pub blames: Blame,
}

/// What must exist before the rest, what judges, and what is applied as it is: where the namespace
/// of the latter is gone, sync tools apply nothing of its step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    Templates,
    Policies,
    Manifests,
}

impl Stage {
    pub const ALL: [Stage; 3] = [Stage::Templates, Stage::Policies, Stage::Manifests];
}

/// One object to be rendered.
#[derive(Clone, Debug, PartialEq)]
pub struct Emitted {
    pub stage: Stage,
    pub object: Object,
}

pub trait Engine: Sync + Send {
    fn id(&self) -> &'static str;

    /// As people write it.
    fn title(&self) -> &'static str;

    /// The namespace it usually runs in.
    fn namespace(&self) -> Option<&'static str>;

    /// Clusters whose targets every control is proved on: each shape, and each set of quirks.
    fn proved(&self) -> Vec<Facts>;

    /// The API groups whose objects are its own.
    fn groups(&self) -> &'static [&'static str];

    /// The version that decides what it can take.
    fn version(&self, facts: &Facts) -> Option<Version>;

    /// What it must be given on such a cluster; `effects` are the quirks of its version.
    fn target(&self, facts: &Facts, effects: BTreeSet<String>) -> Result<Target, Unsupported>;

    /// Whether what is rendered for this target, one of its own, is taken on such a cluster as well.
    fn takes(&self, _: &Target, _: &Facts) -> bool {
        true
    }

    /// What is rendered for an action: the same, or the next milder one it is able to.
    fn action(&self, action: Action, target: &Target) -> Action;

    /// What every rule of a control needs to be there before it; rules alike share it. With
    /// `break_glass` some rules on the cluster judge by who asks.
    fn definition(
        &self,
        _control: &Definition,
        _target: &Target,
        _break_glass: bool,
    ) -> Option<Emitted> {
        None
    }

    /// A rule's own objects.
    fn compile(&self, rule: &Rule, target: &Target) -> Vec<Emitted>;

    /// How to tell that what the first stage defines can be used; `None` where nothing is defined.
    fn readiness(&self) -> Option<Readiness> {
        None
    }

    /// Understands objects the way the engine does, whoever wrote them; objects that are none of
    /// its own are left out.
    fn understand(&self, objects: &[Object]) -> Understood;

    /// The same, of objects that must all be understood.
    fn read(&self, objects: &[Object]) -> Result<Vec<Policy>, String> {
        let understood = self.understand(objects);
        match understood.not.into_iter().next() {
            None => Ok(understood.policies),
            Some(one) => Err(format!("{}: {}", one.origin, one.why)),
        }
    }
}

/// What an engine made of its own objects.
#[derive(Clone, Debug, Default)]
pub struct Understood {
    pub policies: Vec<Policy>,
    pub not: Vec<NotUnderstood>,
    /// What is understood and judges nothing, since nothing here applies it.
    pub unused: Vec<NotUnderstood>,
}

/// An object, or a part of one, that cannot be judged by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotUnderstood {
    /// Its place among the objects.
    pub object: usize,
    /// Kind and name.
    pub origin: String,
    /// A sentence without a full stop.
    pub why: String,
}

impl Understood {
    fn add(&mut self, object: usize, origin: &Object, read: Result<Vec<Policy>, String>) {
        match read {
            Ok(policies) => self.policies.extend(policies),
            Err(why) => self.cannot(object, origin, why),
        }
    }

    fn cannot(&mut self, object: usize, origin: &Object, why: impl Into<String>) {
        let origin = reading::origin(origin);
        self.not.push(NotUnderstood { object, origin, why: why.into() });
    }

    fn unused(&mut self, object: usize, origin: &Object, why: impl Into<String>) {
        let origin = reading::origin(origin);
        self.unused.push(NotUnderstood { object, origin, why: why.into() });
    }
}

/// What an engine must be given on such a cluster, by what the catalogue knows of its version. While
/// an upgrade is under way that is what every state on the way takes.
pub fn target(
    engine: &dyn Engine,
    facts: &Facts,
    catalogue: &Catalogue,
) -> Result<Target, Unsupported> {
    let of = |moment: &Facts| {
        let effects = engine.version(moment).map(|version| catalogue.effects(engine.id(), version));
        engine.target(moment, effects.unwrap_or_default())
    };
    underway::target(engine, facts, &of)
}

/// What is rendered of a rule's action. What is applied as it is asks nothing of an engine.
pub fn action(engine: &dyn Engine, rule: &Rule, action: Action, target: &Target) -> Action {
    if rule.control.is_manifest() { action } else { engine.action(action, target) }
}

/// A cluster with nothing but versions.
fn facts(engine: &str, kubernetes: Version, version: Option<Version>) -> Facts {
    Facts {
        kubernetes: (kubernetes.major, kubernetes.minor),
        provider: "generic".to_owned(),
        engine: engine.to_owned(),
        engine_version: version.map(Version::numbers),
        fail_open: None,
        next_kubernetes: None,
        next_engine_version: None,
    }
}

/// The metadata every rendered object carries.
fn metadata(name: String, control: &Definition, annotations: &[(&str, &str)]) -> Value {
    let spec = &control.document.spec;
    let mut map = BTreeMap::from([
        (CONTROL_ANNOTATION, control.id()),
        ("ordinance.dev/severity", spec.severity.name()),
        ("ordinance.dev/title", spec.title.as_str()),
    ]);
    map.extend(annotations.iter().copied());
    annotated(name, &map)
}

fn annotated(name: String, annotations: &BTreeMap<&str, &str>) -> Value {
    json!({
        "name": name,
        "labels": {"app.kubernetes.io/managed-by": "ordinance"},
        "annotations": annotations,
    })
}

/// The text of a part, with parameters and exemptions written into it.
fn literal_text(rule: &Rule, part: &Part) -> compile::Text {
    let data = compile::Data::Literal;
    compile::text(&rule.control, rule.since(), &rule.parameters, compile::Of::from(part), data)
}

/// The name of the object that says where a part holds and how strictly.
pub fn part_name(rule: &Rule, part: &Part) -> String {
    name::object(["ordinance", &rule.name, &part.suffix])
}

/// The kinds a part is about: those with a namespace, or those without.
///
/// Those of which the engine can be told; the versions of one resource together.
fn part_resources(control: &Definition, scope: &Scope, target: &Target) -> Vec<Resource> {
    let wanted = match scope {
        Scope::Namespaces(_) => ResourceScope::Namespaced,
        Scope::Cluster => ResourceScope::Cluster,
    };
    let mut found: Vec<Resource> = vec![];
    for one in resources(&control.subject) {
        if one.scope != wanted || !target.serves(&one) {
            continue;
        }
        let same = |known: &&mut Resource| known.group == one.group && known.kind == one.kind;
        match found.iter_mut().find(same) {
            Some(known) => known.versions.extend(one.versions),
            None => found.push(one),
        }
    }
    found
}

/// Kubernetes' `resourceRules`, subresources among them.
fn resource_rules(control: &Definition, scope: &Scope, target: &Target) -> Value {
    let operations: Vec<&str> =
        control.document.spec.operations.iter().map(|operation| operation.name()).collect();
    let mut grouped: BTreeMap<(String, Vec<String>), Vec<String>> = BTreeMap::new();
    let mut scope_name = "Namespaced";
    for resource in part_resources(control, scope, target) {
        if resource.scope == ResourceScope::Cluster {
            scope_name = "Cluster";
        }
        let pods = resource.group.is_empty() && resource.resource == "pods";
        let scale = resource.scales().then(|| format!("{}/scale", resource.resource));
        let key = (resource.group, resource.versions);
        let list = grouped.entry(key).or_default();
        list.push(resource.resource);
        list.extend(scale);
        if pods {
            list.push("pods/ephemeralcontainers".to_owned());
            if target.resize && compile::own_text(control).contains("resources") {
                list.push("pods/resize".to_owned());
            }
        }
    }
    grouped
        .into_iter()
        .map(|((group, versions), mut resources)| {
            resources.sort();
            json!({
                "apiGroups": [group],
                "apiVersions": versions,
                "operations": operations,
                "resources": resources,
                "scope": scope_name,
            })
        })
        .collect()
}

/// The namespaces of a part as a label selector; everything for objects without one.
fn namespace_selector(scope: &Scope) -> Value {
    match scope {
        Scope::Namespaces(selector) => selector.to_label_selector(),
        Scope::Cluster => json!({}),
    }
}

fn variables(list: &[(String, String)]) -> Value {
    list.iter().map(|(name, expression)| json!({"name": name, "expression": expression})).collect()
}

fn validations(list: &[Validation]) -> Value {
    list.iter()
        .map(|one| {
            json!({
                "expression": one.expression,
                "message": one.message,
                "messageExpression": one.message_expression,
            })
        })
        .collect()
}
