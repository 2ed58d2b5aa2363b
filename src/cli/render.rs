//! `ordinance render [--check]`.

use super::options::{Common, Render};
use super::{Exit, repository, talk};
use crate::delivery::folder::{self, Difference};
use crate::diagnostic::Diagnostic;
use crate::document::{Action, State};
use crate::failure::Failure;
use crate::pipeline::{self, Dates, Loaded, RenderRequest, Unit};
use crate::source::folder::Folder;
use crate::text::count;
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Instant;

pub fn run(common: &Common, options: &Render) -> Result<Exit, Failure> {
    let began = began();
    let mut loaded = repository::load(common)?;
    check_names(&mut loaded, &options.cluster);
    let base = repository::base(common, &loaded);
    let today = repository::today(common);
    let committed = Folder::new(&common.repository);
    let dates = match options.check {
        true => Dates::Committed(&committed, today),
        false => Dates::Today(today),
    };
    let request = RenderRequest { base: base.as_ref(), dates, only: &options.cluster };
    let rendered = pipeline::render(&loaded, &request);
    let mut diagnostics = std::mem::take(&mut loaded.diagnostics);
    diagnostics.extend(rendered.diagnostics.into_list());
    talk::diagnostics(common, &diagnostics, &loaded.sources);
    if diagnostics.has_errors() {
        return Ok(Exit::Input);
    }
    let output = output(common, options, &loaded);
    if !options.check {
        folder::recover(&output)?;
    }
    let clusters: Vec<_> = rendered.tree.clusters.iter().collect();
    let written: Vec<Result<(String, Difference), Failure>> = clusters
        .par_iter()
        .map(|(name, tree)| {
            let difference = match options.check {
                true => folder::compare(&output, name, tree),
                false => folder::write(&output, name, tree),
            };
            difference.map(|difference| ((*name).clone(), difference))
        })
        .collect();
    let mut changes: BTreeMap<String, Difference> =
        written.into_iter().collect::<Result<_, _>>()?;
    if !options.check && options.cluster.is_empty() {
        for cluster in &loaded.linked.clusters {
            if cluster.spec.state == State::Retired {
                let name = &cluster.name.value;
                changes.insert(name.clone(), folder::remove(&output, name)?);
            }
        }
    }
    say!("Rendering for {}", repository::day_in_words(common));
    table(&loaded, &rendered.units, &rendered.clusters, &changes);
    notes(&loaded, &rendered.units, &rendered.clusters);
    let (files, removed) = changes.values().fold((0, 0), |(files, removed), one| {
        (files + one.written.len(), removed + one.removed.len())
    });
    let rules: usize =
        rendered.clusters.values().map(|one| rendered.units[one.unit].plan.rules.len()).sum();
    let stale = files + removed > 0;
    let next = match (options.check, stale) {
        (true, true) => "The committed tree is stale. Next: ordinance render",
        (true, false) => "The committed tree is as it should be.",
        (false, true) => "Next: ordinance diff",
        (false, false) => "Nothing changes.",
    };
    say!(
        "{}, {} distinct, {}, {:.1} s: {} {}, {removed} removed. {next}",
        count(rendered.clusters.len(), "cluster"),
        rendered.units.len(),
        count(rules, "rule"),
        began.elapsed().as_secs_f64(),
        count(files, "file"),
        if files == 1 { "changes" } else { "change" },
    );
    Ok(if options.check && stale { Exit::No } else { Exit::Fine })
}

#[expect(clippy::disallowed_methods, reason = "how long it took is told to people only")]
fn began() -> Instant {
    Instant::now()
}

fn output(common: &Common, options: &Render, loaded: &Loaded) -> PathBuf {
    let own = common.repository.join(&loaded.linked.settings.output);
    options.output.clone().unwrap_or(own)
}

/// A cluster that is asked for by name must exist.
pub fn check_names(loaded: &mut Loaded, wanted: &[String]) {
    let known: Vec<&str> =
        loaded.linked.clusters.iter().map(|cluster| cluster.name.value.as_str()).collect();
    let missing: Vec<Diagnostic> = wanted
        .iter()
        .filter(|name| !known.contains(&name.as_str()))
        .map(|name| {
            let said =
                Diagnostic::error("unknown-cluster", format!("there is no cluster `{name}`"));
            match crate::text::nearest(name, known.iter().copied()) {
                Some(near) => said.help(format!("did you mean `{near}`?")),
                None => said.help(format!("known: {}", known.join(", "))),
            }
        })
        .collect();
    loaded.diagnostics.extend(missing);
}

