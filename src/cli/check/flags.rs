//! Complaints about what was asked for on the command line, told of its flags.
//!
//! What is asked is read as documents that nobody wrote. Where a complaint is about a line of
//! theirs, it is shown at the flag that made the line, and its way out names a flag.

use super::super::options::Check;
use crate::catalogue::Catalogue;
use crate::diagnostic::{Advice, Diagnostic, Diagnostics};
use crate::pipeline::ALONE;
use crate::text::{Place, SourceId, Sources};
use crate::yaml::{self, Node, Value};
use std::ops::Range;

/// What the flags are called where a complaint shows them.
const SHOWN: &str = "command line";

/// The keys that lead to a part of a document.
type Path = Vec<String>;

/// The flags as one line, and which part of it each part of the documents comes from.
pub struct Flags {
    line: String,
    parts: Vec<(Path, Range<usize>)>,
    by_control: bool,
}

impl Flags {
    pub fn new(options: &Check) -> Flags {
        let by_control = options.framework.is_some();
        let mut flags = Flags { line: String::new(), parts: vec![], by_control };
        let asked = |key: &str| spec(&["requires", key]);
        if let Some(control) = &options.control {
            flags.add("--control", control, asked("control"));
        }
        if let Some(framework) = &options.framework {
            flags.add("--framework", framework, asked("framework"));
        }
        flags.also(spec(&["requires"]));
        if let Some(version) = &options.framework_version {
            flags.add("--framework-version", version, asked("version"));
        }
        if let Some(level) = &options.level {
            flags.add("--level", level, asked("level"));
        }
        for setting in &options.set {
            let mut path = asked("parameters");
            let value = format!("{}={}", setting.key, setting.value);
            match setting.key.split_once('.') {
                Some((control, key)) if by_control => {
                    path.push(control.to_owned());
                    let inner = [path.clone(), vec![key.to_owned()]].concat();
                    flags.add("--set", &value, inner);
                    // The control's name is a part of the same flag.
                    flags.also(path);
                }
                _ => {
                    path.push(setting.key.clone());
                    flags.add("--set", &value, path);
                }
            }
        }
        if let Some(version) = options.kubernetes {
            flags.add("--kubernetes", &version.to_string(), spec(&["kubernetes"]));
        }
        if let Some(engine) = &options.engine {
            let version = engine.version.map(|version| format!("@{version}")).unwrap_or_default();
            flags.add("--engine", &format!("{}{version}", engine.name), spec(&["engine"]));
            // The version of an engine that is built in is that of Kubernetes.
            if options.kubernetes.is_none() {
                flags.also(spec(&["kubernetes"]));
            }
        }
        flags
    }

    fn add(&mut self, flag: &str, value: &str, path: Path) {
        if !self.line.is_empty() {
            self.line.push(' ');
        }
        self.line.push_str(flag);
        self.line.push(' ');
        let start = self.line.len();
        self.line.push_str(value);
        self.parts.push((path, start..self.line.len()));
    }

    /// Another part of the documents that comes from the last flag.
    fn also(&mut self, path: Path) {
        if let Some((_, part)) = self.parts.last() {
            self.parts.push((path, part.clone()));
        }
    }

    /// The complaints, of the flags.
    pub fn complaints(
        &self,
        all: Diagnostics,
        sources: &mut Sources,
        catalogue: &Catalogue,
    ) -> Diagnostics {
        let documents = format!("{ALONE}.yaml");
        let unwritten = sources.iter().find(|(_, source)| *source.path == *documents);
        let Some(unwritten) = unwritten.map(|(id, _)| id) else { return all };
        let nodes = yaml::read(sources, unwritten).unwrap_or_default();
        let shown = sources.add(SHOWN, self.line.as_str());
        let mut told = Diagnostics::default();
        told.extend(all.into_list().into_iter().map(|mut one| {
            if one.places.iter().any(|(place, _)| place.source == unwritten) {
                self.tell(&mut one, catalogue);
                let moved = one.places.into_iter().filter_map(|(place, label)| {
                    let place = match place.source == unwritten {
                        true => self.part(&nodes, place, shown)?,
                        false => place,
                    };
                    Some((place, label))
                });
                one.places = moved.collect();
            }
            one
        }));
        told
    }

    /// The part of the line that a line of the documents comes from; none of what was not asked.
    fn part(&self, nodes: &[Node], place: Place, shown: SourceId) -> Option<Place> {
        let path = nodes.iter().find_map(|node| path_to(node, place))?;
        let known = (1..=path.len()).rev().find_map(|length| {
            self.parts.iter().find(|(known, _)| *known == path[..length]).map(|(_, part)| part)
        })?;
        let (start, end) = (u32::try_from(known.start).ok()?, u32::try_from(known.end).ok()?);
        Some(Place { source: shown, start, end })
    }

    /// Ways out that lead to a file lead to a flag.
    fn tell(&self, one: &mut Diagnostic, catalogue: &Catalogue) {
        match &*one.code {
            "missing-parameter" => {
                let help = self.missing(&one.message, catalogue);
                one.advice = help.into_iter().map(Advice::Help).collect();
            }
            "unsupported-version" => {
                if let Some((_, why)) = one.message.split_once(": ") {
                    one.message = format!("what is asked cannot be rendered: {why}");
                }
            }
            _ => {}
        }
    }

    /// How to give the parameters that a control lacks, which the message names after it.
    fn missing(&self, message: &str, catalogue: &Catalogue) -> Option<String> {
        let mut names = message.split('`').skip(1).step_by(2);
        let id = names.next()?;
        let control = catalogue.controls.get(id)?;
        let settings = names.filter_map(|name| {
            let (_, schema) = control.parameters().find(|(known, _)| *known == name)?;
            let value = match schema.get("type").and_then(serde_json::Value::as_str) {
                Some("array") => "[…]",
                Some("object") => "{…}",
                Some("string") => "\"…\"",
                _ => "…",
            };
            let of = if self.by_control { format!("{id}.") } else { String::new() };
            Some(format!("`--set '{of}{name}={value}'`"))
        });
        let settings: Vec<String> = settings.collect();
        Some(format!("give it with {}; `ordinance controls {id}` describes it", settings.join(" ")))
    }
}

fn spec(keys: &[&str]) -> Path {
    std::iter::once("spec").chain(keys.iter().copied()).map(str::to_owned).collect()
}

/// The keys that lead to the smallest part of a document that a place lies in.
fn path_to(node: &Node, place: Place) -> Option<Path> {
    let holds = |outer: Place| outer.start <= place.start && place.start <= outer.end;
    let inner = match &node.value {
        Value::Map(entries) => entries.iter().find_map(|((key, at), value)| {
            let deeper = match *at == place {
                true => Some(vec![]),
                false => path_to(value, place),
            };
            deeper.map(|rest| std::iter::once(key.clone()).chain(rest).collect())
        }),
        Value::List(items) => items.iter().find_map(|item| path_to(item, place)),
        _ => None,
    };
    let here = node.place.source == place.source && (node.place == place || holds(node.place));
    let leaf = !matches!(node.value, Value::Map(_) | Value::List(_));
    inner.or_else(|| (here && (leaf || node.place == place)).then(Vec::new))
}
