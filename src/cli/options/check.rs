//! What `ordinance check` is asked.

use super::Common;
use crate::version::Version;
use clap::Args;
use std::collections::BTreeMap;

#[derive(Args)]
pub struct Check {
    /// Files and folders of manifests, YAML or JSON; `-` is stdin
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<String>,
    /// By the rules of this cluster (can be repeated)
    #[arg(long, value_name = "NAME", group = "by")]
    pub cluster: Vec<String>,
    /// By the rules of all clusters, equal ones once
    #[arg(long, group = "by")]
    pub all: bool,
    /// By one control; needs no repository
    #[arg(long, value_name = "ID", groups = ["by", "asked"])]
    pub control: Option<String>,
    /// By a framework; needs no repository
    #[arg(long, value_name = "ID", groups = ["by", "asked"])]
    pub framework: Option<String>,
    /// By policies that somebody else wrote: files and folders of them, with their bindings,
    /// constraints and parameters (can be repeated)
    #[arg(long, value_name = "PATH")]
    pub policies: Vec<String>,
    /// A parameter of the control; of a framework's as CONTROL.KEY=JSON (can be repeated)
    #[arg(long, value_name = "KEY=JSON", value_parser = set, conflicts_with_all = ["cluster", "all"], requires = "asked")]
    pub set: Vec<Setting>,
    /// Up to which level of the framework; without it, all of them
    #[arg(long, value_name = "LEVEL", requires = "framework")]
    #[arg(conflicts_with_all = ["cluster", "all", "control"])]
    pub level: Option<String>,
    /// Which version of the framework; without it, `cluster`, the one for this Kubernetes, or
    /// `latest` where versions do not follow Kubernetes
    #[arg(long, value_name = "VERSION", requires = "framework")]
    #[arg(conflicts_with_all = ["cluster", "all", "control"])]
    pub framework_version: Option<String>,
    /// As on this version of Kubernetes
    #[arg(long, value_name = "VERSION")]
    pub kubernetes: Option<Version>,
    /// By what is rendered for this engine, as NAME or NAME@VERSION
    #[arg(long, value_name = "NAME@VERSION", value_parser = engine)]
    pub engine: Option<Enforcer>,
    /// As somebody in this group, who may break the glass; without it, as somebody in none (can be
    /// repeated)
    #[arg(long, value_name = "GROUP", conflicts_with_all = ["control", "framework"])]
    pub as_group: Vec<String>,
    /// The labels of a namespace, as NAME=KEY=VALUE,… (can be repeated)
    #[arg(long, value_name = "NAME=LABELS", value_parser = namespace)]
    pub namespace: Vec<LabelledNamespace>,
    /// How to tell it
    #[arg(long, value_name = "FORMAT", default_value = "text", value_parser = check_formats())]
    pub format: String,
    #[command(flatten)]
    pub common: Common,
}

/// A parameter and its value.
#[derive(Clone, Debug)]
pub struct Setting {
    pub key: String,
    pub value: serde_json::Value,
}

fn set(written: &str) -> Result<Setting, String> {
    let (key, value) = written.split_once('=').ok_or("it is written KEY=JSON")?;
    let value = serde_json::from_str(value)
        .map_err(|_| format!("`{value}` is no JSON; a text needs its quotes: '{key}=\"…\"'"))?;
    Ok(Setting { key: key.to_owned(), value })
}

/// An engine and, where it has one of its own, its version.
#[derive(Clone, Debug)]
pub struct Enforcer {
    pub name: String,
    pub version: Option<Version>,
}

pub fn engine(written: &str) -> Result<Enforcer, String> {
    let (name, version) = match written.split_once('@') {
        Some((name, version)) => (name, Some(version.parse()?)),
        None => (written, None),
    };
    let engines = crate::engine::all();
    if !engines.iter().any(|one| one.id() == name) {
        let known: Vec<&str> = engines.iter().map(|one| one.id()).collect();
        return Err(format!("there is no engine `{name}`; known: {}", known.join(", ")));
    }
    Ok(Enforcer { name: name.to_owned(), version })
}

/// A namespace and its labels.
#[derive(Clone, Debug)]
pub struct LabelledNamespace {
    pub name: String,
    pub labels: BTreeMap<String, String>,
}

fn namespace(written: &str) -> Result<LabelledNamespace, String> {
    let (name, labels) = written.split_once('=').unwrap_or((written, ""));
    if name.is_empty() {
        return Err("it is written NAME=KEY=VALUE,…".to_owned());
    }
    let labels = labels.split(',').filter(|label| !label.is_empty()).map(|label| {
        let (key, value) = label
            .split_once('=')
            .ok_or_else(|| format!("`{label}` is no label: it is written KEY=VALUE"))?;
        Ok((key.to_owned(), value.to_owned()))
    });
    Ok(LabelledNamespace { name: name.to_owned(), labels: labels.collect::<Result<_, String>>()? })
}

fn check_formats() -> clap::builder::PossibleValuesParser {
    let formats = crate::report::CHECK_FORMATS.iter();
    clap::builder::PossibleValuesParser::new(formats.map(|format| format.id))
}
