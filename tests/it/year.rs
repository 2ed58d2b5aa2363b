//! A year, day by day: a bare repository in which people commit and merge, some of it late, and a
//! bot that renders every day and proposes what comes of it.
//!
//! `year/diary.txt` says on which days what happens, file by file and pod by pod, and why; a day
//! that is not listed changes nothing.

mod diary;
mod documents;
pub mod probes;
pub mod world;

use crate::support::binary;
use diary::Diary;
use documents as written;
use ordinance::date::{Date, Period};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};
use world::{BRANCH, Listing, Merge, World, day, local, next, night};

/// 366 days, one of them the 29th of February.
const FIRST: &str = "2027-09-01";
const LAST: &str = "2028-08-31";

/// What people do on a day, before the bot looks.
fn people(world: &mut World, today: &str) {
    let at = night(day(today));
    let commit = |edits: &[(&str, Option<&str>)]| world.commit("main", at, edits);
    match today {
        "2027-10-04" => commit(&[("intents/legacy.yaml", Some(written::LEGACY))]),
        "2027-10-20" => {
            commit(&[(
                "intents/limits.yaml",
                Some(&written::LIMITS.replace("[memory]", "[cpu, memory]")),
            )]);
        }
        "2027-12-15" => commit(&[("intents/tags.yaml", Some(written::TAGS))]),
        "2028-01-10" => commit(&[("intents/renderer.yaml", Some(written::RENDERER))]),
        "2028-02-01" => commit(&[("intents/host.yaml", Some(written::HOST_WIDER))]),
        "2028-03-01" => commit(&[("clusters/fresh-1.yaml", Some(written::FRESH))]),
        "2028-03-05" => {
            let reviewed = format!("{}  reviewed: [2028-03-05]\n", written::RENDERER);
            commit(&[("intents/renderer.yaml", Some(&reviewed))]);
        }
        "2028-04-10" => {
            let regrace = "action: warn, regrace: Two teams have joined}";
            let text = written::LIMITS.replace("[memory]", "[cpu, memory]");
            commit(&[("intents/limits.yaml", Some(&text.replace("action: warn}", regrace)))]);
        }
        "2028-05-20" => {
            let anew = written::RENDERER.replace("granted: 2028-01-10", "granted: 2028-05-20");
            commit(&[("intents/renderer.yaml", Some(&anew))]);
        }
        // Two people render in branches of their own, and the later one lands first.
        "2028-05-22" => {
            world.branch("mounts", "main");
            world.commit("mounts", at, &[("intents/mounts.yaml", Some(written::MOUNTS))]);
            world.commit_rendered("mounts", day(today));
        }
        "2028-05-23" => {
            world.branch("privileged", "main");
            world.commit(
                "privileged",
                at,
                &[("intents/privileged.yaml", Some(written::PRIVILEGED))],
            );
            world.commit_rendered("privileged", day(today));
        }
        "2028-05-25" => world.merge("privileged", at, Merge::Commit),
        "2028-05-28" => world.merge("mounts", at, Merge::Commit),
        "2028-06-12" => commit(&[("intents/escalation.yaml", Some(written::ESCALATION))]),
        "2028-07-10" => commit(&[
            ("intents/root.yaml", None),
            ("intents/no-root.yaml", Some(&written::ROOT.replace("name: root", "name: no-root"))),
            ("intents/legacy.yaml", None),
            ("intents/renderer.yaml", None),
        ]),
        "2028-07-25" => commit(&[("intents/advisory.yaml", Some(written::ADVISORY))]),
        "2028-07-20" => {
            let moved = written::DEV.replace("environment: development", "environment: production");
            commit(&[("clusters/dev-1.yaml", Some(&moved))]);
        }
        _ => {}
    }
}

/// How long what is proposed waits, by the days on which nobody merges it.
const WAITS: [(&str, &str); 6] = [
    ("2027-09-01", "2027-09-02"),
    ("2027-10-20", "2027-10-24"),
    ("2027-12-15", "2027-12-31"),
    ("2028-03-01", "2028-03-03"),
    ("2028-06-12", "2028-06-14"),
    ("2028-06-29", "2028-07-02"),
];

