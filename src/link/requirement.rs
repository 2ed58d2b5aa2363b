//! Requirements, taken apart into one demand per control.

use super::following::{Asked, Following, says_nothing};
use super::{Context, Lasting, LeftOut, Settings, parameters};
use crate::catalogue::{Definition, Pick, check_parameters, node_at, unknown};
use crate::date::Period;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::document::{Action, Document, Grace, Intent, Level, Namespaces, Requirement};
use crate::selector::Selector;
use crate::text::{Place, Spanned};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A recommendation of a framework that led to a demand.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RecommendationId {
    pub framework: String,
    pub version: String,
    pub id: String,
    pub level: Level,
}

/// One control that one requirement asks for.
#[derive(Debug)]
pub struct Demand {
    pub intent: String,
    /// `intent/requirement`, as `explain` and the lock call it.
    pub label: String,
    pub place: Place,
    /// The rendered name, without prefix.
    pub rule: String,
    pub control: Arc<Definition>,
    /// The versions it is about, where those of a framework matter.
    pub follows: Option<Following>,
    /// The clusters it is for, where the version of its framework is theirs to pick.
    pub picked: Option<Pick>,
    pub parameters: Map<String, Value>,
    /// Where those of the parameters were set that bound each other.
    pub bounding: BTreeMap<String, Place>,
    /// Empty where the control was asked for by itself.
    pub recommendations: Vec<RecommendationId>,
    pub action: Action,
    pub grace: Option<Graced>,
    /// Of an advisory: the days on which it counts.
    pub lasting: Option<Lasting>,
    pub clusters: Selector,
    pub environment: Option<(usize, Place)>,
    pub namespaces: Option<DemandNamespaces>,
}

#[derive(Clone, Debug)]
pub struct DemandNamespaces {
    pub selector: Selector,
    pub include_system: bool,
    pub place: Place,
}

/// A milder beginning.
#[derive(Clone, Debug)]
pub struct Graced {
    pub environment: Option<usize>,
    pub namespaces: Option<Selector>,
    pub period: Period,
    pub action: Action,
    pub place: Place,
    /// Why it begins anew for what has been in force already.
    pub regrace: Option<String>,
}

pub fn demands(
    intents: &[Document<Intent>],
    settings: &Settings,
    context: &Context<'_>,
    diagnostics: &mut Diagnostics,
) -> Vec<Demand> {
    let mut all = vec![];
    for intent in intents {
        let mut names: BTreeMap<String, Place> = BTreeMap::new();
        for (index, requirement) in intent.spec.requires.iter().enumerate() {
            let name = name(index, requirement);
            if let Some(first) = names.insert(name.clone(), requirement.place) {
                diagnostics.push(
                    Diagnostic::error(
                        "duplicate-name",
                        format!("two requirements of this intent are named `{name}`"),
                    )
                    .at(requirement.place, "the same name again")
                    .at(first, "first used here")
                    .help("rename one of them"),
                );
            }
            let reader = RequirementReader {
                intent,
                requirement,
                label: label(intent, index),
                settings,
                context,
            };
            all.extend(reader.read(diagnostics));
        }
    }
    all
}

/// A requirement without a name is called by its number.
fn name(index: usize, requirement: &Requirement) -> String {
    let number = (index + 1).to_string();
    requirement.name.as_ref().map_or(number, |name| name.value.clone())
}

/// What a requirement of an intent is known by.
pub(super) fn label(intent: &Document<Intent>, index: usize) -> String {
    let name = name(index, &intent.spec.requires[index]);
    format!("{}/{name}", intent.name.value)
}

/// What an intent's requirements leave out of their frameworks.
pub(super) fn left_out(intent: &Document<Intent>) -> Vec<LeftOut> {
    let requirements = intent.spec.requires.iter().enumerate();
    let each = requirements.flat_map(|(index, requirement)| {
        let label = label(intent, index);
        requirement.without.iter().map(move |without| LeftOut {
            label: label.clone(),
            control: without.control.value.clone(),
            because: without.because.trim().to_owned(),
            place: without.control.place,
        })
    });
    each.collect()
}

