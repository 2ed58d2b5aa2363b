//! From a linked repository to the output tree.

use super::Loaded;
use super::compiled::compile;
use super::landed::{Landed, Locks};
use super::refused::{cannot, damaged_lock};
use super::{exposed, idle, manifests, owners, underway};
use crate::catalogue;
use crate::date::Date;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::document::{Cluster, Document, State};
use crate::engine::{self, Blame, Engine, Target, Unsupported};
use crate::lock::{Held, Lock, Remembered, landings};
use crate::name;
use crate::plan::{self, Plan, Situation};
use crate::sync::{self, Step, Sync};
use crate::text::Place;
use crate::tree::{self, Base, ClusterTree, Files, Folder, Rendered, Tree, folder_name};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// Which day a cluster is rendered for.
#[derive(Clone, Copy)]
pub enum Dates<'a> {
    /// The same for all.
    Today(Date),
    /// The day its lock in this tree was last changed for, else this day: so that a committed tree
    /// never goes stale by itself.
    Committed(&'a dyn Base, Date),
}

#[derive(Clone, Copy)]
pub struct RenderRequest<'a> {
    pub landed: &'a Landed<'a>,
    /// What is proposed and has not landed, where there is such a thing.
    pub proposed: Option<&'a dyn Base>,
    pub dates: Dates<'a>,
    /// Only these clusters; empty: all that are active.
    pub only: &'a [String],
    /// Whether exemptions count.
    pub exempt: bool,
}

impl<'a> RenderRequest<'a> {
    /// All clusters, for one day, with nothing else proposed.
    pub fn new(landed: &'a Landed<'a>, day: Date) -> RenderRequest<'a> {
        RenderRequest { landed, proposed: None, dates: Dates::Today(day), only: &[], exempt: true }
    }
}

/// What came of it.
#[derive(Debug, Default)]
pub struct Render {
    pub tree: Tree,
    pub diagnostics: Diagnostics,
    /// What clusters alike share, in the order of their first cluster.
    pub units: Vec<Unit>,
    /// Per active cluster, its unit.
    pub clusters: BTreeMap<String, Clustered>,
}

/// A plan, compiled for its target.
#[derive(Debug)]
pub struct Unit {
    pub plan: Plan,
    pub target: Target,
    pub folder: Arc<Folder>,
    pub today: Date,
}

/// A cluster and the unit it belongs to.
#[derive(Debug)]
pub struct Clustered {
    pub unit: usize,
    /// Its place among the linked clusters.
    pub index: usize,
}

/// Clusters with equal keys are given the same folder.
#[derive(PartialEq, Eq, Hash)]
struct Key {
    situation: Situation,
    tool: Option<String>,
    today: Date,
    /// Where the locks lie that landed and that are proposed: equal ones lie in one place.
    locks: (usize, Option<usize>),
}

/// The locks that a render looks at besides those that landed.
struct Beside<'a> {
    proposed: Option<Locks<'a>>,
    committed: Option<Locks<'a>>,
}

