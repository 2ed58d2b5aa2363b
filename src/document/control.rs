//! `kind: Control` and `kind: Cases`: one checkable thing, and its own proof.

use super::Action;
use super::exemption::Scope;
use crate::name::label;
use crate::text::Spanned;
use crate::version::{Range, Version};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// A control: what is looked at, and what offends.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Control {
    /// What holds where the control is met, as a short sentence.
    #[schemars(length(min = 1))]
    pub title: String,
    /// What can go wrong without it.
    #[schemars(length(min = 1))]
    pub why: String,
    /// What the author of a refused object does about it.
    #[schemars(length(min = 1))]
    pub fix: String,
    /// How bad it is to break it.
    pub severity: Severity,
    /// What it looks at: `pod`, `workload`, or resources.
    pub subject: Spanned<Value>,
    /// When it looks.
    #[serde(default = "create_and_update")]
    pub operations: Vec<Operation>,
    /// Whether an update that leaves the subject as it was is judged.
    #[serde(default)]
    pub unchanged: Unchanged,
    /// The framework whose versions the `from` and `until` of its rules are.
    pub follows: Option<Spanned<String>>,
    /// A JSON Schema of its parameters, with defaults. `x-more` says what more of one means:
    /// `tighter`, `looser` or `unordered`. `x-at-most`, of a number, names the parameter that it
    /// may not be above, as a minimum may not be above its maximum; so it does of a number in the
    /// items of a list, and, as a list of names, of a map of quantities. `x-apart` has lists of
    /// entries no two of which go together. `x-allows` stands at a list of all that an object may
    /// have and must have something of, `equal` to an entry or with an entry as its `beginning`: two
    /// such lists with nothing in common are a contradiction. `format: regex` is RE2's.
    /// `x-default: next-kubernetes` stands for a `default`: the minor version after that of each
    /// cluster.
    pub parameters: Option<Spanned<Value>>,
    /// Named sub-expressions.
    #[serde(default)]
    pub variables: Vec<ControlVariable>,
    /// What offends.
    #[serde(default)]
    pub rules: Vec<ControlRule>,
    /// Instead of rules: what is applied.
    #[serde(default)]
    pub manifests: Vec<ControlManifest>,
}

/// Objects that are applied as they are.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ControlManifest {
    /// A file of the control's folder: a MiniJinja template of one or more objects. It is given
    /// `name`, which is the rule's own, `namespace.name`, `namespace.labels`, `params`, `action` and,
    /// where the control follows a framework, its `version`.
    #[schemars(length(min = 1))]
    pub template: Spanned<String>,
    /// What it is filled in for.
    pub each: Each,
    /// The actions it is applied for; left out: all. What can only be applied or not, such as a
    /// NetworkPolicy, neither warns nor audits.
    #[serde(default)]
    pub actions: Vec<Action>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Each {
    /// Every namespace that the rule covers and the cluster's document lists.
    Namespace,
}

fn create_and_update() -> Vec<Operation> {
    vec![Operation::Create, Operation::Update]
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    Low,
    Medium,
    High,
    Critical,
}

impl Severity {
    /// Rising.
    pub const ALL: [Severity; 4] =
        [Severity::Low, Severity::Medium, Severity::High, Severity::Critical];

