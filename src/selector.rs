//! The one selector type: which clusters, which namespaces, which labels.
//!
//! A selector is a conjunction over labels. Label selectors are closed under negation, so a
//! difference of two of them is a list of *disjoint* selectors that every engine can match by
//! itself; nothing has to be said in CEL. Names are a label too: Kubernetes puts
//! `kubernetes.io/metadata.name` on every namespace, and clusters are given the same.

use crate::name::label;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The label that holds an object's own name.
pub const NAME: &str = "kubernetes.io/metadata.name";

/// A selector as people write it. All fields must hold; empty means everything.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(rename = "Selector")]
pub struct Written {
    /// Labels that must be there with exactly these values.
    #[serde(default)]
    #[schemars(schema_with = "label::map_schema")]
    pub match_labels: BTreeMap<String, String>,
    /// Conditions on labels, as in Kubernetes.
    #[serde(default)]
    pub match_expressions: Vec<Expression>,
    /// Only these names.
    #[serde(default)]
    #[schemars(schema_with = "label::namespaces_schema")]
    pub names: Vec<String>,
    /// All but these names.
    #[serde(default)]
    #[schemars(schema_with = "label::namespaces_schema")]
    pub except: Vec<String>,
}

/// One condition on a label, as in Kubernetes.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "SelectorExpression")]
pub struct Expression {
    #[schemars(extend("format" = label::KEY, "pattern" = label::KEY_PATTERN))]
    pub key: String,
    pub operator: Operator,
    /// For `In` and `NotIn`, at least one.
    #[serde(default)]
    #[schemars(schema_with = "label::values_schema")]
    pub values: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[schemars(rename = "SelectorOperator")]
pub enum Operator {
    In,
    NotIn,
    Exists,
    DoesNotExist,
}

/// What one label may be: absent or not, and which values.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Domain {
    absent: bool,
    values: Values,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Values {
    Only(BTreeSet<String>),
    AllBut(BTreeSet<String>),
}
use Values::{AllBut, Only};

impl Domain {
    fn new(operator: Operator, values: BTreeSet<String>) -> Domain {
        match operator {
            Operator::In => Domain { absent: false, values: Only(values) },
            Operator::NotIn => Domain { absent: true, values: AllBut(values) },
            Operator::Exists => Domain { absent: false, values: AllBut(BTreeSet::new()) },
            Operator::DoesNotExist => Domain { absent: true, values: Only(BTreeSet::new()) },
        }
    }

    fn and(&self, other: &Domain) -> Domain {
        let values = match (&self.values, &other.values) {
            (Only(a), Only(b)) => Only(a & b),
            (Only(a), AllBut(b)) | (AllBut(b), Only(a)) => Only(a - b),
            (AllBut(a), AllBut(b)) => AllBut(a | b),
        };
        Domain { absent: self.absent && other.absent, values }
    }

    /// Disjoint domains that together hold what this one does not.
    fn complement(&self) -> Vec<Domain> {
        let absent = || Domain { absent: true, values: Only(BTreeSet::new()) };
        let mut parts = vec![];
        match &self.values {
            Only(set) if self.absent && set.is_empty() => {
                parts.push(Domain { absent: false, values: AllBut(BTreeSet::new()) });
            }
            // "Absent or one of these" has no single label requirement, its complement has.
            Only(set) if self.absent => {
                parts.push(Domain { absent: false, values: AllBut(set.clone()) });
            }
            Only(set) => parts.push(Domain { absent: true, values: AllBut(set.clone()) }),
            AllBut(set) => {
                if !set.is_empty() {
                    parts.push(Domain { absent: false, values: Only(set.clone()) });
                }
                if !self.absent {
                    parts.push(absent());
                }
            }
        }
        parts
    }

    fn is_empty(&self) -> bool {
        !self.absent && matches!(&self.values, Only(set) if set.is_empty())
    }

    fn is_everything(&self) -> bool {
        self.absent && matches!(&self.values, AllBut(set) if set.is_empty())
    }

    fn holds(&self, value: Option<&String>) -> bool {
        match (value, &self.values) {
            (None, _) => self.absent,
            (Some(value), Only(set)) => set.contains(value),
            (Some(value), AllBut(set)) => !set.contains(value),
        }
    }

