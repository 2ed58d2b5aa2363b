//! The command line: what is asked, where it is read from, what is said, and the exit status.
//!
//! Data goes to stdout and talk to stderr. Exit statuses: 0 fine, 1 the answer is no, 2 the input
//! is wrong, 3 the outside world failed, 70 a defect of ours.

/// A line of data on stdout.
macro_rules! say {
    () => { $crate::cli::talk::print("\n") };
    ($($words:tt)*) => { $crate::cli::talk::print(&format!("{}\n", format_args!($($words)*))) };
}

/// A line of talk on stderr.
macro_rules! tell {
    ($($words:tt)*) => { $crate::cli::talk::aside(&format!("{}\n", format_args!($($words)*))) };
}

mod advisory;
mod baseline;
mod begin;
mod blast;
mod calendar;
mod check;
mod controls;
mod diff;
mod doctor;
mod due;
mod exemptions;
mod explain;
mod frameworks;
mod help;
mod init;
mod inventory;
mod known;
mod named;
mod networks;
mod newer;
mod options;
mod pager;
mod posture;
mod propose;
mod render;
mod repository;
mod review;
mod schema;
mod snapshots;
mod summary;
mod talk;
mod test;
mod upgrade;
mod validate;

use clap::Parser;
use options::{Arguments, Command};
use std::process::ExitCode;

/// The stack of each working thread, in bytes.
const STACK_BYTES: usize = 16 << 20;

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
    // The deepest YAML that is read takes more stack than a thread has by itself.
    let threads = rayon::ThreadPoolBuilder::new().stack_size(STACK_BYTES).build_global();
    if let Err(error) = threads {
        tell!("error: no threads could be started: {error}");
        return ExitCode::from(Exit::World as u8);
    }
    let run = std::panic::catch_unwind(|| run(&arguments));
    match run {
        Ok(Ok(exit)) => ExitCode::from(exit as u8),
        Ok(Err(failure)) => {
            talk::failure(&failure);
            ExitCode::from(Exit::World as u8)
        }
        Err(_) => {
            tell!("error: this is a defect of Ordinance; please report it with the lines above");
            ExitCode::from(70)
        }
    }
}

fn run(arguments: &Arguments) -> Result<Exit, crate::failure::Failure> {
    match &arguments.command {
        Command::Validate(options) => validate::run(options),
        Command::Render(options) => render::run(options),
        Command::Diff(options) => diff::run(options),
        Command::Review(options) => review::run(options),
        Command::Propose(options) => propose::run(options),
        Command::Advisory(options) => advisory::run(options),
        Command::Inventory(options) => inventory::run(options),
        Command::Init(options) => init::run(options),
        Command::Explain(options) => explain::run(options),
        Command::Exemptions(options) => exemptions::run(options),
        Command::Calendar(options) => calendar::run(options),
        Command::Upgrade(options) => upgrade::run(options),
        Command::Posture(options) => posture::run(options),
        Command::Doctor(options) => doctor::run(options),
        Command::Controls(options) => controls::run(options),
        Command::Check(options) => check::run(options),
        Command::Baseline(options) => baseline::run(options),
        Command::Test(options) => test::run(options),
        Command::Schema(options) => schema::run(options),
        Command::Completions(options) => {
            use clap::CommandFactory;
            let mut command = Arguments::command();
            let mut script = vec![];
            clap_complete::generate(options.shell, &mut command, "ordinance", &mut script);
            talk::print(&String::from_utf8_lossy(&script));
            Ok(Exit::Fine)
        }
    }
}
