//! `docs/check.md` says what the code says.

use crate::support::binary::must;
use crate::support::files::root;
use std::fs;

fn page() -> String {
    fs::read_to_string(root().join("docs/check.md")).expect("the page")
}

/// The table of fields stands beside the code that writes them, and is copied word for word.
#[test]
fn the_fields_are_those_of_the_code() {
    let code = fs::read_to_string(root().join("src/report/verdicts/json.rs")).expect("the code");
    let rows = code.lines().filter_map(|line| line.strip_prefix("//! | `"));
    let rows: Vec<String> = rows.map(|row| format!("| `{row}")).collect();
    assert_eq!(rows.len(), 11);
    let page = page();
    let missing: Vec<&String> = rows.iter().filter(|row| !page.contains(row.as_str())).collect();
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn every_format_is_told_and_every_option_exists() {
    let help = must(root(), &["check", "--help"]).out;
    let (_, formats) = help.split_once("[possible values: ").expect("formats");
    let formats: Vec<&str> = formats.split(']').next().unwrap_or_default().split(", ").collect();
    let page = page();
    assert!(formats.len() >= 5, "{formats:?}");
    for format in formats {
        assert!(page.contains(&format!("| `{format}` | ")), "{format} is not told");
    }
    let words = page.split(|one: char| one.is_whitespace() || "`(),;".contains(one));
    for option in words.filter(|word| word.starts_with("--") && word.len() > 3) {
        assert!(help.contains(option), "{option} is no option");
    }
}
