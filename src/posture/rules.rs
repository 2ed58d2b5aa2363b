//! What a rule comes to on a cluster: where it denies, warns or audits, whom it leaves out, and as
//! which objects, read from what was emitted.

use super::standing::{By, Place, Scoped, Standing, Word};
use super::{Placed, Unit};
use crate::date::Date;
use crate::document::{Action, FrameworkControl, Recommendation};
use crate::engine;
use crate::link::Lifting;
use crate::manifest;
use crate::object;
use crate::plan::{AskedBy, Exempt, Part, Rule, Scope};
use crate::selector::{NAME, Operator, Selector};
use crate::text::Sources;
use crate::yaml;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The objects of files, each read once however many clusters have it.
#[derive(Default)]
pub struct Objects {
    known: BTreeMap<usize, Vec<String>>,
}

impl Objects {
    /// `Kind/name` of each object in a file, in its order.
    fn of(&mut self, bytes: &Arc<[u8]>) -> Vec<String> {
        // Clusters alike share the bytes themselves.
        let address = Arc::as_ptr(bytes).cast::<u8>().addr();
        let read = || {
            let mut sources = Sources::default();
            let source = sources.add("", String::from_utf8_lossy(bytes));
            let nodes = yaml::read(&sources, source).unwrap_or_default();
            let all = nodes.iter().map(yaml::Node::to_json);
            all.map(|one| format!("{}/{}", object::kind(&one), object::name(&one))).collect()
        };
        self.known.entry(address).or_insert_with(read).clone()
    }
}

/// A rule that is there for one of a recommendation's controls.
pub struct Outcome<'a> {
    pub place: &'a Place<'a>,
    pub cluster: &'a Placed<'a>,
    pub unit: Unit<'a>,
    pub rule: &'a Rule,
    pub one: &'a Recommendation,
    pub entry: &'a FrameworkControl,
}

