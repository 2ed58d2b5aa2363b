//! A policy as an engine understood its own objects.

use serde_json::Value as Json;

use super::matching::Matching;
use super::request::Operation;
use crate::cel::Dialect;
use crate::document::Action;

/// What can be judged. Expressions are texts here; [`Policy::compile`] compiles them.
#[derive(Clone, Debug)]
pub struct Policy {
    pub name: String,
    /// Kind and name of the object, or objects, it was read from: `ValidatingPolicy/no-root`.
    pub origin: String,
    /// Name of the object that says where and how strictly: a binding, a constraint, the policy.
    pub applied_by: String,
    /// What a violation leads to.
    pub actions: Vec<Action>,
    pub matching: Matching,
    /// What the identifier `params` stands for; null where the policy has none.
    pub params: Option<Json>,
    /// Variables whose value the engine supplies, such as the parameters of a constraint.
    pub constants: Vec<(String, Json)>,
    /// In order: each may read those before it.
    pub variables: Vec<Variable>,
    /// All must hold for the policy to look at a request.
    pub match_conditions: Vec<Condition>,
    pub validations: Vec<Validation>,
    /// What would be noted in the audit log: only whether it can be evaluated matters here.
    pub audit_annotations: Vec<Condition>,
    /// Judging what it matches fails always, and this is why: a parameter that is not there.
    pub fails: Option<String>,
    /// Whether judging ends at the first validation that fails, and the others are not told.
    pub stops_at_first: bool,
    pub failure_policy: FailurePolicy,
    pub scan: Scan,
    pub absent: Absent,
    /// What its expressions may cost where it is judged; `None`: it is not counted.
    pub budget: Option<Dialect>,
}

impl Policy {
    /// A policy that matches nothing and demands nothing, with the habits of the API server.
    pub fn new(name: impl Into<String>, origin: impl Into<String>) -> Policy {
        let name = name.into();
        Policy {
            applied_by: name.clone(),
            name,
            origin: origin.into(),
            actions: Vec::new(),
            matching: Matching::default(),
            params: None,
            constants: Vec::new(),
            variables: Vec::new(),
            match_conditions: Vec::new(),
            validations: Vec::new(),
            audit_annotations: Vec::new(),
            fails: None,
            stops_at_first: false,
            failure_policy: FailurePolicy::Fail,
            scan: Scan::Never,
            absent: Absent::Null,
            budget: None,
        }
    }
}

impl Policy {
    /// Whether a request is refused that it cannot judge.
    pub fn errors_deny(&self) -> bool {
        self.failure_policy == FailurePolicy::Fail
    }

    /// Whether any of its expressions looks at who asks.
    pub fn reads_user(&self) -> bool {
        let variables = self.variables.iter().map(|one| &one.expression);
        let conditions = self.match_conditions.iter().chain(&self.audit_annotations);
        let validations = self.validations.iter();
        let validations =
            validations.flat_map(|one| [Some(&one.expression), one.message_expression.as_ref()]);
        let conditions = conditions.map(|one| &one.expression);
        let mut all = variables.chain(conditions).chain(validations.flatten());
        all.any(|text| text.contains("userInfo"))
    }
}

#[derive(Clone, Debug)]
pub struct Variable {
    pub name: String,
    pub expression: String,
}

#[derive(Clone, Debug)]
pub struct Condition {
    pub name: String,
    pub expression: String,
}

#[derive(Clone, Debug, Default)]
pub struct Validation {
    /// True where all is well.
    pub expression: String,
    pub message: Option<String>,
    /// Preferred to `message` where it yields a text fit to be shown.
    pub message_expression: Option<String>,
}

/// What an error leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailurePolicy {
    Fail,
    Ignore,
}

/// Whether and how what already exists is judged in the background.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scan {
    Never,
    /// `request.operation` says this, and rules are matched by it.
    As(Operation),
    /// `request.operation` is the empty text, and rules match whatever their operations.
    Unnamed,
}

/// What `object` is on DELETE and `oldObject` on CREATE.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Absent {
    Null,
    /// A map without keys.
    Empty,
}
