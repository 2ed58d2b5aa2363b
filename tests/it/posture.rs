//! `ordinance posture`: what the golden scenario does not show. Every standing, who wrote which
//! line, hostile words, and that what is kept beside the render stays as it is.

use crate::support::binary::{command, must, ordinance, run};
use crate::support::files::{self, Tree, root};
use crate::support::repository::Repository;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;

/// The fleet of the golden scenario, as files.
fn small() -> Tree {
    let text = fs::read_to_string(root().join("tests/scenarios/posture/scenario.txt"));
    let text = text.expect("the scenario");
    let files = text.split("=== ").find_map(|part| part.strip_prefix("files\n")).expect("files");
    let files = files.split("\n--- ").flat_map(|one| one.strip_prefix("--- ").or(Some(one)));
    let files = files.filter_map(|one| one.split_once('\n'));
    files.map(|(path, text)| (path.to_owned(), format!("{text}\n").into_bytes())).collect()
}

fn told(folder: &std::path::Path, words: &[&str]) -> Value {
    let all = [&["posture", "--format", "json"], words].concat();
    serde_json::from_str(&must(folder, &all).out).expect("JSON")
}

/// Standing by recommendation and cluster.
fn standings(posture: &Value) -> BTreeMap<(String, String), String> {
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let list = |value: &Value| value.as_array().expect("a list").clone();
    let mut found = BTreeMap::new();
    for framework in list(&posture["frameworks"]) {
        for one in list(&framework["recommendations"]) {
            for standing in list(&one["standings"]) {
                for cluster in list(&standing["clusters"]) {
                    let key = (text(&one["id"]), text(&cluster));
                    let before = found.insert(key.clone(), text(&standing["standing"]));
                    assert_eq!(before, None, "{key:?} stands twice");
                }
            }
        }
    }
    found
}

/// Each recommendation stands on each cluster in exactly one way, and every way occurs.
#[test]
fn every_standing_occurs_and_each_pair_has_one() {
    let folder = files::folder(&small());
    let house = standings(&told(folder.path(), &[]));
    assert_eq!(house.len(), 9 * 4);
    let mut words: BTreeSet<String> = house.values().cloned().collect();
    let example = standings(&told(root(), &["--framework", "cis-kubernetes@1.8"]));
    assert_eq!(example.len(), 35 * 14);
    words.extend(example.into_values());
    let all =
        ["audits", "enforced", "exempt", "not-by-admission", "not-covered", "provided", "warns"];
    assert_eq!(words.iter().map(String::as_str).collect::<Vec<_>>(), all);
    let on = |id: &str, cluster: &str| house[&(id.to_owned(), cluster.to_owned())].clone();
    assert_eq!(on("H.2", "a-1"), "warns");
    assert_eq!(on("H.2", "b-1"), "audits", "its engine cannot warn");
    assert_eq!(on("H.4", "a-2"), "exempt");
    assert_eq!(on("H.1", "p-1"), "not-covered", "it is paused");
}

/// What is enforced is there, under the name that is told and in the file that is told.
#[test]
fn every_object_that_is_told_lies_in_its_file() {
    let posture = told(root(), &["--framework", "cis-kubernetes@1.8"]);
    let mut seen = 0;
    for one in posture["frameworks"][0]["recommendations"].as_array().expect("a list") {
        for standing in one["standings"].as_array().expect("a list") {
            for by in standing["by"].as_array().expect("a list") {
                for cluster in standing["clusters"].as_array().expect("a list") {
                    let cluster = cluster.as_str().expect("a name");
                    let file = by["file"].as_str().expect("a path");
                    let path = root().join("rendered").join(cluster).join(file);
                    let text = fs::read_to_string(&path).unwrap_or_else(|_| panic!("{path:?}"));
                    for object in by["objects"].as_array().expect("a list") {
                        let object = object.as_str().expect("a name");
                        let (kind, name) = object.split_once('/').expect("Kind/name");
                        assert!(text.contains(&format!("\nkind: {kind}\n")), "{path:?}: {kind}");
                        assert!(text.contains(&format!("\n  name: {name}\n")), "{path:?}: {name}");
                        seen += 1;
                    }
                }
            }
        }
    }
    assert!(seen > 400, "{seen}");
}