fn table(
    loaded: &Loaded,
    units: &[Unit],
    clusters: &BTreeMap<String, pipeline::Clustered>,
    changes: &BTreeMap<String, Difference>,
) {
    let width = clusters.keys().map(String::len).max().unwrap_or(7).max(7);
    let labels: Vec<String> = units.iter().map(target_label).collect();
    let wide = labels.iter().map(String::len).max().unwrap_or(6);
    say!("  {:width$}  {:wide$}  rules  deny  warn audit  exempt  change", "cluster", "target");
    for (name, clustered) in clusters {
        let unit = &units[clustered.unit];
        let (mut deny, mut warn, mut audit) = (0, 0, 0);
        let engine = pipeline::engine(unit.target.engine);
        for rule in &unit.plan.rules {
            let strongest = rule.parts.iter().map(|part| part.action).max();
            let rendered = strongest.zip(engine.as_ref());
            match rendered.map(|(action, engine)| engine.action(action, &unit.target)) {
                Some(Action::Deny) => deny += 1,
                Some(Action::Warn) => warn += 1,
                _ => audit += 1,
            }
        }
        let exempt: std::collections::BTreeSet<&str> = unit
            .plan
            .rules
            .iter()
            .flat_map(|rule| rule.exemptions.iter().map(|one| one.name.as_str()))
            .collect();
        let change = changes.get(name).map_or("–".to_owned(), change_in_words);
        say!(
            "  {name:width$}  {:wide$}  {:5}  {deny:4}  {warn:4} {audit:5}  {:6}  {change}",
            labels[clustered.unit],
            unit.plan.rules.len(),
            exempt.len(),
        );
    }
    let _ = loaded;
}

fn change_in_words(difference: &Difference) -> String {
    match (difference.written.len(), difference.removed.len()) {
        (0, 0) => "–".to_owned(),
        (written, 0) => count(written, "file"),
        (0, removed) => format!("{removed} removed"),
        (written, removed) => format!("{}, {removed} removed", count(written, "file")),
    }
}

/// `Kyverno 1.19, ValidatingPolicy`.
pub fn target_label(unit: &Unit) -> String {
    let facts = &unit.plan.facts;
    let title = pipeline::engine(unit.target.engine).map_or("", |engine| engine.title());
    match facts.engine_version() {
        Some(version) => format!("{title} {}, {}", version.minor_version(), unit.target.shape),
        None => format!("{title}, Kubernetes {}", facts.kubernetes()),
    }
}

/// What people should know although nothing is wrong.
fn notes(loaded: &Loaded, units: &[Unit], clusters: &BTreeMap<String, pipeline::Clustered>) {
    for note in fallbacks(loaded, units, clusters) {
        talk::note(&note);
    }
    for framework in super::controls::asked_for(loaded) {
        talk::note(&super::controls::coverage_line(loaded, &framework));
    }
}

/// Where an engine is given something milder than was asked for, and why.
pub fn fallbacks(
    loaded: &Loaded,
    units: &[Unit],
    clusters: &BTreeMap<String, pipeline::Clustered>,
) -> Vec<String> {
    let mut fallbacks: BTreeMap<(String, &str, &str), Vec<&str>> = BTreeMap::new();
    for (name, clustered) in clusters {
        let unit = &units[clustered.unit];
        let Some(engine) = pipeline::engine(unit.target.engine) else { continue };
        for rule in &unit.plan.rules {
            for part in &rule.parts {
                let rendered = engine.action(part.action, &unit.target);
                if rendered != part.action {
                    let title = engine.title().to_owned();
                    let key = (title, rendered.verb(), part.action.name());
                    let list = fallbacks.entry(key).or_default();
                    if list.last() != Some(&name.as_str()) {
                        list.push(name);
                    }
                }
            }
        }
    }
    let told = |((title, verb, action), names): ((String, &str, &str), Vec<&str>)| {
        let wanted = format!("{action}-unavailable");
        let mut quirks = loaded.catalogue.quirks.iter();
        let quirk = quirks.find(|quirk| quirk.spec.effect.as_deref() == Some(&wanted));
        let why = quirk.map_or("", |quirk| quirk.spec.defect.as_str());
        let names = names.join(", ");
        format!("{names} {verb} where it should {action}: {title} there cannot. {why}")
    };
    fallbacks.into_iter().map(told).collect()
}
