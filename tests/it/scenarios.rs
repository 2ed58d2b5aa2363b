//! Whole folders in, whole trees out, step by step, with the real binary.
//!
//! `tests/scenarios/<name>/scenario.txt` has the input files, then steps: commands with what they
//! say, how they end and which files they change, and edits between them. The output folder after
//! the last step lies in `expected/` beside it. Each scenario is played several times – files
//! written in another order, another number of threads, from another folder – and must come out
//! the same to the byte; each `render` is repeated at once and must then change nothing.
//! `ORDINANCE_BLESS=1` rewrites what is stated.

use crate::support::binary::{self, blessing};
use crate::support::files::{self, Tree, root};
use rayon::prelude::*;
use std::path::{Path, PathBuf};
use std::process::Command;

/// How a scenario is played.
#[derive(Clone, Copy)]
struct Way {
    threads: &'static str,
    backwards: bool,
    from_elsewhere: bool,
}

const WAYS: &[Way] = &[
    Way { threads: "4", backwards: false, from_elsewhere: false },
    Way { threads: "1", backwards: true, from_elsewhere: true },
];

/// A part of the script: its headline and what stands below it.
struct Step {
    head: String,
    body: String,
}

struct Scenario {
    name: String,
    folder: PathBuf,
    title: String,
    steps: Vec<Step>,
}

impl Scenario {
    fn read(folder: PathBuf) -> Scenario {
        let name = folder.file_name().expect("a name").to_string_lossy().into_owned();
        let text = std::fs::read_to_string(folder.join("scenario.txt")).expect("a scenario");
        let (title, rest) = text.split_once('\n').expect("a first line");
        assert!(title.starts_with("# "), "{name}: the first line says what it shows");
        let steps = rest.split("=== ").skip(1).map(|step| {
            let (head, body) = step.split_once('\n').unwrap_or((step, ""));
            Step { head: head.to_owned(), body: body.to_owned() }
        });
        Scenario { name, title: title.to_owned(), steps: steps.collect(), folder }
    }

    /// Plays all steps: the script as it came out, and the output folder at the end.
    fn play(&self, way: Way) -> (String, Tree) {
        let home = tempfile::tempdir().expect("a temporary folder");
        let folder = home.path();
        let mut script = format!("{}\n", self.title);
        for step in &self.steps {
            script.push_str(&format!("=== {}\n", step.head));
            if let Some(words) = step.head.strip_prefix("ordinance ") {
                let words: Vec<&str> = words.split(' ').collect();
                script.push_str(&told(folder, &words, way));
                let again = words[0] == "render" && !step.body.starts_with("exit 2");
                if again && !words.contains(&"--check") {
                    let (before, _) = (files::read(folder), told(folder, &words, way));
                    let changed = files::difference(&before, &files::read(folder));
                    assert_eq!(changed, None, "{}: {} again", self.name, step.head);
                }
            } else {
                match step.head.as_str() {
                    "files" => edit(folder, &step.body, way.backwards),
                    "commit" => commit(folder),
                    other => panic!("{}: there is no step `{other}`", self.name),
                }
                script.push_str(&step.body);
            }
        }
        let mut tree = files::read(folder);
        tree.retain(|path, _| !path.starts_with(".git/"));
        let mut rendered = files::below(&tree, "rendered");
        let locks = rendered.iter_mut().filter(|(path, _)| path.ends_with("ordinance.lock"));
        locks.for_each(|(_, bytes)| *bytes = without_catalogue(bytes));
        (script, rendered)
    }
}

/// A lock names the catalogue's digest, which every edit of any control changes.
fn without_catalogue(lock: &[u8]) -> Vec<u8> {
    let lines = std::str::from_utf8(lock).expect("a lock is text").lines();
    let kept = lines.map(|line| match line.split(' ').next() {
        Some(word @ ("catalogue" | "digest")) => format!("{word} (this one)\n"),
        _ => format!("{line}\n"),
    });
    kept.collect::<String>().into_bytes()
}

