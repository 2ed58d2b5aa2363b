//! Policies that somebody else wrote: what any engine here understands of them judges too.
//!
//! What cannot be evaluated is told with its reason, policy by policy, and never counts as a pass.

use super::{inputs, of_file};
use crate::check::{self, About, Judge, Manifest, Panel};
use crate::diagnostic::Diagnostic;
use crate::engine;
use crate::failure::Failure;
use crate::object::{self, Object};
use crate::report::Problem;
use crate::text::Sources;
use std::sync::Arc;

/// What these files and folders judge by; `None` where there is nothing, which is said.
pub fn panel(
    paths: &[String],
    sources: &mut Sources,
    problems: &mut Vec<Problem>,
) -> Result<Option<Panel>, Failure> {
    let Some(ids) = inputs::read(paths, sources, problems)? else { return Ok(None) };
    let read = check::read(sources, &ids);
    problems.extend(read.problems.into_iter().map(|one| of_file(one, sources)));
    let objects: Vec<Object> = read.list.iter().map(|one| one.object.clone()).collect();
    let mut panel = Panel::default();
    let mut told = 0;
    for engine in engine::all() {
        let understood = engine.understand(&objects);
        told += understood.idle;
        for one in understood.not {
            told += 1;
            let manifest = &read.list[one.object];
            problems.push(problem(manifest, sources, &one.origin, &one.why));
        }
        for policy in understood.policies {
            told += 1;
            let applied_by = policy.applied_by.clone();
            let origin = policy.origin.clone();
            let (name, own) = (policy.name.clone(), policy.name == applied_by);
            let manifest = read.list.iter().find(|one| origin.ends_with(&of(one)));
            match policy.compile() {
                Ok(compiled) => {
                    let about = About {
                        control: if own { name.clone() } else { format!("{name} by {applied_by}") },
                        rule: origin,
                        title: name,
                        ..About::default()
                    };
                    panel.judges.push(Judge { policy: compiled, about: Arc::new(about) });
                }
                Err(flaws) => {
                    let flaws: Vec<String> = flaws.iter().map(ToString::to_string).collect();
                    let why = format!("it does not compile: {}", flaws.join("; "));
                    if let Some(manifest) = manifest {
                        problems.push(problem(manifest, sources, &origin, &why));
                    }
                }
            }
        }
    }
    if told == 0 && problems.is_empty() {
        tell!("error: there is no policy in {}", paths.join(", "));
        return Ok(None);
    }
    Ok(Some(panel))
}

/// As the origins of policies name it.
fn of(manifest: &Manifest) -> String {
    format!("{}/{}", object::kind(&manifest.object), object::name(&manifest.object))
}

fn problem(manifest: &Manifest, sources: &Sources, origin: &str, why: &str) -> Problem {
    let message = format!("{origin} is not evaluated: {why}");
    Problem {
        file: sources.get(manifest.source).path.to_string(),
        policy: Some(origin.to_owned()),
        diagnostic: Diagnostic::error("not-evaluated", message).at(manifest.place(), ""),
    }
}
