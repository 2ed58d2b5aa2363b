//! Regular expressions: `matches`, `find`, `findAll`.
//!
//! CEL means RE2 as Go has it; `pattern` says where crate `regex` differs and what is done about it.
//!
//! A pattern is compiled once per thread and kept: image exemptions are patterns in *data*, so
//! there is no compile time at which they could be prepared, and a thread of its own needs no lock.

use std::cell::RefCell;
use std::collections::HashMap;

use cel::common::types::{CelBool, CelInt, CelString};
use cel::common::value::Val;
use cel::{DeclarationError, Env, ExecutionError};
use regex::{Regex, RegexBuilder};

use super::super::shared::SharedList;
use super::pattern::from_go;

/// Patterns kept per thread. Reached only by someone who builds patterns from object text; then
/// all are dropped, which costs time and never changes an answer.
const KEPT: usize = 4096;

/// How large the program of an ordinary pattern may be, in bytes, and for how many patterns a
/// larger one counts: `\pN{1000}` takes megabytes.
const SMALL: usize = 128 << 10;
const LARGE: usize = 128;

/// Patterns by their texts, and for how many they count.
#[derive(Default)]
struct Kept {
    patterns: HashMap<String, Regex>,
    weight: usize,
}

thread_local! {
    static COMPILED: RefCell<Kept> = RefCell::default();
}

pub(super) fn extension(env: &mut Env) -> Result<(), DeclarationError> {
    cel::add_member_overload!(env, fn matches: (CelString, CelString) -> Result<CelBool>, name = "@matches")?;
    cel::add_overload!(env, fn matches: (CelString, CelString) -> Result<CelBool>, name = "@matches", id = "matches_global")?;
    cel::add_member_overload!(env, fn find: (CelString, CelString) -> Result<CelString>)?;
    cel::add_member_overload!(env, fn find_all: (CelString, CelString) -> Result<SharedList>)?;
    cel::add_member_overload!(env, fn find_some: (CelString, CelString, CelInt) -> Result<SharedList>, name = "findAll")
}

fn matches(text: &CelString<'_>, pattern: &CelString<'_>) -> Result<CelBool, ExecutionError> {
    with("matches", pattern, |regex| CelBool::from(regex.is_match(text.inner())))
}

fn find(
    text: &CelString<'_>,
    pattern: &CelString<'_>,
) -> Result<CelString<'static>, ExecutionError> {
    with("find", pattern, |regex| {
        let found = regex.find(text.inner()).map_or("", |found| found.as_str());
        CelString::from(found.to_owned())
    })
}

fn find_all(text: &CelString<'_>, pattern: &CelString<'_>) -> Result<SharedList, ExecutionError> {
    find_some(text, pattern, &CelInt::from(-1))
}

/// At most `limit` matches; all of them when it is negative.
fn find_some(
    text: &CelString<'_>,
    pattern: &CelString<'_>,
    limit: &CelInt,
) -> Result<SharedList, ExecutionError> {
    let limit = usize::try_from(*limit.inner()).unwrap_or(usize::MAX);
    with("findAll", pattern, |regex| {
        let found = regex.find_iter(text.inner()).take(limit);
        let boxed = |found: regex::Match<'_>| -> Box<dyn Val> {
            Box::new(CelString::from(found.as_str().to_owned()))
        };
        SharedList::new(found.map(boxed).collect())
    })
}

fn with<T>(
    function: &str,
    pattern: &CelString<'_>,
    apply: impl FnOnce(&Regex) -> T,
) -> Result<T, ExecutionError> {
    COMPILED.with_borrow_mut(|compiled| {
        if let Some(regex) = compiled.patterns.get(pattern.inner()) {
            return Ok(apply(regex));
        }
        let (regex, weight) = weighed(pattern.inner())
            .map_err(|message| ExecutionError::function_error(function, message))?;
        if compiled.weight + weight > KEPT {
            *compiled = Kept::default();
        }
        compiled.weight += weight;
        let regex = compiled.patterns.entry(pattern.inner().to_owned()).or_insert(regex);
        Ok(apply(regex))
    })
}

