//! The plan: per cluster its rules, and the lines that decided them.
//!
//! It knows no engine. It takes linked documents, a date and what the base's locks remember, and
//! gives the same answer for clusters with the same facts, which therefore share one value.

mod build;
mod conflicts;
mod held;
mod merge;
mod scope;
mod situation;

pub use build::plan;
pub use held::{Begun, Standing};
pub use merge::breakable;
pub use situation::{Facts, Known, Situation, environments, situation};

use crate::catalogue::Definition;
use crate::date::{Date, Period};
use crate::document::{Action, Severity};
use crate::link::{Demand, NODES, RecommendationId};
use crate::lock::Held;
use crate::selector::Selector;
use crate::text::Place;
use crate::version::Version;
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Everything clusters of one situation are given.
#[derive(Debug)]
pub struct Plan {
    pub facts: Facts,
    /// Sorted by name.
    pub rules: Vec<Arc<Rule>>,
    /// Namespaces no rule covers unless asked, sorted.
    pub system: Vec<String>,
    /// The environment of objects without a namespace, by its place among the fleet's.
    pub own_environment: Option<usize>,
    /// The requirements that cover something here, by label.
    pub covering: BTreeSet<String>,
    /// The namespaces that are known, where some rule is about them by name.
    pub namespaces: Vec<Known>,
    /// The graces that are granted for something here, by place.
    pub gracing: BTreeSet<Place>,
    /// Some groups pass what a rule denies.
    pub break_glass: bool,
    /// What locks are to remember of what is asked for.
    pub held: BTreeSet<Held>,
    /// What advisories say of this cluster's nodes.
    pub nodes: Vec<UnsafeNodes>,
}

/// Nodes that an advisory affects, as they were last found.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UnsafeNodes {
    /// The advisory.
    pub advisory: String,
    /// What messages call it.
    pub title: String,
    pub severity: Severity,
    pub action: Action,
    /// Their names, sorted.
    pub names: Vec<String>,
    /// When they were found, in words.
    pub found: String,
}

impl UnsafeNodes {
    /// What its objects are called, without the prefix.
    pub fn rule(&self) -> String {
        format!("{}-{NODES}", self.advisory)
    }
}

impl Plan {
    /// Whether an intent or an advisory demands something here.
    pub fn counts(&self, name: &str) -> bool {
        let mut origins = self.rules.iter().flat_map(|rule| &rule.origins);
        origins.any(|origin| origin.intent == name)
            || self.nodes.iter().any(|nodes| nodes.advisory == name)
    }

    /// The rules of which something is left to render.
    pub fn holding(&self) -> impl Iterator<Item = &Arc<Rule>> {
        self.rules.iter().filter(|rule| !rule.parts.is_empty())
    }
}

/// One control with one parameter set, with all its origins.
#[derive(Debug)]
pub struct Rule {
    pub name: String,
    pub control: Arc<Definition>,
    pub parameters: Map<String, Value>,
    /// Of a control that follows a framework: in which version.
    pub followed: Option<Followed>,
    /// Where it holds and how strictly; sorted. None where exemptions free all of it: it is then
    /// demanded all the same, and the lock goes on counting its days.
    pub parts: Vec<Part>,
    pub origins: Vec<Origin>,
    /// Exemptions that reach it, whatever part; for people.
    pub exemptions: Vec<Granted>,
}

impl Rule {
    /// The version from which on its control has said what it says here.
    pub fn since(&self) -> Option<Version> {
        self.followed.as_ref().map(|followed| followed.since)
    }
}

/// Which version of a framework a rule's control says the words of.
#[derive(Clone, Debug)]
pub struct Followed {
    /// The framework's name.
    pub framework: String,
    pub version: Version,
    /// It has said the same since: what the rule means depends on this alone.
    pub since: Version,
    /// A requirement names the version; otherwise it is the cluster's.
    pub pinned: bool,
}

impl Followed {
    /// The version a demand follows on a cluster; `None` where its control follows none.
    fn of(demand: &Demand, facts: &Facts) -> Option<Followed> {
        let framework = demand.control.follows()?.to_owned();
        let following = demand.follows.as_ref()?;
        let version = following.version(facts.kubernetes());
        let since = demand.control.since(version)?;
        Some(Followed { framework, version, since, pinned: following.pinned.is_some() })
    }
}

/// A scope in which a rule holds in one way.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Part {
    /// What its objects' names end in; empty where the scope is the whole cluster.
    pub suffix: String,
    pub scope: Scope,
    pub action: Action,
    /// The first day on which it may deny, while a grace runs.
    pub later: Option<Date>,
    pub exemptions: Vec<Exempt>,
    pub asked_by: AskedBy,
    /// Indices into the rule's origins that ask for this part.
    pub origins: Vec<usize>,
}

/// Whose requests a part judges. What is asked for by nobody, in an audit, is everybody else's.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AskedBy {
    #[default]
    Everybody,
    /// All but those who are in one of these groups.
    Others(Vec<String>),
    /// Those who are.
    Members(Vec<String>),
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Scope {
    /// Namespaced objects in these namespaces.
    Namespaces(Selector),
    /// Objects without a namespace.
    Cluster,
}

/// An exemption in terms of objects: what engines are given.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Exempt {
    pub name: String,
    pub namespaces: Vec<String>,
    /// `Kind/name`.
    pub workloads: Vec<String>,
    pub labels: Selector,
    /// Anchored regular expressions.
    pub images: Vec<String>,
}

/// An exemption in terms of people.
#[derive(Clone, Debug)]
pub struct Granted {
    pub name: String,
    pub place: Place,
    pub expires: Date,
    pub owner: String,
    pub reason: String,
    pub approved_by: Option<String>,
    pub ticket: Option<String>,
    /// In words, for whom.
    pub scope: String,
}

/// One requirement that asks for a rule.
#[derive(Clone, Debug)]
pub struct Origin {
    /// `intent/requirement`.
    pub label: String,
    pub intent: String,
    pub place: Place,
    pub action: Action,
    pub recommendations: Vec<RecommendationId>,
    /// The day it was first rendered for this cluster.
    pub first: Date,
    pub grace: Option<RunningGrace>,
    /// Of its meaning: control, parameters, action, scope, exemptions.
    pub digest: String,
    /// Another origin's scope contains this one's at least as strictly.
    pub contained: bool,
    /// The environment that was named, and where it is defined.
    pub environment: Option<(String, Place)>,
}

/// A grace and whether it still counts.
#[derive(Clone, Debug)]
pub struct RunningGrace {
    pub period: Period,
    pub action: Action,
    /// The first day the rule's own action counts.
    pub until: Date,
    pub over: bool,
    pub place: Place,
}
