//! Labels and namespaces as the API server takes them: what it would refuse is refused here,
//! where it was written.
//!
//! The schemas publish a pattern beside the format, since editors know patterns only. A test holds
//! the two together.

use schemars::{Schema, SchemaGenerator, json_schema};

/// The three formats, as schemas call them.
pub const KEY: &str = "label-key";
pub const VALUE: &str = "label-value";
pub const NAMESPACE: &str = "namespace";

pub const KEY_PATTERN: &str = "^([a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?\
                           [A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$";
const VALUE_PATTERN: &str = "^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$";
pub const NAMESPACE_PATTERN: &str = "^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$";

/// Why a text was refused, as the end of a sentence that began with it, and what may be written;
/// `None` where the text is fine or the format is not one of these.
pub fn problem(format: &str, text: &str) -> Option<(&'static str, &'static str)> {
    let (why, way_out) = match format {
        KEY => (
            key(text),
            "a label's key is at most 63 letters, digits, `-`, `_` and `.`, if need be after a \
             prefix such as `example.com/`",
        ),
        VALUE => (
            value(text),
            "a label's value is at most 63 letters, digits, `-`, `_` and `.`, or nothing at all",
        ),
        NAMESPACE => {
            (namespace(text), "such a name is at most 63 lower-case letters, digits and `-`")
        }
        _ => return None,
    };
    why.map(|why| (why, way_out))
}

/// An optional prefix, which is a domain, and a name.
fn key(text: &str) -> Option<&'static str> {
    let Some((prefix, name)) = text.split_once('/') else { return word(text) };
    if prefix.len() > 253 {
        Some("has a prefix longer than 253 characters")
    } else if prefix.split('.').any(|part| domain(part).is_some()) {
        Some("has a prefix that is no domain")
    } else {
        word(name)
    }
}

fn value(text: &str) -> Option<&'static str> {
    if text.is_empty() { None } else { word(text) }
}

fn word(text: &str) -> Option<&'static str> {
    let inside = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let end = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    if text.is_empty() {
        Some("has no name")
    } else if !text.chars().all(inside) {
        Some("may hold only letters, digits, `-`, `_` and `.`")
    } else if !end(text.chars().next()) || !end(text.chars().last()) {
        Some("must begin and end with a letter or digit")
    } else if text.len() > 63 {
        Some("is longer than 63 characters")
    } else {
        None
    }
}

fn namespace(text: &str) -> Option<&'static str> {
    domain(text).or((text.len() > 63).then_some("is longer than 63 characters"))
}

/// A part of a domain, of any length.
fn domain(text: &str) -> Option<&'static str> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if text.is_empty() {
        Some("is empty")
    } else if !text.chars().all(plain) {
        Some("may hold only lower-case letters, digits and `-`")
    } else if text.starts_with('-') || text.ends_with('-') {
        Some("must begin and end with a letter or digit")
    } else {
        None
    }
}

/// The schema of a list of a label's values.
pub fn values_schema(_: &mut SchemaGenerator) -> Schema {
    let value = json_schema!({"type": "string", "format": VALUE, "pattern": VALUE_PATTERN});
    json_schema!({"type": "array", "items": value})
}

/// The schema of labels: values by key.
pub fn map_schema(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "object",
        "propertyNames": {"format": KEY, "pattern": KEY_PATTERN},
        "additionalProperties": {"type": "string", "format": VALUE, "pattern": VALUE_PATTERN},
    })
}

/// The schema of a list of names: of namespaces, or of clusters, which follow the same rules.
pub fn namespaces_schema(_: &mut SchemaGenerator) -> Schema {
    let name = json_schema!({"type": "string", "format": NAMESPACE, "pattern": NAMESPACE_PATTERN});
    json_schema!({"type": "array", "items": name})
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_the_api_server_refuses_is_refused() {
        let long = "a".repeat(64);
        for bad in ["b c!", "-a", "a-", "_", "é", long.as_str()] {
            assert!(problem(VALUE, bad).is_some(), "{bad}");
            assert!(problem(KEY, bad).is_some(), "{bad}");
            assert!(problem(NAMESPACE, bad).is_some(), "{bad}");
        }
        let far = format!("{}/a", "a.".repeat(127) + "a");
        for bad in ["", "/a", "a/", "A/a", "a..b/c", "a/b/c", "-a/b", far.as_str()] {
            assert!(problem(KEY, bad).is_some(), "{bad}");
        }
        for bad in ["", "A", "a.b", "a_b"] {
            assert!(problem(NAMESPACE, bad).is_some(), "{bad}");
        }
    }

    #[test]
    fn what_the_api_server_takes_is_taken() {
        let long = "a".repeat(63);
        for good in ["team", "example.com/team", "kubernetes.io/metadata.name", "A_b.C-1", &long] {
            assert_eq!(problem(KEY, good), None);
        }
        for good in ["", "1.30", "A_b.C-1", &long] {
            assert_eq!(problem(VALUE, good), None);
        }
        for good in ["kustomization", "1", "kube-system", &long] {
            assert_eq!(problem(NAMESPACE, good), None);
        }
    }

    proptest! {
        /// All but the length of a prefix, which no pattern says in a readable way.
        #[test]
        fn the_published_patterns_say_the_same(text in "[aB1._/-]{0,9}|[a-c]{60,66}|\\PC{0,5}") {
            for (format, pattern) in
                [(KEY, KEY_PATTERN), (VALUE, VALUE_PATTERN), (NAMESPACE, NAMESPACE_PATTERN)]
            {
                let matches = regex::Regex::new(pattern).unwrap().is_match(&text);
                prop_assert_eq!(problem(format, &text).is_none(), matches, "{} {}", format, text);
            }
        }
    }
}