#[test]
fn who_wrote_a_line_last_is_told() {
    let repository = Repository::new();
    for (path, bytes) in small() {
        repository.write(&path, std::str::from_utf8(&bytes).expect("UTF-8"));
    }
    let first = repository.commit("Begin.");
    let path = "intents/house.yaml";
    let text = fs::read_to_string(repository.path().join(path)).expect("the intent");
    let milder = text.replace("action: audit", "action: warn");
    repository.write(path, &milder);
    repository.commit_as("Somebody Else", "Warn.");
    let longer = milder.replace("names: [legacy]", "names: [legacy, older]");
    repository.write(path, &longer);
    repository.write(
        "ordinance.yaml",
        &String::from_utf8(small()["ordinance.yaml"].clone()).expect("UTF-8"),
    );
    let posture = told(repository.path(), &[]);
    let who = |name: &str| {
        let decisions = posture["decisions"].as_array().expect("a list").iter();
        let mut found = decisions.filter(|one| one["name"] == name);
        found.next().unwrap_or_else(|| panic!("{name} is not told"))["who"].clone()
    };
    assert_eq!(who("house/ports")["commit"], first);
    assert_eq!(who("house/base")["commit"], first);
    assert_eq!(who("house/hosts")["author"], "Somebody Else");
    assert_eq!(who("house/root")["notCommitted"], true);
    assert_eq!(who("old-root")["commit"], first);
    // A repository without history tells as much, but for that.
    let without = files::folder(&small());
    let bare = told(without.path(), &[]);
    assert_eq!(
        bare["decisions"].as_array().map(Vec::len),
        posture["decisions"].as_array().map(Vec::len)
    );
    assert!(
        bare["decisions"].as_array().expect("a list").iter().all(|one| one.get("who").is_none())
    );
}

#[test]
fn the_same_fleet_is_told_in_the_same_bytes() {
    let files = small();
    let reversed = tempfile::tempdir().expect("a temporary folder");
    for (path, bytes) in files.iter().rev() {
        files::put(reversed.path(), path, bytes);
    }
    let folder = files::folder(&files);
    for format in ["markdown", "html", "json", "oscal", "csv"] {
        let words = ["posture", "--format", format];
        let once = must(folder.path(), &words).out;
        let mut alone = command(reversed.path(), &words);
        assert_eq!(run(alone.env("RAYON_NUM_THREADS", "1")).out, once, "{format}");
    }
}

#[test]
fn hostile_words_stay_words() {
    let bad = "</script><script>alert(1)</script> @everyone [x](javascript:y) | `a` =cmd|'/C calc'!A0 \\u202e";
    let mut files = small();
    let holes = String::from_utf8(files["intents/holes.yaml"].clone()).expect("UTF-8");
    let holes = holes
        .replace("reason: It reads the node.", &format!("reason: \"{}\"", bad.replace('"', "'")))
        .replace("owner: team-sensors", "owner: \"=HYPERLINK(1)\"")
        .replace("owner: team-legacy", "owner: \"@SUM(1+1)*cmd\"");
    files.insert("intents/holes.yaml".to_owned(), holes.into_bytes());
    let house =
        String::from_utf8(files["templates/frameworks/house/1.yaml"].clone()).expect("UTF-8");
    let house = house.replace("title: No latest", "title: \"=1+1 <img src=x onerror=y> @a #1\"");
    files.insert("templates/frameworks/house/1.yaml".to_owned(), house.into_bytes());
    let folder = files::folder(&files);
    let written = |format: &str| must(folder.path(), &["posture", "--format", format]).out;
    let page = written("html");
    assert_eq!((page.matches("<script").count(), page.matches("<img").count()), (0, 0));
    assert!(!page.contains('\u{202e}') && page.contains("⟨U+202E⟩"));
    for outside in ["http:", "https:", "url(", "@import", "src=\"", " onclick=", " style="] {
        let found = page.replace("Content-Security-Policy", "").contains(outside);
        assert!(!found, "{outside}");
    }
    let markdown = written("markdown");
    assert!(!markdown.contains("<script") && !markdown.contains("@everyone"));
    assert!(!markdown.contains("[x](") && markdown.contains("\\[x\\]("), "it is no link");
    let csv = written("csv");
    for row in csv.split("\r\n").filter(|row| !row.is_empty()) {
        assert!(!row.contains('\n'));
        for cell in cells(row) {
            assert!(!cell.starts_with(['=', '+', '-', '@', '\t']), "{cell}");
        }
        assert_eq!(cells(row).len(), 21, "{row}");
    }
    assert!(csv.contains("'=1+1 <img"), "what it says is still there");
}

