//! Which way a change goes, as `diff` is asked about it.

use clap::{Args, ValueEnum};

#[derive(Args)]
pub struct Directions {
    /// Tell only what loosens, or is not known not to
    #[arg(long, value_name = "WHICH")]
    pub only: Option<Only>,
    /// Exit with 1 if anything loosens, or is not known not to, and name it
    #[arg(long, value_name = "WHAT")]
    pub fail_on: Option<FailOnLoosen>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Only {
    Loosening,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FailOnLoosen {
    Loosen,
}
