//! The fleet's settings: environments in order, parameters, output, delivery.

use super::{Context, Graced};
use crate::catalogue::{VERSION, check_parameters, unknown};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::document::{Action, BreakGlass, Delivery, Document, ExemptionBounds, Fleet, Kept};
use crate::selector::Selector;
use crate::text::{Place, Spanned};
use crate::version::Version;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// What the names of objects end in that judge only those who break the glass.
pub const BREAK_GLASS: &str = "break-glass";

/// The folder of the repository in which the posture is kept.
pub const POSTURE: &str = "posture";

/// More than any directory's names have.
const LONGEST_GROUP: usize = 253;

/// A part of the fleet with one purpose.
#[derive(Debug)]
pub struct Environment {
    pub name: Spanned<String>,
    /// Clusters, and the namespaces there; `None` takes whatever is left.
    pub places: Option<Vec<(Selector, Option<Selector>)>>,
}

/// Parameters of one control, and the place of each.
#[derive(Debug)]
pub struct Layer {
    pub values: Map<String, Value>,
    pub places: BTreeMap<String, Place>,
}

/// The settings, with every default filled in.
#[derive(Debug)]
pub struct Settings {
    /// What the fleet is called.
    pub name: String,
    /// In order; exactly one takes what is left.
    pub environments: Vec<Environment>,
    /// Parameters by control.
    pub parameters: BTreeMap<String, Layer>,
    /// Groups whose requests pass in an emergency, sorted, with the places that name them.
    pub break_glass: BTreeMap<String, Place>,
    /// The grace of whatever is asked for on a new cluster.
    pub onboarding: Option<Graced>,
    /// What every exemption is held to.
    pub exemptions: Option<ExemptionBounds>,
    pub output: String,
    /// The formats in which the posture is kept, sorted; none: it is not.
    pub posture: Vec<Kept>,
    pub delivery: Option<Delivery>,
}

impl Settings {
    pub fn environment(&self, name: &str) -> Option<usize> {
        self.environments.iter().position(|environment| environment.name.value == name)
    }
}

pub fn settings(
    fleets: &[Document<Fleet>],
    context: &Context<'_>,
    diagnostics: &mut Diagnostics,
) -> Settings {
    let empty = || Settings {
        name: String::new(),
        environments: vec![],
        parameters: BTreeMap::new(),
        break_glass: BTreeMap::new(),
        onboarding: None,
        exemptions: None,
        output: "rendered".into(),
        posture: vec![],
        delivery: None,
    };
    let document = match fleets {
        [document] => document,
        [] if context.broken.any("Fleet") => return empty(),
        [] => {
            diagnostics.push(
                Diagnostic::error("no-fleet", "there is no Fleet document here")
                    .help("`ordinance init` writes one; it belongs in ordinance.yaml"),
            );
            return empty();
        }
        [first, second, ..] => {
            if first.name.value != second.name.value {
                diagnostics.push(
                    Diagnostic::error("two-fleets", "there are two Fleet documents")
                        .at(second.place(), "a second one")
                        .at(first.place(), "the first one")
                        .help("keep one of them: its settings hold for the whole repository"),
                );
            }
            first
        }
    };
    let fleet = &document.spec;
    check_tool(fleet, diagnostics);
    check_output(document, diagnostics);
    let environments = environments(document, context, diagnostics);
    for control in fleet.exemptions.iter().flat_map(|bounds| &bounds.never) {
        if !context.catalogue.controls.contains_key(&control.value) {
            diagnostics.push(unknown("control", control, context.catalogue.controls.keys()));
        }
    }
    let mut by_control = BTreeMap::new();
    for (control, written) in &fleet.parameters {
        let Some(definition) = context.catalogue.controls.get(control) else {
            let name = Spanned { value: control.clone(), place: written.place };
            diagnostics.push(unknown("control", &name, context.catalogue.controls.keys()));
            continue;
        };
        let node = crate::catalogue::node_at(&document.node, written.place);
        check_parameters(definition, node, context.sources, diagnostics);
        let map = written.value.as_object().cloned().unwrap_or_default();
        let place = |name: &String| Some((name.clone(), node?.get(name)?.place));
        let places = map.keys().filter_map(place).collect();
        by_control.insert(control.clone(), Layer { values: map, places });
    }
    Settings {
        name: document.name.value.clone(),
        environments,
        parameters: by_control,
        onboarding: fleet.onboarding.as_ref().map(|written| Graced {
            environment: None,
            namespaces: None,
            period: written.period.value,
            action: written.action.unwrap_or(Action::Audit),
            place: written.place,
            regrace: None,
        }),
        break_glass: fleet
            .break_glass
            .as_ref()
            .map(|one| groups(one, diagnostics))
            .unwrap_or_default(),
        exemptions: fleet.exemptions.clone(),
        output: fleet.output.clone(),
        posture: kept(fleet),
        delivery: fleet.delivery.clone(),
    }
}

/// The groups that may break the glass; one that everybody is in would be no rule at all.
fn groups(written: &BreakGlass, diagnostics: &mut Diagnostics) -> BTreeMap<String, Place> {
    let mut found: BTreeMap<String, Place> = BTreeMap::new();
    for group in &written.groups {
        let name = &group.value;
        let refuse = |message: String, label: &str, help: &str| {
            Diagnostic::error("bad-group", message).at(group.place, label).help(help)
        };
        if name.trim().is_empty() || name.trim() != name || name.chars().any(char::is_control) {
            diagnostics.push(refuse(
                format!("`{}` is not the name of a group", name.escape_debug()),
                "blank at an end, or not one line",
                "write the group's name as the API server sees it, letter by letter",
            ));
        } else if name.chars().count() > LONGEST_GROUP {
            diagnostics.push(refuse(
                format!("the name of a group has more than {LONGEST_GROUP} characters"),
                "too long",
                "name a group that people are put into for an emergency",
            ));
        } else if name.starts_with("system:") && name != "system:masters" {
            diagnostics.push(refuse(
                format!("group `{name}` cannot break the glass"),
                "Kubernetes itself says who is in it",
                "name a group that people are put into for an emergency",
            ));
        } else if let Some(first) = found.insert(name.clone(), group.place) {
            diagnostics.push(
                Diagnostic::error("duplicate-name", format!("group `{name}` is named twice"))
                    .at(group.place, "the same name again")
                    .at(first, "first named here")
                    .help("remove one of them"),
            );
        }
    }
    found
}

