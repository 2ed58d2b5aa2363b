//! Made-up repositories: two clusters, a few intents, exemptions, and what people change later.

use ordinance::date::{Date, Period};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use std::collections::BTreeSet;

/// On which day people write for the second time, counted from the first.
pub const SECOND: u16 = 9;

/// Controls with a probe each; that of the first depends on a parameter.
const CONTROLS: [&str; 4] = [
    "container-resource-limits",
    "run-as-non-root",
    "disallow-host-namespaces",
    "disallow-latest-tag",
];
const ACTIONS: [&str; 3] = ["audit", "warn", "deny"];
const PLACES: [&str; 2] = ["billing", "reports"];

#[derive(Clone, Debug)]
struct Requirement {
    control: usize,
    action: usize,
    /// Days, how mild, and whether in development alone.
    grace: Option<(u8, usize, bool)>,
    /// For one team alone.
    team: Option<bool>,
}

/// Days are counted from the day on which the repository begins.
#[derive(Clone, Debug)]
struct Exemption {
    place: usize,
    granted: Option<i8>,
    lasts: u8,
    reviewed: Vec<u8>,
    cluster: Option<bool>,
}

/// What people write at once.
#[derive(Clone, Debug)]
struct Written {
    requirements: Vec<Requirement>,
    exemptions: Vec<Exemption>,
    /// Limits of the processor, too.
    tighter: bool,
    regrace: bool,
    moved: bool,
}

#[derive(Clone, Debug)]
pub struct Made {
    pub begins: Date,
    /// How many days what is proposed waits, each time that people have written.
    pub waits: u8,
    review: Option<u8>,
    lapse: bool,
    onboarding: Option<u8>,
    first: Written,
    second: Written,
}

fn requirement() -> impl Strategy<Value = Requirement> {
    let grace = option::weighted(0.7, (1_u8..8, 0_usize..2, any::<bool>()));
    (0_usize..CONTROLS.len(), 0_usize..3, grace, option::weighted(0.3, any::<bool>())).prop_map(
        |(control, action, grace, team)| {
            // What is graced is milder than what it is the grace of.
            let grace = grace.filter(|_| action > 0);
            let grace = grace.map(|(days, mild, there)| (days, mild.min(action - 1), there));
            Requirement { control, action, grace, team }
        },
    )
}

fn exemption() -> impl Strategy<Value = Exemption> {
    let reviewed = vec(0_u8..20, 0..3);
    let granted = option::weighted(0.8, -4_i8..14);
    let cluster = option::weighted(0.5, any::<bool>());
    (0_usize..PLACES.len(), granted, 0_u8..14, reviewed, cluster).prop_map(
        |(place, granted, lasts, reviewed, cluster)| Exemption {
            place,
            granted,
            lasts,
            reviewed,
            cluster,
        },
    )
}

fn written() -> impl Strategy<Value = Written> {
    let lists = (vec(requirement(), 1..4), vec(exemption(), 0..3));
    let flags = (any::<bool>(), proptest::bool::weighted(0.2), proptest::bool::weighted(0.2));
    (lists, flags).prop_map(|((requirements, exemptions), (tighter, regrace, moved))| Written {
        requirements,
        exemptions,
        tighter,
        regrace,
        moved,
    })
}

pub fn made() -> impl Strategy<Value = Made> {
    // Beside a leap day, the end of a year, and neither.
    let begins = prop_oneof![Just("2028-02-20"), Just("2027-12-22"), Just("2027-05-03")];
    let bounds = (option::weighted(0.7, 2_u8..9), any::<bool>());
    let onboarding = option::weighted(0.4, 2_u8..9);
    (begins, 0_u8..4, bounds, onboarding, written(), written()).prop_map(
        |(begins, waits, (review, lapse), onboarding, first, second)| Made {
            begins: begins.parse().expect("a day"),
            waits,
            review,
            lapse,
            onboarding,
            first,
            second,
        },
    )
}

impl Written {
    fn requires(&self, one: &Requirement, control: &str) -> String {
        let mut text = format!("    - {{control: {control}, ");
        if one.control == 0 {
            let resources = if self.tighter { "cpu, memory" } else { "memory" };
            text += &format!("parameters: {{resources: [{resources}]}}, ");
        }
        if let Some(shop) = one.team {
            let team = if shop { "shop" } else { "reports" };
            text += &format!("namespaces: {{matchLabels: {{team: {team}}}}}, ");
        }
        if let Some((days, mild, there)) = one.grace {
            let there = if there { "environment: development, " } else { "" };
            let regrace = if self.regrace { ", regrace: So it is" } else { "" };
            let mild = ACTIONS[mild];
            text += &format!("grace: {{{there}period: {days}d, action: {mild}{regrace}}}, ");
        }
        text + &format!("action: {}}}\n", ACTIONS[one.action])
    }
}

fn intent(name: &str, requires: &str) -> String {
    format!(
        "apiVersion: ordinance.dev/v1\nkind: Intent\nmetadata: {{name: {name}}}\nspec:\n  \
         statement: So it shall be.\n  owner: platform\n  requires:\n{requires}  exemptions: {{}}\n"
    )
}

impl Made {
    /// The files it begins with.
    pub fn files(&self) -> Vec<(String, String)> {
        let mut files = vec![
            ("ordinance.yaml".to_owned(), self.fleet()),
            ("clusters/dev-1.yaml".to_owned(), cluster("dev-1", "development", "{name: native}")),
            (
                "clusters/edge-1.yaml".to_owned(),
                cluster("edge-1", "production", "{name: kyverno, version: \"1.19.0\"}"),
            ),
        ];
        files.extend(self.written(&self.first));
        files
    }

