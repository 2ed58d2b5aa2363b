//! What `ordinance advisory` is asked.

use super::{Common, Told};
use crate::cli::help;
use clap::{Args, Subcommand};

#[derive(Args)]
pub struct Advisory {
    #[command(subcommand)]
    pub what: AdvisoryOf,
}

#[derive(Subcommand)]
pub enum AdvisoryOf {
    /// Draft the document of an advisory from an OSV or CVE record
    ///
    /// Reads OSV (schema 1.x) or CVE JSON (5.x) and prints the document. What it cannot say is in
    /// it as comments, and is told. A record that was withdrawn or rejected is refused.
    #[command(after_help = help::ADVISORY_IMPORT)]
    Import(ImportAdvisory),
    /// Say what advisories affect: clusters, nodes, and what runs already
    ///
    /// Looks at the inventory and at the snapshots in `workloads/`. Tells which nodes to cordon,
    /// what is refused, and what no admission can refuse.
    #[command(after_help = help::ADVISORY_AFFECTED)]
    Affected(Affected),
}

#[derive(Args)]
pub struct ImportAdvisory {
    /// The record, as JSON; `-` is stdin
    #[arg(value_name = "FILE")]
    pub file: String,
    /// Write it to intents/advisories/ID.yaml, which must not be there yet
    #[arg(long)]
    pub write: bool,
    #[command(flatten)]
    pub common: Common,
}

#[derive(Args)]
pub struct Affected {
    /// The advisory; without it, all that count on the day
    pub name: Option<String>,
    /// How to tell it
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: Told,
    #[command(flatten)]
    pub common: Common,
}
