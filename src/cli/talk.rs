//! What is said to people: complaints, failures, progress.

use super::options::{Colour, Shown};
use crate::diagnostic::{self, Diagnostics, Severity};
use crate::failure::Failure;
use crate::text::{Sources, count, nearest, visible};
use indicatif::{ProgressBar, ProgressStyle};
use std::io::{ErrorKind, IsTerminal, Write};

/// Whether what is written to stderr, or to stdout, is coloured.
pub fn coloured(shown: &Shown, terminal: &impl IsTerminal) -> bool {
    match shown.color {
        Colour::Always => true,
        Colour::Never => false,
        Colour::Auto => terminal.is_terminal(),
    }
}

/// What errors come to where something would have been written.
pub const UNWRITTEN: &str = "; nothing was written";

/// Prints every complaint, then how many there are.
pub fn diagnostics(shown: &Shown, diagnostics: &Diagnostics, sources: &Sources) {
    complaints(shown, diagnostics, sources, "");
}

/// The same; `end` says what errors came to.
pub fn complaints(shown: &Shown, diagnostics: &Diagnostics, sources: &Sources, end: &str) {
    let colour = coloured(shown, &std::io::stderr());
    for one in diagnostics.sorted(sources) {
        tell!("{}\n", diagnostic::render(one, sources, colour));
    }
    let sorted = diagnostics.sorted(sources);
    let number = |severity| sorted.iter().filter(|one| one.severity == severity).count();
    let (errors, warnings) = (number(Severity::Error), number(Severity::Warning));
    match (errors, warnings) {
        (0, 0) => {}
        (0, _) => tell!("{}", count(warnings, "warning")),
        (_, 0) => tell!("{}{end}", count(errors, "error")),
        _ => {
            tell!("{}, {}{end}", count(errors, "error"), count(warnings, "warning"))
        }
    }
}

pub fn failure(failure: &Failure) {
    tell!("error: {failure}");
}

pub fn note(text: &str) {
    tell!("note: {text}");
}

/// Says that there is nothing of that name, and which there are: the nearest, or a few.
pub fn no_such<'a>(what: &str, name: &str, known: impl IntoIterator<Item = &'a str>) {
    const FEW: usize = 20;
    tell!("error: there is no {what} `{name}`");
    let known: Vec<&str> = known.into_iter().collect();
    match nearest(name, known.iter().copied()) {
        Some(near) => tell!("hint: did you mean `{near}`?"),
        None if (1..=FEW).contains(&known.len()) => tell!("hint: known: {}", known.join(", ")),
        None => {}
    }
}

/// A text of somebody's own as part of a line: without line ends and control characters.
pub fn on_one_line(text: &str) -> String {
    visible(&text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// A bar for work on many clusters; it shows on a terminal only.
pub fn progress(clusters: usize) -> ProgressBar {
    const LONG: usize = 500;
    if clusters < LONG {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:30} {pos} of {len} clusters");
    let bar = ProgressBar::new(clusters as u64);
    style.map_or(bar.clone(), |style| bar.with_style(style))
}

/// Writes data to stdout. Who reads it may stop reading at any time, as `head` does: nothing is wrong
/// then, and how it ends still says what it would have said.
pub fn print(text: &str) {
    let mut stdout = std::io::stdout().lock();
    let written = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
    match written {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::BrokenPipe => {}
        Err(error) => {
            tell!("error: could not write to stdout: {error}");
            std::process::exit(3);
        }
    }
}

/// Writes talk to stderr; where nobody listens any more, it is not said.
pub fn aside(text: &str) {
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
}
