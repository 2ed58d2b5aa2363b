//! Types as cel-go's checker knows them, and how they are written in `functions.tsv`.

use std::fmt;

/// The type of an expression, as far as it shows without evaluating it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Type {
    /// Anything; known only when it runs.
    Dyn,
    Null,
    Bool,
    Int,
    Uint,
    Double,
    String,
    Bytes,
    Duration,
    Timestamp,
    List(Box<Type>),
    Map(Box<Type>, Box<Type>),
    Optional(Box<Type>),
    /// `type(x)`.
    Of(Box<Type>),
    /// What only functions, or only its fields, look into: `quantity`, `request` …
    Named(String),
    /// Any type, but the same one wherever it is written.
    Any(usize),
}

impl Type {
    pub(super) fn list(element: Type) -> Type {
        Type::List(Box::new(element))
    }

    pub(super) fn map(key: Type, value: Type) -> Type {
        Type::Map(Box::new(key), Box::new(value))
    }

    pub(super) fn optional(held: Type) -> Type {
        Type::Optional(Box::new(held))
    }

    /// Reads the notation of `functions.tsv`: `map(string, list(A))`.
    pub(super) fn parse(text: &str) -> Type {
        let text = text.trim();
        if let Some((outside, inside)) = text.split_once('(') {
            let inside = inside.strip_suffix(')').unwrap_or(inside);
            let mut parts = split(inside).into_iter().map(Type::parse);
            let mut part = || Box::new(parts.next().unwrap_or(Type::Dyn));
            return match outside {
                "list" => Type::List(part()),
                "map" => Type::Map(part(), part()),
                "optional" => Type::Optional(part()),
                _ => Type::Of(part()),
            };
        }
        match text {
            "dyn" => Type::Dyn,
            "null" => Type::Null,
            "bool" => Type::Bool,
            "int" => Type::Int,
            "uint" => Type::Uint,
            "double" => Type::Double,
            "string" => Type::String,
            "bytes" => Type::Bytes,
            "duration" => Type::Duration,
            "timestamp" => Type::Timestamp,
            "A" => Type::Any(0),
            "B" => Type::Any(1),
            name => Type::Named(name.to_owned()),
        }
    }

    /// The fields of a type that has known ones.
    pub(super) fn field(&self, field: &str) -> Option<Type> {
        let Type::Named(name) = self else {
            return None;
        };
        let (_, fields) = MESSAGES.iter().find(|(message, _)| message == name)?;
        fields.iter().find(|(known, _)| *known == field).map(|(_, of)| Type::parse(of))
    }

    pub(super) fn has_fields(&self) -> bool {
        matches!(self, Type::Named(name) if MESSAGES.iter().any(|(message, _)| message == name))
    }
}

impl fmt::Display for Type {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Type::Dyn | Type::Any(_) => out.write_str("dyn"),
            Type::Null => out.write_str("null"),
            Type::Bool => out.write_str("bool"),
            Type::Int => out.write_str("int"),
            Type::Uint => out.write_str("uint"),
            Type::Double => out.write_str("double"),
            Type::String => out.write_str("string"),
            Type::Bytes => out.write_str("bytes"),
            Type::Duration => out.write_str("duration"),
            Type::Timestamp => out.write_str("timestamp"),
            Type::List(element) => write!(out, "list({element})"),
            Type::Map(key, value) => write!(out, "map({key}, {value})"),
            Type::Optional(held) => write!(out, "optional({held})"),
            Type::Of(held) => write!(out, "type({held})"),
            Type::Named(name) => out.write_str(name),
        }
    }
}

/// Splits at commas that are in no parentheses.
pub(super) fn split(text: &str) -> Vec<&str> {
    let (mut parts, mut depth, mut start) = (Vec::new(), 0_usize, 0);
    for (at, one) in text.char_indices() {
        match one {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    if !text[start..].trim().is_empty() {
        parts.push(&text[start..]);
    }
    parts
}

/// What the API server declares of `request` and `namespaceObject`
/// (k8s.io/apiserver pkg/admission/plugin/cel/compile.go).
const MESSAGES: [(&str, &[(&str, &str)]); 10] = [
    (
        "request",
        &[
            ("kind", "request.kind"),
            ("resource", "request.resource"),
            ("subResource", "string"),
            ("requestKind", "request.kind"),
            ("requestResource", "request.resource"),
            ("requestSubResource", "string"),
            ("name", "string"),
            ("namespace", "string"),
            ("operation", "string"),
            ("userInfo", "request.userInfo"),
            ("dryRun", "bool"),
            ("options", "dyn"),
        ],
    ),
    ("request.kind", &[("group", "string"), ("version", "string"), ("kind", "string")]),
    ("request.resource", &[("group", "string"), ("version", "string"), ("resource", "string")]),
    (
        "request.userInfo",
        &[
            ("username", "string"),
            ("uid", "string"),
            ("groups", "list(string)"),
            ("extra", "map(string, list(string))"),
        ],
    ),
    (
        "namespace",
        &[
            ("metadata", "namespace.metadata"),
            ("spec", "namespace.spec"),
            ("status", "namespace.status"),
        ],
    ),
    (
        "namespace.metadata",
        &[
            ("name", "string"),
            ("generateName", "string"),
            ("namespace", "string"),
            ("labels", "map(string, string)"),
            ("annotations", "map(string, string)"),
            ("UID", "string"),
            ("creationTimestamp", "timestamp"),
            ("deletionGracePeriodSeconds", "int"),
            ("deletionTimestamp", "timestamp"),
            ("generation", "int"),
            ("resourceVersion", "string"),
            ("finalizers", "list(string)"),
        ],
    ),
    ("namespace.spec", &[("finalizers", "list(string)")]),
    ("namespace.status", &[("conditions", "list(namespace.condition)"), ("phase", "string")]),
    (
        "namespace.condition",
        &[
            ("status", "string"),
            ("type", "string"),
            ("lastTransitionTime", "timestamp"),
            ("message", "string"),
            ("reason", "string"),
        ],
    ),
    ("authorizer", &[("requestResource", "resourcecheck")]),
];
