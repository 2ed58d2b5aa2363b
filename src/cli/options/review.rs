//! The options of what is served to a browser.

use super::Common;
use clap::Args;

#[derive(Args)]
pub struct Review {
    /// The commit to compare with; without it, HEAD
    #[arg(long, value_name = "REF")]
    pub against: Option<String>,
    /// Open the page in the browser
    #[arg(long)]
    pub open: bool,
    /// The port to serve it on; without it, one that is free
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    pub port: u16,
    /// Write the page once and serve nothing
    #[arg(long, hide = true, conflicts_with_all = ["open", "port"])]
    pub once: bool,
    #[command(flatten)]
    pub common: Common,
}
