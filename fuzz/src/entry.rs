//! What fuzzers call: a text that anybody may have written, which must have an answer.
//!
//! The targets of `fuzz/` are one line each, so that the bounded tests of `tests/it/cel_fuzz.rs`
//! and the endless ones look at the same thing.

use std::sync::LazyLock;

use ordinance::cel::{Definitions, Dialect, Expression, Input, Scope, Value, check};
use ordinance::{text, yaml};
use serde_json::json;

/// Checks an expression for a target, and evaluates it, with its cost counted and without.
pub fn expression(bytes: &[u8]) {
    static DIALECT: LazyLock<Dialect> = LazyLock::new(|| {
        let dialect = Dialect::of("ValidatingAdmissionPolicy", (1, 36));
        dialect.unwrap_or_else(Dialect::complete)
    });
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    for problem in check(text, &DIALECT) {
        problem.line_and_column(text);
    }
    let Ok(expression) = Expression::compile(text) else { return };
    let object = json!({
        "metadata": {"name": "web", "labels": {"app": "web"}},
        "spec": {"replicas": 3, "nothing": null, "containers": [{"name": "a"}, {}, null, 1]},
    });
    let input = Input { object: Value::from_json(&object), ..Input::empty() };
    let definitions = Definitions::new();
    // first with a limit: what is too dear is not run without
    let scope = Scope::metered(&input, &definitions, &DIALECT);
    match scope.evaluate(&expression) {
        Err(failure) if failure.is_over_budget() => {}
        counted => {
            let plain = Scope::new(&input, &definitions).evaluate(&expression);
            assert_eq!(counted.is_ok(), plain.is_ok(), "counting changes an answer: {text}");
        }
    }
}

/// Reads a text as YAML, all documents of it.
pub fn yaml(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let mut sources = text::Sources::default();
    let id = sources.add("fuzz.yaml", text);
    let _ = yaml::read(&sources, id);
}
