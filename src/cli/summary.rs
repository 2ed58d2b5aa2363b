//! What `render` and `propose` say of what was rendered: a line a cluster, and notes.

use super::{networks, talk};
use crate::change;
use crate::delivery::folder::Difference;
use crate::document::{Action, State};
use crate::engine::{self, Engine};
use crate::lock;
use crate::manifest;
use crate::pipeline::{self, Loaded, Render, Unit};
use crate::plan::AskedBy;
use crate::report::Row;
use crate::source::folder::Folder;
use crate::tree::Base;
use std::collections::{BTreeMap, BTreeSet};

/// A line for each cluster that was rendered.
pub fn rows(rendered: &Render, changes: &BTreeMap<String, Difference>) -> Vec<Row> {
    let by_unit: Vec<Row> = rendered.units.iter().map(row).collect();
    let line = |(name, clustered): (&String, &pipeline::Clustered)| Row {
        cluster: name.clone(),
        files: changes.get(name).map_or(0, |one| one.written.len() + one.removed.len()),
        ..by_unit[clustered.unit].clone()
    };
    rendered.clusters.iter().map(line).collect()
}

/// What clusters of one unit have in common. A rule counts by what its strictest part does there.
fn row(unit: &Unit) -> Row {
    let mut row =
        Row { target: target_label(unit), rules: unit.plan.holding().count(), ..Row::default() };
    let engine = pipeline::engine(unit.target.engine);
    let mut exemptions: BTreeSet<&str> = BTreeSet::new();
    for rule in &unit.plan.rules {
        let strictest = rule.parts.iter().map(|part| part.action).max();
        let able =
            |(one, judge): (Action, &dyn Engine)| engine::action(judge, rule, one, &unit.target);
        match strictest.zip(engine.as_deref()).map(able) {
            Some(Action::Deny) => row.deny += 1,
            Some(Action::Warn) => row.warn += 1,
            Some(Action::Audit) => row.audit += 1,
            None => {}
        }
        exemptions.extend(rule.exemptions.iter().map(|one| one.name.as_str()));
    }
    row.exempt = exemptions.len();
    row
}

/// Engine, version and the kind of its policies, in words.
pub fn target_label(unit: &Unit) -> String {
    let facts = &unit.plan.facts;
    let title = pipeline::engine(unit.target.engine).map_or("", |engine| engine.title());
    let next = |next: Option<(u32, u32)>| {
        next.map_or(String::new(), |(major, minor)| format!(" → {major}.{minor}"))
    };
    match facts.engine_version() {
        Some(version) => {
            let next = next(facts.next_engine_version.map(|(major, minor, _)| (major, minor)));
            format!("{title} {}{next}, {}", version.minor_version(), unit.target.shape)
        }
        None => {
            format!("{title}, Kubernetes {}{}", facts.kubernetes(), next(facts.next_kubernetes))
        }
    }
}

/// What people should know although nothing is wrong.
pub fn notes(loaded: &Loaded, rendered: &Render) {
    for note in fallbacks(loaded, rendered) {
        talk::note(&note);
    }
    if let Some(note) = break_glass(loaded) {
        talk::note(&note);
    }
    for framework in super::frameworks::asked_for(loaded) {
        talk::note(&super::frameworks::coverage_line(loaded, &framework));
        for line in super::frameworks::left_out(loaded, &framework) {
            talk::note(&line);
        }
    }
}

/// Who passes where rules deny.
fn break_glass(loaded: &Loaded) -> Option<String> {
    let groups = &loaded.linked.settings.break_glass;
    let place = loaded.sources.short(*groups.values().next()?);
    let names = groups.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
    Some(format!(
        "{names} may break the glass ({place}): requests in that name pass where rules deny, each \
         with a warning; what controllers make of them is judged as ever"
    ))
}

