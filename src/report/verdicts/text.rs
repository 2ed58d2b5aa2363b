//! Verdicts for people: each with the manifest's own lines, what is wrong, and what to do.

use super::Checked;
use crate::check::Violation;
use crate::diagnostic::{self, Diagnostic, Severity};
use crate::document::Action;
use crate::text::{count, visible};

/// How many namespaces are named of those that nothing is known of.
const NAMED: usize = 10;

pub fn write(checked: &Checked<'_>) -> String {
    let mut report = String::new();
    let mut say = |one: &Diagnostic| {
        report.push_str(&diagnostic::render(one, checked.sources, checked.colour));
        report.push_str("\n\n");
    };
    for problem in &checked.problems {
        say(&problem.diagnostic);
    }
    for one in &checked.findings.unjudged {
        let manifest = &checked.manifests[one.manifest];
        let message = format!("{} cannot be judged: {}", manifest.title(), one.why);
        let said = Diagnostic::new(Severity::Error, one.about.control.clone(), message);
        say(&said.at(manifest.place(), ""));
    }
    for one in &checked.findings.violations {
        say(&violation(checked, one));
    }
    report.push_str(&assumed(checked));
    report.push_str(&summary(checked));
    report
}

fn violation(checked: &Checked<'_>, one: &Violation) -> Diagnostic {
    let manifest = &checked.manifests[one.manifest];
    let severity = match one.action {
        Action::Deny => Severity::Error,
        Action::Warn => Severity::Warning,
        Action::Audit => Severity::Note,
    };
    let mut said = Diagnostic::new(severity, one.about.control.clone(), one.message.clone());
    for (place, _) in &one.places {
        said = said.at(*place, "");
    }
    said = said.at(manifest.place(), manifest.title());
    let mut demanded = vec![];
    if !one.intents.is_empty() {
        demanded.push(format!("demanded by {}", one.intents.join(", ")));
    }
    // Of one cluster it is said once, at the end.
    if !one.clusters.is_empty() && checked.whose != one.clusters.join(", ") {
        demanded.push(format!("on {}", one.clusters.join(", ")));
    }
    if !demanded.is_empty() {
        said = said.note_that(demanded.join(" "));
    }
    if one.assumed {
        said = said.note_that(
            "assumed: the labels of its namespace are not known and decide; it is judged as if \
             there were none",
        );
    }
    match one.about.fix.as_str() {
        "" => said,
        fix => said.help(fix.split_whitespace().collect::<Vec<_>>().join(" ")),
    }
}

fn assumed(checked: &Checked<'_>) -> String {
    let assumed = &checked.findings.assumed;
    let mut namespaces: Vec<&str> = assumed.iter().map(|one| one.namespace.as_str()).collect();
    namespaces.sort_unstable();
    namespaces.dedup();
    let Some(first) = namespaces.first() else { return String::new() };
    let more = namespaces.len().saturating_sub(NAMED);
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    let named = namespaces.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
    let (named, first) = (visible(&named), visible(first));
    format!(
        "note: {} assumed: nobody states the labels of {named}{more}, and rules select by them\n\
         note: add the Namespace object, or say `--namespace {first}=KEY=VALUE,…`\n",
        match assumed.len() {
            1 => "the verdict on 1 object is".to_owned(),
            number => format!("the verdicts on {number} objects are"),
        },
    )
}

fn summary(checked: &Checked<'_>) -> String {
    let number =
        |action| checked.findings.violations.iter().filter(|one| one.action == action).count();
    let whose = match checked.whose.as_str() {
        "" => String::new(),
        whose => format!(" of {whose}"),
    };
    let failed = checked.problems.len() + checked.findings.unjudged.len();
    let failed = match failed {
        0 => String::new(),
        number => format!(", {} not read or judged", count(number, "thing")),
    };
    format!(
        "{} judged by {}{whose}: {} denied, {} warned about, {} recorded{failed}\n",
        count(checked.manifests.len(), "object"),
        count(checked.rules, "rule"),
        number(Action::Deny),
        number(Action::Warn),
        number(Action::Audit),
    )
}
