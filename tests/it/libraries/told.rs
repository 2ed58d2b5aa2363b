//! What came of a library, as `docs/conformance.md` has it.

use super::Proved;
use std::collections::BTreeMap;

pub fn told(proved: &Proved) -> String {
    let mut parts = vec![policies(proved), verdicts(proved)];
    if !proved.differing.is_empty() {
        parts.push(differences(proved));
    }
    parts.push(left_out(proved));
    parts.join("\n\n")
}

/// How many of their policies and cases are of concern here.
fn policies(proved: &Proved) -> String {
    let mapped = |entry: &usize| proved.map[*entry].left_out.is_none();
    let policies = proved.entries.len();
    let ours = proved.entries.values().filter(|entry| mapped(entry)).count();
    let of = |key: &(String, String)| proved.entries[key];
    let all: usize = proved.library.cases.iter().flat_map(|case| case.times.values()).sum();
    let beside = proved.library.beside.iter().filter(|key| mapped(&of(key))).count();
    let total = all + proved.library.beside.len();
    let judged = proved.cases();
    let apart = beside + proved.alone;
    let rest = total - judged - apart;
    let none = policies - ours;
    // The targets differ in nothing, or the test has failed.
    let overlooked = proved.rows[0].overlooked;
    [
        format!("{policies} policies: {ours} have a counterpart here, {none} have none."),
        format!(
            "{total} cases: {judged} are judged, {rest} are of policies without a counterpart,"
        ),
        format!("and {apart} tell of one rule of several, or of more than the object."),
        format!("{overlooked} of those judged pass since nothing here looks at such objects."),
    ]
    .join("\n")
}

fn verdicts(proved: &Proved) -> String {
    let mut lines = vec![
        "| rendered for | cases | equal | false denials | false admissions | \
         denied here only, for a reason | passes here only, for a reason |"
            .to_owned(),
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |".to_owned(),
    ];
    for (target, row) in proved.targets.iter().zip(&proved.rows) {
        lines.push(format!(
            "| {} | {} | {} | {} | {} | {} | {} |",
            target.shape.unwrap_or(target.version),
            row.cases(),
            row.equal,
            row.false_denials,
            row.false_admissions,
            row.stricter,
            row.milder
        ));
    }
    let unserved = proved.rows.iter().map(|row| row.unserved).max().unwrap_or_default();
    if unserved > 0 {
        lines.push(format!(
            "\nClusterPolicy is not asked about {unserved} cases of versions that its cluster does not serve."
        ));
    }
    lines.join("\n")
}

fn differences(proved: &Proved) -> String {
    let mut lines = vec![
        "| differs | denied here only | passes here only | why |".to_owned(),
        "| --- | ---: | ---: | --- |".to_owned(),
    ];
    for ((entry, reason), [stricter, milder]) in &proved.differing {
        let entry = &proved.map[*entry];
        let why = &entry.differs[*reason].why;
        lines.push(format!("| {} | {stricter} | {milder} | {why} |", entry.title()));
    }
    lines.join("\n")
}

/// The reasons, with how many policies and cases each is for.
fn left_out(proved: &Proved) -> String {
    let mut counted: BTreeMap<usize, [usize; 2]> = BTreeMap::new();
    for entry in proved.entries.values() {
        counted.entry(*entry).or_default()[0] += 1;
    }
    for case in &proved.library.cases {
        for (tree, often) in &case.times {
            let entry = proved.entries[&(case.policy.clone(), tree.clone())];
            counted.entry(entry).or_default()[1] += often;
        }
    }
    for key in &proved.library.beside {
        counted.entry(proved.entries[key]).or_default()[1] += 1;
    }
    let mut lines = vec![
        "| without a counterpart | policies | cases | why |".to_owned(),
        "| --- | ---: | ---: | --- |".to_owned(),
    ];
    for (entry, [policies, cases]) in counted {
        if let Some(why) = &proved.map[entry].left_out {
            let title = proved.map[entry].title();
            lines.push(format!("| {title} | {policies} | {cases} | {why} |"));
        }
    }
    lines.join("\n")
}
