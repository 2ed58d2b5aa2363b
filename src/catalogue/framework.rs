//! Frameworks by version: what counts in which, and up to which level.
//!
//! A framework has one document per version, or one document for all of them; then each of its
//! recommendations says from and until when it counts, and which others it replaces.

use super::Catalogue;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::document::{Admission, Document, Framework, Level, Recommendation};
use crate::text::Spanned;
use crate::version::Version;
use std::collections::BTreeSet;

/// The first and the last of several minor versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    pub first: Version,
    pub last: Version,
}

impl Span {
    pub fn holds(&self, version: Version) -> bool {
        (self.first..=self.last).contains(&version.minor_version())
    }

    pub fn versions(self) -> impl Iterator<Item = Version> {
        let major = self.first.major;
        (self.first.minor..=self.last.minor).map(move |minor| Version::new(major, minor))
    }
}

impl Framework {
    /// Its versions, where this one document tells them all.
    pub fn span(&self) -> Option<Span> {
        let versions = &self.versions.as_ref()?.value;
        Some(Span { first: versions.from.value, last: versions.until.value })
    }

    /// Its version, or its first and its last, for people.
    pub fn versions_in_words(&self) -> String {
        match (&self.version, self.span()) {
            (Some(version), _) => version.value.clone(),
            (None, Some(span)) => format!("{} to {}", span.first, span.last),
            (None, None) => String::new(),
        }
    }

    /// Its newest version.
    pub fn newest(&self) -> String {
        let own = self.version.as_ref().map(|version| version.value.clone());
        own.or_else(|| Some(self.span()?.last.to_string())).unwrap_or_default()
    }

    /// Versions in general by number, then those for a provider.
    pub fn order(&self) -> (Vec<String>, Option<Version>) {
        let providers = self.providers.iter().map(|provider| provider.value.clone()).collect();
        let newest = self.newest();
        let number = newest.rsplit('-').next().and_then(|number| number.parse().ok());
        (providers, number)
    }

    /// Whether it tells this version.
    pub fn is_of(&self, version: &str) -> bool {
        match self.span() {
            Some(span) => version.parse().is_ok_and(|version| span.holds(version)),
            None => self.version.as_ref().is_some_and(|own| own.value == version),
        }
    }

    fn rank(&self, level: &Level) -> Option<usize> {
        self.levels.iter().position(|one| one == level)
    }

    /// What it has in a version, whatever the level.
    pub fn had_in(&self, version: Option<Version>) -> impl Iterator<Item = &Recommendation> {
        self.recommendations.iter().filter(move |one| {
            let begun = |from: &Spanned<Version>| version.is_none_or(|now| from.value <= now);
            let ended = |until: &Spanned<Version>| version.is_some_and(|now| until.value < now);
            one.from.as_ref().is_none_or(begun) && !one.until.as_ref().is_some_and(ended)
        })
    }

    /// What counts up to a level in a version: what another replaces there does not.
    pub fn counts(&self, level: &Level, version: Option<Version>) -> Vec<&Recommendation> {
        let most = self.rank(level);
        let within = |one: &&Recommendation| self.rank(&one.level) <= most;
        let all: Vec<&Recommendation> = self.had_in(version).filter(within).collect();
        let replaced: BTreeSet<&str> =
            all.iter().flat_map(|one| &one.replaces).map(|id| id.value.as_str()).collect();
        all.into_iter().filter(|one| !replaced.contains(one.id.value.as_str())).collect()
    }

    /// What counts up to a level, with the versions in which it does, each without a gap.
    pub fn counts_when(&self, level: &Level, span: Span) -> Vec<(&Recommendation, Span)> {
        let mut found: Vec<(&Recommendation, Span)> = vec![];
        for version in span.versions() {
            let before =
                version.minor.checked_sub(1).map(|minor| Version::new(version.major, minor));
            for one in self.counts(level, Some(version)) {
                let goes_on = found
                    .iter_mut()
                    .find(|(other, span)| std::ptr::eq(*other, one) && Some(span.last) == before);
                match goes_on {
                    Some((_, span)) => span.last = version,
                    None => found.push((one, Span { first: version, last: version })),
                }
            }
        }
        let place = |one: &Recommendation| {
            self.recommendations.iter().position(|other| std::ptr::eq(other, one))
        };
        found.sort_by_key(|(one, span)| (place(one), span.first));
        found
    }
}

