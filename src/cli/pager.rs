//! A text that is longer than the terminal is read in a pager, as git's are.
//!
//! Only where stdout is a terminal: whoever pipes or keeps the text gets it as it is. A pager that
//! cannot be run costs nobody the text, and one that is left early is no error.

#![expect(clippy::disallowed_methods, reason = "a pager is another program, chosen by a variable")]

use super::talk;
use std::io::{IsTerminal, Write};
use std::process::{Child, Command, Stdio};

/// What a shell answers when it cannot run what it was told to.
const NOT_RUN: [i32; 2] = [126, 127];

/// What `less` is told, unless somebody tells it otherwise: to end where all fits, to leave colours
/// alone, and the text on the screen.
const LESS: &str = "FRX";

/// Prints a text, in a pager where that helps.
pub fn show(text: &str) {
    let Some((rows, columns)) = terminal() else { return talk::print(text) };
    if height(text, columns) < rows {
        return talk::print(text);
    }
    let pager = ["ORDINANCE_PAGER", "PAGER"].into_iter().find_map(|name| std::env::var(name).ok());
    let pager = pager.unwrap_or_else(|| "less".to_owned());
    // As with git, to name none or `cat` is to want none.
    if matches!(pager.trim(), "" | "cat") || !paged(&pager, text) {
        talk::print(text);
    }
}

/// Whether a pager took the text.
fn paged(pager: &str, text: &str) -> bool {
    let _while_it_runs = ignored_interrupts();
    let Some(mut child) = begun(pager) else { return false };
    if let Some(mut stdin) = child.stdin.take() {
        // Who has read enough closes it.
        let _ = stdin.write_all(text.as_bytes());
    }
    match child.wait() {
        Ok(ended) => !ended.code().is_some_and(|code| NOT_RUN.contains(&code)),
        Err(_) => true,
    }
}

fn begun(pager: &str) -> Option<Child> {
    // A plain name needs no shell, which would complain where there is none of it.
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '.' | '-' | '_' | '+');
    let mut command = match pager.chars().all(plain) {
        true => Command::new(pager),
        false => {
            let mut shell = Command::new("sh");
            shell.args(["-c", pager]);
            shell
        }
    };
    for (name, value) in [("LESS", LESS), ("LV", "-c")] {
        if std::env::var_os(name).is_none() {
            command.env(name, value);
        }
    }
    command.stdin(Stdio::piped()).spawn().ok()
}

/// Ctrl-C in a pager is the pager's: whoever waits for it may not leave it alone with the terminal.
#[cfg(unix)]
fn ignored_interrupts() -> Option<(tokio::runtime::Runtime, tokio::signal::unix::Signal)> {
    use tokio::signal::unix::{SignalKind, signal};
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().ok()?;
    let heard = {
        let _inside = runtime.enter();
        signal(SignalKind::interrupt()).ok()?
    };
    Some((runtime, heard))
}

#[cfg(not(unix))]
fn ignored_interrupts() {}

/// Rows and columns of the terminal that stdout is.
fn terminal() -> Option<(usize, usize)> {
    let stdout = std::io::stdout();
    if !stdout.is_terminal() {
        return None;
    }
    let size = rustix::termios::tcgetwinsize(&stdout).ok()?;
    let (rows, columns) = (usize::from(size.ws_row), usize::from(size.ws_col));
    (rows > 0 && columns > 0).then_some((rows, columns))
}

/// How many rows a text takes, one for the shell's next question aside.
fn height(text: &str, columns: usize) -> usize {
    text.lines().map(|line| width(line).div_ceil(columns).max(1)).sum()
}

/// Without what only colours.
fn width(line: &str) -> usize {
    let mut width = 0;
    let mut colouring = false;
    for c in line.chars() {
        match c {
            '\u{1b}' => colouring = true,
            'm' if colouring => colouring = false,
            _ if colouring => {}
            _ => width += 1,
        }
    }
    width
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_as_high_as_a_terminal_shows_it() {
        assert_eq!(height("a\n\nb\n", 80), 3);
        assert_eq!(height(&"x".repeat(81), 80), 2);
        assert_eq!(height(&format!("\u{1b}[1m{}\u{1b}[0m", "x".repeat(80)), 80), 1);
    }
}
