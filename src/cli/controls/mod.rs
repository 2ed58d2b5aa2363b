//! `ordinance controls [NAME | FRAMEWORK@VERSION]`, and `ordinance controls new ID`.

mod chosen;
mod new;

use super::options::{Controls, Make};
use super::{Exit, frameworks, repository, talk};
use crate::catalogue::{Catalogue, Definition, shown_default};
use crate::failure::Failure;
use crate::pipeline::Loaded;
use crate::report::{REFERENCE_FORMATS, Reference, looks_at};
use std::collections::BTreeSet;

/// Said where a control is named that there is not.
pub const LISTED: &str = "hint: `ordinance controls` lists what there is";

pub fn run(options: &Controls) -> Result<Exit, Failure> {
    if let Some(Make::New(new)) = &options.make {
        return new::run(new, repository::load(&new.place)?);
    }
    let loaded = repository::load_with_cases(&options.place)?;
    let catalogue = &loaded.catalogue;
    let Some(name) = &options.name else { return reference(options, catalogue) };
    if let Some(control) = catalogue.controls.get(name) {
        describe(loaded, control);
        return Ok(Exit::Fine);
    }
    let (framework, version) = name.split_once('@').unwrap_or((name, "latest"));
    if let Some(documents) = catalogue.frameworks.get(framework) {
        if let Some(found) = catalogue.framework(framework, version) {
            frameworks::show(loaded, found, version);
            return Ok(Exit::Fine);
        }
        return Ok(frameworks::no_such_version(framework, version, documents));
    }
    let known = catalogue.controls.keys().chain(catalogue.frameworks.keys());
    talk::no_such("control or framework", name, known.map(String::as_str));
    tell!("{LISTED}");
    Ok(Exit::Input)
}

/// The controls that are asked about, in the format that is asked for.
fn reference(options: &Controls, catalogue: &Catalogue) -> Result<Exit, Failure> {
    if let Some(written) = &options.framework {
        let (framework, version) = written.split_once('@').unwrap_or((written, "latest"));
        if !catalogue.frameworks.contains_key(framework) {
            let known = catalogue.frameworks.keys();
            talk::no_such("framework", framework, known.map(String::as_str));
            return Ok(Exit::Input);
        }
        if catalogue.framework(framework, version).is_none() {
            let documents = &catalogue.frameworks[framework];
            return Ok(frameworks::no_such_version(framework, version, documents));
        }
    }
    let controls = catalogue.controls.values().map(AsRef::as_ref);
    let controls: Vec<&Definition> =
        controls.filter(|control| chosen::fits(options, control, catalogue)).collect();
    if controls.is_empty() {
        tell!("error: no control is like that");
        tell!("{LISTED}");
        return Ok(Exit::No);
    }
    match REFERENCE_FORMATS.iter().find(|format| format.id == options.format) {
        Some(format) => talk::print(&(format.write)(&Reference { catalogue, controls })),
        None => list(options, &controls, catalogue),
    }
    Ok(Exit::Fine)
}

fn list(options: &Controls, controls: &[&Definition], catalogue: &Catalogue) {
    let width = controls.iter().map(|control| control.id().len()).max().unwrap_or(0);
    say!("Controls");
    for control in controls {
        let spec = &control.document.spec;
        say!("  {:width$}  {:8}  {}", control.id(), spec.severity.name(), spec.title);
    }
    if chosen::all(options) {
        say!("\nFrameworks");
        for (name, documents) in &catalogue.frameworks {
            for one in documents {
                say!("  {name}@{}  {}", frameworks::in_words(one), one.spec.title);
            }
        }
    }
    say!("\nNext: ordinance controls NAME, or ordinance controls FRAMEWORK@VERSION");
}

fn describe(loaded: &Loaded, control: &Definition) {
    let spec = &control.document.spec;
    say!("{}: {}", control.id(), spec.title);
    say!("  severity    {}", spec.severity.name());
    match control.is_manifest() {
        true => say!("  is          an object that namespaces are given; it judges nothing"),
        false => say!("  looks at    {}", looks_at(control)),
    }
    say!("  why         {}", spec.why.trim());
    say!("  fix         {}", spec.fix.trim());
    for (name, schema) in control.parameters() {
        let default = shown_default(schema);
        let default = default.map_or("required".to_owned(), |value| format!("default {value}"));
        let more = schema.get("x-more").and_then(serde_json::Value::as_str);
        let more = more.map_or(String::new(), |more| format!("; more is {more}"));
        say!("  parameter   {name} ({default}{more})");
        if let Some(text) = schema.get("description").and_then(serde_json::Value::as_str) {
            say!("              {text}");
        }
    }
    if let Some(follows) = control.follows() {
        let versions = loaded.catalogue.followed(control).into_iter();
        let changes: BTreeSet<_> = versions
            .flat_map(crate::catalogue::Span::versions)
            .filter_map(|version| control.since(version))
            .collect();
        let changes: Vec<String> = changes.iter().map(ToString::to_string).collect();
        say!("  follows     {follows}; says something new in {}", changes.join(", "));
    }
    let cases: usize = control.cases.iter().map(|cases| cases.spec.cases.len()).sum();
    if !control.is_manifest() {
        say!("  proved by   {}", crate::text::count(cases, "case"));
    }
    for (name, versions) in &loaded.catalogue.frameworks {
        for one in versions {
            let ids: Vec<&str> = one
                .spec
                .recommendations
                .iter()
                .filter(|r| r.controls.iter().any(|c| c.control.value == control.id()))
                .map(|r| r.id.value.as_str())
                .collect();
            if !ids.is_empty() {
                say!("  covers      {name}@{} {}", frameworks::in_words(one), ids.join(", "));
            }
        }
    }
}
