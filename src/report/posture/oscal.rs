//! The posture as assessment results in OSCAL, for other tools of auditors.
//!
//! One result for each framework: its clusters as inventory items, an observation for each standing
//! of a recommendation, a finding for each recommendation, a risk for each exemption, with its last
//! day as the deadline, and for each thing that is not seen. Decisions are resources that
//! observations refer to. A finding is satisfied where all of it is enforced or provided on every
//! cluster and nobody is exempt; all else is not, and says why.
//!
//! Nothing depends on a clock: days are those of the posture, and every id is made of what it is
//! about, as version 5 of UUIDs are, so the next one tells the same things by the same ids.

mod ids;

use super::{fine_print, part, standing as in_words, verdict};
use crate::calendar::State;
use crate::date::Date;
use crate::posture::{Alike, Decision, Exempted, Posture, Recommended, Told, Who, Word};
use crate::report::safe::{prose, told as ours};
use crate::text::{count, visible};
use ids::{Ids, reference, token};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// The version whose schema it is held against.
const VERSION: &str = "1.2.3";

/// What our own properties belong to.
const OURS: &str = "https://ordinance.dev/ns/oscal";

pub fn write(posture: &Posture) -> String {
    let ids = Ids::of_fleet(&posture.fleet);
    let frameworks: Vec<String> = posture.frameworks.iter().map(Told::called).collect();
    let plan = ids.of(&["plan"]);
    let mut resources = vec![json!({
        "uuid": plan,
        "title": "The policy repository itself",
        "description": "There is no assessment plan apart from it: intents say what is asked for, \
                        the inventory of whom, and the catalogue what a framework recommends.",
    })];
    resources.extend(posture.decisions.iter().map(|one| decision(&ids, one)));
    let results: Vec<Value> =
        posture.frameworks.iter().map(|told| result(&ids, posture, told)).collect();
    let document = json!({
        "assessment-results": {
            "uuid": ids.of(&["document", &frameworks.join(" ")]),
            "metadata": {
                "title": prose(&format!("Posture of {} on {}", posture.fleet, posture.day)),
                "last-modified": begin(posture.day),
                "version": posture.day.to_string(),
                "oscal-version": VERSION,
            },
            "import-ap": {"href": format!("#{plan}")},
            "results": results,
            "back-matter": {"resources": resources},
        },
    });
    format!("{document:#}\n")
}

fn begin(day: Date) -> String {
    format!("{day}T00:00:00Z")
}

fn end(day: Date) -> String {
    format!("{day}T23:59:59Z")
}

/// A text without markup, on one line.
fn plain(text: &str) -> String {
    let text = visible(&text.split_whitespace().collect::<Vec<_>>().join(" "));
    if text.is_empty() { "–".to_owned() } else { text }
}

fn property(name: &str, value: &str) -> Value {
    json!({"name": name, "ns": OURS, "value": plain(value)})
}

fn result(ids: &Ids<'_>, posture: &Posture, told: &Told) -> Value {
    let called = told.called();
    let clusters = told.clusters.iter().map(|index| {
        let one = &posture.clusters[*index];
        json!({
            "uuid": ids.of(&["cluster", &called, &one.name]),
            "description": prose(&format!("Cluster {}", one.name)),
            "props": [
                property("cluster", &one.name),
                property("state", &format!("{:?}", one.state).to_lowercase()),
                property("kubernetes", &one.kubernetes),
                property("provider", &one.provider),
                property("engine", &one.engine),
                property("while-engine-is-away", one.fails.id()),
            ],
        })
    });
    let controls: Vec<Value> = told
        .recommendations
        .iter()
        .map(|one| json!({"control-id": token(&told.name, &told.version, &one.id)}))
        .collect();
    let (mut observations, mut findings) = (vec![], vec![]);
    for one in &told.recommendations {
        let seen: Vec<(String, Value)> =
            one.alike().iter().map(|alike| observation(ids, posture, told, one, alike)).collect();
        let related: Vec<&str> = seen.iter().map(|(id, _)| id.as_str()).collect();
        findings.push(finding(ids, told, one, &related));
        observations.extend(seen.into_iter().map(|(_, value)| value));
    }
    let reaches = |one: &&Exempted| one.reaches.iter().any(|(name, _)| *name == called);
    let mut risks: Vec<Value> = posture
        .exemptions
        .iter()
        .filter(reaches)
        .map(|one| exemption(ids, posture, &called, one))
        .collect();
    for one in &posture.blind {
        let here = one.clusters.iter().filter(|index| told.clusters.contains(index)).copied();
        let here: Vec<usize> = here.collect();
        if here.is_empty() {
            continue;
        }
        risks.push(json!({
            "uuid": ids.of(&["blind", &called, one.id, &one.words, &one.source]),
            "title": prose(&format!("Not seen, or not judged, on {}", count(here.len(), "cluster"))),
            "description": ours(&one.words),
            "statement": ours(&names(posture, &here)),
            "props": [property("blind-spot", one.id), property("stated-in", &one.source)],
            "status": "open",
        }));
    }
    let mut result = json!({
        "uuid": ids.of(&["result", &called, &posture.day.to_string()]),
        "title": prose(&format!("{called}: {}", verdict(told))),
        "description": prose(&format!("{}. {}.", told.title, fine_print(told))),
        "start": begin(posture.day),
        "end": begin(posture.day),
        "props": [
            property("framework", &told.name),
            property("framework-version", &told.version),
            property("decided-days-only", if posture.decided { "true" } else { "false" }),
        ],
        "reviewed-controls": {
            "control-selections": [match controls.is_empty() {
                true => json!({"include-all": {}}),
                false => json!({"include-controls": controls}),
            }],
        },
    });
    let clusters: Vec<Value> = clusters.collect();
    if !clusters.is_empty() {
        result["local-definitions"] = json!({"inventory-items": clusters});
    }
    for (name, list) in [("observations", observations), ("findings", findings), ("risks", risks)] {
        if !list.is_empty() {
            result[name] = Value::from(list);
        }
    }
    result
}