/// A pattern, and for how many it counts.
fn weighed(pattern: &str) -> Result<(Regex, usize), String> {
    let small = RegexBuilder::new(&from_go(pattern)?).size_limit(SMALL).build();
    small.map(|regex| (regex, 1)).or_else(|_| Ok((compile(pattern)?, LARGE)))
}

/// Whether a text is a regular expression that `matches` takes.
pub fn pattern(text: &str) -> Result<(), String> {
    compile(text).map(|_| ())
}

/// Compiles a pattern as Go would read it; the error is a sentence.
pub(in super::super) fn compile(pattern: &str) -> Result<Regex, String> {
    Regex::new(&from_go(pattern)?).map_err(|error| {
        let reason = error.to_string();
        let last = reason.lines().last().unwrap_or_default();
        format!("`{pattern}` is no regular expression: {}", last.trim_start_matches("error: "))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_large_patterns_are_kept() {
        let text = CelString::from("a");
        for number in 1..=70 {
            let pattern = CelString::from(format!("^\\pL{{200}}{number}"));
            matches(&text, &pattern).expect("a pattern");
            let pattern = CelString::from(format!("^a{number}"));
            matches(&text, &pattern).expect("a pattern");
        }
        COMPILED.with_borrow(|kept| {
            assert!(kept.weight <= KEPT && kept.weight > LARGE, "{}", kept.weight);
            assert!(kept.patterns.len() < 70, "{}", kept.patterns.len());
        });
    }

    #[test]
    fn a_pattern_means_what_go_means() {
        for (pattern, text, expected) in [
            (r"^\d+$", "٣", false),
            (r"^\w$", "é", false),
            (r"^[\w.-]+$", "registry.example.com-1", true),
            (r"^[^\d]$", "7", false),
            (r"\bnginx\b", "library/nginx:1", true),
            (r"^[[a]$", "[", true),
            (r"^[a&&b]$", "&", true),
            (r"^[[:digit:]]+$", "42", true),
            (r"^\Qa.b\E$", "axb", false),
            (r"^\Qa.b\E$", "a.b", true),
            (r"^[]a]$", "]", true),
            (r"^\<a\>$", "<a>", true),
            ("(?i)^LATEST$", "latest", true),
            (r"^a{2}$", "aa", true),
            (r"^a{2,}?$", "aaa", true),
            (r"^a{b}$", "a{b}", true),
            (r"^{,2}$", "{,2}", true),
            (r"^a{$", "a{", true),
            (r"^\pN\z", "٣", true),
            (r"^\p{Greek}+$", "αβ", true),
            ("^a$", "a\n", false),
            ("(?m)^a$", "a\nb", true),
            (r"\Aa\z", "a", true),
            ("(?P<name>a)(?:b)(?<other>c)", "abc", true),
            (r"^[{}*?+]+$", "{}*?+", true),
        ] {
            let regex = compile(pattern).expect(pattern);
            assert_eq!(regex.is_match(text), expected, "{pattern} on {text}");
        }
    }

    #[test]
    fn a_bad_pattern_is_named() {
        let message = compile("a(").unwrap_err();
        assert_eq!(message, "`a(` is no regular expression: unclosed group");
        for pattern in [
            "ab\\",
            r"\C",
            "a**",
            "a+*",
            "a{2}{3}",
            "a*??",
            "a{1001}",
            "a{1,1001}",
            "(?x)a",
            "(?=a)",
            "(?<!a)",
            "(a",
            "a)",
            "[z-a]",
            r"\1",
            "*a",
            "x{2000000000}",
        ] {
            assert!(compile(pattern).is_err(), "{pattern}");
        }
    }

    #[test]
    fn a_leftmost_match_is_found_as_go_finds_it() {
        let found = |pattern, text| {
            let regex = compile(pattern).expect("a pattern");
            regex.find_iter(text).map(|one| one.as_str().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(found("a|ab", "ab"), ["a"]);
        assert_eq!(found("(?U)a+", "aaa"), ["a", "a", "a"]);
        assert_eq!(found("a*", "baac"), ["", "aa", ""]);
    }
}
