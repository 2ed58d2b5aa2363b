//! A control's cases on every target: one verdict, and for the stated reason.
//!
//! Each case is judged as the request it describes. What is created must be judged alike when it
//! comes as an update of something else and when a background scan finds it.

use super::asked::{exists, husk, rule, subresource};
use super::policies;
use crate::admission::{
    Compiled, Flaw, Namespace, Operation, Policy, Prepared, Request, User, Verdict,
};
use crate::catalogue::{Catalogue, Definition};
use crate::document::{self, Action, Case, Cases, Document};
use crate::engine::{self, Engine, Target};
use crate::plan::{AskedBy, Facts, Rule, breakable};
use crate::text::Place;
use crate::tree;
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The group of those who may break the glass in the cases.
const EMERGENCY: &str = "emergency";

/// Who asks, as far as a case is judged differently for it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asking {
    /// No rule looks at it.
    Anybody,
    /// Others may break the glass.
    Outsider,
    Member,
}

/// What proving came to.
#[derive(Clone, Debug, Default)]
pub struct Proved {
    /// Verdicts that were compared.
    pub judged: usize,
    pub problems: Vec<CaseProblem>,
}

/// A verdict that is not the stated one.
#[derive(Clone, Debug)]
pub struct CaseProblem {
    pub place: Place,
    pub case: String,
    /// The engine, its version and the kind it is given.
    pub target: String,
    /// `as UPDATE of something else`, or nothing.
    pub how: &'static str,
    pub problem: String,
}

/// Proves all cases of a control on all targets of an engine that are to be proved.
pub fn prove(control: &Arc<Definition>, engine: &dyn Engine, catalogue: &Catalogue) -> Proved {
    prove_altered(control, engine, catalogue, &|_| {})
}

/// The same, of policies that are altered after they were read back: whether the cases would
/// notice.
pub fn prove_altered(
    control: &Arc<Definition>,
    engine: &dyn Engine,
    catalogue: &Catalogue,
    alter: &(dyn Fn(&mut Policy) + Sync),
) -> Proved {
    let mut proved = Proved::default();
    for facts in engine.proved() {
        let target = match engine::target(engine, &facts, catalogue) {
            Ok(target) => target,
            Err(unsupported) => {
                let place = control.document.place();
                proved.problems.push(problem(
                    place,
                    "",
                    &unsupported.why,
                    "",
                    unsupported.why.clone(),
                ));
                continue;
            }
        };
        let label = label(engine, &facts, &target);
        for (index, document) in control.cases.iter().enumerate() {
            let mut rule = rule(control, &document.spec, catalogue, &facts);
            file(&rule, document, engine, &facts, (&target, &label), alter, &mut proved);
            // What lets some pass is the same text whatever the case: one file is enough.
            if index == 0 {
                rule.parts = breakable(std::mem::take(&mut rule.parts), &[EMERGENCY.to_owned()]);
                file(&rule, document, engine, &facts, (&target, &label), alter, &mut proved);
            }
        }
    }
    proved
}

fn label(engine: &dyn Engine, facts: &Facts, target: &Target) -> String {
    match facts.engine_version() {
        Some(version) => {
            format!("{} {}, {}", engine.title(), version.minor_version(), target.shape)
        }
        None => format!("{}, Kubernetes {}", engine.title(), facts.kubernetes()),
    }
}

fn problem(
    place: Place,
    case: &str,
    target: &str,
    how: &'static str,
    problem: String,
) -> CaseProblem {
    CaseProblem { place, case: case.to_owned(), target: target.to_owned(), how, problem }
}

fn file(
    rule: &Rule,
    document: &Document<Cases>,
    engine: &dyn Engine,
    facts: &Facts,
    (target, label): (&Target, &str),
    alter: &dyn Fn(&mut Policy),
    proved: &mut Proved,
) {
    let breaks = rule.parts.iter().any(|part| part.asked_by != AskedBy::Everybody);
    let definition = engine.definition(&rule.control, target, breaks);
    let emitted: Vec<_> = definition.into_iter().chain(engine.compile(rule, target)).collect();
    let rendered = tree::rule_files(&rule.name, &emitted);
    let read = policies(engine, rendered.files.values().map(|bytes| &**bytes));
    let compiled = read.and_then(|policies| {
        let compile = |mut policy: Policy| {
            alter(&mut policy);
            policy.budget = None;
            policy.compile().map_err(|flaws| format!("it {}", Flaw::all(&flaws)))
        };
        policies.into_iter().map(compile).collect::<Result<Vec<Compiled>, String>>()
    });
    match compiled {
        Err(why) => {
            let place = document.spec.control.place;
            proved.problems.push(problem(place, "", label, "", why));
        }
        Ok(compiled) => {
            for case in
                document.spec.cases.iter().filter(|case| exists(case, &rule.control, facts, target))
            {
                let about = (&*rule.control, &document.spec);
                let asking: &[Asking] = match breaks {
                    true => &[Asking::Outsider, Asking::Member],
                    false => &[Asking::Anybody],
                };
                for asking in asking {
                    judge(case, about, *asking, &compiled, label, proved);
                }
            }
        }
    }
}

