//! What fuzzers call: a text that anybody may have written, which must have an answer.
//!
//! The targets of `fuzz/` are one line each, so that the bounded tests of `tests/it/cel_fuzz.rs`
//! and the endless ones look at the same thing. Beyond having an answer, an answer must agree with
//! the others there are: of the checker, of the evaluation that counts cost, of the writer.

use std::sync::LazyLock;

use ordinance::cel::{Checker, Definitions, Dialect, Expression, Input, Scope, Type, Value};
use ordinance::cel::{check, portable};
use ordinance::diagnostic::{Diagnostics, render};
use ordinance::document::{Known, Reader};
use ordinance::text::Sources;
use ordinance::yaml::{self, Node};
use serde_json::{Value as Json, json};

#[path = "grammar.rs"]
mod grammar;

/// What no text begins with; the bytes after it are not a text, but choices of the grammar.
pub const CHOICES: u8 = 0xff;

/// An expression, what it may read, and the texts of `variables.a`, `variables.b` …
#[derive(Debug)]
pub struct Written {
    pub text: String,
    pub variables: Vec<(String, String)>,
    pub object: Json,
    pub params: Json,
}

/// Checks an expression for several targets, and evaluates it, with its cost counted and without.
///
/// A text may be followed by a NUL and the object it reads, in JSON.
pub fn expression(bytes: &[u8]) {
    if let Some((&CHOICES, choices)) = bytes.split_first() {
        return answer(&grammar::written(choices));
    }
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let (text, object) = text.split_once('\0').unwrap_or((text, ""));
    let object = serde_json::from_str(object).unwrap_or_else(|_| {
        json!({
            "metadata": {"name": "web", "labels": {"app": "web"}},
            "spec": {"replicas": 3, "nothing": null, "containers": [{"name": "a"}, {}, null, 1]},
        })
    });
    let params = json!({"a": ["b"], "max": 1.5});
    answer(&Written { text: text.to_owned(), variables: vec![], object, params });
}

fn answer(written: &Written) {
    static NEWEST: LazyLock<Dialect> = LazyLock::new(|| {
        let newest = Dialect::newest("ValidatingAdmissionPolicy");
        let mut newest = newest.expect("every engine has a newest version");
        // less than what is allowed, so that more is tried
        newest.expression_limit = newest.expression_limit.map(|limit| limit / 20);
        newest
    });
    static COMPLETE: LazyLock<Dialect> = LazyLock::new(Dialect::complete);
    let text = written.text.as_str();
    for problem in check(text, &NEWEST).into_iter().chain(portable::check(text)) {
        problem.line_and_column(text);
    }
    let mut checker = Checker::strict(&COMPLETE);
    let mut definitions = Definitions::new();
    definitions.set_params(Value::from_json(&written.params));
    for (name, text) in &written.variables {
        let Ok(expression) = Expression::compile(text) else { continue };
        if definitions.define(name, expression).is_ok() && checker.define(name, text).is_err() {
            checker.declare(name, Type::Dyn);
        }
    }
    let expected = checker.check(text);
    let Ok(expression) = Expression::compile(text) else {
        assert!(expected.is_err(), "the checker takes what does not compile: {written:?}");
        return;
    };
    if definitions.check_reads(&expression).is_err() {
        return;
    }
    let object = Value::from_json(&written.object);
    let input = Input { old_object: object.clone(), object, ..Input::empty() };
    // first with a limit: what is too dear is not run without
    let scope = Scope::metered(&input, &definitions, &NEWEST);
    let counted = scope.evaluate(&expression);
    if matches!(&counted, Err(failure) if failure.is_over_budget()) {
        return;
    }
    let plain = Scope::new(&input, &definitions).evaluate(&expression);
    assert_eq!(counted.is_ok(), plain.is_ok(), "counting changes an answer: {written:?}");
    let (Ok(counted), Ok(plain)) = (counted, plain) else { return };
    assert_eq!(counted.type_name(), plain.type_name(), "counting changes an answer: {written:?}");
    let shown = (counted.to_json(), plain.to_json());
    assert_eq!(shown.0, shown.1, "counting changes an answer: {written:?}");
    // Of `dyn(x).orValue(1.0)` cel-go's checker infers a double, whatever x turns out to hold; and
    // the sum of no numbers is 0 here, of whichever kind they would have been (`library::lists`).
    let variables = written.variables.iter().map(|(_, text)| text.as_str());
    let untyped = |text: &str| text.contains(".orValue(") || text.contains(".sum(");
    if variables.chain([text]).any(untyped) {
        return;
    }
    if let Ok(Type::Bool | Type::Int | Type::Uint | Type::Double | Type::String) = &expected {
        let expected = expected.expect("it was looked at").to_string();
        assert_eq!(plain.type_name(), expected, "the checker expects another type: {written:?}");
    }
}

/// Reads a text as YAML, all documents of it, draws what is wrong with it, and writes what is
/// not, which must read the same again.
pub fn yaml(bytes: &[u8]) {
    static READER: LazyLock<Reader> = LazyLock::new(|| Reader::new(&Known::default()));
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let mut sources = Sources::default();
    let id = sources.add("fuzz.yaml", text);
    let mut wrong = Diagnostics::default();
    match yaml::read(&sources, id) {
        Err(found) => {
            let apart = yaml::read_in_parts(&sources, id, 0);
            assert!(apart.is_none(), "cutting mends it: {text:?}");
            wrong.extend(found);
        }
        Ok(nodes) => {
            if let Some(apart) = yaml::read_in_parts(&sources, id, 0) {
                let same = nodes.len() == apart.len()
                    && nodes.iter().zip(&apart).all(|(one, other)| alike(one, other));
                assert!(same, "cutting changes {text:?} from {nodes:?} to {apart:?}");
            }
            for node in &nodes {
                assert!(node.place.start <= node.place.end, "a place ends before it begins");
                same_again(&node.to_json());
            }
            if nodes.iter().any(|node| node.get("kind").is_some()) {
                READER.read(&sources, &[id], &mut wrong);
            }
        }
    }
    for diagnostic in wrong.sorted(&sources) {
        render(diagnostic, &sources, false);
    }
}

/// Equal, and at the same place; only where nothing is written, or nothing but line breaks, may the
/// end of the text matter.
fn alike(one: &Node, other: &Node) -> bool {
    use yaml::Value::{List, Map, Text};
    let placed = one.place == other.place;
    match (&one.value, &other.value) {
        (Text(one), Text(other)) if one.trim().is_empty() => one == other,
        (List(ones), List(others)) if placed => {
            ones.len() == others.len()
                && ones.iter().zip(others).all(|(one, other)| alike(one, other))
        }
        (Map(ones), Map(others)) if placed => {
            let pairs = ones.iter().zip(others);
            ones.len() == others.len()
                && pairs.into_iter().all(|((key, one), (other_key, other))| {
                    let placed = key.1 == other_key.1 || key.0.trim().is_empty();
                    placed && key.0 == other_key.0 && alike(one, other)
                })
        }
        _ => placed && format!("{:?}", one.value) == format!("{:?}", other.value),
    }
}

fn same_again(value: &Json) {
    let mut sources = Sources::default();
    let id = sources.add("written.yaml", yaml::write(value));
    let read = yaml::read(&sources, id).map(|nodes| nodes.first().map(Node::to_json));
    let written = &sources.get(id).text;
    match read {
        Ok(Some(read)) => assert_eq!(&read, value, "written as {written:?}"),
        Ok(None) => assert!(value.is_null(), "nothing is left of {value:?}"),
        Err(problems) => panic!("{written:?} cannot be read again: {problems:?}"),
    }
}
