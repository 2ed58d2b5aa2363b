//! From a rule to policy text: the variables and validations that every engine is given alike.
//!
//! Here one intent becomes one verdict: the text is the same on every target, and an engine only
//! wraps it. Every guard says what it is for. This module knows no engine; it is told only
//! whether parameters and exemptions are written into the text or handed over as data.

mod literal;
mod message;
mod subject;
mod undone;

pub use literal::{exemptions_data, literal, read_literal, text as quoted};
pub use subject::resources;
pub use undone::{Undone, undo};

use crate::catalogue::{Definition, FOLLOWED};
use crate::date::Date;
use crate::document::{ControlRule, Subject, Unchanged};
use crate::plan::{AskedBy, Exempt, Part};
use crate::version::Version;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// Where `variables.params` and the exemptions come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Data {
    /// Written into the text as literals.
    Literal,
    /// Handed over by the engine as `variables.params`, exemptions among them.
    Injected {
        /// And whose requests are judged, since some groups may pass.
        break_glass: bool,
    },
}

/// The name under which an engine is handed whose requests are judged.
pub const BREAK_GLASS: &str = "breakGlass";

/// The name under which the first day on which a part may deny is told, while a grace runs.
pub const LATER: &str = "deniedFrom";

/// How a message begins that says the day.
fn said_later() -> String {
    message::later(&format!("variables.{LATER}"))
}

/// A message's expression without that day.
pub fn without_day(expression: &str) -> &str {
    let begin = format!("{} + ", said_later());
    expression.strip_prefix(begin.as_str()).unwrap_or(expression)
}

/// What a text says for one part of a rule alone: parts alike in it may share one.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Of<'a> {
    pub exemptions: &'a [Exempt],
    pub asked_by: &'a AskedBy,
    /// The first day on which it may deny, while a grace runs.
    pub later: Option<Date>,
}

impl<'a> From<&'a Part> for Of<'a> {
    fn from(part: &'a Part) -> Of<'a> {
        Of { exemptions: &part.exemptions, asked_by: &part.asked_by, later: part.later }
    }
}

impl Default for Of<'_> {
    fn default() -> Self {
        Of { exemptions: &[], asked_by: &AskedBy::Everybody, later: None }
    }
}

/// What an engine is handed of whose requests a part judges; `None`: nothing need be said.
pub fn asked_by_data(asked_by: &AskedBy) -> Option<Value> {
    let (groups, passes) = match asked_by {
        AskedBy::Everybody => return None,
        AskedBy::Others(groups) => (groups, true),
        AskedBy::Members(groups) => (groups, false),
    };
    Some(json!({"groups": groups, "passes": passes}))
}

/// Whether whoever asks is a member of the groups, and where that is enough to pass.
///
/// Who asks is known of a request alone; of what exists nobody does, and so no member.
fn asking(asked_by: &AskedBy, data: Data) -> Option<(String, String)> {
    let told = format!("variables.params.?{BREAK_GLASS}");
    let (groups, guard) = match (data, asked_by) {
        (Data::Injected { break_glass: false }, _) | (Data::Literal, AskedBy::Everybody) => {
            return None;
        }
        // Total: constraints that were rendered before the groups were named say nothing.
        (Data::Injected { .. }, _) => (
            format!("{told}.?groups.orValue([])"),
            format!("variables.{BREAK_GLASS} == {told}.?passes.orValue(true)"),
        ),
        (Data::Literal, AskedBy::Others(groups)) => {
            (literal(&json!(groups)), format!("variables.{BREAK_GLASS}"))
        }
        (Data::Literal, AskedBy::Members(groups)) => {
            (literal(&json!(groups)), format!("!variables.{BREAK_GLASS}"))
        }
    };
    Some((format!("request.userInfo.?groups.orValue([]).exists(g, g in {groups})"), guard))
}

/// What an engine wraps.
#[derive(Clone, Debug)]
pub struct Text {
    /// In an order in which each reads only those before it.
    pub variables: Vec<(String, String)>,
    /// One per rule of the control.
    pub validations: Vec<Validation>,
}

#[derive(Clone, Debug)]
pub struct Validation {
    pub expression: String,
    /// What is said where the message expression cannot be evaluated.
    pub message: String,
    pub message_expression: String,
}

