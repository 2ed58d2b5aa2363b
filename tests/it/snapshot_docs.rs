//! `docs/snapshots.md` and `docs/inventory.md` say what the binary does.

use crate::pages::carry_out;
use crate::support::binary::must;
use crate::support::files::root;
use std::fs;

#[test]
fn a_baseline_lets_what_runs_run_on() {
    let (folder, files, commands) = carry_out("docs/snapshots.md");
    assert_eq!((files, commands), (2, 4), "steps of docs/snapshots.md");
    let written = fs::read_to_string(folder.path().join("intents/baseline.yaml")).expect("a file");
    assert!(written.contains("  owner: web\n"), "{written}");
}

#[test]
fn an_inventory_is_made_from_what_is_known() {
    let (folder, files, commands) = carry_out("docs/inventory.md");
    assert_eq!((files, commands), (2, 4), "steps of docs/inventory.md");
    assert!(folder.path().join("clusters/prod-eu-1.yaml").is_file());
}

#[test]
fn every_option_that_is_told_exists() {
    for (page, commands) in [
        (
            "docs/snapshots.md",
            [["baseline"].as_slice(), &["check"], &["validate"], &["diff"]].as_slice(),
        ),
        ("docs/inventory.md", &[&["inventory", "add"], &["inventory", "import"]]),
    ] {
        let help = |words: &&[&str]| must(root(), &[words, ["--help"].as_slice()].concat()).out;
        let help: String = commands.iter().map(help).collect();
        let text = fs::read_to_string(root().join(page)).expect("the page");
        let words = text.split(|one: char| one.is_whitespace() || "`(),;.:".contains(one));
        for option in words.filter(|word| word.starts_with("--") && word.len() > 3) {
            assert!(help.contains(option), "{page}: {option} is no option");
        }
    }
}