pub fn render(loaded: &Loaded, request: &RenderRequest<'_>) -> Render {
    let linked = &loaded.linked;
    let engines = engine::all();
    let tools = sync::all();
    let mut diagnostics = Diagnostics::default();
    let (Dates::Today(day) | Dates::Committed(_, day)) = request.dates;
    if request.exempt {
        diagnostics.extend(owners::exemptions(loaded, day));
    }
    let output = &linked.settings.output;
    let wanted: Vec<(usize, &Document<Cluster>)> = linked
        .clusters
        .iter()
        .enumerate()
        .filter(|(_, cluster)| cluster.spec.state == State::Active)
        .filter(|(_, cluster)| {
            request.only.is_empty() || request.only.contains(&cluster.name.value)
        })
        .collect();

    for cluster in linked.clusters.iter().filter(|one| one.spec.state != State::Active) {
        if request.only.is_empty() {
            diagnostics.extend(exposed::unread(loaded, cluster, [day, day]));
        }
    }

    let beside = Beside {
        proposed: request.proposed.map(|proposed| request.landed.locks.of(proposed)),
        committed: match request.dates {
            Dates::Today(_) => None,
            Dates::Committed(tree, _) => Some(request.landed.locks.of(tree)),
        },
    };
    let keyed: Vec<Result<(Key, Remembered), Diagnostic>> = wanted
        .par_iter()
        .map(|(_, cluster)| key(loaded, request, &beside, cluster, &engines, &tools))
        .collect();
    let mut by_key: HashMap<Key, usize> = HashMap::new();
    let mut distinct: Vec<(Situation, Remembered, Date, usize)> = vec![];
    let mut clusters = BTreeMap::new();
    for ((index, cluster), keyed) in wanted.iter().zip(keyed) {
        match keyed {
            Err(damaged) => diagnostics.push(damaged),
            Ok((key, lock)) => {
                diagnostics.extend(exposed::unread(loaded, cluster, [key.today, day]));
                let unit = match by_key.get(&key) {
                    Some(unit) => *unit,
                    None => {
                        distinct.push((key.situation.clone(), lock, key.today, *index));
                        by_key.insert(key, distinct.len() - 1);
                        distinct.len() - 1
                    }
                };
                clusters.insert(cluster.name.value.clone(), Clustered { unit, index: *index });
            }
        }
    }

    let planned: Vec<(Plan, Result<Target, Unsupported>, Diagnostics)> = distinct
        .par_iter()
        .map(|(situation, _, today, _)| {
            let mut found = Diagnostics::default();
            let plan = plan::plan(situation, linked, *today, &mut found);
            let target = target(loaded, &engines, &plan);
            (plan, target, found)
        })
        .collect();
    let covering: BTreeSet<String> =
        planned.iter().flat_map(|(plan, ..)| plan.covering.iter().cloned()).collect();
    let gracing: BTreeSet<Place> =
        planned.iter().flat_map(|(plan, ..)| plan.gracing.iter().copied()).collect();
    let asked: BTreeSet<usize> =
        distinct.iter().flat_map(|(situation, ..)| situation.demands.iter().copied()).collect();
    let mut plans = vec![];
    for ((plan, target, found), (_, lock, today, index)) in planned.into_iter().zip(distinct) {
        diagnostics.extend(found.into_list());
        match target {
            Ok(target) => {
                let cluster = &linked.clusters[index];
                let given = (&plan, &target);
                diagnostics.extend(underway::unseen(loaded, &engines, cluster, given));
                plans.push((plan, target, lock, today, index));
            }
            Err(unsupported) => {
                diagnostics.push(cannot(&linked.clusters[index], &plan, &unsupported));
            }
        }
    }
    let sound =
        |diagnostics: &Diagnostics| !diagnostics.has_errors() && !loaded.diagnostics.has_errors();
    if sound(&diagnostics) && request.only.is_empty() {
        diagnostics.extend(idle::requirements(loaded, &covering, &asked));
        diagnostics.extend(idle::graces(loaded, &covering, &gracing, &asked));
    }
    if !sound(&diagnostics) {
        return Render { diagnostics, ..Render::default() };
    }
    let targets: Vec<(&Plan, &Target)> =
        plans.iter().map(|(plan, target, ..)| (plan, target)).collect();
    let compiled = compile(&targets, &engines);
    let kept: Vec<(&str, &str)> = tools.iter().map(|tool| tool.keeps()).collect();
    let manifests: Vec<Vec<Arc<Rendered>>> =
        targets.iter().map(|(plan, _)| manifests::render(plan, &kept, &mut diagnostics)).collect();
    if !sound(&diagnostics) {
        return Render { diagnostics, ..Render::default() };
    }
    let digest = catalogue_digest();
    let units: Vec<Unit> = plans
        .into_par_iter()
        .zip(compiled.into_par_iter().zip(manifests))
        .map(|((plan, target, lock, today, index), (mut rules, manifests))| {
            rules.extend(manifests);
            rules.extend(plan.nodes.iter().map(|nodes| {
                let emitted = engine::bindings(nodes, &plan.system);
                Arc::new(tree::rule_files(&nodes.rule(), &emitted))
            }));
            let cluster = &linked.clusters[index];
            let home = format!("{output}/{}", cluster.name.value);
            let keep = |path: &str| request.landed.base.bytes(&format!("{home}/{path}"));
            let version = (catalogue::VERSION, digest.as_str());
            let folder = tree::folder(&plan, &rules, &lock.landed, version, keep);
            let names = sync_names(cluster, &folder);
            let folder = Arc::new(folder.finished(names, &lock, today));
            Unit { plan, target, folder, today }
        })
        .collect();
    let trees = clusters.par_iter().map(|(name, clustered)| {
        let cluster = &linked.clusters[clustered.index];
        let folder = units[clustered.unit].folder.clone();
        let sync =
            sync_files(loaded, request.landed.base.below(), cluster, &folder, &engines, &tools);
        (name.clone(), ClusterTree { folder, sync })
    });
    let tree = Tree { clusters: trees.collect() };
    Render { tree, diagnostics, units, clusters }
}

