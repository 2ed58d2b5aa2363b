//! An object that was found: all of it, or its outside and the rest as text.

use super::skim::Skimmed;
use crate::object::{self, Object};
use serde_json::Value;
use std::borrow::Cow;

/// An object that was found.
#[derive(Clone, Debug)]
pub enum Seen<'a> {
    Read(Cow<'a, Object>),
    Skimmed(Skimmed<'a>),
}

impl Seen<'_> {
    pub fn kind(&self) -> &str {
        match self {
            Seen::Read(object) => object::kind(object),
            Seen::Skimmed(one) => one.kind.as_deref().unwrap_or_default(),
        }
    }

    pub fn api_version(&self) -> &str {
        match self {
            Seen::Read(object) => object::text(object, &["apiVersion"]),
            Seen::Skimmed(one) => one.api_version.as_deref().unwrap_or_default(),
        }
    }

    /// A text of its `metadata`; empty where there is none.
    pub fn text(&self, key: &str) -> String {
        match self {
            Seen::Read(object) => object::text(object, &["metadata", key]).to_owned(),
            Seen::Skimmed(one) => {
                let text = one.metadata.get(key).and_then(|text| serde_json::from_str(text).ok());
                text.unwrap_or_default()
            }
        }
    }

    /// Hands over every part as JSON, with what it is a part of and its name: those of its `metadata`,
    /// and then its own, which are parts of nothing.
    pub fn each(&self, mut take: impl FnMut(&str, &str, &str)) {
        match self {
            Seen::Read(object) => {
                for (key, value) in parts(object.get("metadata")) {
                    take("metadata", key, &value.to_string());
                }
                let taken = |key: &str| key == "metadata" && object["metadata"].is_object();
                for (key, value) in parts(Some(object)).filter(|(key, _)| !taken(key)) {
                    take("", key, &value.to_string());
                }
            }
            Seen::Skimmed(one) => {
                one.metadata.0.iter().for_each(|(key, text)| take("metadata", key, text.get()));
                for (key, text) in [("apiVersion", &one.api_version), ("kind", &one.kind)] {
                    take("", key, &Value::from(text.clone()).to_string());
                }
                one.others.0.iter().for_each(|(key, text)| take("", key, text.get()));
            }
        }
    }

    /// All of it; `None` where it cannot be read.
    pub fn read(&self) -> Option<Cow<'_, Object>> {
        match self {
            Seen::Read(object) => Some(Cow::Borrowed(object)),
            Seen::Skimmed(one) => one.read().map(Cow::Owned),
        }
    }

    /// At least what selects it: its kind, name, namespace and labels; `None` where it cannot be read.
    pub fn outside(&self) -> Option<Cow<'_, Object>> {
        match self {
            Seen::Read(object) => Some(Cow::Borrowed(object)),
            Seen::Skimmed(one) => one.head(&["name", "namespace", "labels"]).map(Cow::Owned),
        }
    }

    /// At least its name, who owns it, and the first of these labels that it or the pods it makes
    /// have; `None` where it cannot be read.
    pub fn outline(&self, labels: &[&str]) -> Option<Cow<'_, Object>> {
        match self {
            Seen::Read(object) => Some(Cow::Borrowed(object)),
            Seen::Skimmed(one) => one.outline(labels).map(Cow::Owned),
        }
    }
}

fn parts(value: Option<&Value>) -> impl Iterator<Item = (&String, &Value)> {
    value.and_then(Value::as_object).into_iter().flatten()
}
