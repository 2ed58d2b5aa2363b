//! What a cluster has been asked for, scope by scope, and since when: graces are counted from it.
//!
//! A line is known by rule, parameters and scope, not by the intent that asks, so that renaming
//! an intent or moving a requirement starts no grace anew. What was in force once stays noted when
//! nobody asks for it any more.

use crate::date::Date;
use crate::selector::Selector;
use serde_json::{Map, Value, json};
use std::fmt;

/// What a line of a lock begins with.
pub const WORD: &str = "held";

#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Held {
    /// The rendered name of the rule.
    pub rule: String,
    pub control: String,
    /// `audit`, `warn` or `deny`: what counts once no grace is left.
    pub action: String,
    pub since: Since,
    pub scope: HeldScope,
    /// As compact JSON.
    pub parameters: String,
    /// Why its grace was begun anew.
    pub regrace: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Since {
    /// No grace is left.
    Enforced,
    /// A grace runs from this day, or from the day the line landed where that is later.
    First(Date),
    /// A grace runs from this day.
    Landed(Date),
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum HeldScope {
    Cluster,
    /// `system`: whether the selector speaks of system namespaces too; if not, they are left out,
    /// whichever they are.
    Namespaces {
        selector: Selector,
        system: bool,
    },
}

impl fmt::Display for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let since = match self.since {
            Since::Enforced => "enforced".to_owned(),
            Since::First(day) => format!("first {day}"),
            Since::Landed(day) => format!("landed {day}"),
        };
        let mut terms = Map::new();
        let parameters = serde_json::from_str(&self.parameters).unwrap_or(Value::Null);
        terms.insert("parameters".into(), parameters);
        if let Some(why) = &self.regrace {
            terms.insert("regrace".into(), json!(why));
        }
        if let HeldScope::Namespaces { selector, system } = &self.scope {
            terms.insert("namespaces".into(), selector.to_label_selector());
            if *system {
                terms.insert("system".into(), json!(true));
            }
        }
        let Held { rule, control, action, .. } = self;
        write!(f, "{WORD} {rule} control {control} {action} {since} {}", Value::Object(terms))
    }
}

impl Held {
    /// Reads what follows `held`; `None` where that is no such line.
    pub fn read(rest: &str) -> Option<Held> {
        let mut words = rest.splitn(5, ' ');
        let (rule, "control", control) = (words.next()?, words.next()?, words.next()?) else {
            return None;
        };
        let action = words.next().filter(|word| ["audit", "warn", "deny"].contains(word))?;
        let rest = words.next()?;
        let (since, terms) = match rest.split_once(' ')? {
            ("enforced", terms) => (Since::Enforced, terms),
            (word @ ("first" | "landed"), rest) => {
                let (day, terms) = rest.split_once(' ')?;
                let day = day.parse().ok()?;
                (if word == "first" { Since::First(day) } else { Since::Landed(day) }, terms)
            }
            _ => return None,
        };
        let terms: Map<String, Value> = serde_json::from_str(terms).ok()?;
        let known = ["parameters", "regrace", "namespaces", "system"];
        if terms.keys().any(|key| !known.contains(&key.as_str())) {
            return None;
        }
        let scope = match terms.get("namespaces") {
            None => HeldScope::Cluster,
            Some(written) => HeldScope::Namespaces {
                selector: Selector::from_label_selector(written).ok()?,
                system: terms.get("system") == Some(&Value::Bool(true)),
            },
        };
        let regrace = match terms.get("regrace") {
            None => None,
            Some(why) => Some(why.as_str()?.to_owned()),
        };
        Some(Held {
            rule: rule.to_owned(),
            control: control.to_owned(),
            action: action.to_owned(),
            since,
            scope,
            parameters: terms.get("parameters").filter(|one| one.is_object())?.to_string(),
            regrace,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        for line in [
            r#"limits control container-resource-limits deny first 2026-11-22 {"namespaces":{"matchLabels":{"a":"b"}},"parameters":{"resources":["cpu and more"]}}"#,
            r#"limits control container-resource-limits warn landed 2026-11-23 {"namespaces":{},"parameters":{},"regrace":"a new team","system":true}"#,
            r#"rbac control restrict-cluster-admin-bindings deny enforced {"parameters":{}}"#,
        ] {
            let held = Held::read(line).expect(line);
            assert_eq!(held.to_string(), format!("held {line}"));
        }
    }

    #[test]
    fn what_is_damaged_is_not_read() {
        for line in [
            "limits",
            "limits control a deny enforced",
            "limits control a block enforced {}",
            r#"limits control a deny enforced {"parameters":[]}"#,
            r#"limits control a deny first 2026-02-30 {"parameters":{}}"#,
            r#"limits control a deny enforced {"parameters":{},"more":1}"#,
        ] {
            assert_eq!(Held::read(line), None, "{line}");
        }
    }
}
