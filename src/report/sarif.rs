//! What loosens, and what is not known not to, as SARIF 2.1.0, which code scanning reads.
//!
//! A result stands at the line that asks for the rule, or where nobody does any more at the file it
//! was or is rendered to. Its fingerprint is that of the change, so that a result that was dismissed
//! stays so on whichever clusters the change comes next.

use super::{Comparison, scanning};
use crate::change::{Direction, Entry, clusters};
use crate::text::count;
use serde_json::{Value, json};

/// What programs call the fingerprint; another way to make one gets another number.
const FINGERPRINT: &str = "ordinanceChange/v1";

/// The rules: one for each direction that counts as loosening.
const RULES: [(Direction, &str, [&str; 3]); 2] = [
    (
        Direction::Loosens,
        "policy-loosens",
        [
            "A policy asks for less than before",
            "Something that was denied, warned about or noted is not any more, on the clusters named.",
            "See whether it is meant. If it is, let whoever owns the rule agree; if not, ask for it again.",
        ],
    ),
    (
        Direction::Unknown,
        "policy-may-loosen",
        [
            "It is not known whether a policy asks for less than before",
            "The change could not be proved to keep what was asked for, and counts as if it did not.",
            "Compare both texts. `ordinance diff` shows them side by side.",
        ],
    ),
];

pub fn write(comparison: &Comparison<'_>) -> String {
    let rules = RULES.map(|(_, id, [title, why, fix])| scanning::rule(id, title, why, fix));
    let results = comparison.change.loosening().filter_map(|entry| result(comparison, entry));
    scanning::report(&rules, &results.collect::<Vec<_>>(), &[])
}

fn result(comparison: &Comparison<'_>, entry: &Entry) -> Option<Value> {
    let index = RULES.iter().position(|(direction, ..)| *direction == entry.direction)?;
    let level = if entry.direction == Direction::Loosens { "error" } else { "warning" };
    let title = entry.title();
    let names = entry.clusters();
    let on = format!("{}: {}", count(names.len(), "cluster"), clusters(&names));
    let message = format!(
        "{title} ({}): {} on {on}, compared with {}",
        entry.direction.word(),
        entry.says().join("; "),
        comparison.against
    );
    let mut places = places(comparison, entry, &title);
    let first = places.next()?;
    let mut result = json!({
        "ruleId": RULES[index].1,
        "ruleIndex": index,
        "level": level,
        "message": {"text": message},
        "locations": [first],
        "partialFingerprints": {FINGERPRINT: entry.fingerprint()},
    });
    let others: Vec<Value> = places.collect();
    if !others.is_empty() {
        result["relatedLocations"] = json!(others);
    }
    Some(result)
}

/// The lines that ask for it, or the file of its first cluster.
fn places<'a>(
    comparison: &'a Comparison<'_>,
    entry: &'a Entry,
    title: &'a str,
) -> impl Iterator<Item = Value> + 'a {
    let asked = comparison.known.asked.get(title).into_iter().flatten();
    let asked = asked.filter_map(move |place| {
        let (path, line) = place.rsplit_once(':')?;
        let line: u32 = line.parse().ok()?;
        Some(scanning::location(path, Some(json!({"startLine": line})), title))
    });
    let rendered = entry.renderings.iter().map(move |one| {
        let output = &comparison.known.output;
        let path = &one.example.path;
        let path = if output.is_empty() { path.clone() } else { format!("{output}/{path}") };
        // A place has a line (SARIF2017 of the validator): of a whole file, the first.
        scanning::location(&path, Some(json!({"startLine": 1})), title)
    });
    let mut asked = asked.peekable();
    let nobody = asked.peek().is_none();
    asked.chain(rendered.take(usize::from(nobody)))
}

#[cfg(test)]
mod tests {
    use super::super::{Known, sample};
    use super::*;

    fn results(known: &Known) -> Value {
        let change = sample::change();
        let comparison = Comparison { change: &change, against: "main", colour: false, known };
        let report: Value = serde_json::from_str(&write(&comparison)).unwrap();
        report["runs"][0]["results"].clone()
    }

    #[test]
    fn what_loosens_is_a_result_where_it_is_asked_for() {
        let asked = vec!["intents/a b.yaml:5".to_owned(), "intents/c.yaml:7".to_owned()];
        let known = Known { asked: [("limits".to_owned(), asked)].into(), ..Known::default() };
        let place = |uri: &str, line: u32| {
            json!({
                "physicalLocation": {
                    "artifactLocation": {"uri": uri}, "region": {"startLine": line},
                },
                "logicalLocations": [{"fullyQualifiedName": "limits"}],
            })
        };
        let message = "limits (loosens): exemption billing added (namespaces billing); expressions: \
                       changed exempt on 1 cluster: c01, compared with main";
        assert_eq!(
            results(&known),
            json!([{
                "ruleId": "policy-loosens",
                "ruleIndex": 0,
                "level": "error",
                "message": {"text": message},
                "locations": [place("intents/a%20b.yaml", 5)],
                "relatedLocations": [place("intents/c.yaml", 7)],
                "partialFingerprints": {"ordinanceChange/v1": "d617e6a0ee85a8e2"},
            }])
        );
    }

    #[test]
    fn what_nobody_asks_for_is_one_where_it_was_rendered() {
        let known = Known { output: "rendered".to_owned(), ..Known::default() };
        assert_eq!(
            results(&known)[0]["locations"][0]["physicalLocation"],
            json!({
                "artifactLocation": {"uri": "rendered/c01/policies/limits.yaml"},
                "region": {"startLine": 1},
            })
        );
    }
}
