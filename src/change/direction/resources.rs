//! What a policy looks at, kind by kind and operation by operation, and what contains what.

use crate::admission::{Names, Operation, ResourceRule, Scope};

/// The smallest part of what a policy matches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Atom {
    group: String,
    version: String,
    name: Named,
    operation: Operation,
    /// Names of objects; empty: any.
    object_names: Vec<String>,
    pub scope: Scope,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Named {
    Resource(String),
    Kind(String),
}

/// The rules of what matches everything.
pub fn anything() -> Vec<ResourceRule> {
    vec![ResourceRule::any()]
}

/// Rules, taken apart.
pub fn atoms(rules: &[ResourceRule]) -> Vec<Atom> {
    const ALL: [Operation; 4] =
        [Operation::Create, Operation::Update, Operation::Delete, Operation::Connect];
    let mut atoms: Vec<Atom> = vec![];
    for rule in rules {
        let names: Vec<Named> = match &rule.names {
            Names::Resources(names) => names.iter().cloned().map(Named::Resource).collect(),
            Names::Kinds(names) => names.iter().cloned().map(Named::Kind).collect(),
        };
        let operations = if rule.operations.is_empty() { &ALL[..] } else { &rule.operations };
        let scopes = match rule.scope {
            Scope::Any => vec![Scope::Namespaced, Scope::Cluster],
            one => vec![one],
        };
        for group in &rule.groups {
            for version in &rule.versions {
                for name in &names {
                    for operation in operations {
                        atoms.extend(scopes.iter().map(|scope| Atom {
                            group: group.clone(),
                            version: version.clone(),
                            name: name.clone(),
                            operation: *operation,
                            object_names: rule.object_names.clone(),
                            scope: *scope,
                        }));
                    }
                }
            }
        }
    }
    atoms
}

impl Atom {
    /// Everything the other holds, this holds too.
    pub fn contains(&self, other: &Atom) -> bool {
        let or_any = |own: &str, theirs: &str| own == "*" || own == theirs;
        let names = match (&self.name, &other.name) {
            (Named::Resource(own), Named::Resource(theirs)) => {
                let split = |name: &str| {
                    let (resource, sub) = name.split_once('/').unwrap_or((name, ""));
                    (resource.to_owned(), sub.to_owned())
                };
                let ((own, own_sub), (theirs, their_sub)) = (split(own), split(theirs));
                or_any(&own, &theirs) && or_any(&own_sub, &their_sub)
            }
            (Named::Kind(own), Named::Kind(theirs)) => or_any(own, theirs),
            _ => false,
        };
        let named = |name: &String| self.object_names.contains(name);
        names
            && or_any(&self.group, &other.group)
            && or_any(&self.version, &other.version)
            && self.operation == other.operation
            && self.scope == other.scope
            && (self.object_names.is_empty()
                || (!other.object_names.is_empty() && other.object_names.iter().all(named)))
    }

    /// One names kinds and the other resources: which is which is not known here.
    pub fn is_incomparable(&self, other: &Atom) -> bool {
        matches!(
            (&self.name, &other.name),
            (Named::Resource(_), Named::Kind(_)) | (Named::Kind(_), Named::Resource(_))
        )
    }

    pub fn is_a_namespace(&self) -> bool {
        matches!(&self.name, Named::Resource(name) | Named::Kind(name)
            if ["namespaces", "Namespace"].contains(&&**name))
    }

    pub fn may_be_a_namespace(&self) -> bool {
        let name = match &self.name {
            Named::Resource(name) => name.split('/').next().unwrap_or_default(),
            Named::Kind(name) => name,
        };
        ["*", "namespaces", "Namespace"].contains(&name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn atom(name: &str, group: &str) -> Atom {
        let names = Names::Resources(vec![name.to_owned()]);
        let rule = ResourceRule {
            groups: vec![group.to_owned()],
            names,
            operations: vec![Operation::Create],
            scope: Scope::Namespaced,
            ..ResourceRule::any()
        };
        atoms(&[rule]).remove(0)
    }

    #[test]
    fn what_contains_what() {
        for (own, theirs, expected) in [
            (("pods", ""), ("pods", ""), true),
            (("*", ""), ("pods", ""), true),
            (("*", ""), ("pods/exec", ""), false),
            (("*/*", "*"), ("pods/exec", ""), true),
            (("pods/*", ""), ("pods/exec", ""), true),
            (("*/scale", "*"), ("deployments/scale", "apps"), true),
            (("pods", ""), ("*", ""), false),
            (("pods", "apps"), ("pods", ""), false),
        ] {
            let [own_atom, their_atom] = [own, theirs].map(|(name, group)| atom(name, group));
            assert_eq!(own_atom.contains(&their_atom), expected, "{own:?} and {theirs:?}");
        }
    }
}
