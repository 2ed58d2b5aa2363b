//! One control or one framework, asked for on the command line.
//!
//! What is asked is written down as the documents that would ask for it in a repository, and then
//! goes the same way as theirs: it is read, linked, planned, compiled and complained about alike.

use super::super::options::{Check, Setting};
use super::super::{repository, talk};
use super::flags::Flags;
use super::{UNJUDGED, enforcer, read_back};
use crate::catalogue::Extent;
use crate::check::Panel;
use crate::diagnostic::Diagnostics;
use crate::failure::Failure;
use crate::pipeline::{self, ALONE, Loaded};
use crate::source::folder::Folder;
use crate::yaml;
use serde_json::{Map, Value, json};

/// The parts of a repository that hold what can be demanded.
const CATALOGUE: &[&str] = &["templates/controls", "templates/frameworks"];

/// What asks for the version of a framework that fits a cluster, and for its newest.
const CLUSTER: &str = "cluster";
const LATEST: &str = "latest";

pub fn panels(options: &Check) -> Result<Option<Vec<Panel>>, Failure> {
    if let Some((control, key)) = given_twice(&options.set, options.framework.is_some()) {
        tell!("error: `--set` gives `{control}` and `{control}.{key}`");
        tell!("hint: of a framework, `--set CONTROL.KEY=JSON` sets one parameter of one control");
        return Ok(None);
    }
    let mut loaded = match (&options.framework, options.framework_version.as_deref()) {
        (Some(framework), None | Some(CLUSTER)) => {
            let loaded = load(options, Some(CLUSTER))?;
            match fitting(&loaded, framework) {
                None => loaded,
                Some(version) if version == LATEST && options.framework_version.is_some() => loaded,
                Some(version) => load(options, Some(&version))?,
            }
        }
        (_, version) => load(options, version)?,
    };
    let named = options.control.as_ref().and_then(|id| loaded.catalogue.controls.get(id));
    if let Some(control) = named.filter(|control| control.is_manifest()) {
        let id = control.id();
        tell!("error: `{id}` is an object that clusters are given, and no rule that could judge");
        tell!(
            "hint: an intent that requires it has it rendered, and `ordinance explain CLUSTER {id}` \
             says where it is given"
        );
        return Ok(None);
    }
    let mut diagnostics = Diagnostics::default();
    let panel = match loaded.diagnostics.has_errors() {
        true => Ok(Panel::default()),
        false => pipeline::alone(&loaded, &mut diagnostics),
    };
    let mut all = std::mem::take(&mut loaded.diagnostics);
    all.extend(diagnostics.into_list());
    if all.has_errors() {
        let flags = Flags::new(options);
        let all = flags.complaints(all, &mut loaded.sources, &loaded.catalogue);
        talk::complaints(&options.common.shown, &all, &loaded.sources, UNJUDGED);
        return Ok(None);
    }
    Ok(read_back(panel.map(|panel| vec![panel])))
}

/// The version of a framework that fits the cluster that was loaded: the one that was written for
/// it, or the newest where none is; `None` where one document tells all versions by itself.
fn fitting(loaded: &Loaded, framework: &str) -> Option<String> {
    let documents = loaded.catalogue.frameworks.get(framework);
    if documents.into_iter().flatten().any(|one| one.spec.span().is_some()) {
        return None;
    }
    let cluster = loaded.linked.clusters.first();
    let picks = loaded.catalogue.picks(framework);
    let mut picks = picks.into_iter().map(|(_, pick)| pick);
    let fits = picks.find(|pick| cluster.is_some_and(|one| pick.holds(&one.spec)));
    Some(fits.map_or_else(|| LATEST.to_owned(), |pick| pick.version))
}

fn load(options: &Check, version: Option<&str>) -> Result<Loaded, Failure> {
    repository::is_there(&options.common.place)?;
    let mut found = Folder::new(&options.common.place.repository).read(CATALOGUE)?;
    let text: Vec<String> = documents(options, version).iter().map(yaml::write).collect();
    found.files.push((format!("{ALONE}.yaml"), text.join("---\n").into_bytes()));
    let known = pipeline::known(repository::forges());
    Ok(pipeline::load(found, &known, Extent::WithoutCases))
}

fn documents(options: &Check, version: Option<&str>) -> [Value; 3] {
    let document = |kind: &str, spec: Value| {
        json!({
            "apiVersion": "ordinance.dev/v1",
            "kind": kind,
            "metadata": {"name": ALONE},
            "spec": spec,
        })
    };
    let (engine, kubernetes, engine_version) = enforcer(options);
    let mut engine = json!({"name": engine});
    if let Some(version) = engine_version {
        engine["version"] = json!(version);
    }
    let mut requirement = Map::new();
    if let Some(control) = &options.control {
        requirement.insert("control".into(), json!(control));
    }
    if let Some(framework) = &options.framework {
        requirement.insert("framework".into(), json!(framework));
    }
    if let Some(version) = version {
        requirement.insert("version".into(), json!(version));
    }
    if let Some(level) = &options.level {
        let number = level.parse::<u32>().ok();
        let level = number.map_or_else(|| json!(level), |number| json!(number));
        requirement.insert("level".into(), level);
    }
    if !options.set.is_empty() {
        let parameters = parameters(&options.set, options.framework.is_some());
        requirement.insert("parameters".into(), parameters);
    }
    [
        document("Fleet", json!({"environments": [{"name": "all"}]})),
        document(
            "Cluster",
            json!({"kubernetes": kubernetes, "provider": "generic", "engine": engine}),
        ),
        document(
            "Intent",
            json!({
                "statement": "What was asked for on the command line.",
                "owner": ALONE,
                "requires": [requirement],
            }),
        ),
    ]
}

/// Of a framework they are kept by control: `CONTROL.KEY`.
fn parameters(settings: &[Setting], by_control: bool) -> Value {
    let mut all = Map::new();
    for Setting { key, value } in settings {
        match key.split_once('.') {
            Some((control, key)) if by_control => {
                let of_it = all.entry(control).or_insert_with(|| json!({}));
                if let Some(of_it) = of_it.as_object_mut() {
                    of_it.insert(key.to_owned(), value.clone());
                }
            }
            _ => {
                all.insert(key.clone(), value.clone());
            }
        }
    }
    Value::Object(all)
}

/// A control that is set as a whole and in parts, and one of these: the one would undo the other.
fn given_twice(settings: &[Setting], by_control: bool) -> Option<(&str, &str)> {
    let whole = |name: &str| settings.iter().any(|one| one.key == name);
    let mut parts = settings.iter().filter_map(|one| one.key.split_once('.'));
    parts.find(|(control, _)| by_control && whole(control))
}
