//! Policies that somebody else wrote: what any engine here understands of them judges too.
//!
//! What cannot be evaluated is told with its reason, policy by policy, and never counts as a pass.

use super::{inputs, of_file};
use crate::admission::{Flaw, Policy};
use crate::check::{self, About, Judge, Manifest, Panel};
use crate::diagnostic::Diagnostic;
use crate::engine;
use crate::failure::Failure;
use crate::object::{self, Object};
use crate::report::Problem;
use crate::text::Sources;
use std::sync::Arc;

/// Kinds that are called policies and judge no request for an object.
const NO_JUDGES: &[&str] = &["audit.k8s.io/Policy", "security.istio.io/AuthorizationPolicy"];

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
    let mut reasons = Reasons::default();
    let engines = engine::all();
    for engine in &engines {
        let understood = engine.understand(&objects);
        for one in understood.not.into_iter().chain(understood.unused) {
            reasons.add(&read.list[one.object], &one.origin, one.why);
        }
        for policy in understood.policies {
            let origin = policy.origin.clone();
            let from = read.list.iter().find(|one| origin.ends_with(&of(one)));
            match (judge(policy), from) {
                (Ok(judge), _) => panel.judges.push(judge),
                (Err(why), Some(from)) => reasons.add(from, &origin, why),
                (Err(_), None) => {}
            }
        }
    }
    let groups: Vec<&str> = engines.iter().flat_map(|engine| engine.groups()).copied().collect();
    for one in &read.list {
        let (group, kind) = (object::group_version(&one.object).0, object::kind(&one.object));
        if !groups.contains(&group) && is_policy(group, kind) {
            reasons.add(one, &of(one), "no engine that is known here reads its kind".to_owned());
        }
    }
    problems.extend(reasons.told(sources));
    if panel.judges.is_empty() && problems.is_empty() {
        tell!("error: there is no policy in {}", paths.join(", "));
        return Ok(None);
    }
    Ok(Some(panel))
}

/// A policy that is ready, or why it cannot be judged by.
fn judge(policy: Policy) -> Result<Judge, String> {
    if policy.actions.is_empty() {
        return Err("nothing says what follows from a violation of it".to_owned());
    }
    let (name, applied_by) = (policy.name.clone(), policy.applied_by.clone());
    let about = About {
        control: if name == applied_by { name.clone() } else { format!("{name} by {applied_by}") },
        rule: policy.origin.clone(),
        title: name,
        ..About::default()
    };
    let compiled = policy.compile().map_err(|flaws| format!("it {}", Flaw::all(&flaws)))?;
    Ok(Judge { policy: compiled, about: Arc::new(about) })
}

/// Whether an object of an unknown group may be meant to judge: by what its kind is called.
fn is_policy(group: &str, kind: &str) -> bool {
    let called = kind.ends_with("Policy") || kind.ends_with("PolicyGroup");
    called
        && !kind.ends_with("NetworkPolicy")
        && !NO_JUDGES.contains(&format!("{group}/{kind}").as_str())
}

/// Why objects are not judged by, each reason of each once: what an engine makes of one policy
/// for several kinds fails in all of them alike.
#[derive(Default)]
struct Reasons<'a>(Vec<(&'a Manifest, String, String)>);

impl<'a> Reasons<'a> {
    fn add(&mut self, manifest: &'a Manifest, origin: &str, why: String) {
        let same = |(other, _, said): &(&Manifest, String, String)| {
            other.source == manifest.source && other.place() == manifest.place() && *said == why
        };
        if !self.0.iter().any(same) {
            self.0.push((manifest, origin.to_owned(), why));
        }
    }

    fn told(self, sources: &Sources) -> Vec<Problem> {
        let problem = |(manifest, origin, why): (&Manifest, String, String)| {
            let message = format!("{origin} is not evaluated: {why}");
            Problem {
                file: sources.get(manifest.source).path.to_string(),
                policy: Some(origin),
                diagnostic: Diagnostic::error("not-evaluated", message).at(manifest.place(), ""),
            }
        };
        self.0.into_iter().map(problem).collect()
    }
}

/// As the origins of policies name it.
fn of(manifest: &Manifest) -> String {
    format!("{}/{}", object::kind(&manifest.object), object::name(&manifest.object))
}
