//! Taking documents out of a text and leaving every other byte as it is.
//!
//! A document goes with its own `---`, with what stands between that and its content, with its
//! directives, and with the `...` that ends it unless something needs that to begin. Comments that
//! begin a line after its content stay: they are about whatever comes next, or about the file.
//! What came of it is read again and must say what it said before, or nothing is given back.

mod sections;

use super::{Node, read};
use crate::text::Sources;
use sections::{Section, sections};

/// What is left of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Left {
    /// No document: at most comments and markers.
    Nothing,
    Text(String),
}

/// The text without the documents that these bytes lie in; `None` where it cannot be cut so that
/// the others stay what they are.
pub fn without(text: &str, bytes: &[usize]) -> Option<Left> {
    let before = documents(text)?;
    let all = sections(text);
    let mut gone: Vec<usize> = vec![];
    for byte in bytes {
        gone.push(all.iter().position(|section| section.range().contains(byte))?);
    }
    gone.sort_unstable();
    gone.dedup();
    let goes = |node: &&Node| {
        let start = node.place.start as usize;
        gone.iter().any(|index| all[*index].range().contains(&start))
    };
    let expected: Vec<serde_json::Value> =
        before.iter().filter(|node| !goes(node)).map(Node::to_json).collect();
    // Blank lines may be a part of the text above, once nothing stands between them and it.
    [false, true].into_iter().find_map(|with_blank_lines| {
        let left = cut(text, &gone, with_blank_lines);
        let after = documents(&left)?;
        if !after.iter().map(Node::to_json).eq(expected.iter().cloned()) {
            return None;
        }
        Some(if after.is_empty() { Left::Nothing } else { Left::Text(left) })
    })
}

/// The last goes first, so that what is known of those before it stays true.
fn cut(text: &str, gone: &[usize], with_blank_lines: bool) -> String {
    let mut left = text.to_owned();
    for index in gone.iter().rev() {
        let all = sections(&left);
        let Some(section) = all.get(*index) else { continue };
        let before = index.checked_sub(1).and_then(|before| all.get(before));
        let mut ranges = section.directives.clone();
        ranges.push(section.start..end(section, before, all.get(index + 1), with_blank_lines));
        for range in ranges.into_iter().rev() {
            left.replace_range(range, "");
        }
    }
    left
}

/// Where what goes with a document ends.
fn end(
    section: &Section,
    before: Option<&Section>,
    after: Option<&Section>,
    with_blank_lines: bool,
) -> usize {
    let Some(close) = &section.close else {
        return if with_blank_lines { section.blank_end } else { section.content_end };
    };
    // What begins without `---`, or with a directive, needs an end before it.
    let needed = after.is_some_and(|after| after.is_bare || !after.directives.is_empty());
    let ended = before.is_none_or(|before| before.close.is_some());
    if needed && !ended { close.start } else { close.end }
}

fn documents(text: &str) -> Option<Vec<Node>> {
    let mut sources = Sources::default();
    let source = sources.add("", text);
    read(&sources, source).ok()
}

#[cfg(test)]
mod tests;