    fn contains(&self, other: &Domain) -> bool {
        let values = match (&self.values, &other.values) {
            (Only(a), Only(b)) => b.is_subset(a),
            (Only(_), AllBut(_)) => false,
            (AllBut(a), Only(b)) => a.is_disjoint(b),
            (AllBut(a), AllBut(b)) => a.is_subset(b),
        };
        values && (self.absent || !other.absent)
    }
}

/// A conjunction of label conditions, in a form where equal meaning is equal value.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Selector {
    domains: BTreeMap<String, Domain>,
}

impl Selector {
    /// Everything.
    pub fn all() -> Selector {
        Selector::default()
    }

    /// One condition.
    pub fn one(
        key: impl Into<String>,
        operator: Operator,
        values: impl IntoIterator<Item = String>,
    ) -> Selector {
        let domain = Domain::new(operator, values.into_iter().collect());
        Selector { domains: BTreeMap::from([(key.into(), domain)]) }.tidy()
    }

    fn tidy(mut self) -> Selector {
        self.domains.retain(|_, domain| !domain.is_everything());
        self
    }

    pub fn is_all(&self) -> bool {
        self.domains.is_empty()
    }

    /// No set of labels can match.
    pub fn is_empty(&self) -> bool {
        self.domains.values().any(Domain::is_empty)
    }

    #[must_use]
    pub fn and(&self, other: &Selector) -> Selector {
        let mut domains = self.domains.clone();
        for (key, domain) in &other.domains {
            let joined = domains.get(key).map_or_else(|| domain.clone(), |own| own.and(domain));
            domains.insert(key.clone(), joined);
        }
        Selector { domains }.tidy()
    }

    /// What matches this selector and not `other`, as disjoint selectors.
    pub fn minus(&self, other: &Selector) -> Vec<Selector> {
        let mut parts = vec![];
        if other.contains(self) {
            return parts;
        }
        let mut rest = self.clone();
        for (key, domain) in &other.domains {
            for outside in domain.complement() {
                let part =
                    rest.and(&Selector { domains: BTreeMap::from([(key.clone(), outside)]) });
                if !part.is_empty() {
                    parts.push(part);
                }
            }
            rest = rest.and(&Selector { domains: BTreeMap::from([(key.clone(), domain.clone())]) });
        }
        parts
    }

    /// The selector without these among the names it leaves out.
    #[must_use]
    pub fn forgetting_names(&self, names: &[String]) -> Selector {
        let mut domains = self.domains.clone();
        if let Some(Domain { values: AllBut(left_out), .. }) = domains.get_mut(NAME) {
            left_out.retain(|name| !names.contains(name));
        }
        Selector { domains }.tidy()
    }

    /// Everything `other` matches, this matches too.
    pub fn contains(&self, other: &Selector) -> bool {
        other.is_empty()
            || self.domains.iter().all(|(key, domain)| match other.domains.get(key) {
                Some(theirs) => domain.contains(theirs),
                None => domain.is_everything(),
            })
    }

    /// Some set of labels could match both.
    pub fn overlaps(&self, other: &Selector) -> bool {
        !self.and(other).is_empty()
    }

    pub fn matches(&self, labels: &BTreeMap<String, String>) -> bool {
        self.domains.iter().all(|(key, domain)| domain.holds(labels.get(key)))
    }

