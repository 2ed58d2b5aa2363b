//! What holds of dates whatever people write: made-up repositories, led from day to day.
//!
//! Time alone loosens nothing but where an exemption begins; rendering once more changes nothing;
//! what changes on a day was foretold; and in which order proposals land is the same in the end.

mod edges;
pub mod made;

use crate::support::binary::full;
use crate::year::probes::verdicts;
use crate::year::world::{BRANCH, Listing, Merge, World, next, night};
use git2::Oid;
use made::{Made, SECOND, made};
use ordinance::calendar::{Kind, Planned, calendar, exemptions, graces, standings};
use ordinance::date::{Date, Period};
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU32, Ordering};

const FEW: u32 = 24;
const MANY: u32 = 400;
/// The days a repository is led through: the second time people write something is among them.
const DAYS: u16 = 26;

/// How many are made up: many with `CI_FULL=1`.
fn cases() -> u32 {
    if full() { MANY } else { FEW }
}

/// The same cases on every machine.
fn each(run: impl Fn(&Made) -> Result<(), String>) {
    let config = Config { cases: cases(), failure_persistence: None, ..Config::default() };
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(config, rng);
    let outcome = runner.run(&made(), |made| run(&made).map_err(TestCaseError::fail));
    outcome.unwrap_or_else(|why| panic!("{why}"));
}

/// What comes of every probe on every cluster.
type Verdicts = BTreeMap<(&'static str, &'static str), &'static str>;

const CLUSTERS: [(&str, &str); 2] = [("dev-1", "native"), ("edge-1", "kyverno")];

fn judged(world: &World, landed: &Listing) -> Verdicts {
    let mut found = Verdicts::new();
    for (cluster, engine) in CLUSTERS {
        let below = format!("{cluster}/policies/");
        let policies = landed
            .iter()
            .filter(|(path, _)| path.starts_with(&below) && !path.ends_with("/kustomization.yaml"));
        let ids: Vec<Oid> = policies.map(|(_, id)| *id).collect();
        let verdicts = verdicts(world, engine, &ids).into_iter();
        found.extend(verdicts.map(|(probe, verdict)| ((cluster, probe), verdict)));
    }
    found
}

fn rank(verdict: &str) -> usize {
    let ranks = ["passes", "audits", "warns", "denies"];
    ranks.iter().position(|one| *one == verdict).expect("a verdict")
}

/// The days on which the calendar says that something changes, as of a day; the last of an
/// exemption is the day before.
fn foretold(world: &mut World, today: Date) -> BTreeSet<Date> {
    let rendered = world.render("main", today).expect("what has landed renders");
    let loaded = world.load("main");
    let planned: Vec<Planned<'_>> = rendered
        .clusters
        .iter()
        .map(|(name, one)| Planned {
            cluster: name,
            today: &rendered.units[one.unit].plan,
            committed: None,
        })
        .collect();
    let standings = standings(&loaded.linked, today);
    let events = exemptions(&standings, today).into_iter().chain(graces(&planned));
    let ahead = calendar(events, today, today.plus(Period { days: 400 })).ahead;
    let days = ahead.into_iter().map(|event| match event.kind {
        Kind::ExemptionEnds | Kind::ReviewDue => next(event.day),
        _ => event.day,
    });
    days.collect()
}