/// The cells of a row, as RFC 4180 reads them.
fn cells(row: &str) -> Vec<String> {
    let (mut found, mut cell, mut quoted) = (vec![], String::new(), false);
    let mut letters = row.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => {
                letters.next();
                cell.push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => found.push(std::mem::take(&mut cell)),
            letter => cell.push(letter),
        }
    }
    found.push(cell);
    found
}

#[test]
fn every_link_of_the_page_leads_somewhere() {
    for (folder, words) in
        [(files::folder(&small()).keep(), "house@1"), (root().to_owned(), "cis-kubernetes")]
    {
        let page = must(&folder, &["posture", "--format", "html", "--framework", words]).out;
        let marked = |mark: &str| -> Vec<String> {
            let rest = page.split(mark).skip(1);
            rest.map(|rest| rest.split('"').next().unwrap_or_default().to_owned()).collect()
        };
        let ids = marked(" id=\"");
        let distinct: BTreeSet<&String> = ids.iter().collect();
        assert_eq!(distinct.len(), ids.len(), "an id twice");
        for link in marked("href=\"#") {
            assert!(distinct.contains(&link), "{link}");
        }
    }
}

/// What is kept beside the render is what rendering again would keep, whatever day it is.
#[test]
fn what_is_kept_does_not_go_stale_by_itself() {
    let repository = Repository::new();
    for (path, bytes) in small() {
        repository.write(&path, std::str::from_utf8(&bytes).expect("UTF-8"));
    }
    repository.git_on("2026-11-22T10:00:00Z", &["commit", "-q", "--allow-empty", "-m", "x"]);
    must(repository.path(), &["render"]);
    repository.git(&["add", "--all"]);
    repository.git_on("2026-11-24T10:00:00Z", &["commit", "-q", "-m", "Render."]);
    let kept = files::read(&repository.path().join("posture"));
    let names: Vec<&str> = kept.keys().map(String::as_str).collect();
    assert_eq!(names, ["house@1.csv", "house@1.md", "ordinance.lock"]);
    let markdown = String::from_utf8(kept["house@1.md"].clone()).expect("UTF-8");
    assert!(markdown.contains("warns until 2026-12-06 at least"), "{markdown}");
    assert!(!markdown.contains("last written by"), "no commit is named");
    for now in ["2026-11-25", "2026-12-24", "2027-02-01"] {
        let mut check = command(repository.path(), &["render", "--check"]);
        let said = run(check.env("ORDINANCE_NOW", now));
        assert_eq!(said.code, 0, "{now}: {}{}", said.out, said.err);
    }
    // What somebody writes into it is found, and goes with the next render.
    let path = repository.path().join("posture/house@1.md");
    fs::write(&path, markdown.replace("**exempt", "**enforced")).expect("a file");
    let said = ordinance(repository.path(), &["render", "--check"]);
    assert_eq!(said.code, 1);
    assert!(said.err.contains("posture/house@1.md changes"), "{}", said.err);
    must(repository.path(), &["render"]);
    assert_eq!(fs::read_to_string(&path).expect("a file"), markdown);
    // A file of somebody else stays; what was kept goes when nobody asks for it any more.
    repository.write("posture/README.md", "Ours.\n");
    let settings = String::from_utf8(small()["ordinance.yaml"].clone()).expect("UTF-8");
    repository
        .write("ordinance.yaml", &settings.replace("  posture: {formats: [markdown, csv]}\n", ""));
    must(repository.path(), &["render"]);
    let left = files::read(&repository.path().join("posture"));
    assert_eq!(left.keys().collect::<Vec<_>>(), ["README.md"]);
}

