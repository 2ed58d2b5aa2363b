//! What the pages show is true: their commands are run, their files are written, as printed.
//!
//! A block of `sh` holds commands. A block whose first line names a file is that file. A block of
//! `console` holds commands with what they print, compared but for how long they took.

use crate::support::binary::blessing;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Command;

pub struct Block {
    /// `sh`, `yaml path/of/a/file`, …
    pub info: String,
    pub text: String,
}

fn blocks(page: &str) -> Vec<Block> {
    blocks_of(&fs::read_to_string(here(page)).unwrap())
}

/// The blocks of a text.
pub fn blocks_of(page: &str) -> Vec<Block> {
    let mut found = Vec::new();
    let mut open: Option<Block> = None;
    for line in page.lines() {
        match (line.strip_prefix("```"), &mut open) {
            (Some(_), Some(_)) => found.extend(open.take()),
            (Some(info), None) => {
                open = Some(Block { info: info.to_owned(), text: String::new() });
            }
            (None, Some(block)) => {
                block.text.push_str(line);
                block.text.push('\n');
            }
            (None, None) => {}
        }
    }
    found
}

/// The arguments, if the line runs Ordinance.
fn arguments(line: &str) -> Option<Vec<&str>> {
    let command = line.split(" #").next().unwrap_or_default();
    let rest = ["ordinance ", "cargo run --release -- "].iter();
    let rest = rest.filter_map(|start| command.strip_prefix(start)).next()?;
    Some(rest.split_whitespace().collect())
}

/// Whether it went well, and all that was said, in its order.
fn run(folder: &Path, arguments: &[&str]) -> (bool, String) {
    let (mut reader, writer) = std::io::pipe().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_ordinance"));
    command.args(arguments).current_dir(folder).env("ORDINANCE_NOW", "2026-11-22");
    let mut child = command.stdout(writer.try_clone().unwrap()).stderr(writer).spawn().unwrap();
    drop(command); // holds the pipe open
    let mut said = String::new();
    reader.read_to_string(&mut said).unwrap();
    (child.wait().unwrap().success(), said)
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap().path();
        let target = to.join(entry.file_name().unwrap());
        if entry.is_dir() {
            copy(&entry, &target);
        } else {
            fs::copy(&entry, &target).unwrap();
        }
    }
}

pub fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Carries a page out in a new policy repository: how many files it wrote, how many commands ran.
pub fn carry_out(page: &str) -> (tempfile::TempDir, usize, usize) {
    let folder = tempfile::tempdir().unwrap();
    copy(&here("templates/scaffold/init"), folder.path());
    let (mut files, mut commands) = (0, 0);
    for block in blocks(page) {
        if let Some((_, path)) = block.info.split_once(' ') {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, &block.text).unwrap();
            files += 1;
        }
        for arguments in block.text.lines().filter_map(arguments) {
            let (fine, said) = run(folder.path(), &arguments);
            assert!(fine, "{page}: {arguments:?}\n{said}");
            commands += 1;
        }
    }
    (folder, files, commands)
}

#[test]
fn a_new_control_takes_five_steps() {
    let (folder, files, commands) = carry_out("CONTRIBUTING.md");
    assert_eq!((files, commands), (3, 5), "steps of CONTRIBUTING.md");
    assert!(folder.path().join("rendered/prod-1/policies/disallow-host-aliases.yaml").is_file());
}

#[test]
fn the_guide_leads_to_a_rule_on_a_cluster() {
    let (folder, files, commands) = carry_out("docs/guide.md");
    assert_eq!((files, commands), (4, 9), "steps of docs/guide.md");
    assert!(folder.path().join("rendered/prod-1/policies/disallow-debug-ports.yaml").is_file());
}

/// A copy of the worked example.
pub fn example() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for part in ["intents", "clusters", "rendered"] {
        copy(&here(part), &folder.path().join(part));
    }
    fs::copy(here("ordinance.yaml"), folder.path().join("ordinance.yaml")).unwrap();
    folder
}

/// Leaves out how long it took.
pub fn timeless(text: &str) -> String {
    let words = text.lines().map(|line| {
        let words: Vec<&str> = line.split(' ').collect();
        let mut kept = words.clone();
        for (at, pair) in words.windows(2).enumerate() {
            if pair[0].parse::<f64>().is_ok() && pair[1].trim_end_matches([':', '.', ',']) == "s" {
                kept[at] = "?";
            }
        }
        kept.join(" ").trim_end().to_owned()
    });
    words.collect::<Vec<_>>().join("\n")
}

/// Compares what the blocks of `console` of a page show with what is printed: how many commands.
fn shows(path: &str, folder: &Path) -> usize {
    let mut shown = 0;
    let mut page = fs::read_to_string(here(path)).unwrap();
    for block in blocks(path).iter().filter(|block| block.info == "console") {
        let mut parts = block.text.split("$ ");
        assert_eq!(parts.next(), Some(""), "a block begins with a command");
        for part in parts {
            let (command, expected) = part.split_once('\n').unwrap();
            let arguments = arguments(command).unwrap_or_else(|| panic!("{command}"));
            let (fine, said) = run(folder, &arguments);
            assert!(fine, "{command}\n{said}");
            shown += 1;
            if blessing() && timeless(&said).trim() != timeless(expected).trim() {
                page = page.replace(expected, &said);
                fs::write(here(path), &page).unwrap();
                continue;
            }
            let again = "ORDINANCE_BLESS=1 cargo test pages writes it anew";
            assert_eq!(timeless(&said).trim(), timeless(expected).trim(), "{command}: {again}");
        }
    }
    shown
}

#[test]
fn the_page_about_exemptions_shows_what_is_printed() {
    let folder = example();
    let shown = shows("docs/exemptions.md", folder.path());
    assert!(shown >= 3, "the page shows a list, dates and what would go");
}

/// The page's record is drafted, fits the others, is rendered, and its nodes and workloads told.
#[test]
fn the_page_about_advisories_shows_what_is_printed() {
    let (folder, files, commands) = carry_out("docs/advisories.md");
    assert_eq!((files, commands), (3, 3), "steps of docs/advisories.md");
    let rendered = folder.path().join("rendered/prod-1/policies");
    for file in ["ghsa-2026-aaaa-bbbb.yaml", "ghsa-2026-aaaa-bbbb-nodes.yaml"] {
        assert!(rendered.join(file).is_file(), "{file}");
    }
    assert_eq!(shows("docs/advisories.md", folder.path()), 1);
}

/// What an upgrade changes is told, and what is rendered while it is under way.
#[test]
fn the_page_about_upgrades_shows_what_is_printed() {
    let folder = tempfile::tempdir().unwrap();
    copy(&here("templates/scaffold/init"), folder.path());
    assert_eq!(shows("docs/upgrades.md", folder.path()), 1);
    let (_, files, commands) = carry_out("docs/upgrades.md");
    assert_eq!((files, commands), (1, 2), "steps of docs/upgrades.md");
}

#[test]
fn the_readme_shows_what_is_printed() {
    let folder = example();
    let shown = shows("README.md", folder.path());
    assert!(shown >= 2, "the README shows at least what render and explain print");
    for block in blocks("README.md").iter().filter(|block| block.info == "sh") {
        for arguments in block.text.lines().filter_map(arguments) {
            let (fine, said) = run(folder.path(), &arguments);
            assert!(fine, "{arguments:?}\n{said}");
        }
    }
}
