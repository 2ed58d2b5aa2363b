//! Judging: a policy compiled once, a request prepared once, a verdict.

use std::fmt;

use super::matching::Match;
use super::policy::{Policy, Validation};
use super::request::{Operation, Prepared};
use crate::cel::{Definitions, Expression, Failure, Problem, Scope, Value};

/// Longer messages are dropped by the API server, in favour of the static one.
const LONGEST_MESSAGE: usize = 5 * 1024;

/// What a policy says about a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The policy is not about such requests.
    NotMatched,
    Allowed,
    /// One message for each validation that failed.
    Violated {
        messages: Vec<String>,
    },
    /// An expression has no value for this request; `failure_policy` says what follows.
    Error(String),
    /// What would decide is not known; the sentence says what.
    Unknown(String),
}

/// A verdict with what it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    pub verdict: Verdict,
    /// For each message of a violation, who offends; empty where the policy does not say.
    pub offenders: Vec<Vec<String>>,
}

impl From<Verdict> for Judgement {
    fn from(verdict: Verdict) -> Judgement {
        Judgement { verdict, offenders: vec![] }
    }
}

/// Why a policy cannot be judged at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    /// `variables.podSpec`, `validations[0].messageExpression`.
    pub part: String,
    /// The offset is into the text of that part.
    pub problem: Problem,
}

impl fmt::Display for Flaw {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.part, self.problem)
    }
}

impl Flaw {
    /// All flaws of a policy in one sentence.
    pub fn all(flaws: &[Flaw]) -> String {
        let flaws: Vec<String> = flaws.iter().map(ToString::to_string).collect();
        format!("does not compile: {}", flaws.join("; "))
    }
}

/// A policy that is ready to judge; shared freely between threads.
#[derive(Clone, Debug)]
pub struct Compiled {
    policy: Policy,
    definitions: Definitions,
    conditions: Vec<Expression>,
    validations: Vec<Ready>,
    annotations: Vec<Expression>,
    needs_user: bool,
}

#[derive(Clone, Debug)]
struct Ready {
    expression: Expression,
    message: Option<Expression>,
    /// The variable in which the policy keeps who offends, where it does.
    offenders: Option<Expression>,
}

/// What the names of variables begin with that hold a list of offenders.
const OFFENDERS: &str = "offenders";

impl Policy {
    /// Compiles every expression; all flaws at once where that fails.
    pub fn compile(self) -> Result<Compiled, Vec<Flaw>> {
        let mut compiler = Compiler::default();
        if let Some(params) = &self.params {
            compiler.definitions.set_params(Value::from_json(params));
        }
        for (name, value) in &self.constants {
            let added = compiler.definitions.constant(name, Value::from_json(value));
            compiler.note(&format!("variables.{name}"), added);
        }
        for variable in &self.variables {
            let part = format!("variables.{}", variable.name);
            let Some(expression) = compiler.compile(&part, &variable.expression) else {
                continue;
            };
            let added = compiler.definitions.define(&variable.name, expression);
            compiler.note(&part, added);
        }
        let mut conditions = Vec::new();
        for condition in &self.match_conditions {
            let part = format!("matchConditions.{}", condition.name);
            conditions.extend(compiler.compile_last(&part, &condition.expression));
        }
        let mut validations = Vec::new();
        for (index, validation) in self.validations.iter().enumerate() {
            validations.extend(compiler.validation(index, validation));
        }
        let mut annotations = Vec::new();
        for annotation in &self.audit_annotations {
            let part = format!("auditAnnotations.{}", annotation.name);
            annotations.extend(compiler.compile_last(&part, &annotation.expression));
        }
        if compiler.flaws.is_empty() {
            let (needs_user, definitions) = (self.reads_user(), compiler.definitions);
            let policy = self;
            Ok(Compiled { policy, definitions, conditions, validations, annotations, needs_user })
        } else {
            Err(compiler.flaws)
        }
    }
}

#[derive(Default)]
struct Compiler {
    definitions: Definitions,
    flaws: Vec<Flaw>,
}

impl Compiler {
    fn note<T>(&mut self, part: &str, outcome: Result<T, Problem>) -> Option<T> {
        outcome.map_err(|problem| self.flaws.push(Flaw { part: part.to_owned(), problem })).ok()
    }

    fn compile(&mut self, part: &str, text: &str) -> Option<Expression> {
        self.note(part, Expression::compile(text))
    }

    /// An expression that may read every variable.
    fn compile_last(&mut self, part: &str, text: &str) -> Option<Expression> {
        let expression = self.compile(part, text)?;
        let checked = self.definitions.check_reads(&expression);
        self.note(part, checked).map(|()| expression)
    }

    fn validation(&mut self, index: usize, validation: &Validation) -> Option<Ready> {
        let part = format!("validations[{index}]");
        let message = validation.message_expression.as_deref();
        let message =
            message.map(|text| self.compile_last(&format!("{part}.messageExpression"), text));
        let expression =
            self.compile_last(&format!("{part}.expression"), &validation.expression)?;
        let offenders = expression.reads().iter().find(|name| name.starts_with(OFFENDERS));
        let offenders =
            offenders.and_then(|name| Expression::compile(&format!("variables.{name}")).ok());
        Some(Ready { expression, message: message.flatten(), offenders })
    }
}

