//! The posture: how each recommendation of a framework stands on each cluster, and why.
//!
//! It joins what others have found: linked documents, plans, emitted folders, quirks. What is
//! enforced is read from the bytes that were emitted. Standings are worked out once for clusters
//! alike. It knows no format, no clock and no git: who decided a line, and when, is handed to it.
//!
//! A recommendation stands as the weakest of its controls does, and a control as the mildest of
//! its scopes: whoever reads `enforced` may rely on it, but for what is listed beside it.

mod asked;
mod blind;
mod decided;
mod exempted;
mod group;
mod provided;
mod rules;
mod standing;

pub use asked::{Asked, asked_for};
pub use blind::Blind;
pub use decided::{Decision, DecisionKind, Line, Who};
pub use exempted::Exempted;
pub use group::{Alike, Cell, Group, Variant};
pub use standing::{By, Scoped, Standing, Word};

use crate::catalogue::Catalogue;
use crate::date::Date;
use crate::document::{Admission, Cluster, Document, Framework, Level, State};
use crate::engine::{self, Engine, Target};
use crate::link::Linked;
use crate::plan::Plan;
use crate::text::{Sources, count};
use crate::tree::Folder;
use std::collections::{BTreeMap, BTreeSet};

/// Everything that is joined.
pub struct Given<'a> {
    pub catalogue: &'a Catalogue,
    pub linked: &'a Linked,
    pub sources: &'a Sources,
    /// The day it is told for.
    pub day: Date,
    /// Only days that somebody decided: what is committed must not go stale by waiting.
    pub decided: bool,
    /// Those that are not retired, sorted by name.
    pub clusters: Vec<Placed<'a>>,
    pub frameworks: Vec<(&'a Document<Framework>, Asked)>,
}

/// A cluster, and what it was given; nothing where it is not rendered.
#[derive(Clone, Copy)]
pub struct Placed<'a> {
    pub cluster: &'a Document<Cluster>,
    pub unit: Option<Unit<'a>>,
}

/// What clusters alike are given.
#[derive(Clone, Copy)]
pub struct Unit<'a> {
    /// Equal for clusters that share it.
    pub number: usize,
    pub plan: &'a Plan,
    pub target: &'a Target,
    pub folder: &'a Folder,
}

/// How a fleet stands.
#[derive(Debug)]
pub struct Posture {
    pub day: Date,
    /// It holds days that were decided, and none that depends on when it was written.
    pub decided: bool,
    /// What its settings call the fleet.
    pub fleet: String,
    /// The folder that clusters' folders lie in.
    pub output: String,
    pub clusters: Vec<ClusterFacts>,
    pub retired: usize,
    pub frameworks: Vec<Told>,
    /// What is not seen or not judged, each with its clusters.
    pub blind: Vec<Blind>,
    pub exemptions: Vec<Exempted>,
    /// Exemptions that concern nothing told here.
    pub others: usize,
    pub decisions: Vec<Decision>,
}

/// A cluster as far as an auditor asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClusterFacts {
    pub name: String,
    pub state: State,
    pub kubernetes: String,
    pub provider: String,
    /// The engine and its version, in words.
    pub engine: String,
    pub fails: Fails,
    pub place: String,
}

/// What becomes of a request that an engine cannot judge because it is away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fails {
    /// It is part of the API server, and is there whenever a request is.
    BuiltIn,
    Closed,
    Open,
    NotStated,
}

impl Fails {
    pub fn id(self) -> &'static str {
        match self {
            Fails::BuiltIn => "built-in",
            Fails::Closed => "closed",
            Fails::Open => "open",
            Fails::NotStated => "not-stated",
        }
    }

    /// Whether requests may pass unjudged.
    pub fn may_be_open(self) -> bool {
        matches!(self, Fails::Open | Fails::NotStated)
    }

    pub fn in_words(self) -> &'static str {
        match self {
            Fails::BuiltIn => "cannot be away: it is part of the API server",
            Fails::Closed => "fails closed",
            Fails::Open => "fails open",
            Fails::NotStated => "may fail open: `failOpen` is not stated",
        }
    }
}