    pub fn name(self) -> &'static str {
        match self {
            Severity::Low => "low",
            Severity::Medium => "medium",
            Severity::High => "high",
            Severity::Critical => "critical",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum Operation {
    Create,
    Update,
}

impl Operation {
    pub fn name(self) -> &'static str {
        match self {
            Operation::Create => "CREATE",
            Operation::Update => "UPDATE",
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Unchanged {
    /// It passes: what already runs is never frozen.
    #[default]
    Allow,
    /// It is judged like any other.
    Judge,
}

/// What a control looks at.
#[derive(Clone, Debug)]
pub enum Subject {
    /// Pods, whoever makes them.
    Pod,
    /// What people write, not what controllers make of it.
    Workload,
    /// Named resources.
    Resources(Vec<Resource>),
}

/// A kind of object, as the API server serves it.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Resource {
    /// Empty for the core group.
    pub group: String,
    /// The versions the control's expressions understand.
    pub versions: Vec<String>,
    /// Plural, as in a URL.
    pub resource: String,
    pub kind: String,
    pub scope: ResourceScope,
    /// The versions of Kubernetes that serve it unless told otherwise; left out: all. Where an engine
    /// refuses a policy about kinds that the cluster lacks, the others are left out.
    pub served: Option<Range>,
    /// What can be asked of it whose object is of a kind of its own.
    #[serde(default)]
    pub subresources: Vec<Subresource>,
}

impl Resource {
    pub fn scales(&self) -> bool {
        self.subresources.contains(&Subresource::Scale)
    }
}

/// A subresource with an object of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Subresource {
    /// `autoscaling/v1` Scale, by which `kubectl scale` and autoscalers set `spec.replicas`. It has
    /// the name of what is scaled, none of its labels, and leaves out a number of 0.
    Scale,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize, JsonSchema)]
pub enum ResourceScope {
    Namespaced,
    Cluster,
}

impl Control {
    /// The subject as a value; `Err` says why what is written is none.
    pub fn subject(&self) -> Result<Subject, String> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Listed {
            resources: Vec<Resource>,
        }
        match self.subject.value.as_str() {
            Some("pod") => Ok(Subject::Pod),
            Some("workload") => Ok(Subject::Workload),
            Some(other) => Err(format!("`{other}` is neither `pod` nor `workload`")),
            None => serde_json::from_value::<Listed>(self.subject.value.clone())
                .map(|listed| Subject::Resources(listed.resources))
                .map_err(|error| error.to_string()),
        }
    }
}

/// A named expression of a control, evaluated at most once.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ControlVariable {
    pub name: Spanned<String>,
    /// CEL.
    pub expression: Spanned<String>,
}

/// What offends, and how it is said.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ControlRule {
    /// Unique within the control.
    #[schemars(extend("format" = "name"))]
    pub name: Spanned<String>,
    /// The first version of the followed framework in which it counts; left out: always.
    pub from: Option<Spanned<Version>>,
    /// The last one.
    pub until: Option<Spanned<Version>>,
    /// CEL: a list of names, empty when all is well.
    pub offenders: Spanned<String>,
    /// One line; `{offenders}` and `{params.NAME}` are filled in.
    pub message: Spanned<String>,
}

/// Objects with the verdict a control must give on them.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Cases {
    /// The control that is proved.
    pub control: Spanned<String>,
    /// The version it follows in these cases, where it follows one; left out: the newest.
    pub version: Option<Spanned<Version>>,
    /// Its parameters in these cases.
    pub parameters: Option<Spanned<Value>>,
    /// The namespace of the objects, which every engine is told.
    pub namespace: Option<CaseNamespace>,
    /// Exemptions in force in these cases.
    #[serde(default)]
    pub exemptions: Vec<Scope>,
    #[schemars(length(min = 1))]
    pub cases: Vec<Case>,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CaseNamespace {
    #[schemars(extend("format" = label::NAMESPACE, "pattern" = label::NAMESPACE_PATTERN))]
    pub name: String,
    #[serde(default)]
    #[schemars(schema_with = "label::map_schema")]
    pub labels: BTreeMap<String, String>,
}

/// One object and its verdict.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Case {
    #[schemars(length(min = 1))]
    pub name: Spanned<String>,
    pub operation: Operation,
    /// Such as `ephemeralcontainers`; where the object is not of the resource's own kind, with the
    /// resource before it: `deployments/scale`.
    pub subresource: Option<String>,
    pub expect: Verdict,
    /// The names a denial must mention; required with `deny`.
    #[serde(default)]
    pub offenders: Vec<String>,
    /// Framework recommendations that this denial proves, as `framework@version/id`.
    #[serde(default)]
    pub proves: Vec<Spanned<String>>,
    pub object: Value,
    /// The object before an update.
    pub old_object: Option<Value>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    Allow,
    Deny,
}
