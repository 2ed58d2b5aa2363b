//! `ordinance inventory`: Cluster documents from what clusters answer, or from others' inventories.
//!
//! Files and stdin are read, no cluster is asked. Documents go to stdout unless they are to be written,
//! and what is left to fill in is said.

use super::options::{Add, Completed, Enforcer, Import, Inventory, InventoryOf};
use super::{Exit, begin, repository, snapshots, talk};
use crate::catalogue;
use crate::engine;
use crate::failure::Failure;
use crate::inventory::{self, Choices, Known};
use crate::name;
use crate::plan::Facts;
use crate::sync;
use crate::text::{count, visible};
use serde_json::Value;
use std::collections::BTreeSet;

/// The folder of a repository that holds its inventory.
const FOLDER: &str = "clusters";

pub fn run(options: &Inventory) -> Result<Exit, Failure> {
    match &options.of {
        InventoryOf::Add(options) => add(options),
        InventoryOf::Import(options) => import(options),
    }
}

fn add(options: &Add) -> Result<Exit, Failure> {
    let name = &options.name;
    if let Some(problem) = name::problem(name) {
        tell!("error: `{}` {problem}", visible(name));
        tell!("hint: the name of a cluster is that of its file and of its folder");
        return Ok(Exit::Input);
    }
    let (values, whole) = values(&options.files)?;
    if !whole {
        return Ok(Exit::Input);
    }
    let mut known = match inventory::answers(name, &values) {
        Ok(known) => known,
        Err(why) => {
            tell!("error: {} says nothing of a cluster: {why}", called(&options.files));
            tell!("hint: `kubectl version -o json` and `kubectl get nodes -o json` do");
            return Ok(Exit::Input);
        }
    };
    if let Some(provider) = &options.provider {
        known.provider = Some(provider.clone());
    }
    write(&options.completed, vec![(name.clone(), known)])
}

fn import(options: &Import) -> Result<Exit, Failure> {
    let (values, whole) = values(&options.files)?;
    let tools = sync::all();
    let listings: Vec<_> = tools.iter().filter_map(|tool| tool.lists_clusters()).collect();
    let found = inventory::listed(&values, &listings);
    if found.is_empty() {
        if whole {
            tell!("error: {} lists no cluster", called(&options.files));
        }
        tell!(
            "hint: kubeconfigs, and the objects with which Argo CD, Cluster API, Open Cluster \
             Management and Rancher list clusters, are understood"
        );
        return Ok(Exit::Input);
    }
    let names = inventory::names(found.iter().map(|one| one.called.as_str()), &BTreeSet::new());
    for (one, name) in found.iter().zip(&names).filter(|(one, name)| one.called != **name) {
        talk::note(&format!("`{}` is called `{name}`", visible(&one.called)));
    }
    let exit = write(&options.completed, names.into_iter().zip(found).collect())?;
    Ok(if exit == Exit::Fine && !whole { Exit::Input } else { exit })
}

/// What the files hold; whether all of them could be read, which is said.
fn values(files: &[String]) -> Result<(Vec<Value>, bool), Failure> {
    let mut values = vec![];
    let mut whole = true;
    for file in files {
        match snapshots::values(file)? {
            Ok(found) => values.extend(found),
            Err(because) => {
                tell!("error: `{file}` is not read: {because}");
                whole = false;
            }
        }
    }
    Ok((values, whole))
}

fn called(files: &[String]) -> String {
    let called = |file: &String| if file == super::named::DASH { "stdin" } else { file }.to_owned();
    files.iter().map(called).collect::<Vec<_>>().join(", ")
}

fn write(options: &Completed, clusters: Vec<(String, Known)>) -> Result<Exit, Failure> {
    let folder = &options.place.repository;
    if options.write {
        repository::is_there(&options.place)?;
    }
    let choices = choices();
    let (mut files, mut taken) = (vec![], 0);
    for (name, mut known) in clusters {
        if let Some(Enforcer { name, version }) = &options.engine {
            known.engine = Some((name.clone(), *version));
        }
        known.labels.extend(options.label.iter().cloned());
        let path = format!("{FOLDER}/{name}.yaml");
        if options.write && begin::is_taken(&folder.join(&path)) {
            tell!("{path} is there already and stays as it is");
            taken += 1;
            continue;
        }
        let (text, missing) = inventory::document(&name, &known, &choices);
        if !missing.is_empty() {
            let missing: Vec<String> = missing.iter().map(|field| format!("`{field}`")).collect();
            tell!("{name}: fill in {}", missing.join(", "));
        }
        files.push((path, text));
    }
    if !options.write {
        let texts: Vec<&str> = files.iter().map(|(_, text)| text.as_str()).collect();
        talk::print(&texts.join("---\n"));
        return Ok(Exit::Fine);
    }
    let files: Vec<(&str, String)> =
        files.iter().map(|(path, text)| (path.as_str(), text.clone())).collect();
    begin::write(folder, &files)?;
    for (path, _) in &files {
        say!("{}", folder.join(path).display());
    }
    if files.is_empty() && taken > 0 {
        tell!(
            "error: {} in {FOLDER}/ already; nothing was written",
            match taken {
                1 => "it is".to_owned(),
                number => format!("all {} are", count(number, "cluster")),
            }
        );
        return Ok(Exit::Input);
    }
    Ok(Exit::Fine)
}

/// What a document may say of its provider and its engine.
fn choices() -> Choices {
    let engine = |one: Box<dyn engine::Engine>| {
        let id = one.id();
        if one.namespace().is_none() {
            return format!("{{name: {id}}}");
        }
        let newest = one.proved().iter().filter_map(Facts::engine_version).max();
        newest.map_or_else(
            || format!("{{name: {id}}}"),
            |version| format!("{{name: {id}, version: \"{version}\"}}"),
        )
    };
    Choices {
        providers: catalogue::provider_names(),
        engines: engine::all().into_iter().map(engine).collect(),
    }
}
