//! Templates of manifests: MiniJinja, filled in and read back as objects.
//!
//! A template cannot escape its place: whatever it inserts is written as JSON, which is YAML, what
//! is undefined is an error, and the work it may do is bounded. What it says is parsed and written
//! anew by whoever asked, so its layout does not matter. It is handed text and values, and reads
//! nothing by itself.

use crate::object::Object;
use crate::text::{Place, SourceId, Sources};
use crate::yaml;
use minijinja::value::ValueKind;
use minijinja::{AutoEscape, Environment, ErrorKind, Output, State, UndefinedBehavior};
use serde_json::Value;

/// Steps a template may take; a page of a hundred lines takes a few thousand.
const FUEL: u64 = 100_000;

/// Why a template says nothing, and where in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub message: String,
    /// Bytes of the template.
    pub start: usize,
    pub end: usize,
}

/// Whether it can be filled in at all.
pub fn check(text: &str) -> Result<(), Problem> {
    environment().template_from_str(text).map(|_| ()).map_err(|error| problem(&error, text))
}

/// The objects that a template says of these values.
pub fn fill_in(text: &str, values: &Value) -> Result<Vec<Object>, Problem> {
    let environment = environment();
    let values = minijinja::Value::from(minijinja::value::Serde(values));
    let template = environment.template_from_str(text).map_err(|error| problem(&error, text))?;
    let written = template.render(values).map_err(|error| problem(&error, text))?;
    let whole = |message: String| Problem { message, start: 0, end: text.len() };
    let mut sources = Sources::default();
    let source = sources.add("filled in", written);
    let nodes = yaml::read(&sources, source).map_err(|found| {
        let messages: Vec<String> = found.into_iter().map(|one| one.message).collect();
        whole(format!("what it says is no YAML: {}", messages.join("; ")))
    })?;
    Ok(nodes.iter().map(yaml::Node::to_json).filter(|object| !object.is_null()).collect())
}

impl Problem {
    /// Its place in the source that the template was read from.
    pub fn place(&self, source: SourceId) -> Place {
        let bytes = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Place { source, start: bytes(self.start), end: bytes(self.end.max(self.start)) }
    }
}

fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_fuel(Some(FUEL));
    environment.set_auto_escape_callback(|_| AutoEscape::Json);
    environment.set_formatter(as_json);
    environment
}

/// Every inserted value as JSON, so that no text of a value becomes structure.
fn as_json(
    out: &mut Output<'_>,
    _: &mut State<'_, '_>,
    value: &minijinja::Value,
) -> Result<(), minijinja::Error> {
    if value.kind() == ValueKind::Undefined {
        return Err(minijinja::Error::from(ErrorKind::UndefinedError));
    }
    let written = serde_json::to_string(value)
        .map_err(|error| minijinja::Error::new(ErrorKind::BadSerialization, error.to_string()))?;
    out.write_str(&written).map_err(minijinja::Error::from)
}

fn problem(error: &minijinja::Error, text: &str) -> Problem {
    let range = error.range().unwrap_or(0..text.len());
    let detail = error.detail().map_or(String::new(), |detail| format!(": {detail}"));
    let message = match error.kind() {
        ErrorKind::OutOfFuel => format!("it takes more than {FUEL} steps"),
        kind => format!("{kind}{detail}"),
    };
    Problem { message, start: range.start.min(text.len()), end: range.end.min(text.len()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_value_cannot_become_structure() {
        let text = "kind: {{ kind }}\nlabels: {a: {{ nasty }}, b: {{ list }}}\n";
        let nasty = "x\n}}: {evil: true} # \" '";
        let values = json!({"kind": "Namespace", "nasty": nasty, "list": [1, {"c": "yes"}]});
        let objects = fill_in(text, &values).unwrap();
        let expected = json!({"kind": "Namespace", "labels": {"a": nasty, "b": [1, {"c": "yes"}]}});
        assert_eq!(objects, [expected]);
    }

    #[test]
    fn what_is_undefined_is_an_error_at_its_place() {
        let text = "kind: {{ kind }}\nname: {{ nmae }}\n";
        let problem = fill_in(text, &json!({"kind": "Namespace"})).unwrap_err();
        assert_eq!(&text[problem.start..problem.end], "nmae");
        assert_eq!(problem.message, "undefined value: `nmae` is undefined");
    }

    #[test]
    fn work_is_bounded() {
        let text = "{% for a in range(1000) %}{% for b in range(1000) %}x{% endfor %}{% endfor %}";
        let problem = fill_in(text, &json!({})).unwrap_err();
        assert_eq!(problem.message, "it takes more than 100000 steps");
    }

    #[test]
    fn a_text_that_is_no_template_is_refused_at_once() {
        let problem = check("kind: {{ kind\n").unwrap_err();
        assert!(problem.message.starts_with("syntax error"), "{}", problem.message);
        assert!(check("{% include 'other' %}").is_ok());
        assert!(fill_in("{% include 'other' %}", &json!({})).is_err(), "there is no other");
    }

    #[test]
    fn several_documents_and_none() {
        assert_eq!(fill_in("a: 1\n---\nb: 2\n", &json!({})).unwrap().len(), 2);
        assert_eq!(fill_in("{% if false %}a: 1{% endif %}\n", &json!({})).unwrap().len(), 0);
        assert!(fill_in("a: [\n", &json!({})).unwrap_err().message.contains("no YAML"));
    }
}
