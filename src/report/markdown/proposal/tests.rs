use super::super::super::sample;
use super::*;
use crate::change::{Direction, Entry, Example, Presence, Rendering, Statement, Subject, Topic};
use proptest::prelude::*;
use serde_json::Value;

const LIMITS: Limits = Limits { title: 256, body: 65_536 };

fn reproduce() -> Reproduce<'static> {
    Reproduce {
        command: "ordinance diff --from 1f0c9e2a --against main --now 2026-11-22",
        commit: "1f0c9e2a",
        date: "2026-11-22".parse().unwrap(),
        version: "0.1.0",
    }
}

fn proposal(change: &Change) -> Proposal<'_> {
    Proposal {
        change,
        key: "ordinance/main",
        commits: &[],
        reasons: &[],
        exemptions: &[],
        skipped: &[],
        notes: &[],
        reproduce: reproduce(),
    }
}

#[test]
fn a_proposal_reads_like_this() {
    let change = sample::change();
    let commits = [Commit {
        id: "1f0c9e2a77aa1f0c9e2a77aa".into(),
        author: "Platform team".into(),
        subject: "Deny root, fixes #12 <!-- @all".into(),
    }];
    let reasons = [Reason {
        name: "no-root".into(),
        place: "intents/no-root.yaml:5".into(),
        statement: "Nothing runs as root.".into(),
        why: Some("Root in a container is a step from root on its node.".into()),
        owner: "platform-team".into(),
        agreed: vec!["SEC-1003".into()],
    }];
    let exemptions = [Reason {
        name: "billing".into(),
        place: "intents/billing.yaml:3".into(),
        statement: "It predates the rule.".into(),
        why: None,
        owner: "team-billing".into(),
        agreed: vec!["until 2027-01-29".into(), "approved by security-lead".into()],
    }];
    let skipped = [("edge-7".to_owned(), "it is paused".to_owned())];
    let notes = ["old-1 audits `limits` where it should warn".to_owned()];
    let proposal = Proposal {
        commits: &commits,
        reasons: &reasons,
        exemptions: &exemptions,
        skipped: &skipped,
        notes: &notes,
        ..proposal(&change)
    };
    let written = proposal.write(LIMITS);
    assert_eq!(written.title, "Policies: new clusters, no-root, limits on 9 clusters");
    assert_eq!(written.body, include_str!("../tests/proposal.md"));
}

#[test]
fn one_change_is_named_in_the_title() {
    let mut change = sample::change();
    change.entries = vec![change.entries.remove(1)];
    change.clusters.remove("new-1");
    assert_eq!(
        proposal(&change).write(LIMITS).title,
        "Policies: no-root (action: warn → deny) on 8 clusters"
    );
}

#[test]
fn the_mark_tells_whether_a_body_says_the_same() {
    let change = sample::change();
    let first = proposal(&change).write(LIMITS);
    let again = proposal(&change).write(LIMITS);
    assert_eq!(first, again);
    let rewritten = first.body.replace('\n', "\r\n");
    assert_eq!(marker(&rewritten), marker(&again.body));
    let notes = ["something else".to_owned()];
    let other = Proposal { notes: &notes, ..proposal(&change) }.write(LIMITS);
    assert_ne!(marker(&first.body), marker(&other.body));
    assert_eq!(marker("Somebody's own words"), None);
}

#[test]
fn less_room_leaves_out_texts_then_fields_then_names_then_rows_and_says_so() {
    let mut change = sample::change();
    let one = change.entries[1].clone();
    change.entries = (0..200)
        .map(|number| {
            let subject = Subject::Rule { name: format!("r{number:03}") };
            let mut entry = Entry { subject, ..one.clone() };
            entry.renderings[0].example.path = format!("c01/policies/r{number:03}.yaml");
            entry
        })
        .collect();
    let left_out = |body: usize| {
        let written = proposal(&change).write(Limits { title: 256, body }).body;
        let line = written.lines().find(|line| line.starts_with("Left out")).map(str::to_owned);
        line.unwrap_or_default()
    };
    let end = " The command below shows all of it.";
    for (body, expected) in [
        (400_000, ""),
        (
            65_536,
            "9 changes without details and names of clusters, 191 changes without fields and text.",
        ),
        (
            30_000,
            "147 changes without details and names of clusters, 53 changes without fields and text.",
        ),
        (4_000, "160 changes without a row, 40 changes without details and names of clusters."),
    ] {
        let expected = match expected {
            "" => String::new(),
            text => format!("Left out for length: {text}{end}"),
        };
        assert_eq!(left_out(body), expected, "{body}");
    }
}

/// Text that tries to be more than text.
fn hostile() -> impl Strategy<Value = String> {
    let parts = prop::sample::select(vec![
        "`",
        "```",
        "~~~~",
        "\n```\n",
        "<details>",
        "</details>",
        "<!--",
        "-->",
        "\n",
        "|",
        "@all",
        "fixes #1",
        "GH-1",
        "https://x/1",
        "\u{202e}",
        "</summary>",
        "\\",
        "**",
        "a",
        " ",
        "\r",
        "é",
        "````````",
        "<script>",
        "\u{200b}",
        "$x$",
        "\n# h\n",
        "&lt;",
        "1234567890",
    ]);
    prop::collection::vec(parts, 0..40).prop_map(|parts| parts.concat())
}

fn value() -> impl Strategy<Value = Option<Value>> {
    prop::option::of(hostile().prop_map(Value::from))
}

