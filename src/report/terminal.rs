//! A change for a terminal: each entry in words, where it is so, and one cluster's text.

mod glance;

use super::{Comparison, Known};
use crate::blast::Counts;
use crate::change::{Change, Entry, Subject, patch};
use crate::text;
use std::collections::BTreeSet;

const WIDTH: usize = 80;

/// How parts of the report look where there is colour.
#[derive(Clone, Copy)]
enum Style {
    Heading,
    Added,
    Removed,
    Hunk,
}

pub fn write(comparison: &Comparison<'_>) -> String {
    let change = comparison.change;
    if let (true, Some(left_out)) = (change.entries.is_empty(), change.says_left_out()) {
        let none = change.says_nothing();
        return format!("{none}, compared with {}; {left_out}.\n", comparison.against);
    }
    if change.is_empty() {
        let all = text::count(change.compared, "cluster");
        return format!("Nothing changes: {all} compared with {}.\n", comparison.against);
    }
    let paint = |style, text: &str| painted(comparison.colour, style, text);
    let alike = change.alike(&comparison.known.facts);
    let (on, compared, known) = (change.clusters.len(), change.in_all(), comparison.known);
    let heading = glance::heading(&alike, on, compared);
    let mut report = format!("{heading}, compared with {}\n", comparison.against);
    if let Some(left_out) = change.says_left_out() {
        report.push_str(&format!("{left_out}\n"));
    }
    for said in
        known.blast.iter().flat_map(|blast| blast.verdict().into_iter().chain(blast.rests_on()))
    {
        folded(&said, 0, 2).iter().for_each(|line| report.push_str(&format!("{line}\n")));
    }
    report.push('\n');
    let width = glance::width(&alike);
    for one in &alike {
        let hits = hit_by(change, one.entry, known).and_then(|counts| counts.words());
        let loud = |head: &str| paint(Style::Removed, head);
        report.push_str(&glance::lines(one, known, (width, hits.as_deref()), &loud));
    }
    let mut shown = BTreeSet::new();
    let all = alike.iter().flat_map(|one| {
        std::iter::once(one.entry).chain(one.outliers.iter().map(|outlier| outlier.entry))
    });
    for entry in all {
        report.push('\n');
        report.push_str(&paint(Style::Heading, &entry.title()));
        report.push_str("  ");
        report.push_str(&match entry.direction.counts_as_loosening() {
            true => paint(Style::Removed, entry.direction.word()),
            false => entry.direction.word().to_owned(),
        });
        report.push('\n');
        for line in entry.says().into_iter().chain(entry.places()).chain(hits(change, entry, known))
        {
            report.push_str(&wrapped(&line));
        }
        if let Some(text) = shown_text(entry, &mut shown) {
            report.push('\n');
            for line in text.lines() {
                let line = match style(line) {
                    Some(style) => paint(style, line),
                    None => line.to_owned(),
                };
                report.push_str(&line);
                report.push('\n');
            }
        }
    }
    report
}

/// How many a change hits, where anything is known of it.
fn hit_by(change: &Change, entry: &Entry, known: &Known) -> Option<Counts> {
    Some(known.blast.as_ref()?.counts(Some(change.place_of(entry)?)))
}

/// Whom a change hits, the worst first.
fn hits(change: &Change, entry: &Entry, known: &Known) -> Vec<String> {
    const TOLD: usize = 10;
    let (Some(blast), Some(place)) = (&known.blast, change.place_of(entry)) else { return vec![] };
    let hits: Vec<_> = blast.of(place).collect();
    let told = hits.iter().take(TOLD).map(|hit| {
        let on = crate::change::clusters(&hit.clusters);
        format!("hits {} on {on}", hit.words())
    });
    let more = hits.len().saturating_sub(TOLD);
    let more = (more > 0).then(|| format!("and {more} more: `--format json` has all of them"));
    told.chain(more).collect()
}

