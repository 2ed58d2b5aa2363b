//! One file before and after, side by side: three lines around each difference, the field a
//! difference is in above it, and within a line the words that differ.
//!
//! The field is read from the indentation of the lines, as people read it.

use super::html;
use crate::change::Example;
use similar::{ChangeTag, DiffOp, TextDiff};
use std::borrow::Cow;

/// Beyond this many bytes a file is not compared line by line.
const LIMIT: usize = 256 * 1024;

/// Lines around a difference.
const CONTEXT: usize = 3;

/// The most rows of one file.
const ROWS: usize = 240;

/// The most bytes of lines whose words are compared.
const WORDS: usize = 16 * 1024;

/// The most characters of a line.
const LINE: usize = 1000;

pub enum Sides {
    Table { rows: String, left_out: Option<String> },
    TooLarge { old: usize, new: usize },
}

/// A line as HTML, with its number.
type Cell = (usize, String);

pub fn of(example: &Example) -> Sides {
    let read = |bytes: &Option<std::sync::Arc<[u8]>>| match bytes {
        Some(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        None => String::new(),
    };
    let (old, new) = (read(&example.old), read(&example.new));
    if old.len() + new.len() > LIMIT {
        return Sides::TooLarge { old: old.len(), new: new.len() };
    }
    let one_sided = example.old.is_none() || example.new.is_none();
    let difference = TextDiff::from_lines(&old, &new);
    let lines: Vec<&str> = if example.new.is_some() { new.lines() } else { old.lines() }.collect();
    let mut rows = vec![];
    for group in difference.grouped_ops(CONTEXT) {
        let first = group.iter().find(|op| !matches!(op, DiffOp::Equal { .. }));
        let start = first.or(group.first()).map_or(0, |op| match example.new {
            Some(_) => op.new_range().start,
            None => op.old_range().start,
        });
        let field = if one_sided { None } else { field_at(&lines, start) };
        if let Some(field) = field {
            rows.push(format!("<tr class=\"in\"><td colspan=\"4\">in {}", html::text(&field)));
        } else if !rows.is_empty() {
            rows.push("<tr class=\"in\"><td colspan=\"4\">⋯".to_owned());
        }
        for op in &group {
            let (before, after) = cells(&difference, op);
            let equal = matches!(op, DiffOp::Equal { .. });
            for at in 0..before.len().max(after.len()) {
                rows.push(row(before.get(at), after.get(at), equal, example));
            }
        }
    }
    let pair = "<col class=\"n\"><col>";
    let columns = if one_sided { pair.to_owned() } else { pair.repeat(2) };
    let left_out = rows.len().saturating_sub(ROWS);
    rows.truncate(ROWS);
    let head = match (&example.old, &example.new) {
        (Some(_), Some(_)) => {
            "<th scope=\"col\" colspan=\"2\">Before</th><th scope=\"col\" colspan=\"2\">After</th>"
        }
        (None, _) => "<th scope=\"col\" colspan=\"2\">Added</th>",
        (_, None) => "<th scope=\"col\" colspan=\"2\">Removed</th>",
    };
    Sides::Table {
        rows: format!(
            "<table class=\"sides{}\"><caption class=\"quiet\">The file before and after</caption>{columns}<thead><tr>{head}</tr></thead><tbody>{}</tbody></table>\n",
            if one_sided { " one" } else { "" },
            rows.concat()
        ),
        left_out: (left_out > 0).then(|| {
            format!("{left_out} more lines are left out; `ordinance diff --format text` has them")
        }),
    }
}

/// The lines of both sides that an operation is about.
fn cells(difference: &TextDiff<'_, '_, str>, op: &DiffOp) -> (Vec<Cell>, Vec<Cell>) {
    let (mut before, mut after) = (vec![], vec![]);
    let lines = |side: &mut Vec<Cell>, from: usize, line: &str, tag: Option<&str>| {
        side.push((from + 1, tagged(&html::text(&cut(line)), tag)));
    };
    let size: usize = difference.iter_changes(op).map(|change| change.value().len()).sum();
    if matches!(op, DiffOp::Replace { .. }) && size <= WORDS {
        // Without a deadline: what is told may not depend on how fast it was told.
        for change in difference.iter_inline_changes_deadline(op, None) {
            let (side, index, tag) = match change.tag() {
                ChangeTag::Insert => (&mut after, change.new_index(), "ins"),
                _ => (&mut before, change.old_index(), "del"),
            };
            let whole: usize = change.values().iter().map(|(_, part)| part.len()).sum();
            let parts = change.values().iter().map(|(emphasised, part)| {
                let part = html::text(part.trim_end_matches(['\n', '\r']));
                if *emphasised && !part.is_empty() { format!("<b>{part}</b>") } else { part }
            });
            let line = match whole > LINE {
                true => {
                    let line: String = change.values().iter().map(|(_, part)| *part).collect();
                    html::text(&cut(&line))
                }
                false => parts.collect(),
            };
            side.push((index.unwrap_or_default() + 1, tagged(&line, Some(tag))));
        }
        return (before, after);
    }
    for change in difference.iter_changes(op) {
        let line = change.value();
        let old = change.old_index().unwrap_or_default();
        let new = change.new_index().unwrap_or_default();
        match change.tag() {
            ChangeTag::Equal => {
                lines(&mut before, old, line, None);
                lines(&mut after, new, line, None);
            }
            ChangeTag::Delete => lines(&mut before, old, line, Some("del")),
            ChangeTag::Insert => lines(&mut after, new, line, Some("ins")),
        }
    }
    (before, after)
}

fn tagged(line: &str, tag: Option<&str>) -> String {
    match tag {
        Some(tag) => format!("<{tag}>{line}</{tag}>"),
        None => line.to_owned(),
    }
}

fn cut(line: &str) -> Cow<'_, str> {
    let line = line.trim_end_matches(['\n', '\r']);
    match line.char_indices().nth(LINE) {
        Some((end, _)) => Cow::Owned(format!("{}…", &line[..end])),
        None => Cow::Borrowed(line),
    }
}

