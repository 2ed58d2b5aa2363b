//! What can be said on the command line.

mod advisory;
mod baseline;
mod budget;
mod check;
mod dates;
mod diff;
mod direction;
mod inventory;
mod posture;
mod review;
mod upgrade;

pub use advisory::{Advisory, AdvisoryOf, Affected, ImportAdvisory};
pub use baseline::{Baseline, FailOn};
pub use budget::WithinBudget;
pub use check::{Check, Enforcer, Setting};
pub use dates::{Calendar, Edit, Exemptions, Prune};
pub use diff::Diff;
pub use direction::{Directions, FailOnLoosen, Only};
pub use inventory::{Add, Completed, Import, Inventory, InventoryOf};
pub use posture::Posture;
pub use review::Review;
pub use upgrade::Upgrade;

use super::help;
use crate::date::Date;
use crate::document::Severity;
use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

/// Keeps the security policy of many Kubernetes clusters in Git
///
/// People commit intents and a cluster inventory; Ordinance renders what each cluster's engine
/// takes, shows what would change, and opens the pull request that the sync tool then applies.
#[derive(Parser)]
#[command(version, max_term_width = 100, after_help = help::ALL)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Command,
}

/// Where it is read from.
#[derive(Args)]
pub struct Place {
    /// The policy repository
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub repository: PathBuf,
}

/// How it is shown.
#[derive(Args)]
pub struct Shown {
    /// When to use colours; `auto` heeds `NO_COLOR` and `TERM=dumb`
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub color: Colour,
}

/// What commands take that look at clusters on a day.
#[derive(Args)]
pub struct Common {
    #[command(flatten)]
    pub place: Place,
    /// The day to decide for; without it, today in UTC
    #[arg(long, value_name = "DATE", env = "ORDINANCE_NOW", value_parser = day)]
    pub now: Option<Day>,
    /// When lines of locks landed, from this file instead of the base's history
    #[arg(long, value_name = "FILE", hide = true)]
    pub landings: Option<PathBuf>,
    #[command(flatten)]
    pub shown: Shown,
}

/// A day, or none where a variable is set to nothing.
#[derive(Clone, Copy, Debug)]
pub struct Day(pub Option<Date>);

