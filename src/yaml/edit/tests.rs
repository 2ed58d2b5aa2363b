//! Files put together from odd parts: each part says whether it goes with its document.

use super::*;

/// What stands before a document's content: directives, markers, comments. `true`: it goes along.
const HEADS: &[&[(bool, &str)]] = &[
    &[(true, "---\n")],
    &[(true, "--- # of this one\n# between\n\n")],
    &[(false, "# about what?\n\n"), (true, "---\t\n")],
    &[(false, "\n# --- no marker\n#\n"), (true, "---\n  # indented\n")],
    &[(true, "---   # ---\n")],
];

/// Contents, each one document, with what can only be its own.
const BODIES: &[&str] = &[
    "name: NAME\nlist:\n- 1   # one\n-   2\n",
    "{name: NAME, 'quoted # key': \"--- # none\"}   # at the end\n",
    "name: NAME\ntext: |\n  # no comment\n\n  ---\n  ... still text\n# a comment inside\nmore: >-\n   folded\n\n   # too\n",
    "\"name\"   :   NAME\nquoted: \"begins\n  # inside\n\n  ends\"\n  # indented, so it is of this one\n",
    "name: &a NAME\nagain: *a\nkept: |+\n  text\n\nlast: 1\n",
    "name: NAME\nempty:\nwide: 'é 日本 %TAG # no'\npercent: '%'\n",
];

/// What stands between a document's content and the next one's head. `true`: it goes along.
const TAILS: &[&[(bool, &str)]] = &[
    &[],
    &[(false, "# about the next\n")],
    &[(false, "#left\n\n\n# over\n")],
    &[(true, "# before its end\n\n...\n")],
    &[(true, "... # ended\n"), (false, "# between the two\n\n")],
];

struct Built {
    text: String,
    /// What is to be left without one of the documents, and a byte of that one.
    cases: Vec<(String, usize)>,
}

/// `parts[n]` are head, body and tail of document `n`.
fn built(parts: &[(usize, usize, usize)], crlf: bool, bom: bool, last_break: bool) -> Built {
    let mut pieces: Vec<(Option<usize>, String)> = vec![];
    for (n, (head, body, tail)) in parts.iter().enumerate() {
        let own = |(goes, text): &(bool, &str)| (goes.then_some(n), (*text).to_owned());
        pieces.extend(HEADS[*head].iter().map(own));
        pieces.push((Some(n), BODIES[*body].replace("NAME", &format!("doc-{n}"))));
        pieces.extend(TAILS[*tail].iter().map(own));
    }
    if bom {
        pieces.insert(0, (None, "\u{feff}".to_owned()));
    }
    if !last_break && let Some((_, last)) = pieces.last_mut() {
        *last = last.trim_end_matches('\n').to_owned();
    }
    let joined = |without: Option<usize>| -> String {
        let kept = pieces.iter().filter(|(of, _)| of.is_none() || *of != without);
        let text: String = kept.map(|(_, text)| text.as_str()).collect();
        if crlf { text.replace('\n', "\r\n") } else { text }
    };
    let text = joined(None);
    let cases = (0..parts.len()).map(|n| {
        let at = text.find(&format!("doc-{n}")).unwrap();
        (joined(Some(n)), at)
    });
    Built { cases: cases.collect(), text }
}

fn values(text: &str) -> Vec<serde_json::Value> {
    documents(text).unwrap_or_else(|| panic!("{text}")).iter().map(Node::to_json).collect()
}

