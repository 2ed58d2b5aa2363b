//! Days at the edges of something: of a time zone, of an exemption, of February, of a year, of the
//! calendar, and of what a lock has noted.

use crate::support::binary::{must, ordinance};
use crate::support::files::{self, Tree};
use crate::year::probes::verdicts;
use crate::year::world::{BRANCH, Merge, Moment, World, day, local, next, night};
use git2::Oid;
use ordinance::date::Date;

const FLEET: &str = "apiVersion: ordinance.dev/v1\nkind: Fleet\nmetadata: {name: small}\nspec:\n  \
    environments: [{name: production}]\n";
const CLUSTER: &str = "apiVersion: ordinance.dev/v1\nkind: Cluster\nmetadata: {name: dev-1}\nspec: \
    {kubernetes: \"1.34\", provider: generic, engine: {name: native}}\n";
const HOST: &str = "apiVersion: ordinance.dev/v1\nkind: Intent\nmetadata: {name: host}\nspec:\n  \
    statement: It shall be so.\n  owner: platform\n  requires:\n    - {control: \
    disallow-host-namespaces, grace: {period: 3d, action: warn}}\n";
const ROOT: &str = "apiVersion: ordinance.dev/v1\nkind: Intent\nmetadata: {name: root}\nspec:\n  \
    statement: It shall be so.\n  owner: platform\n  requires: [{control: run-as-non-root}]\n  \
    exemptions: {}\n";

fn exemption(dates: &str) -> String {
    format!(
        "apiVersion: ordinance.dev/v1\nkind: Exemption\nmetadata: {{name: hole}}\nspec:\n  lifts: \
         [{{intent: root, controls: [run-as-non-root]}}]\n  scope: {{namespaces: {{names: \
         [billing]}}}}\n  reason: It predates the rule.\n  owner: team\n{dates}"
    )
}

fn world(on: Date, files: &[(&str, &str)]) -> World {
    let mut all = vec![("ordinance.yaml", FLEET), ("clusters/dev-1.yaml", CLUSTER)];
    all.extend(files);
    World::new(night(on), &all)
}

/// What comes of a probe by what has landed.
fn verdict(world: &World, probe: &str) -> &'static str {
    let landed = world.rendered("main").into_iter();
    let policies = landed.filter(|(path, _)| {
        path.starts_with("dev-1/policies/") && !path.ends_with("/kustomization.yaml")
    });
    let ids: Vec<Oid> = policies.map(|(_, id)| id).collect();
    verdicts(world, "native", &ids)[probe]
}

/// The bot's day; what is proposed lands in the evening.
fn lands(world: &mut World, today: Date) {
    if world.bot(today) {
        world.merge(BRANCH, night(today), Merge::Commit);
    }
}

/// The first day on which a probe is denied, if the rule was merged at a moment.
fn flips(proposed: &str, at: Moment) -> String {
    let mut world = world(day(proposed), &[("intents/host.yaml", HOST)]);
    assert!(world.bot(day(proposed)));
    world.merge(BRANCH, at, Merge::Commit);
    let mut today = day(proposed);
    while verdict(&world, "host-shop") != "denies" {
        assert_eq!(verdict(&world, "host-shop"), "warns");
        today = next(today);
        lands(&mut world, today);
    }
    today.to_string()
}

#[test]
fn the_day_of_a_merge_is_that_in_utc() {
    // It is the 11th already in London when the 10th ends twelve hours west of it.
    assert_eq!(flips("2027-03-09", local(day("2027-03-10"), 23, 59, -12)), "2027-03-14");
    // It is the 10th still when the 11th begins fourteen hours to the east.
    assert_eq!(flips("2027-03-09", local(day("2027-03-11"), 0, 30, 14)), "2027-03-13");
    assert_eq!(flips("2027-03-09", local(day("2027-03-10"), 23, 59, 0)), "2027-03-13");
    assert_eq!(flips("2027-03-09", local(day("2027-03-11"), 0, 0, 0)), "2027-03-14");
    // A clock that goes wrong: before the rule was proposed, its own day counts.
    assert_eq!(flips("2027-03-09", local(day("2020-01-01"), 12, 0, 0)), "2027-03-12");
}