fn names(posture: &Posture, indices: &[usize]) -> String {
    let names = indices.iter().map(|index| posture.clusters[*index].name.as_str());
    names.collect::<Vec<_>>().join(", ")
}

fn observation(
    ids: &Ids<'_>,
    posture: &Posture,
    told: &Told,
    one: &Recommended,
    alike: &Alike<'_>,
) -> (String, Value) {
    let standing = alike.standing;
    let words = in_words(posture, standing);
    let mut lines: Vec<String> = vec![];
    lines.extend(standing.why.as_deref().map(ours));
    lines.extend(standing.source.as_deref().map(|source| format!("Stated in {}.", ours(source))));
    for by in &standing.by {
        for scoped in &by.parts {
            lines.push(prose(&format!("{} {}.", by.rule, part(posture, scoped))));
        }
    }
    lines.extend(standing.gaps.iter().map(|gap| format!("But {}.", ours(gap))));
    lines.extend(standing.exemptions.iter().map(|name| prose(&format!("Exempt: {name}."))));
    if lines.is_empty() {
        lines.push(prose(&words));
    }
    // What it is about, not how many clusters there are: the same standing is known again.
    let id = ids.of(&["observation", &told.called(), &one.id, &words, &lines.join("\n")]);
    let subjects = alike.clusters.iter().map(|index| {
        let id = ids.of(&["cluster", &told.called(), &posture.clusters[*index].name]);
        json!({"subject-uuid": id, "type": "inventory-item"})
    });
    let mut seen = json!({
        "uuid": id,
        "title": prose(&format!(
            "{} {words} on {}",
            one.id,
            count(alike.clusters.len(), "cluster")
        )),
        "description": lines.join("\n\n"),
        "props": [property("standing", standing.word.id())],
        "methods": ["EXAMINE"],
        "types": ["control-objective"],
        "subjects": subjects.collect::<Vec<_>>(),
        "collected": begin(posture.day),
    });
    if let Some(until) = standing.until {
        seen["expires"] = json!(end(until));
    }
    let evidence: Vec<Value> = standing
        .by
        .iter()
        .zip(&alike.shapes)
        .flat_map(|(by, shapes)| shapes.iter().map(move |shape| (by, shape)))
        .filter(|(_, (objects, _))| !objects.is_empty())
        .map(|(by, (objects, clusters))| {
            let first = &posture.clusters[clusters[0]].name;
            json!({
                "href": reference(&format!("{}/{first}/{}", posture.output, by.file)),
                "description": prose(&objects.join(", ")),
                "remarks": prose(&format!(
                    "as on {first}; alike on {}",
                    count(clusters.len(), "cluster")
                )),
            })
        })
        .collect();
    if !evidence.is_empty() {
        seen["relevant-evidence"] = Value::from(evidence);
    }
    let told_here: BTreeSet<&str> = posture.decisions.iter().map(|one| one.name.as_str()).collect();
    let links: Vec<Value> = alike
        .decided
        .iter()
        .filter(|label| told_here.contains(**label))
        .map(|label| json!({"href": format!("#{}", ids.of(&["decision", label])), "rel": "reference"}))
        .collect();
    if !links.is_empty() {
        seen["links"] = Value::from(links);
    }
    (id, seen)
}