/// Two versions that render in one repository would take turns undoing each other.
fn check_tool(fleet: &Fleet, diagnostics: &mut Diagnostics) {
    let Some(range) = &fleet.ordinance else { return };
    let own: Version = VERSION.parse().expect("the package has a version");
    if !range.contains(own) {
        let message = format!("this is Ordinance {VERSION}, which may not render here");
        diagnostics.push(
            Diagnostic::error("wrong-version", message)
                .at(range.place, "the versions that may")
                .help("use one of those versions, or widen the range"),
        );
    }
}

fn check_output(document: &Document<Fleet>, diagnostics: &mut Diagnostics) {
    let output = &document.spec.output;
    let place = crate::yaml::Node::get(&document.node, "spec")
        .and_then(|spec| spec.get("output"))
        .map_or(document.place(), |node| node.place);
    let refuse = |why: String| {
        Diagnostic::error("unsafe-path", format!("the output folder cannot be `{output}`"))
            .at(place, why)
            .help("name a folder of this repository, such as `rendered`")
    };
    let problem = |part| crate::name::problem(part).map(|why| (part, why));
    if let Some((part, why)) = output.split('/').find_map(problem) {
        diagnostics.push(refuse(format!("its part `{part}` {why}")));
    } else if ["intents", "clusters", "templates"].contains(&output.split('/').next().unwrap_or(""))
    {
        diagnostics.push(refuse("this folder is read, not written".into()));
    } else if document.spec.posture.is_some() && output.split('/').next() == Some(POSTURE) {
        diagnostics.push(refuse("the posture is written there".into()));
    }
}

fn kept(fleet: &Fleet) -> Vec<Kept> {
    let mut formats = fleet.posture.as_ref().map(|kept| kept.formats.clone()).unwrap_or_default();
    formats.sort_unstable();
    formats.dedup();
    formats
}

fn environments(
    document: &Document<Fleet>,
    context: &Context<'_>,
    diagnostics: &mut Diagnostics,
) -> Vec<Environment> {
    let written = &document.spec.environments;
    let mut open: Option<Place> = None;
    let mut seen: BTreeMap<&str, Place> = BTreeMap::new();
    for environment in written {
        let name = &environment.name;
        if let Some(first) = seen.insert(&name.value, name.place) {
            let message = format!("there are two environments named `{}`", name.value);
            diagnostics.push(
                Diagnostic::error("duplicate-name", message)
                    .at(name.place, "the same name again")
                    .at(first, "first used here")
                    .help("rename one of them"),
            );
        }
        let about = match name.value.as_str() {
            "cluster" => Some("on objects without a namespace"),
            "everywhere" => Some("that reach into the namespaces of the system, too,"),
            _ => None,
        };
        if let Some(about) = about {
            let message = format!("an environment cannot be named `{}`", name.value);
            diagnostics.push(
                Diagnostic::error("reserved-name", message)
                    .at(name.place, "reserved")
                    .help(format!("rules {about} are rendered under that name")),
            );
        }
        match (&environment.places, open) {
            (None, Some(first)) => diagnostics.push(
                Diagnostic::error("two-remainders", "two environments take whatever is left")
                    .at(name.place, "has no places either")
                    .at(first, "has no places")
                    .help("give `places` to one of them"),
            ),
            (None, None) => open = Some(name.place),
            (Some(_), _) => {}
        }
    }
    // The end of the names of what warns those who pass.
    let ends = |name: &str| name == BREAK_GLASS || name.ends_with(&format!("-{BREAK_GLASS}"));
    let environment = written.iter().find(|one| ends(&one.name.value));
    if let (Some(one), Some(_)) = (environment, &document.spec.break_glass) {
        let message = format!("an environment cannot be named `{}`", one.name.value);
        diagnostics.push(
            Diagnostic::error("reserved-name", message)
                .at(one.name.place, "reserved where `breakGlass` is given")
                .help("what warns those who break the glass is rendered under that name"),
        );
    }
    if open.is_none()
        && let Some(last) = written.last()
    {
        diagnostics.push(
            Diagnostic::error("no-remainder", "no environment takes whatever the others leave")
                .at(last.name.place, "the last environment")
                .help("leave out `places` in one of them, so that nothing unlabelled escapes"),
        );
    }
    let convert = |environment: &crate::document::Environment| {
        let places = environment.places.as_ref().map(|places| {
            let part = |part: &crate::document::Part| {
                let namespaces = part.namespaces.as_ref();
                (
                    Selector::from(&part.clusters.value),
                    namespaces.map(|written| Selector::from(&written.value)),
                )
            };
            places.iter().map(part).collect()
        });
        Environment { name: environment.name.clone(), places }
    };
    for part in written.iter().flat_map(|environment| environment.places.iter().flatten()) {
        let selector = Selector::from(&part.clusters.value);
        context.must_select(&selector, part.clusters.place, diagnostics);
    }
    written.iter().map(convert).collect()
}
