//! The guard of the floors: what a module may import, where a plug's name may be written, and who
//! may touch the world.
//!
//! It reads the sources as text and needs nothing of the crate, so it also judges modules that do
//! not compile yet. Every rule is shown breaches that it must catch.

use std::fs;
use std::path::{Path, PathBuf};

#[path = "floors/paths.rs"]
mod paths;

/// Ground floor first. A module imports lower floors only, never its own or a higher one.
const FLOORS: &[&[&str]] = &[
    &["limits", "written"],
    &["text", "name", "version", "date"],
    &["diagnostic", "object", "selector", "failure"],
    &["yaml", "lock"],
    &["schema", "cel", "template"],
    &["document", "snapshot"],
    &["catalogue", "inventory", "advisory"],
    &["link"],
    &["plan"],
    &["compile", "admission", "calendar"],
    &["engine", "sync", "manifest"],
    &["tree"],
    &["check"],
    &["change", "baseline", "upgrade", "posture"],
    &["blast"],
    &["report"],
    &["source", "delivery", "serve"],
    &["pipeline"],
    &["cli"],
    &["main"],
];

/// From here upwards there are files, clocks, environments and networks.
const OUTSIDE: &str = "source";

/// Crates that are good for nothing but the outside.
const OUTSIDE_CRATES: &[&str] = &[
    "clap",
    "clap_complete",
    "git2",
    "hyper",
    "hyper_util",
    "indicatif",
    "octocrab",
    "rustix",
    "tokio",
    "ureq",
];

/// Folders of plugs: these know nothing of each other.
const SLOTS: &[&[&str]] =
    &[&["engine"], &["sync"], &["report"], &["source"], &["delivery", "forge"]];

/// What lies in a slot for all of its plugs.
const SHARED: &[&str] = &["html", "reading", "safe", "sample", "scanning", "underway"];

/// Folders whose plugs have names (ids) that nobody else may write.
const NAMED: &[&[&str]] = &[&["engine"], &["sync"], &["delivery", "forge"]];

struct Source {
    module: Vec<String>,
    path: PathBuf,
    text: String,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// Every file of `src/` with the module it is; `lib.rs` only lists modules and is left out.
fn sources() -> Vec<Source> {
    let mut found = Vec::new();
    let mut open = vec![(root(), Vec::new())];
    while let Some((folder, module)) = open.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let stem = path.file_stem().unwrap().to_string_lossy().into_owned();
            let mut module: Vec<String> = module.clone();
            if path.is_dir() {
                module.push(stem);
                open.push((path, module));
            } else if path.extension().is_some_and(|end| end == "rs")
                && path != root().join("lib.rs")
            {
                if stem != "mod" {
                    module.push(stem);
                }
                let text = fs::read_to_string(&path).unwrap();
                found.push(Source { module, path, text });
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

fn floor(module: &str) -> Option<usize> {
    FLOORS.iter().position(|floor| floor.contains(&module))
}

/// The files and folders of a slot: its plugs.
fn plugs(slot: &[&str]) -> Vec<String> {
    let Ok(entries) = fs::read_dir(root().join(slot.join("/"))) else { return Vec::new() };
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned())
        .filter(|name| name != "mod" && !SHARED.contains(&name.as_str()))
        .collect();
    names.sort();
    names.dedup();
    names
}

/// The plug that a path leads into, if it leads into that slot.
fn plug<'a>(slot: &[&str], path: &'a [String]) -> Option<&'a str> {
    let inside = path.len() > slot.len() && slot.iter().zip(path).all(|(a, b)| a == b);
    inside.then(|| path[slot.len()].as_str())
}

fn complaints(module: &[String], text: &str) -> Vec<String> {
    let me = module.join("::");
    let Some(mine) = floor(&module[0]) else {
        return vec![format!("`{me}` stands on no floor: give it one in tests/floors.rs")];
    };
    let mut said = Vec::new();
    let used = paths::used(module, text);
    for path in &used.own {
        let other = path.join("::");
        match path.first().map(|top| (top, floor(top))) {
            None => said.push(format!("{me} imports the whole crate at once")),
            Some((top, _)) if *top == module[0] => {
                for slot in SLOTS {
                    let (Some(from), Some(to)) = (plug(slot, module), plug(slot, path)) else {
                        continue;
                    };
                    if from != to && plugs(slot).iter().any(|known| known == to) {
                        said.push(format!("{me} imports its sibling {other}"));
                    }
                }
            }
            Some((_, None)) => said.push(format!("{me} imports {other}, which stands on no floor")),
            Some((_, Some(its))) if its >= mine => {
                said.push(format!("{me} (floor {mine}) imports {other} (floor {its})"));
            }
            Some(_) => {}
        }
    }
    if Some(mine) < floor(OUTSIDE) {
        let outside = used.foreign.iter().filter(|name| OUTSIDE_CRATES.contains(&name.as_str()));
        said.extend(outside.map(|name| format!("{me} reaches outside through `{name}`")));
        if text.contains("disallowed_methods") {
            said.push(format!("{me} lifts the lint that keeps it pure"));
        }
    }
    said
}

/// A name of somebody else's that happens to contain an id.
const HOMONYM: &str = "K8sNativeValidation";

