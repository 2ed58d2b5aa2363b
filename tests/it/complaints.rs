//! Broken inputs and the exact text that answers them.
//!
//! Each file of `tests/complaints/` lays some files over the small good repository in `base/` and
//! states what the binary says. `ORDINANCE_BLESS=1` rewrites what is stated: read it then, as the
//! person would whose input was broken.

use crate::support::binary::{Run, blessing, ordinance};
use crate::support::files::{self, Tree, root};
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::path::PathBuf;

/// A complaint as its file has it.
struct Complaint {
    path: PathBuf,
    name: String,
    /// Everything before the expectation, word for word.
    head: String,
    command: Vec<String>,
    input: Tree,
    expected: String,
}

impl Complaint {
    fn read(path: PathBuf) -> Complaint {
        let text = std::fs::read_to_string(&path).expect("a complaint");
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        assert!(text.starts_with("# "), "{name}: the first line says what is wrong with the input");
        let (head, expected) = match text.split_once("=== ") {
            Some((head, rest)) => (head.to_owned(), format!("=== {rest}")),
            None => (text, String::new()),
        };
        let mut input = files::read(&root().join("tests/complaints/base"));
        let mut command = vec!["validate".to_owned()];
        let mut current: Option<String> = None;
        for line in head.lines().skip(1) {
            if let Some(link) = line.strip_prefix("--- link ") {
                let (path, target) = link.split_once(' ').expect("a path and a target");
                input.insert(path.to_owned(), format!("-> {target}").into_bytes());
                current = None;
            } else if let Some(path) = line.strip_prefix("--- remove ") {
                assert!(input.remove(path).is_some(), "{name}: there is no {path}");
                current = None;
            } else if let Some(path) = line.strip_prefix("--- ") {
                input.insert(path.to_owned(), vec![]);
                current = Some(path.to_owned());
            } else if let Some(words) = line.strip_prefix("$ ordinance ") {
                command = words.split(' ').map(str::to_owned).collect();
            } else if let Some(path) = &current {
                let bytes = input.get_mut(path).expect("just inserted");
                bytes.extend(line.as_bytes());
                bytes.push(b'\n');
            }
        }
        Complaint { path, name, head, command, input, expected }
    }

    /// Runs it; also whether anything but the input is there afterwards.
    fn run(&self) -> (Run, Option<String>) {
        let folder = files::folder(&self.input);
        let arguments: Vec<&str> = self.command.iter().map(String::as_str).collect();
        let run = ordinance(folder.path(), &arguments);
        (run, files::difference(&self.input, &files::read(folder.path())))
    }
}

/// What is stated of a run: the status, what was said, and the data if there was any.
fn stated(run: &Run) -> String {
    let out = if run.out.is_empty() { String::new() } else { format!("=== stdout\n{}", run.out) };
    format!("=== exit {}\n{}{out}", run.code, run.err)
}

fn all() -> Vec<Complaint> {
    let entries = std::fs::read_dir(root().join("tests/complaints")).expect("complaints");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|end| end == "txt"));
    paths.sort();
    paths.into_iter().map(Complaint::read).collect()
}

#[test]
fn every_complaint_says_just_what_is_stated() {
    let failures: Vec<String> = all()
        .par_iter()
        .filter_map(|complaint| {
            let (run, changed) = complaint.run();
            let found = stated(&run);
            if blessing() {
                let text = format!("{}{found}", complaint.head);
                std::fs::write(&complaint.path, text).expect("a complaint");
                return None;
            }
            if let (true, Some(what)) = (run.code == 2, changed) {
                return Some(format!("{}: something was written: {what}", complaint.name));
            }
            (found != complaint.expected).then(|| {
                format!("{}\nstated:\n{}\nfound:\n{found}", complaint.name, complaint.expected)
            })
        })
        .collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// The word in brackets is the code, and the file's name begins with it.
#[test]
fn every_complaint_is_about_the_code_it_is_named_after() {
    for complaint in all() {
        let codes = codes_said(&complaint.expected);
        let named = |code: &String| complaint.name.starts_with(code.as_str());
        assert!(
            complaint.name.starts_with("several-") || codes.iter().any(named),
            "{} states {codes:?}",
            complaint.name
        );
    }
}

fn codes_said(text: &str) -> BTreeSet<String> {
    let pattern =
        regex::Regex::new(r"(?m)^(?:error|warning|note)\[([a-z-]+)\]").expect("a pattern");
    pattern.captures_iter(text).map(|found| found[1].to_owned()).collect()
}

/// What no input can bring about, and why.
const UNREACHABLE: &[(&str, &str)] = &[
    ("internal", "a document that passed its schema and still cannot be read is our own defect"),
    ("unknown-name", "the fallback for what is looked up by name and has no code of its own yet"),
];

#[test]
fn every_code_has_a_complaint() {
    let said: BTreeSet<String> =
        all().iter().flat_map(|complaint| codes_said(&complaint.expected)).collect();
    let mut known = BTreeSet::new();
    let direct = regex::Regex::new(r#"Diagnostic::(?:error|warning|note)\(\s*"([a-z-]+)""#);
    let looked_up = regex::Regex::new(r#"=> "(unknown-[a-z-]+)""#);
    let patterns = [direct.expect("a pattern"), looked_up.expect("a pattern")];
    for (path, bytes) in files::read(&root().join("src")) {
        let text = String::from_utf8(bytes).unwrap_or_else(|_| panic!("{path} is text"));
        for pattern in &patterns {
            known.extend(pattern.captures_iter(&text).map(|found| found[1].to_owned()));
        }
    }
    assert!(known.len() > 40, "the search for codes finds {known:?}");
    let excused: BTreeSet<String> =
        UNREACHABLE.iter().map(|(code, _)| (*code).to_owned()).collect();
    let silent: Vec<&String> =
        known.difference(&said).filter(|code| !excused.contains(*code)).collect();
    assert!(silent.is_empty(), "no complaint shows {silent:?}");
    let unknown: Vec<&String> = said.difference(&known).collect();
    assert!(unknown.is_empty(), "the sources do not have {unknown:?}");
}

/// The same words, whatever order the files are found in and however many threads read them.
#[test]
fn complaints_do_not_depend_on_threads() {
    let several = all().into_iter().filter(|complaint| complaint.name.starts_with("several-"));
    for complaint in several {
        for threads in ["1", "4"] {
            let folder = files::folder(&complaint.input);
            let arguments: Vec<&str> = complaint.command.iter().map(String::as_str).collect();
            let mut command = crate::support::binary::command(folder.path(), &arguments);
            let run = crate::support::binary::run(command.env("RAYON_NUM_THREADS", threads));
            assert_eq!(stated(&run), complaint.expected, "{}", complaint.name);
        }
    }
}