pub(super) struct RequirementReader<'a> {
    pub(super) intent: &'a Document<Intent>,
    pub(super) requirement: &'a Spanned<Requirement>,
    pub(super) label: String,
    pub(super) settings: &'a Settings,
    pub(super) context: &'a Context<'a>,
}

/// A control to be demanded, with what its framework says about it.
pub(super) struct Wanted {
    pub(super) control: Arc<Definition>,
    pub(super) follows: Option<Following>,
    pub(super) picked: Option<Pick>,
    pub(super) rule: String,
    pub(super) framework_parameters: Map<String, Value>,
    pub(super) framework_place: Option<Place>,
    pub(super) own_parameters: Map<String, Value>,
    pub(super) recommendations: Vec<RecommendationId>,
}

impl RequirementReader<'_> {
    fn read(&self, diagnostics: &mut Diagnostics) -> Vec<Demand> {
        let requirement = &self.requirement.value;
        let wanted = match (&requirement.control, &requirement.framework) {
            (Some(control), None) => self.control(control, diagnostics),
            (None, Some(framework)) => self.framework(framework, diagnostics),
            (None, None) => {
                diagnostics.push(
                    Diagnostic::error("nothing-required", "this requirement asks for nothing")
                        .at(self.requirement.place, "needs `control` or `framework`")
                        .help("name one of the two"),
                );
                vec![]
            }
            (Some(control), Some(framework)) => {
                diagnostics.push(
                    Diagnostic::error(
                        "two-things-required",
                        "this requirement asks for a control and for a framework",
                    )
                    .at(framework.place, "a framework")
                    .at(control.place, "a control")
                    .help("make two requirements of it"),
                );
                vec![]
            }
        };
        let spec = &self.intent.spec;
        let clusters = requirement.clusters.as_ref().or(spec.clusters.as_ref());
        if let Some(written) = clusters {
            let selector = Selector::from(&written.value);
            self.context.must_select(&selector, written.place, diagnostics);
        }
        let clusters = clusters.map_or(Selector::all(), |written| Selector::from(&written.value));
        if let Some(written) = requirement.namespaces.as_ref().or(spec.namespaces.as_ref()) {
            let selector = written.selector();
            self.context.should_select(&clusters, &selector, written.place, diagnostics);
        }
        let environment = requirement.environment.as_ref().or(spec.environment.as_ref());
        let environment = environment.and_then(|name| self.environment(name, diagnostics));
        let namespaces = requirement.namespaces.as_ref().or(spec.namespaces.as_ref());
        let namespaces = namespaces.map(|written| DemandNamespaces {
            selector: self.namespaces(written, diagnostics),
            include_system: written.include_system,
            place: written.place,
        });
        let action = requirement.action.as_ref().or(spec.action.as_ref());
        let action = action.map_or(Action::Deny, |action| action.value);
        let grace = requirement.grace.as_ref().or(spec.grace.as_ref());
        let grace = grace.and_then(|grace| self.grace(grace, action, diagnostics));
        let demand = |wanted: Wanted| {
            let fleet = self.settings.parameters.get(wanted.control.id());
            let layers = [
                fleet.map(|layer| &layer.values),
                Some(&wanted.framework_parameters),
                Some(&wanted.own_parameters),
            ];
            let place = self.requirement.place;
            let parameters = parameters::layered(
                &wanted.control,
                layers.into_iter().flatten(),
                place,
                diagnostics,
            );
            let bounding = self.bounding(&wanted, &parameters, diagnostics);
            Demand {
                intent: self.intent.name.value.clone(),
                label: self.label.clone(),
                place,
                rule: wanted.rule,
                follows: wanted.follows,
                picked: wanted.picked,
                parameters,
                bounding,
                recommendations: wanted.recommendations,
                action,
                grace: grace.clone(),
                lasting: None,
                clusters: clusters.clone(),
                environment,
                namespaces: namespaces.clone(),
                control: wanted.control,
            }
        };
        wanted.into_iter().map(demand).collect()
    }

    fn environment(
        &self,
        name: &Spanned<String>,
        diagnostics: &mut Diagnostics,
    ) -> Option<(usize, Place)> {
        let index = self.settings.environment(&name.value);
        if index.is_none() && !self.context.broken.any("Fleet") {
            let known = self.settings.environments.iter().map(|one| &one.name.value);
            diagnostics.push(unknown("environment", name, known));
        }
        index.map(|index| (index, name.place))
    }

    fn namespaces(&self, written: &Spanned<Namespaces>, diagnostics: &mut Diagnostics) -> Selector {
        let selector = written.selector();
        if selector.is_empty() {
            diagnostics.push(
                Diagnostic::error("selects-nothing", "this can select no namespace")
                    .at(written.place, "its conditions exclude each other")
                    .help("correct the selector, or remove the requirement"),
            );
        }
        selector
    }

    fn grace(
        &self,
        grace: &Spanned<Grace>,
        action: Action,
        diagnostics: &mut Diagnostics,
    ) -> Option<Graced> {
        if grace.action.value >= action {
            let (milder, full) = (grace.action.value.name(), action.name());
            diagnostics.push(
                Diagnostic::error("grace-not-milder", "this grace is not milder than the rule")
                    .at(grace.action.place, format!("`{milder}` is no milder than `{full}`"))
                    .help("use a milder action, or remove the grace"),
            );
        }
        let environment = match &grace.environment {
            Some(name) => Some(self.environment(name, diagnostics)?.0),
            None => None,
        };
        let namespaces =
            grace.namespaces.as_ref().map(|written| self.namespaces(written, diagnostics));
        Some(Graced {
            environment,
            namespaces,
            period: grace.period.value,
            action: grace.action.value,
            place: grace.place,
            regrace: grace.regrace.as_ref().map(|why| why.trim().to_owned()),
        })
    }

    fn control(&self, name: &Spanned<String>, diagnostics: &mut Diagnostics) -> Vec<Wanted> {
        let requirement = &self.requirement.value;
        let known = self.context.catalogue.controls.get(&name.value);
        let follows = known.is_some_and(|control| control.follows().is_some());
        let version = requirement.version.as_ref().filter(|_| !follows);
        for (field, place) in [
            ("version", version.map(|version| version.place)),
            ("level", requirement.level.as_ref().map(|level| level.place)),
            ("without", requirement.without.first().map(|without| without.control.place)),
        ] {
            if let Some(place) = place {
                diagnostics.push(
                    Diagnostic::error("framework-only", format!("`{field}` belongs to frameworks"))
                        .at(place, "given for a control")
                        .at(name.place, "the control")
                        .help("remove it"),
                );
            }
        }
        let Some(control) = self.context.catalogue.controls.get(&name.value) else {
            let known = self.context.catalogue.controls.keys();
            if !self.context.broken.named("Control", &name.value) {
                diagnostics.push(unknown("control", name, known));
            }
            return vec![];
        };
        let namespaces = requirement.namespaces.as_ref().or(self.intent.spec.namespaces.as_ref());
        if let Some(namespaces) = namespaces.filter(|_| control.looks_at().1) {
            let message =
                format!("control `{}` looks at objects without a namespace", control.id());
            diagnostics.push(
                Diagnostic::error("cluster-scoped", message)
                    .at(namespaces.place, "would leave them unchecked")
                    .at(name.place, "the control")
                    .help("remove `namespaces`, or say where it holds with `environment`"),
            );
        }
        let written = requirement.parameters.as_ref();
        let node = written.and_then(|written| node_at(&self.intent.node, written.place));
        check_parameters(control, node, self.context.sources, diagnostics);
        let own = written.and_then(|written| written.value.as_object().cloned());
        let rule = requirement.rendered_as.as_ref().map_or(control.id(), |name| &name.value);
        let mut asked = Asked::Cluster;
        if let (Some(span), Some(follows)) =
            (self.context.catalogue.followed(control), control.follows())
        {
            let Some(written) = self.asked(follows, span, diagnostics) else { return vec![] };
            if let (Asked::Pinned(version), Some(place)) = (&written, &requirement.version) {
                diagnostics.extend(says_nothing(control, *version, place.place, name.place));
            }
            asked = written;
        }
        vec![Wanted {
            rule: rule.to_owned(),
            follows: self.following(control, asked),
            picked: None,
            control: control.clone(),
            framework_parameters: Map::new(),
            framework_place: None,
            own_parameters: own.unwrap_or_default(),
            recommendations: vec![],
        }]
    }
}