#[test]
fn graces_go_over_leap_days_and_ends_of_years() {
    let noon = |written: &str| local(day(written), 12, 0, 0);
    assert_eq!(flips("2028-02-27", noon("2028-02-27")), "2028-03-01");
    assert_eq!(flips("2028-02-26", noon("2028-02-26")), "2028-02-29");
    assert_eq!(flips("2028-02-29", noon("2028-02-29")), "2028-03-03");
    assert_eq!(flips("2027-02-26", noon("2027-02-26")), "2027-03-01");
    assert_eq!(flips("2027-12-29", noon("2027-12-29")), "2028-01-01");
    assert_eq!(flips("2027-12-31", noon("2027-12-31")), "2028-01-03");
}

/// On which days of some a probe is let in.
fn passes(dates: &str, days: &[&str]) -> Vec<bool> {
    let hole = exemption(dates);
    let mut world =
        world(day(days[0]), &[("intents/root.yaml", ROOT), ("intents/hole.yaml", &hole)]);
    let mut passes = vec![];
    for today in days {
        lands(&mut world, day(today));
        assert_eq!(verdict(&world, "root-shop"), "denies", "another namespace, on {today}");
        passes.push(verdict(&world, "root-billing") == "passes");
    }
    passes
}

#[test]
fn an_exemption_counts_on_its_first_day_and_on_its_last() {
    let dates = "  granted: 2028-02-28\n  expires: 2028-02-29\n";
    let days = ["2028-02-27", "2028-02-28", "2028-02-29", "2028-03-01"];
    assert_eq!(passes(dates, &days), [false, true, true, false]);
    let dates = "  granted: 2027-12-31\n  expires: 2027-12-31\n";
    assert_eq!(passes(dates, &["2027-12-30", "2027-12-31", "2028-01-01"]), [false, true, false]);
}

#[test]
fn two_hundred_years_are_a_long_time_and_no_error() {
    let dates = "  granted: 2027-02-28\n  expires: 2227-02-28\n";
    let days = ["2027-02-28", "2127-02-28", "2227-02-28", "2227-03-01"];
    assert_eq!(passes(dates, &days), [true, true, true, false]);
    let dates = "  granted: 9999-12-01\n  expires: 9999-12-31\n";
    assert_eq!(passes(dates, &["9999-11-30", "9999-12-01", "9999-12-31"]), [false, true, true]);

    let tree = [
        ("ordinance.yaml", FLEET.to_owned()),
        ("clusters/dev-1.yaml", CLUSTER.to_owned()),
        ("intents/root.yaml", ROOT.to_owned()),
        ("intents/hole.yaml", exemption("  granted: 2027-02-28\n  expires: 2227-02-28\n")),
    ];
    let tree: Tree =
        tree.into_iter().map(|(path, text)| (path.to_owned(), text.into_bytes())).collect();
    let folder = files::folder(&tree);
    let told = must(folder.path(), &["exemptions", "--format", "json", "--now", "2027-02-28"]);
    let told: serde_json::Value = serde_json::from_str(&told.out).expect("one JSON document");
    assert_eq!(told["exemptions"][0]["daysLeft"], 73_048);
    let until = &["calendar", "--now", "2027-02-28", "--until", "2227-02-28"];
    let told = must(folder.path(), until).out;
    assert!(told.contains("  2227-02-28  exemption ends    hole counts for the last"), "{told}");
    let icalendar = &["calendar", "--format", "icalendar", "--now", "2027-02-28", "--until"];
    let told = must(folder.path(), &[&icalendar[..], &["9999-12-31"]].concat()).out;
    assert!(told.contains("DTSTART;VALUE=DATE:22270228\r\nDTEND;VALUE=DATE:22270301"), "{told}");
}

