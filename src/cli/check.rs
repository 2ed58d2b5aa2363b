//! `ordinance check PATH…`: manifests in, violations out.

mod asked;
mod flags;
mod inputs;
mod policies;

use super::options::Check;
use super::{Exit, named, newer, repository, talk};
use crate::check::{self, Labels, Panel};
use crate::diagnostic::{Diagnostic, Severity};
use crate::document::{Action, State};
use crate::engine;
use crate::failure::Failure;
use crate::pipeline::{self, Loaded, RenderRequest};
use crate::report::{CHECK_FORMATS, Checked, Problem};
use crate::text::{Place, Sources, Spanned, count};
use std::collections::{BTreeMap, BTreeSet};

/// What it comes to where the rules themselves are wrong.
const UNJUDGED: &str = "; nothing was judged";

pub fn run(options: &Check) -> Result<Exit, Failure> {
    let mut sources = Sources::default();
    let mut problems = vec![];
    let asked = options.control.is_some() || options.framework.is_some();
    let of_clusters = options.all || !options.cluster.is_empty() || options.policies.is_empty();
    let mut panels = vec![];
    if asked || of_clusters {
        let found = if asked { asked::panels(options)? } else { rendered(options)? };
        let Some(found) = found else { return Ok(Exit::Input) };
        panels = found;
        note_newer(options);
    }
    if !options.policies.is_empty() {
        let found = policies::panel(&options.policies, &mut sources, &mut problems)?;
        let Some(panel) = found else { return Ok(Exit::Input) };
        panels.push(panel);
    }
    // What judges and what is judged lives until the program ends: giving it back piece by piece
    // just before would only take time.
    judge(options, panels.leak(), sources, problems)
}

/// The rules of the repository's clusters.
fn rendered(options: &Check) -> Result<Option<Vec<Panel>>, Failure> {
    let common = &options.common;
    let loaded = repository::load(&common.place)?;
    let clusters = &loaded.linked.clusters;
    if clusters.is_empty() && loaded.diagnostics.count(Severity::Error) <= 1 {
        tell!("error: there is no cluster here whose rules could judge");
        tell!(
            "hint: name a policy repository with `--repository DIR`, or judge by one control with \
             `--control ID`"
        );
        return Ok(None);
    }
    for name in &options.cluster {
        match clusters.iter().find(|cluster| cluster.name.value == *name) {
            Some(cluster) if cluster.spec.state == State::Active => {}
            Some(_) => {
                tell!("error: `{name}` is given nothing: its state is not `active`");
                return Ok(None);
            }
            None => {
                let known = clusters.iter().map(|cluster| cluster.name.value.as_str());
                talk::no_such("cluster", name, known);
                return Ok(None);
            }
        }
    }
    for group in &options.as_group {
        if !loaded.linked.settings.break_glass.contains_key(group) {
            talk::note(&format!(
                "`breakGlass` of the fleet names no group `{group}`: its members are judged as \
                 anybody is"
            ));
        }
    }
    retarget(options, loaded);
    let base = repository::base(common, loaded);
    let landed = repository::landed(common, loaded, base.as_ref())?;
    let request = RenderRequest {
        only: &options.cluster,
        ..RenderRequest::new(&landed, repository::today(common))
    };
    let mut rendered = pipeline::render(loaded, &request);
    let mut all = std::mem::take(&mut loaded.diagnostics);
    all.extend(std::mem::take(&mut rendered.diagnostics).into_list());
    // What is not wrong but unwise is for those who change the rules.
    if all.has_errors() {
        talk::complaints(&common.shown, &all, &loaded.sources, UNJUDGED);
        return Ok(None);
    }
    Ok(read_back(pipeline::panels(loaded, &rendered, &options.as_group)))
}

/// The same clusters on another engine, or another Kubernetes.
fn retarget(options: &Check, loaded: &mut Loaded) {
    for cluster in &mut loaded.linked.clusters {
        let spec = &mut cluster.spec;
        if let Some(version) = options.kubernetes {
            spec.kubernetes.version.value = version;
            spec.kubernetes.next = None;
        }
        if let Some(engine) = &options.engine {
            let place: Place = spec.engine.name.place;
            spec.engine.name.value.clone_from(&engine.name);
            (spec.engine.version, spec.engine.next) = (None, None);
            match engine.version {
                Some(version) if is_built_in(&engine.name) => {
                    spec.kubernetes.version.value = version;
                    spec.kubernetes.next = None;
                }
                Some(version) => spec.engine.version = Some(Spanned { value: version, place }),
                None => {}
            }
        }
    }
}

