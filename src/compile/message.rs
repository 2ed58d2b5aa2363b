//! Messages: one line that names the offenders, at most ten of them.

use super::literal::text;
use crate::catalogue::Definition;
use crate::limits;

/// `{offenders}` and `{params.NAME}` of a message, as a CEL expression of type string.
pub fn expression(message: &str, control: &Definition, offenders: &str) -> String {
    let mut parts: Vec<String> = vec![];
    let mut rest = message.trim();
    while let Some((before, after)) = rest.split_once('{') {
        let Some((placeholder, after)) = after.split_once('}') else { break };
        if !before.is_empty() {
            parts.push(text(before));
        }
        parts.push(match placeholder.strip_prefix("params.") {
            Some(name) => parameter(name, control),
            None => named(offenders),
        });
        rest = after;
    }
    if !rest.is_empty() {
        parts.push(text(rest));
    }
    parts.join(" + ")
}

/// From when on it may be denied, as the beginning of a message; `day` is an expression.
pub fn later(day: &str) -> String {
    format!("'denied from ' + {day} + ' at the earliest: '")
}

/// The same, where the day may not be there.
pub fn later_if_any(day: &str) -> String {
    format!("(has({day}) ? {} : '')", later(day))
}

fn parameter(name: &str, control: &Definition) -> String {
    let schema = control.parameters().find(|(known, _)| *known == name).map(|(_, schema)| schema);
    let is = |path: &str, wanted: &str| {
        schema.and_then(|schema| schema.pointer(path)).is_some_and(|found| found == wanted)
    };
    let value = format!("variables.params.{name}");
    if is("/type", "array") && !is("/items/type", "integer") {
        format!("{value}.join(', ')")
    } else if is("/type", "array") {
        format!("{value}.map(i, string(i)).join(', ')")
    } else {
        format!("string({value})")
    }
}

/// The first ten offenders, and how many more there are.
fn named(offenders: &str) -> String {
    let most = limits::OFFENDERS_NAMED;
    let list = format!("variables.{offenders}");
    let first = (0..most).map(|index| index.to_string()).collect::<Vec<_>>().join(", ");
    format!(
        "(size({list}) <= {most} ? {list}.join(', ') : [{first}].map(i, {list}[i]).join(', ') \
         + ' and ' + string(size({list}) - {most}) + ' more')"
    )
}

/// The message, cut where an engine would drop it whole.
pub fn bounded(variable: &str) -> String {
    let most = limits::MESSAGE_CHARACTERS;
    let message = format!("variables.{variable}");
    format!("size({message}) <= {most} ? {message} : {message}.substring(0, {most})")
}
