//! What `ordinance baseline` is asked.

use super::Common;
use crate::date::Date;
use clap::{Args, ValueEnum};
use std::path::PathBuf;

#[derive(Args)]
pub struct Baseline {
    /// The cluster by whose rules it is judged
    pub cluster: String,
    /// Files and folders of what was found there, YAML or JSON; `-` is stdin. Without it,
    /// workloads/CLUSTER of the repository (can be repeated)
    #[arg(long, value_name = "PATH")]
    pub from: Vec<String>,
    /// The label that says who answers for a workload; without it, app.kubernetes.io/team, team or
    /// owner
    #[arg(long, value_name = "KEY")]
    pub owner_label: Option<String>,
    /// Who answers for what has no such label
    #[arg(long, value_name = "NAME")]
    pub default_owner: Option<String>,
    /// Who agreed to all of it
    #[arg(long, value_name = "NAME")]
    pub approved_by: Option<String>,
    /// Where it was agreed
    #[arg(long, value_name = "ID")]
    pub ticket: Option<String>,
    /// The day on which the first exemption ends; without it, half of what the intents allow is left
    #[arg(long, value_name = "DATE")]
    pub expires_from: Option<Date>,
    /// How many days later the last one ends
    #[arg(long, value_name = "DAYS")]
    pub stagger: Option<u16>,
    /// Write nothing; exit with 1 if something breaks a rule that no exemption here is about
    #[arg(long, value_name = "WHAT", conflicts_with = "out")]
    pub fail_on: Option<FailOn>,
    /// Write into this file, such as intents/baseline.yaml; what it holds stays as it is
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    #[command(flatten)]
    pub common: Common,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    /// More than was written down
    Growth,
}