/// What is proposed is merged on the day it is proposed, unless it waits.
fn merged(world: &World, today: Date) {
    if WAITS.iter().any(|(from, until)| day(from) <= today && today <= day(until)) {
        return;
    }
    let (at, how) = match today.to_string().as_str() {
        // Where it is still the last minute of the year, and in UTC the new one.
        "2028-01-01" => (local(day("2027-12-31"), 23, 59, -12), Merge::Commit),
        "2028-06-15" => (night(today), Merge::Squash),
        _ => (night(today), Merge::Commit),
    };
    world.merge(BRANCH, at, how);
}

/// A day as it passes; `lively`: people work, and what is proposed may have to wait.
fn pass(world: &mut World, today: Date, lively: bool) {
    if lively {
        people(world, &today.to_string());
    }
    let real = (lively && ALSO.contains(&today.to_string().as_str())).then(|| real(world, today));
    let is_open = world.bot(today);
    if let Some(real) = real {
        let expected = is_open.then(|| world.rendered(BRANCH));
        assert_eq!(real, expected, "{today}: the program proposes something else");
    }
    match (is_open, lively) {
        (true, true) => merged(world, today),
        (true, false) => world.merge(BRANCH, night(today), Merge::Commit),
        (false, _) => {}
    }
}

/// Days on which the program is run as well: it would propose the very same. On the first something
/// flips, on the second something waits, on the last there is nothing.
const ALSO: [&str; 4] = ["2027-09-17", "2027-10-22", "2028-03-01", "2028-08-31"];

/// What the program itself proposes to be rendered, if anything; beside it lies its report.
fn real(world: &World, today: Date) -> Option<Listing> {
    let fork = world.fork();
    let now = today.to_string();
    let told = binary::must(fork.path(), &["propose", "--local", "--now", &now]).out;
    let nothing = told.contains("Nothing to propose");
    (!nothing).then(|| {
        assert!(fork.holds(BRANCH, "reports/ordinance-main.md"), "{today}: {told}");
        fork.rendered(BRANCH)
    })
}

/// Days on which the calendar is asked what will come: the first on which something has landed,
/// and one of each quarter at least.
const ASKED: [&str; 7] = [
    "2027-09-03",
    "2027-10-04",
    "2027-12-01",
    "2028-01-10",
    "2028-03-04",
    "2028-06-15",
    "2028-07-25",
];

struct Year {
    diary: Diary,
    /// The repository at the end of a day.
    asked: Vec<(Date, World)>,
}

static YEAR: LazyLock<Mutex<Year>> = LazyLock::new(|| {
    let mut world = World::new(night(day(FIRST)), &written::BEGINNING);
    let mut year = Year { diary: Diary::default(), asked: vec![] };
    let mut today = day(FIRST);
    let mut days = 0;
    while today <= day(LAST) {
        pass(&mut world, today, true);
        year.diary.note(&world, today);
        if ASKED.contains(&today.to_string().as_str()) {
            year.asked.push((today, world.fork()));
        }
        (today, days) = (next(today), days + 1);
    }
    assert_eq!(days, 366);
    Mutex::new(year)
});

fn year() -> MutexGuard<'static, Year> {
    YEAR.lock().unwrap_or_else(PoisonError::into_inner)
}

#[test]
fn every_flip_comes_on_its_day_and_once() {
    let expected = include_str!("year/diary.txt").lines();
    let expected: Vec<&str> =
        expected.filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    let year = year();
    let found: Vec<&str> = year.diary.text.lines().collect();
    for (number, (expected, found)) in expected.iter().zip(&found).enumerate() {
        let before = found_before(&year.diary.text, number);
        assert_eq!(found, expected, "of {before}");
    }
    assert_eq!(found.len(), expected.len(), "{}", year.diary.text);
}

