//! What is known of a cluster as its document; what is not, as a comment in its place.

use super::Known;
use crate::document::API_VERSION;
use crate::text::visible;
use crate::yaml;
use serde_json::json;

/// What can be filled in where something is not known.
#[derive(Clone, Debug)]
pub struct Choices {
    pub providers: Vec<String>,
    /// As they are written: `{name: …}`, with a version where they have one of their own.
    pub engines: Vec<String>,
}

/// The document, and the fields that are left to fill in.
pub fn document(name: &str, known: &Known, choices: &Choices) -> (String, Vec<&'static str>) {
    let mut metadata = json!({"name": name});
    if !known.labels.is_empty() {
        metadata["labels"] = json!(known.labels);
    }
    let head = json!({"apiVersion": API_VERSION, "kind": "Cluster", "metadata": metadata});
    let mut text = yaml::write(&head);
    let mut missing = vec![];
    text.push_str("spec:\n");
    for remark in &known.remarks {
        let remark = remark.split_whitespace().collect::<Vec<_>>().join(" ");
        text.push_str(&format!("  # {}\n", visible(&remark)));
    }
    let mut field = |name: &'static str, value: Option<String>, help: &str| match value {
        Some(value) => text.push_str(&format!("  {name}: {value}\n")),
        None => {
            text.push_str(&format!("  # {name}: {help}\n"));
            missing.push(name);
        }
    };
    let version = known.kubernetes.map(|version| format!("\"{version}\""));
    field("kubernetes", version, "TODO the version of the API server, in quotes, such as \"1.33\"");
    let provider = known.provider.clone().filter(|one| choices.providers.contains(one));
    let providers = choices.providers.join(", ");
    field("provider", provider, &format!("TODO who runs the control plane: one of {providers}"));
    let engine = known.engine.as_ref().map(|(name, version)| match version {
        Some(version) => format!("{{name: {name}, version: \"{version}\"}}"),
        None => format!("{{name: {name}}}"),
    });
    let engines = choices.engines.join(" or ");
    field("engine", engine, &format!("TODO what enforces policy there: {engines}"));
    (text, missing)
}
