//! Changes in words, the same in every report.

use super::{Change, Entry, Presence, Rendering, Statement, Subject, Topic};
use crate::object;
use crate::selector::Selector;
use crate::text::{self, visible};
use serde_json::Value;
use std::fmt;

/// The most names a list of clusters says before it counts the rest.
const NAMED: usize = 6;

/// The longest value that is quoted within a sentence, in characters.
const QUOTED: usize = 80;

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Subject::Cluster => f.write_str("cluster"),
            Subject::Rule { name } => f.write_str(&visible(name)),
            Subject::File { path } => write!(f, "file {}", visible(path)),
            Subject::Sync { tool, file } => write!(f, "sync object {tool}/{}", visible(file)),
            Subject::Lock => f.write_str("lock only"),
        }
    }
}

impl fmt::Display for Statement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = visible(&self.path);
        let became = became(self);
        let value = |value: &Option<Value>| match value {
            Some(value) if self.topic == Topic::Scope => selector(value),
            Some(value) => short(value),
            None => "none".to_owned(),
        };
        match self.topic {
            Topic::Exemption => {
                let record = self.new.as_ref().or(self.old.as_ref());
                write!(f, "exemption {path} {became}{}", record.map(holes).unwrap_or_default())
            }
            Topic::Part => {
                let said = self.new.as_ref().or(self.old.as_ref());
                let said = said.map(|said| object::texts(said, &[])).unwrap_or_default();
                let space = if path.is_empty() { "" } else { " " };
                write!(f, "part{space}{path} {became} ({})", said.join("; "))
            }
            Topic::Expression => write!(f, "expression {} {became}", inner(&path)),
            Topic::Parameter => {
                write!(f, "parameter {path}: {} → {}", value(&self.old), value(&self.new))
            }
            _ => write!(f, "{path}: {} → {}", value(&self.old), value(&self.new)),
        }
    }
}

impl Change {
    /// How much was left out, where anything was.
    pub fn says_left_out(&self) -> Option<String> {
        let count = text::count(self.left_out, "change");
        let do_not = if self.left_out == 1 { "does not" } else { "do not" };
        let asked = intents(&self.only.intents);
        let which = match (self.only.intents.is_empty(), self.only.loosening) {
            (true, _) => format!("that {do_not} loosen"),
            (false, false) => format!("of what {asked} does not ask for"),
            (false, true) => format!("that {do_not} loosen what {asked} asks for"),
        };
        (self.left_out > 0).then(|| format!("{count} {which} left out"))
    }

    /// That there is none of what was asked for.
    pub fn says_nothing(&self) -> String {
        let verb = if self.only.loosening { "loosens" } else { "changes" };
        match self.only.intents.is_empty() {
            true => format!("Nothing {verb}"),
            false => format!("Nothing that {} asks for {verb}", intents(&self.only.intents)),
        }
    }
}

fn intents(names: &[String]) -> String {
    let names: Vec<String> = names.iter().map(|name| visible(name)).collect();
    names.join(" or ")
}

impl Entry {
    /// What it is about, in few words.
    pub fn title(&self) -> String {
        match (&self.subject, self.presence) {
            (Subject::Cluster, Presence::Removed) => "retired clusters".to_owned(),
            (Subject::Cluster, _) => "new clusters".to_owned(),
            (subject, _) => subject.to_string(),
        }
    }

    /// What happens, in short sentences; at least one.
    pub fn says(&self) -> Vec<String> {
        if let (Subject::Cluster, [files]) = (&self.subject, &self.statements[..]) {
            let count = files.new.as_ref().or(files.old.as_ref()).and_then(Value::as_u64);
            let count = count.and_then(|count| usize::try_from(count).ok()).unwrap_or_default();
            return vec![format!("{} {}", text::count(count, "file"), self.presence.word())];
        }
        let mut said = vec![];
        if self.presence != Presence::Changed {
            said.push(self.presence.word().to_owned());
        }
        said.extend(sentences(&self.statements, self.presence));
        if said.is_empty() {
            said.push(self.presence.word().to_owned());
        }
        said
    }

    /// `ValidatingPolicy on 3 clusters: a, b, c`, one for each kind of object.
    pub fn places(&self) -> Vec<String> {
        self.renderings
            .iter()
            .map(|one| {
                let on = format!(
                    "{}: {}",
                    text::count(one.clusters.len(), "cluster"),
                    clusters(&one.clusters)
                );
                match self.object(one) {
                    object if object.is_empty() => on,
                    object => format!("{object} on {on}"),
                }
            })
            .collect()
    }

    /// An object's kind, with its name where the rule's own does not tell it.
    pub fn object(&self, one: &Rendering) -> String {
        let Subject::Rule { name: rule } = &self.subject else { return visible(&one.kind) };
        let part = one.name.strip_prefix("ordinance-").unwrap_or(&one.name);
        match part.strip_prefix(rule.as_str()).map(|part| part.trim_start_matches('-')) {
            Some("") => visible(&one.kind),
            Some(part) => format!("{} ({})", visible(&one.kind), visible(part)),
            None => format!("{} ({})", visible(&one.kind), visible(part)),
        }
    }
}

