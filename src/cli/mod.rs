//! The command line: what is asked, where it is read from, what is said, and the exit status.
//!
//! Data goes to stdout and talk to stderr. Exit statuses: 0 fine, 1 the answer is no, 2 the input
//! is wrong, 3 the outside world failed, 70 a defect of ours.

/// A line of data on stdout.
macro_rules! say {
    () => { $crate::cli::talk::print("\n") };
    ($($words:tt)*) => { $crate::cli::talk::print(&format!("{}\n", format_args!($($words)*))) };
}

mod controls;
mod diff;
mod explain;
mod init;
mod options;
mod propose;
mod render;
mod repository;
mod schema;
mod summary;
mod talk;
mod test;
mod validate;

use clap::Parser;
use options::{Arguments, Command};
use std::process::ExitCode;

/// How a command ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    Fine = 0,
    No = 1,
    Input = 2,
    World = 3,
}

/// Runs the command that was given on the command line.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    // The deepest input that is allowed must fit in an unoptimized build too.
    let threads = rayon::ThreadPoolBuilder::new().stack_size(16 << 20);
    threads.build_global().expect("nothing has used the threads yet");
    let run = std::panic::catch_unwind(|| run(&arguments));
    match run {
        Ok(Ok(exit)) => ExitCode::from(exit as u8),
        Ok(Err(failure)) => {
            talk::failure(&failure);
            ExitCode::from(Exit::World as u8)
        }
        Err(_) => {
            eprintln!(
                "error: this is a defect of Ordinance; please report it with the lines above"
            );
            ExitCode::from(70)
        }
    }
}

fn run(arguments: &Arguments) -> Result<Exit, crate::failure::Failure> {
    let common = &arguments.common;
    match &arguments.command {
        Command::Validate(options) => validate::run(common, options),
        Command::Render(options) => render::run(common, options),
        Command::Diff(options) => diff::run(common, options),
        Command::Propose(options) => propose::run(common, options),
        Command::Init(options) => init::run(options),
        Command::Explain(options) => explain::run(common, options),
        Command::Controls(options) => controls::run(common, options),
        Command::Test(options) => test::run(common, options),
        Command::Schema(options) => schema::run(options),
        Command::Completions(options) => {
            use clap::CommandFactory;
            let mut command = Arguments::command();
            clap_complete::generate(
                options.shell,
                &mut command,
                "ordinance",
                &mut std::io::stdout(),
            );
            Ok(Exit::Fine)
        }
    }
}
