//! One control or one framework, asked for on the command line.
//!
//! What is asked is written down as the documents that would ask for it in a repository, and then
//! goes the same way as theirs: it is read, linked, planned, compiled and complained about alike.

use super::super::options::{Check, Setting};
use super::super::{repository, talk};
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

pub fn panels(options: &Check) -> Result<Option<Vec<Panel>>, Failure> {
    let mut loaded = load(options, options.framework_version.as_deref())?;
    let unversioned = options.framework.is_some() && options.framework_version.is_none();
    if unversioned && loaded.diagnostics.has_errors() {
        // Not every framework has a version that follows from the cluster's.
        let latest = load(options, Some("latest"))?;
        if !latest.diagnostics.has_errors() {
            loaded = latest;
        }
    }
    let mut diagnostics = Diagnostics::default();
    let panel = match loaded.diagnostics.has_errors() {
        true => Ok(Panel::default()),
        false => pipeline::alone(&loaded, &mut diagnostics),
    };
    let mut all = std::mem::take(&mut loaded.diagnostics);
    all.extend(diagnostics.into_list());
    if all.has_errors() {
        talk::complaints(&options.common.shown, &all, &loaded.sources, UNJUDGED);
        return Ok(None);
    }
    Ok(read_back(panel.map(|panel| vec![panel])))
}

fn load(options: &Check, version: Option<&str>) -> Result<Loaded, Failure> {
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
                all.entry(control).or_insert_with(|| json!({}))[key] = value.clone();
            }
            _ => {
                all.insert(key.clone(), value.clone());
            }
        }
    }
    Value::Object(all)
}
