//! `ordinance test`: a control's cases on every target.

use super::controls::LISTED;
use super::options::Test;
use super::{Exit, repository, talk};
use crate::catalogue::{Definition, built_in};
use crate::check::{self, CaseProblem, Proved};
use crate::engine;
use crate::failure::Failure;
use crate::text::{Sources, count};
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::sync::Arc;

pub fn run(options: &Test) -> Result<Exit, Failure> {
    let loaded = repository::load_with_cases(&options.place)?;
    if loaded.diagnostics.has_errors() {
        talk::diagnostics(&options.shown, &loaded.diagnostics, &loaded.sources);
        return Ok(Exit::Input);
    }
    let embedded: BTreeSet<&str> = built_in().map(|(path, _)| path).collect();
    let controls = &loaded.catalogue.controls;
    let unknown: Vec<&String> =
        options.control.iter().filter(|name| !controls.contains_key(*name)).collect();
    for name in &unknown {
        talk::no_such("control", name, controls.keys().map(String::as_str));
    }
    if !unknown.is_empty() {
        tell!("{LISTED}");
        return Ok(Exit::Input);
    }
    let own = |control: &Definition| {
        let path = &loaded.sources.get(control.document.place().source).path;
        !embedded.contains(&**path)
    };
    let wanted: Vec<&Arc<Definition>> = controls
        .values()
        .filter(|control| match options.control.is_empty() {
            true => options.all || own(control),
            false => options.control.iter().any(|name| name == control.id()),
        })
        .collect();
    if wanted.is_empty() {
        say!(
            "This repository has no controls of its own. `ordinance test --all` proves the built-in ones."
        );
        return Ok(Exit::Fine);
    }
    let engines = engine::all();
    let pairs: Vec<(&Arc<Definition>, &dyn engine::Engine)> = wanted
        .iter()
        .flat_map(|control| engines.iter().map(|engine| (*control, engine.as_ref())))
        .collect();
    let proofs: Vec<Proved> = pairs
        .par_iter()
        .map(|(control, engine)| check::prove(control, *engine, &loaded.catalogue))
        .collect();
    let targets: usize = engines.iter().map(|engine| engine.proved().len()).sum();
    let (mut judged, mut failed) = (0, 0);
    for (control, proofs) in wanted.iter().zip(proofs.chunks(engines.len())) {
        let verdicts: usize = proofs.iter().map(|proof| proof.judged).sum();
        let problems: Vec<_> = proofs.iter().flat_map(|proof| &proof.problems).collect();
        let cases: usize = control.cases.iter().map(|one| one.spec.cases.len()).sum();
        let end = match problems.len() {
            0 if control.is_manifest() => "is applied as it is, and judges nothing".to_owned(),
            0 if cases == 0 => {
                failed += 1;
                "has no cases, so nothing is proved".to_owned()
            }
            0 => "one verdict".to_owned(),
            number => format!("{} differ", count(number, "verdict")),
        };
        say!("{:32} {:>9}  {verdicts:6} verdicts  {end}", control.id(), count(cases, "case"));
        for line in told(&problems, targets, &loaded.sources) {
            say!("  {line}");
        }
        judged += verdicts;
        failed += problems.len();
    }
    say!(
        "{}, {targets} targets, {judged} verdicts: {failed} not as stated",
        count(wanted.len(), "control")
    );
    Ok(if failed == 0 { Exit::Fine } else { Exit::No })
}

/// Problems, each once, with the targets and the requests that have it.
fn told(problems: &[&CaseProblem], targets: usize, sources: &Sources) -> Vec<String> {
    type Where<'a> = (Vec<&'a str>, Vec<&'a str>);
    let mut found: Vec<(&CaseProblem, Where<'_>)> = vec![];
    for one in problems {
        let same = |(other, _): &(&CaseProblem, Where<'_>)| {
            other.place == one.place && other.case == one.case && other.problem == one.problem
        };
        let (on, how) = match found.iter().position(same) {
            Some(known) => &mut found[known].1,
            None => {
                found.push((one, Where::default()));
                &mut found.last_mut().expect("one was pushed just now").1
            }
        };
        if !on.contains(&one.target.as_str()) {
            on.push(&one.target);
        }
        if !how.contains(&one.how) {
            how.push(one.how);
        }
    }
    let line = |(one, (on, how)): (&CaseProblem, Where<'_>)| {
        let place = sources.short(one.place);
        let case = if one.case.is_empty() { String::new() } else { format!(" {}", one.case) };
        let on = match on.len() {
            1 => on.concat(),
            all if all == targets => format!("all {all} targets"),
            some => format!("{some} of {targets} targets ({})", on.join("; ")),
        };
        // Where the request itself is judged wrongly, so are its variants.
        let how = match how.contains(&"") {
            true => String::new(),
            false => format!(" ({})", how.join("; ")),
        };
        format!("{place}{case} on {on}{how}: {}", one.problem)
    };
    found.into_iter().map(line).collect()
}
