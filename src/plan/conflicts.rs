//! What two requirements cannot have both: one rendered name for two things, and demands of which
//! one lets through only what the other refuses.

use super::{Facts, Followed, Rule, Scope, Situation};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::document::Action;
use crate::link::{Demand, Linked};
use crate::name;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// One rendered name for two different things.
pub fn clash(name: &str, first: &Demand, other: &Demand) -> Diagnostic {
    let same_control = first.control.id() == other.control.id();
    if same_control {
        let id = first.control.id();
        let message = format!("control `{id}` is asked for twice with different parameters");
        return Diagnostic::error("needs-as", message)
            .at(other.place, "asked for with other parameters here")
            .at(first.place, "asked for here")
            .help("give one of them a name of its own with `as`, or agree on the parameters");
    }
    Diagnostic::error("needs-as", format!("two controls would be rendered as `{name}`"))
        .at(other.place, format!("`{}` is asked for here", other.control.id()))
        .at(first.place, format!("`{}` is asked for here", first.control.id()))
        .help("give one of them another name with `as`")
}

/// One control in two versions of what it follows, which differ.
pub fn versions(first: &Demand, other: &Demand, facts: &Facts) -> Diagnostic {
    let words = |demand: &Demand| match Followed::of(demand, facts) {
        Some(followed) if followed.pinned => {
            format!("asked for in version {} here", followed.version)
        }
        Some(followed) => format!("asked for in the cluster's version, {}, here", followed.version),
        None => "asked for here".to_owned(),
    };
    let id = first.control.id();
    let message = format!("control `{id}` is asked for in two versions that differ");
    Diagnostic::error("two-versions", message)
        .at(other.place, words(other))
        .at(first.place, words(first))
        .help("agree on one `version`, or leave the control out of one of them with `without`")
}

/// A rule's name together with the end of one of its parts may be another rule's name.
pub fn collisions(rules: &[Arc<Rule>], diagnostics: &mut Diagnostics) {
    let mut taken: BTreeMap<String, &Rule> = BTreeMap::new();
    for rule in rules {
        // The name without an end may be that of an object that all parts share.
        let ends = rule.parts.iter().map(|part| part.suffix.as_str()).chain([""]);
        let names: BTreeSet<String> =
            ends.map(|end| name::object(["ordinance", &rule.name, end])).collect();
        for name in names {
            let Some(other) = taken.insert(name.clone(), rule) else { continue };
            let places = [rule.origins.first(), other.origins.first()];
            let mut said =
                Diagnostic::error("needs-as", format!("two rules would be rendered as `{name}`"));
            for (origin, label) in places.into_iter().flatten().zip(["one of them", "the other"]) {
                said = said.at(origin.place, label);
            }
            diagnostics.push(said.help("give one of them another name with `as`"));
        }
    }
}

/// Two allow-lists of one control with nothing in common would let nothing through, and neither
/// would a minimum above the maximum of another rule.
pub fn contradictions(
    rules: &[Arc<Rule>],
    linked: &Linked,
    situation: &Situation,
    diagnostics: &mut Diagnostics,
) {
    let demand = |rule: &Rule| {
        let mut demands = situation.demands.iter().map(|index| &linked.demands[*index]);
        demands.find(|demand| demand.rule == rule.name)
    };
    for (index, one) in rules.iter().enumerate() {
        for other in &rules[index + 1..] {
            if one.control.id() != other.control.id() {
                continue;
            }
            let (Some(first), Some(second)) = (demand(one), demand(other)) else { continue };
            let mut crossed = crossed(first, second).chain(crossed(second, first)).peekable();
            if crossed.peek().is_some() && overlap(one, other) {
                diagnostics.extend(crossed);
            }
            for name in apart(one, other) {
                if !overlap(one, other) {
                    break;
                }
                let message = format!(
                    "`{name}` of `{}` allows nothing: the two lists have nothing in common",
                    one.control.id()
                );
                diagnostics.push(
                    Diagnostic::error("contradiction", message)
                        .at(second.place, "one list")
                        .at(first.place, "the other list")
                        .help("agree on one list, or let the two hold in different places"),
                );
            }
        }
    }
}

/// What one rule demands at least is above what the other allows at most. One that contradicts
/// itself has been complained about.
fn crossed<'a>(low: &'a Demand, high: &'a Demand) -> impl Iterator<Item = Diagnostic> {
    let place = |demand: &Demand, name| demand.bounding.get(name).copied().unwrap_or(demand.place);
    let alone = |demand: &Demand| {
        demand.control.crossed(&demand.parameters, &demand.parameters).next().is_none()
    };
    let both =
        (alone(low) && alone(high)).then(|| low.control.crossed(&low.parameters, &high.parameters));
    both.into_iter().flatten().map(move |(least, most)| {
        let (at_least, at_most) = (&low.parameters[least], &high.parameters[most]);
        let message = format!(
            "`{}` lets nothing through: `{least}` of `{}` is above `{most}` of `{}`, {at_least} \
             above {at_most}",
            low.control.id(),
            low.rule,
            high.rule
        );
        Diagnostic::error("contradiction", message)
            .at(place(low, least), format!("`{least}` is {at_least}"))
            .at(place(high, most), format!("`{most}` is {at_most}"))
            .help("agree on a range, or let the two hold in different places")
    })
}

/// The allow-lists of two rules of one control that have nothing in common, where the rules differ
/// in nothing else: what other parameters say may be about other objects.
fn apart<'a>(one: &'a Rule, other: &'a Rule) -> impl Iterator<Item = &'a str> {
    one.control.parameters().filter_map(|(name, schema)| {
        let how = schema.get("x-allows")?.as_str()?;
        let (a, b) =
            (one.parameters.get(name)?.as_array()?, other.parameters.get(name)?.as_array()?);
        let common = a.iter().any(|x| b.iter().any(|y| share(how, x, y)));
        (!common && others(one, name).eq(others(other, name))).then_some(name)
    })
}

/// The parameters of a rule but one.
fn others<'a>(rule: &'a Rule, but: &str) -> impl Iterator<Item = (&'a String, &'a Value)> {
    rule.parameters.iter().filter(move |(name, _)| *name != but)
}

fn overlap(one: &Rule, other: &Rule) -> bool {
    let denies = |rule: &Rule| -> Vec<Scope> {
        let parts = rule.parts.iter().filter(|part| part.action == Action::Deny);
        parts.map(|part| part.scope.clone()).collect()
    };
    let theirs = denies(other);
    denies(one).iter().any(|a| {
        theirs.iter().any(|b| match (a, b) {
            (Scope::Namespaces(a), Scope::Namespaces(b)) => a.overlaps(b),
            (a, b) => a == b,
        })
    })
}

/// Two entries of allow-lists admit something in common: they are equal, or one begins the other.
fn share(how: &str, a: &Value, b: &Value) -> bool {
    match (a.as_str(), b.as_str()) {
        (Some(a), Some(b)) if how == "beginning" => a.starts_with(b) || b.starts_with(a),
        _ => a == b,
    }
}

#[cfg(test)]
mod tests {
    use super::share;
    use serde_json::json;

    #[test]
    fn entries_have_something_in_common_as_their_list_says() {
        let (short, long) = (json!("registry.example.com/"), json!("registry.example.com/shop/"));
        assert!(share("beginning", &short, &long) && share("beginning", &long, &short));
        assert!(!share("equal", &short, &long) && share("equal", &short, &short));
        assert!(!share("beginning", &short, &json!("mirror.example.com/")));
    }
}
