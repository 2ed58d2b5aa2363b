//! Reading back parameters and exemptions that were written into an expression.
//!
//! Such a literal is JSON with every value wrapped in `dyn(…)` and its strings in CEL's quotes.
//! It is read, never evaluated: what has landed may hold any text.

use serde_json::Value;
use std::str::Chars;

/// The value of such a literal; `None` for any other expression.
pub fn read(written: &str) -> Option<Value> {
    let mut json = String::with_capacity(written.len());
    let mut rest = written.chars();
    loop {
        if let Some(after) = rest.as_str().strip_prefix("dyn(") {
            rest = after.chars();
            continue;
        }
        match rest.next() {
            None => return serde_json::from_str(&json).ok(),
            Some(')') => {}
            Some(quote @ ('\'' | '"')) => {
                json.push_str(&Value::from(string(quote, &mut rest)?).to_string());
            }
            Some(other) => json.push(other),
        }
    }
}

/// The string up to its closing quote.
fn string(quote: char, rest: &mut Chars<'_>) -> Option<String> {
    let mut text = String::new();
    loop {
        match rest.next()? {
            '\\' => text.push(match rest.next()? {
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                'u' => {
                    let digits: String = rest.by_ref().take(4).collect();
                    char::from_u32(u32::from_str_radix(&digits, 16).ok()?)?
                }
                plain @ ('\'' | '"' | '\\') => plain,
                _ => return None,
            }),
            closing if closing == quote => return Some(text),
            other => text.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compile::literal;
    use serde_json::json;

    #[test]
    fn what_is_compiled_is_read_back() {
        let value = json!({
            "n": 3, "l": ["a)", "b'\"\\ dyn(\n\u{7}"], "m": [1, "a"], "t": true, "e": {}, "é": null,
        });
        assert_eq!(read(&literal(&value)), Some(value));
    }

    #[test]
    fn other_expressions_are_not_taken_for_literals() {
        for other in
            ["variables.params.exemptions", "", "['a'].map(x, x)", "'a", "'\\x41'", "1 + 1"]
        {
            assert_eq!(read(other), None, "{other}");
        }
    }
}