/// A framework in a version.
#[derive(Debug)]
pub struct Told {
    pub name: String,
    pub version: String,
    pub title: String,
    pub recommendations: Vec<Recommended>,
    /// The clusters it is told of, by their places among all.
    pub clusters: Vec<usize>,
    /// Clusters of which everything is alike, those of most clusters first.
    pub groups: Vec<Group>,
}

/// A recommendation and how it stands.
#[derive(Debug)]
pub struct Recommended {
    pub id: String,
    pub level: Level,
    pub title: String,
    pub source: Option<String>,
    /// Why admission can enforce but a part of it.
    pub partly: Option<String>,
    /// Distinct standings, each with its clusters; what most have first.
    pub variants: Vec<Variant>,
}

impl Told {
    /// As `--framework` takes it.
    pub fn called(&self) -> String {
        format!("{}@{}", self.name, self.version)
    }

    /// How many recommendations stand how, by their weakest standing.
    pub fn tally(&self) -> BTreeMap<Word, usize> {
        let mut tally: BTreeMap<Word, usize> = Word::ALL.map(|word| (word, 0)).into();
        for one in &self.recommendations {
            *tally.entry(one.weakest()).or_default() += 1;
        }
        tally
    }
}

impl Recommended {
    /// How it stands where it stands worst.
    pub fn weakest(&self) -> Word {
        let words = self.variants.iter().map(|one| one.standing.word);
        words.max().unwrap_or(Word::NotCovered)
    }

    /// On how many clusters it stands so.
    pub fn on(&self, word: Word) -> usize {
        let so = self.variants.iter().filter(|one| one.standing.word == word);
        so.map(|one| one.clusters.len()).sum()
    }

    /// It is enforced everywhere and in full: nothing is left out of it by anybody.
    pub fn is_whole(&self) -> bool {
        self.partly.is_none() && self.variants.iter().all(|one| one.standing.is_whole())
    }
}

/// Joins it; `who` tells who wrote some lines of a file, and when.
pub fn posture(given: &Given<'_>, who: &dyn Fn(&Line) -> Who) -> Posture {
    let engines = engine::all();
    let classes = Classes::of(given);
    let facts: Vec<ClusterFacts> =
        given.clusters.iter().map(|one| cluster_facts(given, one.cluster, &engines)).collect();
    let mut objects = rules::Objects::default();
    let frameworks: Vec<Told> = given
        .frameworks
        .iter()
        .map(|(document, asked)| {
            told(given, &engines, &classes, &facts, (document, asked), &mut objects)
        })
        .collect();
    let blind = blind::all(given, &engines, &classes, &frameworks);
    let (exemptions, others) = exempted::all(given, &frameworks);
    let decisions = decided::all(given, &frameworks, &exemptions, who);
    let retired = given.linked.clusters.iter().filter(|one| one.spec.state == State::Retired);
    Posture {
        day: given.day,
        decided: given.decided,
        fleet: given.linked.settings.name.clone(),
        output: given.linked.settings.output.clone(),
        clusters: facts,
        retired: retired.count(),
        frameworks,
        blind,
        exemptions,
        others,
        decisions,
    }
}

/// Clusters of which everything is the same, as far as it is told here.
struct Classes {
    /// For each cluster, its class.
    of: Vec<usize>,
    /// For each class, its first cluster.
    first: Vec<usize>,
}

