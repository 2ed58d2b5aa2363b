//! `ordinance controls [NAME | FRAMEWORK@VERSION]`.

use super::options::Controls;
use super::{Exit, repository, talk};
use crate::catalogue::Definition;
use crate::document::{Admission, Document, Framework, Subject};
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
    if let Some(versions) = catalogue.frameworks.get(framework) {
        let found = match version {
            "latest" => versions.last(),
            version => versions.iter().find(|one| one.spec.version.value == version),
        };
        if let Some(found) = found {
            show(loaded, found);
            return Ok(Exit::Fine);
        }
        let known: Vec<&str> = versions.iter().map(|one| one.spec.version.value.as_str()).collect();
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
    for (name, versions) in &catalogue.frameworks {
        for one in versions {
            say!("  {name}@{}  {}", one.spec.version.value, one.spec.title);
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
                say!("  covers      {name}@{} {}", one.spec.version.value, ids.join(", "));
            }
        }
    }
}

/// Recommendations that are covered, not yet covered, and not enforceable by admission.
pub fn coverage(framework: &Document<Framework>) -> (usize, usize, usize) {
    let all = &framework.spec.recommendations;
    let covered = all.iter().filter(|one| !one.controls.is_empty()).count();
    let never = all
        .iter()
        .filter(|one| one.controls.is_empty() && one.admission == Admission::None)
        .count();
    (covered, all.len() - covered - never, never)
}

/// The frameworks that some intent asks for.
pub fn asked_for(loaded: &Loaded) -> Vec<(String, String)> {
    let recommendations = loaded.linked.demands.iter().flat_map(|demand| &demand.recommendations);
    let names: BTreeSet<(String, String)> =
        recommendations.map(|one| (one.framework.clone(), one.version.clone())).collect();
    names.into_iter().collect()
}

pub fn coverage_line(loaded: &Loaded, (name, version): &(String, String)) -> String {
    let found = loaded
        .catalogue
        .frameworks
        .get(name)
        .and_then(|versions| versions.iter().find(|one| one.spec.version.value == *version));
    let Some(framework) = found else { return format!("{name} {version}") };
    let (covered, later, never) = coverage(framework);
    format!(
        "{name} {version}: {covered} of {} recommendations enforced, {later} not yet covered, \
         {never} not by admission (`ordinance controls {name}@{version}`)",
        framework.spec.recommendations.len()
    )
}

/// What the requirements of a framework leave out of it, each with why and where.
pub fn left_out(loaded: &Loaded, (name, version): &(String, String)) -> Vec<String> {
    let demands = loaded.linked.demands.iter().filter(|demand| {
        let mut recommendations = demand.recommendations.iter();
        recommendations.any(|one| one.framework == *name && one.version == *version)
    });
    let labels: BTreeSet<&str> = demands.map(|demand| demand.label.as_str()).collect();
    let all = loaded.linked.intents.iter().flat_map(|intent| &intent.left_out);
    let told = all.filter(|one| labels.contains(one.label.as_str())).map(|one| {
        let because = talk::on_one_line(&one.because);
        let place = loaded.sources.short(one.place);
        format!("{} leaves out {}: {because} ({place})", one.label, one.control)
    });
    told.collect()
}

fn show(loaded: &Loaded, framework: &Document<Framework>) {
    let spec = &framework.spec;
    say!("{} {}: {}", framework.name.value, spec.version.value, spec.title);
    for one in &spec.recommendations {
        let state = match (one.controls.is_empty(), one.admission) {
            (false, Admission::Full) => "covered",
            (false, _) => "covered in part",
            (true, Admission::None) => "not by admission",
            (true, _) => "not yet covered",
        };
        let mut controls: Vec<&str> =
            one.controls.iter().map(|entry| entry.control.value.as_str()).collect();
        controls.dedup();
        let because = one.because.as_deref().unwrap_or_default();
        let detail = if controls.is_empty() { because.to_owned() } else { controls.join(", ") };
        say!("  {:7} L{}  {state:16}  {}", one.id.value, one.level, one.title);
        if !detail.is_empty() {
            say!("  {:29}  {detail}", "");
        }
    }
    let name = (framework.name.value.clone(), spec.version.value.clone());
    say!("{}", coverage_line(loaded, &name));
    for line in left_out(loaded, &name) {
        say!("{line}");
    }
}