/// Leads a made-up repository from day to day; whether it was sound to the end.
fn lead(made: &Made) -> Result<bool, String> {
    let mut today = made.begins;
    let mut world = begun(made);
    let mut verdicts = Verdicts::new();
    let mut landed = Listing::new();
    let mut ahead = BTreeSet::new();
    let (mut fresh, mut waits) = (false, 0);
    for number in 0..DAYS {
        if number == 0 || number == SECOND {
            if number == SECOND {
                write(&world, "main", today, made.edits());
            }
            (fresh, waits) = (true, made.waits);
            // What is wrong comes to nothing; that it is told is tested elsewhere.
            if let Err(why) = world.render("main", today) {
                return if why.contains("error[") { Ok(false) } else { Err(why) };
            }
        }
        let is_open = world.bot(today);
        if is_open && waits > 0 {
            waits -= 1;
            today = next(today);
            continue;
        }
        if is_open {
            world.merge(BRANCH, night(today), Merge::Commit);
            if world.bot(today) {
                let again = world.difference("main", BRANCH);
                return Err(format!("{today}: rendering once more changes {again}"));
            }
        }
        let now = world.rendered("main");
        if now != landed {
            let since = judged(&world, &now);
            if !fresh {
                if !ahead.contains(&today) {
                    return Err(format!("{today}: nobody foretold a change; {ahead:?}"));
                }
                for (key, verdict) in &since {
                    let before = verdicts.get(key).copied().unwrap_or("passes");
                    if rank(verdict) < rank(before) && !made.begins_on(key.1, today) {
                        return Err(format!("{today}: {key:?} {before} -> {verdict} by itself"));
                    }
                }
            }
            (verdicts, landed) = (since, now);
            ahead = foretold(&mut world, today);
        } else if fresh {
            ahead = foretold(&mut world, today);
        }
        (fresh, waits) = (false, 0);
        today = next(today);
    }
    Ok(true)
}

fn begun(made: &Made) -> World {
    let files = made.files();
    let files: Vec<(&str, &str)> =
        files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    World::new(night(made.begins), &files)
}

fn write(world: &World, branch: &str, today: Date, files: Vec<(String, String)>) {
    let edits: Vec<(&str, Option<&str>)> =
        files.iter().map(|(path, text)| (path.as_str(), Some(text.as_str()))).collect();
    world.commit(branch, night(today), &edits);
}

#[test]
fn time_loosens_nothing_and_changes_nothing_that_was_not_foretold() {
    let sound = AtomicU32::new(0);
    each(|made| {
        let was_sound = lead(made)?;
        sound.fetch_add(was_sound.into(), Ordering::Relaxed);
        Ok(())
    });
    let sound = sound.into_inner();
    assert!(sound * 3 > cases() * 2, "only {sound} of {} were sound", cases());
}

/// Two people ask for something on one day, and each is rendered, proposed and merged before the
/// next one is looked at: whoever comes first, the same has landed in the evening, and on every day
/// after.
#[test]
fn the_order_in_which_proposals_land_does_not_matter() {
    let sound = AtomicU32::new(0);
    each(|made| {
        let today = made.begins;
        let mut begun = begun(made);
        let lands = |world: &mut World, today: Date| {
            if world.bot(today) {
                world.merge(BRANCH, night(today), Merge::Commit);
            }
        };
        if begun.render("main", today).is_err() {
            return Ok(());
        }
        lands(&mut begun, today);
        let later = made.day(2);
        let both = made.two();
        let mut worlds = vec![];
        for order in [[0, 1], [1, 0]] {
            let mut world = begun.fork();
            for number in order {
                write(&world, "main", later, both[number].clone());
                if let Err(why) = world.render("main", later) {
                    return if why.contains("error[") { Ok(()) } else { Err(why) };
                }
                lands(&mut world, later);
            }
            worlds.push(world);
        }
        let mut day = later;
        for _ in 0..12 {
            let [one, other] = &mut worlds[..] else { return Err("two worlds".to_owned()) };
            if one.rendered("main") != other.rendered("main") {
                let differs = differs(one, other);
                return Err(format!("{day}: it matters who was first: {differs}"));
            }
            day = next(day);
            worlds.iter_mut().for_each(|world| lands(world, day));
        }
        sound.fetch_add(1, Ordering::Relaxed);
        Ok(())
    });
    let sound = sound.into_inner();
    assert!(sound * 2 > cases(), "only {sound} of {} were sound", cases());
}

/// The first file that is not the same, as both have it.
fn differs(one: &World, other: &World) -> String {
    let (ours, theirs) = (one.rendered("main"), other.rendered("main"));
    let paths: BTreeSet<&String> = ours.keys().chain(theirs.keys()).collect();
    let mut differing = paths.into_iter().filter(|path| ours.get(*path) != theirs.get(*path));
    let Some(path) = differing.next() else { return "nothing".to_owned() };
    let text = |world: &World, id: Option<&Oid>| {
        let bytes = id.map(|id| world.bytes(*id)).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    };
    format!("{path}\n{}\n---\n{}", text(one, ours.get(path)), text(other, theirs.get(path)))
}
