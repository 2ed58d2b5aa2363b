//! Whatever somebody writes, the YAML reader and the evaluator answer: no panic, no endless work.
//!
//! The same functions are the targets of `fuzz/`. Here they are given a bounded number of texts:
//! pieces of the languages put together at random, what a grammar makes of arbitrary bytes, and
//! everything that once went wrong.

use crate::support::binary::full;
use proptest::prelude::*;
use proptest::test_runner::Config;

#[path = "../../fuzz/src/entry.rs"]
mod fuzz;

const PIECES: &[&str] = &[
    "object",
    ".spec",
    ".?x",
    "[0]",
    "[?'a']",
    ".all(x, ",
    ".map(k, v, ",
    ".transformMap(k, v, ",
    "has(",
    ")",
    "(",
    "&&",
    "||",
    "!",
    "1",
    "-",
    "0x",
    "1u",
    "1.5e300",
    "'a'",
    "\"\\u00e4\"",
    "b'\\xff'",
    "r'\\d'",
    "==",
    "<",
    "+",
    "%",
    "/",
    "?",
    ":",
    "{",
    "}",
    "[",
    "]",
    ",",
    "quantity('",
    "1e999999999",
    "')",
    ".matches('",
    "(a*)*",
    "{1000}",
    "ip('",
    "::1",
    "cidr(",
    "url('%",
    "semver('1.2.3-",
    "cel.bind(x, ",
    "optional.none()",
    ".orValue(",
    "duration('",
    "9h",
    "timestamp(",
    "string(",
    "variables.x",
    " in ",
    "\n",
    "ä",
    "\u{0}",
    "x",
    "null",
    "true",
    ".format([",
    "'%s %d %.2f'",
    "lists.range(",
    "99999999999",
    ".split('')",
    ".join()",
    "base64.decode(",
    "math.greatest(",
    ".sort()",
    ".flatten(",
    "dyn(",
    "type(",
];

const YAML: &[&str] = &[
    "a: ",
    "- ",
    "\n",
    "  ",
    "{",
    "}",
    "[",
    "]",
    ",",
    ": ",
    "&x ",
    "*x",
    "<<: ",
    "|",
    ">",
    "-\n",
    "---\n",
    "...\n",
    "'",
    "\"",
    "!!int ",
    "? ",
    "# c\n",
    "1.30",
    "0x1f",
    "~",
    "yes",
    "\t",
    "\u{feff}",
    "ä",
    "\u{0}",
    "%YAML 1.2\n",
    "key",
    "apiVersion: v1\n",
];

fn config(cases: u32) -> Config {
    Config { cases: if full() { cases * 100 } else { cases }, ..Config::default() }
}

fn text(pieces: &'static [&'static str]) -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        8 => proptest::sample::select(pieces).prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
    ];
    proptest::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(config(3000))]

    #[test]
    fn any_expression_has_an_answer(text in text(PIECES)) {
        fuzz::expression(text.as_bytes());
    }

    #[test]
    fn any_choices_have_an_answer(choices in proptest::collection::vec(any::<u8>(), 0..400)) {
        fuzz::expression(&[&[fuzz::CHOICES], choices.as_slice()].concat());
    }

    #[test]
    fn any_yaml_has_an_answer(text in text(YAML)) {
        fuzz::yaml(text.as_bytes());
    }

    #[test]
    fn any_bytes_have_an_answer(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
        fuzz::expression(&bytes);
        fuzz::yaml(&bytes);
    }
}

/// What once went wrong, and what is likely to.
#[test]
fn the_kept_texts_have_an_answer() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus");
    let mut seen = 0;
    for (folder, run) in
        [("expression", fuzz::expression as fn(&[u8])), ("yaml", fuzz::yaml as fn(&[u8]))]
    {
        for entry in std::fs::read_dir(root.join(folder)).expect("a corpus") {
            run(&std::fs::read(entry.expect("an entry").path()).expect("a file"));
            seen += 1;
        }
    }
    assert!(seen >= 10, "{seen} texts are too few");
}
