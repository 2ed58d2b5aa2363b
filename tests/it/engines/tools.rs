//! The tools themselves: where they are, and how they are run.

use crate::support::binary::full;
use std::ffi::OsStr;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The folder with the built engines.
#[derive(Clone)]
pub struct Tools {
    folder: PathBuf,
}

/// What a finished tool left behind.
pub struct Finished {
    pub success: bool,
    pub stdout: String,
    pub stderr: String,
}

impl Tools {
    /// The tools, if all that are needed are there. Missing ones end a test, in CI with a failure.
    pub fn with(needed: &[&str]) -> Option<Tools> {
        let lacking = match std::env::var_os("ORDINANCE_ENGINES") {
            None => "ORDINANCE_ENGINES is not set".to_owned(),
            Some(folder) => {
                let tools = Tools { folder: folder.into() };
                match needed.iter().find(|name| !tools.path(name).exists()) {
                    None => return Some(tools),
                    Some(name) => format!("there is no {}", tools.path(name).display()),
                }
            }
        };
        let hint = "tests/engines/build.sh builds the engines";
        assert!(
            std::env::var("CI").as_deref() != Ok("true"),
            "The real engines cannot be asked: {lacking}; {hint}."
        );
        say(&format!("The real engines are not asked here, since {lacking}; {hint}."));
        None
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Runs a tool in a folder and waits for it; what it says is for the caller to judge.
    pub fn run<A: AsRef<OsStr>>(&self, name: &str, folder: &Path, arguments: &[A]) -> Finished {
        run(&self.path(name), folder, arguments)
    }
}

/// Runs a program in a folder and waits for it.
pub fn run<A: AsRef<OsStr>>(program: &Path, folder: &Path, arguments: &[A]) -> Finished {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(folder);
    let output = command.output().unwrap_or_else(|error| panic!("{}: {error}", program.display()));
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Finished {
        success: output.status.success(),
        stdout: text(&output.stdout),
        stderr: text(&output.stderr),
    }
}

/// What is asked often, and with `CI_FULL=1` what is asked seldom, too.
pub fn asked<T: Copy>(often: &[T], seldom: &[T]) -> Vec<T> {
    let seldom = if full() { seldom } else { &[] };
    [often, seldom].concat()
}

/// The threads that all engine tests share: each keeps one process busy, and two are enough.
pub fn pool() -> &'static rayon::ThreadPool {
    static POOL: OnceLock<rayon::ThreadPool> = OnceLock::new();
    POOL.get_or_init(|| {
        rayon::ThreadPoolBuilder::new().num_threads(2).build().expect("two threads can be started")
    })
}

/// Writes a line past the capture of the test harness: counts are worth reading when all is well.
pub fn say(line: &str) {
    writeln!(std::io::stderr(), "{line}").expect("stderr can be written to");
}
