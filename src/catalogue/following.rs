//! Controls that follow a framework from version to version: which of their rules count when.

use super::{Catalogue, Definition, Span};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::document::ControlRule;
use crate::version::Version;

impl Definition {
    /// The framework whose versions its rules are told apart by.
    pub fn follows(&self) -> Option<&str> {
        self.document.spec.follows.as_ref().map(|name| name.value.as_str())
    }

    /// The rules that count in a version; without one, all that there are.
    pub fn rules(&self, version: Option<Version>) -> impl Iterator<Item = &ControlRule> {
        self.document.spec.rules.iter().filter(move |rule| {
            version.is_none_or(|version| {
                rule.from.as_ref().is_none_or(|from| from.value <= version)
                    && rule.until.as_ref().is_none_or(|until| version <= until.value)
            })
        })
    }

    /// The version from which on it has said what it says in `version`; `None` where it says
    /// nothing. Two versions of which this is the same mean the same.
    pub fn since(&self, version: Version) -> Option<Version> {
        let version = version.minor_version();
        // A manifest may write the version itself.
        if self.is_manifest() {
            return Some(version);
        }
        self.rules(Some(version)).next()?;
        let rules = &self.document.spec.rules;
        let begin = rules.iter().filter_map(|rule| Some(rule.from.as_ref()?.value));
        let after = rules.iter().filter_map(|rule| {
            let until = rule.until.as_ref()?.value;
            Some(Version::new(until.major, until.minor + 1))
        });
        let changes = begin.chain(after).filter(|change| *change <= version);
        Some(changes.max().unwrap_or(Version::new(version.major, 0)))
    }
}

impl Catalogue {
    /// The versions a control can follow.
    pub fn followed(&self, control: &Definition) -> Option<Span> {
        self.frameworks.get(control.follows()?)?.iter().find_map(|one| one.spec.span())
    }
}

/// Says where a control's versions are none of what it follows.
pub fn check(catalogue: &Catalogue, diagnostics: &mut Diagnostics) {
    for control in catalogue.controls.values() {
        let spec = &control.document.spec;
        let bounds = || spec.rules.iter().flat_map(|rule| [&rule.from, &rule.until]).flatten();
        let Some(follows) = &spec.follows else {
            if let Some(bound) = bounds().next() {
                let message = "`from` and `until` need a framework whose versions they are";
                diagnostics.push(
                    Diagnostic::error("follows-nothing", message)
                        .at(bound.place, "a version of what?")
                        .help("add `follows` to the control, or remove it"),
                );
            }
            continue;
        };
        let Some(span) = catalogue.followed(control) else {
            let message = format!("there are no versions of `{}` to follow", follows.value);
            let several = catalogue.frameworks.iter().filter(|(_, documents)| {
                documents.iter().any(|document| document.spec.versions.is_some())
            });
            let known = several.map(|(name, _)| format!("`{name}`")).collect::<Vec<_>>();
            diagnostics.push(
                Diagnostic::error("follows-nothing", message)
                    .at(follows.place, "no framework with `versions`")
                    .help(format!("those with `versions`: {}", known.join(", "))),
            );
            continue;
        };
        for bound in bounds().filter(|bound| !span.holds(bound.value)) {
            let message = format!("`{}` has no version {}", follows.value, bound.value);
            diagnostics.push(
                Diagnostic::error("unknown-framework-version", message)
                    .at(bound.place, "unknown version")
                    .help(format!("known: {} to {}", span.first, span.last)),
            );
        }
        for cases in &control.cases {
            let Some(version) = &cases.spec.version else { continue };
            if !span.holds(version.value) || control.since(version.value).is_none() {
                let message =
                    format!("`{}` says nothing in version {}", control.id(), version.value);
                diagnostics.push(
                    Diagnostic::error("nothing-to-follow", message)
                        .at(version.place, "no rule counts in this version")
                        .help("name a version in which one does"),
                );
            }
        }
    }
}
