//! `kind: Framework`: a named, versioned set of controls with levels.

use crate::text::Spanned;
use crate::version::Version;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use std::borrow::Cow;
use std::fmt;

/// One version of a framework, or all of them. It owns ids and levels; controls do not know it.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Framework {
    /// The framework's own version. Either this or `versions`.
    pub version: Option<Spanned<String>>,
    /// Where one document tells all versions: which there are.
    pub versions: Option<Spanned<Versions>>,
    /// Of a framework with a document per version: the minor versions of Kubernetes for which
    /// `version: cluster` picks this one. What lies below all is given the first, what lies
    /// above all the last.
    #[serde(default)]
    pub kubernetes: Vec<Spanned<Version>>,
    /// The providers for which `version: cluster` picks this one, whatever others there are.
    #[serde(default)]
    #[schemars(extend("items" = {"type": "string", "x-ids": "providers"}))]
    pub providers: Vec<Spanned<String>>,
    /// What it is called.
    pub title: String,
    /// Its levels, rising.
    pub levels: Vec<Level>,
    /// Everything it recommends, in its order.
    pub recommendations: Vec<Recommendation>,
}

/// The versions of a framework that has one with every minor version of something else.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Versions {
    /// The first.
    pub from: Spanned<Version>,
    /// The newest that is known.
    pub until: Spanned<Version>,
    /// Whose versions they are: that of each cluster is what `version: cluster` picks.
    #[schemars(extend("enum" = ["kubernetes"]))]
    pub follows: Spanned<String>,
}

/// How much of a framework is asked for: a number or a name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(untagged)]
pub enum Level {
    Number(u32),
    Name(String),
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Level::Number(number) => number.fmt(f),
            Level::Name(name) => f.pad(name),
        }
    }
}

/// One type, not two branches: a complaint then says that it may be either.
impl JsonSchema for Level {
    fn schema_name() -> Cow<'static, str> {
        "Level".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A level of a framework: a number or a name.",
            "type": ["integer", "string"],
            "minimum": 0,
            "maximum": u32::MAX,
            "minLength": 1,
        })
    }
}

/// One recommendation. It is covered where it names controls.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Recommendation {
    /// The framework's own id.
    pub id: Spanned<String>,
    /// The lowest level that includes it.
    pub level: Level,
    /// The first version that has it, of a framework with `versions`.
    pub from: Option<Spanned<Version>>,
    /// The last version that has it.
    pub until: Option<Spanned<Version>>,
    /// Recommendations that do not count where this one does.
    #[serde(default)]
    pub replaces: Vec<Spanned<String>>,
    /// Our own short title.
    pub title: String,
    /// How much of it admission can enforce.
    pub admission: Admission,
    /// Why not all of it.
    pub because: Option<String>,
    /// Where the standard says it.
    pub source: Option<String>,
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
