//! The types operators take and give, and the functions that only macros write.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::types::{Type, split};

/// What an operator takes, and what it gives.
pub(super) type Signature = (Vec<Type>, Type);

pub(super) fn find(operator: &str) -> &'static [Signature] {
    SIGNATURES.get(operator).map_or(&[], Vec::as_slice)
}

/// cel-go's standard.go, cel/library.go (optionals) and ext/comprehensions.go.
static SIGNATURES: LazyLock<BTreeMap<&'static str, Vec<Signature>>> = LazyLock::new(|| {
    let mut all: BTreeMap<&'static str, Vec<Signature>> = BTreeMap::new();
    let mut add = |operators: &[&'static str], arguments: &str, result: &str| {
        let arguments: Vec<Type> = split(arguments).into_iter().map(Type::parse).collect();
        for operator in operators {
            let signature = (arguments.clone(), Type::parse(result));
            all.entry(operator).or_default().push(signature);
        }
    };
    add(&["_?_:_"], "bool, A, A", "A");
    add(&["_&&_", "_||_"], "bool, bool", "bool");
    add(&["!_", "@not_strictly_false"], "bool", "bool");
    add(&["_==_", "_!=_"], "A, A", "bool");
    for kind in ["bool", "bytes", "double", "duration", "int", "string", "timestamp", "uint"] {
        add(&["_<_", "_<=_", "_>_", "_>=_"], &format!("{kind}, {kind}"), "bool");
    }
    for (one, other) in [("int", "uint"), ("int", "double"), ("uint", "double")] {
        for arguments in [format!("{one}, {other}"), format!("{other}, {one}")] {
            add(&["_<_", "_<=_", "_>_", "_>=_"], &arguments, "bool");
        }
    }
    for kind in ["double", "int", "uint"] {
        add(&["_+_", "_-_", "_*_", "_/_"], &format!("{kind}, {kind}"), kind);
    }
    add(&["_%_"], "int, int", "int");
    add(&["_%_"], "uint, uint", "uint");
    for kind in ["bytes", "string", "duration", "list(A)"] {
        add(&["_+_"], &format!("{kind}, {kind}"), kind);
    }
    add(&["_+_", "_-_"], "timestamp, duration", "timestamp");
    add(&["_+_"], "duration, timestamp", "timestamp");
    add(&["_-_"], "duration, duration", "duration");
    add(&["_-_"], "timestamp, timestamp", "duration");
    add(&["-_"], "int", "int");
    add(&["-_"], "double", "double");
    add(&["@in"], "A, list(A)", "bool");
    add(&["@in"], "A, map(A, B)", "bool");
    add(&["_[_]"], "list(A), int", "A");
    add(&["_[_]"], "map(A, B), A", "B");
    add(&["_[_]", "_[?_]"], "optional(list(A)), int", "optional(A)");
    add(&["_[_]", "_[?_]"], "optional(map(A, B)), A", "optional(B)");
    add(&["_[?_]"], "list(A), int", "optional(A)");
    add(&["_[?_]"], "map(A, B), A", "optional(B)");
    add(&["@insert"], "map(A, B), A, B", "map(A, B)");
    add(&["@insert"], "map(A, B), map(A, B)", "map(A, B)");
    all
});
