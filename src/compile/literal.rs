//! Parameters and exemptions as CEL literals and as data.
//!
//! Kubernetes' CEL refuses list and map literals of mixed type, and some engines infer static
//! types from a literal, so every value of a map is wrapped in `dyn(…)`.

use crate::plan::Exempt;
use crate::selector::Operator;
use serde_json::{Value, json};

/// A JSON value as a CEL literal whose static type is `dyn`.
pub fn literal(value: &Value) -> String {
    match value {
        Value::Object(map) => {
            let entries =
                map.iter().map(|(key, value)| format!("{}: {}", text(key), literal(value)));
            format!("dyn({{{}}})", entries.collect::<Vec<_>>().join(", "))
        }
        Value::Array(items) if items.iter().all(Value::is_string) => {
            let items = items.iter().filter_map(Value::as_str).map(text);
            format!("dyn([{}])", items.collect::<Vec<_>>().join(", "))
        }
        Value::Array(items) => {
            format!("dyn([{}])", items.iter().map(literal).collect::<Vec<_>>().join(", "))
        }
        Value::String(value) => format!("dyn({})", text(value)),
        other => format!("dyn({other})"),
    }
}

/// The value of what [`literal`] wrote; `None` for any other expression.
pub fn read_literal(written: &str) -> Option<Value> {
    let mut json = String::with_capacity(written.len());
    let mut rest = written;
    while let Some(next) = rest.chars().next() {
        if let Some(after) = rest.strip_prefix("dyn(").or(rest.strip_prefix(')')) {
            rest = after;
        } else if next == '\'' {
            let (value, after) = read_text(&rest[1..])?;
            json.push_str(&Value::from(value).to_string());
            rest = after;
        } else {
            json.push(next);
            rest = &rest[next.len_utf8()..];
        }
    }
    serde_json::from_str(&json).ok()
}

/// A string up to its closing quote, and what follows it.
fn read_text(written: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut letters = written.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '\'' => return Some((value, &written[at + 1..])),
            '\\' => match letters.next()?.1 {
                'n' => value.push('\n'),
                'u' => {
                    let digits: String = letters.by_ref().take(4).map(|(_, c)| c).collect();
                    value.push(char::from_u32(u32::from_str_radix(&digits, 16).ok()?)?);
                }
                escaped => value.push(escaped),
            },
            plain => value.push(plain),
        }
    }
    None
}

/// A string literal in single quotes, which YAML can quote without escapes.
pub fn text(value: &str) -> String {
    let mut literal = String::from("'");
    for c in value.chars() {
        match c {
            '\'' | '\\' => literal.extend(['\\', c]),
            '\n' => literal.push_str("\\n"),
            c if c.is_control() => literal.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => literal.push(c),
        }
    }
    literal.push('\'');
    literal
}

/// Exemptions as the data that the text reads; every field is always there.
pub fn exemptions_data(exemptions: &[Exempt]) -> Value {
    exemptions.iter().map(record).collect()
}

fn record(exempt: &Exempt) -> Value {
    let labels: Vec<Value> = exempt
        .labels
        .requirements()
        .into_iter()
        .map(|(key, operator, values)| {
            let operator = match operator {
                Operator::In => "In",
                Operator::NotIn => "NotIn",
                Operator::Exists => "Exists",
                Operator::DoesNotExist => "DoesNotExist",
            };
            json!({"key": key, "operator": operator, "values": values})
        })
        .collect();
    json!({
        "name": exempt.name,
        "images": exempt.images,
        "labels": labels,
        "namespaces": exempt.namespaces,
        "workloads": exempt.workloads,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_literal_is_read_back() {
        let value =
            json!({"n": 3, "l": ["a)", "b'\"\\ dyn(\u{1}\n"], "m": [1, "a"], "t": true, "e": {}});
        assert_eq!(read_literal(&literal(&value)), Some(value));
        assert_eq!(read_literal("variables.params.exemptions"), None);
    }

    #[test]
    fn no_aggregate_is_of_mixed_type() {
        let value = json!({"n": 3, "list": ["a", "b'\"\n"], "mixed": [1, "a"], "flag": true});
        assert_eq!(
            literal(&value),
            r#"dyn({'flag': dyn(true), 'list': dyn(['a', 'b\'"\n']), 'mixed': dyn([dyn(1), dyn('a')]), 'n': dyn(3)})"#
        );
    }
}