/// Where an engine is given something milder than was asked for, and why.
pub fn fallbacks(loaded: &Loaded, rendered: &Render) -> Vec<String> {
    let mut fallbacks: BTreeMap<(bool, String, &str, &str), Vec<&str>> = BTreeMap::new();
    for (name, clustered) in &rendered.clusters {
        let unit = &rendered.units[clustered.unit];
        let Some(engine) = pipeline::engine(unit.target.engine) else { continue };
        for rule in &unit.plan.rules {
            for part in &rule.parts {
                let able = engine::action(engine.as_ref(), rule, part.action, &unit.target);
                if able != part.action {
                    let title = engine.title().to_owned();
                    let breaks = matches!(part.asked_by, AskedBy::Members(_));
                    let key = (breaks, title, able.verb(), part.action.name());
                    let list = fallbacks.entry(key).or_default();
                    if list.last() != Some(&name.as_str()) {
                        list.push(name);
                    }
                }
            }
        }
    }
    let told = |((breaks, title, verb, action), names): ((bool, String, &str, &str), Vec<&str>)| {
        let wanted = format!("{action}-unavailable");
        let mut quirks = loaded.catalogue.quirks.iter();
        let quirk = quirks.find(|quirk| quirk.spec.effect.as_deref() == Some(&wanted));
        let why = quirk.map_or("", |quirk| quirk.spec.defect.as_str());
        let names = change::clusters(&names);
        let those = if breaks { " those who break the glass" } else { "" };
        format!("{names} {verb}{those} where it should {action}: {title} there cannot. {why}")
    };
    let fallbacks = fallbacks.into_iter().map(told).chain(without_manifests(rendered));
    fallbacks.chain(not_applied(rendered)).chain(networks::unread(loaded, rendered)).collect()
}

/// Namespaces that a rule covers and that are given nothing, and why.
fn without_manifests(rendered: &Render) -> Vec<String> {
    let mut nothing: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut exempt: BTreeMap<(&str, String), Vec<&str>> = BTreeMap::new();
    for (name, clustered) in &rendered.clusters {
        let plan = &rendered.units[clustered.unit].plan;
        for rule in plan.holding().filter(|rule| rule.control.is_manifest()) {
            let all = || rule.parts.iter().map(|part| manifest::namespaces(plan, part));
            let reached: BTreeSet<&str> =
                all().flat_map(|(_, exempt)| exempt).map(|one| one.name.as_str()).collect();
            if !reached.is_empty() {
                let reached = reached.into_iter().collect::<Vec<_>>().join(", ");
                exempt.entry((&rule.name, reached)).or_default().push(name);
            } else if all().all(|(given, _)| given.is_empty()) {
                nothing.entry(&rule.name).or_default().push(name);
            }
        }
    }
    let nothing = nothing.into_iter().map(|(rule, clusters)| {
        let clusters = change::clusters(&clusters);
        format!(
            "`{rule}` renders nothing for {clusters}: no namespace that it covers is listed there; of \
             namespaces nobody lists, a label can be demanded (`required-namespace-labels`)"
        )
    });
    let exempt = exempt.into_iter().map(|((rule, namespaces), clusters)| {
        let clusters = change::clusters(&clusters);
        format!(
            "`{rule}` leaves out {namespaces} on {clusters}: an exemption reaches what is there"
        )
    });
    nothing.chain(exempt).collect()
}

/// What can only be applied, where a rule does not go as far as that.
fn not_applied(rendered: &Render) -> Vec<String> {
    let mut found: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
    for (name, clustered) in &rendered.clusters {
        let plan = &rendered.units[clustered.unit].plan;
        for rule in plan.holding() {
            for part in rule.parts.iter().filter(|part| !rule.control.is_applied(part.action)) {
                let list = found.entry((&rule.name, part.action.verb())).or_default();
                if !manifest::namespaces(plan, part).0.is_empty() && list.last() != Some(&&**name) {
                    list.push(name);
                }
            }
        }
    }
    let told = |((rule, verb), clusters): ((&str, &str), Vec<&str>)| {
        let clusters = change::clusters(&clusters);
        format!("`{rule}` renders nothing where it {verb} on {clusters}: it can only be applied")
    };
    found.into_iter().filter(|(_, clusters)| !clusters.is_empty()).map(told).collect()
}

/// Folders that rendering does not touch, and why.
pub fn left_alone(loaded: &Loaded, folder: &Folder, asked: &[String]) {
    let output = &loaded.linked.settings.output;
    let clusters = &loaded.linked.clusters;
    for cluster in clusters.iter().filter(|one| one.spec.state == State::Paused) {
        let name = &cluster.name.value;
        if asked.is_empty() || asked.contains(name) {
            talk::note(&format!("{name} is paused: its folder stays as it is"));
        }
    }
    let known: BTreeSet<&str> = clusters.iter().map(|one| one.name.value.as_str()).collect();
    for name in folder.folders(output) {
        let rendered = folder.bytes(&format!("{output}/{name}/{}", lock::FILE)).is_some();
        if rendered && !known.contains(name.as_str()) {
            talk::note(&format!(
                "{output}/{name} belongs to no Cluster document and stays; a document with \
                 `state: retired` would remove it"
            ));
        }
    }
}
