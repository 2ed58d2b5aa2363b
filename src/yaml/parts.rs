//! Where a text can be cut so that its documents are read side by side.
//!
//! A line that begins with `---` ends every document, whatever it is in the middle of: YAML lets no
//! scalar contain one. What a document may take from those before it are directives, and so a text
//! that may have one is not cut. Nor is one that may have anchors: what aliases make of a text is
//! bounded for all of its documents together.

use std::ops::Range;

/// Shorter texts are read at once: it takes less than handing them to threads.
pub const WORTHWHILE: usize = 64 << 10;

/// A part is no shorter than this, but for the last.
pub const PART: usize = 8 << 10;

/// The parts of a text, each beginning where a document does and none but the last shorter than
/// `shortest`; `None` where it is not cut.
pub fn of(text: &str, shortest: usize) -> Option<Vec<Range<usize>>> {
    let bytes = text.as_bytes();
    let mut parts = vec![];
    let (mut start, mut line) = (0, 0);
    for next in bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at + 1) {
        if bytes[line..].starts_with(b"%") {
            return None;
        }
        if line - start >= shortest.max(1) && begins_document(&bytes[line..]) {
            parts.push(start..line);
            start = line;
        }
        line = next;
    }
    let has_directive = bytes[line..].starts_with(b"%");
    parts.push(start..bytes.len());
    (parts.len() > 1 && !has_directive && !may_have_aliases(bytes)).then_some(parts)
}

fn begins_document(line: &[u8]) -> bool {
    line.strip_prefix(b"---").is_some_and(|rest| {
        rest.first().is_none_or(|byte| matches!(byte, b'\n' | b'\r' | b' ' | b'\t'))
    })
}

/// An alias stands where a value does, and its name begins at once.
fn may_have_aliases(bytes: &[u8]) -> bool {
    let stands = |at: usize| {
        let before = at.checked_sub(1).map_or(b'\n', |before| bytes[before]);
        before.is_ascii_whitespace() || b",[{:".contains(&before)
    };
    let is_named = |at: usize| {
        bytes
            .get(at + 1)
            .is_some_and(|after| !after.is_ascii_whitespace() && !b",]}".contains(after))
    };
    let mut stars = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'*');
    stars.any(|(at, _)| stands(at) && is_named(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str) -> Option<Vec<&str>> {
        of(text, 1).map(|parts| parts.into_iter().map(|part| &text[part]).collect())
    }

    #[test]
    fn a_text_is_cut_before_its_documents() {
        assert_eq!(cut("a: 1\n--- b\n---\nc"), Some(vec!["a: 1\n", "--- b\n", "---\nc"]));
        assert_eq!(cut("a: |\n  ---\n---\r\nb"), Some(vec!["a: |\n  ---\n", "---\r\nb"]));
        assert_eq!(cut("a: 1\n---b\n"), None);
    }

    #[test]
    fn what_documents_may_share_is_not_cut() {
        assert_eq!(cut("%YAML 1.2\n---\na\n---\nb"), None);
        assert_eq!(cut("a: [&x 1, *x]\n---\nb: 1\n"), None);
        assert!(cut("a: ['*', '*/*', \"a * b\"]\n---\nb: c && d\n").is_some());
    }

    #[test]
    fn short_documents_stay_together() {
        let text = "---\na: 1\n".repeat(3);
        assert_eq!(of(&text, 10), Some(vec![0..18, 18..27]));
    }
}