fn row(before: Option<&Cell>, after: Option<&Cell>, equal: bool, example: &Example) -> String {
    let side = |cell: Option<&Cell>| match cell {
        Some((number, line)) => {
            format!("<td>{number}<td>{line}")
        }
        None => "<td><td>".to_owned(),
    };
    let old = || side(before);
    let new = || side(after);
    match (&example.old, &example.new) {
        (None, _) => format!("<tr>{}", new()),
        (_, None) => format!("<tr>{}", old()),
        _ if equal => format!("<tr class=e>{}{}", old(), new()),
        _ => format!("<tr>{}{}", old(), new()),
    }
}

/// The fields around a line, outermost first: `spec › variables`.
fn field_at(lines: &[&str], at: usize) -> Option<String> {
    let mut path = vec![];
    let at = at.min(lines.len().saturating_sub(1));
    let mut inside = indent(lines.get(at)?);
    let mut item = lines[at].trim_start().starts_with("- ");
    for line in lines[..at].iter().rev() {
        if line.trim_start() == "---" {
            break;
        }
        let dash = line.trim_start().starts_with("- ");
        let Some(key) = key(line) else { continue };
        let column = indent(line) + if dash { 2 } else { 0 };
        // A list may stand as far to the right as the field it is the value of.
        if column < inside || (column == inside && item) {
            path.push(key);
            item = dash;
            inside = indent(line);
        } else if dash && indent(line) < inside {
            item = true;
            inside = indent(line);
        }
    }
    path.reverse();
    (!path.is_empty()).then(|| path.join(" › "))
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// The key a line begins with, where it is a plain one that holds others.
fn key(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let (key, rest) = line.strip_prefix("- ").unwrap_or(line).split_once(':')?;
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/');
    let holds = rest.trim().is_empty() || rest.trim_start().starts_with(['|', '>']);
    (holds && !key.is_empty() && key.chars().all(plain)).then_some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_in_the_fields_around_it() {
        let lines: Vec<&str> = "\
spec:
  matchConstraints:
    resourceRules:
    - apiGroups:
      - apps
      operations:
      - CREATE
  validationActions:
  - Deny
"
        .lines()
        .collect();
        let field = |at| field_at(&lines, at).unwrap_or_default();
        assert_eq!(field(8), "spec › validationActions");
        assert_eq!(field(6), "spec › matchConstraints › resourceRules › operations");
        assert_eq!(field(4), "spec › matchConstraints › resourceRules › apiGroups");
        assert_eq!(field(0), "");
    }

    #[test]
    fn words_that_differ_are_marked() {
        let example = Example {
            cluster: "c01".into(),
            path: "c01/a.yaml".into(),
            old: Some(b"a:\n  message: keep the <old> text here\n".as_slice().into()),
            new: Some(b"a:\n  message: keep the <new> text here\n".as_slice().into()),
        };
        let Sides::Table { rows, left_out } = of(&example) else { panic!("a table") };
        assert_eq!(left_out, None);
        assert!(rows.contains("<td colspan=\"4\">in a"), "{rows}");
        assert!(
            rows.contains("<del>  message: keep the <b>&lt;old&gt;</b> text here</del>"),
            "{rows}"
        );
        assert!(
            rows.contains("<ins>  message: keep the <b>&lt;new&gt;</b> text here</ins>"),
            "{rows}"
        );
    }
}
