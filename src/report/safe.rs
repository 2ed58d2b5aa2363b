//! Text inside Markdown that stays text.
//!
//! Names, values and commit messages are written by anybody. Whatever they hold, nothing fires
//! (mentions, references to issues, links), nothing opens or closes (fences, tags, comments,
//! table cells), and nothing hides (control characters, marks that turn the direction of text).

use crate::text::visible;

/// Put after a character that would start a mention or a reference; it cannot be seen.
const BREAK: char = '\u{200b}';

/// As prose, on one line.
pub fn prose(text: &str) -> String {
    let mut safe = String::new();
    for c in one_line(text).chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '|' | '!' | '~' | '$' => {
                safe.push('\\');
                safe.push(c);
            }
            _ => safe.push(c),
        }
    }
    quiet(&safe)
}

/// As prose of our own words, on one line: names between backticks are code. Anything that is not
/// as plain as our own words are is prose like any other.
pub fn told(text: &str) -> String {
    let text = one_line(text);
    let parts: Vec<&str> = text.split('`').collect();
    let plain = |part: &str| {
        let own = |c: char| c.is_ascii_alphanumeric() || " -_./:@,=".contains(c);
        !part.is_empty() && part.trim() == part && part.chars().all(own)
    };
    let last = parts.len() - 1;
    let fits = parts.iter().enumerate().all(|(index, part)| match index % 2 {
        0 => !part.contains('\\') && (index == 0 || index == last || !part.is_empty()),
        _ => plain(part),
    });
    if !fits || parts.len().is_multiple_of(2) {
        return prose(&text);
    }
    let parts = parts.iter().enumerate().map(|(index, part)| match index % 2 {
        0 => spaced(part),
        _ => code(part),
    });
    parts.collect()
}

/// Words of our own, which name things as code; not too many.
pub fn own(text: &str) -> String {
    told(&clipped(text, 300))
}

/// As prose, with the spaces at its ends.
fn spaced(text: &str) -> String {
    let before = if text.starts_with(' ') { " " } else { "" };
    let after = if text.ends_with(' ') && text.trim() != "" { " " } else { "" };
    format!("{before}{}{after}", prose(text))
}

/// As text of an HTML element, on one line.
pub fn html(text: &str) -> String {
    let mut safe = String::new();
    for c in one_line(text).chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            _ => safe.push(c),
        }
    }
    quiet(&safe)
}

/// As a title, which is no Markdown but may become a commit message.
pub fn plain(text: &str) -> String {
    quiet(&one_line(text))
}

/// Marks that begin a mention or a reference somewhere: of people, issues, merge requests, epics,
/// snippets, milestones, labels, alerts.
const MARKS: [&str; 8] = ["@", "#", "!", "$", "%", "~", "^", "&amp;"];

/// Parts what is safe otherwise where it would fire: a mark from what it would mention, `GH` from
/// the number of its issue, and what would be an address from its host. Forges look for these in
/// the text that is left when the Markdown is read, so a backslash is no help.
fn quiet(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        safe.push(c);
        let (till, rest) = text.split_at(at + c.len_utf8());
        let next = rest.strip_prefix('\\').unwrap_or(rest).chars().next();
        let mentions = |mark: &&str| till.ends_with(*mark);
        let always = matches!(c, '@' | '#');
        let named = next.is_some_and(|next| next.is_alphanumeric() || "\"'_{".contains(next));
        if always || (named && MARKS.iter().any(mentions)) {
            safe.push(BREAK);
        }
    }
    without_words_that_fire(&safe)
}

/// `GH-1` is an issue, and what looks like an address becomes a link.
fn without_words_that_fire(text: &str) -> String {
    let mut safe = text.replace("://", &format!(":{BREAK}//"));
    for word in ["GH-", "gh-", "Gh-", "gH-", "www.", "WWW."] {
        let (start, end) = word.split_at(word.len() - 1);
        safe = safe.replace(word, &format!("{start}{BREAK}{end}"));
    }
    safe
}

/// As code within a line, also within a table's cell.
pub fn code(text: &str) -> String {
    let text = one_line(text).replace('|', "∣");
    if text.is_empty() {
        return "–".to_owned();
    }
    let ticks = "`".repeat(longest_run(&text) + 1);
    // A space at both ends is taken off again by the reader.
    let pad = if text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']) { " " } else { "" };
    format!("{ticks}{pad}{text}{pad}{ticks}")
}

/// As a block of code, with a fence no line of it can close.
pub fn fence(language: &str, text: &str) -> String {
    let lines: Vec<String> = text.lines().map(visible).collect();
    let text = lines.join("\n");
    let ticks = "`".repeat((longest_run(&text) + 1).max(3));
    format!("{ticks}{language}\n{text}\n{ticks}\n")
}

fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or_default()
}

fn one_line(text: &str) -> String {
    visible(&text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// The first characters of a text; `…` tells that there were more.
pub fn clipped(text: &str, limit: usize) -> String {
    match text.char_indices().nth(limit) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prose_stays_prose() {
        assert_eq!(prose("a\n# b"), "a #\u{200b} b");
        assert_eq!(prose("<!-- @x fixes #1 -->"), "&lt;\\!-- @\u{200b}x fixes #\u{200b}1 --&gt;");
        assert_eq!(prose("`|*_[x](https://e)"), "\\`\\|\\*\\_\\[x\\](https:\u{200b}//e)");
        assert_eq!(prose("GH-12 \u{202e}x"), "GH\u{200b}-12 ⟨U+202E⟩x");
        assert_eq!(prose("!12 $3 %4 &5"), "\\!\u{200b}12 \\$\u{200b}3 %\u{200b}4 &amp;\u{200b}5");
        assert_eq!(prose("~\"a b\" a! 5 % ~ 3"), "\\~\u{200b}\"a b\" a\\! 5 % \\~ 3");
    }

    #[test]
    fn our_own_words_keep_their_code_and_nothing_else() {
        assert_eq!(told("`a-b` and `c` @x"), "`a-b` and `c` @\u{200b}x");
        assert_eq!(told("a `b_c"), "a \\`b\\_c");
        for other in ["`<b>`", "``", "`a``b`", "\\`a`", "`a` `"] {
            assert_eq!(told(other), prose(other), "{other}");
        }
    }

    #[test]
    fn code_is_closed_by_its_own_ticks_only() {
        assert_eq!(code("a"), "`a`");
        assert_eq!(code("``a` b"), "``` ``a` b ```");
        assert_eq!(code("a|b"), "`a∣b`");
        assert_eq!(code(""), "–");
    }

    #[test]
    fn a_fence_is_longer_than_any_within() {
        assert_eq!(fence("diff", "+ ````\n"), "`````diff\n+ ````\n`````\n");
        assert_eq!(fence("", "a\u{7}"), "```\na⟨U+0007⟩\n```\n");
    }

    #[test]
    fn a_summary_cannot_close_its_element() {
        assert_eq!(html("</summary>\"&"), "&lt;/summary&gt;&quot;&amp;");
    }
}
