//! What a baseline says of what it found.

use super::super::options::Common;
use super::super::{Exit, talk};
use super::look::{Drafts, Look};
use crate::baseline::{Violator, Violators};
use crate::check::{Manifest, Unjudged};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::text::{Sources, count, visible};

/// How many workloads are named before the rest is counted.
const NAMED: usize = 20;

pub fn unread(common: &Common, problems: &[Diagnostic]) {
    let mut all = Diagnostics::default();
    all.extend(problems.iter().cloned());
    talk::diagnostics(&common.shown, &all, &Sources::default());
}

pub fn unjudged(manifests: &[Manifest], unjudged: &[Unjudged]) {
    let lines = unjudged.iter().map(|one| {
        let title = manifests[one.manifest].title();
        format!("error: {} is not judged by {}: {}", visible(&title), one.about.rule, one.why)
    });
    some(lines.collect());
}

/// What is found beside those who are denied.
pub fn aside(found: &Violators) {
    if found.milder > 0 {
        let who = match found.milder {
            1 => "1 workload only breaks".to_owned(),
            number => format!("{} only break", count(number, "workload")),
        };
        talk::note(&format!(
            "{who} rules that warn or record: these refuse nothing and are left as they are"
        ));
    }
    let lines = found.nameless.iter().map(|one| {
        format!(
            "warning: {} has no name that an exemption could give: it stays denied",
            visible(one)
        )
    });
    some(lines.collect());
}

pub fn unowned(unowned: &[&Violator]) {
    let number = unowned.len();
    tell!("error: no label says who answers for {}", count(number, "workload"));
    some(unowned.iter().map(|one| format!("  {}", visible(&one.title()))).collect());
    tell!("hint: name the label with `--owner-label KEY`, or somebody with `--default-owner NAME`");
}

/// Names what stays denied, with why; whether anything does.
pub fn denied(left: &Violators, refused: &[(Violator, String)]) -> bool {
    let lines = left.list.iter().map(|one| {
        let rules: Vec<&str> = one.breaks.keys().map(String::as_str).collect();
        let why =
            refused.iter().find(|(other, _)| other.key == one.key).map(|(_, why)| why.as_str());
        let why = why.unwrap_or("what it is cannot be said in the scope of an exemption");
        format!("warning: {} stays denied by {}: {why}", visible(&one.title()), rules.join(", "))
    });
    // Whatever is not freed is named, however much it is.
    lines.for_each(|line| tell!("{line}"));
    !left.list.is_empty()
}

pub fn written(drafts: &Drafts) {
    let ends = drafts.list.iter().map(|draft| draft.expires);
    let (Some(first), Some(last)) = (ends.clone().min(), ends.max()) else {
        tell!("No more can be exempt; nothing was written.");
        return;
    };
    let number = count(drafts.list.len(), "exemption");
    tell!("{number}: the first ends on {first}, the last on {last}.");
}

/// What breaks a rule that no exemption here is about.
pub fn growth(cluster: &str, of: &str, before: &Look, found: &Violators) -> Exit {
    let liftings = before.liftings();
    let mut grown = vec![];
    let mut ended = 0;
    for one in &found.list {
        let new = one.new_breaks(&liftings);
        if new.is_empty() {
            ended += 1;
        } else {
            grown.push(format!("{} breaks {}", visible(&one.title()), new.join(", ")));
        }
    }
    grown.extend(found.nameless.iter().map(|one| visible(one)));
    if ended > 0 {
        talk::note(&format!(
            "{} denied although an exemption is about it: it has ended, or not begun",
            match ended {
                1 => "1 workload is".to_owned(),
                number => format!("{} are", count(number, "workload")),
            }
        ));
    }
    let number = grown.len();
    for line in grown {
        say!("{line}");
    }
    match number {
        0 => {
            say!("{cluster}: no more breaks a rule than is exempt ({of})");
            Exit::Fine
        }
        number => {
            tell!("{cluster}: {} that no exemption is about ({of})", count(number, "workload"));
            Exit::No
        }
    }
}

/// Some of these lines, and how many more there are.
fn some(lines: Vec<String>) {
    for line in lines.iter().take(NAMED) {
        tell!("{line}");
    }
    if lines.len() > NAMED {
        tell!("  and {} more", lines.len() - NAMED);
    }
}
