//! What `--help` says: every command teaches itself, and offers only what it looks at.

use crate::support::binary::{must, ordinance};
use crate::support::files::root;

fn help(command: &str) -> String {
    must(root(), &[command, "--help"]).out
}

fn commands() -> Vec<String> {
    let listed = must(root(), &["--help"]).out;
    let (_, listed) = listed.split_once("Commands:\n").expect("a list of commands");
    let lines = listed.lines().take_while(|line| !line.is_empty());
    let names = lines.filter_map(|line| line.split_whitespace().next());
    names.filter(|name| *name != "help").map(str::to_owned).collect()
}

/// The examples can be typed as they stand, and the exit statuses are told.
#[test]
fn every_help_has_an_example_and_the_exit_statuses() {
    assert!(commands().len() >= 10, "{:?}", commands());
    for command in commands() {
        let help = help(&command);
        assert!(help.contains("\nExit status: 0 "), "{help}");
        let start = format!("  ordinance {command}");
        let examples: Vec<&str> = help.lines().filter(|line| line.starts_with(&start)).collect();
        assert!(!examples.is_empty(), "{help}");
        for example in examples {
            let typed = example.trim().split("   ").next().unwrap_or_default();
            let mut words: Vec<&str> = typed.split(' ').skip(1).collect();
            words.push("--help");
            assert_eq!(ordinance(root(), &words).code, 0, "{typed}");
        }
        let (_, end) = help.split_once("\nExit status: ").expect("the statuses");
        let most = end.trim_end().lines().rev().skip(1).map(|line| line.chars().count());
        assert!(most.min().is_none_or(|least| least > 60), "a line is wrapped again: {end}");
    }
}

/// A day means nothing where no cluster is looked at, nor a repository where none is read.
#[test]
fn options_are_offered_only_where_they_are_used() {
    for command in commands() {
        let help = help(&command);
        // What `advisory` looks at, its own commands are asked.
        let own = ["init", "inventory", "schema", "completions", "advisory"];
        let reads = !own.contains(&command.as_str());
        let decides = reads && !["controls", "test", "doctor"].contains(&command.as_str());
        assert_eq!(help.contains("--repository <DIR>"), reads, "{help}");
        assert_eq!(help.contains("--now <DATE>"), decides, "{help}");
        assert_eq!(help.contains("--color <WHEN>"), reads && command != "controls", "{help}");
    }
    for words in [["advisory", "import", "--help"], ["advisory", "affected", "--help"]] {
        let help = must(root(), &words).out;
        for option in ["--repository <DIR>", "--now <DATE>", "--color <WHEN>"] {
            assert!(help.contains(option), "{help}");
        }
        assert!(help.contains("\nExit status: 0 "), "{help}");
    }
    assert_eq!(ordinance(root(), &["schema", "--now", "2026-11-22"]).code, 2);
}
