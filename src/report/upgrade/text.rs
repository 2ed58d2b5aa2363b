//! What an upgrade changes, for a terminal: one paragraph for each question, and the lines to write
//! next at the end.

use crate::document::{Document, Quirk};
use crate::report::Upgrades;
use crate::snapshot::Taken;
use crate::text::{count, visible};
use crate::upgrade::{Moved, Upgrade};
use std::collections::BTreeMap;

/// The most names that are said at once; the rest is counted, and told by the JSON.
const NAMED: usize = 8;

/// The most cases and objects that are said for one rule.
const SHOWN: usize = 3;

pub fn write(told: &Upgrades<'_>) -> String {
    let upgrade = told.upgrade;
    let steps: Vec<String> = upgrade
        .steps
        .iter()
        .map(|step| format!("{} {} → {}", step.what, step.from, step.to))
        .collect();
    let place = told.sources.short(upgrade.place);
    let mut text = format!("{}: {}   {place}\n", upgrade.cluster, steps.join(", "));
    for (why, help) in &upgrade.remarks {
        reason(&mut text, "note", why, help);
    }
    if !upgrade.impossible.is_empty() {
        text.push_str("\nThen nothing can be rendered\n");
        upgrade.impossible.iter().for_each(|(why, help)| reason(&mut text, "because", why, help));
        return visible_lines(&text);
    }
    for paragraph in [objects, rules, apis, quirks] {
        text.push('\n');
        text.push_str(&paragraph(upgrade));
    }
    text += &format!("\n{}\n{}", verdicts(told), next(upgrade));
    visible_lines(&text)
}

fn visible_lines(text: &str) -> String {
    text.lines().map(|line| visible(line) + "\n").collect()
}

fn reason(text: &mut String, word: &str, why: &str, help: &str) {
    text.push_str(&format!("  {word}: {why}\n"));
    if !help.is_empty() {
        text.push_str(&format!("  {:>1$}  {help}\n", "", word.len()));
    }
}

fn names<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let all: Vec<&str> = names.into_iter().collect();
    match all.len() {
        number if number > NAMED => {
            format!("{} and {} more", all[..NAMED].join(", "), number - NAMED)
        }
        _ => all.join(", "),
    }
}

fn objects(upgrade: &Upgrade<'_>) -> String {
    let mut text = String::new();
    match &upgrade.no_window[..] {
        [] => {
            text += &moved("Objects, once the upgrade is announced", &upgrade.announced);
            text += &moved("Objects, once it is done", &upgrade.done);
        }
        reasons => {
            text += "No shape is valid before and after\n";
            reasons.iter().for_each(|(why, help)| reason(&mut text, "because", why, help));
            text += &moved("Objects, once it is done all the same", &upgrade.done);
        }
    }
    text
}

/// Objects that change alike are one line.
fn moved(title: &str, list: &[Moved]) -> String {
    if list.is_empty() {
        return format!("{title}: none changes\n");
    }
    let mut alike: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for one in list {
        let how = match (&one.old, &one.new) {
            (Some(old), Some(new)) if old == new => {
                format!("{}: {}", new.kind, names(one.fields.iter().map(String::as_str)))
            }
            (Some(old), Some(new)) => {
                format!("{} {} → {} {}", old.api_version, old.kind, new.api_version, new.kind)
            }
            (None, Some(new)) => format!("new {}", new.kind),
            (Some(old), None) => format!("{} goes", old.kind),
            (None, None) => continue,
        };
        alike.entry(how).or_default().push(&one.name);
    }
    let mut text = format!("{title}: {} change\n", count(list.len(), "object"))
        .replace("1 object change\n", "1 object changes\n");
    for (how, objects) in alike {
        text += &format!("  {how}\n    {}\n", names(objects));
    }
    text
}

fn rules(upgrade: &Upgrade<'_>) -> String {
    let rules = &upgrade.rules;
    let mut text = format!("Rules: {} the same\n", stay(rules.same));
    for one in &rules.meanings {
        for (what, old, new) in &one.changes {
            text += &format!("  {} means something else: {what}, {old} → {new}\n", one.rule);
        }
    }
    for (rule, by) in &rules.possible {
        text += &format!("  {rule} becomes possible, asked for by {}\n", by.join(", "));
    }
    for (rule, by) in &rules.impossible {
        text += &format!("  {rule} becomes impossible, asked for by {}\n", by.join(", "));
    }
    for one in &rules.actions {
        let (old, new) = (one.before.name(), one.after.name());
        text += &format!("  {}: {old} → {new}\n", one.rule);
    }
    text
}

