//! A change at a glance, for a terminal: a few lines for each, the worst first, with the clusters
//! that were changed otherwise and where it is asked for. What it does line by line is told below.

use super::{WIDTH, folded};
use crate::change::{Alike, Direction, Entry, clusters};
use crate::report::Known;
use crate::text::{self, visible};

/// The column in which everything but the mark begins.
const INDENT: usize = 11;

/// The widest title that others stand in line with.
const TITLE: usize = 26;

/// So many names are said on the line that says what is done, or all of them; else below it.
const ENOUGH: usize = 2;

/// `1 change, 9 clusters alike, 1 differs`, `3 changes on 9 of 14 clusters, 1 of them otherwise on
/// a few`.
pub fn heading(alike: &[Alike<'_>], on: usize, compared: usize) -> String {
    let changes = text::count(alike.len(), "change");
    if let [Alike { entry, outliers }] = alike
        && !outliers.is_empty()
    {
        let same = text::count(entry.clusters().len(), "cluster");
        let few: usize = outliers.iter().map(|one| one.entry.clusters().len()).sum();
        let verb = if few == 1 { "differs" } else { "differ" };
        return format!("{changes}, {same} alike, {few} {verb}");
    }
    let differing = alike.iter().filter(|one| !one.outliers.is_empty()).count();
    let few = match differing {
        0 => String::new(),
        differing => format!(", {differing} of them otherwise on a few"),
    };
    format!("{changes} on {on} of {}{few}", text::count(compared, "cluster"))
}

/// How wide titles are told, so that what is done stands in line.
pub fn width(alike: &[Alike<'_>]) -> usize {
    let widths = alike.iter().map(|one| one.entry.title().chars().count());
    widths.filter(|width| *width <= TITLE).max().unwrap_or_default()
}

/// The lines of one, with titles as wide as `width` and whom it hits; `loud` is how what loosens is
/// painted.
pub fn lines(
    one: &Alike<'_>,
    known: &Known,
    (width, hits): (usize, Option<&str>),
    loud: &dyn Fn(&str) -> String,
) -> String {
    let entry = one.entry;
    let (mark, word) = mark(entry.direction);
    let title = entry.title();
    // A space would be lost where a line is folded.
    let gap = "\0".repeat(width.saturating_sub(title.chars().count()));
    let mut lines = folded(&format!("{title}{gap}  {}", said(entry)), INDENT, INDENT);
    for line in &mut lines {
        *line = line.replace('\0', " ").trim_end().to_owned();
    }
    let (on, asked) = (entry.clusters(), known.asked.get(&title).map(|places| clusters(places)));
    let asked = asked.unwrap_or_default();
    on_same_line(&mut lines, |room| {
        // On whom and where it is asked for, in one line where there is room for both.
        let both = room.checked_sub(asked.chars().count() + 2).filter(|_| !asked.is_empty());
        let both = both.and_then(|room| Some(format!("{}  {asked}", names(&on, room)?)));
        both.or_else(|| names(&on, room))
    });
    if !lines.last().is_some_and(|line| line.ends_with(&asked)) {
        lines.extend(folded(&asked, INDENT, INDENT));
    }
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
        let told = format!("outlier {on}: {worse}{}{only}", said(outlier.entry));
        lines.extend(folded(&told, INDENT, INDENT + 2));
    }
    lines.extend(hits.iter().flat_map(|hits| folded(hits, INDENT, INDENT)));
    let head = format!("{mark} {word:<width$}", width = INDENT - 2);
    let head = if entry.direction.counts_as_loosening() { loud(&head) } else { head };
    let mut told = lines.join("\n");
    told.replace_range(..INDENT, &head);
    told + "\n"
}

/// Adds what there is room for to the last line, or else begins another.
fn on_same_line(lines: &mut Vec<String>, fitted: impl Fn(usize) -> Option<String>) {
    let taken = lines.last().map_or(WIDTH, |line| line.chars().count() + 2);
    if let (Some(text), Some(last)) = (fitted(WIDTH.saturating_sub(taken)), lines.last_mut()) {
        last.push_str("  ");
        last.push_str(&text);
        return;
    }
    let text = fitted(WIDTH - INDENT).unwrap_or_default();
    lines.extend(folded(&text, INDENT, INDENT));
}

/// As many names as there is room for, and how many there are: `a, b, … (9)`; on a line of their
/// own at least one.
fn names(all: &[&str], room: usize) -> Option<String> {
    let shown: Vec<String> = all.iter().map(|name| visible(name)).collect();
    let told = |count: usize| {
        let some = shown[..count].join(", ");
        match shown.len() {
            1 => some,
            all if all == count => format!("{some} ({all})"),
            all => format!("{some}, … ({all})"),
        }
    };
    let fits = |count: &usize| told(*count).chars().count() <= room;
    let own_line = room == WIDTH - INDENT;
    let least = if own_line { 1 } else { ENOUGH.min(all.len()) };
    match (least..=all.len()).rev().find(fits) {
        None if own_line => Some(told(1)),
        found => found.map(told),
    }
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

/// The most characters of a sentence; all of it stands below.
const LONG: usize = 140;

/// What it does, in one sentence; that an action is one is seen, and what its expressions became is
/// for below.
fn said(entry: &Entry) -> String {
    let says = entry.says();
    let telling = |said: &&String| says.len() == 1 || !said.starts_with("expressions: ");
    let mut said: Vec<String> = says.iter().filter(telling).map(|said| brief(said)).collect();
    let more = said.len().saturating_sub(SAID);
    said.truncate(SAID);
    for one in &mut said {
        if let Some((end, _)) = one.char_indices().nth(LONG) {
            one.truncate(end);
            one.push('…');
        }
    }
    if more > 0 {
        said.push(format!("and {more} more"));
    }
    let said = said.join("; ");
    said.strip_prefix("action: ").map_or(said.clone(), str::to_owned)
}

/// Of a part that comes or goes, no more than its action.
fn brief(said: &str) -> String {
    match said.split_once("; ") {
        Some((start, _)) if said.starts_with("part ") => format!("{start}; …)"),
        _ => said.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::change::{Change, Facts, Topic};
    use crate::report::sample;
    use serde_json::json;

    fn told(entries: Vec<Entry>, known: &Known) -> String {
        let change = Change { entries, ..Change::default() };
        let alike = change.alike(&known.facts);
        let width = super::width(&alike);
        let lines =
            alike.iter().map(|one| lines(one, known, (width, None), &|head| format!("<{head}>")));
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
1 change, 9 clusters alike, 1 differs
<▼ LOOSENS  >run-as-non-root  deny → warn  c01, c02, … (9)  intents/no-root.yaml:9
           outlier c10: deny → audit (only there: Guard 1.12)
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
