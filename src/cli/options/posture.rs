//! What `ordinance posture` is asked.

use super::Common;
use clap::Args;
use clap::builder::PossibleValuesParser;

#[derive(Args)]
pub struct Posture {
    /// Only this framework, as `name` or `name@version`; without it, all that intents ask for
    #[arg(long, value_name = "FRAMEWORK")]
    pub framework: Option<String>,
    /// How to tell it
    #[arg(long, value_name = "FORMAT", default_value = "markdown", value_parser = formats())]
    pub format: String,
    #[command(flatten)]
    pub common: Common,
}

fn formats() -> PossibleValuesParser {
    PossibleValuesParser::new(crate::report::POSTURE_FORMATS.iter().map(|format| format.id))
}