/// Says of versions that were asked for that less is known of them than of others.
fn note_newer(options: &Check) {
    let asked = options.engine.as_ref();
    let name = asked.map_or(pipeline::usual().0, |engine| engine.name.as_str());
    let version = asked.and_then(|engine| engine.version);
    let Some(engine) = pipeline::engine(name) else { return };
    let (version, kubernetes) = match is_built_in(name) {
        true => (None, version.or(options.kubernetes)),
        false => (version, options.kubernetes),
    };
    for told in newer::told(engine.as_ref(), version, kubernetes) {
        talk::note(&format!("{told}: it is judged as that one is, and what changed is not known"));
    }
}

/// Whether an engine's version is that of Kubernetes.
fn is_built_in(name: &str) -> bool {
    pipeline::engine(name).is_some_and(|engine| engine.namespace().is_none())
}

/// What the program's own controls become can be read again, which tests show; a control of the
/// repository may say what does not compile.
fn read_back(panels: Result<Vec<Panel>, String>) -> Option<Vec<Panel>> {
    match panels {
        Ok(panels) => Some(panels),
        Err(why) => {
            tell!("error: what was rendered cannot be judged by: {why}{UNJUDGED}");
            tell!("hint: `ordinance test` tells what is wrong with a control");
            None
        }
    }
}

fn judge(
    options: &Check,
    panels: &[Panel],
    mut sources: Sources,
    mut problems: Vec<Problem>,
) -> Result<Exit, Failure> {
    let given: BTreeMap<String, Labels> =
        options.namespace.iter().map(|one| (one.name.clone(), one.labels.clone())).collect();
    let ids = inputs::read(&options.paths, &mut sources, &mut problems)?;
    let Some(ids) = ids else { return Ok(Exit::Input) };
    let check::Manifests { list, problems: unread } = check::read(&sources, &ids);
    let manifests: &[check::Manifest] = list.leak();
    let findings: &check::Findings = Box::leak(Box::new(check::judge(manifests, &given, panels)));
    problems.extend(unread.into_iter().map(|one| of_file(one, &sources)));
    if manifests.is_empty() && problems.is_empty() {
        let blank = ids.iter().all(|id| sources.get(*id).text.trim().is_empty());
        if blank && options.paths.iter().all(|path| path == named::DASH) {
            tell!("error: nothing came on stdin");
            tell!(
                "hint: `-` reads what another command writes, as in `kustomize build | ordinance check -`"
            );
            return Ok(Exit::Input);
        }
        named::no_object(&options.paths);
        return Ok(Exit::Input);
    }
    let clusters: BTreeSet<&str> =
        panels.iter().flat_map(|panel| &panel.clusters).map(String::as_str).collect();
    let rules: BTreeSet<&str> = panels
        .iter()
        .flat_map(|panel| &panel.judges)
        .map(|judge| judge.about.rule.as_str())
        .collect();
    let whose = match clusters.len() {
        0 | 1 => clusters.into_iter().collect(),
        number => count(number, "cluster"),
    };
    let checked = Checked {
        sources: &sources,
        manifests,
        findings,
        problems,
        rules: rules.len(),
        whose,
        colour: talk::coloured(&options.common.shown, &std::io::stdout()),
    };
    let format = CHECK_FORMATS.iter().find(|format| format.id == options.format);
    let format = format.expect("clap admits known formats only");
    talk::print(&(format.write)(&checked));
    let denied = findings.violations.iter().any(|one| one.action == Action::Deny);
    let failed = !checked.problems.is_empty() || !findings.unjudged.is_empty();
    Ok(match (denied, failed) {
        (true, _) => Exit::No,
        (false, true) => Exit::Input,
        (false, false) => Exit::Fine,
    })
}

/// A complaint about a file, wherever in it.
fn of_file(mut diagnostic: Diagnostic, sources: &Sources) -> Problem {
    let place = diagnostic.places.first();
    let source = place.map(|(place, _)| sources.get(place.source));
    let file = source.map(|source| source.path.to_string()).unwrap_or_default();
    if source.is_some_and(|source| source.text.contains("{{")) {
        diagnostic = diagnostic.help(
            "it looks like a template: render it first, as in `helm template . | ordinance check -`",
        );
    }
    Problem { file, policy: None, diagnostic }
}

/// The engine that is meant where none is named.
fn enforcer(options: &Check) -> (String, String, Option<String>) {
    let (usual, newest) = pipeline::usual();
    let kubernetes = options.kubernetes.unwrap_or(newest).to_string();
    match &options.engine {
        None => (usual.to_owned(), kubernetes, None),
        Some(engine) => match engine.version {
            Some(version) if is_built_in(&engine.name) => {
                (engine.name.clone(), version.minor_version().to_string(), None)
            }
            Some(version) => (engine.name.clone(), kubernetes, Some(version.to_string())),
            None => {
                let all = engine::all();
                let known = all.iter().find(|one| one.id() == engine.name);
                let newest = known.and_then(|one| {
                    one.proved().iter().filter_map(crate::plan::Facts::engine_version).max()
                });
                let newest = newest.map(|version| version.to_string());
                (engine.name.clone(), kubernetes, newest)
            }
        },
    }
}
