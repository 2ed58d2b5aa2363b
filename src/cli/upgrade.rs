//! `ordinance upgrade CLUSTER`: what an upgrade changes, before anybody edits a line.
//!
//! The cluster is rendered three times: as it is, as it would be while the upgrade is under way, and
//! as it would be then. Each time its document is changed in memory alone.

mod asked;
mod look;

use super::options::Upgrade as Options;
use super::{Exit, repository, snapshots, talk};
use crate::check::{self, Labels, Manifest};
use crate::document::State;
use crate::failure::Failure;
use crate::pipeline::{self, Loaded, RenderRequest};
use crate::plan::Facts;
use crate::report::{UPGRADE_FORMATS, Upgrades};
use crate::source::folder::{self, What};
use crate::text::Sources;
use crate::upgrade::{self, Found, Upgrade};
use asked::To;
use look::Look;
use std::collections::BTreeMap;

pub fn run(options: &Options) -> Result<Exit, Failure> {
    let common = &options.common;
    let loaded = repository::load_with_cases(&common.place)?;
    let Some(index) = cluster(options, loaded) else { return Ok(Exit::Input) };
    let spec = loaded.linked.clusters[index].spec.clone();
    let engine = pipeline::engine(&spec.engine.name.value);
    let Some(engine) = engine else { return Ok(Exit::Input) };
    let Some(to) = To::new(options, &spec, engine.as_ref()) else { return Ok(Exit::Input) };
    let base = repository::base(common, loaded);
    let landed = repository::landed(common, loaded, base.as_ref())?;
    let only = [options.cluster.clone()];
    let day = repository::today(common);
    let request = RenderRequest { only: &only, ..RenderRequest::new(&landed, day) };
    let Some(before) = Look::first(common, loaded, &request) else { return Ok(Exit::Input) };
    let window = before.again(loaded, &request, index, to.announced(&spec));
    let after = before.again(loaded, &request, index, to.done(&spec));
    loaded.linked.clusters[index].spec = spec.clone();
    let loaded: &Loaded = loaded;
    let Some(snapshot) = snapshot(options)? else { return Ok(Exit::Input) };
    let cluster = &loaded.linked.clusters[index];
    let mut told =
        Upgrade::new(&options.cluster, to.place(&spec), to.steps(&spec, engine.as_ref()));
    told.next = to.lines(&spec);
    told.snapshot = snapshot.found;
    told.remarks = to.unknown(engine.as_ref());
    for remark in window.remarks.iter().chain(&after.remarks) {
        if !told.remarks.contains(remark) {
            told.remarks.push(remark.clone());
        }
    }
    if let Some((from, to)) = to.kubernetes(&spec) {
        told.apis = upgrade::gone(&snapshot.manifests, from, to);
    }
    match (before.side(), after.side()) {
        (Some(old), Some(new)) => {
            match window.side() {
                Some(meanwhile) => {
                    told.announced = upgrade::moved(&old, &meanwhile);
                    told.done = upgrade::moved(&meanwhile, &new);
                }
                None => {
                    told.no_window.clone_from(&window.errors);
                    told.done = upgrade::moved(&old, &new);
                    told.next.clear();
                }
            }
            told.rules = upgrade::rules(engine.as_ref(), &old, &new);
            let facts = (&Facts::of(&spec), &Facts::of(&to.done(&spec)));
            (told.ending, told.beginning) =
                upgrade::quirks(&loaded.catalogue, &cluster.spec, engine.as_ref(), facts);
            if let Some(meanwhile) = window.side() {
                told.remarks.extend(upgrade::unheeded(&told.beginning, meanwhile.target));
            }
            told.verdicts = upgrade::on_cases(&old, &new, &snapshot.namespaces);
            told.verdicts.add(upgrade::on_snapshot(&old, &new, &snapshot.manifests));
        }
        _ => told.impossible.clone_from(&after.errors),
    }
    let mut formats = UPGRADE_FORMATS.iter();
    let format = formats.find(|one| one.id == options.format).unwrap_or(&UPGRADE_FORMATS[0]);
    talk::print(&(format.write)(&Upgrades { upgrade: &told, sources: &loaded.sources }));
    Ok(if told.is_fine() { Exit::Fine } else { Exit::No })
}

/// The cluster by its place among those that were linked, if it is given anything.
fn cluster(options: &Options, loaded: &Loaded) -> Option<usize> {
    let clusters = &loaded.linked.clusters;
    let found = clusters.iter().position(|one| one.name.value == options.cluster);
    match found.map(|index| (index, clusters[index].spec.state)) {
        Some((index, State::Active)) => Some(index),
        Some(_) => {
            tell!("error: `{}` is given nothing: its state is not `active`", options.cluster);
            None
        }
        None => {
            talk::diagnostics(&options.common.shown, &loaded.diagnostics, &loaded.sources);
            if !loaded.diagnostics.has_errors() {
                let known = clusters.iter().map(|cluster| cluster.name.value.as_str());
                talk::no_such("cluster", &options.cluster, known);
            }
            None
        }
    }
}

/// What was found in the cluster.
#[derive(Default)]
struct Snapshot {
    manifests: Vec<Manifest>,
    namespaces: BTreeMap<String, Labels>,
    /// `None` where there is no snapshot.
    found: Option<Found>,
}

/// The cluster's own snapshot; `None` where it cannot be read as a whole, which is said.
fn snapshot(options: &Options) -> Result<Option<Snapshot>, Failure> {
    let place = &options.common.place;
    if folder::what(&snapshots::path(place, &options.cluster)) == What::Nothing {
        return Ok(Some(Snapshot::default()));
    }
    let Some(mut read) = snapshots::own(place, &options.cluster)? else { return Ok(None) };
    if !read.problems.is_empty() {
        for problem in &read.problems {
            tell!("error: {}", problem.message);
            tell!("hint: {}", problem.helps());
        }
        return Ok(None);
    }
    snapshots::warn_of_day(&read, repository::today(&options.common));
    let namespaces = read.namespaces();
    let objects = std::mem::take(&mut read.objects);
    let manifests = check::of_snapshot(objects, &mut Sources::default());
    let found = Some(Found { objects: manifests.len(), taken: read.taken });
    Ok(Some(Snapshot { manifests, namespaces, found }))
}
