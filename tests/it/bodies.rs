//! Bodies of proposals as every forge takes them: a change of everyday size, kept under
//! `tests/bodies/` to be read, and one far too large for most.
//!
//! `ORDINANCE_BLESS=1` rewrites what is kept.

use crate::support::binary::{blessing, ordinance};
use crate::support::files::{self, root};
use ordinance::calendar::{Event, Kind};
use ordinance::change::{
    Change, Direction, Entry, Example, FileCount, Presence, Rendering, Statement, Subject, Topic,
};
use ordinance::date::Date;
use ordinance::delivery::forge::{PLACES, Place};
use ordinance::report::{Ahead, Commit, Dated, Known, Limits, Proposal, Reason, Reproduce};
use ordinance::text::{Place as Written, SourceId};
use serde_json::{Value, json};
use std::fs;

type Says = (Topic, &'static str, Option<Value>, Option<Value>);

fn entry(rule: &str, direction: Direction, says: Vec<Says>, clusters: Vec<String>) -> Entry {
    let statements = says.into_iter().map(|(topic, path, old, new)| {
        let path = path.to_owned();
        Statement { topic, path, old, new }
    });
    let path = format!("policies/{rule}.yaml");
    let text = |action: &str| {
        let lines = (1..=24).map(|line| format!("  # what {rule} says, line {line}\n"));
        let text = format!(
            "apiVersion: policies.kyverno.io/v1\nkind: ValidatingPolicy\nmetadata:\n  name: \
             ordinance-{rule}\nspec:\n{}  validationActions:\n  - {action}\n",
            lines.collect::<String>()
        );
        Some(text.into_bytes().into())
    };
    let cluster = clusters[0].clone();
    let example = Example {
        path: format!("{cluster}/{path}"),
        cluster,
        old: text("Deny"),
        new: text("Warn"),
    };
    Entry {
        subject: Subject::Rule { name: rule.to_owned() },
        presence: Presence::Changed,
        direction,
        statements: statements.collect(),
        renderings: vec![Rendering {
            kind: "ValidatingPolicy".into(),
            name: format!("ordinance-{rule}"),
            path,
            clusters,
            example,
        }],
    }
}

fn action(old: &str, new: &str) -> Vec<Says> {
    vec![(Topic::Action, "action", Some(json!(old)), Some(json!(new)))]
}

fn change(entries: Vec<Entry>, in_all: usize) -> Change {
    let mut change = Change { compared: in_all, ..Change::default() };
    for name in entries.iter().flat_map(Entry::clusters) {
        let count = FileCount { changed: 1, ..FileCount::default() };
        change.clusters.insert(name.to_owned(), count);
    }
    change.entries = entries;
    change
}

fn reason(name: &str, place: &str, statement: &str, owner: &str, agreed: &[&str]) -> Reason {
    Reason {
        name: name.into(),
        place: place.into(),
        statement: statement.into(),
        why: None,
        owner: owner.into(),
        agreed: agreed.iter().map(|&words| words.to_owned()).collect(),
    }
}

/// A change of a fleet of 14: one that loosens but for one cluster, an exemption, one that cannot
/// be told, and four that tighten.
fn everyday() -> (Change, Known) {
    let names = |all: &[&str]| all.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
    let prod = names(&["prod-eu-1", "prod-eu-2", "prod-us-1", "prod-us-2"]);
    let most = names(&[
        "dev-asia-1",
        "dev-eu-1",
        "dev-us-1",
        "edge-1",
        "edge-2",
        "old-2",
        "prod-eu-1",
        "prod-eu-2",
        "staging-eu-1",
    ]);
    let hole = json!({"name": "legacy-billing", "namespaces": ["billing"]});
    let images = |tag: &str| Some(json!(["registry.example.com/platform/".to_owned() + tag]));
    let entries = vec![
        entry("run-as-non-root", Direction::Loosens, action("deny", "warn"), most.clone()),
        entry("run-as-non-root", Direction::Loosens, action("deny", "audit"), names(&["old-1"])),
        entry(
            "drop-all-capabilities",
            Direction::Loosens,
            vec![(Topic::Exemption, "legacy-billing", None, Some(hole))],
            names(&["prod-eu-1"]),
        ),
        entry(
            "allowed-image-registries",
            Direction::Unknown,
            vec![(Topic::Parameter, "registries", images("*"), images("stable/*"))],
            prod.clone(),
        ),
        entry(
            "disallow-host-path-volumes",
            Direction::Tightens,
            action("warn", "deny"),
            prod.clone(),
        ),
        entry("disallow-latest-tag", Direction::Tightens, action("audit", "warn"), most.clone()),
        entry(
            "disallow-latest-tag",
            Direction::Tightens,
            action("audit", "deny"),
            names(&["old-1"]),
        ),
        entry("required-labels", Direction::Neutral, vec![], prod),
    ];
    let change = change(entries, 14);
    let facts = change.clusters.keys().map(|name| {
        let (engine, minor) = match name.as_str() {
            "old-1" => ("Kyverno 1.12.6", "1.28"),
            _ => ("Kyverno 1.19.0", "1.34"),
        };
        let facts = [("engine", engine.to_owned()), ("kubernetes", format!("Kubernetes {minor}"))];
        (name.clone(), facts.to_vec())
    });
    let intents = change.entries.iter().map(|one| {
        let own = if one.title() == "run-as-non-root" { "no-root" } else { "cis-baseline" };
        (one.title(), vec![own.to_owned()])
    });
    let day = |written: &str| -> Date { written.parse().expect("a day") };
    let event = Event {
        day: day("2027-01-29"),
        kind: Kind::ExemptionEnds,
        about: "legacy-billing".into(),
        text: "counts for the last time; from the next day, drop-all-capabilities is judged again"
            .into(),
        place: Written { source: SourceId(0), start: 0, end: 0 },
        rules: vec![],
        clusters: vec!["prod-eu-1".into()],
    };
    let ends = Dated { event, place: "intents/legacy.yaml:4".into(), touched: true };
    let known = Known {
        facts: facts.collect(),
        intents: intents.collect(),
        reasons: vec![
            reason(
                "cis-baseline",
                "intents/cis-baseline.yaml:3",
                "Production follows the benchmark.",
                "platform-security",
                &["SEC-1001"],
            ),
            reason(
                "no-root",
                "intents/no-root.yaml:3",
                "Pods must not run as root.",
                "platform-security",
                &["SEC-1003"],
            ),
        ],
        exemptions: vec![reason(
            "legacy-billing",
            "intents/legacy.yaml:4",
            "The images predate the security baseline; their successor is due in January.",
            "team-billing",
            &["until 2027-01-29", "approved by security-lead", "SEC-1234"],
        )],
        skipped: vec![("edge-7".into(), "its state is `paused` (clusters/edge-7.yaml:8)".into())],
        notes: vec![
            "old-1 audits where it should warn: Kyverno there cannot. A warning is younger.".into(),
        ],
        dates: Some(Ahead {
            today: day("2026-11-22"),
            until: day("2027-02-20"),
            dates: vec![ends],
        }),
        output: "rendered".into(),
        ..Known::default()
    };
    (change, known)
}

/// 500 clusters and 60 intents, all changed, each otherwise on a few clusters; names in many scripts.
fn huge() -> (Change, Known) {
    let towns = ["münchen", "東京", "łódź", "cádiz", "الرياض", "𝒳-lab"];
    let names: Vec<String> =
        (0..500).map(|at| format!("{}-{:03}", towns[at % towns.len()], at)).collect();
    let part = |from: usize, to: usize| {
        let mut part = names[from..to].to_vec();
        part.sort();
        part
    };
    let mut entries = vec![];
    for at in 0..60 {
        let rule = format!("règle-{at:02}");
        let direction = Direction::ALL[at % 4];
        let says = |new: &str| {
            let mut says = action("deny", new);
            says.push((Topic::Parameter, "größe", Some(json!("ä".repeat(90))), Some(json!([at]))));
            says
        };
        entries.push(entry(&rule, direction, says("warn"), part(0, 470)));
        entries.push(entry(&rule, direction, says("audit"), part(470, 500 - at % 7)));
    }
    entries.sort_by_key(|one| std::cmp::Reverse(one.direction));
    let reasons = (0..60).map(|at| {
        let place = format!("intents/i{at}.yaml:3");
        reason(&format!("intent-{at}"), &place, &"Because it is so. ".repeat(9), "équipe", &[])
    });
    let skipped = (0..40).map(|at| (format!("pausiert-{at}"), "its state is `paused`".to_owned()));
    let known =
        Known { reasons: reasons.collect(), skipped: skipped.collect(), ..Known::default() };
    (change(entries, 540), known)
}

fn proposal<'a>(change: &'a Change, known: &'a Known, commits: &'a [Commit]) -> Proposal<'a> {
    let reproduce = Reproduce {
        command: "ordinance propose --from 1f0c9e2a77aa1f0c9e2a77aa1f0c9e2a77aa1f0c --now 2026-11-22 --dry-run",
        commit: "1f0c9e2a77aa1f0c9e2a77aa1f0c9e2a77aa1f0c",
        date: "2026-11-22".parse().expect("a day"),
        version: "0.1.0",
    };
    Proposal { change, known, key: "ordinance/main", commits, reproduce }
}

