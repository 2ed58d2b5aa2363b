//! Which lines of a text belong to which document.
//!
//! A line that begins with `---` or `...` is a marker whatever it stands in: YAML lets no scalar
//! contain one. Nothing else of YAML has to be understood to tell documents apart.

use std::ops::Range;

/// The stretch of one document, in bytes; every end is the end of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// Lines before its `---` that hold for it alone.
    pub directives: Vec<Range<usize>>,
    /// Its `---`, or its first line where it has none.
    pub start: usize,
    /// It begins without `---`.
    pub is_bare: bool,
    /// Behind its last line that is neither blank nor a comment at the beginning of the line.
    pub content_end: usize,
    /// Behind the blank lines that follow its content.
    pub blank_end: usize,
    /// The line of its `...`.
    pub close: Option<Range<usize>>,
    /// Where the next document begins, or what stands before it.
    end: usize,
}

impl Section {
    pub fn range(&self) -> Range<usize> {
        self.start..self.end
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Line {
    Begin,
    End,
    Directive,
    Blank,
    Comment,
    Other,
}

pub fn sections(text: &str) -> Vec<Section> {
    let mut found: Vec<Section> = vec![];
    let mut directives: Vec<Range<usize>> = vec![];
    let mut open: Option<Section> = None;
    for range in lines(text) {
        let line = kind(&text[range.clone()]);
        match (line, &mut open) {
            (Line::Begin, _) | (Line::Other, None) => {
                found.extend(open.take());
                let directives = std::mem::take(&mut directives);
                let is_bare = line != Line::Begin;
                let (start, end) = (range.start, range.end);
                let (content_end, blank_end) = (end, end);
                open = Some(Section {
                    directives,
                    start,
                    is_bare,
                    content_end,
                    blank_end,
                    close: None,
                    end,
                });
            }
            (Line::End, Some(_)) => {
                let section = open.take().map(|mut section| {
                    section.end = range.end;
                    section.close = Some(range);
                    section
                });
                found.extend(section);
            }
            (Line::Directive, None) => directives.push(range),
            (_, None) => {}
            (line, Some(section)) => {
                let blank = line == Line::Blank && section.blank_end == range.start;
                if !matches!(line, Line::Blank | Line::Comment) {
                    section.content_end = range.end;
                    section.blank_end = range.end;
                } else if blank {
                    section.blank_end = range.end;
                }
                section.end = range.end;
            }
        }
    }
    found.extend(open);
    found
}

/// The lines with what ends them; the mark of the byte order belongs to none.
fn lines(text: &str) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let mut start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let mut found = vec![];
    for (at, byte) in bytes.iter().enumerate().skip(start) {
        let ends = match byte {
            b'\n' => true,
            b'\r' => bytes.get(at + 1) != Some(&b'\n'),
            _ => false,
        };
        if ends {
            found.push(start..at + 1);
            start = at + 1;
        }
    }
    if start < bytes.len() {
        found.push(start..bytes.len());
    }
    found
}

fn kind(line: &str) -> Line {
    let marks = |mark: &str| {
        let rest = line.strip_prefix(mark);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\r', '\n']))
    };
    match line.chars().next() {
        _ if marks("---") => Line::Begin,
        _ if marks("...") => Line::End,
        _ if line.trim_matches([' ', '\t', '\r', '\n']).is_empty() => Line::Blank,
        Some('%') => Line::Directive,
        Some('#') => Line::Comment,
        _ => Line::Other,
    }
}