/// Whether a text writes the id as a word of its own or at the head of a compound name.
fn writes(text: &str, id: &str) -> bool {
    let text = &text.replace(HOMONYM, "");
    let lower = text.to_ascii_lowercase();
    lower.match_indices(id).any(|(at, _)| {
        let head = text[at..].starts_with(|letter: char| letter.is_ascii_uppercase());
        let before = text[..at].chars().next_back();
        let after = text[at + id.len()..].chars().next();
        (head || !before.is_some_and(char::is_alphabetic))
            && !after.is_some_and(|letter| letter.is_ascii_lowercase())
    })
}

/// The ids that this file writes although they are none of its business.
fn foreign_ids(slot: &[&str], ids: &[String], module: &[String], text: &str) -> Vec<String> {
    if module.iter().map(String::as_str).eq(slot.iter().copied()) {
        return Vec::new();
    }
    let own = plug(slot, module);
    ids.iter()
        .filter(|id| own != Some(id.as_str()) && writes(text, id))
        .map(|id| {
            format!(
                "{} writes `{id}`, which is known in src/{} only",
                module.join("::"),
                slot.join("/")
            )
        })
        .collect()
}

#[test]
fn modules_keep_to_their_floors() {
    let found: Vec<String> =
        sources().iter().flat_map(|one| complaints(&one.module, &one.text)).collect();
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

#[test]
fn plugs_are_named_in_their_own_place_only() {
    let mut found = Vec::new();
    for slot in NAMED {
        let ids = plugs(slot);
        for one in sources() {
            found.extend(foreign_ids(slot, &ids, &one.module, &one.text));
        }
    }
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

fn module(path: &str) -> Vec<String> {
    path.split("::").map(str::to_owned).collect()
}

#[test]
fn breaches_are_caught() {
    for (at, text) in [
        ("engine::kyverno", "use crate::engine::native::Native;"),
        ("engine::kyverno", "use super::native::Native;"),
        ("engine::kyverno::cluster_policy", "use super::super::native;"),
        ("engine::kyverno", "mod inner { use super::super::native::Native; }"),
        ("sync::flux", "pub(in crate::sync) fn x() -> super::argocd::ArgoCd { todo!() }"),
        ("engine::kyverno", "fn x() { crate::pipeline::run() }"),
        ("engine::native", "fn x() { super::super::pipeline::run() }"),
        ("plan", "use crate::{document::{Action}, engine::{self, Engine}};"),
        ("plan", "use crate::{\n    date::Date,\n    r#engine as anything,\n};"),
        ("link", "use crate::{diagnostic::Diagnostic as D, tree::Tree as T};"),
        ("link", "use crate as all;"),
        ("link", "use crate::*;"),
        ("compile", "use crate::admission::Policy;"),
        ("name", "/* so far */ use crate::text::Place;"),
        ("text", "const A: &str = \"// \\\" \"; use crate::yaml;"),
        ("text", "fn x<'a>(a: &'a str, b: char) { b == '\"'; crate::yaml::read(a) }"),
        ("tree", "use git2::Repository;"),
        ("tree", "fn x() { ::tokio::spawn(y()) }"),
        ("tree", "#![expect(clippy::disallowed_methods, reason = \"none\")]"),
        ("attic", ""),
        ("plan", "use crate::attic::Box;"),
    ] {
        assert!(!complaints(&module(at), text).is_empty(), "{at}: {text}");
    }
    let ids = module("kyverno::native");
    for text in ["// as Kyverno does", "\"kyverno.io\"", "KyvernoPolicy", "KYVERNO_1", "ofKyverno"]
    {
        assert!(!foreign_ids(&["engine"], &ids, &module("plan"), text).is_empty(), "{text}");
        assert!(!foreign_ids(&["engine"], &ids, &module("engine::native"), text).is_empty());
    }
}

#[test]
fn what_is_allowed_passes() {
    for (at, text) in [
        ("engine::kyverno", "use super::{Engine, Emitted}; use crate::{plan::Rule, compile as c};"),
        (
            "engine::kyverno::cluster_policy",
            "use super::validating_policy::x; use super::super::Engine;",
        ),
        ("engine", "pub mod native; pub fn all() { native::x() }"),
        ("engine", "mod reading { use super::Engine; use crate::object; }"),
        (
            "plan::merge",
            "use super::scope::Scope; mod tests { use super::*; use super::super::Rule; }",
        ),
        ("yaml", "use crate::{diagnostic::{Diagnostic, Place}, text::Span}; // crate::pipeline"),
        (
            "yaml",
            "/* crate::tree /* crate::cli */ crate::tree */ const A: &str = r#\"crate::\"tree\"#;",
        ),
        ("yaml", "//! crate::tree\nconst B: (&str, char) = (\"crate::tree\", '\\'');"),
        ("source::git", "use git2::Repository; #![expect(clippy::disallowed_methods)]"),
        ("tree", "fn git2_like(tokio: u8) -> u8 { tokio }"),
        ("main", "fn main() { ordinance::cli::run() }"),
    ] {
        assert_eq!(complaints(&module(at), text), Vec::<String>::new(), "{at}: {text}");
    }
    let ids = module("kyverno::native");
    for text in ["an alternative, natively", "the engine"] {
        assert!(foreign_ids(&["engine"], &ids, &module("plan"), text).is_empty(), "{text}");
    }
    assert!(foreign_ids(&["engine"], &ids, &module("engine"), "Kyverno, native").is_empty());
    assert!(foreign_ids(&["engine"], &ids, &module("engine::native"), "native").is_empty());
}
