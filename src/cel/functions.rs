//! The functions an expression may name, as data (`functions.tsv`).
//!
//! Crate `cel` finds out at run time that a function does not exist, and only if the call is
//! reached. The API server refuses such text when it is written, so this table is what compiling
//! checks against, and what `checker` takes types from. `portable` marks what every supported
//! target has, from the oldest on; the catalogue's controls may call no other.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::types::{Type, split};

/// How a function is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Style {
    /// `size(x)`; the name may be qualified, `optional.of(x)`.
    Global,
    /// `x.size()`.
    Member,
}

/// One way of calling a function.
#[derive(Debug)]
pub(super) struct Overload {
    pub library: &'static str,
    /// Of a member, what it is called on comes first.
    pub arguments: Vec<Type>,
    pub result: Type,
    pub portable: bool,
}

/// All ways of calling a function.
pub(super) type Function = [Overload];

/// The function a call names, whatever the number of its arguments.
pub(super) fn find(name: &str, style: Style) -> Option<&'static Function> {
    FUNCTIONS.get(&style)?.get(name).map(Vec::as_slice)
}

/// Whether it takes so many arguments, the target not counted.
pub(super) fn takes(function: &Function, style: Style, arguments: usize) -> bool {
    let target = usize::from(style == Style::Member);
    function.iter().any(|overload| overload.arguments.len() == arguments + target)
}

pub(super) fn is_portable(function: &Function) -> bool {
    function.iter().any(|overload| overload.portable)
}

/// Functions that read their first argument as a regular expression.
pub(super) fn takes_pattern(name: &str) -> bool {
    matches!(name, "matches" | "find" | "findAll")
}

/// What is before the point of qualified names, `optional` of `optional.of`.
pub(super) fn is_namespace(name: &str) -> bool {
    matches!(name, "base64" | "jsonpatch" | "lists" | "math" | "optional" | "sets" | "strings")
}

type Table = BTreeMap<Style, BTreeMap<&'static str, Vec<Overload>>>;

static FUNCTIONS: LazyLock<Table> = LazyLock::new(|| {
    let mut table = Table::new();
    for line in include_str!("functions.tsv").lines().filter(|line| !line.starts_with('#')) {
        let mut columns = line.split('\t');
        let (Some(library), Some(signature)) = (columns.next(), columns.next()) else {
            continue;
        };
        let portable = columns.next().is_some();
        let (style, name, arguments, result) = read(signature);
        let overload = Overload { library, arguments, result, portable };
        table.entry(style).or_default().entry(name).or_default().push(overload);
    }
    table
});

/// `list(A).indexOf(A) int`: everything up to the last name before the arguments is what it is
/// called on, unless that is a namespace.
fn read(signature: &'static str) -> (Style, &'static str, Vec<Type>, Type) {
    let (call, result) = result_of(signature);
    let open = opening(call);
    let (called, arguments) = (&call[..open], &call[open + 1..call.len() - 1]);
    let mut arguments: Vec<Type> = split(arguments).into_iter().map(Type::parse).collect();
    let result = Type::parse(result);
    match called.rsplit_once('.') {
        Some((target, name)) if !is_qualified(target, name) => {
            arguments.insert(0, Type::parse(target));
            (Style::Member, name, arguments, result)
        }
        _ => (Style::Global, called, arguments, result),
    }
}

/// The three libraries whose namespace is also the name of a type.
fn is_qualified(target: &str, name: &str) -> bool {
    is_namespace(target) || target == "format" && name != "validate" || name == "isCanonical"
}

fn result_of(signature: &str) -> (&str, &str) {
    let mut depth = 0_usize;
    for (at, one) in signature.char_indices() {
        match one {
            '(' => depth += 1,
            ')' => depth -= 1,
            ' ' if depth == 0 => return (&signature[..at], &signature[at + 1..]),
            _ => {}
        }
    }
    (signature, "dyn")
}

/// The parenthesis that belongs to the last one.
fn opening(call: &str) -> usize {
    let mut depth = 0_usize;
    for (at, one) in call.char_indices().rev() {
        match one {
            ')' => depth += 1,
            '(' if depth == 1 => return at,
            '(' => depth -= 1,
            _ => {}
        }
    }
    0
}

/// Every library any function belongs to.
#[cfg(test)]
pub(super) fn libraries() -> std::collections::BTreeSet<&'static str> {
    FUNCTIONS.values().flat_map(BTreeMap::values).flatten().map(|one| one.library).collect()
}

/// The libraries controls rely on.
#[cfg(test)]
pub(super) fn portable_libraries() -> std::collections::BTreeSet<&'static str> {
    let all = FUNCTIONS.values().flat_map(BTreeMap::values).flatten();
    all.filter(|one| one.portable).map(|one| one.library).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_are_read() {
        let shown = |name, style| {
            let function = find(name, style).expect(name);
            let all = function.iter().map(|one| {
                let arguments: Vec<_> = one.arguments.iter().map(Type::to_string).collect();
                format!("{} -> {}", arguments.join(" "), one.result)
            });
            all.collect::<Vec<_>>().join("; ")
        };
        assert_eq!(
            shown("indexOf", Style::Member),
            "list(dyn) dyn -> int; string string -> int; string string int -> int"
        );
        assert_eq!(shown("ip", Style::Member), "cidr -> ip");
        assert_eq!(shown("ip", Style::Global), "string -> ip");
        assert_eq!(shown("ip.isCanonical", Style::Global), "string -> bool");
        assert_eq!(shown("validate", Style::Member), "format string -> optional(list(string))");
        assert_eq!(shown("getQuery", Style::Member), "url -> map(string, list(string))");
        assert_eq!(shown("optional.none", Style::Global), " -> optional(dyn)");
        assert_eq!(shown("hasValue", Style::Member), "optional(dyn) -> bool");
    }

    #[test]
    fn no_overload_is_listed_twice() {
        for (name, overloads) in FUNCTIONS.values().flatten() {
            for (index, one) in overloads.iter().enumerate() {
                let first = overloads.iter().position(|other| other.arguments == one.arguments);
                assert_eq!(first, Some(index), "{name}");
            }
        }
    }
}