fn day(written: &str) -> Result<Day, String> {
    match written {
        "" => Ok(Day(None)),
        written => written.parse().map(|date| Day(Some(date))),
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Colour {
    Auto,
    Always,
    Never,
}

#[derive(Subcommand)]
pub enum Command {
    /// Check every document and how they fit together
    ///
    /// Warns of files in `workloads/` as well that no command could use. All of them are read, one at a
    /// time, so with large snapshots of many clusters it takes a while.
    #[command(after_help = help::VALIDATE)]
    Validate(Validate),
    /// Render what every cluster must be given
    ///
    /// Writes the output folder of the repository. A cluster's folder is swapped whole, and only
    /// files that its lock names are ever removed. Running it again changes nothing.
    #[command(after_help = help::RENDER)]
    Render(Render),
    /// Say what rendering would change, cluster by cluster
    ///
    /// Compares what would be rendered with a commit. Like changes of many clusters are said once.
    #[command(after_help = help::DIFF)]
    Diff(Diff),
    /// Serve the review of what rendering would change, renewed as files change
    ///
    /// The page that `diff --format html` writes, on this machine alone: it renders again when an
    /// intent, a cluster, a template or the commit it is compared with changes, and the open page
    /// follows. While the inputs are wrong it says how. Ctrl-C ends it.
    #[command(after_help = help::REVIEW)]
    Review(Review),
    /// Open the pull request that delivers the render
    ///
    /// Renders a commit, commits the result onto it without touching the work tree, pushes a
    /// branch and opens a pull request. Running it again updates both; with nothing to change it
    /// writes nothing.
    #[command(after_help = help::PROPOSE)]
    Propose(Propose),
    /// Say which rules a cluster has, and which lines decided them
    #[command(after_help = help::EXPLAIN)]
    Explain(Explain),
    /// List every exemption: what it lifts, for whom, why, and how it stands
    ///
    /// In force, not yet, ending soon, overdue for review, ended, or matching nothing.
    #[command(after_help = help::EXEMPTIONS)]
    Exemptions(Exemptions),
    /// List the dates ahead, and what is overdue since when
    ///
    /// Every end of a grace, and every beginning, review and end of an exemption.
    #[command(after_help = help::CALENDAR)]
    Calendar(Calendar),
    /// Say how each recommendation of a framework stands on each cluster
    ///
    /// What auditors ask for: enforced by which object, warned about or audited until when, exempt until when and by whom,
    /// provided by the provider, not enforceable by admission, or not covered. With it stand what is
    /// not seen or not judged, every exemption with its reasons, and who decided what, when, from git.
    #[command(after_help = help::POSTURE)]
    Posture(Posture),
    /// Say what an upgrade of Kubernetes or of its engine changes for a cluster
    ///
    /// Renders the cluster as it is, as it would be while the upgrade is under way, and as it would be
    /// then: objects that change shape, controls whose meaning changes, rules that become possible or
    /// impossible, APIs in the snapshot that are gone, quirks that end or begin, and whether all
    /// verdicts stay the same. It edits nothing; its last lines are those to write next.
    #[command(after_help = help::UPGRADE)]
    Upgrade(Upgrade),
    /// Say what a cluster's engine cannot see, or gets wrong
    ///
    /// Lists the known defects and differences of the engine's version: what is rendered instead,
    /// what remains all the same, where that is stated, and the request that proves it.
    #[command(after_help = help::DOCTOR)]
    Doctor(Doctor),
    /// List what can be demanded
    ///
    /// Without a name: all controls and frameworks. With one: that control, or that version of a
    /// framework with what covers each recommendation.
    #[command(after_help = help::CONTROLS)]
    Controls(Controls),
    /// Judge manifests by what a cluster was given, without a cluster
    ///
    /// Renders the rules, reads the rendered bytes back as their engine would, and judges every
    /// object as it would be created. Without `--cluster`, `--control` or `--framework`: by the
    /// rules of all clusters of the repository, equal ones once.
    ///
    /// A namespace's labels are those of the first that states them: its Namespace object among
    /// the manifests, `--namespace`, the cluster's document. Where none does and a rule selects by
    /// other labels than the name, the object is judged as if its namespace had no others, and the
    /// result is marked as assumed. An object that names no namespace lies in `default`.
    #[command(after_help = help::CHECK)]
    Check(Box<Check>),
    /// Exempt for a while what already runs, so that everything new is refused
    ///
    /// Judges what was found in a cluster as `check` does, and writes one exemption per workload
    /// that breaks a rule which denies. Each names every intent that demands it and has an end of
    /// its own. What no exemption may be for, or none can name, is said.
    #[command(after_help = help::BASELINE)]
    Baseline(Box<Baseline>),
    /// Prove that a control's cases get one verdict on every target
    ///
    /// Renders each case's rule for every engine, reads the rendered bytes back and judges the
    /// case's object with them. Without names: the repository's own controls.
    #[command(after_help = help::TEST)]
    Test(Test),
    /// Make Cluster documents from what clusters answer, or from another tool's inventory
    ///
    /// Files and stdin are read; no cluster is asked, and no credential is kept.
    #[command(after_help = help::INVENTORY)]
    Inventory(Inventory),
    /// Draft advisories, and say what they affect
    #[command(after_help = help::ADVISORY)]
    Advisory(Advisory),
    /// Make a small policy repository that validates and renders at once
    #[command(after_help = help::INIT)]
    Init(Init),
    /// Print the JSON Schema of a kind of document, or of a report for programs
    #[command(after_help = help::SCHEMA)]
    Schema(Schema),
    /// Print a completion script for a shell
    #[command(after_help = help::COMPLETIONS)]
    Completions(Completions),
}

#[derive(Args)]
pub struct Validate {
    #[command(flatten)]
    pub common: Common,
}

#[derive(Args)]
pub struct Render {
    /// Write nothing; exit with 1 if rendering would change what is rendered here
    ///
    /// Looks at the files of the folder, whether they are committed or not. Decides for the day each
    /// lock was made; what has come due since is only noted.
    #[arg(long)]
    pub check: bool,
    /// Only these clusters (can be repeated)
    #[arg(long, value_name = "NAME")]
    pub cluster: Vec<String>,
    /// Show every cluster, however many there are
    #[arg(long)]
    pub all: bool,
    /// Render into this folder instead of the repository's output
    #[arg(long, value_name = "DIR", conflicts_with = "check")]
    pub output: Option<PathBuf>,
    #[command(flatten)]
    pub common: Common,
}

#[derive(Args)]
pub struct Propose {
    /// The commit to render; the proposal is made on top of it
    #[arg(long, value_name = "REF", default_value = "HEAD")]
    pub from: String,
    /// Say what would be proposed; needs no token and writes nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Commit to the branch in this repository only; push and open nothing
    #[arg(long, conflicts_with = "dry_run")]
    pub local: bool,
    #[command(flatten)]
    pub common: Common,
}

#[derive(Args)]
pub struct Init {
    /// The folder to write into
    #[arg(value_name = "DIR", default_value = ".")]
    pub folder: PathBuf,
}

#[derive(Args)]
pub struct Explain {
    /// The cluster
    pub cluster: String,
    /// One control, the name a rule is rendered as, or that of an object made of it
    pub control: Option<String>,
    #[command(flatten)]
    pub common: Common,
}

#[derive(Args)]
pub struct Doctor {
    /// The cluster
    pub cluster: String,
    /// How to tell it
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: Told,
    #[command(flatten)]
    pub place: Place,
    #[command(flatten)]
    pub shown: Shown,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Told {
    Text,
    Json,
}

#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Controls {
    #[command(subcommand)]
    pub make: Option<Make>,
    /// A control, or a framework as `name@version`
    pub name: Option<String>,
    /// Only controls in whose id, title, reason or fix all of these words occur
    #[arg(long, value_name = "WORDS", conflicts_with = "name")]
    pub search: Option<String>,
    /// Only controls that this framework names, as `name` or `name@version`
    #[arg(long, value_name = "FRAMEWORK", conflicts_with = "name")]
    pub framework: Option<String>,
    /// Only controls of this severity or a higher one
    #[arg(long, value_name = "SEVERITY", conflicts_with = "name", value_parser = severity)]
    pub severity: Option<Severity>,
    /// Only controls that look at this: `pod`, `workload`, or a kind such as `Ingress`
    #[arg(long, value_name = "KIND", conflicts_with = "name")]
    pub subject: Option<String>,
    /// How the controls are told: a list, or the whole of the reference
    #[arg(long, value_name = "FORMAT", default_value = "text", value_parser = reference_formats())]
    #[arg(conflicts_with = "name")]
    pub format: String,
    #[command(flatten)]
    pub place: Place,
}

#[derive(Subcommand)]
pub enum Make {
    /// Begin a control of one's own: a folder with what is left to do in it
    ///
    /// Writes templates/controls/ID/ with the control and its first cases. Once what says TODO is
    /// filled in, `ordinance test ID` proves it on every engine.
    #[command(after_help = help::CONTROLS_NEW)]
    New(NewControl),
}

#[derive(Args)]
pub struct NewControl {
    /// What it is called: what it forbids or demands, such as `disallow-host-aliases`
    pub id: String,
    /// What it looks at
    #[arg(long, value_enum, default_value = "pod")]
    pub subject: SubjectOf,
    #[command(flatten)]
    pub place: Place,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum SubjectOf {
    /// Pods, whoever makes them
    Pod,
    /// What people write, not what controllers make of it
    Workload,
    /// Named resources, such as Services
    Resources,
}

fn reference_formats() -> clap::builder::PossibleValuesParser {
    let formats = crate::report::REFERENCE_FORMATS.iter();
    let ids = formats.map(|format| format.id);
    clap::builder::PossibleValuesParser::new(std::iter::once("text").chain(ids))
}

fn severity(written: &str) -> Result<Severity, String> {
    let mut all = Severity::ALL.into_iter();
    all.find(|one| one.name() == written).ok_or_else(|| {
        let known: Vec<&str> = Severity::ALL.iter().map(|one| one.name()).collect();
        format!("it is one of {}", known.join(", "))
    })
}

#[derive(Args)]
pub struct Test {
    /// Only these controls
    pub control: Vec<String>,
    /// The built-in controls too
    #[arg(long)]
    pub all: bool,
    #[command(flatten)]
    pub place: Place,
    #[command(flatten)]
    pub shown: Shown,
}

#[derive(Args)]
pub struct Schema {
    /// The kind, such as Intent or DiffReport; without it, the kinds are listed
    pub kind: Option<String>,
}

#[derive(Args)]
pub struct Completions {
    /// The shell
    pub shell: clap_complete::Shell,
}
