//! Real kustomize takes every folder that is rendered, and adds and loses nothing.

use super::case_files;
use super::fleet::{Target, of_cases};
use super::objects::{below, parse, text};
use super::tools::{Tools, pool, say};
use rayon::prelude::*;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

#[test]
fn the_committed_tree_builds() {
    let Some(tools) = Tools::with(&["kustomize"]) else { return };
    let rendered = Path::new(env!("CARGO_MANIFEST_DIR")).join("rendered");
    let folders = kustomizations(&rendered);
    assert!(folders.len() >= 28, "fourteen clusters, each with at least two steps of its own");
    build(&tools, &folders);
}

#[test]
fn what_is_rendered_for_the_cases_builds() {
    let Some(tools) = Tools::with(&["kustomize"]) else { return };
    let files = case_files::all();
    for (engine, version) in [("native", ""), ("kyverno", "1.12.6"), ("gatekeeper", "3.23.1")] {
        let target = Target { engine, version, kubernetes: "1.34" };
        let fleet = of_cases(&target, &files);
        let clusters = files.iter().map(|file| fleet.rendered(&file.name));
        build(&tools, &clusters.collect::<Vec<_>>());
    }
}

/// Every folder from here down that has a kustomization.
fn kustomizations(folder: &Path) -> Vec<PathBuf> {
    let entries =
        fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut found = vec![];
    for entry in entries {
        let path = entry.expect("a folder that nobody else changes").path();
        if path.is_dir() {
            found.extend(kustomizations(&path));
        } else if path.ends_with("kustomization.yaml") {
            found.push(folder.to_owned());
        }
    }
    found
}

fn build(tools: &Tools, folders: &[PathBuf]) {
    let complaints: Vec<String> = pool().install(|| {
        folders
            .par_iter()
            .filter_map(|folder| {
                let why = difference(tools, folder)?;
                Some(format!("{}: {why}", folder.display()))
            })
            .collect()
    });
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
    say(&format!("kustomize: {} folders build, and hold what was rendered", folders.len()));
}

/// How what kustomize makes of a folder differs from the objects in it.
fn difference(tools: &Tools, folder: &Path) -> Option<String> {
    let finished = tools.run("kustomize", folder, &["build", "."]);
    if !finished.success || !finished.stderr.trim().is_empty() {
        return Some(finished.stderr);
    }
    let sorted = |mut objects: Vec<Value>| {
        objects.sort_by_key(|object| (identity(object), object.to_string()));
        objects
    };
    let built = sorted(parse("kustomize build", &finished.stdout));
    let rendered = sorted(below(folder));
    if rendered.is_empty() {
        return Some("nothing was rendered into it".to_owned());
    }
    let names = |objects: &[Value]| objects.iter().map(identity).collect::<Vec<_>>();
    if names(&built) != names(&rendered) {
        return Some(format!("{:?} became {:?}", names(&rendered), names(&built)));
    }
    let changed = built.iter().zip(&rendered).find(|(built, rendered)| built != rendered);
    changed.map(|(built, rendered)| format!("{rendered} became {built}"))
}

fn identity(object: &Value) -> String {
    let part = |pointer| text(object, pointer);
    format!("{} {} {}", part("/apiVersion"), part("/kind"), part("/metadata/name"))
}
