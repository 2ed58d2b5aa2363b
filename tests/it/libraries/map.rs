//! `tests/libraries/*.yaml`: which of our controls, with which parameters, says what a policy of
//! theirs says, or why none does.
//!
//! What is asked for is written as in an intent and an exemption, so that the map is read the way
//! people's own documents are.

use super::theirs::{Case, Policy};
use crate::support::files::root;
use ordinance::{text::Sources, yaml};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// One policy of theirs, or several that are left out for one reason.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The kind of a template, or the folder of a policy.
    pub policy: Option<String>,
    /// Several of them.
    #[serde(default)]
    pub policies: Vec<String>,
    /// Every policy whose rules are of these types and no other.
    #[serde(default, rename = "ruleTypes")]
    pub rule_types: Vec<String>,
    /// Only in these trees of theirs, where one name means several policies.
    #[serde(default, rename = "in")]
    pub trees: Vec<String>,
    /// How their parameters become ours, in words.
    #[serde(rename = "parameters")]
    pub _parameters: Option<String>,
    #[serde(default)]
    pub requires: Vec<Value>,
    #[serde(default)]
    pub exemptions: Vec<Value>,
    /// What is asked for by part: by test, where their tests have parameters of their own, and by
    /// rule, where they say what one rule of several says.
    #[serde(default)]
    pub parts: BTreeMap<String, Asked>,
    /// Cases on which the two say different things, and who means what.
    #[serde(default)]
    pub differs: Vec<Differs>,
    /// Why there is nothing.
    #[serde(rename = "leftOut")]
    pub left_out: Option<String>,
}

/// What is asked for, as an intent and its exemptions say it.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    #[serde(default)]
    pub requires: Vec<Value>,
    #[serde(default)]
    pub exemptions: Vec<Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Differs {
    /// Names of cases; `*` stands for anything.
    pub cases: Vec<String>,
    pub why: String,
}

impl Entry {
    /// What people call it.
    pub fn title(&self) -> String {
        match &self.policy {
            Some(policy) if self.trees.is_empty() => policy.clone(),
            Some(policy) => format!("{policy} ({})", self.trees.join(", ")),
            None if self.policies.is_empty() => format!("all that {}", self.rule_types.join(", ")),
            None => self.policies.join(", "),
        }
    }

    /// Whether it is about a policy by name.
    pub fn names(&self, policy: &Policy) -> bool {
        self.policy.iter().chain(&self.policies).any(|name| *name == policy.name)
            && (self.trees.is_empty() || self.trees.contains(&policy.tree))
    }

    /// Whether it is about every policy of such rules.
    pub fn holds_type_of(&self, policy: &Policy) -> bool {
        policy.types.iter().all(|one| self.rule_types.contains(one))
    }

    /// The reason for which a case differs.
    pub fn reason(&self, case: &str) -> Option<usize> {
        let means = |differs: &Differs| differs.cases.iter().any(|pattern| matches(pattern, case));
        self.differs.iter().position(means)
    }

    /// What is asked for in a case of theirs; `None` where its part has no counterpart.
    pub fn asked(&self, case: &Case) -> Option<Asked> {
        if let Some(asked) = self.parts.get(&case.part) {
            return Some(asked.clone());
        }
        if !case.part.is_empty() && !self.parts.is_empty() {
            panic!("{}: {} is not among its parts", self.title(), case.part);
        }
        let own = Asked { requires: self.requires.clone(), exemptions: self.exemptions.clone() };
        (!case.alone).then_some(own)
    }
}

/// The map of a library.
pub fn read(library: &str) -> Vec<Entry> {
    let path = root().join(format!("tests/libraries/{library}.yaml"));
    let text = std::fs::read_to_string(&path).expect("the map");
    let mut sources = Sources::default();
    let source = sources.add(format!("{library}.yaml"), text);
    let nodes = yaml::read(&sources, source)
        .unwrap_or_else(|problems| panic!("{library}.yaml: {problems:?}"));
    let Value::Array(entries) = nodes[0].to_json() else { panic!("{library}.yaml is no list") };
    let entry = |(index, value): (usize, Value)| -> Entry {
        let told = value.to_string();
        serde_json::from_value(value).unwrap_or_else(|why| panic!("entry {index}: {why}: {told}"))
    };
    let entries: Vec<Entry> = entries.into_iter().enumerate().map(entry).collect();
    for entry in &entries {
        let asks = !entry.requires.is_empty() || !entry.parts.is_empty();
        assert_ne!(asks, entry.left_out.is_some(), "{}: mapped, or left out", entry.title());
        if let Some(why) = &entry.left_out {
            assert!(why.ends_with('.'), "{}: a reason is a sentence", entry.title());
        }
        for differs in &entry.differs {
            assert!(differs.why.ends_with('.'), "{}: a reason is a sentence", entry.title());
        }
    }
    entries
}

/// Whether a name is meant by a pattern.
fn matches(pattern: &str, name: &str) -> bool {
    let parts: Vec<String> = pattern.split('*').map(regex::escape).collect();
    let pattern = regex::Regex::new(&format!("^{}$", parts.join(".*"))).expect("a pattern");
    pattern.is_match(name)
}
