//! Where in a manifest the offenders are written.
//!
//! A policy names them as people do: a container, a label, a path of fields. None of these is
//! unambiguous in YAML, so the likeliest place is taken: an entry of a list with that name, else a
//! key, else a value, else a path. What is found nowhere is simply not pointed at.

use crate::text::Place;
use crate::yaml::{Node, Value};

/// How many offenders are pointed at; all of them are named.
const POINTED_AT: usize = 10;

/// The places of the offenders, in their order.
pub fn places(object: &Node, offenders: &[String]) -> Vec<(Place, String)> {
    let mut found: Vec<(Place, String)> = vec![];
    for offender in offenders.iter().take(POINTED_AT) {
        let place = entry(object, offender)
            .or_else(|| key(object, offender))
            .or_else(|| value(object, offender))
            .or_else(|| path(object, offender));
        if let Some(place) = place.filter(|place| !found.iter().any(|(other, _)| other == place)) {
            found.push((place, offender.clone()));
        }
    }
    found
}

fn children(node: &Node) -> Box<dyn Iterator<Item = &Node> + '_> {
    match &node.value {
        Value::Map(entries) => Box::new(entries.iter().map(|(_, value)| value)),
        Value::List(items) => Box::new(items.iter()),
        _ => Box::new(std::iter::empty()),
    }
}

/// The name of an entry of a list: `- name: app`.
fn entry(node: &Node, name: &str) -> Option<Place> {
    if let Value::List(items) = &node.value {
        let named = |item: &&Node| item.get("name").and_then(Node::text) == Some(name);
        if let Some(item) = items.iter().find(named) {
            return field(item, "name");
        }
    }
    children(node).find_map(|child| entry(child, name))
}

/// A field with its value, as one stretch.
fn field(map: &Node, wanted: &str) -> Option<Place> {
    let Value::Map(entries) = &map.value else { return None };
    let ((_, key), value) = entries.iter().find(|((key, _), _)| key == wanted)?;
    let end = match value.value {
        Value::Map(_) | Value::List(_) => key.end,
        _ => value.place.end.max(key.end),
    };
    Some(Place { end, ..*key })
}

fn key(node: &Node, wanted: &str) -> Option<Place> {
    if let Some(place) = field(node, wanted) {
        return Some(place);
    }
    children(node).find_map(|child| key(child, wanted))
}

fn value(node: &Node, wanted: &str) -> Option<Place> {
    if node.text() == Some(wanted) {
        return Some(node.place);
    }
    children(node).find_map(|child| value(child, wanted))
}

/// `rules[0]`, `spec.hostNetwork`: from whichever field its first step is found in.
fn path(node: &Node, written: &str) -> Option<Place> {
    let steps = written.split(['.', '[']).map(|step| step.trim_end_matches(']'));
    let steps: Vec<&str> = steps.collect();
    if steps.len() < 2 {
        return None;
    }
    fn follow(node: &Node, steps: &[&str]) -> Option<Place> {
        let (step, rest) = match steps {
            [] => return Some(node.place),
            [step, rest @ ..] => (step, rest),
        };
        match (&node.value, step.parse::<usize>()) {
            (Value::List(items), Ok(index)) => follow(items.get(index)?, rest),
            (Value::Map(_), _) if rest.is_empty() => field(node, step),
            (Value::Map(_), _) => follow(node.get(step)?, rest),
            _ => None,
        }
    }
    fn anywhere(node: &Node, steps: &[&str]) -> Option<Place> {
        follow(node, steps).or_else(|| children(node).find_map(|child| anywhere(child, steps)))
    }
    anywhere(node, &steps)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Sources;

    #[test]
    fn an_offender_is_found_where_people_wrote_it() {
        let text = "metadata:\n  name: app\n  labels: {team: x}\nspec:\n  hostPID: true\n  \
                    containers:\n    - image: img:latest\n      name: app\n    - name: side\n  \
                    rules: [{verbs: [a]}, {verbs: [b]}]\n";
        let mut sources = Sources::default();
        let source = sources.add("a.yaml", text);
        let nodes = crate::yaml::read(&sources, source).unwrap();
        for (offender, expected) in [
            ("app", Some("name: app@8")),
            ("side", Some("name: side@9")),
            ("team", Some("team: x@3")),
            ("hostPID", Some("hostPID: true@5")),
            ("spec.hostPID", Some("hostPID: true@5")),
            ("img:latest", Some("img:latest@7")),
            ("rules[1].verbs", Some("verbs@10")),
            ("absent", None),
        ] {
            let found = places(&nodes[0], &[offender.to_owned()]);
            let shown = found.first().map(|(place, _)| {
                format!("{}@{}", sources.slice(*place), sources.line_column(*place).0)
            });
            assert_eq!(shown.as_deref(), expected, "{offender}");
        }
    }
}
