//! What `diff` tells of a part of a change, and how a terminal is shown a long text.

use crate::support::binary::{must, ordinance};
use crate::support::files;
use crate::support::repository::Repository;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

/// The worked example, committed, in which two intents ask for less.
fn example() -> Repository {
    let repository = Repository::new();
    files::write(repository.path(), &files::example());
    repository.commit("The policy as it is");
    edit(&repository, "intents/no-root.yaml", "action: deny", "action: warn");
    edit(&repository, "intents/resource-limits.yaml", "[cpu, memory]", "[memory]");
    repository
}

fn edit(repository: &Repository, path: &str, from: &str, to: &str) {
    let text = std::fs::read_to_string(repository.path().join(path)).unwrap();
    assert!(text.contains(from), "{text}");
    repository.write(path, &text.replace(from, to));
}

/// The rules that are told of, as programs are told.
fn told(repository: &Repository, arguments: &[&str]) -> Vec<String> {
    let arguments = [&["diff", "--format", "json"], arguments].concat();
    let run = must(repository.path(), &arguments);
    let told: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    let mut titles: Vec<String> = told["changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["subject"]["name"].as_str().unwrap_or("no rule").to_owned())
        .collect();
    titles.sort();
    titles.dedup();
    titles
}

#[test]
fn changes_of_one_intent_are_told_alone() {
    let repository = example();
    let all = told(&repository, &[]);
    assert_eq!(all, ["container-resource-limits", "run-as-non-root"]);
    assert_eq!(told(&repository, &["--intent", "no-root"]), ["run-as-non-root"]);
    assert_eq!(told(&repository, &["--intent", "resource-limits"]), ["container-resource-limits"]);
    let both = ["--intent", "no-root", "--intent", "resource-limits"];
    assert_eq!(told(&repository, &both), ["container-resource-limits", "run-as-non-root"]);
    let text = must(repository.path(), &["diff", "--intent", "no-root"]).out;
    assert!(text.contains(" of what no-root does not ask for left out\n"), "{text}");

    // What it asked for before is its change too, once it is gone.
    std::fs::remove_file(repository.path().join("intents/resource-limits.yaml")).unwrap();
    assert_eq!(told(&repository, &["--intent", "resource-limits"]), ["container-resource-limits"]);
    let none = must(repository.path(), &["diff", "--intent", "owner"]).out;
    assert!(
        none.starts_with("Nothing that owner asks for changes, compared with HEAD; "),
        "{none}"
    );
}

#[test]
fn an_intent_that_there_is_not_is_an_error_that_names_what_is_near() {
    let repository = example();
    let run =
        ordinance(repository.path(), &["diff", "--intent", "no-rot", "--cluster", "prod-eu-3"]);
    assert_eq!((run.code, run.out.as_str()), (2, ""));
    for said in [
        "there is no intent `no-rot`, nor was there one in what it is compared with",
        "did you mean `no-root`?",
        "there is no cluster `prod-eu-3`",
    ] {
        assert!(run.err.contains(said), "{}", run.err);
    }
}

#[test]
fn several_clusters_are_told_alone() {
    let repository = example();
    let arguments = ["diff", "--format", "json", "--cluster", "old-1", "--cluster", "edge-1"];
    let run = must(repository.path(), &arguments);
    let told: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(told["compared"], 2, "{told}");
    assert!(!run.out.contains("prod-eu-1"), "{told}");
    assert_ne!(run.out.find("old-1"), None);
}

/// What a terminal of 24 rows shows, with these variables set; keys are pressed meanwhile.
fn on_a_terminal(folder: &Path, variables: &str, command: &str, keys: &str) -> (i32, String) {
    let binary = env!("CARGO_BIN_EXE_ordinance");
    let typed = format!("stty rows 24 cols 80; {variables} '{binary}' {command}");
    let mut script = Command::new("script");
    script.args(["-qec", &typed, "/dev/null"]).current_dir(folder).env("TERM", "xterm");
    script.env("ORDINANCE_NOW", "2026-11-22").env_remove("PAGER").env_remove("LESS");
    let mut script =
        script.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    script.stdin.as_mut().unwrap().write_all(keys.as_bytes()).unwrap();
    let output = script.wait_with_output().unwrap();
    (output.status.code().unwrap_or(-1), String::from_utf8_lossy(&output.stdout).replace('\r', ""))
}

#[test]
fn a_long_text_is_shown_in_a_pager_on_a_terminal_alone() {
    if Command::new("script").arg("--version").output().is_err() {
        assert!(std::env::var_os("CI").is_none(), "`script` of util-linux is not there");
        println!("skipped: there is no `script`");
        return;
    }
    let repository = example();
    let folder = repository.path();
    let plain = must(folder, &["diff"]).out;
    assert!(plain.lines().count() > 100);
    let pager = "ORDINANCE_PAGER='cat > paged; echo read' PAGER=false";
    let paged = || {
        let text = std::fs::read_to_string(folder.join("paged")).ok();
        let _ = std::fs::remove_file(folder.join("paged"));
        text
    };
    // Ours before the usual one; with colours, since a terminal reads it.
    let (code, seen) = on_a_terminal(folder, pager, "diff", "");
    assert_eq!((code, seen.as_str()), (0, "read\n"));
    let text = paged().expect("it was paged");
    assert!(text.contains("\u{1b}[31m▼ LOOSENS"), "{text}");
    let (_, seen) = on_a_terminal(folder, "PAGER='cat > paged; echo read'", "diff", "");
    assert_eq!((seen.as_str(), paged().is_some()), ("read\n", true));
    // What fits, what is not wanted, and what is piped is not.
    let (_, short) = on_a_terminal(folder, pager, "diff --intent owner", "");
    assert!(short.starts_with("Nothing that owner asks for changes"), "{short}");
    for (variables, command) in [
        (pager, "diff --no-pager --color never"),
        (pager, "diff --color never | cat"),
        ("ORDINANCE_PAGER= PAGER=false", "diff --color never"),
        ("PAGER=cat", "diff --color never"),
        ("PAGER=there-is-none", "diff --color never"),
    ] {
        let (code, seen) = on_a_terminal(folder, variables, command, "");
        assert_eq!((code, paged()), (0, None), "{variables} {command}");
        assert_eq!(seen, plain, "{variables} {command}");
    }
    let (_, seen) = on_a_terminal(folder, "PAGER='there-is-none -x'", "diff --color never", "");
    assert!(
        seen.ends_with(&plain),
        "the shell says what it cannot run, then all of it stands there"
    );
    // Left early: no complaint, and the answer is what it is.
    let (code, seen) = on_a_terminal(folder, "PAGER='head -n 1'", "diff --exit-code", "");
    assert_eq!((code, seen.lines().count()), (1, 1), "{seen}");
    // `less` itself, which is left with a key.
    let (code, seen) = on_a_terminal(folder, "", "diff --color never", "q");
    assert_eq!(code, 0);
    assert!(seen.contains("LOOSENS") && seen.len() < plain.len(), "{seen}");
}
