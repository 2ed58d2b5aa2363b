//! A change at a glance, for a terminal: a few lines for each, the worst first, with the clusters
//! that were changed otherwise and where it is asked for. What it does line by line is told below.

use super::folded;
use crate::change::{Alike, Direction, Entry, clusters};
use crate::report::Known;
use crate::text;

/// The column in which everything but the mark begins.
const INDENT: usize = 11;

/// `3 changes on 9 of 14 clusters, 1 of them otherwise on a few`.
pub fn heading(alike: &[Alike<'_>], on: usize, compared: usize) -> String {
    let differing = alike.iter().filter(|one| !one.outliers.is_empty()).count();
    let few = match (differing, alike.len()) {
        (0, _) => String::new(),
        (_, 1) => ", otherwise on a few".to_owned(),
        (differing, _) => format!(", {differing} of them otherwise on a few"),
    };
    let (changes, all) = (text::count(alike.len(), "change"), text::count(compared, "cluster"));
    format!("{changes} on {on} of {all}{few}")
}

/// The lines of one; `loud` is how what loosens is painted.
pub fn lines(one: &Alike<'_>, known: &Known, loud: &dyn Fn(&str) -> String) -> String {
    let entry = one.entry;
    let (mark, word) = mark(entry.direction);
    let names = entry.clusters();
    let on = match names.len() {
        1 => clusters(&names),
        count => format!("{} ({count})", clusters(&names)),
    };
    let first = [entry.title(), said(entry), on].join("  ");
    let mut lines = folded(&first, INDENT, INDENT);
    for outlier in &one.outliers {
        let on = clusters(&outlier.entry.clusters());
        let only = match &outlier.only[..] {
            [] => String::new(),
            only => format!(" (only there: {})", only.join("; ")),
        };
        // It may be worse than what it differs from.
        let worse = match outlier.entry.direction == entry.direction {
            true => String::new(),
            false => format!("{}, ", outlier.entry.direction.word()),
        };
        let told = format!("otherwise on {on}: {worse}{}{only}", said(outlier.entry));
        lines.extend(folded(&told, INDENT, INDENT));
    }
    let asked = known.asked.get(&entry.title()).map(|places| clusters(places));
    lines.extend(asked.map(|places| " ".repeat(INDENT) + &places));
    let head = format!("{mark} {word:<width$}", width = INDENT - 2);
    let head = if entry.direction.counts_as_loosening() { loud(&head) } else { head };
    let mut told = lines.join("\n");
    told.replace_range(..INDENT, &head);
    told + "\n"
}

fn mark(direction: Direction) -> (&'static str, &'static str) {
    match direction {
        Direction::Loosens => ("▼", "LOOSENS"),
        Direction::Unknown => ("?", "UNKNOWN"),
        Direction::Tightens => ("▲", "tightens"),
        Direction::Neutral => ("·", "neutral"),
    }
}

/// The most that is said of what one does.
const SAID: usize = 2;

/// What it does, in one sentence; that an action is one is seen, and what its expressions became is
/// for below.
fn said(entry: &Entry) -> String {
    let says = entry.says();
    let telling = |said: &&String| says.len() == 1 || !said.starts_with("expressions: ");
    let mut said: Vec<String> = says.iter().filter(telling).cloned().collect();
    let more = said.len().saturating_sub(SAID);
    said.truncate(SAID);
    if more > 0 {
        said.push(format!("and {more} more"));
    }
    let said = said.join("; ");
    said.strip_prefix("action: ").map_or(said.clone(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::super::WIDTH;
    use super::*;
    use crate::change::{Change, Facts, Topic};
    use crate::report::sample;
    use serde_json::json;

    fn told(entries: Vec<Entry>, known: &Known) -> String {
        let change = Change { entries, ..Change::default() };
        let alike = change.alike(&known.facts);
        let lines = alike.iter().map(|one| lines(one, known, &|head| format!("<{head}>")));
        format!("{}\n{}", heading(&alike, 10, 14), lines.collect::<String>())
    }

    fn action(new: &str, clusters: Vec<String>) -> Entry {
        let statement =
            sample::statement(Topic::Action, "action", Some(json!("deny")), Some(json!(new)));
        let entry = sample::entry("run-as-non-root", vec![statement], clusters, "x");
        Entry { direction: Direction::Loosens, ..entry }
    }

    #[test]
    fn a_change_with_an_outlier_reads_like_this() {
        let all = sample::names(10);
        let engine = |name: &String| {
            let engine = if name == "c10" { "Guard 1.12" } else { "built in" };
            (name.clone(), vec![("engine", engine.to_owned())])
        };
        let facts: Facts = all.iter().map(engine).collect();
        let asked = [("run-as-non-root".to_owned(), vec!["intents/no-root.yaml:9".to_owned()])];
        let known = Known { facts, asked: asked.into(), ..Known::default() };
        let entries = vec![action("warn", all[..9].to_vec()), action("audit", all[9..].to_vec())];
        assert_eq!(
            told(entries, &known),
            "\
1 change on 10 of 14 clusters, otherwise on a few
<▼ LOOSENS  >run-as-non-root  deny → warn  c01, c02, c03, c04, c05, c06 and 3 more
           (9)
           otherwise on c10: deny → audit (only there: Guard 1.12)
           intents/no-root.yaml:9
"
        );
    }

    #[test]
    fn no_line_is_wider_than_a_terminal() {
        let long = sample::statement(Topic::Field, "spec.x", None, Some(json!("y ".repeat(60))));
        let entry = sample::entry("limits", vec![long], sample::names(30), "x");
        let told = told(vec![entry], &Known::default());
        assert!(told.lines().all(|line| line.chars().count() <= WIDTH), "{told}");
        assert!(told.contains("\n· neutral  limits  spec.x:"), "{told}");
    }
}
