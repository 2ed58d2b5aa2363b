//! Named formats: `format.dns1123Label().validate(name)`, an optional list of complaints.
//!
//! Whether there are complaints is as on the API server; their words are our own, since those of
//! the API server differ from version to version.

use std::sync::LazyLock;

use cel::common::types::{CelOptional, CelString};
use cel::common::value::{CowVal, Val};
use cel::{DeclarationError, Env, ExecutionError};
use regex::Regex;

use super::super::shared::SharedList;
use super::opaque::opaque;
use super::url::Url;
use crate::name;

/// A format is one of [`FORMATS`].
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Format(&'static Named);

#[derive(Debug)]
struct Named {
    name: &'static str,
    /// How long a pattern the API server reckons with when it counts cost.
    pattern: usize,
    what: &'static str,
    check: fn(&str) -> bool,
}

opaque!(Format, "kubernetes.NamedFormat");

impl Format {
    pub(super) fn pattern(self) -> usize {
        self.0.pattern
    }
}

impl PartialEq for Format {
    fn eq(&self, other: &Format) -> bool {
        self.0.name == other.0.name
    }
}

static FORMATS: [Named; 13] = [
    named("byte", 84, "base64", is_base64),
    named("date", 71, "a date like 2026-01-31", is_date),
    named("datetime", 71, "a time like 2026-01-31T12:00:00Z", is_time),
    named("dns1035Label", 30, "a DNS label that begins with a letter", is_letter_label),
    named(
        "dns1035LabelPrefix",
        30,
        "the beginning of a DNS label that begins with a letter",
        |text| is_letter_label(&masked(text)),
    ),
    named("dns1123Label", 30, "a DNS label", is_label),
    named("dns1123LabelPrefix", 30, "the beginning of a DNS label", |text| is_label(&masked(text))),
    named("dns1123Subdomain", 60, "a DNS name", name::is_subdomain),
    named("dns1123SubdomainPrefix", 60, "the beginning of a DNS name", |text| {
        name::is_subdomain(&masked(text))
    }),
    named("labelValue", 40, "the value of a label", is_label_value),
    named("qualifiedName", 60, "a qualified name", is_qualified_name),
    named("uri", 1103, "a URI", |text| Url::check(text).is_ok()),
    named("uuid", 70, "a UUID", is_uuid),
];

const fn named(
    name: &'static str,
    pattern: usize,
    what: &'static str,
    check: fn(&str) -> bool,
) -> Named {
    Named { name, pattern, what, check }
}

pub(super) fn extension(env: &mut Env) -> Result<(), DeclarationError> {
    macro_rules! constants {
        ($($at:literal)*) => {$(
            let name = format!("format.{}", FORMATS[$at].name);
            env.add_overload(&name, &name, vec![], |_| Ok(CowVal::owned(Format(&FORMATS[$at]))))?;
        )*};
    }
    constants!(0 1 2 3 4 5 6 7 8 9 10 11 12);
    cel::add_overload!(env, fn lookup: (CelString) -> CelOptional, name = "format.named")?;
    cel::add_member_overload!(env, fn validate: (Format, CelString) -> Result<CelOptional>)
}

fn lookup(name: &CelString<'_>) -> CelOptional<'static> {
    match FORMATS.iter().find(|format| format.name == name.inner()) {
        Some(format) => CelOptional::of(Box::new(Format(format))),
        None => CelOptional::none(),
    }
}

fn validate(format: &Format, text: &CelString<'_>) -> Result<CelOptional<'static>, ExecutionError> {
    if (format.0.check)(text.inner()) {
        return Ok(CelOptional::none());
    }
    let complaint = format!("{:?} is not {}", text.inner(), format.0.what);
    let complaint: Box<dyn Val> = Box::new(CelString::from(complaint));
    Ok(CelOptional::of(Box::new(SharedList::new(vec![complaint]))))
}

/// A prefix may end with a dash, which a name may not.
fn masked(text: &str) -> String {
    let mut characters: Vec<char> = text.chars().collect();
    if characters.len() > 1 && characters.last() == Some(&'-') {
        characters.truncate(characters.len() - 2);
        characters.push('a');
    }
    characters.into_iter().collect()
}

fn inner(text: &str, more: &str) -> bool {
    let edge = |one: Option<char>| one.is_some_and(|one| one.is_ascii_alphanumeric());
    edge(text.chars().next())
        && edge(text.chars().next_back())
        && text.chars().all(|one| one.is_ascii_alphanumeric() || more.contains(one))
}

fn is_label(text: &str) -> bool {
    text.len() <= 63 && name::is_label(text)
}

fn is_letter_label(text: &str) -> bool {
    is_label(text) && text.starts_with(|one: char| one.is_ascii_lowercase())
}

fn is_label_value(text: &str) -> bool {
    text.is_empty() || text.len() <= 63 && inner(text, "-_.")
}

fn is_qualified_name(text: &str) -> bool {
    let name = match text.split_once('/') {
        Some((prefix, _)) if !name::is_subdomain(prefix) => return false,
        Some((_, name)) => name,
        None => text,
    };
    !name.is_empty() && is_label_value(name)
}

fn is_uuid(text: &str) -> bool {
    static UUID: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new("^(?i)[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$")
            .expect("the pattern is a constant")
    });
    UUID.is_match(text)
}

fn is_base64(text: &str) -> bool {
    let body = text.trim_end_matches('=');
    let padding = text.len() - body.len();
    !text.is_empty()
        && text.len().is_multiple_of(4)
        && padding <= 2
        && body.bytes().all(|one| one.is_ascii_alphanumeric() || one == b'+' || one == b'/')
}

fn is_date(text: &str) -> bool {
    text.len() == 10 && text.parse::<jiff::civil::Date>().is_ok()
}

/// The API server looks at the day and at the time of day, not at the offset.
fn is_time(text: &str) -> bool {
    static TIME: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            "^([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})$",
        )
        .expect("the pattern is a constant")
    });
    let mut parts = text.split(['T', 't']);
    parts.next().is_some_and(is_date) && parts.next().is_some_and(|time| TIME.is_match(time))
}