    /// The keys of the labels it reads.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.domains.keys().map(String::as_str)
    }

    /// The conditions in Kubernetes' terms, sorted by key.
    pub fn requirements(&self) -> Vec<(&str, Operator, Vec<&str>)> {
        let mut out = vec![];
        for (key, domain) in &self.domains {
            match &domain.values {
                Only(set) if domain.absent && set.is_empty() => {
                    out.push((key.as_str(), Operator::DoesNotExist, vec![]));
                }
                Only(set) => {
                    out.push((
                        key.as_str(),
                        Operator::In,
                        set.iter().map(String::as_str).collect(),
                    ));
                }
                AllBut(set) => {
                    if !domain.absent {
                        out.push((key.as_str(), Operator::Exists, vec![]));
                    }
                    if !set.is_empty() {
                        let values = set.iter().map(String::as_str).collect();
                        out.push((key.as_str(), Operator::NotIn, values));
                    }
                }
            }
        }
        out
    }

    /// Kubernetes' `LabelSelector`.
    pub fn to_label_selector(&self) -> Value {
        let mut labels = Map::new();
        let mut expressions = vec![];
        for (key, operator, values) in self.requirements() {
            match (operator, &values[..]) {
                (Operator::In, [value]) => {
                    labels.insert(key.to_owned(), json!(value));
                }
                (Operator::Exists | Operator::DoesNotExist, _) => {
                    expressions.push(json!({"key": key, "operator": format!("{operator:?}")}));
                }
                _ => expressions.push(
                    json!({"key": key, "operator": format!("{operator:?}"), "values": values}),
                ),
            }
        }
        let mut selector = Map::new();
        if !labels.is_empty() {
            selector.insert("matchLabels".into(), Value::Object(labels));
        }
        if !expressions.is_empty() {
            selector.insert("matchExpressions".into(), Value::Array(expressions));
        }
        Value::Object(selector)
    }

    /// Reads Kubernetes' `LabelSelector`.
    pub fn from_label_selector(selector: &Value) -> Result<Selector, String> {
        let written: Written = serde_json::from_value(selector.clone())
            .map_err(|error| format!("the label selector {selector} cannot be read: {error}"))?;
        Ok(Selector::from(&written))
    }
}

impl From<&Written> for Selector {
    fn from(written: &Written) -> Selector {
        let mut selector = Selector::all();
        let mut add = |key: &str, operator, values: Vec<String>| {
            selector = selector.and(&Selector::one(key, operator, values));
        };
        for (key, value) in &written.match_labels {
            add(key, Operator::In, vec![value.clone()]);
        }
        for expression in &written.match_expressions {
            add(&expression.key, expression.operator, expression.values.clone());
        }
        if !written.names.is_empty() {
            add(NAME, Operator::In, written.names.clone());
        }
        if !written.except.is_empty() {
            add(NAME, Operator::NotIn, written.except.clone());
        }
        selector
    }
}

/// One condition: `environment is development or staging`.
pub fn in_words(key: &str, operator: Operator, values: &[&str]) -> String {
    let values = values.join(" or ");
    match operator {
        Operator::In => format!("{key} is {values}"),
        Operator::NotIn => format!("{key} is not {values}"),
        Operator::Exists => format!("{key} is set"),
        Operator::DoesNotExist => format!("{key} is not set"),
    }
}

impl std::fmt::Display for Selector {
    /// In words: `environment is development, tier is not db`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.is_all() {
            return f.write_str("everything");
        }
        let words = self.requirements().into_iter().map(|(key, operator, values)| {
            in_words(if key == NAME { "name" } else { key }, operator, &values)
        });
        f.write_str(&words.collect::<Vec<_>>().join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn selector() -> impl Strategy<Value = Selector> {
        let operator = prop_oneof![
            Just(Operator::In),
            Just(Operator::NotIn),
            Just(Operator::Exists),
            Just(Operator::DoesNotExist)
        ];
        let one = ("[abc]", operator, prop::collection::btree_set("[xyz]", 1..3))
            .prop_map(|(key, operator, values)| Selector::one(key, operator, values));
        prop::collection::vec(one, 0..4)
            .prop_map(|list| list.iter().fold(Selector::all(), |all, one| all.and(one)))
    }

    fn labels() -> impl Strategy<Value = BTreeMap<String, String>> {
        prop::collection::btree_map("[abc]", "[vxyz]", 0..4)
    }

    proptest! {
        #[test]
        fn a_difference_is_disjoint_and_complete(a in selector(), b in selector(), l in labels()) {
            let parts = a.minus(&b);
            let hits = parts.iter().filter(|part| part.matches(&l)).count();
            prop_assert_eq!(hits, usize::from(a.matches(&l) && !b.matches(&l)));
        }

        #[test]
        fn what_contains_matches_all_that_the_other_matches(a in selector(), b in selector(), l in labels()) {
            if a.contains(&b) && b.matches(&l) {
                prop_assert!(a.matches(&l));
            }
            if !a.overlaps(&b) {
                prop_assert!(!(a.matches(&l) && b.matches(&l)));
            }
        }

        #[test]
        fn what_kubernetes_is_given_means_the_same(a in selector(), b in selector(), l in labels()) {
            for part in a.minus(&b) {
                let read = Selector::from_label_selector(&part.to_label_selector()).unwrap();
                prop_assert_eq!(read.matches(&l), part.matches(&l));
            }
        }
    }
}
