//! A difference as text: unified hunks with three lines around.

use super::Example;
use crate::text::visible;
use similar::TextDiff;

/// Beyond this many bytes a file is not compared line by line.
const LIMIT: usize = 256 * 1024;

/// Lines around a difference.
const CONTEXT: usize = 3;

/// The hunks of one file, with the header git would give it; what cannot be seen is made visible.
pub fn patch(example: &Example) -> String {
    let text = |bytes: &Option<std::sync::Arc<[u8]>>| match bytes {
        Some(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        None => String::new(),
    };
    let (old, new) = (text(&example.old), text(&example.new));
    let name = |side: &str, there: bool| match there {
        true => format!("{side}/{}", visible(&example.path)),
        false => "/dev/null".to_owned(),
    };
    let (before, after) = (name("a", example.old.is_some()), name("b", example.new.is_some()));
    if old.len() + new.len() > LIMIT {
        return format!(
            "--- {before}\n+++ {after}\n@@ too large to be shown: {} and {} bytes @@\n",
            old.len(),
            new.len()
        );
    }
    let difference = TextDiff::from_lines(&old, &new);
    let hunks = difference.unified_diff().context_radius(CONTEXT).to_string();
    let lines = hunks.lines().map(visible);
    let lines: Vec<String> =
        [format!("--- {before}"), format!("+++ {after}")].into_iter().chain(lines).collect();
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_patch_has_three_lines_around_and_shows_what_hides() {
        let old = "a: 1\nb: 2\nc: 3\nd: 4\ne: 5\n";
        let new = "a: 1\nb: 2\nc: 3\nd: 4\ne: \u{202e}6\u{1b}[0m\n";
        let example = Example {
            cluster: "x".into(),
            path: "x/policies/a.yaml".into(),
            old: Some(old.as_bytes().into()),
            new: Some(new.as_bytes().into()),
        };
        assert_eq!(
            patch(&example),
            "--- a/x/policies/a.yaml\n+++ b/x/policies/a.yaml\n@@ -2,4 +2,4 @@\n b: 2\n c: 3\n d: 4\n-e: 5\n+e: ⟨U+202E⟩6⟨U+001B⟩[0m\n"
        );
        let gone = Example { new: None, ..example };
        assert!(
            patch(&gone).starts_with("--- a/x/policies/a.yaml\n+++ /dev/null\n@@ -1,5 +0,0 @@")
        );
    }
}