/// The last day that is written above a line.
fn found_before(text: &str, line: usize) -> &str {
    let days = text.lines().take(line + 1).filter(|line| !line.starts_with(' '));
    days.last().unwrap_or_default()
}

/// How far ahead the calendar is believed: the last of these days counts.
const AHEAD: Period = Period { days: 100 };

/// What the calendar says on a day is what then happens, if nobody does anything but merge.
#[test]
fn the_calendar_foretells_every_flip_and_nothing_else() {
    let year = &mut *year();
    let mut foretold = 0;
    for (asked, world) in &mut year.asked {
        let until = asked.plus(AHEAD);
        let expected = foreseen(world.path(), *asked, until);
        let mut diary = Diary::default();
        diary.note(world, *asked);
        diary.flips.clear();
        let mut today = next(*asked);
        while today <= until {
            pass(world, today, false);
            diary.note(world, today);
            today = next(today);
        }
        let happened: BTreeSet<Flip> =
            diary.flips.into_iter().flat_map(|(day, files)| flips(day, files)).collect();
        assert_eq!(happened, expected, "as asked on {asked}");
        foretold += expected.len();
    }
    assert!(foretold >= 20, "{foretold} flips were foretold");
}

/// A day, a cluster and a rule of it that changes.
type Flip = (Date, String, String);

fn flips(day: Date, files: BTreeSet<(String, String)>) -> impl Iterator<Item = Flip> {
    let rules = files.into_iter().filter_map(move |(cluster, file)| {
        let rule = file.strip_prefix("policies/")?.strip_suffix(".yaml")?;
        // What asked for less goes with the flip of the rule that asks for more.
        let rule = rule.split("-before-").next()?;
        Some((day, cluster, rule.to_owned()))
    });
    rules.filter(|(.., rule)| rule != "kustomization")
}

/// What the calendar says, as flips: of an exemption's end and review, on the day after.
fn foreseen(repository: &Path, asked: Date, until: Date) -> BTreeSet<Flip> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    git2::Repository::clone(repository.to_str().expect("a path"), folder.path()).expect("a clone");
    let (now, until_text) = (asked.to_string(), until.to_string());
    let told = binary::must(
        folder.path(),
        &["calendar", "--format", "json", "--now", &now, "--until", &until_text],
    );
    let told: serde_json::Value = serde_json::from_str(&told.out).expect("one JSON document");
    // What has ended may stay written down; nothing else was missed.
    let mut overdue = told["overdue"].as_array().expect("a list").iter();
    assert!(overdue.all(|event| event["kind"] == "exemption-ends"), "{}", told["overdue"]);
    let events = told["ahead"].as_array().expect("a list");
    let text =
        |event: &serde_json::Value, field: &str| event[field].as_str().expect("a text").to_owned();
    let names = |event: &serde_json::Value, field: &str| -> Vec<String> {
        let names = event[field].as_array().expect("a list").iter();
        names.map(|name| name.as_str().expect("a name").to_owned()).collect()
    };
    let lapsing: BTreeSet<String> = events
        .iter()
        .filter(|event| event["kind"] == "review-due")
        .map(|event| text(event, "about"))
        .collect();
    let mut flips = BTreeSet::new();
    for event in events {
        let date = day(&text(event, "date"));
        let (date, rules) = match text(event, "kind").as_str() {
            "grace-ends" => (date, names(event, "rules")),
            // Every exemption of the year lifts this.
            "exemption-begins" => (date, vec!["run-as-non-root".to_owned()]),
            "advisory-ends" => (next(date), vec![text(event, "about")]),
            // What has lapsed before has nothing to end.
            "exemption-ends" if lapsing.contains(&text(event, "about")) => continue,
            _ => (next(date), vec!["run-as-non-root".to_owned()]),
        };
        for cluster in names(event, "clusters") {
            flips.extend(rules.iter().map(|rule| (date, cluster.clone(), rule.clone())));
        }
    }
    flips.retain(|(day, ..)| *day <= until);
    flips
}
