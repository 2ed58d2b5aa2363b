//! Title, body and full report of a proposal.
//!
//! A body has a mark with a digest of everything it says, by which a body that says the same is
//! recognised without comparing what a forge may have rewritten: a hidden line at its top, or where
//! comments are not kept its last line. The report is a file of the proposal itself and holds all
//! that a body may leave out. Neither a day nor a commit is in it, so that looking again on another
//! day makes no other file.

use super::body::{Body, Commit};
use super::budget::Budget;
use super::safe::{clipped, code, fence, plain, prose};
use crate::change::{Change, Direction, clusters};
use crate::date::Date;
use crate::report::Known;
use crate::{name, text};
use std::collections::BTreeSet;

const MARK: &str = "ordinance:1 ";

/// The folder that full reports lie in, beside that of the clusters, whose name is given: no sync
/// tool is pointed at it.
pub fn reports_folder(output: &str) -> &'static str {
    if output.split('/').next() == Some("reports") { "proposals" } else { "reports" }
}

/// Everything a proposal says.
#[derive(Clone, Copy, Debug)]
pub struct Proposal<'a> {
    pub change: &'a Change,
    pub known: &'a Known,
    /// What tells this proposal from others of the repository: its branch.
    pub key: &'a str,
    /// The commits whose inputs are rendered and that the base does not have, newest first.
    pub commits: &'a [Commit],
    pub reproduce: Reproduce<'a>,
}

/// How to see the same oneself.
#[derive(Clone, Copy, Debug)]
pub struct Reproduce<'a> {
    /// The exact command.
    pub command: &'a str,
    /// The commit whose files are the input.
    pub commit: &'a str,
    pub date: Date,
    /// The version that rendered, which is that of its catalogue.
    pub version: &'a str,
}

/// What may be written.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The longest title, in characters.
    pub title: usize,
    pub body: Budget,
}

/// A proposal in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    pub title: String,
    pub body: String,
}

impl Proposal<'_> {
    /// Writes it within the limits; the same proposal is always the same text.
    pub fn write(&self, limits: Limits) -> Written {
        let title = self.title(limits.title.saturating_sub(1).min(200));
        let written = |digest: &str| self.mark(limits.body, digest);
        let (reproduce, footer) = (self.reproduce(limits.body), self.footer());
        let body = Body {
            reproduce: &reproduce,
            footer: &footer,
            controls: CONTROLS,
            commits: self.commits,
            all_of_it: &code(&report_path(self.key, &self.known.output)),
            budget: limits.body,
            ..self.body()
        };
        let body = body.write(&written(&"0".repeat(16)));
        // Where and when it was made is no news: it would make every day's body another one.
        let said = body.replace(&reproduce, "").replace(&footer, "");
        let digest = name::digest(format!("{title}\n{said}").as_bytes());
        let mark = written(&digest[..16]);
        let body = match limits.body.comments {
            true => format!("{mark}{body}"),
            false => format!("{body}{mark}"),
        };
        Written { title, body }
    }

    /// All of it, as a file.
    pub fn report(&self) -> String {
        format!("# {}\n\n{}", prose(&self.title(200)), self.body().write(""))
    }

    fn body(&self) -> Body<'_> {
        Body {
            change: self.change,
            known: self.known,
            lead: "",
            commits: &[],
            reproduce: "",
            controls: "",
            footer: "",
            all_of_it: "",
            budget: Budget::NONE,
        }
    }

    fn mark(&self, budget: Budget, digest: &str) -> String {
        let mark = format!("{MARK}key={} digest={digest}", key(self.key));
        match budget.comments {
            true => format!("<!-- {mark} -->\n"),
            false => format!("\n`{mark}`\n"),
        }
    }

    /// One change by what it does, several by name; and whether anything loosens, since lists of
    /// proposals show nothing else.
    fn title(&self, limit: usize) -> String {
        let entries = &self.change.entries;
        if self.change.is_empty() && self.known.posture {
            return clipped("Posture: what is kept of it is brought up to date", limit);
        }
        let loosening = self.change.loosening().count();
        let unknown = self.change.loosening().any(|one| one.direction != Direction::Loosens);
        let verb = match (entries.len(), unknown) {
            (1, false) => "loosens",
            (1, true) => "may loosen",
            (_, false) => "loosen",
            (_, true) => "loosen, or may",
        };
        let loosens = match (loosening, entries.len()) {
            (0, _) => String::new(),
            (_, 1) => format!(", {verb}"),
            (some, all) if some == all => format!(", all {all} {verb}"),
            (some, all) => format!(", {some} of {all} {verb}"),
        };
        let on = text::count(self.change.clusters.len(), "cluster");
        let (head, tail) = ("Policies: ", format!(" on {on}{loosens}"));
        let room = limit.saturating_sub(head.len() + tail.chars().count() + 1).min(160);
        let what = match &entries[..] {
            [] => "nothing to change".to_owned(),
            [one] => format!("{} ({})", one.title(), one.says().join("; ")),
            several => {
                let mut seen = BTreeSet::new();
                let names = several.iter().map(|entry| entry.title());
                let names: Vec<String> = names.filter(|name| seen.insert(name.clone())).collect();
                named(&names, room)
            }
        };
        let what = clipped(&plain(&clipped(&what, room)), room);
        clipped(&format!("{head}{what}{tail}"), limit)
    }

    fn reproduce(&self, budget: Budget) -> String {
        let command = self.reproduce.command;
        match budget.limit < 10_000 {
            true => format!("See it yourself: {}\n", code(command)),
            false => format!("**See it yourself**\n\n{}", fence("sh", command)),
        }
    }

    fn footer(&self) -> String {
        let Reproduce { commit, date, version, .. } = self.reproduce;
        let report = match self.change.is_empty() {
            true => String::new(),
            false => format!(" Full report: {}.", code(&report_path(self.key, &self.known.output))),
        };
        format!(
            "Rendered from {} for {date} by Ordinance {} and its catalogue.{report}\n",
            code(commit),
            prose(version),
        )
    }
}

/// As many names as there is room for, and how many more there are.
fn named(names: &[String], room: usize) -> String {
    let all = clusters(names);
    if all.chars().count() <= room {
        return all;
    }
    let some = (1..6).rev().map(|count| {
        let more = names.len().saturating_sub(count);
        format!("{} and {more} more", names[..count.min(names.len())].join(", "))
    });
    some.clone().find(|some| some.chars().count() <= room).unwrap_or(all)
}

const CONTROLS: &str = "Pushing to this branch stops Ordinance from updating it. Closing this leaves what has landed as it \
     is; it is not proposed again until it would say something else.\n";

/// Where the report of a branch lies in the repository.
pub fn report_path(branch: &str, output: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '-' };
    let name: String = branch.chars().map(plain).take(100).collect();
    format!("{}/{}.md", reports_folder(output), name.trim_start_matches('.'))
}

/// A comment ends at the first `>`.
fn key(written: &str) -> String {
    let safe = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '/' | '-' | '_' | '.');
    written.chars().filter(safe).take(200).collect()
}

/// The mark of a body that this module wrote: bodies with one mark say the same.
pub fn marker(body: &str) -> Option<&str> {
    let hidden = |line: &str| line.starts_with(&format!("<!-- {MARK}"));
    let last = |line: &str| line.starts_with(&format!("`{MARK}"));
    let mut lines = body.trim_end().lines().map(str::trim_end);
    let first = lines.next()?;
    if hidden(first) {
        return Some(first);
    }
    lines.next_back().filter(|line| last(line))
}

#[cfg(test)]
mod tests;