impl Compiled {
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    pub fn judge(&self, prepared: &Prepared) -> Verdict {
        self.judge_fully(prepared).verdict
    }

    /// The verdict, and who offends.
    pub fn judge_fully(&self, prepared: &Prepared) -> Judgement {
        match self.policy.matching.matches(&prepared.request, self.policy.scan) {
            Match::Yes => {}
            Match::No => return Verdict::NotMatched.into(),
            Match::Unknown(why) => return Verdict::Unknown(why).into(),
        }
        if let Some(why) = &self.policy.fails {
            return Verdict::Error(why.clone()).into();
        }
        // A scan asks in nobody's name; of a request somebody should have said it.
        let asked = prepared.request.operation != Operation::Scan;
        if self.needs_user && asked && prepared.request.user.is_none() {
            return Verdict::Unknown("it depends on who asks, which is not known".into()).into();
        }
        let input = prepared.seen_by(&self.policy);
        let scope = match &self.policy.budget {
            Some(dialect) => Scope::metered(&input, &self.definitions, dialect),
            None => Scope::new(&input, &self.definitions),
        };
        match self.is_concerned(&scope) {
            Ok(true) => self.validate(&scope),
            Ok(false) => Verdict::NotMatched.into(),
            // What only a cluster knows is no error of the object's, whatever the policy does with errors.
            Err(failure) if failure.is_not_evaluable() => Verdict::Unknown(failure.message).into(),
            Err(failure) => Verdict::Error(failure.message).into(),
        }
    }

    /// Whether all match conditions hold; one that does not outweighs one that fails.
    fn is_concerned(&self, scope: &Scope<'_>) -> Result<bool, Failure> {
        let mut failed = None;
        for condition in &self.conditions {
            match scope.evaluate(condition) {
                Ok(value) if value.as_bool() == Some(true) => {}
                Ok(_) => return Ok(false),
                // What is not known may be false, which would outweigh what fails.
                Err(failure) if failure.is_not_evaluable() => failed = Some(failure),
                Err(failure) => failed = failed.or(Some(failure)),
            }
        }
        failed.map_or(Ok(true), Err)
    }

    fn validate(&self, scope: &Scope<'_>) -> Judgement {
        let mut messages = Vec::new();
        let mut offenders = Vec::new();
        let mut failures = Vec::new();
        let mut unknown = None;
        for (ready, written) in self.validations.iter().zip(&self.policy.validations) {
            match scope.evaluate(&ready.expression) {
                Ok(value) if value.as_bool() == Some(true) => continue,
                Ok(value) if value.as_bool() == Some(false) => {
                    messages.push(message(ready, written, scope));
                    offenders.push(ready.offenders(scope));
                }
                Ok(value) => {
                    failures
                        .push(format!("a validation is {}, not true or false", value.type_name()));
                }
                Err(failure) if failure.is_not_evaluable() => {
                    unknown = unknown.or(Some(failure.message));
                }
                Err(failure) => failures.push(failure.message),
            }
            if self.policy.stops_at_first {
                break;
            }
        }
        for annotation in &self.annotations {
            match scope.evaluate(annotation) {
                Ok(value) if value.as_str().is_some() || value.type_name() == "null_type" => {}
                Ok(value) => failures
                    .push(format!("an audit annotation is {}, not a text", value.type_name())),
                Err(failure) if failure.is_not_evaluable() => {
                    unknown = unknown.or(Some(failure.message));
                }
                Err(failure) => failures.push(failure.message),
            }
        }
        if !messages.is_empty() {
            Judgement { verdict: Verdict::Violated { messages }, offenders }
        } else if let Some(why) = unknown {
            Verdict::Unknown(why).into()
        } else if !failures.is_empty() {
            Verdict::Error(failures.join("; ")).into()
        } else {
            Verdict::Allowed.into()
        }
    }
}

impl Ready {
    /// Who offends, as far as that is a list of texts; each once.
    fn offenders(&self, scope: &Scope<'_>) -> Vec<String> {
        let found = self.offenders.as_ref().and_then(|one| scope.evaluate(one).ok());
        let list = found.as_ref().and_then(Value::to_json);
        let mut told: Vec<String> = vec![];
        for one in list.iter().filter_map(|list| list.as_array()).flatten() {
            if let Some(one) = one.as_str().filter(|one| !told.iter().any(|other| other == one)) {
                told.push(one.to_owned());
            }
        }
        told
    }
}

/// The message expression where it yields one line that is not too long, else the static message,
/// else the expression itself.
fn message(ready: &Ready, written: &Validation, scope: &Scope<'_>) -> String {
    let said = ready.message.as_ref().and_then(|expression| scope.evaluate(expression).ok());
    let said = said.as_ref().and_then(Value::as_str).map(str::trim);
    if let Some(said) = said.filter(|said| is_fit(said)) {
        return said.to_owned();
    }
    match written.message.as_deref().map(str::trim) {
        Some(fixed) if !fixed.is_empty() => fixed.to_owned(),
        _ => format!("failed expression: {}", written.expression.trim()),
    }
}

fn is_fit(message: &str) -> bool {
    !message.is_empty() && !message.contains('\n') && message.len() <= LONGEST_MESSAGE
}
