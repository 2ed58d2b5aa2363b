//! Frameworks, told: what each recommends, and how much of it is covered.

use super::{Exit, talk};
use crate::catalogue::Coverage;
use crate::document::{Cluster, Document, Framework, Recommendation, State};
use crate::link::{Demand, labels};
use crate::pipeline::Loaded;
use crate::posture;
use crate::version::Version;
use std::collections::BTreeSet;

/// Its version, or its first and its last.
pub fn in_words(framework: &Document<Framework>) -> String {
    match framework.spec.span() {
        Some(span) => format!("{}…{}", span.first, span.last),
        None => framework.spec.versions_in_words(),
    }
}

/// Says that a framework has no such version, and which it has: they are few, or follow a pattern.
pub fn no_such_version(framework: &str, version: &str, known: &[Document<Framework>]) -> Exit {
    tell!("error: there is no `{framework}` in version `{version}`");
    let known: Vec<String> = known.iter().map(in_words).collect();
    tell!("hint: known: {}", known.join(", "));
    Exit::Input
}

/// What a framework has in a version.
fn had<'a>(framework: &'a Document<Framework>, version: &str) -> Vec<&'a Recommendation> {
    let several = framework.spec.span().and_then(|_| version.parse::<Version>().ok());
    framework.spec.had_in(several).collect()
}

/// The frameworks that some intent asks for, each in the versions that it comes to.
pub fn asked_for(loaded: &Loaded) -> Vec<(String, String)> {
    let asked = posture::asked_for(&loaded.linked).into_iter();
    asked.map(|one| (one.framework, one.version)).collect()
}

/// The clusters that a demand is for.
fn holding<'a>(demand: &'a Demand, loaded: &'a Loaded) -> impl Iterator<Item = &'a Cluster> {
    let active = loaded.linked.clusters.iter().filter(|one| one.spec.state == State::Active);
    let given = active.filter(|one| demand.clusters.matches(&labels(one)));
    given.map(|one| &one.spec).filter(|spec| demand.holds(spec))
}

/// The versions that the clusters of a demand bring with them.
fn of_clusters<'a>(demand: &'a Demand, loaded: &'a Loaded) -> impl Iterator<Item = String> + 'a {
    holding(demand, loaded).filter_map(|spec| {
        Some(demand.follows.as_ref()?.version(spec.kubernetes.version.value).to_string())
    })
}

/// How much of a framework is covered, and where it is told in full.
pub fn coverage_line(loaded: &Loaded, asked: &(String, String)) -> String {
    let (name, version) = asked;
    let told = coverage(loaded, asked);
    match loaded.catalogue.framework(name, version) {
        Some(_) => format!("{told} (`ordinance controls {name}@{version}`)"),
        None => told,
    }
}

fn coverage(loaded: &Loaded, (name, version): &(String, String)) -> String {
    let Some(framework) = loaded.catalogue.framework(name, version) else {
        return format!("{name} {version}");
    };
    let all = had(framework, version);
    let Coverage { covered, part, never, later } = Coverage::of(all.iter().copied());
    format!(
        "{name} {version}: of {} recommendations {covered} enforced, {part} in part, {never} not \
         by admission, {later} not yet covered",
        all.len()
    )
}

/// What the requirements of a framework leave out of it, each with why and where.
pub fn left_out(loaded: &Loaded, (name, version): &(String, String)) -> Vec<String> {
    let demands = loaded.linked.demands.iter().filter(|demand| {
        let mut recommendations = demand.recommendations.iter();
        recommendations.any(|one| {
            let same = one.version == *version
                || one.version == "cluster" && of_clusters(demand, loaded).any(|of| of == *version);
            one.framework == *name && same
        })
    });
    let labels: BTreeSet<&str> = demands.map(|demand| demand.label.as_str()).collect();
    let framework = loaded.catalogue.framework(name, version);
    let entries = framework.into_iter().flat_map(|one| &one.spec.recommendations);
    let of_it: BTreeSet<&str> = entries
        .flat_map(|one| &one.controls)
        .flat_map(|entry| [Some(&entry.control), entry.rendered_as.as_ref()])
        .flatten()
        .map(|name| name.value.as_str())
        .collect();
    let all = loaded.linked.intents.iter().flat_map(|intent| &intent.left_out);
    let all = all.filter(|one| of_it.contains(one.control.as_str()));
    let told = all.filter(|one| labels.contains(one.label.as_str())).map(|one| {
        let because = talk::on_one_line(&one.because);
        let place = loaded.sources.short(one.place);
        format!("{} leaves out {}: {because} ({place})", one.label, one.control)
    });
    told.collect()
}

/// A framework in a version: each recommendation, its level, and what covers it.
pub fn show(loaded: &Loaded, framework: &Document<Framework>, version: &str) {
    let spec = &framework.spec;
    let version = if version == "latest" { spec.newest() } else { version.to_owned() };
    say!("{} {version}: {}", framework.name.value, spec.title);
    let all = had(framework, &version);
    let width = |of: fn(&Recommendation) -> String, least: usize| {
        all.iter().map(|one| of(one).chars().count()).max().unwrap_or(0).max(least)
    };
    let ids = width(|one| one.id.value.clone(), 7);
    let levels = width(level, 2);
    for one in &all {
        let state = crate::report::state(one);
        let mut controls: Vec<&str> =
            one.controls.iter().map(|entry| entry.control.value.as_str()).collect();
        controls.dedup();
        let because = one.because.as_deref().unwrap_or_default();
        let detail = if controls.is_empty() { because.to_owned() } else { controls.join(", ") };
        let replaces: Vec<&str> = one.replaces.iter().map(|id| id.value.as_str()).collect();
        say!("  {:ids$} {:levels$}  {state:16}  {}", one.id.value, level(one), one.title);
        let indent = ids + levels + 20;
        if !detail.is_empty() {
            say!("  {:indent$}  {detail}", "");
        }
        if let Some(source) = &one.source {
            say!("  {:indent$}  {}", "", talk::on_one_line(source));
        }
        if !replaces.is_empty() {
            say!("  {:indent$}  in place of {}", "", replaces.join(", "));
        }
    }
    let name = (framework.name.value.clone(), version);
    say!("{}", coverage(loaded, &name));
    for line in left_out(loaded, &name) {
        say!("{line}");
    }
}

fn level(one: &Recommendation) -> String {
    match &one.level {
        crate::document::Level::Number(number) => format!("L{number}"),
        crate::document::Level::Name(name) => name.clone(),
    }
}
