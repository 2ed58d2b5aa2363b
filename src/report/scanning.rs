//! What every report in SARIF 2.1.0 has, for code scanning: the envelope, rules, and places.
//!
//! What the rules and results are is the matter of whoever writes one.

use serde_json::{Value, json};

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// A whole report of one run.
pub fn report(rules: &[Value], results: &[Value], notifications: &[Value]) -> String {
    let report = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "Ordinance",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            }},
            "columnKind": "unicodeCodePoints",
            "invocations": [{
                "executionSuccessful": notifications.is_empty(),
                "toolExecutionNotifications": notifications,
            }],
            "results": results,
        }],
    });
    format!("{report:#}\n")
}

/// A rule; texts may not be empty, and are told by its id then.
pub fn rule(id: &str, title: &str, why: &str, fix: &str) -> Value {
    let told = |text: &str| {
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if text.is_empty() { id.to_owned() } else { text }
    };
    json!({
        "id": id,
        "shortDescription": {"text": told(title)},
        "fullDescription": {"text": told(why)},
        "help": {"text": told(fix)},
    })
}

/// A place in a file, and the object it is about, where there is one.
pub fn location(file: &str, region: Option<Value>, object: &str) -> Value {
    let mut physical = json!({"artifactLocation": {"uri": uri(file)}});
    if let Some(region) = region {
        physical["region"] = region;
    }
    let mut location = json!({"physicalLocation": physical});
    if !object.is_empty() {
        location["logicalLocations"] = json!([{"fullyQualifiedName": object}]);
    }
    location
}

/// A path as a URI reference, an absolute one as a URI of a file: what has a meaning there, or may
/// not stand there, is escaped. A reference may not begin with a slash
/// (SARIF1004 of the validator).
fn uri(path: &str) -> String {
    let mut uri = if path.starts_with('/') { "file://".to_owned() } else { String::new() };
    for byte in path.trim_start_matches("./").bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' | b'~' => {
                uri.push(char::from(byte));
            }
            other => uri.push_str(&format!("%{other:02X}")),
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_path_is_a_uri() {
        assert_eq!(super::uri("./a b/ü#1.yaml"), "a%20b/%C3%BC%231.yaml");
        assert_eq!(super::uri("<stdin>"), "%3Cstdin%3E");
        assert_eq!(super::uri("/a/b c.yaml"), "file:///a/b%20c.yaml");
    }
}
