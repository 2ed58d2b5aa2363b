//! What `ordinance inventory` is asked.

use super::Place;
use super::check::{Enforcer, engine};
use crate::cli::help;
use crate::name::label;
use clap::{Args, Subcommand};

#[derive(Args)]
pub struct Inventory {
    #[command(subcommand)]
    pub of: InventoryOf,
}

#[derive(Subcommand)]
pub enum InventoryOf {
    /// Make the document of one cluster from what it answers
    ///
    /// Reads what `kubectl version -o json` and `kubectl get nodes -o json` write, one of them or
    /// both. What they do not say is left as a comment in its place.
    #[command(after_help = help::INVENTORY_ADD)]
    Add(Add),
    /// Make the documents of many clusters from another tool's inventory
    ///
    /// Reads kubeconfigs, and the objects with which Argo CD, Cluster API, Open Cluster Management
    /// and Rancher list clusters: names, labels and versions, never a credential.
    #[command(after_help = help::INVENTORY_IMPORT)]
    Import(Import),
}

#[derive(Args)]
pub struct Add {
    /// What the cluster is called
    pub name: String,
    /// Files, YAML or JSON; `-` is stdin
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<String>,
    /// Who runs its control plane; without it, what the answers tell
    #[arg(long, value_name = "ID", value_parser = provider)]
    pub provider: Option<String>,
    #[command(flatten)]
    pub completed: Completed,
}

#[derive(Args)]
pub struct Import {
    /// Files, YAML or JSON; `-` is stdin
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<String>,
    #[command(flatten)]
    pub completed: Completed,
}

/// What is added to every document, and where it goes.
#[derive(Args)]
pub struct Completed {
    /// What enforces policy there, as NAME or NAME@VERSION
    #[arg(long, value_name = "NAME@VERSION", value_parser = engine)]
    pub engine: Option<Enforcer>,
    /// A label, as KEY=VALUE (can be repeated)
    #[arg(long, value_name = "KEY=VALUE", value_parser = pair)]
    pub label: Vec<(String, String)>,
    /// Write clusters/NAME.yaml of the repository; what is there already stays as it is
    #[arg(long)]
    pub write: bool,
    #[command(flatten)]
    pub place: Place,
}

fn provider(written: &str) -> Result<String, String> {
    let known = crate::catalogue::provider_names();
    match known.iter().any(|one| one == written) {
        true => Ok(written.to_owned()),
        false => Err(format!("it is one of {}", known.join(", "))),
    }
}

fn pair(written: &str) -> Result<(String, String), String> {
    let (key, value) = written.split_once('=').ok_or("it is written KEY=VALUE")?;
    for (format, text) in [(label::KEY, key), (label::VALUE, value)] {
        if let Some((problem, _)) = label::problem(format, text) {
            return Err(format!("`{text}` {problem}"));
        }
    }
    Ok((key.to_owned(), value.to_owned()))
}