fn commits() -> Vec<Commit> {
    vec![Commit {
        id: "1f0c9e2a77aa".into(),
        author: "Platform team".into(),
        subject: "Warn about root until the images are rebuilt (closes #12, thanks @everyone)"
            .into(),
    }]
}

fn keep(name: &str, text: &str) {
    let file = root().join("tests/bodies").join(name);
    if blessing() {
        fs::create_dir_all(root().join("tests/bodies")).expect("a folder");
        fs::write(&file, text).expect("written");
    }
    let kept = fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(kept, text, "{name}: ORDINANCE_BLESS=1 cargo test bodies writes it anew");
}

#[test]
fn a_change_of_everyday_size_reads_well_everywhere() {
    let (change, known) = everyday();
    let commits = commits();
    let proposal = proposal(&change, &known, &commits);
    for place in PLACES {
        let written = proposal.write(Limits { title: 200, body: place.budget });
        check(place, &written.body);
        keep(&format!("{}.md", place.name), &format!("{}\n\n{}", written.title, written.body));
    }
    keep("report.md", &proposal.report());
}

#[test]
fn a_change_of_everything_fits_everywhere_and_says_what_it_leaves_out() {
    let (change, known) = huge();
    let commits = commits();
    let proposal = proposal(&change, &known, &commits);
    let report = proposal.report();
    for one in &change.entries {
        assert!(report.contains(&one.fingerprint()), "{}", one.title());
        let last = one.renderings[0].clusters.last().expect("a cluster");
        assert!(report.contains(last.as_str()), "the report leaves nothing out: {last}");
    }
    for place in PLACES {
        let limits = Limits { title: 200, body: place.budget };
        let body = proposal.write(limits).body;
        check(place, &body);
        assert_eq!(body, proposal.write(limits).body, "{}", place.name);
        let full = place.budget.limit >= 1_000_000;
        let said = body.lines().any(|line| {
            line.starts_with("**Shortened to fit.** ")
                && line.ends_with("All of it: `reports/ordinance-main.md`.")
        });
        assert_ne!(said, full, "{}: {body}", place.name);
        // Thirty loosen and thirty may: every rule stands there by name, or is counted.
        let named =
            |rule: &str| body.lines().any(|line| line.starts_with("- ") && line.contains(rule));
        let counted = body.lines().any(|line| {
            line.contains(" more loosen") || line.contains(" more are not known not to loosen")
        });
        for at in (2..60).step_by(4).chain((3..60).step_by(4)) {
            assert!(named(&format!("`règle-{at:02}`")) || counted, "{}: {at}\n{body}", place.name);
        }
        if matches!(place.name, "azure-devops" | "gerrit") {
            keep(&format!("everything-{}.md", place.name), &body);
        }
    }
}

