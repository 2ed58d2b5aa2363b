//! One validator for everything that has a JSON Schema: documents, control parameters, and
//! rendered objects against the engines' own definitions.
//!
//! It walks the spanned tree and reports everything that is wrong, each with its place and a way
//! out. It knows the subset of JSON Schema that schemars and Kubernetes' structural schemas use;
//! a keyword outside it is ignored, never guessed at.

use crate::diagnostic::Diagnostic;
use crate::name::label;
use crate::text::{Place, Sources, nearest};
use crate::yaml::{Node, Value};
use serde_json::Value as Json;

/// Everything that is wrong with `node`, measured by `schema`.
///
/// `root` holds the definitions that `$ref` points into.
pub fn check(root: &Json, schema: &Json, node: &Node, sources: &Sources) -> Vec<Diagnostic> {
    let mut checker = Checker { root, sources, found: vec![] };
    checker.node(schema, node, "");
    checker.found
}

struct Checker<'a> {
    root: &'a Json,
    sources: &'a Sources,
    found: Vec<Diagnostic>,
}

impl<'a> Checker<'a> {
    /// Follows references, and of the branches of `anyOf` the one that the node is written as; what
    /// is written as none of them is measured by the first that is not `null`.
    fn resolve(&self, schema: &'a Json, node: &Node) -> &'a Json {
        let mut schema = schema;
        for _ in 0..32 {
            if let Some(reference) = schema.get("$ref").and_then(Json::as_str) {
                let path = reference.trim_start_matches('#');
                schema = self.root.pointer(path).unwrap_or(&Json::Null);
            } else if let Some(branches) = schema.get("anyOf").and_then(Json::as_array) {
                let is = |branch: &&Json, name| self.types_of(branch).contains(&name);
                let written = branches.iter().find(|branch| {
                    self.types_of(branch).iter().any(|name| is_a(name, &node.value))
                });
                let meant = written.or(branches.iter().find(|branch| !is(branch, "null")));
                let Some(branch) = meant.or(branches.first()) else { return schema };
                schema = branch;
            } else {
                return schema;
            }
        }
        schema
    }

    /// The types of a branch, which may be a reference.
    fn types_of(&self, branch: &'a Json) -> Vec<&'a str> {
        let path = branch.get("$ref").and_then(Json::as_str);
        let target = path.and_then(|path| self.root.pointer(path.trim_start_matches('#')));
        types(target.unwrap_or(branch))
    }

    fn node(&mut self, schema: &'a Json, node: &Node, field: &str) {
        let schema = self.resolve(schema, node);
        if let Some(allowed) = choices(schema) {
            return self.choice(&allowed, node, field);
        }
        if schema.get("x-kubernetes-int-or-string") == Some(&Json::Bool(true)) {
            return;
        }
        let types = types(schema);
        if !types.is_empty() && !types.iter().any(|name| is_a(name, &node.value)) {
            return self.wrong_type(&types, node, field);
        }
        // Where a number or a name may stand, a number in quotes is meant as a number.
        let either = types.contains(&"integer") && types.contains(&"string");
        if either && node.text().is_some_and(|text| would_be("integer", text)) {
            let numbers: Vec<&str> = types.into_iter().filter(|name| *name != "string").collect();
            return self.wrong_type(&numbers, node, field);
        }
        match &node.value {
            Value::Map(entries) => self.map(schema, node.place, entries, field),
            Value::List(items) => self.list(schema, node.place, items, field),
            Value::Text(text) => self.text(schema, node.place, text, field),
            Value::Integer(number) => self.number(schema, node.place, *number as f64, field),
            Value::Float(number) => self.number(schema, node.place, *number, field),
            Value::Null | Value::Bool(_) => {}
        }
    }

    fn wrong_type(&mut self, types: &[&str], node: &Node, field: &str) {
        let raw = self.sources.slice(node.place).trim().to_owned();
        let scalar = matches!(node.value, Value::Bool(_) | Value::Integer(_) | Value::Float(_));
        if types.contains(&"string") && !types.contains(&"integer") && scalar {
            let read = node.to_json().to_string();
            let message = if read == raw {
                format!("{} must be a text, but `{raw}` is {}", named(field), node.kind())
            } else {
                format!("{} must be a text, but YAML reads `{raw}` as {read}", named(field))
            };
            self.found.push(
                Diagnostic::error("unquoted", message)
                    .at(node.place, format!("{} here", node.kind()))
                    .help(format!("quote it: \"{raw}\"")),
            );
            return;
        }
        let expected: Vec<&str> = types.iter().map(|name| in_words(name)).collect();
        let expected = expected.join(" or ");
        let mut said =
            Diagnostic::error("wrong-type", format!("{} must be {expected}", named(field)))
                .at(node.place, format!("this is {}", node.kind()));
        let meant = node.text().filter(|_| raw.starts_with(['"', '\'']));
        if let Some(text) = meant.filter(|text| types.iter().any(|name| would_be(name, text))) {
            said = said.help(format!("remove the quotes: {text}"));
        }
        self.found.push(said);
    }

    fn choice(&mut self, allowed: &[String], node: &Node, field: &str) {
        let written = match &node.value {
            Value::Text(text) => text.clone(),
            _ => node.to_json().to_string(),
        };
        if allowed.contains(&written) {
            return;
        }
        let mut said =
            Diagnostic::error("unknown-value", format!("{} cannot be `{written}`", named(field)))
                .at(node.place, "not one of the known values");
        if let Some(near) = nearest(&written, allowed.iter().map(String::as_str)) {
            said = said.help(format!("did you mean `{near}`?"));
        }
        self.found.push(said.help(format!("it can be {}", list_of(allowed))));
    }

    fn map(
        &mut self,
        schema: &'a Json,
        place: Place,
        entries: &[((String, Place), Node)],
        field: &str,
    ) {
        let properties = schema.get("properties").and_then(Json::as_object);
        let others = schema.get("additionalProperties");
        let keep = schema.get("x-kubernetes-preserve-unknown-fields") == Some(&Json::Bool(true));
        for ((key, key_place), value) in entries {
            if let Some(names) = schema.get("propertyNames") {
                self.text(names, *key_place, key, field);
            }
            if let Some(property) = properties.and_then(|known| known.get(key)) {
                self.node(property, value, key);
            } else if let Some(Json::Object(_)) = others {
                self.node(others.expect("just seen"), value, key);
            } else if others == Some(&Json::Bool(false)) && !keep {
                let known = properties.into_iter().flat_map(|known| known.keys());
                let known: Vec<&str> = known.map(String::as_str).collect();
                let mut said =
                    Diagnostic::error("unknown-field", format!("there is no field `{key}` here"))
                        .at(*key_place, "unknown field");
                if let Some(near) = nearest(key, known.iter().copied()) {
                    said = said.help(format!("did you mean `{near}`?"));
                }
                self.found.push(match known.is_empty() {
                    true => said.help("nothing can be given here: remove it"),
                    false => said.help(format!("known here: {}", known.join(", "))),
                });
            }
        }
        let required = schema.get("required").and_then(Json::as_array);
        for field in required.into_iter().flatten().filter_map(Json::as_str) {
            if entries.iter().any(|((key, _), _)| key == field) {
                continue;
            }
            let mut said = Diagnostic::error("missing-field", format!("`{field}` is missing here"))
                .at(first_line(place, self.sources), format!("needs `{field}`"));
            let description = properties
                .and_then(|known| known.get(field))
                .and_then(|schema| schema.get("description"))
                .and_then(Json::as_str);
            if let Some(description) = description {
                let sentence = description.lines().next().unwrap_or_default();
                said = said.help(format!("`{field}`: {sentence}"));
            }
            self.found.push(said);
        }
    }

    fn list(&mut self, schema: &'a Json, place: Place, items: &[Node], field: &str) {
        let bound = |name: &str| schema.get(name).and_then(Json::as_u64);
        if bound("minItems").is_some_and(|least| (items.len() as u64) < least) {
            let why = if items.is_empty() { "this is empty" } else { "too short" };
            self.out_of_range(place, format!("{} must name at least one", named(field)), why);
        }
        if let Some(most) = bound("maxItems").filter(|most| items.len() as u64 > *most) {
            let message = format!("{} may have at most {most} entries", named(field));
            self.out_of_range(place, message, "too long");
        }
        if let Some(of) = schema.get("items") {
            for item in items {
                self.node(of, item, field);
            }
        }
    }

    fn text(&mut self, schema: &Json, place: Place, text: &str, field: &str) {
        if schema.get("minLength").and_then(Json::as_u64).is_some_and(|least| least > 0)
            && text.trim().is_empty()
        {
            self.out_of_range(place, format!("{} may not be empty", named(field)), "this is empty");
            return;
        }
        if let Some(most) = schema.get("maxLength").and_then(Json::as_u64)
            && text.chars().count() as u64 > most
        {
            let message = format!("{} may have at most {most} characters", named(field));
            self.out_of_range(place, message, "too long");
        }
        let format = schema.get("format").and_then(Json::as_str).unwrap_or_default();
        if [label::KEY, label::VALUE, label::NAMESPACE].contains(&format) {
            // The pattern beside it says the same, to editors.
            if let Some((why, way_out)) = label::problem(format, text) {
                self.found.push(
                    Diagnostic::error("bad-value", format!("{}: `{text}` {why}", named(field)))
                        .at(place, "the API server refuses it")
                        .help(way_out),
                );
            }
            return;
        }
        let problem = match format {
            "date" => text.parse::<crate::date::Date>().err(),
            "period" => text.parse::<crate::date::Period>().err(),
            "version" => text.parse::<crate::version::Version>().err(),
            "affected-versions" => text.parse::<crate::version::Affected>().err(),
            "version-range" => text.parse::<crate::version::Range>().err(),
            "name" => crate::name::problem(text).map(|why| format!("`{text}` {why}")),
            _ => None,
        };
        if let Some(problem) = problem {
            self.found.push(
                Diagnostic::error("bad-value", format!("{}: {problem}", named(field)))
                    .at(place, if format == "name" { "cannot be used" } else { "cannot be read" }),
            );
            return;
        }
        let pattern = schema.get("pattern").and_then(Json::as_str);
        if let Some(pattern) = pattern
            && regex::Regex::new(pattern).is_ok_and(|regex| !regex.is_match(text))
        {
            self.found.push(
                Diagnostic::error("bad-value", format!("{} cannot be `{text}`", named(field)))
                    .at(place, format!("does not match {pattern}")),
            );
        }
    }

    fn number(&mut self, schema: &Json, place: Place, number: f64, field: &str) {
        let bound = |name: &str| schema.get(name).and_then(Json::as_f64);
        if let Some(least) = bound("minimum").filter(|least| number < *least) {
            let message = format!("{} must be at least {least}", named(field));
            self.out_of_range(place, message, "too small");
        }
        if let Some(most) = bound("maximum").filter(|most| number > *most) {
            let message = format!("{} must be at most {most}", named(field));
            self.out_of_range(place, message, "too large");
        }
    }

    fn out_of_range(&mut self, place: Place, message: String, label: &str) {
        self.found.push(Diagnostic::error("out-of-range", message).at(place, label));
    }
}

/// The values an `enum`, a `const` or a `oneOf` of constants allows.
fn choices(schema: &Json) -> Option<Vec<String>> {
    let plain = |value: &Json| match value {
        Json::String(text) => text.clone(),
        other => other.to_string(),
    };
    if let Some(values) = schema.get("enum").and_then(Json::as_array) {
        return Some(values.iter().map(plain).collect());
    }
    if let Some(value) = schema.get("const") {
        return Some(vec![plain(value)]);
    }
    let branches = schema.get("oneOf").and_then(Json::as_array)?;
    branches.iter().map(choices).collect::<Option<Vec<_>>>().map(|lists| lists.concat())
}

fn types(schema: &Json) -> Vec<&str> {
    match schema.get("type") {
        Some(Json::String(name)) => vec![name],
        Some(Json::Array(names)) => names.iter().filter_map(Json::as_str).collect(),
        _ => vec![],
    }
}

fn is_a(name: &str, value: &Value) -> bool {
    match value {
        Value::Null => name == "null",
        Value::Bool(_) => name == "boolean",
        Value::Integer(_) => name == "integer" || name == "number",
        Value::Float(_) => name == "number",
        Value::Text(_) => name == "string",
        Value::List(_) => name == "array",
        Value::Map(_) => name == "object",
    }
}

/// Whether YAML would read the text as such a value if it had no quotes.
fn would_be(name: &str, text: &str) -> bool {
    match name {
        "integer" => text.parse::<i64>().is_ok(),
        "number" => text.parse::<f64>().is_ok_and(f64::is_finite),
        "boolean" => ["true", "false"].contains(&text),
        _ => false,
    }
}

fn in_words(name: &str) -> &str {
    match name {
        "string" => "a text",
        "object" => "a map",
        "array" => "a list",
        "integer" => "a whole number",
        "number" => "a number",
        "boolean" => "true or false",
        "null" => "left out",
        other => other,
    }
}

fn named(field: &str) -> String {
    if field.is_empty() { "this".into() } else { format!("`{field}`") }
}

fn list_of(values: &[String]) -> String {
    values.iter().map(|value| format!("`{value}`")).collect::<Vec<_>>().join(", ")
}

/// A map begins at its first key: pointing at that line is enough.
fn first_line(place: Place, sources: &Sources) -> Place {
    let text = &sources.get(place.source).text;
    let rest = text.get(place.start as usize..).unwrap_or_default();
    let length = rest.split('\n').next().unwrap_or_default().trim_end().len();
    Place { end: place.start + length as u32, ..place }
}
