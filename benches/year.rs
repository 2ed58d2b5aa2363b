//! How long a year takes: every day the program as a process, that renders a fleet of 1,000
//! clusters and proposes what the day brings.
//!
//! `cargo bench --bench year` prints a row for the table; `-- --days N` stops early and says what a
//! year would come to, `-- --clusters N` takes another fleet. Only the program's own time counts:
//! what people do between is theirs. On the first of each month they change a requirement, and what
//! is proposed is merged on the evening of its day; so about two days in three bring nothing, and
//! the others a grace, an exemption's end, or the month's change.

#[path = "fleet/process.rs"]
#[allow(dead_code, reason = "shared with the other benches")]
mod process;
#[path = "fleet/repository.rs"]
#[allow(dead_code, reason = "shared with the other benches")]
mod repository;
#[path = "fleet/table.rs"]
mod table;

use ordinance::date::{Date, Period};
use process::{Cost, git};
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;
use table::{Aim, Row};

const FIRST: &str = "2026-11-22";
const YEAR: u32 = 365;
/// Seconds, for 1,000 clusters.
const AIM: f64 = 180.0;
const BRANCH: &str = "refs/heads/ordinance/main";

/// What the days cost that bring something, or nothing.
#[derive(Default)]
struct Days {
    number: u32,
    cost: Sum,
    longest: Duration,
    /// Of every one, in their order.
    each: Vec<Cost>,
}

#[derive(Clone, Copy, Default)]
struct Sum {
    wall: Duration,
    processor: Option<Duration>,
}

impl Days {
    fn add(&mut self, cost: Cost) {
        self.number += 1;
        self.each.push(cost);
        self.cost.wall += cost.wall;
        self.longest = self.longest.max(cost.wall);
        self.cost.processor =
            cost.processor.map(|one| one + self.cost.processor.unwrap_or_default());
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let after = |name: &str, otherwise: u32| {
        let index = arguments.iter().position(|one| one == name);
        let written = index.and_then(|index| arguments.get(index + 1));
        written.map_or(otherwise, |written| written.parse().expect("a number"))
    };
    let (days, clusters) = (after("--days", YEAR), after("--clusters", 1_000));
    println!("{}\n", process::machine());
    let folder = tempfile::tempdir().expect("a folder for the fleet");
    let home = folder.path();
    begin(home, clusters as usize);
    let (mut quiet, mut busy) = (Days::default(), Days::default());
    let mut today: Date = FIRST.parse().expect("a day");
    for number in 0..days {
        if number > 0 && today.to_string().ends_with("-01") {
            change(home, &today.to_string());
        }
        let before = tip(home);
        let cost = process::run(&mut propose(home, today));
        // What is new stands on the base of today, which it is merged into.
        if tip(home) == before {
            quiet.add(cost);
        } else {
            busy.add(cost);
            process::run(&mut git(home, &["update-ref", "refs/heads/main", BRANCH]));
        }
        today = today.plus(Period { days: 1 });
    }
    tell(home, &quiet, &busy, clusters as usize);
}

/// A repository of which nothing is rendered yet.
fn begin(home: &Path, clusters: usize) {
    repository::write(home, clusters).expect("the fleet can be written");
    for step in [
        &["init", "--quiet", "--initial-branch", "main"][..],
        &["add", "--all"],
        &["commit", "--quiet", "--message", "The fleet"],
        &["repack", "-a", "-d", "--quiet"],
    ] {
        process::run(&mut on(FIRST, git(home, step)));
    }
}

/// Somebody asks for one more label, mildly at first where it is new.
fn change(home: &Path, today: &str) {
    let path = home.join("intents/labels.yaml");
    let text = fs::read_to_string(&path).expect("an intent");
    let more = format!(
        "    - {{control: required-labels, as: since-{today}, parameters: {{labels: [since-{today}]}}, \
         action: deny, grace: {{period: 14d, action: warn}}}}\n"
    );
    fs::write(path, text + &more).expect("written");
    for step in [
        // The index learns of what has landed; the folder of what is rendered is not checked out.
        &["read-tree", "refs/heads/main"][..],
        &["add", "intents"],
        &["commit", "--quiet", "--message", "One more label"],
    ] {
        process::run(&mut on(today, git(home, step)));
    }
}

fn on(day: &str, mut command: Command) -> Command {
    let moment = format!("{day}T08:00:00+00:00");
    command.env("GIT_AUTHOR_DATE", &moment).env("GIT_COMMITTER_DATE", moment);
    command
}

fn propose(home: &Path, today: Date) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ordinance"));
    command.args(["propose", "--local", "--now", &today.to_string(), "--repository"]).arg(home);
    command.env_remove("ORDINANCE_NOW").env("GIT_CONFIG_NOSYSTEM", "1");
    command
}

/// Where the proposal's branch is.
fn tip(home: &Path) -> String {
    process::output(&mut git(home, &["for-each-ref", "--format=%(objectname)", BRANCH]))
}

fn tell(home: &Path, quiet: &Days, busy: &Days, clusters: usize) {
    let days = quiet.number + busy.number;
    let landed =
        process::output(&mut git(home, &["rev-list", "--count", "--first-parent", "main"]));
    println!("{days} days: {} bring something; {} commits", busy.number, landed.trim());
    // A year's history must not make the last days slower than the first.
    let mean = |some: &[Cost]| {
        let all: f64 =
            some.iter().map(|cost| cost.processor.unwrap_or(cost.wall).as_secs_f64()).sum();
        all / some.len().max(1) as f64
    };
    let few = quiet.each.len().min(20);
    println!(
        "A day that brings nothing takes {:.2} s of processor time among the first {few}, {:.2} s \
         among the last {few}.",
        mean(&quiet.each[..few]),
        mean(&quiet.each[quiet.each.len() - few..])
    );
    let whole = (quiet.cost.wall + busy.cost.wall).as_secs_f64();
    let row = |what: String, days: &Days, aims: Vec<Aim>| Row {
        what,
        clusters,
        cost: Some(Cost { wall: days.cost.wall, processor: days.cost.processor }),
        memory: None,
        aims,
    };
    let longest = |days: &Days| Aim {
        name: "longest",
        unit: " s",
        measured: days.longest.as_secs_f64(),
        below: None,
    };
    let year = Aim {
        name: "a year",
        unit: " s",
        measured: whole * f64::from(YEAR) / f64::from(days.max(1)),
        below: (clusters == 1_000).then_some(AIM),
    };
    table::print(&[
        row(format!("{} days that bring nothing", quiet.number), quiet, vec![longest(quiet)]),
        row(format!("{} days that bring something", busy.number), busy, vec![longest(busy), year]),
    ]);
}
