//! `ordinance test`: a control's cases on every target.

use super::controls::LISTED;
use super::options::Test;
use super::{Exit, repository, talk};
use crate::catalogue::{Definition, built_in};
use crate::check::{self, Proved};
use crate::engine;
use crate::failure::Failure;
use crate::text::count;
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
        for problem in &problems {
            let how =
                if problem.how.is_empty() { String::new() } else { format!(" ({})", problem.how) };
            say!(
                "  {} {} on {}{how}: {}",
                loaded.sources.short(problem.place),
                problem.case,
                problem.target,
                problem.problem
            );
        }
        judged += verdicts;
        failed += problems.len();
    }
    let targets: usize = engines.iter().map(|engine| engine.proved().len()).sum();
    say!(
        "{}, {targets} targets, {judged} verdicts: {failed} not as stated",
        count(wanted.len(), "control")
    );
    Ok(if failed == 0 { Exit::Fine } else { Exit::No })
}