fn entry() -> impl Strategy<Value = Entry> {
    let topic = prop::sample::select(vec![
        Topic::Kind,
        Topic::Action,
        Topic::Scope,
        Topic::Exemption,
        Topic::Parameter,
        Topic::Expression,
        Topic::Field,
    ]);
    let statement = (topic, hostile(), value(), value())
        .prop_map(|(topic, path, old, new)| Statement { topic, path, old, new });
    let presence =
        prop::sample::select(vec![Presence::Added, Presence::Removed, Presence::Changed]);
    let rendering = (hostile(), hostile(), hostile(), hostile(), 1..300_usize).prop_map(
        |(kind, path, old, new, clusters)| {
            let cluster = old.clone();
            let (old, new) = (Some(old.into_bytes().into()), Some(new.into_bytes().into()));
            let example = Example { cluster, path: path.clone(), old, new };
            Rendering { name: kind.clone(), kind, path, clusters: sample::names(clusters), example }
        },
    );
    let statements = prop::collection::vec(statement, 0..5);
    let renderings = prop::collection::vec(rendering, 1..3);
    (hostile(), presence, statements, renderings).prop_map(
        |(name, presence, statements, renderings)| Entry {
            subject: Subject::Rule { name },
            presence,
            direction: Direction::Neutral,
            statements,
            renderings,
        },
    )
}

/// Reads the body as a forge does, as far as it matters: what is open at its end.
fn check_balance(body: &str) -> Result<(), TestCaseError> {
    let (mut fence, mut details) = (None::<String>, 0_usize);
    for (number, line) in body.lines().enumerate() {
        if let Some(open) = &fence {
            let ticks = line.trim_end();
            if ticks.len() >= open.len() && !ticks.is_empty() && ticks.chars().all(|c| c == '`') {
                fence = None;
            }
            continue;
        }
        let ticks: String = line.chars().take_while(|c| *c == '`').collect();
        if ticks.len() >= 3 && !line[ticks.len()..].contains('`') {
            fence = Some(ticks);
            continue;
        }
        if number > 0 {
            prop_assert!(!line.starts_with("<!--"), "a comment of somebody's: {line}");
        }
        let opens = line.starts_with("<details><summary>");
        prop_assert!(!opens || line.ends_with("</summary>"), "{line}");
        details += usize::from(opens);
        if line == "</details>" {
            prop_assert!(details > 0);
            details -= 1;
        }
        prop_assert!(details <= 1, "one part within another: {line}");
        if line.starts_with("| ") && !line.starts_with("| --:") {
            let cells = line.replace("\\|", "").matches('|').count();
            prop_assert_eq!(cells, 6, "{}", line);
        }
        if !opens && number > 0 && line != "</details>" {
            check_prose(line)?;
        }
    }
    prop_assert!(fence.is_none() && details == 0, "something is left open");
    Ok(())
}

/// Outside of code no character of somebody's text means anything.
fn check_prose(line: &str) -> Result<(), TestCaseError> {
    let (mut rest, mut outside) = (line, String::new());
    while let Some(start) = rest.find('`') {
        if rest[..start].ends_with('\\') {
            outside.push_str(&rest[..start]);
            rest = &rest[start + 1..];
            continue;
        }
        let ticks: String = rest[start..].chars().take_while(|c| *c == '`').collect();
        outside.push_str(&rest[..start]);
        let after = &rest[start + ticks.len()..];
        let mut end = None;
        let mut at = 0;
        while let Some(found) = after[at..].find('`') {
            let run = after[at + found..].chars().take_while(|c| *c == '`').count();
            if run == ticks.len() {
                end = Some(at + found + run);
                break;
            }
            at += found + run;
        }
        prop_assert!(end.is_some(), "code is left open: {line}");
        rest = &after[end.unwrap_or(0)..];
    }
    outside.push_str(rest);
    for fires in ["<", "@a", "#1", "GH-1", "://", "\u{202e}"] {
        prop_assert!(!outside.contains(fires), "`{fires}` in {line}");
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn whatever_it_holds_a_body_is_balanced_and_within_its_limit(
        entries in prop::collection::vec(entry(), 0..40),
        texts in prop::collection::vec((hostile(), hostile(), hostile()), 0..60),
        body in 2_000..70_000_usize,
    ) {
        let mut change = Change { compared: 3, entries, ..Change::default() };
        change.clusters.insert("a".into(), Default::default());
        let commits: Vec<Commit> = texts.iter().cloned()
            .map(|(id, author, subject)| Commit { id, author, subject }).collect();
        let reasons: Vec<Reason> = texts.iter().cloned()
            .map(|(name, place, statement)| Reason {
                agreed: vec![name.clone(), place.clone()], why: Some(place.clone()),
                name, place, owner: statement.clone(), statement,
            })
            .collect();
        let skipped: Vec<(String, String)> =
            texts.iter().cloned().map(|(cluster, why, _)| (cluster, why)).collect();
        let notes: Vec<String> = texts.into_iter().map(|(note, ..)| note).collect();
        let proposal = Proposal {
            change: &change, key: "a-->b", commits: &commits, reasons: &reasons,
            exemptions: &reasons, skipped: &skipped, notes: &notes, reproduce: reproduce(),
        };
        let limits = Limits { title: 100, body };
        let written = proposal.write(limits);
        prop_assert!(written.body.chars().count() <= body - body / 10);
        prop_assert!(written.title.chars().count() <= 100);
        prop_assert!(written.body.contains("ordinance diff --from"), "how to see it is always said");
        check_balance(&written.body)?;
        prop_assert_eq!(&written, &proposal.write(limits));
    }
}
