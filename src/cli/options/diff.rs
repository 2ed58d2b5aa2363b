//! What `ordinance diff` takes.

use super::{Common, Directions, WithinBudget};
use crate::report::FORMATS;
use clap::Args;
use clap::builder::PossibleValuesParser;

#[derive(Args)]
pub struct Diff {
    /// The commit to compare with; without it, HEAD
    #[arg(long, value_name = "REF")]
    pub against: Option<String>,
    /// Only these clusters (can be repeated)
    #[arg(long, value_name = "NAME")]
    pub cluster: Vec<String>,
    /// Only what this intent asks for, or asked for in what it is compared with (can be repeated)
    #[arg(long, value_name = "NAME")]
    pub intent: Vec<String>,
    /// How to tell it
    #[arg(long, value_name = "FORMAT", default_value = "text", value_parser = formats())]
    pub format: String,
    /// Do not show a long text in a pager
    #[arg(long)]
    pub no_pager: bool,
    /// Exit with 1 if anything would change
    #[arg(long)]
    pub exit_code: bool,
    /// Say whom it hits as if this ran everywhere, instead of what `workloads/` holds (can be repeated)
    #[arg(long, value_name = "PATH")]
    pub workloads: Vec<String>,
    #[command(flatten)]
    pub budget: WithinBudget,
    #[command(flatten)]
    pub directions: Directions,
    #[command(flatten)]
    pub common: Common,
}

fn formats() -> PossibleValuesParser {
    let ids: Vec<&'static str> = FORMATS.iter().map(|format| format.id).collect();
    PossibleValuesParser::new(ids)
}
