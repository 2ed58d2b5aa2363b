//! Kyverno: ValidatingPolicy from 1.16, ClusterPolicy with `validate.cel` before.
//!
//! One policy per part, since a policy has one action and one namespace selector.

mod autogen;
mod cluster_policy;
mod rules;
mod validating_policy;

use super::{Blame, Emitted, Engine, Stage, Target, Understood, Unsupported};
use crate::document::Action;
use crate::object::{self, Object};
use crate::plan::{Facts, Rule};
use crate::version::Version;
use std::collections::BTreeSet;

const SMALLEST: Version = Version::new(1, 11);

/// From here on there is ValidatingPolicy in one version of its API, and then in the next.
const VALIDATING: Version = Version::new(1, 16);
const STABLE: Version = Version::new(1, 17);

const BETA: &str = "policies.kyverno.io/v1beta1";

/// Kyverno announces that it knows ClusterPolicy no longer.
const WITHOUT_CLUSTER_POLICY: Version = Version::new(1, 20);

pub struct Kyverno;

impl Engine for Kyverno {
    fn id(&self) -> &'static str {
        "kyverno"
    }

    fn title(&self) -> &'static str {
        "Kyverno"
    }

    fn namespace(&self) -> Option<&'static str> {
        Some("kyverno")
    }

    fn proved(&self) -> Vec<Facts> {
        let version = |minor| Some(Version::new(1, minor));
        (11..=19)
            .map(|minor| super::facts(self.id(), Version::new(1, 33), version(minor)))
            .collect()
    }

    fn groups(&self) -> &'static [&'static str] {
        &["kyverno.io", "policies.kyverno.io"]
    }

    fn version(&self, facts: &Facts) -> Option<Version> {
        facts.engine_version()
    }

    fn target(&self, facts: &Facts, effects: BTreeSet<String>) -> Result<Target, Unsupported> {
        let unsupported = |why: String| Unsupported {
            why,
            help: format!("the smallest that would do is Kyverno {SMALLEST}"),
            blames: Blame::Engine,
        };
        let Some(version) = facts.engine_version() else {
            return Err(unsupported("its engine's version is not stated".into()));
        };
        if version < SMALLEST {
            return Err(unsupported(format!("Kyverno {version} does not evaluate CEL")));
        }
        let (api_version, shape) = if version < VALIDATING {
            ("kyverno.io/v1", "ClusterPolicy")
        } else if version < STABLE {
            (BETA, "ValidatingPolicy")
        } else {
            ("policies.kyverno.io/v1", "ValidatingPolicy")
        };
        let resize = facts.kubernetes() >= Version::new(1, 33) && !effects.contains("no-resize");
        let refuses = effects.contains("no-unserved-kinds");
        let kubernetes = refuses.then_some(facts.kubernetes).into_iter().collect();
        Ok(Target { engine: self.id(), api_version, shape, effects, resize, kubernetes })
    }

    fn takes(&self, target: &Target, facts: &Facts) -> bool {
        facts.engine_version().is_some_and(|version| match target.api_version {
            BETA => version >= VALIDATING,
            _ if target.shape == "ClusterPolicy" => version < WITHOUT_CLUSTER_POLICY,
            _ => version >= STABLE,
        })
    }

    fn action(&self, action: Action, target: &Target) -> Action {
        match action {
            Action::Warn if target.has("warn-unavailable") => Action::Audit,
            other => other,
        }
    }

    fn compile(&self, rule: &Rule, target: &Target) -> Vec<Emitted> {
        let object = |part: &crate::plan::Part| {
            let action = self.action(part.action, target);
            match target.shape {
                "ClusterPolicy" => cluster_policy::emit(rule, part, action, target),
                _ => Some(validating_policy::emit(rule, part, action, target)),
            }
        };
        let objects = rule.parts.iter().filter_map(object);
        objects.map(|object| Emitted { stage: Stage::Policies, object }).collect()
    }

    fn understand(&self, objects: &[Object]) -> Understood {
        let mut understood = Understood::default();
        for (index, object) in objects.iter().enumerate() {
            let (group, _) = object::group_version(object);
            let cannot = match (group, object::kind(object)) {
                ("kyverno.io", "ClusterPolicy" | "Policy") => {
                    rules::understand(index, object, &mut understood);
                    continue;
                }
                ("policies.kyverno.io", "ValidatingPolicy" | "NamespacedValidatingPolicy") => {
                    understood.add(index, object, validating_policy::read(object));
                    continue;
                }
                ("kyverno.io" | "policies.kyverno.io", "PolicyException") => {
                    "exceptions are not evaluated yet, so what it frees is judged all the same"
                }
                ("kyverno.io" | "policies.kyverno.io", kind) => match kind {
                    _ if kind.ends_with("ImageValidatingPolicy") => "it verifies images",
                    _ if kind.ends_with("Policy") => "it changes objects and refuses none",
                    _ => "it judges nothing by itself",
                },
                _ => continue,
            };
            understood.cannot(index, object, cannot);
        }
        understood
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::Catalogue;

    fn underway(version: (u32, u32), next: (u32, u32)) -> Result<Target, Unsupported> {
        let of = |(major, minor)| Version::new(major, minor);
        let facts = Facts {
            next_engine_version: Some((next.0, next.1, 0)),
            next_kubernetes: Some((1, 33)),
            ..super::super::facts("kyverno", Version::new(1, 32), Some(of(version)))
        };
        super::super::target(&Kyverno, &facts, &Catalogue::default())
    }

    #[test]
    fn an_upgrade_is_given_the_oldest_shape_that_both_take() {
        for (version, next, api_version) in [
            ((1, 11), (1, 13), "kyverno.io/v1"),
            ((1, 13), (1, 17), "kyverno.io/v1"),
            ((1, 15), (1, 19), "kyverno.io/v1"),
            ((1, 16), (1, 20), BETA),
            ((1, 17), (1, 20), "policies.kyverno.io/v1"),
        ] {
            let target = underway(version, next).unwrap();
            assert_eq!(target.api_version, api_version, "{version:?} to {next:?}");
            assert!(target.resize, "Kubernetes 1.33 has it");
        }
    }

    #[test]
    fn where_no_shape_is_taken_by_both_there_is_a_way_between() {
        let said = underway((1, 15), (1, 20)).unwrap_err();
        assert_eq!(said.blames, Blame::Upgrade);
        assert!(said.help.contains("by way of Kyverno 1.19"), "{}", said.help);
        let said = underway((1, 10), (1, 17)).unwrap_err();
        assert!(said.help.contains("finish the upgrade to Kyverno 1.17 first"), "{}", said.help);
    }
}
