//! The evaluator and the checker against the conformance tests of the language's specification.
//!
//! The tests are those of npm's `@bufbuild/cel-spec` (`tests/cel`): expressions with their values, or
//! the fact that they fail, and the type cel-go's checker gives them. Left out is what needs
//! protocol buffers, which no policy can reach. What does not pass is in
//! `tests/cel/exceptions.txt` with its reason; an exception that passes is a failure too.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::Path;
use std::process::Command;

use crate::support::page;
use ordinance::cel::{Checker, Dialect, Type, Value, Wrong, calculate};
use serde::Deserialize;
use serde_json::Value as Json;

/// How many must be there at least, so that a package that moved is no success.
const VALUES: usize = 1600;
const TYPES: usize = 1480;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Case {
    path: Vec<String>,
    name: String,
    expr: String,
    #[serde(rename = "type")]
    checked: Option<String>,
    error: Option<String>,
    container: Option<String>,
    #[serde(default)]
    bindings: BTreeMap<String, Json>,
    #[serde(default)]
    type_env: Vec<Json>,
    value: Option<Json>,
    typed_result: Option<Json>,
    eval_error: Option<Json>,
    #[serde(default)]
    check_only: bool,
    #[serde(default)]
    disable_check: bool,
}

impl Case {
    fn id(&self) -> String {
        format!("{}/{}", self.path.join("/"), self.name)
    }

    /// Whether it is about protocol buffers, or about what optimizers write.
    fn is_foreign(&self) -> bool {
        let about = |word: &str| {
            self.expr.contains(word)
                || [&self.value, &self.typed_result]
                    .into_iter()
                    .flatten()
                    .any(|value| value.to_string().contains(word))
                || self.type_env.iter().any(|one| one.to_string().contains(word))
        };
        let sections = ["block_ext", "enums", "proto2", "proto2_ext", "proto3", "wrappers"];
        self.container.is_some()
            || sections.contains(&self.path[0].as_str())
            || ["google.protobuf.", "TestAllTypes", "objectValue", "\"function\""]
                .iter()
                .any(|word| about(word))
    }

    fn expected(&self) -> Option<&Json> {
        let typed = self.typed_result.as_ref().and_then(|typed| typed.get("result"));
        self.value.as_ref().or(typed)
    }
}

/// The tests; `None`, said aloud, where their package is not installed.
fn cases() -> Option<Vec<Case>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cel");
    if !folder.join("node_modules/@bufbuild/cel-spec").is_dir() {
        let said = "the specification's tests are not installed: cd tests/cel && npm ci";
        assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "{said}");
        println!("skipped: {said}");
        return None;
    }
    let printed = Command::new("node").arg(folder.join("print.mjs")).output().expect("node starts");
    assert!(printed.status.success(), "{}", String::from_utf8_lossy(&printed.stderr));
    let text = String::from_utf8(printed.stdout).expect("a text");
    Some(text.lines().map(|line| serde_json::from_str(line).expect(line)).collect())
}

/// A value of the tests as an expression.
fn written(value: &Json) -> String {
    let Some((kind, held)) = value.as_object().and_then(|object| object.iter().next()) else {
        return "null".to_owned();
    };
    let plain = || held.as_str().map_or_else(|| held.to_string(), str::to_owned);
    let quoted = |text: &str| {
        let mut out = String::from("\"");
        for one in text.chars() {
            match one {
                '"' | '\\' => out.extend(['\\', one]),
                '\n' => out.push_str("\\n"),
                '\r' => out.push_str("\\r"),
                one => out.push(one),
            }
        }
        out + "\""
    };
    let list = |field: &str| held[field].as_array().cloned().unwrap_or_default();
    match kind.as_str() {
        "boolValue" | "int64Value" | "typeValue" => plain(),
        "uint64Value" => plain() + "u",
        "doubleValue" => format!("double('{}')", plain()),
        "stringValue" => quoted(&plain()),
        "bytesValue" => format!("base64.decode('{}')", plain()),
        "listValue" => {
            let elements: Vec<_> = list("values").iter().map(written).collect();
            format!("[{}]", elements.join(", "))
        }
        "mapValue" => {
            let entry =
                |entry: &Json| format!("{}: {}", written(&entry["key"]), written(&entry["value"]));
            let entries: Vec<_> = list("entries").iter().map(entry).collect();
            format!("{{{}}}", entries.join(", "))
        }
        _ => "null".to_owned(),
    }
}

fn known(value: &Json) -> Value {
    let text = written(value);
    calculate(&text, &BTreeMap::new()).unwrap_or_else(|wrong| panic!("{text}: {wrong:?}"))
}