impl Catalogue {
    /// A framework in a version, or in its newest that is for no provider alone: `latest`.
    pub fn framework(&self, name: &str, version: &str) -> Option<&Document<Framework>> {
        let documents = self.frameworks.get(name)?;
        match version {
            "latest" => {
                let general = documents.iter().rfind(|one| one.spec.providers.is_empty());
                general.or(documents.last())
            }
            version => documents.iter().find(|one| one.spec.is_of(version)),
        }
    }
}

/// How many recommendations are enforced, and why the others are not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// All of what the recommendation asks for.
    pub covered: usize,
    /// Some of it.
    pub part: usize,
    /// Admission cannot.
    pub never: usize,
    /// No control does it yet.
    pub later: usize,
}

impl Coverage {
    pub fn of<'a>(recommendations: impl IntoIterator<Item = &'a Recommendation>) -> Coverage {
        let mut counted = Coverage::default();
        for one in recommendations {
            let count = match (one.controls.is_empty(), one.admission) {
                (false, Admission::Full) => &mut counted.covered,
                (false, _) => &mut counted.part,
                (true, Admission::None) => &mut counted.never,
                (true, _) => &mut counted.later,
            };
            *count += 1;
        }
        counted
    }

    pub fn all(self) -> usize {
        self.covered + self.part + self.never + self.later
    }
}

/// Says what does not fit together within a framework's document.
pub fn check(document: &Document<Framework>, diagnostics: &mut Diagnostics) {
    let spec = &document.spec;
    if spec.version.is_some() == spec.versions.is_some() {
        let message = "a framework has either one version or several";
        diagnostics.push(
            Diagnostic::error("framework-versions", message)
                .at(document.place(), "this one needs one of the two")
                .help("give it `version`, or `versions` with the first and the newest"),
        );
    }
    let picked = spec.kubernetes.first().map(|version| version.place);
    let picked = picked.or(spec.providers.first().map(|provider| provider.place));
    if let (Some(place), Some(_)) = (picked, &spec.versions) {
        let message = "a framework with `versions` picks among them by itself";
        diagnostics.push(
            Diagnostic::error("framework-versions", message)
                .at(place, "would pick one of several documents")
                .help("remove it, or give each version a document of its own"),
        );
    }
    if let Some(versions) = &spec.versions {
        let (from, until) = (&versions.from, &versions.until);
        if from.value > until.value || from.major != until.major {
            diagnostics.push(
                Diagnostic::error("framework-versions", "the first version is above the newest")
                    .at(until.place, "the newest")
                    .at(from.place, "the first")
                    .help("correct one of the two"),
            );
        }
    }
    for one in &spec.recommendations {
        if spec.rank(&one.level).is_none() {
            let levels = spec.levels.iter().map(Level::to_string).collect::<Vec<_>>();
            let message = format!("`{}` has no level {}", document.name.value, one.level);
            diagnostics.push(
                Diagnostic::error("unknown-level", message)
                    .at(one.id.place, "is given that level")
                    .help(format!("its levels are {}", levels.join(", "))),
            );
        }
        for id in &one.replaces {
            if !spec.recommendations.iter().any(|other| other.id.value == id.value) {
                let known = spec.recommendations.iter().map(|other| &other.id.value);
                diagnostics.push(super::unknown("recommendation", id, known));
            }
        }
        for bound in [&one.from, &one.until].into_iter().flatten() {
            if spec.versions.is_none() {
                let message = "`from` and `until` belong to frameworks with `versions`";
                diagnostics.push(
                    Diagnostic::error("framework-versions", message)
                        .at(bound.place, "this one has a single version")
                        .help("remove it, or give the framework `versions`"),
                );
            }
        }
    }
}
