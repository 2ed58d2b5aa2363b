//! Semantic versions: `semver('1.2.3')`; `semver('v1.2', true)` makes one of what looks like one.

use std::cmp::Ordering;

use cel::common::types::{CelBool, CelInt, CelString};
use cel::{DeclarationError, Env, ExecutionError};

use super::opaque::opaque;

#[derive(Clone, Debug)]
pub(in super::super) struct Semver {
    numbers: [u64; 3],
    pre_release: Vec<Part>,
}

/// One identifier of a pre-release; numbers come before names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Number(u64),
    Name(String),
}

opaque!(Semver, "kubernetes.Semver");

pub(super) fn extension(env: &mut Env) -> Result<(), DeclarationError> {
    cel::add_overload!(env, fn semver: (CelString) -> Result<Semver>)?;
    cel::add_overload!(env, fn semver_of: (CelString, CelBool) -> Result<Semver>, name = "semver")?;
    cel::add_overload!(env, fn is_semver: (CelString) -> CelBool)?;
    cel::add_overload!(env, fn is_semver_of: (CelString, CelBool) -> CelBool, name = "isSemver")?;
    cel::add_member_overload!(env, fn is_less_than: (Semver, Semver) -> CelBool)?;
    cel::add_member_overload!(env, fn is_greater_than: (Semver, Semver) -> CelBool)?;
    cel::add_member_overload!(env, fn compare_to: (Semver, Semver) -> CelInt)?;
    cel::add_member_overload!(env, fn major: (Semver) -> CelInt)?;
    cel::add_member_overload!(env, fn minor: (Semver) -> CelInt)?;
    cel::add_member_overload!(env, fn patch: (Semver) -> CelInt)
}

/// What is built from (`+…`) makes no difference.
impl PartialEq for Semver {
    fn eq(&self, other: &Semver) -> bool {
        self.compare(other).is_eq()
    }
}

impl Semver {
    fn parse(text: &str) -> Result<Semver, &'static str> {
        let (text, build) = match text.split_once('+') {
            Some((text, build)) => (text, Some(build)),
            None => (text, None),
        };
        let (core, pre_release) = match text.split_once('-') {
            Some((core, pre_release)) => (core, Some(pre_release)),
            None => (text, None),
        };
        let mut numbers = core.split('.').map(number);
        let (Some(major), Some(minor), Some(patch), None) =
            (numbers.next(), numbers.next(), numbers.next(), numbers.next())
        else {
            return Err("No Major.Minor.Patch elements found");
        };
        let known = |part: &str| {
            !part.is_empty() && part.bytes().all(|one| one.is_ascii_alphanumeric() || one == b'-')
        };
        if !build.is_none_or(|build| build.split('.').all(known)) {
            return Err("a build meta data element is empty or has an invalid character");
        }
        let mut parts = Vec::new();
        for part in pre_release.iter().flat_map(|parts| parts.split('.')) {
            if !known(part) {
                return Err("a pre-release element is empty or has an invalid character");
            }
            parts.push(if part.bytes().all(|one| one.is_ascii_digit()) {
                Part::Number(number(part)?)
            } else {
                Part::Name(part.to_owned())
            });
        }
        Ok(Semver { numbers: [major?, minor?, patch?], pre_release: parts })
    }

    /// Takes `v1.02` for 1.2.0.
    fn parse_tolerant(text: &str) -> Result<Semver, &'static str> {
        let text = text.strip_prefix('v').unwrap_or(text);
        let mut parts: Vec<String> = text.splitn(3, '.').map(without_zeros).collect();
        if parts.len() < 3 {
            if parts.last().is_some_and(|last| last.contains(['+', '-'])) {
                return Err("short version cannot contain PreRelease/Build meta data");
            }
            parts.resize(3, "0".to_owned());
        }
        Semver::parse(&parts.join("."))
    }

    fn compare(&self, other: &Semver) -> Ordering {
        self.numbers.cmp(&other.numbers).then_with(|| {
            // a release comes after its pre-releases
            let released = |one: &Semver| one.pre_release.is_empty();
            match (released(self), released(other)) {
                (false, false) => self.pre_release.cmp(&other.pre_release),
                (one, other) => one.cmp(&other),
            }
        })
    }
}

fn number(text: &str) -> Result<u64, &'static str> {
    if text.is_empty() || !text.bytes().all(|one| one.is_ascii_digit()) {
        return Err("Invalid character(s) found in a number");
    }
    if text.len() > 1 && text.starts_with('0') {
        return Err("a number must not contain leading zeroes");
    }
    text.parse().map_err(|_| "a number is too large")
}

fn without_zeros(part: &str) -> String {
    if part.len() < 2 {
        return part.to_owned();
    }
    let trimmed = part.trim_start_matches('0');
    if trimmed.starts_with(|one: char| one.is_ascii_digit()) {
        trimmed.to_owned()
    } else {
        format!("0{trimmed}")
    }
}

fn parse(text: &str, tolerant: bool) -> Result<Semver, &'static str> {
    if tolerant { Semver::parse_tolerant(text) } else { Semver::parse(text) }
}

fn made(text: &str, tolerant: bool) -> Result<Semver, ExecutionError> {
    parse(text, tolerant).map_err(|message| ExecutionError::function_error("semver", message))
}

fn semver(text: &CelString<'_>) -> Result<Semver, ExecutionError> {
    made(text.inner(), false)
}

fn semver_of(text: &CelString<'_>, tolerant: &CelBool) -> Result<Semver, ExecutionError> {
    made(text.inner(), *tolerant.inner())
}

fn is_semver(text: &CelString<'_>) -> CelBool {
    CelBool::from(parse(text.inner(), false).is_ok())
}

fn is_semver_of(text: &CelString<'_>, tolerant: &CelBool) -> CelBool {
    CelBool::from(parse(text.inner(), *tolerant.inner()).is_ok())
}

fn is_less_than(one: &Semver, other: &Semver) -> CelBool {
    CelBool::from(one.compare(other).is_lt())
}

fn is_greater_than(one: &Semver, other: &Semver) -> CelBool {
    CelBool::from(one.compare(other).is_gt())
}

fn compare_to(one: &Semver, other: &Semver) -> CelInt {
    CelInt::from(one.compare(other) as i64)
}

/// A number beyond 63 bits wraps, as Go's conversion does.
fn integer(number: u64) -> CelInt {
    CelInt::from(number as i64)
}

fn major(one: &Semver) -> CelInt {
    integer(one.numbers[0])
}

fn minor(one: &Semver) -> CelInt {
    integer(one.numbers[1])
}

fn patch(one: &Semver) -> CelInt {
    integer(one.numbers[2])
}
