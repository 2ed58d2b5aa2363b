//! Text as HTML, what a page may run, and how all pages look.

use crate::text::{base64, visible};
use sha2::{Digest, Sha256};

/// The style of all pages; each adds what only it has.
pub const STYLE: &str = include_str!("page/page.css");

/// Text in which nothing is HTML and nothing hides. It may stand between tags and between `"`.
pub fn text(written: &str) -> String {
    let seen = visible(written);
    let mut safe = String::with_capacity(seen.len());
    for c in seen.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            c => safe.push(c),
        }
    }
    safe
}

/// The same of a text of several lines, which stay what they are.
pub fn text_of_lines(written: &str) -> String {
    written.lines().map(text).collect::<Vec<_>>().join("\n")
}

/// JSON that may stand in a `<script>`: nothing in it can end that or begin another, and
/// nothing in it hides.
pub fn json(value: &serde_json::Value) -> String {
    let mut safe = String::new();
    for c in value.to_string().chars() {
        let hides = !c.is_ascii() && visible(c.encode_utf8(&mut [0; 4])) != c.to_string();
        if hides || matches!(c, '<' | '>' | '&') {
            for unit in c.encode_utf16(&mut [0; 2]) {
                safe.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            safe.push(c);
        }
    }
    safe
}

/// The one script and the one style that may run, by their digests; nothing may be fetched, but by a
/// page that is served from where it is.
pub fn policy(style: &str, script: &str, served: bool) -> String {
    let digest = |text: &str| format!("'sha256-{}'", base64(&Sha256::digest(text)));
    let asks = if served { " connect-src 'self';" } else { "" };
    format!(
        "default-src 'none'; style-src {}; script-src {};{asks} base-uri 'none'; form-action 'none'",
        digest(style),
        digest(script)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn text_is_only_text() {
        assert_eq!(text("a<b> & \"c\"\u{202e}"), "a&lt;b&gt; &amp; &quot;c&quot;⟨U+202E⟩");
    }

    #[test]
    fn json_cannot_end_its_script() {
        let value = json!("</script><!--&\u{2028}\u{2029}");
        let written = json(&value);
        assert!(!written.contains(['<', '>', '&', '\u{2028}', '\u{2029}']), "{written}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&written).unwrap(), value);
    }

    #[test]
    fn what_may_run_is_named_by_its_digest() {
        let policy = policy("", "", false);
        let empty = "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='";
        assert!(policy.contains(&format!("style-src {empty}; script-src {empty};")), "{policy}");
    }
}