/// Within its limit, and nothing is left open.
fn check(place: &Place, body: &str) {
    let Place { name, budget, .. } = place;
    let (mut fence, mut details) = (None, 0);
    for line in body.lines() {
        let ticks = line.len() - line.trim_start_matches('`').len();
        match fence {
            Some(open) if ticks >= open && line.len() == ticks => fence = None,
            None if ticks >= 3 => fence = Some(ticks),
            Some(_) => {}
            None => {
                details += usize::from(line.starts_with("<details>"));
                details -= usize::from(line == "</details>");
                assert!(details <= 1, "{name}: one part within another");
                assert!(budget.tables || !line.starts_with("| "), "{name}: {line}");
                assert!(budget.comments || !line.contains("<!--"), "{name}: {line}");
                assert!(budget.details || !line.contains("details>"), "{name}: {line}");
            }
        }
    }
    assert!(fence.is_none() && details == 0, "{name}: something is left open\n{body}");
    assert!(budget.unit.count(body) <= budget.limit, "{name}: {}", budget.unit.count(body));
    assert!(budget.bytes.is_none_or(|most| body.len() <= most), "{name}: {} bytes", body.len());
}

/// The same from the command line, for forges that nobody is connected to.
#[test]
fn a_budget_is_kept_on_the_command_line_too() {
    let mut example = files::example();
    for (path, bytes) in &mut example {
        if path.starts_with("intents/") && !path.contains("limits") {
            let text = String::from_utf8_lossy(bytes).replace("action: deny", "action: audit");
            *bytes = text.into_bytes();
        }
    }
    let folder = files::folder(&example);
    let diff = |more: &[&str]| ordinance(folder.path(), &[&["diff"], more].concat());
    let all = diff(&["--format", "markdown"]).out;
    assert!(!all.contains("Shortened"), "{all}");
    for place in PLACES {
        let run = diff(&["--format", "markdown", "--budget", place.name]);
        assert_eq!(run.code, 0, "{}", run.err);
        check(place, &run.out);
        let said = run.out.contains("All of it: `ordinance diff --format markdown`.");
        assert!(said || run.out.contains(&all[..200]), "{}", place.name);
    }
    let run = diff(&["--format", "markdown", "--budget", "sourcehut"]);
    assert_eq!(run.code, 2);
    for place in PLACES {
        assert!(run.err.contains(place.name), "{}", run.err);
    }
    let run = diff(&["--budget", "github"]);
    let said = "error: `--budget` is kept by `--format markdown`, and this is `text`\n\
                hint: leave one of them out, or say `--format markdown`\n";
    assert_eq!((run.code, run.err.as_str()), (2, said));
}

