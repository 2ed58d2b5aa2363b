//! Every expression of the committed example against the checker of its own target.
//!
//! The texts are read from the rendered files, variables in their order, as the target's compiler
//! meets them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use ordinance::cel::{Checker, Dialect, Type};
use serde_json::Value as Json;

pub fn documents(path: &Path) -> Vec<Json> {
    let text = fs::read_to_string(path).expect("a file");
    serde_saphyr::from_multiple(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|extension| extension == "yaml") {
            found.push(path);
        }
    }
    found
}

/// Cluster → its engine and the version that counts.
pub fn clusters(root: &Path) -> BTreeMap<String, (String, String)> {
    let all = files(&root.join("clusters")).into_iter().flat_map(|path| documents(&path));
    all.map(|cluster| {
        let text = |value: &Json| value.as_str().expect("a text").to_owned();
        let spec = &cluster["spec"];
        let engine = text(&spec["engine"]["name"]);
        let version = match engine.as_str() {
            // Where an upgrade is under way, the older one decides what may be written.
            "native" => text(spec["kubernetes"].get("version").unwrap_or(&spec["kubernetes"])),
            _ => text(&spec["engine"]["version"]),
        };
        (text(&cluster["metadata"]["name"]), (engine, version))
    })
    .collect()
}

/// What holds variables and validations, and whether parameters are a variable.
pub fn programs(object: &Json) -> Vec<(&Json, bool)> {
    let list = |value: &'static str, at: &'static str| {
        object["spec"][value].as_array().into_iter().flatten().map(move |one| &one[at])
    };
    match object["kind"].as_str() {
        Some("ValidatingAdmissionPolicy" | "ValidatingPolicy") => vec![(&object["spec"], false)],
        Some("ClusterPolicy") => {
            list("rules", "validate").map(|validate| (&validate["cel"], false)).collect()
        }
        Some("ConstraintTemplate") => {
            list("targets", "code").map(|code| (&code[0]["source"], true)).collect()
        }
        _ => Vec::new(),
    }
}

fn texts<'a>(program: &'a Json, lists: &[&'a str], field: &'a str) -> Vec<&'a str> {
    let all = lists.iter().flat_map(|list| program[*list].as_array().into_iter().flatten());
    all.filter_map(|one| one[field].as_str()).collect()
}

#[test]
fn every_rendered_expression_is_one_its_target_compiles() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut expressions = 0;
    let mut told = Vec::new();
    for (cluster, (engine, version)) in clusters(root) {
        let folder = root.join("rendered").join(&cluster);
        if !folder.is_dir() {
            continue;
        }
        let mut numbers = version.split('.').map(|one| one.parse::<u16>().expect("a number"));
        let version = (numbers.next().expect("one"), numbers.next().expect("two"));
        for path in files(&folder) {
            for object in documents(&path) {
                for (program, parameters) in programs(&object) {
                    let shape = object["kind"].as_str().expect("a kind");
                    let dialect = Dialect::of(shape, version)
                        .unwrap_or_else(|| panic!("{engine} {shape} {version:?} is not listed"));
                    let mut checker = Checker::strict(&dialect);
                    if parameters {
                        checker.declare("params", Type::Dyn);
                        checker.declare("anyObject", Type::Dyn);
                    }
                    let mut problem = |text: &str, why: String| {
                        told.push(format!("{}: {why}\n  {text}", path.display()));
                    };
                    for variable in program["variables"].as_array().into_iter().flatten() {
                        let text = variable["expression"].as_str().expect("a text");
                        let name = variable["name"].as_str().expect("a name");
                        expressions += 1;
                        if let Err(problems) = checker.define(name, text) {
                            problem(text, format!("{problems:?}"));
                        }
                    }
                    for (field, wanted) in
                        [("expression", Type::Bool), ("messageExpression", Type::String)]
                    {
                        let lists = ["validations", "expressions", "matchConditions"];
                        for text in texts(program, &lists, field) {
                            expressions += 1;
                            match checker.check(text) {
                                Ok(found) if found == wanted || found == Type::Dyn => {}
                                Ok(found) => problem(text, format!("is a {found}")),
                                Err(problems) => problem(text, format!("{problems:?}")),
                            }
                        }
                    }
                }
            }
        }
    }
    println!("{expressions} expressions");
    assert!(told.is_empty(), "{}", told.join("\n"));
    assert!(expressions > 1000, "only {expressions} expressions were found");
}