/// Runs a command: how it ended, what it said, and what changed in the folder.
fn told(folder: &Path, words: &[&str], way: Way) -> String {
    let before = files::read(folder);
    let elsewhere = tempfile::tempdir().expect("a temporary folder");
    let place = folder.display().to_string();
    let mut command = if way.from_elsewhere && !words.contains(&"--output") {
        let mut words = words.to_vec();
        words.extend(["--repository", &place]);
        binary::command(elsewhere.path(), &words)
    } else {
        binary::command(folder, words)
    };
    let run = binary::run(command.env("RAYON_NUM_THREADS", way.threads));
    let seconds = regex::Regex::new(r", \d+\.\d s:").expect("a pattern");
    let out = seconds.replace_all(&run.out, ", 0.0 s:");
    let mut told = format!("exit {}\n{out}{}", run.code, run.err);
    let after = files::read(folder);
    for (path, bytes) in &after {
        match before.get(path) {
            None => told.push_str(&format!("+ {path}\n")),
            Some(old) if old != bytes => told.push_str(&format!("~ {path}\n")),
            Some(_) => {}
        }
    }
    for path in before.keys().filter(|path| !after.contains_key(*path)) {
        told.push_str(&format!("- {path}\n"));
    }
    told
}

/// Files to write (`--- path`), to remove (`--- remove path`) and to add a line to (`--- append path`).
fn edit(folder: &Path, body: &str, backwards: bool) {
    let mut parts: Vec<&str> = body.split("--- ").skip(1).collect();
    if backwards {
        parts.reverse();
    }
    for part in parts {
        let (head, text) = part.split_once('\n').unwrap_or((part, ""));
        if let Some(path) = head.strip_prefix("remove ") {
            std::fs::remove_file(folder.join(path)).expect("a file to remove");
        } else if let Some(path) = head.strip_prefix("append ") {
            let before = std::fs::read_to_string(folder.join(path)).expect("a file to add to");
            files::put(folder, path, before + text);
        } else {
            files::put(folder, head, text);
        }
    }
}

/// Commits everything to the branch that sync tools follow.
fn commit(folder: &Path) {
    let git = |arguments: &[&str]| {
        let status = Command::new("git")
            .args(["-c", "user.name=Robin", "-c", "user.email=robin@example.com"])
            .args(arguments)
            .current_dir(folder)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_COMMITTER_DATE", "2026-11-22T12:00:00Z")
            .env("GIT_AUTHOR_DATE", "2026-11-22T12:00:00Z")
            .status()
            .expect("git runs");
        assert!(status.success(), "git {arguments:?}");
    };
    if !folder.join(".git").exists() {
        git(&["init", "-q", "-b", "main"]);
    }
    git(&["add", "--all"]);
    git(&["commit", "-q", "-m", "As it is now"]);
}

#[test]
fn every_scenario_comes_out_as_stated_however_it_is_played() {
    let entries = std::fs::read_dir(root().join("tests/scenarios")).expect("scenarios");
    let mut folders: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    folders.sort();
    assert!(folders.len() >= 12, "there are {} scenarios", folders.len());
    let failures: Vec<String> = folders.into_par_iter().filter_map(|one| judge(&one)).collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

fn judge(folder: &Path) -> Option<String> {
    let scenario = Scenario::read(folder.to_owned());
    let (script, tree) = scenario.play(WAYS[0]);
    let file = scenario.folder.join("scenario.txt");
    let expected = scenario.folder.join("expected");
    if blessing() {
        std::fs::write(&file, &script).expect("a scenario");
        let _ = std::fs::remove_dir_all(&expected);
        files::write(&expected, &tree);
    }
    let stated = std::fs::read_to_string(&file).expect("a scenario");
    if script != stated {
        return Some(format!("{}\nstated:\n{stated}\nfound:\n{script}", scenario.name));
    }
    if let Some(what) = files::difference(&files::read(&expected), &tree) {
        return Some(format!("{}: {what}", scenario.name));
    }
    for way in &WAYS[1..] {
        let (other, again) = scenario.play(*way);
        if other != script {
            return Some(format!("{} says something else: {other}", scenario.name));
        }
        if let Some(what) = files::difference(&tree, &again) {
            return Some(format!("{}, played in another way: {what}", scenario.name));
        }
    }
    None
}
