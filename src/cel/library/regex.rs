//! Regular expressions: `matches`, `find`, `findAll`.
//!
//! CEL means RE2 as Go has it, and crate `regex` differs in small ways that matter to a verdict:
//! its `\d`, `\w`, `\s` and `\b` know all of Unicode where Go's know ASCII, and inside `[…]` it
//! reads `[`, `&&`, `--` and `~~` as set notation. [`from_go`] writes a Go pattern the other way.
//!
//! A pattern is compiled once per thread and kept: image exemptions are patterns in *data*, so
//! there is no compile time at which they could be prepared, and a thread of its own needs no lock.

use std::cell::RefCell;
use std::collections::HashMap;

use cel::common::types::{CelBool, CelInt, CelString};
use cel::common::value::Val;
use cel::{DeclarationError, Env, ExecutionError};
use regex::Regex;

use super::super::shared::SharedList;

/// Patterns kept per thread. Reached only by someone who builds patterns from object text; then
/// all are dropped, which costs time and never changes an answer.
const KEPT: usize = 4096;

thread_local! {
    static COMPILED: RefCell<HashMap<String, Regex>> = RefCell::new(HashMap::new());
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
        if let Some(regex) = compiled.get(pattern.inner()) {
            return Ok(apply(regex));
        }
        let regex = compile(pattern.inner())
            .map_err(|message| ExecutionError::function_error(function, message))?;
        if compiled.len() == KEPT {
            compiled.clear();
        }
        let regex = compiled.entry(pattern.inner().to_owned()).or_insert(regex);
        Ok(apply(regex))
    })
}

/// Compiles a pattern as Go would read it; the error is a sentence.
pub(in super::super) fn compile(pattern: &str) -> Result<Regex, String> {
    Regex::new(&from_go(pattern)?).map_err(|error| {
        let reason = error.to_string();
        let last = reason.lines().last().unwrap_or_default();
        format!("`{pattern}` is no regular expression: {}", last.trim_start_matches("error: "))
    })
}

/// Writes a Go pattern so that crate `regex` reads the same thing.
fn from_go(pattern: &str) -> Result<String, String> {
    let mut written = String::with_capacity(pattern.len() + 16);
    let mut rest = pattern.chars().peekable();
    let mut class_length = None; // how many items of `[…]` were read, inside one
    while let Some(next) = rest.next() {
        match (next, class_length) {
            ('\\', _) => {
                let Some(escaped) = rest.next() else {
                    return Err(format!(
                        "`{pattern}` is no regular expression: it ends in a backslash"
                    ));
                };
                if escaped == 'Q' {
                    quote(&mut rest, &mut written);
                } else if escaped == 'C' {
                    return Err(format!(
                        "`{pattern}` uses `\\C`, a single byte, which is not supported here"
                    ));
                } else {
                    escape(escaped, class_length.is_some(), &mut written);
                }
                class_length = class_length.map(|length| length + 1);
            }
            ('[', None) => {
                class_length = Some(0);
                written.push('[');
                if rest.next_if_eq(&'^').is_some() {
                    written.push('^');
                }
            }
            (']', Some(length)) if length > 0 => {
                class_length = None;
                written.push(']');
            }
            ('[', Some(length)) => {
                class_length = Some(length + 1);
                if rest.peek() == Some(&':') {
                    named_class(&mut rest, &mut written);
                } else {
                    written.push_str("\\[");
                }
            }
            ('&' | '~', Some(length)) => {
                class_length = Some(length + 1);
                written.push('\\');
                written.push(next);
            }
            (_, Some(length)) => {
                class_length = Some(length + 1);
                written.push(next);
            }
            (_, None) => written.push(next),
        }
    }
    Ok(written)
}

/// `\Q…\E`: everything as it stands.
fn quote(rest: &mut std::iter::Peekable<std::str::Chars<'_>>, written: &mut String) {
    let mut text = String::new();
    while let Some(next) = rest.next() {
        if next == '\\' && rest.next_if_eq(&'E').is_some() {
            break;
        }
        text.push(next);
    }
    written.push_str(&regex::escape(&text));
}

fn escape(escaped: char, in_class: bool, written: &mut String) {
    let ascii = match (escaped, in_class) {
        ('d', false) => "[0-9]",
        ('d', true) => "0-9",
        ('D', _) => "[^0-9]",
        ('w', false) => "[0-9A-Za-z_]",
        ('w', true) => "0-9A-Za-z_",
        ('W', _) => "[^0-9A-Za-z_]",
        ('s', false) => "[\\t\\n\\f\\r ]",
        ('s', true) => "\\t\\n\\f\\r ",
        ('S', _) => "[^\\t\\n\\f\\r ]",
        ('b', false) => "(?-u:\\b)",
        ('<', _) => "<",
        ('>', _) => ">",
        _ => {
            written.push('\\');
            written.push(escaped);
            return;
        }
    };
    written.push_str(ascii);
}

/// `[:alpha:]` inside a class, of which the leading `[` is read.
fn named_class(rest: &mut std::iter::Peekable<std::str::Chars<'_>>, written: &mut String) {
    written.push('[');
    for next in rest.by_ref() {
        written.push(next);
        if next == ']' {
            break;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        ] {
            let regex = compile(pattern).expect(pattern);
            assert_eq!(regex.is_match(text), expected, "{pattern} on {text}");
        }
    }

    #[test]
    fn a_bad_pattern_is_named() {
        let message = compile("a(").unwrap_err();
        assert_eq!(message, "`a(` is no regular expression: unclosed group");
        assert!(compile("ab\\").is_err());
        assert!(compile(r"\C").is_err());
    }
}
