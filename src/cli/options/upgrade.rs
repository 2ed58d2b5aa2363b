//! What `ordinance upgrade` is asked.

use super::Common;
use super::check::{Enforcer, engine};
use crate::version::Version;
use clap::Args;
use clap::builder::PossibleValuesParser;

#[derive(Args)]
#[command(group = clap::ArgGroup::new("to").required(true).multiple(true))]
pub struct Upgrade {
    /// The cluster
    pub cluster: String,
    /// The version of Kubernetes it is to have
    #[arg(long, value_name = "VERSION", group = "to")]
    pub kubernetes: Option<Version>,
    /// The version its engine is to have
    #[arg(long, value_name = "NAME@VERSION", value_parser = engine_at, group = "to")]
    pub engine: Option<Enforcer>,
    /// How to tell it
    #[arg(long, value_name = "FORMAT", default_value = "text", value_parser = formats())]
    pub format: String,
    #[command(flatten)]
    pub common: Common,
}

fn engine_at(written: &str) -> Result<Enforcer, String> {
    let found = engine(written)?;
    match found.version {
        Some(_) => Ok(found),
        None => Err(format!("it is written {written}@VERSION")),
    }
}

fn formats() -> PossibleValuesParser {
    PossibleValuesParser::new(crate::report::UPGRADE_FORMATS.iter().map(|format| format.id))
}