fn stay(number: usize) -> String {
    match number {
        1 => "1 stays".to_owned(),
        number => format!("{number} stay"),
    }
}

fn apis(upgrade: &Upgrade<'_>) -> String {
    let Some(found) = &upgrade.snapshot else {
        let folder = format!("workloads/{}", upgrade.cluster);
        return format!("APIs that are gone: not known, there is no snapshot in {folder}\n");
    };
    let of = format!(
        "{} of the snapshot, {}",
        count(found.objects, "object"),
        Taken::words(found.taken)
    );
    if upgrade.apis.is_empty() {
        return format!("APIs that are gone: none is used by {of}\n");
    }
    let mut text = format!("APIs that are gone, and used by some of {of}\n");
    for one in &upgrade.apis {
        let instead = one.replacement.map_or(String::new(), |one| format!("; write {one}"));
        let (version, kind, removed) = (&one.api_version, &one.kind, one.removed);
        text += &format!("  {version} {kind}, until Kubernetes {removed}{instead}\n");
        text += &format!("    {}\n", names(one.objects.iter().map(String::as_str)));
    }
    text
}

fn quirks(upgrade: &Upgrade<'_>) -> String {
    if upgrade.ending.is_empty() && upgrade.beginning.is_empty() {
        return "Quirks: none ends, none begins\n".to_owned();
    }
    let line = |word: &str, quirk: &&Document<Quirk>| {
        let remains = match &quirk.spec.remains {
            Some(remains) => remains,
            None => &quirk.spec.instead,
        };
        format!("  {word}  {}: {}\n", quirk.name.value, remains.trim())
    };
    let mut text = "Quirks (`ordinance doctor`)\n".to_owned();
    upgrade.ending.iter().for_each(|quirk| text += &line("ends  ", quirk));
    upgrade.beginning.iter().for_each(|quirk| text += &line("begins", quirk));
    text
}

fn verdicts(told: &Upgrades<'_>) -> String {
    let verdicts = &told.upgrade.verdicts;
    let gone = match verdicts.gone {
        0 => String::new(),
        1 => "; one more is in a version of an API that is gone then".to_owned(),
        number => format!("; {number} more are in versions of an API that are gone then"),
    };
    let on = format!(
        "{} on {} of {} and on {} of the snapshot{gone}",
        count(verdicts.judged, "verdict"),
        count(verdicts.cases, "case"),
        count(verdicts.controls, "control"),
        count(verdicts.objects, "object"),
    );
    if verdicts.other.is_empty() {
        return format!("Verdicts: all stay the same, {on}\n");
    }
    let others = match verdicts.other.len() {
        1 => "1 is another".to_owned(),
        several => format!("{several} are others"),
    };
    let mut text = format!("Verdicts: {others}, of {on}\n");
    let mut alike: BTreeMap<(&str, String), Vec<String>> = BTreeMap::new();
    for one in &verdicts.other {
        let became = format!("{} → {}", one.before, one.after);
        let place = one.place.map(|place| format!("   {}", told.sources.short(place)));
        let subject = format!("{}{}", one.subject, place.unwrap_or_default());
        alike.entry((&one.rule, became)).or_default().push(subject);
    }
    for ((rule, became), subjects) in alike {
        text += &format!("  {rule}: {became}\n");
        subjects.iter().take(SHOWN).for_each(|subject| text += &format!("    {subject}\n"));
        if let more @ 1.. = subjects.len().saturating_sub(SHOWN) {
            text += &format!("    and {more} more (`--format json`)\n");
        }
    }
    text
}

fn next(upgrade: &Upgrade<'_>) -> String {
    if let [(_, help), ..] = &upgrade.no_window[..] {
        return format!("Next: {help}\n");
    }
    let lines = upgrade.next.iter().map(|line| format!("  {line}\n"));
    format!("Next, in the cluster's document:\n{}", lines.collect::<String>())
}
