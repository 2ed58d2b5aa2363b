//! From what is rendered to what judges manifests: the bytes are read back by their engine.

use super::compiled::compile;
use super::refused::cannot;
use super::render::target;
use super::{Loaded, Render, Unit};
use crate::admission::{Flaw, User};
use crate::check::{self, About, Judge, Labels, Panel};
use crate::date::Date;
use crate::diagnostic::Diagnostics;
use crate::document::{Cluster, Document};
use crate::engine::{self, Engine, Target};
use crate::lock::Remembered;
use crate::plan::{self, Plan, Rule};
use crate::tree::{Files, folder_name};
use std::collections::BTreeMap;
use std::sync::Arc;

/// One panel for all clusters that are given the same policies and know the same namespaces, asked
/// by somebody in these groups.
///
/// The error names the policy that cannot be read back, and its control where that is to blame.
pub fn panels(loaded: &Loaded, rendered: &Render, groups: &[String]) -> Result<Vec<Panel>, String> {
    let user = User { groups: groups.to_vec(), ..User::default() };
    let mut groups: Vec<(Policies<'_>, BTreeMap<String, Labels>, Vec<String>)> = vec![];
    for (name, clustered) in &rendered.clusters {
        let cluster = &loaded.linked.clusters[clustered.index];
        let policies = Policies::new(&rendered.units[clustered.unit]);
        let namespaces = namespaces(cluster);
        let same = groups
            .iter_mut()
            .find(|(known, other, _)| known.files == policies.files && *other == namespaces);
        match same {
            Some((.., clusters)) => clusters.push(name.clone()),
            None => groups.push((policies, namespaces, vec![name.clone()])),
        }
    }
    let panel = |(policies, namespaces, clusters): (Policies<'_>, _, _)| {
        let judges = judges(loaded, policies.plan, policies.target, &policies.files)?;
        Ok(Panel { clusters, judges, user: Some(user.clone()), namespaces })
    };
    groups.into_iter().map(panel).collect()
}

/// What an engine is given, without what only a sync tool or Ordinance itself reads.
struct Policies<'a> {
    plan: &'a Plan,
    target: &'a Target,
    files: Vec<Arc<[u8]>>,
}

impl<'a> Policies<'a> {
    fn new(unit: &'a Unit) -> Policies<'a> {
        // Who is bound to a node is nothing that manifests say.
        let bindings = |path: &str| {
            let mut nodes = unit.plan.nodes.iter();
            nodes.any(|nodes| path == format!("policies/{}.yaml", nodes.rule()))
        };
        let own = unit.folder.files.iter().filter(|(path, _)| !bindings(path));
        let files = policy_files(own);
        Policies { plan: &unit.plan, target: &unit.target, files }
    }
}

fn policy_files<'a>(
    files: impl IntoIterator<Item = (&'a String, &'a Arc<[u8]>)>,
) -> Vec<Arc<[u8]>> {
    let stages = [engine::Stage::Templates, engine::Stage::Policies].map(folder_name);
    let is_policy = |path: &str| {
        let (folder, file) = path.split_once('/').unwrap_or_default();
        stages.contains(&folder) && file != "kustomization.yaml"
    };
    let files = files.into_iter().filter(|(path, _)| is_policy(path));
    files.map(|(_, bytes)| bytes.clone()).collect()
}

/// The namespaces of the inventory, with their labels.
pub fn namespaces(cluster: &Document<Cluster>) -> BTreeMap<String, Labels> {
    let known = cluster.spec.namespaces.iter();
    known.map(|one| (one.name.clone(), one.labels.clone())).collect()
}

/// Reads the bytes back and says of each policy what it is about.
fn judges(
    loaded: &Loaded,
    plan: &Plan,
    target: &Target,
    files: &[Arc<[u8]>],
) -> Result<Vec<Judge>, String> {
    let engine = super::engine(target.engine).ok_or("its engine is unknown")?;
    let mut about: BTreeMap<String, Arc<About>> = BTreeMap::new();
    for rule in plan.holding() {
        for part in &rule.parts {
            about.insert(engine::part_name(rule, part), Arc::new(self::about(loaded, rule, part)));
        }
    }
    let read = check::policies(engine.as_ref(), files.iter().map(|bytes| &**bytes))?;
    read.into_iter()
        .map(|mut policy| {
            // What a rule of ours costs at most is held by a test; counting would only slow it.
            policy.budget = None;
            let found = about.get(&policy.applied_by).cloned();
            let origin = policy.origin.clone();
            let about = found.ok_or_else(|| format!("{origin} belongs to no rule"))?;
            let policy = policy.compile().map_err(|flaws| {
                format!("control {}: {origin} {}", about.control, Flaw::all(&flaws))
            })?;
            Ok(Judge { policy, about })
        })
        .collect()
}

fn about(loaded: &Loaded, rule: &Rule, part: &plan::Part) -> About {
    let spec = &rule.control.document.spec;
    let origins = part.origins.iter().filter_map(|index| rule.origins.get(*index));
    // Of the line that was given for this run alone there is nothing to tell.
    let written = |label: &str| !label.starts_with(&format!("{ALONE}/"));
    let intents = origins.map(|origin| origin.label.clone()).filter(|label| written(label));
    let intents: Vec<String> = intents.collect();
    let known = loaded.linked.intents.iter();
    let why = known
        .filter(|one| intents.iter().any(|label| label.split('/').next() == Some(&one.name)))
        .find_map(|one| one.why.clone());
    About {
        control: rule.control.id().to_owned(),
        rule: rule.name.clone(),
        title: spec.title.clone(),
        why: why.unwrap_or_else(|| spec.why.trim().to_owned()),
        fix: spec.fix.trim().to_owned(),
        intents,
    }
}

/// The name of the documents that stand for what was asked on the command line.
pub const ALONE: &str = "command-line";

/// What judges where one control or framework was asked for and no cluster: the first cluster that
/// was loaded, without system namespaces, so that the demand holds in all of them.
pub fn alone(loaded: &Loaded, diagnostics: &mut Diagnostics) -> Result<Panel, String> {
    let linked = &loaded.linked;
    let Some(cluster) = linked.clusters.first() else { return Ok(Panel::default()) };
    let remembered = Remembered::default();
    // No exemption ends and no grace runs.
    let today = Date::from_unix_seconds(0).expect("1970 is in the calendar");
    let catalogue = &loaded.catalogue;
    let mut situation =
        plan::situation(cluster, linked, catalogue, &remembered, &[], |_| None, today);
    situation.system.clear();
    let plan = plan::plan(&situation, linked, today, diagnostics);
    let engines = engine::all();
    let target = match target(loaded, &engines, &plan) {
        Ok(target) => target,
        Err(unsupported) => {
            diagnostics.push(cannot(cluster, &plan, &unsupported));
            return Ok(Panel::default());
        }
    };
    let compiled = compile(&[(&plan, &target)], &engines);
    let files = compiled.iter().flatten().flat_map(|rendered| rendered.files.clone());
    let files: Files = files.collect();
    let judges = judges(loaded, &plan, &target, &policy_files(&files))?;
    Ok(Panel { judges, ..Panel::default() })
}

/// The engine that is meant where none is named, and the newest Kubernetes it is proved on.
pub fn usual() -> (&'static str, crate::version::Version) {
    let engine: Box<dyn Engine> = engine::all().swap_remove(0);
    let newest = engine.proved().iter().map(plan::Facts::kubernetes).max();
    (engine.id(), newest.expect("every engine is proved somewhere"))
}
