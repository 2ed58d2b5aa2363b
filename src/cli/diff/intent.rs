//! Which rules an intent asks for, or asked for in what has landed.

use super::Asked;
use crate::catalogue::Extent;
use crate::cli::repository;
use crate::diagnostic::Diagnostic;
use crate::failure::Failure;
use crate::pipeline::{self, Loaded};
use crate::source::ROOTS;
use crate::source::git::Commit;
use crate::text::nearest;
use std::collections::BTreeSet;

/// The rules of the intents that were named. One that neither side has is complained about, with
/// what is nearest to it.
pub fn rules(asked: &Asked<'_>, loaded: &mut Loaded) -> Result<BTreeSet<String>, Failure> {
    let mut rules = BTreeSet::new();
    if asked.intents.is_empty() {
        return Ok(rules);
    }
    let landed = landed(asked)?;
    let mut known = BTreeSet::new();
    for side in [Some(&*loaded), landed.as_ref()].into_iter().flatten() {
        known.extend(side.linked.intents.iter().map(|intent| intent.name.clone()));
        // An advisory asks for something as an intent does.
        known.extend(side.linked.demands.iter().map(|demand| demand.intent.clone()));
        let asked_for = side.linked.demands.iter();
        let asked_for = asked_for.filter(|demand| asked.intents.contains(&demand.intent));
        rules.extend(asked_for.map(|demand| demand.rule.clone()));
    }
    let missing: Vec<Diagnostic> = asked
        .intents
        .iter()
        .filter(|name| !known.contains(*name))
        .map(|name| none(name, &known))
        .collect();
    loaded.diagnostics.extend(missing);
    Ok(rules)
}

fn none(name: &str, known: &BTreeSet<String>) -> Diagnostic {
    let said =
        format!("there is no intent `{name}`, nor was there one in what it is compared with");
    let said = Diagnostic::error("unknown-intent", said);
    match nearest(name, known.iter().map(String::as_str)) {
        Some(near) => said.help(format!("did you mean `{near}`?")),
        None if known.is_empty() => said.help("there is no intent at all"),
        None => {
            let known: Vec<&str> = known.iter().map(String::as_str).collect();
            said.help(format!("known: {}", known.join(", ")))
        }
    }
}

/// What the commit says that it is compared with, as far as it can be read: nobody can mend it.
fn landed(asked: &Asked<'_>) -> Result<Option<Loaded>, Failure> {
    let folder = &asked.common.place.repository;
    match Commit::open(folder, asked.against.unwrap_or("HEAD")) {
        Ok(commit) => {
            let known = pipeline::known(repository::forges());
            Ok(Some(pipeline::load(commit.read(ROOTS)?, &known, Extent::WithoutCases)))
        }
        Err(failure) if asked.against.is_some() => Err(failure),
        Err(_) => Ok(None),
    }
}