    /// What is different of them later.
    pub fn edits(&self) -> Vec<(String, String)> {
        let mut files = self.written(&self.second);
        if self.second.moved {
            let moved = cluster("dev-1", "production", "{name: native}");
            files.push(("clusters/dev-1.yaml".to_owned(), moved));
        }
        files
    }

    /// Whether an exemption that frees a probe begins on a day, or did while a proposal waited.
    pub fn begins_on(&self, probe: &str, today: Date) -> bool {
        let all = self.first.exemptions.iter().chain(&self.second.exemptions);
        let mut freeing = all.filter(|one| probe == format!("root-{}", PLACES[one.place]));
        freeing.any(|one| self.beginning(one) == Some(today))
    }

    fn beginning(&self, exemption: &Exemption) -> Option<Date> {
        let reviewed = exemption.reviewed.iter().min().map(|days| i64::from(*days));
        let first = exemption.granted.map(i64::from).or(reviewed)?;
        Some(self.day(first))
    }

    /// What two people add, each in an intent of their own; about rules that nobody asks for yet
    /// and that the other does not ask for.
    pub fn two(&self) -> [Vec<(String, String)>; 2] {
        let names = |all: &Written| -> BTreeSet<usize> {
            all.requirements.iter().map(|one| one.control).collect()
        };
        let known = names(&self.first);
        let new = |one: &&Requirement| !known.contains(&one.control);
        let new: Vec<Requirement> = self.second.requirements.iter().filter(new).cloned().collect();
        let own = ["disallow-host-path-volumes", "disallow-privileged-containers"];
        [0, 1].map(|number| {
            let mut requires = String::new();
            for one in new.iter().filter(|one| one.control % 2 == number) {
                requires += &self.second.requires(one, CONTROLS[one.control]);
            }
            let mut one = self.second.requirements[0].clone();
            one.control = CONTROLS.len();
            requires += &self.second.requires(&one, own[number]);
            let path = format!("intents/more-{number}.yaml");
            vec![(path, intent(&format!("more-{number}"), &requires))]
        })
    }

    pub fn day(&self, after: i64) -> Date {
        let seconds = self.begins.unix_seconds() + after * 86_400;
        Date::from_unix_seconds(seconds).expect("a day")
    }

    fn fleet(&self) -> String {
        let overdue = if self.lapse { "lapse" } else { "remind" };
        let review = self.review.map(|days| format!("review: {days}d, ")).unwrap_or_default();
        let onboarding = self.onboarding.map(|days| format!("  onboarding: {{period: {days}d}}\n"));
        format!(
            "apiVersion: ordinance.dev/v1\nkind: Fleet\nmetadata: {{name: made}}\nspec:\n  \
             environments:\n    - {{name: development, places: [{{clusters: {{matchLabels: \
             {{environment: development}}}}}}]}}\n    - {{name: production}}\n{}  exemptions: \
             {{{review}overdue: {overdue}}}\n",
            onboarding.unwrap_or_default()
        )
    }

    fn written(&self, written: &Written) -> Vec<(String, String)> {
        let requires = written.requirements.iter();
        let requires = requires.map(|one| written.requires(one, CONTROLS[one.control]));
        let intent = intent("all", &requires.collect::<String>());
        let asked: BTreeSet<usize> = written.requirements.iter().map(|one| one.control).collect();
        let mut exemptions = String::new();
        for (number, one) in written.exemptions.iter().enumerate().filter(|_| asked.contains(&1)) {
            exemptions += &self.exemption(number, one);
        }
        vec![
            ("intents/all.yaml".to_owned(), intent),
            ("intents/exemptions.yaml".to_owned(), exemptions),
        ]
    }

    fn exemption(&self, number: usize, one: &Exemption) -> String {
        // Without a beginning, where reviews are asked for, it would be wrong.
        let (granted, begins) = match (one.granted, self.beginning(one)) {
            (Some(_), Some(begins)) => (Some(begins), begins),
            (None, Some(begins)) => (None, begins),
            _ => (Some(self.begins), self.begins),
        };
        let granted = granted.map(|day| format!("  granted: {day}\n")).unwrap_or_default();
        let reviewed: Vec<String> =
            one.reviewed.iter().map(|days| self.day(i64::from(*days)).to_string()).collect();
        let clusters = match one.cluster {
            Some(true) => "clusters: {names: [dev-1]}, ",
            Some(false) => "clusters: {names: [edge-1]}, ",
            None => "",
        };
        let expires = begins.plus(Period { days: one.lasts.into() });
        format!(
            "---\napiVersion: ordinance.dev/v1\nkind: Exemption\nmetadata: {{name: \
             hole-{number}}}\nspec:\n  lifts: [{{intent: all, controls: [run-as-non-root]}}]\n  \
             scope: {{{clusters}namespaces: {{names: [{}]}}}}\n  reason: It predates the rule.\n  \
             owner: team\n{granted}  expires: {expires}\n  reviewed: [{}]\n",
            PLACES[one.place],
            reviewed.join(", ")
        )
    }
}

fn cluster(name: &str, environment: &str, engine: &str) -> String {
    format!(
        "apiVersion: ordinance.dev/v1\nkind: Cluster\nmetadata: {{name: {name}, labels: \
         {{environment: {environment}}}}}\nspec: {{kubernetes: \"1.34\", provider: generic, \
         engine: {engine}}}\n"
    )
}
