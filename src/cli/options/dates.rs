//! The options of what tells dates.

use super::{Common, Day, day};
use crate::cli::help;
use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand};

#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Exemptions {
    #[command(subcommand)]
    pub edit: Option<Edit>,
    /// How to tell them
    #[arg(long, value_name = "FORMAT", default_value = "text", value_parser = exemption_formats())]
    pub format: String,
    /// Exit with 1 if a review is overdue, or if one has ended or matches nothing
    #[arg(long)]
    pub check: bool,
    #[command(flatten)]
    pub common: Common,
}

#[derive(Subcommand)]
pub enum Edit {
    /// Take exemptions that have ended out of their files
    ///
    /// Touches nothing else in them: comments and layout stay as they are. A file that held nothing
    /// else is removed. Without `--write` it only shows what would go.
    #[command(after_help = help::EXEMPTIONS_PRUNE)]
    Prune(Prune),
}

#[derive(Args)]
pub struct Prune {
    /// Edit the files
    #[arg(long)]
    pub write: bool,
    /// Also those that match nothing: no cluster they select is asked for what they lift
    #[arg(long)]
    pub unused: bool,
    #[command(flatten)]
    pub common: Common,
}

#[derive(Args)]
pub struct Calendar {
    /// The last day to tell of; without it, a year from the day it is told for
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub until: Option<Day>,
    /// How to tell them
    #[arg(long, value_name = "FORMAT", default_value = "text", value_parser = calendar_formats())]
    pub format: String,
    #[command(flatten)]
    pub common: Common,
}

fn exemption_formats() -> PossibleValuesParser {
    PossibleValuesParser::new(crate::report::EXEMPTION_FORMATS.iter().map(|format| format.id))
}

fn calendar_formats() -> PossibleValuesParser {
    PossibleValuesParser::new(crate::report::CALENDAR_FORMATS.iter().map(|format| format.id))
}
