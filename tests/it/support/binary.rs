//! The real binary, run in an environment that is the same on every machine.

use std::path::Path;
use std::process::Command;
use std::sync::LazyLock;

/// The day the tests live in, unless they say otherwise.
pub const TODAY: &str = "2026-11-22";

/// What a run said and how it ended.
#[derive(Debug, PartialEq, Eq)]
pub struct Run {
    pub code: i32,
    pub out: String,
    pub err: String,
}

/// A home without settings of anybody.
static HOME: LazyLock<tempfile::TempDir> =
    LazyLock::new(|| tempfile::tempdir().expect("a temporary folder"));

/// The command with nothing of this machine in its environment but the search path.
pub fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ordinance"));
    command
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", HOME.path())
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("NO_COLOR", "1")
        .env("ORDINANCE_NOW", TODAY);
    command
}

/// Runs it to its end.
pub fn run(command: &mut Command) -> Run {
    let output = command.output().expect("the binary starts");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Run {
        code: output.status.code().expect("it ends by itself"),
        out: text(&output.stdout),
        err: text(&output.stderr),
    }
}

/// Runs it in a folder with arguments.
pub fn ordinance(folder: &Path, arguments: &[&str]) -> Run {
    run(&mut command(folder, arguments))
}

/// Runs it in a folder; it must end well.
pub fn must(folder: &Path, arguments: &[&str]) -> Run {
    let run = ordinance(folder, arguments);
    assert_eq!(run.code, 0, "ordinance {arguments:?}: {}{}", run.out, run.err);
    run
}

/// Whether the long hunts are asked for (`CI_FULL=1`); an empty value is none, as for `.ci/run`.
pub fn full() -> bool {
    std::env::var_os("CI_FULL").is_some_and(|value| !value.is_empty())
}

/// Whether expectations are rewritten instead of compared (`ORDINANCE_BLESS=1`).
pub fn blessing() -> bool {
    std::env::var_os("ORDINANCE_BLESS").is_some_and(|value| value == "1")
}