/// Hundreds of files: every head, body and tail, beside every other, in each place.
#[test]
fn odd_files_come_back_byte_for_byte_but_for_the_edit() {
    let (mut files, mut edits) = (0, 0);
    for first in 0..HEADS.len() * BODIES.len() * TAILS.len() {
        let part = |n: usize| {
            let (head, rest) = (n % HEADS.len(), n / HEADS.len());
            (head, rest % BODIES.len(), rest / BODIES.len() % TAILS.len())
        };
        let parts = [part(first), part(first * 7 + 3), part(first * 11 + 5)];
        let built = built(&parts, first % 2 == 1, first % 3 == 1, first % 5 != 1);
        let before = values(&built.text);
        assert_eq!(before.len(), 3, "{}", built.text);
        files += 1;
        for (n, (expected, at)) in built.cases.iter().enumerate() {
            let Some(Left::Text(left)) = without(&built.text, &[*at]) else {
                panic!("document {n} stays in\n{}", built.text);
            };
            assert_eq!(left, *expected, "without document {n} of\n{}", built.text);
            let mut rest = before.clone();
            rest.remove(n);
            assert_eq!(values(&left), rest, "{}", built.text);
            edits += 1;
        }
        let all: Vec<usize> = built.cases.iter().map(|(_, at)| *at).collect();
        assert_eq!(without(&built.text, &all), Some(Left::Nothing), "{}", built.text);
        let Some(Left::Text(last)) = without(&built.text, &all[..2]) else { panic!("one is left") };
        assert_eq!(values(&last), before[2..], "{}", built.text);
    }
    assert!(files >= 100 && edits >= 300, "{files} files, {edits} edits");
}

fn left(text: &str, word: &str) -> String {
    match without(text, &[text.find(word).unwrap()]) {
        Some(Left::Text(left)) => left,
        other => panic!("{text}: {other:?}"),
    }
}

#[test]
fn a_document_that_begins_the_file_may_have_no_marker() {
    assert_eq!(left("# head\na: 1 # x\n---\nb: 2\n", "a:"), "# head\n---\nb: 2\n");
    assert_eq!(left("a: 1\n# next\n---\nb: 2", "a:"), "# next\n---\nb: 2");
    assert_eq!(left("a: 1\n---\nb: 2", "b:"), "a: 1\n");
    assert_eq!(left("\u{feff}a: 1\r\n---\r\nb: 2\r\n", "a:"), "\u{feff}---\r\nb: 2\r\n");
    assert_eq!(left("a: 1\r---\rb: 2\r", "a:"), "---\rb: 2\r");
}

#[test]
fn an_end_stays_where_something_needs_it_to_begin() {
    assert_eq!(left("a: 1\n---\nb: 2\n...\nc: 3\n", "b:"), "a: 1\n...\nc: 3\n");
    assert_eq!(left("a: 1\n...\nb: 2\n", "a:"), "b: 2\n");
    assert_eq!(left("a: 1\n...\nb: 2\n...\nc: 3\n", "b:"), "a: 1\n...\nc: 3\n");
    let tagged = "a: 1\n---\nb: 2\n...\n%YAML 1.2\n---\nc: 3\n";
    assert_eq!(left(tagged, "b:"), "a: 1\n...\n%YAML 1.2\n---\nc: 3\n");
    assert_eq!(left(tagged, "c:"), "a: 1\n---\nb: 2\n...\n");
    assert_eq!(left("# h\n%YAML 1.2\n# d\n---\nb: 2\n---\nc: 3\n", "b:"), "# h\n# d\n---\nc: 3\n");
}

/// Above it stands a text that keeps the blank lines behind it: they go.
#[test]
fn blank_lines_do_not_become_part_of_the_text_above() {
    let text = "a: |+\n  x\n---\nb: 2\n\n# c\n---\nc: 3\n";
    assert_eq!(left(text, "b:"), "a: |+\n  x\n# c\n---\nc: 3\n");
    assert_eq!(left(&text.replace("|+", "|"), "b:"), "a: |\n  x\n\n# c\n---\nc: 3\n");
    assert_eq!(left("a: 1\n---\nb: |+\n  x\n\n---\nc: 3\n", "b:"), "a: 1\n\n---\nc: 3\n");
}

#[test]
fn what_cannot_be_cut_is_left() {
    assert_eq!(without("a: [", &[0]), None, "no YAML");
    assert_eq!(without("# a\n---\nb: 1\n", &[2]), None, "no document lies there");
    assert_eq!(without("# a\n---\nb: 1\n", &[8]), Some(Left::Nothing));
}