/// `docs/proposals.md` has the budgets of all forges and the body of the everyday change.
#[test]
fn the_page_shows_what_forges_take_and_what_they_are_given() {
    let mut budgets =
        "| `--budget` | what | longest body | comments | `<details>` | tables | source |\n\
                       | --- | --- | --: | --- | --- | --- | --- |\n"
            .to_owned();
    for Place { name, title, budget, source } in PLACES {
        let kept = |kept: bool| if kept { "kept" } else { "–" };
        let bytes = budget.bytes.map_or(String::new(), |most| format!(", {} bytes", grouped(most)));
        budgets += &format!(
            "| `{name}` | {title} | {} {}{bytes} | {} | {} | {} | {source} |\n",
            grouped(budget.limit),
            budget.unit.word(),
            kept(budget.comments),
            kept(budget.details),
            kept(budget.tables),
        );
    }
    let (change, known) = everyday();
    let commits = commits();
    let place = PLACES.iter().find(|place| place.name == "github").expect("a place");
    let limits = Limits { title: 200, body: place.budget };
    let written = proposal(&change, &known, &commits).write(limits);
    let body = format!("````markdown\n{}````", written.body);
    let file = root().join("docs/proposals.md");
    let mut page = fs::read_to_string(&file).expect("the page");
    for (name, part) in [("budgets", budgets.trim_end()), ("body", body.as_str())] {
        let mark = format!("<!-- {name} -->\n");
        let (before, rest) = page.split_once(&mark).expect("the mark before the part");
        let (_, after) = rest.split_once("<!-- end -->\n").expect("the mark after it");
        page = format!("{before}{mark}\n{part}\n\n<!-- end -->\n{after}");
    }
    if blessing() {
        fs::write(&file, &page).expect("written");
    }
    let found = fs::read_to_string(&file).expect("the page");
    assert_eq!(found, page, "ORDINANCE_BLESS=1 cargo test bodies writes it anew");
}

/// 65536 as 65,536.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}
