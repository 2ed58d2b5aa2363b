//! Title and body of a proposal.
//!
//! The body is often all that a reviewer reads: a verdict in one line, what needs a look, a table
//! of changes, why, each change in a collapsible part, and how to see the same oneself. Its first
//! line is a hidden mark with a digest of everything below, by which a body that says the same is
//! recognised without comparing what a forge may have rewritten.

use super::ladder;
use super::safe::{clipped, code, fence, plain, prose, told};
use super::sections;
use crate::change::{Change, clusters};
use crate::date::Date;
use crate::{name, text};
use std::collections::BTreeSet;

const MARK: &str = "<!-- ordinance:1 ";

/// Everything a proposal says.
#[derive(Clone, Copy, Debug)]
pub struct Proposal<'a> {
    pub change: &'a Change,
    /// What tells this proposal from others of the repository: its branch.
    pub key: &'a str,
    /// The commits whose inputs are rendered and that the base does not have, newest first.
    pub commits: &'a [Commit],
    /// The intents behind the rules that change.
    pub reasons: &'a [Reason],
    /// The exemptions that begin, end or become others.
    pub exemptions: &'a [Reason],
    /// Clusters that were not rendered, and why.
    pub skipped: &'a [(String, String)],
    /// What was rendered otherwise than asked for, such as a warning that becomes an audit.
    pub notes: &'a [String],
    pub reproduce: Reproduce<'a>,
}

/// A commit, as its author wrote it.
#[derive(Clone, Debug)]
pub struct Commit {
    pub id: String,
    pub author: String,
    pub subject: String,
}

/// An intent or an exemption, and where it is written.
#[derive(Clone, Debug)]
pub struct Reason {
    pub name: String,
    /// `path:line`.
    pub place: String,
    pub statement: String,
    pub why: Option<String>,
    pub owner: String,
    /// Who agreed, where, and until when, as far as that is known.
    pub agreed: Vec<String>,
}

/// How to see the same oneself.
#[derive(Clone, Copy, Debug)]
pub struct Reproduce<'a> {
    /// The exact command.
    pub command: &'a str,
    /// The commit whose files are the input.
    pub commit: &'a str,
    pub date: Date,
    /// The version that rendered.
    pub version: &'a str,
}

