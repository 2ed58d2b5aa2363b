//! `docs/quarter.md` is carried out, each command on the day of its heading, in a copy of the worked
//! example of which nothing has landed.

use crate::pages::{blocks_of, example, here, timeless};
use crate::support::binary::blessing;
use std::fs;
use std::path::Path;
use std::process::Command;

const PAGE: &str = "docs/quarter.md";

/// What a line of a shell prints, which must end well.
pub fn run(folder: &Path, day: &str, line: &str) -> String {
    let binary = Path::new(env!("CARGO_BIN_EXE_ordinance"));
    let own = binary.parent().expect("a folder").display().to_string();
    let path = format!("{own}:{}", std::env::var("PATH").expect("a search path"));
    let moment = format!("{day}T12:00:00+00:00");
    let output = Command::new("sh")
        .args(["-c", &format!("exec 2>&1; {line}")])
        .current_dir(folder)
        .env("PATH", path)
        .env("NO_COLOR", "1")
        .env("ORDINANCE_NOW", day)
        .envs(["GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"].map(|name| (name, "/dev/null")))
        .envs(["GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE"].map(|name| (name, moment.as_str())))
        .envs(["GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME"].map(|name| (name, "Somebody")))
        .envs(
            ["GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"].map(|name| (name, "somebody@example.com")),
        )
        .output()
        .expect("a shell runs");
    let said = String::from_utf8(output.stdout).expect("text");
    assert!(output.status.success(), "{day}: {line}\n{said}");
    said
}

#[test]
fn the_quarter_passes_as_the_page_says() {
    let folder = example();
    let home = folder.path();
    fs::remove_dir_all(home.join("rendered")).expect("nothing has landed");
    for line in ["git init -q -b main", "git add --all", "git commit -q -m 'The example'"] {
        run(home, "2026-11-20", line);
    }
    let mut page = fs::read_to_string(here(PAGE)).expect("the page");
    let (mut days, mut shown) = (0, 0);
    for part in page.clone().split("\n## ").skip(1) {
        let (day, _) = part.split_once(" · ").expect("a day and what happens");
        days += 1;
        for block in blocks_of(part) {
            if block.info == "sh" {
                block.text.lines().for_each(|line| drop(run(home, day, line)));
                continue;
            }
            assert_eq!(block.info, "console", "{day}: blocks are commands");
            for one in block.text.split("$ ").skip(1) {
                let (line, expected) = one.split_once('\n').expect("a command and what it prints");
                let said = run(home, day, line);
                shown += 1;
                if blessing() {
                    let (old, new) = (format!("$ {one}"), format!("$ {line}\n{said}"));
                    let at = page.find(&format!("\n## {day} · ")).expect("the day's part");
                    let (before, after) = page.split_at(at);
                    page = format!("{before}{}", after.replacen(&old, &new, 1));
                    continue;
                }
                let again = "ORDINANCE_BLESS=1 cargo test quarter writes it anew";
                let same = timeless(&said).trim() == timeless(expected).trim();
                assert!(same, "{day}: {line}: {again}; printed:\n{said}");
            }
        }
    }
    if blessing() {
        fs::write(here(PAGE), page).expect("written");
    }
    assert!(days >= 8 && shown >= 10, "{shown} commands on {days} days");
}