/// What begins after its end is no exemption, and both days are named.
#[test]
fn granted_after_it_expires_is_an_error_with_its_place() {
    let tree = [
        ("ordinance.yaml", FLEET.to_owned()),
        ("clusters/dev-1.yaml", CLUSTER.to_owned()),
        ("intents/root.yaml", ROOT.to_owned()),
        ("intents/hole.yaml", exemption("  granted: 2028-03-01\n  expires: 2028-02-29\n")),
    ];
    let tree: Tree =
        tree.into_iter().map(|(path, text)| (path.to_owned(), text.into_bytes())).collect();
    let folder = files::folder(&tree);
    // Whatever day it is.
    for now in ["2027-01-01", "2028-02-29", "2030-01-01"] {
        let run = ordinance(folder.path(), &["render", "--now", now]);
        assert_eq!(run.code, 2, "{}", run.err);
        assert!(run.err.contains("intents/hole.yaml:10:12"), "{}", run.err);
        assert!(run.err.contains("error[exemption-dates]"), "{}", run.err);
    }
}

/// A clock that goes back, or a machine whose clock is wrong, begins nothing anew and ends nothing.
#[test]
fn a_clock_before_the_days_of_a_lock_changes_nothing() {
    let files = [("intents/host.yaml", HOST), ("intents/root.yaml", ROOT)];
    let mut world = world(day("2028-01-10"), &files);
    lands(&mut world, day("2028-01-10"));
    for earlier in ["2028-01-09", "2027-12-31", "2000-02-29", "1970-01-01"] {
        assert!(!world.bot(day(earlier)), "{earlier}");
    }
    // What waits for its day still waits, from the day it landed.
    assert!(!world.bot(day("2028-01-12")));
    lands(&mut world, day("2028-01-13"));
    assert_eq!(verdict(&world, "host-shop"), "denies");
    // What is in force stays so before the day on which it came into force.
    for earlier in ["2028-01-12", "2028-01-01", "1970-01-01"] {
        assert!(!world.bot(day(earlier)), "{earlier}");
    }
}

/// What was once rendered again otherwise on the same day: two requirements for one rule, of which
/// one has no grace, or a shorter one for a part of what the other is about.
#[test]
fn requirements_for_one_rule_are_settled_by_one_render() {
    let intent = |requires: &str| {
        format!(
            "apiVersion: ordinance.dev/v1\nkind: Intent\nmetadata: {{name: all}}\nspec:\n  \
             statement: It shall be so.\n  owner: platform\n  requires:\n{requires}"
        )
    };
    let short = "    - {control: disallow-host-namespaces, grace: {period: 1d, action: audit}";
    let long = "    - {control: disallow-host-namespaces, grace: {period: 2d, action: audit}}\n";
    let ungraced = "    - {control: disallow-host-namespaces}\n";
    for (requires, flips) in [
        (format!("{short}}}\n{ungraced}"), ["denies", "denies", "denies"]),
        (
            format!("{short}, namespaces: {{matchLabels: {{team: shop}}}}}}\n{long}"),
            ["audits", "denies", "denies"],
        ),
        (
            format!("{short}, namespaces: {{matchLabels: {{team: reports}}}}}}\n{long}"),
            ["audits", "audits", "denies"],
        ),
    ] {
        let first = day("2028-02-20");
        let mut world = world(first, &[("intents/all.yaml", &intent(&requires))]);
        // It lands a day after it was proposed.
        assert!(world.bot(first));
        let mut today = first;
        for verdict in flips {
            today = next(today);
            lands(&mut world, today);
            assert_eq!(self::verdict(&world, "host-shop"), verdict, "{today}\n{requires}");
            let again = world.bot(today);
            let changed = if again { world.difference("main", BRANCH) } else { String::new() };
            assert!(!again, "{today}\n{requires}\n{changed}");
        }
    }
}