#[test]
fn a_proposal_brings_the_posture_with_it() {
    let repository = Repository::new();
    for (path, bytes) in small() {
        repository.write(&path, std::str::from_utf8(&bytes).expect("UTF-8"));
    }
    let settings = String::from_utf8(small()["ordinance.yaml"].clone()).expect("UTF-8");
    let delivery = "  delivery: {forge: {name: github}}\n";
    repository.write("ordinance.yaml", &format!("{settings}{delivery}"));
    repository.commit("Begin.");
    must(repository.path(), &["propose", "--local"]);
    let listed = repository.git(&["ls-tree", "-r", "--name-only", "ordinance/main", "posture"]);
    assert_eq!(listed, "posture/house@1.csv\nposture/house@1.md\nposture/ordinance.lock");
    let again = must(repository.path(), &["propose", "--local"]);
    assert!(again.out.contains("already holds all of it"), "{}", again.out);
    // Once it has landed there is nothing to propose, and words that change nothing on a cluster
    // are proposed by themselves.
    repository.git(&["merge", "-q", "ordinance/main"]);
    let said = must(repository.path(), &["propose", "--local"]);
    assert!(said.out.contains("Nothing to propose"), "{}{}", said.out, said.err);
    let holes = String::from_utf8(small()["intents/holes.yaml"].clone()).expect("UTF-8");
    repository.write("intents/holes.yaml", &holes.replace("It reads the node.", "It looks."));
    repository.commit("Say it otherwise.");
    let would = must(repository.path(), &["propose", "--dry-run"]).out;
    let (title, body) = would.split_once("\n\n").expect("a title and a body");
    assert_eq!(title, "Posture: what is kept of it is brought up to date");
    assert!(body.contains("**No policy changes on any of 3 clusters**"), "{body}");
    assert!(!body.contains("Full report") && !body.contains("| Rule |"), "there is none: {body}");
    must(repository.path(), &["propose", "--local"]);
    let changed = repository.git(&["diff", "--name-only", "main", "ordinance/main"]);
    assert_eq!(changed, "posture/house@1.md\nposture/ordinance.lock");
}

/// `docs/posture.md` shows what is said of the worked example, line by line.
#[test]
fn the_page_shows_what_is_told() {
    let page = fs::read_to_string(root().join("docs/posture.md")).expect("the page");
    let said = must(root(), &["posture", "--framework", "cis-kubernetes@1.8"]).out;
    let (_, rest) = page.split_once("~~~markdown\n").expect("an excerpt");
    let (excerpt, _) = rest.split_once("~~~").expect("its end");
    assert!(excerpt.lines().count() > 12);
    let mut after = said.as_str();
    for line in excerpt.lines().filter(|line| !line.is_empty() && *line != "…") {
        let Some((_, rest)) = after.split_once(&format!("{line}\n")) else {
            panic!("not told, or not in this order: {line}");
        };
        after = rest;
    }
    let code = fs::read_to_string(root().join("src/report/posture/json.rs")).expect("the code");
    let rows: Vec<&str> = code.lines().filter_map(|line| line.strip_prefix("//! ")).collect();
    let rows: Vec<&&str> = rows.iter().filter(|row| row.starts_with("| `")).collect();
    assert!(rows.len() > 15);
    for row in rows {
        assert!(page.contains(*row), "{row}");
    }
    let help = must(root(), &["posture", "--help"]).out;
    let (_, formats) = help.split_once("[possible values: ").expect("formats");
    for format in formats.split(']').next().unwrap_or_default().split(", ") {
        assert!(page.contains(&format!("| `{format}` | ")), "{format} is not told");
    }
}
