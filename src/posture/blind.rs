//! What is not seen, or not judged, whatever the rules say: by cluster, never by recommendation.

use super::{Classes, Fails, Given, Placed, Told, on_one_line};
use crate::document::{Action, State};
use crate::engine::{self, Engine};
use crate::plan::AskedBy;
use crate::text::count;
use std::collections::BTreeMap;

/// Something that is not seen or judged, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blind {
    /// What programs call it.
    pub id: &'static str,
    /// A sentence without a full stop.
    pub words: String,
    /// Where that is stated or decided; may be empty.
    pub source: String,
    /// Their places among all clusters, ascending.
    pub clusters: Vec<usize>,
}

type Found = Vec<(&'static str, String, String)>;

pub fn all(
    given: &Given<'_>,
    engines: &[Box<dyn Engine>],
    classes: &Classes,
    frameworks: &[Told],
) -> Vec<Blind> {
    let by_class: Vec<Found> =
        classes.first.iter().map(|index| of(given, engines, &given.clusters[*index])).collect();
    let told = |index: &usize| frameworks.iter().any(|one| one.clusters.contains(index));
    let mut known: BTreeMap<(usize, &'static str, &str, &str), Vec<usize>> = BTreeMap::new();
    for index in (0..given.clusters.len()).filter(told) {
        for (id, words, source) in &by_class[classes.of[index]] {
            let place = ORDER.iter().position(|one| one == id).unwrap_or(ORDER.len());
            known.entry((place, id, words, source)).or_default().push(index);
        }
    }
    let blind = known.into_iter().map(|((_, id, words, source), clusters)| Blind {
        id,
        words: words.to_owned(),
        source: source.to_owned(),
        clusters,
    });
    blind.collect()
}

/// What weighs most first.
const ORDER: [&str; 9] = [
    "paused",
    "fails-open",
    "fail-open-not-stated",
    "fallback",
    "break-glass",
    "system-namespaces",
    "upgrade-under-way",
    "network-policies",
    "engine",
];

fn of(given: &Given<'_>, engines: &[Box<dyn Engine>], one: &Placed<'_>) -> Found {
    let (spec, sources) = (&one.cluster.spec, given.sources);
    let mut found: Found = vec![];
    if spec.state == State::Paused {
        let words = "the cluster is paused: what was last rendered stays as it is, and is not \
                     held against the intents";
        found.push(("paused", words.to_owned(), sources.short(one.cluster.place())));
    }
    let Some(engine) = engines.iter().find(|engine| engine.id() == spec.engine.name.value) else {
        return found;
    };
    let title = engine.title();
    let facts = crate::plan::Facts::of(spec);
    let apart = engine.namespace().is_some();
    match spec.engine.fails_open() {
        Some(true) if apart => found.push((
            "fails-open",
            format!("{title} fails open: while it is away or slow, requests pass unjudged"),
            "`failOpen: true` in the cluster's document".to_owned(),
        )),
        None if apart => found.push((
            "fail-open-not-stated",
            format!(
                "whether requests pass while {title} is away is not stated, so it is to be feared; \
                 `failOpen` in the cluster's document says it"
            ),
            String::new(),
        )),
        _ => {}
    }
    let version = engine.version(&facts);
    let quirks =
        version.into_iter().flat_map(|version| given.catalogue.quirks(engine.id(), version));
    for quirk in quirks.filter(|quirk| quirk.spec.only.holds(spec)) {
        let Some(remains) = &quirk.spec.remains else { continue };
        if quirk.spec.requests.iter().all(|way| way.is_of_tools()) {
            continue;
        }
        let remains = on_one_line(remains).trim_end_matches('.').to_owned();
        found.push(("engine", format!("{title}: {remains}"), sources.short(quirk.place())));
    }
    let Some(unit) = one.unit else { return found };
    if !unit.plan.system.is_empty() {
        let names = unit.plan.system.join(", ");
        let spaces = count(unit.plan.system.len(), "system namespace");
        let place = given.catalogue.providers.get(&spec.provider.value);
        found.push((
            "system-namespaces",
            format!("no rule looks into {spaces} unless its requirement says so: {names}"),
            place.map(|provider| sources.short(provider.place())).unwrap_or_default(),
        ));
    }
    let groups = &given.linked.settings.break_glass;
    if let Some(place) = groups.values().next().filter(|_| unit.plan.break_glass) {
        let names = groups.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
        let words =
            format!("{names} may break the glass: requests in that name pass with a warning");
        found.push(("break-glass", words, sources.short(*place)));
    }
    found.extend(fallbacks(given, engine.as_ref(), one));
    found.extend(unseen(given, engine.as_ref(), one));
    if unit.plan.holding().any(|rule| rule.control.makes("NetworkPolicy"))
        && let Some(words) = given.catalogue.network(spec).words()
    {
        let words = format!("NetworkPolicies that are rendered may do nothing: {words}");
        let place = given.catalogue.providers.get(&spec.provider.value);
        let place = place.map(|provider| sources.short(provider.place())).unwrap_or_default();
        found.push(("network-policies", words, place));
    }
    found
}

/// Where the engine is given something milder than was asked for.
fn fallbacks(given: &Given<'_>, engine: &dyn Engine, one: &Placed<'_>) -> Found {
    let Some(unit) = one.unit else { return vec![] };
    let mut known: BTreeMap<(Action, Action), Vec<&str>> = BTreeMap::new();
    for rule in &unit.plan.rules {
        let told = rule.parts.iter().filter(|part| !matches!(part.asked_by, AskedBy::Members(_)));
        for part in told {
            let able = engine::action(engine, rule, part.action, unit.target);
            let rules = known.entry((part.action, able)).or_default();
            if able != part.action && rules.last() != Some(&rule.name.as_str()) {
                rules.push(&rule.name);
            }
        }
    }
    let fallen = known.into_iter().filter(|(_, rules)| !rules.is_empty());
    let told = fallen.map(|((wanted, able), rules)| {
        let effect = format!("{}-unavailable", wanted.name());
        let mut quirks = given.catalogue.quirks.iter();
        let quirk = quirks.find(|quirk| quirk.spec.effect.as_deref() == Some(&effect));
        let rules: Vec<String> = rules.into_iter().map(|rule| format!("`{rule}`")).collect();
        let words = format!(
            "{} {} where it should {}: {} cannot",
            rules.join(", "),
            able.verb(),
            wanted.name(),
            engine.title()
        );
        let place = quirk.map(|quirk| given.sources.short(quirk.place())).unwrap_or_default();
        ("fallback", words, place)
    });
    told.collect()
}

/// Kinds that a rule does not look at while an upgrade is under way.
fn unseen(given: &Given<'_>, engine: &dyn Engine, one: &Placed<'_>) -> Found {
    let Some(unit) = one.unit.filter(|unit| unit.target.kubernetes.len() > 1) else {
        return vec![];
    };
    let Some(first) = unit.plan.facts.moments().into_iter().next() else { return vec![] };
    let Ok(now) = engine::target(engine, &first, given.catalogue) else { return vec![] };
    let judged = unit.plan.holding().filter(|rule| !rule.control.is_manifest());
    let told = judged.filter_map(|rule| {
        let unseen = engine::unseen(&rule.control, &now, unit.target)?;
        let kinds = unseen.kinds.join(", ");
        let words =
            format!("`{}` does not look at {kinds} while the upgrade is under way", rule.name);
        Some(("upgrade-under-way", words, given.sources.short(one.cluster.place())))
    });
    told.collect()
}

impl Fails {
    /// As a mark beside a name.
    pub fn mark(self) -> Option<&'static str> {
        match self {
            Fails::Open => Some("fails open"),
            Fails::NotStated => Some("may fail open"),
            Fails::BuiltIn | Fails::Closed => None,
        }
    }
}
