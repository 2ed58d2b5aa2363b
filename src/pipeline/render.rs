//! From a linked repository to the output tree.

use super::Loaded;
use crate::catalogue;
use crate::date::Date;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::document::{Cluster, Document, State};
use crate::engine::{self, Engine, Target, Unsupported};
use crate::lock::{self, Lock, Remembered};
use crate::name;
use crate::plan::{self, Plan, Rule, Situation};
use crate::sync::{self, Step, Sync};
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
    /// What has landed.
    pub base: &'a dyn Base,
    /// What is proposed and has not landed, where there is such a thing.
    pub proposed: Option<&'a dyn Base>,
    pub dates: Dates<'a>,
    /// Only these clusters; empty: all that are active.
    pub only: &'a [String],
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
    lock: String,
}

pub fn render(loaded: &Loaded, request: &RenderRequest<'_>) -> Render {
    let linked = &loaded.linked;
    let engines = engine::all();
    let tools = sync::all();
    let mut diagnostics = Diagnostics::default();
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

    let keyed: Vec<Result<(Key, Remembered), Diagnostic>> = wanted
        .par_iter()
        .map(|(_, cluster)| key(loaded, request, cluster, &engines, &tools))
        .collect();
    let mut by_key: HashMap<Key, usize> = HashMap::new();
    let mut distinct: Vec<(Situation, Remembered, Date, usize)> = vec![];
    let mut clusters = BTreeMap::new();
    for ((index, cluster), keyed) in wanted.iter().zip(keyed) {
        match keyed {
            Err(damaged) => diagnostics.push(damaged),
            Ok((key, lock)) => {
                let fresh = (key.situation.clone(), lock, key.today, *index);
                let unit = *by_key.entry(key).or_insert_with(|| {
                    distinct.push(fresh);
                    distinct.len() - 1
                });
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
    if request.only.is_empty() {
        let covering = planned.iter().flat_map(|(plan, ..)| plan.covering.iter()).collect();
        let asked = distinct.iter().flat_map(|(situation, ..)| situation.demands.iter().copied());
        diagnostics.extend(covers_nothing(loaded, &covering, asked.collect()));
    }
    let mut plans = vec![];
    for ((plan, target, found), (_, lock, today, index)) in planned.into_iter().zip(distinct) {
        diagnostics.extend(found.into_list());
        match target {
            Ok(target) => plans.push(Some((plan, target, lock, today, index))),
            Err(unsupported) => {
                diagnostics.push(cannot(&linked.clusters[index], &plan, &unsupported));
                plans.push(None);
            }
        }
    }
    if diagnostics.has_errors() || loaded.diagnostics.has_errors() {
        return Render { diagnostics, ..Render::default() };
    }
    let plans: Vec<_> = plans.into_iter().flatten().collect();
    let compiled = compile(&plans, &engines);
    let digest = catalogue_digest();
    let units: Vec<Unit> = plans
        .into_par_iter()
        .map(|(plan, target, lock, today, index)| {
            let cluster = &linked.clusters[index];
            let rules: Vec<Arc<Rendered>> =
                plan.rules.iter().map(|rule| compiled[&rule_key(rule, &target)].clone()).collect();
            let home = format!("{output}/{}", cluster.name.value);
            let keep = |path: &str| request.base.bytes(&format!("{home}/{path}"));
            let version = (catalogue::VERSION, digest.as_str());
            let folder = tree::folder(&plan, &rules, &lock.landed, version, keep);
            let names = sync_names(cluster, &folder);
            let folder = Arc::new(folder.finished(names, &lock, today));
            Unit { plan, target, folder, today }
        })
        .collect();
    let mut tree = Tree::default();
    for (name, clustered) in &clusters {
        let cluster = &linked.clusters[clustered.index];
        let folder = units[clustered.unit].folder.clone();
        let sync = sync_files(loaded, cluster, &folder, &tools);
        tree.clusters.insert(name.clone(), ClusterTree { folder, sync });
    }
    Render { tree, diagnostics, units, clusters }
}

/// A cluster's key, and what the base remembers of it.
fn key(
    loaded: &Loaded,
    request: &RenderRequest<'_>,
    cluster: &Document<Cluster>,
    engines: &[Box<dyn Engine>],
    tools: &[Box<dyn Sync>],
) -> Result<(Key, Remembered), Diagnostic> {
    let path = format!("{}/{}/{}", loaded.linked.settings.output, cluster.name.value, lock::FILE);
    let (mut text, mut landed) = read_lock(request.base, &path, cluster)?;
    let today = match request.dates {
        Dates::Today(today) => today,
        Dates::Committed(tree, otherwise) => {
            let (_, committed) = read_lock(tree, &path, cluster)?;
            // What retires in the committed tree may stay until something else changes.
            landed.retiring.retain(|path| !committed.retiring.contains(path));
            committed.rendered_for.unwrap_or(otherwise)
        }
    };
    let mut proposed = None;
    if let Some(base) = request.proposed {
        // What others made of the proposal's branch is not ours to complain about.
        if let Ok((waiting, lock)) = read_lock(base, &path, cluster) {
            text.push_str(&waiting);
            proposed = Some(lock);
        }
    }
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
    let situation =
        plan::situation(cluster, &loaded.linked, &loaded.catalogue, &remembered, &namespaces);
    let tool = spec.sync.as_ref().map(|sync| sync.tool.value.clone());
    Ok((Key { situation, tool, today, lock: text }, remembered))
}

/// A damaged lock is an error with its repair, never a silent restart of a clock.
fn read_lock(
    base: &dyn Base,
    path: &str,
    cluster: &Document<Cluster>,
) -> Result<(String, Lock), Diagnostic> {
    let Some(bytes) = base.bytes(path) else { return Ok((String::new(), Lock::default())) };
    let text = String::from_utf8_lossy(&bytes).into_owned();
    match Lock::read(&text) {
        Ok(lock) => Ok((text, lock)),
        Err((line, content)) => {
            let message = format!("line {line} of `{path}` cannot be read: `{content}`");
            Err(Diagnostic::error("damaged-lock", message)
                .at(cluster.place(), "the cluster it belongs to")
                .help(format!("take the last good one: `git log -- {path}`, then `git checkout COMMIT -- {path}`")))
        }
    }
}

/// Requirements that select clusters and cover nothing on any of them.
fn covers_nothing(
    loaded: &Loaded,
    covering: &BTreeSet<&String>,
    asked: BTreeSet<usize>,
) -> Vec<Diagnostic> {
    let demands = asked.into_iter().map(|index| &loaded.linked.demands[index]);
    let mut told = BTreeSet::new();
    // A selector that is empty by itself has been complained about already.
    let impossible = |demand: &crate::link::Demand| {
        demand.namespaces.as_ref().is_some_and(|written| written.selector.is_empty())
    };
    demands
        .filter(|demand| !impossible(demand))
        .filter(|demand| !covering.contains(&demand.label) && told.insert(&demand.label))
        .map(|demand| {
            let place = demand.namespaces.as_ref().map_or(demand.place, |written| written.place);
            let message = format!("`{}` covers nothing on any cluster", demand.label);
            Diagnostic::error("selects-nothing", message)
                .at(place, "no namespace is left of this")
                .help("system namespaces are left out unless it says `includeSystem: true`")
                .help("correct where it holds, or remove it")
        })
        .collect()
}

fn target(
    loaded: &Loaded,
    engines: &[Box<dyn Engine>],
    plan: &Plan,
) -> Result<Target, Unsupported> {
    let engine = engines.iter().find(|engine| engine.id() == plan.facts.engine);
    let Some(engine) = engine else {
        return Err(Unsupported { why: "its engine is unknown".into(), smallest: String::new() });
    };
    let version = engine.version(&plan.facts);
    let effects = version
        .map_or_else(BTreeSet::new, |version| loaded.catalogue.effects(engine.id(), version));
    engine.target(&plan.facts, effects)
}

/// Names the cluster, the intents that want something of it, and the version that would do.
fn cannot(cluster: &Document<Cluster>, plan: &Plan, unsupported: &Unsupported) -> Diagnostic {
    let intents: BTreeSet<&str> = plan
        .rules
        .iter()
        .flat_map(|rule| rule.origins.iter().map(|origin| origin.intent.as_str()))
        .collect();
    let quoted: Vec<String> = intents.into_iter().map(|intent| format!("`{intent}`")).collect();
    let wanted = match &quoted[..] {
        [] => "is demanded".to_owned(),
        [intent] => format!("intent {intent} demands"),
        [most @ .., last] => format!("intents {} and {last} demand", most.join(", ")),
    };
    let name = &cluster.name.value;
    let message = format!("`{name}` cannot be given what {wanted}: {}", unsupported.why);
    let engine = &cluster.spec.engine;
    let (place, label) = match &engine.version {
        Some(version) => (version.place, "this version"),
        None if unsupported.smallest.starts_with("Kubernetes") => {
            (cluster.spec.kubernetes.place, "this version")
        }
        None => (engine.name.place, "needs `version`"),
    };
    Diagnostic::error("unsupported-version", message)
        .at(place, label)
        .help(format!("the smallest that would do is {}", unsupported.smallest))
}

type Planned = (Plan, Target, Remembered, Date, usize);

/// Compiles every distinct rule once per target.
fn compile(plans: &[Planned], engines: &[Box<dyn Engine>]) -> BTreeMap<String, Arc<Rendered>> {
    let mut wanted: BTreeMap<String, (&Rule, &Target)> = BTreeMap::new();
    for (plan, target, ..) in plans {
        for rule in &plan.rules {
            wanted.entry(rule_key(rule, target)).or_insert((rule, target));
        }
    }
    wanted
        .into_par_iter()
        .filter_map(|(key, (rule, target))| {
            let engine = engines.iter().find(|engine| engine.id() == target.engine)?;
            let emitted = engine.compile(rule, target);
            Some((key, Arc::new(tree::rule_files(&rule.name, &emitted))))
        })
        .collect()
}

/// Equal for rules and targets that render alike; origins and dates are no part of it.
fn rule_key(rule: &Rule, target: &Target) -> String {
    let parts: Vec<_> = rule
        .parts
        .iter()
        .map(|part| (&part.suffix, &part.scope, part.action, &part.exemptions))
        .collect();
    let parameters = serde_json::Value::Object(rule.parameters.clone());
    format!("{} {} {parameters} {parts:?} {target:?}", rule.name, rule.control.id())
}

fn catalogue_digest() -> String {
    let texts: Vec<String> = catalogue::built_in()
        .into_iter()
        .filter(|(path, _)| !path.contains("/cases/"))
        .map(|(path, text)| format!("{path}\n{text}"))
        .collect();
    name::digest(texts.join("\n").as_bytes())[..16].to_owned()
}

fn sync_names(cluster: &Document<Cluster>, folder: &Folder) -> Vec<String> {
    let Some(sync) = &cluster.spec.sync else { return vec![] };
    let steps = folder.steps().into_iter();
    steps.map(|stage| format!("{}/{}.yaml", sync.tool.value, folder_name(stage))).collect()
}

fn sync_files(
    loaded: &Loaded,
    cluster: &Document<Cluster>,
    folder: &Folder,
    tools: &[Box<dyn Sync>],
) -> Option<(String, Files)> {
    let settings = cluster.spec.sync.as_ref()?;
    let tool = tools.iter().find(|tool| tool.id() == settings.tool.value)?;
    let delivery = loaded.linked.settings.delivery.as_ref();
    let stages = folder.steps();
    let engine = super::engine(&cluster.spec.engine.name.value);
    let readiness = engine.and_then(|engine| engine.readiness());
    let steps: Vec<Step<'_>> = stages
        .iter()
        .map(|stage| Step {
            name: folder_name(*stage),
            defines: readiness.filter(|_| *stage == engine::Stage::Templates),
        })
        .collect();
    let home = format!("{}/{}", loaded.linked.settings.output, cluster.name.value);
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
