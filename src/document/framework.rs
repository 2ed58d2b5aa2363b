//! `kind: Framework`: a named, versioned set of controls with levels.

use crate::text::Spanned;
use schemars::JsonSchema;
use serde::Deserialize;

/// One version of a framework. It owns ids and levels; controls do not know it.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Framework {
    /// The framework's own version.
    pub version: Spanned<String>,
    /// What it is called.
    pub title: String,
    /// Its levels, rising.
    pub levels: Vec<u32>,
    /// Everything it recommends, in its order.
    pub recommendations: Vec<Recommendation>,
}

/// One recommendation. It is covered where it names controls.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Recommendation {
    /// The framework's own id.
    pub id: Spanned<String>,
    /// The lowest level that includes it.
    pub level: u32,
    /// Our own short title.
    pub title: String,
    /// How much of it admission can enforce.
    pub admission: Admission,
    /// Why not all of it.
    pub because: Option<String>,
    /// What covers it.
    #[serde(default)]
    pub controls: Vec<FrameworkControl>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Admission {
    /// All of it.
    Full,
    /// A part of it.
    Part,
    /// Only by looking at other objects too.
    Referential,
    /// Nothing of it.
    None,
}

/// A control, with the parameters the recommendation asks for.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FrameworkControl {
    /// Which control.
    pub control: Spanned<String>,
    /// The rendered name, where the framework asks one control twice.
    #[serde(rename = "as")]
    #[schemars(extend("format" = "name"))]
    pub rendered_as: Option<Spanned<String>>,
    /// Its parameters.
    pub parameters: Option<Spanned<serde_json::Value>>,
}