/// A cluster's key, and what the base remembers of it.
fn key(
    loaded: &Loaded,
    request: &RenderRequest<'_>,
    beside: &Beside<'_>,
    cluster: &Document<Cluster>,
    engines: &[Box<dyn Engine>],
    tools: &[Box<dyn Sync>],
) -> Result<(Key, Remembered), Diagnostic> {
    let home = format!("{}/{}", loaded.linked.settings.output, cluster.name.value);
    let complain = |damaged| damaged_lock(cluster, &damaged);
    let landed = request.landed.locks.read(&home).map_err(complain)?;
    // What others made of the proposal's branch is not ours to complain about.
    let proposed = beside.proposed.as_ref().and_then(|locks| locks.read(&home).ok());
    let today = match (request.dates, &beside.committed) {
        (Dates::Committed(_, otherwise), Some(committed)) => {
            let committed = committed.read(&home).map_err(complain)?;
            committed.rendered_for.unwrap_or(otherwise).min(otherwise)
        }
        (Dates::Today(today) | Dates::Committed(_, today), _) => today,
    };
    let place = |lock: &Arc<Lock>| Arc::as_ptr(lock).addr();
    let locks = (place(&landed), proposed.as_ref().map(place));
    let remembered = Remembered { landed, proposed };
    let spec = &cluster.spec;
    let engine = engines.iter().find(|engine| engine.id() == spec.engine.name.value);
    let usual = engine.and_then(|engine| engine.namespace()).map(str::to_owned);
    let mut namespaces: Vec<String> = spec.engine.namespace.clone().or(usual).into_iter().collect();
    if let Some(sync) = &spec.sync {
        let tool = tools.iter().find(|tool| tool.id() == sync.tool.value);
        let usual = tool.map(|tool| tool.namespace().to_owned());
        namespaces.extend(sync.namespace.clone().or(usual));
    }
    let path = landings::path(&home);
    let landed = |held: &Held| request.landed.landings.of(&path, &held.to_string());
    let (linked, catalogue) = (&loaded.linked, &loaded.catalogue);
    let mut situation =
        plan::situation(cluster, linked, catalogue, &remembered, &namespaces, landed, today);
    if !request.exempt {
        situation.liftings.clear();
    }
    situation.nodes = exposed::unsafe_nodes(loaded, cluster, today);
    let tool = spec.sync.as_ref().map(|sync| sync.tool.value.clone());
    Ok((Key { situation, tool, today, locks }, remembered))
}

pub(super) fn target(
    loaded: &Loaded,
    engines: &[Box<dyn Engine>],
    plan: &Plan,
) -> Result<Target, Unsupported> {
    let engine = engines.iter().find(|engine| engine.id() == plan.facts.engine);
    let Some(engine) = engine else {
        let (why, help) = ("its engine is unknown".into(), "name one that is known".into());
        return Err(Unsupported { why, help, blames: Blame::Engine });
    };
    engine::target(engine.as_ref(), &plan.facts, &loaded.catalogue)
}

/// Changes with whatever of the program's own files decides what is rendered.
fn catalogue_digest() -> String {
    let texts: Vec<String> =
        catalogue::decisive().map(|(path, text)| format!("{path}\n{text}")).collect();
    name::digest(texts.join("\n").as_bytes())[..16].to_owned()
}

fn sync_names(cluster: &Document<Cluster>, folder: &Folder) -> Vec<String> {
    let Some(sync) = &cluster.spec.sync else { return vec![] };
    let steps = folder.steps().into_iter();
    steps.map(|stage| format!("{}/{}.yaml", sync.tool.value, folder_name(stage))).collect()
}

fn sync_files(
    loaded: &Loaded,
    below: &str,
    cluster: &Document<Cluster>,
    folder: &Folder,
    engines: &[Box<dyn Engine>],
    tools: &[Box<dyn Sync>],
) -> Option<(String, Files)> {
    let settings = cluster.spec.sync.as_ref()?;
    let tool = tools.iter().find(|tool| tool.id() == settings.tool.value)?;
    let delivery = loaded.linked.settings.delivery.as_ref();
    let stages = folder.steps();
    let engine = engines.iter().find(|engine| engine.id() == cluster.spec.engine.name.value);
    let readiness = engine.and_then(|engine| engine.readiness());
    let steps: Vec<Step<'_>> = stages
        .iter()
        .map(|stage| Step {
            name: folder_name(*stage),
            defines: readiness.filter(|_| *stage == engine::Stage::Templates),
        })
        .collect();
    let home = format!("{below}{}/{}", loaded.linked.settings.output, cluster.name.value);
    let objects = tool.objects(&sync::Request {
        settings,
        folder: &home,
        branch: delivery.map_or("main", |delivery| &delivery.base),
        steps: &steps,
    });
    let files = objects
        .into_iter()
        .map(|(file, object)| (file, tree::document_bytes(&[&object])))
        .collect();
    Some((tool.id().to_owned(), files))
}

#[cfg(test)]
mod tests {
    use crate::catalogue;

    #[test]
    fn the_digest_covers_whatever_decides() {
        let covered: Vec<&str> = catalogue::decisive().map(|(path, _)| path).collect();
        let decide = |begin: &str, end: &str| {
            covered.iter().any(|path| path.starts_with(begin) && path.ends_with(end))
        };
        assert!(decide("templates/controls/", "/control.yaml"));
        assert!(decide("templates/controls/", catalogue::TEMPLATE));
        assert!(decide("templates/frameworks/", ".yaml"));
        assert!(decide("templates/providers/", ".yaml"));
        assert!(decide("templates/quirks/", ".yaml"));
        assert!(decide("templates/cel/targets.tsv", ""));
        assert!(
            !covered.iter().any(|path| path.contains("/cases/") || path.contains("/scaffold/"))
        );
    }
}