/// What is wrong with the value of an expression, if anything.
fn wrong_value(case: &Case) -> Option<String> {
    let names =
        case.bindings.iter().map(|(name, bound)| (name.clone(), known(&bound["value"]))).collect();
    let found = calculate(&case.expr, &names);
    // what no checker lets pass never runs on an API server, and is not even compiled here
    if case.disable_check
        && case.bindings.is_empty()
        && case.error.as_ref().is_some_and(|error| error.contains("undeclared reference"))
    {
        return match found {
            Err(Wrong::Written(_)) => None,
            found => Some(format!("should be refused: {found:?}")),
        };
    }
    let Some(expected) = case.expected() else {
        return match (found, &case.eval_error) {
            (Ok(found), Some(_)) => Some(format!("is {found:?} and should fail")),
            _ => None,
        };
    };
    let expected = known(expected);
    match found {
        Ok(found) if found.type_name() != expected.type_name() => {
            Some(format!("is {found:?} and should be {expected:?}"))
        }
        // what is not a number is not even equal to itself
        Ok(found) if found == expected || format!("{expected:?}").contains("NaN") => None,
        Ok(found) => Some(format!("is {found:?} and should be {expected:?}")),
        Err(wrong) => Some(format!("fails and should be {expected:?}: {wrong:?}")),
    }
}

fn declared(of: &Json) -> Type {
    let Some((kind, held)) = of.as_object().and_then(|object| object.iter().next()) else {
        return Type::Dyn;
    };
    match (kind.as_str(), held.as_str()) {
        ("primitive", Some("BOOL")) => Type::Bool,
        ("primitive", Some("INT64")) => Type::Int,
        ("primitive", Some("UINT64")) => Type::Uint,
        ("primitive", Some("DOUBLE")) => Type::Double,
        ("primitive", Some("STRING")) => Type::String,
        ("primitive", Some("BYTES")) => Type::Bytes,
        ("null", _) => Type::Null,
        ("listType", _) => Type::List(Box::new(declared(&held["elemType"]))),
        ("mapType", _) => {
            Type::Map(Box::new(declared(&held["keyType"])), Box::new(declared(&held["valueType"])))
        }
        _ => Type::Dyn,
    }
}

/// What is wrong with the type of an expression, if anything.
fn wrong_type(case: &Case, dialect: &Dialect) -> Option<String> {
    let roots = case.type_env.iter().map(|one| {
        let name = one["name"].as_str().expect("a name").to_owned();
        (name, declared(&one["ident"]["type"]))
    });
    let found = Checker::bare(dialect, roots.collect()).check(&case.expr);
    match (&case.checked, found) {
        (Some(expected), Ok(found)) => {
            let found = found.to_string().replace("optional(", "optional_type(");
            let found = found.replace("type(type(dyn))", "type(type)");
            (found != *expected).then(|| format!("has type {found} and should have {expected}"))
        }
        (Some(expected), Err(problems)) => {
            Some(format!("is refused and should have type {expected}: {problems:?}"))
        }
        (None, Ok(found)) => Some(format!("has type {found} and should be refused")),
        (None, Err(_)) => None,
    }
}

/// Whether the tests' own checker had all functions and all syntax the test uses.
fn was_checked(case: &Case) -> bool {
    let refused = ["found no matching overload", "expected type"];
    match (&case.checked, &case.error) {
        (Some(_), _) => true,
        (None, Some(error)) => refused.iter().any(|word| error.contains(word)),
        (None, None) => false,
    }
}

fn exceptions() -> BTreeMap<&'static str, &'static str> {
    include_str!("../cel/exceptions.txt")
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .map(|line| line.split_once(": ").expect("`test: reason`"))
        .collect()
}

#[test]
fn the_specification_is_met() {
    let Some(cases) = cases() else { return };
    let (complete, exceptions) = (Dialect::complete(), exceptions());
    let (mut values, mut types, mut foreign) = (0, 0, 0);
    let mut wrong: BTreeMap<String, String> = BTreeMap::new();
    for case in &cases {
        if case.is_foreign() {
            foreign += 1;
            continue;
        }
        if !case.check_only {
            values += 1;
            wrong.extend(wrong_value(case).map(|why| (format!("value {}", case.id()), why)));
        }
        if was_checked(case) {
            types += 1;
            let why = wrong_type(case, &complete);
            wrong.extend(why.map(|why| (format!("type {}", case.id()), why)));
        }
    }
    let excepted: BTreeSet<&str> = exceptions.keys().copied().collect();
    let failed: BTreeSet<&str> = wrong.keys().map(String::as_str).collect();
    println!(
        "{values} values and {types} types, {} of them excepted; {foreign} tests need protocol buffers",
        excepted.len()
    );
    page::keep(
        "language",
        &format!(
            "{values} values and {types} types are compared, and {} of them are not as the specification \
             has them. {foreign} tests need protocol buffers and are left out.",
            excepted.len()
        ),
    );
    let mut told = String::new();
    for id in failed.difference(&excepted) {
        let _ = writeln!(told, "{id}: {}", wrong[*id]);
    }
    for id in excepted.difference(&failed) {
        let _ = writeln!(told, "{id} passes: take it off tests/cel/exceptions.txt");
    }
    assert!(told.is_empty(), "{told}");
    assert!(values >= VALUES && types >= TYPES, "{values} values and {types} types are too few");
}