/// The text of one cluster's file, once however many entries it holds.
fn shown_text(entry: &Entry, shown: &mut BTreeSet<String>) -> Option<String> {
    // Of a whole cluster or a lock there is nothing to learn line by line.
    if matches!(entry.subject, Subject::Cluster | Subject::Lock) {
        return None;
    }
    let example = &entry.renderings.first()?.example;
    if shown.insert(example.path.clone()) {
        Some(patch(example))
    } else {
        Some(format!("  (its text is part of {} above)\n", example.path))
    }
}

fn style(line: &str) -> Option<Style> {
    match line.as_bytes().first()? {
        b'+' => Some(Style::Added),
        b'-' => Some(Style::Removed),
        b'@' => Some(Style::Hunk),
        _ => None,
    }
}

fn painted(colour: bool, style: Style, text: &str) -> String {
    let code = match style {
        Style::Heading => "1",
        Style::Added => "32",
        Style::Removed => "31",
        Style::Hunk => "36",
    };
    if colour { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
}

/// A sentence below its heading; its further lines are indented more.
fn wrapped(sentence: &str) -> String {
    folded(sentence, 2, 4).join("\n") + "\n"
}

/// Lines of a terminal's width, of which the first begins in one column and all others in another.
fn folded(sentence: &str, first: usize, others: usize) -> Vec<String> {
    let mut lines = vec![];
    let mut line = " ".repeat(first);
    let mut empty = true;
    // Two spaces part what belongs together.
    for word in sentence.split(' ') {
        let wide = line.chars().count() + 1 + word.chars().count();
        if wide > WIDTH && !empty {
            lines.push(line.trim_end().to_owned());
            line = " ".repeat(others);
            empty = true;
        }
        if empty && word.is_empty() {
            continue;
        }
        if !empty {
            line.push(' ');
        }
        line.push_str(word);
        empty = false;
    }
    lines.push(line);
    lines
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn a_change_reads_like_this() {
        let change = sample::change();
        let report = write(&Comparison {
            change: &change,
            against: "HEAD",
            colour: false,
            known: &Known::default(),
        });
        assert_eq!(
            report,
            "\
3 changes on 9 of 14 clusters, compared with HEAD

▼ LOOSENS  limits        exemption billing added (namespaces billing)  c01
▲ tightens new clusters  25 files added  new-1
▲ tightens no-root       warn → deny  c01, c02, c03, c04, c05, c06, c07, c08 (8)

limits  loosens
  exemption billing added (namespaces billing)
  expressions: changed exempt
  ValidatingPolicy on 1 cluster: c01

--- a/c01/policies/limits.yaml
+++ b/c01/policies/limits.yaml
@@ -1,3 +1 @@
-spec:
-  validationActions:
-  - Warn
+spec: {}

new clusters  tightens
  25 files added
  1 cluster: new-1

no-root  tightens
  action: warn → deny
  ValidatingPolicy on 8 clusters: c01, c02, c03, c04, c05, c06 and 2 more

--- a/c01/policies/no-root.yaml
+++ b/c01/policies/no-root.yaml
@@ -1,3 +1,3 @@
 spec:
   validationActions:
-  - Warn
+  - Deny
"
        );
    }

    #[test]
    fn no_change_is_said() {
        let change = Change { compared: 14, ..Change::default() };
        assert_eq!(
            write(&Comparison {
                change: &change,
                against: "HEAD",
                colour: true,
                known: &Known::default()
            }),
            "Nothing changes: 14 clusters compared with HEAD.\n"
        );
    }

    #[test]
    fn colour_is_only_there_when_asked_for() {
        let change = sample::change();
        let plain = Comparison {
            change: &change,
            against: "HEAD",
            colour: false,
            known: &Known::default(),
        };
        assert!(!write(&plain).contains('\x1b'));
        assert!(
            write(&Comparison { colour: true, ..plain }).contains("\x1b[32m+  - Deny\x1b[0m\n")
        );
    }

    #[test]
    fn long_sentences_are_wrapped() {
        let line = wrapped(&"word ".repeat(20));
        assert!(line.lines().all(|line| line.chars().count() <= WIDTH));
        assert!(line.lines().nth(1).is_some_and(|line| line.starts_with("    word")));
    }
}
