//! `kind: Intent`: a requirement in plain words plus its structured form.

use super::{Action, Level};
use crate::date::Period;
use crate::name::label;
use crate::selector::Written;
use crate::text::Spanned;
use schemars::JsonSchema;
use serde::Deserialize;

/// What is demanded, in words and in structure.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Intent {
    /// The requirement in plain words, as it was agreed.
    #[schemars(length(min = 1))]
    pub statement: String,
    /// Why it is demanded.
    pub why: Option<String>,
    /// Who answers for it.
    #[schemars(length(min = 1))]
    pub owner: String,
    /// Where it was agreed.
    pub ticket: Option<String>,
    /// Which clusters; the default of each requirement.
    pub clusters: Option<Spanned<Written>>,
    /// Which namespaces; the default of each requirement.
    pub namespaces: Option<Spanned<Namespaces>>,
    /// Which environment of the fleet; the default of each requirement.
    pub environment: Option<Spanned<String>>,
    /// What happens to what breaks it; the default of each requirement, itself `deny`.
    pub action: Option<Spanned<Action>>,
    /// A milder beginning; the default of each requirement.
    pub grace: Option<Spanned<Grace>>,
    /// The parts of the demand.
    #[schemars(length(min = 1))]
    pub requires: Vec<Spanned<Requirement>>,
    /// Which exemptions may be granted from it; left out: none.
    pub exemptions: Option<Spanned<Exemptable>>,
}

/// One control, or the controls of one framework, with scope, action and grace.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Requirement {
    /// What `explain` calls it; left out: its number.
    #[schemars(extend("format" = "name"))]
    pub name: Option<Spanned<String>>,
    /// The control that is demanded. Either this or `framework`.
    pub control: Option<Spanned<String>>,
    /// The framework whose controls are demanded.
    pub framework: Option<Spanned<String>>,
    /// The framework's version, or that of the standard the control follows: a number, `latest`,
    /// or `cluster`, which is that of each cluster's Kubernetes.
    pub version: Option<Spanned<String>>,
    /// Up to which level of the framework.
    pub level: Option<Spanned<Level>>,
    /// The rendered name, only where one control is asked twice with different parameters.
    #[serde(rename = "as")]
    #[schemars(extend("format" = "name"))]
    pub rendered_as: Option<Spanned<String>>,
    /// The control's parameters, or parameters by control of the framework.
    pub parameters: Option<Spanned<serde_json::Value>>,
    /// Controls of the framework that are left out here.
    #[serde(default)]
    pub without: Vec<Without>,
    /// Which clusters.
    pub clusters: Option<Spanned<Written>>,
    /// Which namespaces.
    pub namespaces: Option<Spanned<Namespaces>>,
    /// Which environment of the fleet.
    pub environment: Option<Spanned<String>>,
    /// What happens to what breaks it.
    pub action: Option<Spanned<Action>>,
    /// A milder beginning.
    pub grace: Option<Spanned<Grace>>,
}

/// A control of a framework that is deliberately not demanded.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Without {
    /// Which control.
    pub control: Spanned<String>,
    /// Why it is left out.
    #[schemars(length(min = 1))]
    pub because: String,
}

/// A selector of namespaces. System namespaces are left out unless it says otherwise.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Namespaces {
    /// Labels that must be there with exactly these values.
    #[serde(default)]
    #[schemars(schema_with = "label::map_schema")]
    pub match_labels: std::collections::BTreeMap<String, String>,
    /// Conditions on labels, as in Kubernetes.
    #[serde(default)]
    pub match_expressions: Vec<crate::selector::Expression>,
    /// Only these names.
    #[serde(default)]
    #[schemars(schema_with = "label::namespaces_schema")]
    pub names: Vec<String>,
    /// All but these names.
    #[serde(default)]
    #[schemars(schema_with = "label::namespaces_schema")]
    pub except: Vec<String>,
    /// Also the system namespaces of the provider, the engine and the sync tool.
    #[serde(default)]
    pub include_system: bool,
}

impl Namespaces {
    pub fn selector(&self) -> crate::selector::Selector {
        crate::selector::Selector::from(&Written {
            match_labels: self.match_labels.clone(),
            match_expressions: self.match_expressions.clone(),
            names: self.names.clone(),
            except: self.except.clone(),
        })
    }
}

/// A milder action for a while, per rule and cluster (not per pod).
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Grace {
    /// Where it is granted; left out: wherever the requirement holds.
    pub environment: Option<Spanned<String>>,
    /// In which namespaces it is granted.
    pub namespaces: Option<Spanned<Namespaces>>,
    /// For how long, counted from the day the requirement is first proposed for a cluster, or lands
    /// there if that is later.
    pub period: Spanned<Period>,
    /// What happens meanwhile.
    pub action: Spanned<Action>,
    /// Why it begins anew also for what has been in force there already; another reason begins it
    /// once more.
    #[schemars(length(min = 1))]
    pub regrace: Option<String>,
}

/// The bounds of exemptions from an intent.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Exemptable {
    /// From grant to expiry at the most.
    pub longest: Option<Spanned<Period>>,
    /// The longest time between reviews.
    pub review: Option<Spanned<Period>>,
    /// Only these controls can be lifted; empty: any.
    #[serde(default)]
    pub controls: Vec<Spanned<String>>,
    /// Only containers with such images can be freed; empty: any.
    #[serde(default)]
    pub images: Vec<String>,
}
