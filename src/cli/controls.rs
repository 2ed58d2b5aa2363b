//! `ordinance controls [NAME | FRAMEWORK@VERSION]`.

use super::options::Controls;
use super::{Exit, frameworks, repository, talk};
use crate::catalogue::Definition;
use crate::document::Subject;
use crate::failure::Failure;
use crate::pipeline::Loaded;
use std::collections::BTreeSet;

/// Said where a control is named that there is not.
pub const LISTED: &str = "hint: `ordinance controls` lists what there is";

pub fn run(options: &Controls) -> Result<Exit, Failure> {
    let loaded = repository::load_with_cases(&options.place)?;
    let catalogue = &loaded.catalogue;
    let Some(name) = &options.name else {
        list(loaded);
        return Ok(Exit::Fine);
    };
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
        let known: Vec<String> = documents.iter().flat_map(frameworks::versions).collect();
        let known = known.iter().map(String::as_str);
        talk::no_such(&format!("`{framework}` in version"), version, known);
        return Ok(Exit::Input);
    }
    let known = catalogue.controls.keys().chain(catalogue.frameworks.keys());
    talk::no_such("control or framework", name, known.map(String::as_str));
    tell!("{LISTED}");
    Ok(Exit::Input)
}

fn list(loaded: &Loaded) {
    let catalogue = &loaded.catalogue;
    let width = catalogue.controls.keys().map(String::len).max().unwrap_or(0);
    say!("Controls");
    for (id, control) in &catalogue.controls {
        let spec = &control.document.spec;
        say!("  {id:width$}  {:8}  {}", spec.severity.name(), spec.title);
    }
    say!("\nFrameworks");
    for (name, documents) in &catalogue.frameworks {
        for one in documents {
            say!("  {name}@{}  {}", frameworks::in_words(one), one.spec.title);
        }
    }
    say!("\nNext: ordinance controls NAME, or ordinance controls FRAMEWORK@VERSION");
}

fn describe(loaded: &Loaded, control: &Definition) {
    let spec = &control.document.spec;
    say!("{}: {}", control.id(), spec.title);
    say!("  severity    {}", spec.severity.name());
    let subject = match &control.subject {
        Subject::Pod => "pods, and the workloads that make them".to_owned(),
        Subject::Workload => "workloads, and pods nobody else makes".to_owned(),
        Subject::Resources(resources) => {
            resources.iter().map(|one| one.kind.as_str()).collect::<Vec<_>>().join(", ")
        }
    };
    say!("  looks at    {subject}");
    say!("  why         {}", spec.why.trim());
    say!("  fix         {}", spec.fix.trim());
    for (name, schema) in control.parameters() {
        let default = schema.get("default");
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
    say!("  proved by   {}", crate::text::count(cases, "case"));
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
