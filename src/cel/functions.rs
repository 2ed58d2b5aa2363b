//! The functions an expression may name, as data.
//!
//! Crate `cel` finds out at run time that a function does not exist, and only if the call is
//! reached. The API server refuses such text when it is written, so this table is what compiling
//! checks against. `portable` marks what every supported target has, from the oldest on
//! (Kubernetes 1.30, and engines built on its CEL of that time); the catalogue's controls may call no other.

/// How a function is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// `size(x)`; the name may be qualified, `optional.of(x)`.
    Global,
    /// `x.size()`.
    Member,
}

pub(super) struct Function {
    pub name: &'static str,
    pub style: Style,
    /// How many arguments it takes, the target not counted.
    pub arguments: &'static [usize],
    pub portable: bool,
}

const fn global(name: &'static str, arguments: &'static [usize], portable: bool) -> Function {
    Function { name, style: Style::Global, arguments, portable }
}

const fn member(name: &'static str, arguments: &'static [usize], portable: bool) -> Function {
    Function { name, style: Style::Member, arguments, portable }
}

/// The function a call names, whatever the number of its arguments.
pub(super) fn find(name: &str, style: Style) -> Option<&'static Function> {
    FUNCTIONS.iter().find(|function| function.style == style && function.name == name)
}

/// Functions that read their first argument as a regular expression.
pub(super) fn takes_pattern(name: &str) -> bool {
    matches!(name, "matches" | "find" | "findAll")
}

/// Macros are expanded before anything is looked up here: has, all, exists, exists_one, map,
/// filter, optMap, optFlatMap.
static FUNCTIONS: &[Function] = &[
    // the language's own
    global("bool", &[1], true),
    global("bytes", &[1], false),
    global("double", &[1], false),
    global("duration", &[1], false),
    global("dyn", &[1], true),
    global("int", &[1], true),
    global("matches", &[2], true),
    global("size", &[1], true),
    global("string", &[1], true),
    global("timestamp", &[1], false),
    global("type", &[1], true),
    global("uint", &[1], false),
    member("contains", &[1], true),
    member("endsWith", &[1], true),
    member("matches", &[1], true),
    member("size", &[0], true),
    member("startsWith", &[1], true),
    member("getDate", &[0, 1], false),
    member("getDayOfMonth", &[0, 1], false),
    member("getDayOfWeek", &[0, 1], false),
    member("getDayOfYear", &[0, 1], false),
    member("getFullYear", &[0, 1], false),
    member("getHours", &[0, 1], false),
    member("getMilliseconds", &[0, 1], false),
    member("getMinutes", &[0, 1], false),
    member("getMonth", &[0, 1], false),
    member("getSeconds", &[0, 1], false),
    // optionals
    global("optional.none", &[0], true),
    global("optional.of", &[1], true),
    global("optional.ofNonZeroValue", &[1], true),
    member("hasValue", &[0], true),
    member("or", &[1], true),
    member("orValue", &[1], true),
    member("value", &[0], true),
    // strings, as cel-go had them first
    member("charAt", &[1], true),
    member("indexOf", &[1, 2], true),
    member("join", &[0, 1], true),
    member("lastIndexOf", &[1, 2], true),
    member("lowerAscii", &[0], true),
    member("replace", &[2, 3], true),
    member("split", &[1, 2], true),
    member("substring", &[1, 2], true),
    member("trim", &[0], true),
    member("upperAscii", &[0], true),
    // strings, later additions
    member("format", &[1], false),
    global("strings.quote", &[1], false),
    // Kubernetes' lists and regular expressions
    member("find", &[1], false),
    member("findAll", &[1, 2], false),
    member("isSorted", &[0], false),
    member("max", &[0], false),
    member("min", &[0], false),
    member("sum", &[0], false),
    // sets
    global("sets.contains", &[2], false),
    global("sets.equivalent", &[2], false),
    global("sets.intersects", &[2], false),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_function_is_listed_once() {
        for (index, function) in FUNCTIONS.iter().enumerate() {
            let first = FUNCTIONS
                .iter()
                .position(|other| other.name == function.name && other.style == function.style);
            assert_eq!(first, Some(index), "{}", function.name);
        }
    }
}
