//! `tests/libraries/*.yaml`: which of our controls, with which parameters, says what a policy of
//! theirs says, or why none does.
//!
//! What is asked for is written as in an intent and an exemption, so that the map is read the way
//! people's own documents are.

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
    /// What is asked for where their tests have parameters of their own, by test.
    #[serde(default)]
    pub tests: BTreeMap<String, Asked>,
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
    /// Who asks for it.
    #[serde(skip)]
    pub title: String,
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
            None => self.policies.join(", "),
        }
    }

    /// What is asked for in a test of theirs.
    pub fn asked(&self, test: &str) -> Asked {
        if !self.tests.is_empty() {
            let asked = self.tests.get(test).cloned();
            let asked = asked.unwrap_or_else(|| panic!("{}: {test} is not mapped", self.title()));
            return Asked { title: format!("{}, {test},", self.title()), ..asked };
        }
        Asked {
            title: self.title(),
            requires: self.requires.clone(),
            exemptions: self.exemptions.clone(),
        }
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
        let asks = !entry.requires.is_empty() || !entry.tests.is_empty();
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
pub fn matches(pattern: &str, name: &str) -> bool {
    let parts: Vec<String> = pattern.split('*').map(regex::escape).collect();
    let pattern = regex::Regex::new(&format!("^{}$", parts.join(".*"))).expect("a pattern");
    pattern.is_match(name)
}