fn finding(ids: &Ids<'_>, told: &Told, one: &Recommended, observations: &[&str]) -> Value {
    let held = matches!(one.weakest(), Word::Enforced | Word::Provided);
    let exempt: BTreeSet<&str> = one
        .variants
        .iter()
        .flat_map(|variant| &variant.standing.exemptions)
        .map(String::as_str)
        .collect();
    let gaps = one.variants.iter().any(|variant| !variant.standing.gaps.is_empty());
    let (state, reason, mut because) = match held && one.is_whole() {
        true => ("satisfied", "pass", vec![]),
        false if held => ("not-satisfied", "other", vec![]),
        false => ("not-satisfied", "fail", vec![]),
    };
    if !held {
        let weakest = one.weakest();
        because.push(format!("{} on {}", weakest.in_words(), count(one.on(weakest), "cluster")));
    }
    because
        .extend(one.partly.as_ref().map(|why| format!("admission can enforce but a part: {why}")));
    if !exempt.is_empty() {
        because.push(count(exempt.len(), "exemption"));
    }
    if gaps {
        because.push("something is not reached".to_owned());
    }
    let mut status = json!({"state": state, "reason": reason});
    if !because.is_empty() {
        status["remarks"] = json!(prose(&because.join("; ")));
    }
    let target = token(&told.name, &told.version, &one.id);
    let tally = Word::ALL.iter().filter(|word| one.on(**word) > 0);
    let tally: Vec<Value> = tally
        .map(|word| property(&format!("clusters-{}", word.id()), &one.on(*word).to_string()))
        .collect();
    let mut found = Map::from_iter([
        ("uuid".to_owned(), json!(ids.of(&["finding", &told.called(), &one.id]))),
        ("title".to_owned(), json!(prose(&format!("{} {}", one.id, one.title)))),
        (
            "description".to_owned(),
            json!(prose(&format!("{} of {}, level {}", one.id, told.called(), one.level))),
        ),
        (
            "target".to_owned(),
            json!({"type": "objective-id", "target-id": target, "status": status}),
        ),
    ]);
    if !tally.is_empty() {
        found.insert("props".to_owned(), Value::from(tally));
    }
    if !observations.is_empty() {
        let related = observations.iter().map(|id| json!({"observation-uuid": id}));
        found.insert("related-observations".to_owned(), related.collect());
    }
    if !exempt.is_empty() {
        let related = exempt
            .iter()
            .map(|name| json!({"risk-uuid": ids.of(&["exemption", &told.called(), name])}));
        found.insert("related-risks".to_owned(), related.collect());
    }
    Value::Object(found)
}

fn exemption(ids: &Ids<'_>, posture: &Posture, called: &str, one: &Exempted) -> Value {
    let status = match (one.state, &one.approved_by) {
        (State::Ended { .. } | State::Overdue { lapsed: true, .. }, _) => "closed",
        (_, Some(_)) => "deviation-approved",
        (_, None) => "deviation-requested",
    };
    let mut props = vec![
        property("exemption", &one.name),
        property("owner", &one.owner),
        property("state", one.state.id()),
        property("written-in", &one.place),
    ];
    props.extend(one.approved_by.as_ref().map(|who| property("approved-by", who)));
    props.extend(one.ticket.as_ref().map(|ticket| property("ticket", ticket)));
    props.extend(one.granted.map(|day| property("granted", &day.to_string())));
    props.extend(one.review_due.map(|day| property("review-due", &day.to_string())));
    let known: BTreeSet<&str> = posture.decisions.iter().map(|one| one.name.as_str()).collect();
    let mut risk = json!({
        "uuid": ids.of(&["exemption", called, &one.name]),
        "title": prose(&format!("Exemption {}", one.name)),
        "description": prose(&one.reason),
        "statement": prose(&format!(
            "Exempt from {}: {} on {}",
            one.lifts.join("; "),
            one.scope,
            if one.clusters.is_empty() { "no cluster".to_owned() } else { one.clusters.join(", ") }
        )),
        "props": props,
        "status": status,
        "deadline": end(one.expires),
    });
    if known.contains(one.name.as_str()) {
        let id = ids.of(&["decision", &one.name]);
        risk["links"] = json!([{"href": format!("#{id}"), "rel": "reference"}]);
    }
    risk
}

fn decision(ids: &Ids<'_>, one: &Decision) -> Value {
    let mut props = vec![
        property("decision", one.kind.id()),
        property("owner", &one.owner),
        property("lines", &format!("{}-{}", one.line.first, one.line.last)),
    ];
    props.extend(one.ticket.as_ref().map(|ticket| property("ticket", ticket)));
    match &one.who {
        Who::Committed { commit, author, day, or_earlier } => {
            props.push(property("commit", commit));
            props.push(property("last-written-by", author));
            props.push(property("last-written-on", &day.to_string()));
            if *or_earlier {
                props.push(property("or-earlier", "the clone is shallow"));
            }
        }
        Who::NotCommitted => props.push(property("not-committed", "true")),
        Who::NotAsked => {}
    }
    json!({
        "uuid": ids.of(&["decision", &one.name]),
        "title": prose(&format!("{} {}", one.kind.in_words(), one.name)),
        "description": prose(&one.what),
        "props": props,
        "rlinks": [{"href": reference(&one.line.path)}],
    })
}