/// Each statement as a sentence; of what comes or goes, what it does or did.
pub fn sentences(statements: &[Statement], presence: Presence) -> Vec<String> {
    let (expressions, others): (Vec<_>, Vec<_>) =
        statements.iter().partition(|one| one.topic == Topic::Expression);
    let said = others.into_iter().map(|statement| {
        let path = visible(&statement.path);
        let one_sided = match presence {
            Presence::Added => statement.new.as_ref(),
            Presence::Removed => statement.old.as_ref(),
            Presence::Changed => None,
        };
        match (one_sided, statement.topic) {
            (None, _) | (_, Topic::Part) => statement.to_string(),
            (Some(record), Topic::Exemption) => format!("exemption {path}{}", holes(record)),
            (Some(value), Topic::Scope) => format!("{path}: {}", selector(value)),
            (Some(value), Topic::Parameter) => format!("parameter {path}: {}", short(value)),
            (Some(value), _) => format!("{path}: {}", short(value)),
        }
    });
    said.chain(texts(&expressions)).collect()
}

/// One exemption may bring a handful of expressions with it; they are told in one sentence.
fn texts(expressions: &[&Statement]) -> Option<String> {
    let became = |word: &str| {
        let names: Vec<String> = expressions
            .iter()
            .filter(|one| became(one) == word)
            .map(|one| visible(inner(&one.path)))
            .collect();
        (!names.is_empty()).then(|| format!("{word} {}", names.join(", ")))
    };
    let parts: Vec<String> =
        ["changed", "added", "removed"].into_iter().filter_map(became).collect();
    (!parts.is_empty()).then(|| format!("expressions: {}", parts.join("; ")))
}

fn became(statement: &Statement) -> &'static str {
    match (&statement.old, &statement.new) {
        (None, _) => "added",
        (_, None) => "removed",
        _ => "changed",
    }
}

/// Up to six names, and how many more there are.
pub fn clusters<T: AsRef<str>>(names: &[T]) -> String {
    let named = names.iter().take(NAMED).map(|name| visible(name.as_ref())).collect::<Vec<_>>();
    match names.len().saturating_sub(NAMED) {
        0 => named.join(", "),
        more => format!("{} and {more} more", named.join(", ")),
    }
}

/// A value on one line, cut where it is long; `…` tells.
pub fn short(value: &Value) -> String {
    let written = match value {
        Value::String(text) if !text.is_empty() => text.clone(),
        other => other.to_string(),
    };
    let line = visible(&written.split_whitespace().collect::<Vec<_>>().join(" "));
    match line.char_indices().nth(QUOTED) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

/// A selector in words, where it is one.
fn selector(value: &Value) -> String {
    let read = value.is_object().then(|| Selector::from_label_selector(value).ok()).flatten();
    read.map_or_else(|| short(value), |selector| visible(&selector.to_string()))
}

/// Whom an exemption frees: its fields that say something.
fn holes(record: &Value) -> String {
    let said: Vec<String> = ["groups", "namespaces", "workloads", "images"]
        .iter()
        .filter_map(|field| {
            let values = object::texts(record, &[field]);
            (!values.is_empty()).then(|| format!("{field} {}", clusters(&values)))
        })
        .chain((!object::list(record, &["labels"]).is_empty()).then(|| "by labels".to_owned()))
        .collect();
    match said.is_empty() {
        true => String::new(),
        false => format!(" ({})", said.join("; ")),
    }
}

/// An expression's path without the envelope around it: variables by their names alone.
fn inner(path: &str) -> &str {
    let start = ["variables[", "validations[", "expressions["]
        .iter()
        .filter_map(|name| path.find(name))
        .min();
    let inner = path.get(start.unwrap_or(0)..).unwrap_or(path);
    let inner = inner.strip_suffix(".expression").unwrap_or(inner);
    let variable = inner.strip_prefix("variables[").and_then(|name| name.strip_suffix(']'));
    variable.unwrap_or(inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn long_lists_are_counted() {
        let names: Vec<String> = (0..8).map(|n| format!("c{n}")).collect();
        assert_eq!(clusters(&names), "c0, c1, c2, c3, c4, c5 and 2 more");
        assert_eq!(clusters(&names[..6]), "c0, c1, c2, c3, c4, c5");
    }

    #[test]
    fn values_stay_on_one_line() {
        assert_eq!(short(&json!("a\n  b\u{202e}")), "a b⟨U+202E⟩");
        assert_eq!(short(&json!("x".repeat(90))), format!("{}…", "x".repeat(80)));
        assert_eq!(short(&json!([1, "a"])), "[1,\"a\"]");
        assert_eq!(short(&json!("")), "\"\"");
    }
}