/// The most characters that may be written.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    pub title: usize,
    pub body: usize,
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
        let title = clipped(&self.title(), limits.title.saturating_sub(1));
        let mark = |digest: &str| format!("{MARK}key={} digest={digest} -->\n", key(self.key));
        // A tenth is left to the forge, which adds to what it is given.
        let room = limits.body - limits.body / 10 - mark(&"0".repeat(16)).len();
        let body = self.body(room);
        // Where and when it was made is no news: it would make every day's body another one.
        let said = body.replace(&self.reproduce(), "");
        let digest = name::digest(format!("{title}\n{said}").as_bytes());
        Written { body: format!("{}{body}", mark(&digest[..16])), title }
    }

    /// One change by what it does, several by name.
    fn title(&self) -> String {
        let entries = &self.change.entries;
        let on = text::count(self.change.clusters.len(), "cluster");
        let what = match &entries[..] {
            [] => "nothing to change".to_owned(),
            [one] => format!("{} ({})", one.title(), one.says().join("; ")),
            several => {
                let mut seen = BTreeSet::new();
                let names = several.iter().map(|entry| entry.title());
                clusters(&names.filter(|name| seen.insert(name.clone())).collect::<Vec<_>>())
            }
        };
        format!("Policies: {} on {on}", clipped(&plain(&what), 160))
    }

    fn body(&self, room: usize) -> String {
        let verdict = format!("{}\n", sections::verdict(self.change));
        // The rest is shortened before changes are, but only as far as it takes half the room.
        let frame = |most: usize| {
            let look = self.look(most);
            let (why, how) = (self.why(most), self.reproduce());
            (look, why, how)
        };
        let length = |parts: &(String, String, String)| {
            [&parts.0, &parts.1, &parts.2, &verdict].iter().map(|part| part.chars().count()).sum()
        };
        let (look, why, how) = [50, 10, 3, 0]
            .into_iter()
            .map(frame)
            .find(|parts| length(parts) <= room / 2)
            .unwrap_or_else(|| frame(0));
        let fixed: usize = length(&(look.clone(), why.clone(), how.clone()));
        const SPACING_AND_NOTICE: usize = 400;
        let left = room.saturating_sub(fixed + SPACING_AND_NOTICE);
        let fitted = ladder::fit(&self.change.entries, left);
        let notice = match fitted.left_out.is_empty() {
            true => String::new(),
            false => format!(
                "Left out for length: {}. The command below shows all of it.\n",
                fitted.left_out.join(", ")
            ),
        };
        let parts = [verdict, look, fitted.table, notice, why, fitted.details, how];
        let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        let body = parts.join("\n");
        if body.chars().count() <= room {
            return body;
        }
        // A limit that not even this fits is no honest forge's; say what can be said.
        clipped(&sections::verdict(self.change), room.saturating_sub(1))
    }

    /// What needs a person's look before anything else.
    fn look(&self, most: usize) -> String {
        let skipped = self.skipped.iter().map(|(cluster, why)| {
            format!("- {} is not rendered: {}\n", code(&clipped(cluster, 63)), own(why))
        });
        let notes = self.notes.iter().map(|note| format!("- {}\n", own(note)));
        let lists =
            [some(skipped.collect(), most, "skipped cluster"), some(notes.collect(), most, "note")];
        lists.concat()
    }

    /// Who asked for it, and in which words.
    fn why(&self, most: usize) -> String {
        let told = |lead: &str, reason: &Reason| {
            let agreed = reason.agreed.iter().map(|words| format!(", {}", said(words)));
            let why = reason.why.iter().map(|why| format!(" {}", said(why)));
            format!(
                "- {lead}{} ({}, {}{}): {}{}\n",
                code(&clipped(&reason.name, 63)),
                code(&clipped(&reason.place, 200)),
                said(&reason.owner),
                agreed.collect::<String>(),
                said(&reason.statement),
                why.collect::<String>()
            )
        };
        let reasons = self.reasons.iter().map(|reason| told("", reason));
        let exemptions = self.exemptions.iter().map(|one| told("exemption ", one));
        let commits = self.commits.iter().map(|commit| {
            let id: String = commit.id.chars().take(10).collect();
            format!("- {} {} – {}\n", code(&id), said(&commit.subject), said(&commit.author))
        });
        let parts = [
            some(reasons.collect(), most, "intent"),
            some(exemptions.collect(), most, "exemption"),
            some(commits.collect(), most, "commit"),
        ];
        match parts.concat() {
            list if list.is_empty() => list,
            list => format!("**Why**\n\n{list}"),
        }
    }

    fn reproduce(&self) -> String {
        let Reproduce { command, commit, date, version } = self.reproduce;
        format!(
            "**See it yourself**\n\n{}\nRendered from {} for {date} by Ordinance {}. Pushing to this branch stops \
             Ordinance from updating it; closing this leaves what has landed as it is.\n",
            fence("sh", command),
            code(commit),
            prose(version)
        )
    }
}

/// A sentence of somebody else's.
fn said(text: &str) -> String {
    prose(&clipped(text, 300))
}

/// Words of our own, which name things as code.
fn own(text: &str) -> String {
    told(&clipped(text, 300))
}

/// The first lines, and how many more there are.
fn some(lines: Vec<String>, most: usize, noun: &str) -> String {
    let more = lines.len().saturating_sub(most);
    let mut list: String = lines.into_iter().take(most).collect();
    if more > 0 {
        list.push_str(&format!("- {} not listed here\n", text::count(more, noun)));
    }
    list
}

/// A comment ends at the first `>`.
fn key(written: &str) -> String {
    let safe = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '/' | '-' | '_' | '.');
    written.chars().filter(safe).take(200).collect()
}

/// The mark of a body that this module wrote: bodies with one mark say the same.
pub fn marker(body: &str) -> Option<&str> {
    body.lines().next().map(str::trim_end).filter(|line| line.starts_with(MARK))
}

#[cfg(test)]
mod tests;