impl Classes {
    fn of(given: &Given<'_>) -> Classes {
        let mut known: BTreeMap<(Option<usize>, bool, String, String), usize> = BTreeMap::new();
        let mut classes = Classes { of: vec![], first: vec![] };
        for (index, one) in given.clusters.iter().enumerate() {
            let spec = &one.cluster.spec;
            // What a plan does not depend on.
            let others = format!("{:?} {:?}", spec.network_policies, spec.state);
            let key = (
                one.unit.map(|unit| unit.number),
                spec.engine.managed,
                spec.provider.value.clone(),
                match one.unit {
                    Some(_) => others,
                    // Without a plan all of them differ.
                    None => format!("{others} {}", one.cluster.name.value),
                },
            );
            let next = classes.first.len();
            let class = *known.entry(key).or_insert(next);
            if class == next {
                classes.first.push(index);
            }
            classes.of.push(class);
        }
        classes
    }
}

fn cluster_facts(
    given: &Given<'_>,
    cluster: &Document<Cluster>,
    engines: &[Box<dyn Engine>],
) -> ClusterFacts {
    let spec = &cluster.spec;
    let engine = engines.iter().find(|engine| engine.id() == spec.engine.name.value);
    let title = engine.map_or(spec.engine.name.value.as_str(), |engine| engine.title());
    let version = spec.engine.version.map(|version| format!(" {}", version.value));
    let fails = match (engine.and_then(|engine| engine.namespace()), spec.engine.fails_open()) {
        (None, _) => Fails::BuiltIn,
        (_, Some(true)) => Fails::Open,
        (_, Some(false)) => Fails::Closed,
        (_, None) => Fails::NotStated,
    };
    ClusterFacts {
        name: cluster.name.value.clone(),
        state: spec.state,
        kubernetes: spec.kubernetes.version.value.to_string(),
        provider: spec.provider.value.clone(),
        engine: format!("{title}{}", version.unwrap_or_default()),
        fails,
        place: given.sources.short(cluster.place()),
    }
}

fn told(
    given: &Given<'_>,
    engines: &[Box<dyn Engine>],
    classes: &Classes,
    facts: &[ClusterFacts],
    (document, asked): (&Document<Framework>, &Asked),
    objects: &mut rules::Objects,
) -> Told {
    let several = document.spec.span().and_then(|_| asked.version.parse().ok());
    let here = |name: &str| asked.clusters.as_ref().is_none_or(|only| only.contains(name));
    let clusters: Vec<usize> = (0..facts.len()).filter(|index| here(&facts[*index].name)).collect();
    let needed: BTreeSet<usize> = clusters.iter().map(|index| classes.of[*index]).collect();
    let mut recommendations = vec![];
    for one in document.spec.had_in(several) {
        let mut by_class: BTreeMap<usize, Standing> = BTreeMap::new();
        for class in &needed {
            let first = &given.clusters[classes.first[*class]];
            let place = standing::Place { given, document, version: &asked.version, engines };
            by_class.insert(*class, place.standing(first, one, objects));
        }
        let variants = group::variants(&clusters, |index| &by_class[&classes.of[index]]);
        let partly = match one.admission {
            Admission::Full => None,
            Admission::None if one.controls.is_empty() => None,
            _ if one.controls.is_empty() => None,
            _ => Some(one.because.clone().unwrap_or_default()),
        };
        recommendations.push(Recommended {
            id: one.id.value.clone(),
            level: one.level.clone(),
            title: one.title.clone(),
            source: one.source.clone(),
            partly: partly.map(|why| on_one_line(&why)),
            variants,
        });
    }
    let groups = group::groups(&clusters, &recommendations, facts);
    Told {
        name: document.name.value.clone(),
        version: asked.version.clone(),
        title: document.spec.title.clone(),
        recommendations,
        clusters,
        groups,
    }
}

/// Some clusters by name: all of them where they are few, else the first and how many more.
pub fn clusters(names: &[&str], most: usize) -> String {
    match names.len().checked_sub(most) {
        None | Some(0 | 1) => names.join(", "),
        Some(more) => {
            format!("{} and {}", names[..most].join(", "), count(more, "more cluster"))
        }
    }
}

fn on_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
