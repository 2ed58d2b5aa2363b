//! Kubernetes objects in files.

use ordinance::text::Sources;
use ordinance::yaml;
use serde_json::Value;
use std::fs;
use std::path::Path;

/// All documents of a YAML text.
pub fn parse(name: &str, text: &str) -> Vec<Value> {
    let mut sources = Sources::default();
    let source = sources.add(name, text);
    let nodes = yaml::read(&sources, source).unwrap_or_else(|found| panic!("{name}: {found:?}"));
    nodes.iter().map(yaml::Node::to_json).collect()
}

/// All documents of a YAML file.
pub fn read(file: &Path) -> Vec<Value> {
    let text =
        fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    parse(&file.display().to_string(), &text)
}

/// The objects below a folder in the order of their paths, kustomizations left out.
pub fn below(folder: &Path) -> Vec<Value> {
    let mut paths: Vec<_> = fs::read_dir(folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.expect("a folder that nobody else changes").path())
        .collect();
    paths.sort();
    let mut found = vec![];
    for path in paths {
        if path.is_dir() {
            found.extend(below(&path));
        } else if path.extension().is_some_and(|end| end == "yaml")
            && path.file_name().is_some_and(|name| name != "kustomization.yaml")
        {
            found.extend(read(&path));
        }
    }
    found
}

/// Writes documents as JSON, which is YAML, so that no writer of ours comes between.
pub fn write<'a>(file: &Path, documents: impl IntoIterator<Item = &'a Value>) {
    // The first line tells readers that take both that this is YAML, of which they read many
    // documents; of JSON some read one.
    let texts = documents.into_iter().map(|one| format!("---\n{one}\n"));
    fs::write(file, texts.collect::<String>())
        .unwrap_or_else(|error| panic!("{}: {error}", file.display()));
}

/// The text at a JSON pointer, empty where there is none.
pub fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or("")
}

/// The list at a JSON pointer, empty where there is none.
pub fn list<'a>(value: &'a Value, pointer: &str) -> &'a [Value] {
    value.pointer(pointer).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// `Kind/namespace/name`, by which every tool's report speaks of an object.
pub fn key(object: &Value) -> String {
    let metadata = |field| text(object, &format!("/metadata/{field}"));
    format!("{}/{}/{}", text(object, "/kind"), metadata("namespace"), metadata("name"))
}
