//! What is said to people: complaints, failures, progress.

use super::options::{Colour, Shown};
use crate::diagnostic::{self, Diagnostics, Severity};
use crate::failure::Failure;
use crate::text::{Sources, count, nearest, visible};
use indicatif::{ProgressBar, ProgressStyle};
use std::ffi::OsString;
use std::io::{ErrorKind, IsTerminal, Write};

/// Whether what is written to stderr, or to stdout, is coloured.
#[expect(clippy::disallowed_methods, reason = "how a terminal is used is said in the environment")]
pub fn coloured(shown: &Shown, terminal: &impl IsTerminal) -> bool {
    wanted(shown.color, terminal.is_terminal(), |name| std::env::var_os(name))
}

/// By itself it colours a terminal that knows colours, of somebody who wants them (no-color.org).
fn wanted(when: Colour, is_terminal: bool, said: impl Fn(&str) -> Option<OsString>) -> bool {
    let unwanted = || said("NO_COLOR").is_some_and(|value| !value.is_empty());
    let unknown = || said("TERM").is_some_and(|value| value == "dumb");
    match when {
        Colour::Always => true,
        Colour::Never => false,
        Colour::Auto => is_terminal && !unwanted() && !unknown(),
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

#[cfg(test)]
mod tests {
    use super::{Colour, wanted};

    #[test]
    fn the_environment_keeps_colours_away_unless_somebody_asks_for_them() {
        let is = |when, terminal, variables: &[(&str, &str)]| {
            let of = |name: &str| variables.iter().find(|(known, _)| *known == name);
            wanted(when, terminal, |name| of(name).map(|(_, value)| value.into()))
        };
        assert!(is(Colour::Auto, true, &[]));
        assert!(is(Colour::Auto, true, &[("NO_COLOR", ""), ("TERM", "xterm")]));
        assert!(!is(Colour::Auto, false, &[]));
        for said in [("NO_COLOR", "1"), ("NO_COLOR", "0"), ("TERM", "dumb")] {
            assert!(!is(Colour::Auto, true, &[said]), "{said:?}");
            assert!(is(Colour::Always, false, &[said]), "{said:?}");
        }
        assert!(!is(Colour::Never, true, &[]));
    }
}