/// Compiles a control with its parameters for one part of a rule.
///
/// A control that follows a framework is written as it is in one version. Where it is given its
/// data by the engine, all its rules are there and each looks at the version first: what others
/// depend on is then the same whatever the version.
pub fn text(
    control: &Definition,
    version: Option<Version>,
    parameters: &Map<String, Value>,
    of: Of<'_>,
    data: Data,
) -> Text {
    let Of { exemptions, asked_by, later } = of;
    let injected = data != Data::Literal;
    let version = version.filter(|_| !injected);
    let spec = &control.document.spec;
    let exempting = injected || !exemptions.is_empty();
    let mut variables: Vec<(String, String)> = vec![];
    let mut add = |name: &str, expression: String| variables.push((name.to_owned(), expression));
    if !injected {
        add("params", literal(&Value::Object(parameters.clone())));
        add("exemptions", literal(&exemptions_data(exemptions)));
    } else {
        add("exemptions", "variables.params.exemptions".to_owned());
        add("understood", subject::understood(&control.subject));
    }
    let notice = match (data, later) {
        (Data::Injected { .. }, _) => {
            Some(message::later_if_any(&format!("variables.params.{LATER}")))
        }
        (Data::Literal, Some(day)) => {
            add(LATER, quoted(&day.to_string()));
            Some(said_later())
        }
        (Data::Literal, None) => None,
    };
    subject::variables(&control.subject, exempting, &mut add);
    for variable in &spec.variables {
        add(&variable.name, variable.expression.value.trim().to_owned());
    }
    let judge_unchanged = spec.unchanged == Unchanged::Judge;
    if !judge_unchanged {
        add("unchanged", subject::unchanged(&control.subject, &own_text(control)));
    }
    let asking = asking(asked_by, data);
    if let Some((member, _)) = &asking {
        add(BREAK_GLASS, member.clone());
    }
    let mut guards = vec![];
    let operations: Vec<&str> = spec.operations.iter().map(|one| one.name()).collect();
    // Handed over as data means matched by kind alone: operations are for the text to see.
    let other_operations = match (injected, &operations[..]) {
        (true, [only]) => Some(format!("!(request.operation in ['', '{only}'])")),
        _ => None,
    };
    guards.extend(asking.as_ref().map(|(_, guard)| guard.as_str()));
    if injected {
        guards.push("!variables.understood");
    }
    guards.extend(other_operations.as_deref());
    if !judge_unchanged {
        guards.push("variables.unchanged");
    }
    if matches!(control.subject, Subject::Pod | Subject::Workload) {
        guards.push("variables.controlled");
    }
    if exempting {
        guards.push("variables.exempt");
    }
    let mut validations = vec![];
    let alone = control.rules(version).count() == 1;
    for rule in control.rules(version) {
        let end = match alone {
            true => String::new(),
            false => format!("_{}", rule.name.replace('-', "_")),
        };
        let offenders = format!("offenders{end}");
        let text = format!("message{end}");
        add(&offenders, rule.offenders.value.trim().to_owned());
        let says = message::expression(&rule.message, control, &offenders);
        add(&text, notice.iter().cloned().chain([says]).collect::<Vec<_>>().join(" + "));
        let fine = format!("size(variables.{offenders}) == 0");
        let other = if injected { other_version(rule) } else { vec![] };
        let guards = guards.iter().map(|guard| (*guard).to_owned()).chain(other).chain([fine]);
        validations.push(Validation {
            expression: guards.collect::<Vec<_>>().join(" || "),
            message: spec.title.clone(),
            message_expression: message::bounded(&text),
        });
    }
    let variables = used(variables, &validations);
    Text { variables, validations }
}

/// Guards of a rule that does not count in the version that is handed over.
fn other_version(rule: &ControlRule) -> Vec<String> {
    let bound =
        |sign: &str, bound: &Version| format!("variables.params.{FOLLOWED} {sign} {}", bound.minor);
    let early = rule.from.as_ref().map(|from| bound("<", &from.value));
    let late = rule.until.as_ref().map(|until| bound(">", &until.value));
    early.into_iter().chain(late).collect()
}

/// Everything the control's author wrote as expressions, in whatever version it counts: what an
/// update may leave alone is then the same whether or not an engine is handed the version.
pub fn own_text(control: &Definition) -> String {
    let spec = &control.document.spec;
    let variables = spec.variables.iter().map(|variable| variable.expression.value.as_str());
    let rules = spec.rules.iter().map(|rule| rule.offenders.value.as_str());
    variables.chain(rules).collect::<Vec<_>>().join("\n")
}

/// Leaves out variables that nothing reads.
fn used(variables: Vec<(String, String)>, validations: &[Validation]) -> Vec<(String, String)> {
    let mut needed: BTreeSet<String> = BTreeSet::new();
    for validation in validations {
        needed.extend(reads(&validation.expression));
        needed.extend(reads(&validation.message_expression));
    }
    for (name, expression) in variables.iter().rev() {
        if needed.contains(name) {
            needed.extend(reads(expression));
        }
    }
    variables.into_iter().filter(|(name, _)| needed.contains(name)).collect()
}

/// The names after `variables.` in an expression.
fn reads(expression: &str) -> impl Iterator<Item = String> + '_ {
    expression
        .split("variables.")
        .skip(1)
        .map(|rest| rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect())
}
