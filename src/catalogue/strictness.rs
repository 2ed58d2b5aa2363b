//! Which of two sets of parameters asks for more, by what the control says of each: `x-more`.

use super::Definition;
use crate::cel::quantity_order;
use serde_json::{Map, Value};
use std::cmp::Ordering;

impl Definition {
    /// Whether everything that `other` refuses, `parameters` refuse too, as far as `x-more` tells:
    /// where two lists are neither parts of each other, or more means neither, only the same is.
    pub fn asks_as_much(
        &self,
        parameters: &Map<String, Value>,
        other: &Map<String, Value>,
    ) -> bool {
        let names = parameters.keys().chain(other.keys());
        names.into_iter().all(|name| {
            let (Some(one), Some(other)) = (parameters.get(name), other.get(name)) else {
                return false;
            };
            let schema = self.parameters().find(|(known, _)| known == name);
            let more = schema.and_then(|(_, schema)| schema.get("x-more")).and_then(Value::as_str);
            match (order(one, other), more) {
                (Some(Ordering::Equal), _) => true,
                (Some(order), Some("tighter")) => order.is_gt(),
                (Some(order), Some("looser")) => order.is_lt(),
                _ => false,
            }
        })
    }
}

/// Which of two values is more; `None` where neither is.
fn order(one: &Value, other: &Value) -> Option<Ordering> {
    match (one, other) {
        (one, other) if one == other => Some(Ordering::Equal),
        (Value::Number(one), Value::Number(other)) => one.as_i64()?.partial_cmp(&other.as_i64()?),
        (Value::Bool(one), Value::Bool(other)) => Some(one.cmp(other)),
        (Value::String(one), Value::String(other)) => quantity_order(one, other),
        (Value::Array(one), Value::Array(other)) => {
            let within = |one: &[Value], other: &[Value]| one.iter().all(|e| other.contains(e));
            match (within(other, one), within(one, other)) {
                (true, true) => Some(Ordering::Equal),
                (true, false) => Some(Ordering::Greater),
                (false, true) => Some(Ordering::Less),
                (false, false) => None,
            }
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn more_is_told_of_numbers_quantities_and_lists() {
        for (one, other, expected) in [
            (json!(2), json!(1), Some(Ordering::Greater)),
            (json!("1Gi"), json!("512Mi"), Some(Ordering::Greater)),
            (json!("a"), json!("b"), None),
            (json!(["a", "b"]), json!(["a"]), Some(Ordering::Greater)),
            (json!(["a", "b"]), json!(["b", "a"]), Some(Ordering::Equal)),
            (json!(["a"]), json!(["b"]), None),
            (json!(false), json!(true), Some(Ordering::Less)),
            (json!({"a": 1}), json!({"a": 2}), None),
        ] {
            assert_eq!(order(&one, &other), expected, "{one} and {other}");
        }
    }
}