fn judge(
    case: &Case,
    (control, cases): (&Definition, &Cases),
    asking: Asking,
    policies: &[Compiled],
    label: &str,
    proved: &mut Proved,
) {
    let stated = match case.operation {
        document::Operation::Create => Operation::Create,
        document::Operation::Update => Operation::Update,
    };
    let mut ways = vec![(stated, case.old_object.clone(), "")];
    if stated == Operation::Create {
        ways.push((Operation::Update, Some(husk(&case.object)), "as an update of something else"));
        ways.push((Operation::Scan, None, "in a background scan"));
    }
    // An audit asks in nobody's name, so it is nobody's to pass.
    ways.retain(|(operation, ..)| asking != Asking::Member || *operation != Operation::Scan);
    for (operation, old, how) in ways {
        let how = match asking {
            Asking::Anybody => how,
            Asking::Outsider => "where others may break the glass",
            Asking::Member => "by one who may break the glass",
        };
        let scanned: Vec<&Compiled> = policies
            .iter()
            .filter(|one| {
                operation != Operation::Scan || one.policy().scan != crate::admission::Scan::Never
            })
            .collect();
        if scanned.is_empty() {
            continue;
        }
        proved.judged += 1;
        if let Err(why) =
            verdict(case, (control, cases), asking, &scanned, (operation, old.as_ref()))
        {
            proved.problems.push(problem(case.name.place, &case.name, label, how, why));
        }
    }
}

fn verdict(
    case: &Case,
    (control, cases): (&Definition, &Cases),
    asking: Asking,
    policies: &[&Compiled],
    (operation, old): (Operation, Option<&Value>),
) -> Result<(), String> {
    let namespace =
        cases.namespace.as_ref().map(|one| Namespace::with_labels(&one.name, one.labels.clone()));
    let known = Request::from_object(&case.object, operation, old, None)?;
    // The file's namespace is of no concern to objects that have none.
    let namespace = known.namespace.as_ref().and(namespace);
    let mut request = Request::from_object(&case.object, operation, old, namespace)?;
    let user = |group: &str| User { groups: vec![group.to_owned()], ..User::default() };
    request.user = match asking {
        _ if operation == Operation::Scan => None,
        Asking::Anybody => None,
        Asking::Outsider => Some(user("system:authenticated")),
        Asking::Member => Some(user(EMERGENCY)),
    };
    let asked = case.subresource.as_deref().unwrap_or_default();
    let prepared = Prepared::from(subresource(request, asked, control)?);
    let mut messages = vec![];
    let mut matched = false;
    for policy in policies {
        match policy.judge(&prepared) {
            Verdict::NotMatched => {}
            Verdict::Allowed => matched = true,
            // Who breaks the glass is told what they break, and nobody else is told a second time.
            Verdict::Violated { .. }
                if policy.policy().actions.contains(&Action::Deny)
                    == (asking == Asking::Member) =>
            {
                return Err(match asking {
                    Asking::Member => "it is denied all the same".to_owned(),
                    _ => "it is told of what others may break".to_owned(),
                });
            }
            Verdict::Violated { messages: said } => {
                matched = true;
                messages.extend(said);
            }
            Verdict::Error(error) => return Err(format!("it cannot be judged: {error}")),
            Verdict::Unknown(why) => return Err(format!("it cannot be judged: {why}")),
        }
    }
    match (case.expect, messages.is_empty()) {
        (document::Verdict::Allow, true) => Ok(()),
        (document::Verdict::Allow, false) => {
            Err(format!("it must pass and is denied: {}", messages.join("; ")))
        }
        (document::Verdict::Deny, true) if !matched => {
            Err("it must be denied and no policy looks at it".to_owned())
        }
        (document::Verdict::Deny, true) => Err("it must be denied and passes".to_owned()),
        (document::Verdict::Deny, false) => named(case, &messages),
    }
}

/// A denial counts only if it names just the stated offenders.
fn named(case: &Case, messages: &[String]) -> Result<(), String> {
    let wanted: BTreeSet<&str> = case.offenders.iter().map(String::as_str).collect();
    let said: BTreeSet<&str> = messages
        .iter()
        .flat_map(|message| message.rsplit(": ").next().unwrap_or_default().split(", "))
        .collect();
    if wanted.is_empty() {
        return Err("a denied case must state its offenders".to_owned());
    }
    if wanted == said {
        return Ok(());
    }
    let list = |names: &BTreeSet<&str>| names.iter().copied().collect::<Vec<_>>().join(", ");
    Err(format!("it must name {} and names {}", list(&wanted), list(&said)))
}
