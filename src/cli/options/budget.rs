//! Where a report is to be put, as `diff` is told.

use crate::delivery::forge;
use crate::report::Budget;
use clap::Args;
use clap::builder::PossibleValuesParser;

#[derive(Args)]
pub struct WithinBudget {
    /// With `--format markdown`: as much as this forge takes in a proposal or a comment, the worst first
    #[arg(long, value_name = "FORGE", value_parser = places(), hide_possible_values = true)]
    pub budget: Option<String>,
}

fn places() -> PossibleValuesParser {
    PossibleValuesParser::new(forge::PLACES.iter().map(|place| place.name))
}

impl WithinBudget {
    /// The budget, if one was asked for; an error that was told where there is none to keep.
    pub fn budget(&self, format: &str) -> Result<Option<Budget>, ()> {
        if self.budget.is_some() && format != "markdown" {
            tell!("error: `--budget` is kept by `--format markdown`, and this is `{format}`");
            tell!("hint: leave one of them out, or say `--format markdown`");
            return Err(());
        }
        Ok(self.budget.as_deref().and_then(forge::budget_of))
    }
}