impl Outcome<'_> {
    /// `None` where it comes to nothing at all.
    pub fn standing(&self, objects: &mut Objects) -> Option<Standing> {
        let rule = self.rule;
        let told = |part: &&Part| !matches!(part.asked_by, AskedBy::Members(_));
        let parts: Vec<Scoped> =
            rule.parts.iter().filter(told).filter_map(|part| self.part(part)).collect();
        let held: Vec<&Scoped> = parts.iter().filter(|part| !part.freed).collect();
        if held.is_empty() && rule.exemptions.is_empty() {
            return None;
        }
        let mildest = held.iter().map(|part| part.action).min();
        let word = match mildest {
            Some(Action::Deny) => Word::Enforced,
            Some(Action::Warn) => Word::Warns,
            Some(Action::Audit) => Word::Audits,
            None => Word::Exempt,
        };
        let (until, owner) = match mildest {
            Some(Action::Deny) => (None, None),
            Some(action) => {
                let so = held.iter().filter(|part| part.action == action);
                // One of them for good is for good.
                let days: Option<Vec<Date>> = so.map(|part| part.until).collect();
                (days.and_then(|days| days.into_iter().min()), None)
            }
            None => {
                // Only those that free whole namespaces free all of it.
                let whole = rule.parts.iter().flat_map(|part| &part.exemptions).filter(frees_all);
                let whole: BTreeSet<&str> = whole.map(|one| one.name.as_str()).collect();
                let first = rule.exemptions.iter().filter(|one| whole.contains(one.name.as_str()));
                let first = first.min_by_key(|one| (one.expires, &one.name));
                (first.map(|one| one.expires), first.map(|one| one.owner.clone()))
            }
        };
        let mut by = vec![];
        if !rule.parts.is_empty() {
            by.push(self.by(rule, parts.clone(), false, objects));
        }
        let before = format!("{}-before-", rule.name);
        let others = self.unit.plan.holding().filter(|other| other.name.starts_with(&before));
        by.extend(others.map(|other| {
            let parts = other.parts.iter().filter(told).filter_map(|part| self.part(part));
            self.by(other, parts.collect(), true, objects)
        }));
        let mut decided: Vec<String> =
            self.place.naming(rule, self.one).map(|origin| origin.label.clone()).collect();
        if decided.is_empty() {
            decided = rule.origins.iter().map(|origin| origin.label.clone()).collect();
        }
        let mut exemptions: Vec<String> =
            rule.exemptions.iter().map(|one| one.name.clone()).collect();
        exemptions.sort();
        exemptions.dedup();
        let owner = owner.map(|owner| super::on_one_line(&owner));
        Some(Standing {
            word,
            until,
            owner,
            by,
            exemptions,
            gaps: self.gaps(&parts),
            why: None,
            source: None,
            decided,
        })
    }

    fn by(&self, rule: &Rule, parts: Vec<Scoped>, before: bool, objects: &mut Objects) -> By {
        let folder = if rule.control.is_manifest() { "manifests" } else { "policies" };
        let file = format!("{folder}/{}.yaml", rule.name);
        let objects = self.unit.folder.files.get(&file).map(|bytes| objects.of(bytes));
        By { rule: rule.name.clone(), objects: objects.unwrap_or_default(), file, parts, before }
    }

    /// What a part does; `None` where it is about an object that is not applied, or to nobody.
    fn part(&self, part: &Part) -> Option<Scoped> {
        let rule = self.rule;
        let manifest = rule.control.is_manifest();
        let freed = is_freed(part);
        if manifest {
            let (given, exempt) = manifest::namespaces(self.unit.plan, part);
            if !rule.control.is_applied(part.action) || given.is_empty() && exempt.is_empty() {
                return None;
            }
        }
        let engine = self.place.engines.iter().find(|one| one.id() == self.unit.target.engine)?;
        let able = engine::action(engine.as_ref(), rule, part.action, self.unit.target);
        // What is applied refuses nobody and is there or not.
        let action = if manifest { Action::Deny } else { able };
        Some(Scoped {
            action,
            instead_of: Some(part.action).filter(|wanted| *wanted != able),
            until: self.until(part).filter(|_| action < Action::Deny),
            scope: match &part.scope {
                Scope::Cluster => "objects without a namespace".to_owned(),
                Scope::Namespaces(selector) => {
                    in_words(&selector.forgetting_names(&self.unit.plan.system))
                }
            },
            freed: freed || manifest && manifest::namespaces(self.unit.plan, part).0.is_empty(),
        })
    }

    /// The first day on which a part may be stricter, while a grace runs.
    ///
    /// When a grace ends is known once it has landed. What is committed beside the render says the
    /// day that the lock says, which landing does not change.
    fn until(&self, part: &Part) -> Option<Date> {
        let origins = part.origins.iter().map(|index| &self.rule.origins[*index]);
        let running = origins.filter_map(|origin| {
            let grace = origin.grace.as_ref().filter(|grace| !grace.over)?;
            Some(match self.place.given.decided {
                true => part.later.unwrap_or(origin.first.plus(grace.period)),
                false => grace.until,
            })
        });
        running.min().or(part.later)
    }

    /// What the rule does not reach, and what it asks for otherwise.
    fn gaps(&self, parts: &[Scoped]) -> Vec<String> {
        let (rule, plan) = (self.rule, self.unit.plan);
        let mut gaps = vec![];
        let (namespaced, cluster_scoped) = rule.control.looks_at();
        if namespaced {
            let mut rest = vec![match plan.system.is_empty() {
                true => Selector::all(),
                false => Selector::one(NAME, Operator::NotIn, plan.system.iter().cloned()),
            }];
            let mut take = |reached: &Selector| {
                rest = rest.iter().flat_map(|one| one.minus(reached)).collect();
            };
            for part in &rule.parts {
                if let Scope::Namespaces(selector) = &part.scope {
                    take(selector);
                }
            }
            // What an exemption frees altogether is said as an exemption.
            for one in &rule.exemptions {
                let named = |lifting: &&Lifting| lifting.name == one.name;
                let lifting = self.place.given.linked.liftings.iter().find(named);
                if let Some(lifting) = lifting.filter(|lifting| frees_namespaces(lifting)) {
                    take(&lifting.scope.meant());
                }
            }
            let words = rest.iter().map(|one| in_words(&one.forgetting_names(&plan.system)));
            gaps.extend(words.map(|words| format!("`{}` is not asked for in {words}", rule.name)));
        }
        let whole = |part: &Part| part.scope == Scope::Cluster;
        let freed = rule.parts.is_empty() && !rule.exemptions.is_empty();
        if cluster_scoped && !freed && !rule.parts.iter().any(whole) {
            gaps.push(format!("`{}` is not asked for of objects without a namespace", rule.name));
        }
        let milder = self.place.milder(rule, self.entry);
        if !milder.is_empty() {
            gaps.push(format!(
                "`{}` asks with parameters of its own: {}",
                rule.name,
                milder.join(", ")
            ));
        }
        let fallback = parts.iter().find_map(|part| Some((part.action, part.instead_of?)));
        if let Some((action, wanted)) = fallback {
            let (verb, wanted) = (action.verb(), wanted.name());
            gaps.push(format!(
                "`{}` {verb} where it should {wanted}: the engine cannot",
                rule.name
            ));
        }
        if rule.control.is_manifest() {
            gaps.push(format!(
                "`{}` is given to namespaces that are listed, and no other",
                rule.name
            ));
            if rule.control.makes("NetworkPolicy") {
                let network = self.place.given.catalogue.network(&self.cluster.cluster.spec);
                gaps.extend(
                    network.words().map(|words| format!("`{}` may do nothing: {words}", rule.name)),
                );
            }
        }
        gaps
    }
}

/// Whether an exemption frees whole namespaces.
fn frees_all(one: &&Exempt) -> bool {
    one.workloads.is_empty() && one.labels.is_all() && one.images.is_empty()
}

fn is_freed(part: &Part) -> bool {
    let names = part.exemptions.iter().filter(frees_all);
    match &part.scope {
        Scope::Namespaces(selector) => {
            let mut rest = vec![selector.clone()];
            for one in names {
                let freed = match one.namespaces.is_empty() {
                    true => Selector::all(),
                    false => Selector::one(NAME, Operator::In, one.namespaces.iter().cloned()),
                };
                rest = rest.iter().flat_map(|one| one.minus(&freed)).collect();
            }
            rest.is_empty()
        }
        Scope::Cluster => {
            part.exemptions.iter().filter(frees_all).any(|one| one.namespaces.is_empty())
        }
    }
}

fn frees_namespaces(lifting: &Lifting) -> bool {
    let scope = &lifting.scope;
    scope.workloads.is_empty() && scope.labels.is_all() && scope.images.is_empty()
}

/// Namespaces, in words.
fn in_words(selector: &Selector) -> String {
    match selector.is_all() {
        true => "every namespace".to_owned(),
        false => format!("namespaces where {selector}"),
    }
}
