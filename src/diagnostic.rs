//! Complaints and notes: a code, a sentence, the places to blame and a way out.
//!
//! A diagnostic knows no check and no document kind: whoever finds something wrong says it in
//! these terms, and this module only keeps them in order and draws them the way rustc does.

use crate::text::{Place, Sources, visible};
use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use std::borrow::Cow;

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Severity {
    /// The input is wrong; nothing is rendered.
    Error,
    /// Probably not meant; rendering goes on.
    Warning,
    /// Worth knowing.
    Note,
}

/// What is said below the places, in this order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Advice {
    /// Worth knowing beside it.
    Note(String),
    /// A way out.
    Help(String),
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Diagnostic {
    pub severity: Severity,
    /// Kebab case, stable: what tests and users refer to.
    pub code: Cow<'static, str>,
    pub message: String,
    /// Most to blame first; each with the words that stand under it.
    pub places: Vec<(Place, String)>,
    pub advice: Vec<Advice>,
    /// Not said where this code is said of the same place: it would be the same twice.
    pub unless: Option<&'static str>,
}

impl Diagnostic {
    pub fn new(
        severity: Severity,
        code: impl Into<Cow<'static, str>>,
        message: impl Into<String>,
    ) -> Diagnostic {
        let (code, message) = (code.into(), message.into());
        Diagnostic { severity, code, message, places: vec![], advice: vec![], unless: None }
    }

    pub fn error(code: &'static str, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(Severity::Error, code, message)
    }

    pub fn warning(code: &'static str, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(Severity::Warning, code, message)
    }

    pub fn note(code: &'static str, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(Severity::Note, code, message)
    }

    #[must_use]
    pub fn at(mut self, place: Place, label: impl Into<String>) -> Diagnostic {
        self.places.push((place, label.into()));
        self
    }

    #[must_use]
    pub fn note_that(mut self, note: impl Into<String>) -> Diagnostic {
        self.advice.push(Advice::Note(note.into()));
        self
    }

    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Diagnostic {
        self.advice.push(Advice::Help(help.into()));
        self
    }

    #[must_use]
    pub fn unless(mut self, code: &'static str) -> Diagnostic {
        self.unless = Some(code);
        self
    }

    /// The ways out, in one line.
    pub fn helps(&self) -> String {
        let help = self.advice.iter().filter_map(|advice| match advice {
            Advice::Help(help) => Some(help.as_str()),
            Advice::Note(_) => None,
        });
        help.collect::<Vec<_>>().join("; ")
    }

    /// The place that is most to blame.
    fn place(&self) -> Option<Place> {
        self.places.first().map(|(place, _)| *place)
    }
}

/// The complaints of a run.
#[derive(Default, Debug)]
pub struct Diagnostics {
    list: Vec<Diagnostic>,
}

impl Diagnostics {
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.list.push(diagnostic);
    }

    pub fn extend(&mut self, more: impl IntoIterator<Item = Diagnostic>) {
        self.list.extend(more);
    }

    pub fn into_list(self) -> Vec<Diagnostic> {
        self.list
    }

    /// As they were found.
    pub fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        self.list.iter()
    }

    pub fn has_errors(&self) -> bool {
        self.list.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }

    pub fn count(&self, severity: Severity) -> usize {
        self.list.iter().filter(|diagnostic| diagnostic.severity == severity).count()
    }

    /// In reading order: by severity, then by file path and position, each once.
    pub fn sorted(&self, sources: &Sources) -> Vec<&Diagnostic> {
        let twice = |one: &&Diagnostic| {
            let same = |other: &Diagnostic| {
                Some(&*other.code) == one.unless && other.place() == one.place()
            };
            one.unless.is_some() && self.list.iter().any(same)
        };
        let mut list: Vec<&Diagnostic> = self.list.iter().filter(|one| !twice(one)).collect();
        list.sort_by_cached_key(|diagnostic| {
            let place = diagnostic
                .places
                .first()
                .map(|(place, _)| (sources.get(place.source).path.clone(), place.start, place.end));
            (diagnostic.severity, place, diagnostic.code.clone(), diagnostic.message.clone())
        });
        list.dedup();
        list
    }
}

/// Draws one diagnostic with the lines it is about. Names and messages may be anybody's, so nothing
/// in them ends a line or reaches the terminal as a command.
pub fn render(diagnostic: &Diagnostic, sources: &Sources, colour: bool) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let title = level.primary_title(visible(&diagnostic.message)).id(visible(&diagnostic.code));
    let mut group = Group::with_title(title);
    let mut drawn: Vec<crate::text::SourceId> = vec![];
    for (place, _) in &diagnostic.places {
        if drawn.contains(&place.source) {
            continue;
        }
        drawn.push(place.source);
        let source = sources.get(place.source);
        let mut snippet = Snippet::source(&*source.text).path(visible(&source.called()));
        for (index, (other, label)) in diagnostic.places.iter().enumerate() {
            if other.source == place.source {
                let kind =
                    if index == 0 { AnnotationKind::Primary } else { AnnotationKind::Context };
                snippet = snippet
                    .annotation(kind.span(range(*other, &source.text)).label(visible(label)));
            }
        }
        group = group.element(snippet);
    }
    for advice in &diagnostic.advice {
        group = group.element(match advice {
            Advice::Note(note) => Level::NOTE.message(visible(note)),
            Advice::Help(help) => Level::HELP.message(visible(help)),
        });
    }
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    renderer.decor_style(DecorStyle::Ascii).render(&[group])
}

/// The place as a range that fits the text: first line only, so a snippet stays a snippet.
fn range(place: Place, text: &str) -> std::ops::Range<usize> {
    let start = (place.start as usize).min(text.len());
    let end = (place.end as usize).clamp(start, text.len());
    let covered = text.get(start..end).unwrap_or_default();
    let first_line = covered.split('\n').next().unwrap_or_default().trim_end().len();
    start..start + first_line
}
