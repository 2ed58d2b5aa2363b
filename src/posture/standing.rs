//! How one recommendation stands on one cluster.

use super::provided;
use super::rules::{Objects, Outcome};
use super::{Given, Placed, on_one_line};
use crate::date::Date;
use crate::document::{
    Action, Admission, Document, Framework, FrameworkControl, Recommendation, State,
};
use crate::engine::Engine;
use crate::link::{RecommendationId, labels};
use crate::plan::{Origin, Rule};
use crate::version::Version;
use std::collections::BTreeSet;

/// How something stands; the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Word {
    Provided,
    Enforced,
    Warns,
    Audits,
    Exempt,
    NotByAdmission,
    NotCovered,
}

impl Word {
    pub const ALL: [Word; 7] = [
        Word::Enforced,
        Word::Warns,
        Word::Audits,
        Word::Exempt,
        Word::Provided,
        Word::NotByAdmission,
        Word::NotCovered,
    ];

    /// What programs call it.
    pub fn id(self) -> &'static str {
        match self {
            Word::Provided => "provided",
            Word::Enforced => "enforced",
            Word::Warns => "warns",
            Word::Audits => "audits",
            Word::Exempt => "exempt",
            Word::NotByAdmission => "not-by-admission",
            Word::NotCovered => "not-covered",
        }
    }

    pub fn in_words(self) -> &'static str {
        match self {
            Word::Provided => "provided",
            Word::Enforced => "enforced",
            Word::Warns => "warns",
            Word::Audits => "audits",
            Word::Exempt => "exempt",
            Word::NotByAdmission => "not by admission",
            Word::NotCovered => "not covered",
        }
    }

    /// Some rule is there for it.
    pub fn is_held(self) -> bool {
        matches!(self, Word::Enforced | Word::Warns | Word::Audits)
    }
}

/// How a recommendation stands on a cluster, and by what.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Standing {
    pub word: Word,
    /// Of what warns, audits or is exempt: the first day on which it may change for the stricter,
    /// or the last day of an exemption. None: for good.
    pub until: Option<Date>,
    /// Whose exemption it is.
    pub owner: Option<String>,
    /// The rules that are there for it.
    pub by: Vec<By>,
    /// Exemptions that reach it, by name.
    pub exemptions: Vec<String>,
    /// What is not reached, or asked otherwise than the framework does, as sentences' parts.
    pub gaps: Vec<String>,
    /// Why it stands so, where no rule tells.
    pub why: Option<String>,
    /// Where that is stated.
    pub source: Option<String>,
    /// The requirements that decide it, as `intent/requirement`.
    pub decided: Vec<String>,
}

/// A rule, what it is as objects, and what it does where.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct By {
    pub rule: String,
    /// `Kind/name`, the first of them what judges.
    pub objects: Vec<String>,
    /// Below the cluster's folder.
    pub file: String,
    pub parts: Vec<Scoped>,
    /// It is what was asked for before, and goes on while more has its grace.
    pub before: bool,
}

/// What a part of a rule does.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Scoped {
    pub action: Action,
    /// What was asked for, where the engine cannot do it.
    pub instead_of: Option<Action>,
    pub until: Option<Date>,
    /// Where, in words.
    pub scope: String,
    /// An exemption frees all of it.
    pub freed: bool,
}

impl Standing {
    fn new(word: Word) -> Standing {
        Standing {
            word,
            until: None,
            owner: None,
            by: vec![],
            exemptions: vec![],
            gaps: vec![],
            why: None,
            source: None,
            decided: vec![],
        }
    }

    fn because(word: Word, why: String) -> Standing {
        Standing { why: Some(why), ..Standing::new(word) }
    }

    /// Nobody is left out of it, and nothing.
    pub fn is_whole(&self) -> bool {
        let held = matches!(self.word, Word::Enforced | Word::Provided);
        held && self.exemptions.is_empty() && self.gaps.is_empty()
    }

    /// The object that judges, as `Kind/name`, and its file below the cluster's folder.
    pub fn object(&self) -> Option<(&str, &str)> {
        let by = self.by.first()?;
        Some((by.objects.first()?, &by.file))
    }
}

/// A framework in a version, where its recommendations are to be placed.
pub struct Place<'a> {
    pub given: &'a Given<'a>,
    pub document: &'a Document<Framework>,
    pub version: &'a str,
    pub engines: &'a [Box<dyn Engine>],
}

impl Place<'_> {
    pub fn standing(
        &self,
        cluster: &Placed<'_>,
        one: &Recommendation,
        objects: &mut Objects,
    ) -> Standing {
        let because = on_one_line(one.because.as_deref().unwrap_or_default());
        if one.controls.is_empty() {
            if let Some((why, source)) = provided::by(self, cluster.cluster, one) {
                let standing = Standing::because(Word::Provided, why);
                return Standing { source: Some(source), ..standing };
            }
            return match one.admission {
                Admission::None => Standing::because(Word::NotByAdmission, because),
                _ if because.is_empty() => {
                    Standing::because(Word::NotCovered, "no control does it yet".to_owned())
                }
                _ => Standing::because(
                    Word::NotCovered,
                    format!("no control does it yet: {because}"),
                ),
            };
        }
        if cluster.unit.is_none() {
            let why = match cluster.cluster.spec.state {
                State::Paused => {
                    "the cluster is paused: what was last rendered stays, and nobody holds it \
                     against the intents"
                }
                _ => "nothing is rendered for the cluster",
            };
            return Standing::because(Word::NotCovered, why.to_owned());
        }
        let mut all: Vec<Standing> =
            one.controls.iter().map(|entry| self.entry(cluster, one, entry, objects)).collect();
        // The first of the weakest says how it stands; what the others do stays listed.
        let weakest = (0..all.len()).rev().max_by_key(|index| all[*index].word).unwrap_or(0);
        let mut standing = all.remove(weakest);
        for other in all {
            if other.word == standing.word {
                standing.until = match (standing.until, other.until) {
                    (Some(one), Some(other)) => Some(one.min(other)),
                    _ => None,
                };
            }
            standing.by.extend(other.by);
            standing.exemptions.extend(other.exemptions);
            standing.gaps.extend(other.gaps);
            standing.decided.extend(other.decided);
            if other.word == Word::NotCovered {
                let both = standing.why.iter().chain(&other.why).cloned().collect::<Vec<_>>();
                standing.why = Some(both.join("; "));
            }
        }
        for list in [&mut standing.exemptions, &mut standing.gaps, &mut standing.decided] {
            list.sort();
            list.dedup();
        }
        standing
    }

    /// How one of a recommendation's controls stands.
    fn entry(
        &self,
        cluster: &Placed<'_>,
        one: &Recommendation,
        entry: &FrameworkControl,
        objects: &mut Objects,
    ) -> Standing {
        let Some(unit) = cluster.unit else { return Standing::new(Word::NotCovered) };
        let id = &entry.control.value;
        let same = unit.plan.rules.iter().filter(|rule| rule.control.id() == id);
        let mut idle = None;
        let outcomes = same.filter_map(|rule| {
            let names = self.names(rule, one, entry);
            if !names && !self.is_as_strict(rule, entry) {
                return None;
            }
            let judged = Outcome { place: self, cluster, unit, rule, one, entry };
            let found = judged.standing(objects);
            if found.is_none() {
                idle = Some(&rule.name);
            }
            Some((names, found?))
        });
        // Of several that would do, the one that leaves least out; of these the one that does most.
        let best = outcomes.min_by_key(|(names, found)| (found.gaps.len(), found.word, !names));
        if let Some((_, standing)) = best {
            return standing;
        }
        let name = entry.rendered_as.as_ref().unwrap_or(&entry.control);
        let why = match idle {
            Some(rule) => format!(
                "`{rule}` is asked for and renders nothing: no namespace that it covers is listed, or \
                 it should only warn or audit and can only be applied"
            ),
            None => self.not_asked(cluster, one, entry, &name.value),
        };
        Standing::because(Word::NotCovered, why)
    }

    /// Whether a requirement asks for the rule because of this recommendation.
    fn names(&self, rule: &Rule, one: &Recommendation, entry: &FrameworkControl) -> bool {
        let name = entry.rendered_as.as_ref().unwrap_or(&entry.control);
        rule.name == name.value && self.naming(rule, one).next().is_some()
    }

    /// The requirements that ask for the rule because of this recommendation.
    pub fn naming<'r>(
        &self,
        rule: &'r Rule,
        one: &Recommendation,
    ) -> impl Iterator<Item = &'r Origin> {
        let is = move |id: &RecommendationId| {
            let version = match (id.version.as_str(), &rule.followed) {
                ("cluster", Some(followed)) => followed.version.to_string() == self.version,
                ("cluster", None) => true,
                (version, _) => version == self.version,
            };
            id.framework == self.document.name.value && id.id == one.id.value && version
        };
        rule.origins.iter().filter(move |origin| origin.recommendations.iter().any(is))
    }

    /// Whether a rule that is asked for otherwise asks for as much.
    fn is_as_strict(&self, rule: &Rule, entry: &FrameworkControl) -> bool {
        let pinned: Option<Version> =
            self.document.spec.span().and_then(|_| self.version.parse().ok());
        let same = match (rule.control.follows(), pinned) {
            (Some(follows), Some(version)) if follows == self.document.name.value => {
                rule.since() == rule.control.since(version)
            }
            _ => true,
        };
        same && self.milder(rule, entry).is_empty()
    }

    /// The parameters by which a rule asks for less than the framework does, or for something else.
    pub fn milder(&self, rule: &Rule, entry: &FrameworkControl) -> Vec<String> {
        let control = &rule.control;
        let mut wanted = control.defaults();
        if let Some(fleet) = self.given.linked.settings.parameters.get(control.id()) {
            wanted.extend(fleet.values.clone());
        }
        let written = entry.parameters.as_ref().and_then(|written| written.value.as_object());
        wanted.extend(written.cloned().unwrap_or_default());
        let single = |name: &str, value: &serde_json::Value| {
            serde_json::Map::from_iter([(name.to_owned(), value.clone())])
        };
        let milder = wanted.iter().filter(|(name, value)| {
            let own = rule.parameters.get(*name);
            own.is_none_or(|own| !control.asks_as_much(&single(name, own), &single(name, value)))
        });
        milder.map(|(name, _)| name.clone()).collect()
    }

    /// Why nothing here asks for a control.
    fn not_asked(
        &self,
        cluster: &Placed<'_>,
        one: &Recommendation,
        entry: &FrameworkControl,
        name: &str,
    ) -> String {
        let Given { linked, sources, .. } = self.given;
        let covering = cluster.unit.map(|unit| &unit.plan.covering);
        let left_out = linked.intents.iter().flat_map(|intent| &intent.left_out).find(|left| {
            let same = left.control == name || left.control == entry.control.value;
            same && covering.is_some_and(|labels| labels.contains(&left.label))
        });
        if let Some(left) = left_out {
            let because = on_one_line(&left.because);
            let place = sources.short(left.place);
            return format!("`{name}` is left out by {}: {because} ({place})", left.label);
        }
        let own = labels(cluster.cluster);
        let levels: BTreeSet<_> = linked
            .demands
            .iter()
            .filter(|demand| demand.clusters.matches(&own) && demand.holds(&cluster.cluster.spec))
            .flat_map(|demand| &demand.recommendations)
            .filter(|id| id.framework == self.document.name.value)
            .map(|id| id.level.clone())
            .collect();
        if !levels.is_empty() && !levels.contains(&one.level) {
            return format!("nothing here asks for level {} of it (`{name}`)", one.level);
        }
        format!("nothing here asks for `{name}`")
    }
}
