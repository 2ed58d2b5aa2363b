//! `docs/review.md` is carried out in a copy of the worked example: what it shows is what is printed.

use crate::pages::{blocks_of, example, here};
use crate::quarter::run;
use crate::support::binary::{TODAY, blessing};
use std::fs;

const PAGE: &str = "docs/review.md";

#[test]
fn the_page_about_reviews_shows_what_is_printed() {
    let folder = example();
    let home = folder.path();
    for line in ["git init -q -b main", "git add --all", "git commit -q -m 'The example'"] {
        run(home, TODAY, line);
    }
    let mut page = fs::read_to_string(here(PAGE)).expect("the page");
    let mut shown = 0;
    for block in blocks_of(&page.clone()) {
        if block.info == "sh" {
            block.text.lines().for_each(|line| drop(run(home, TODAY, line)));
            continue;
        }
        assert_eq!(block.info, "console", "blocks are commands");
        let (line, expected) = block.text.split_once('\n').expect("a command and what it prints");
        let line = line.strip_prefix("$ ").expect("a command");
        let said = run(home, TODAY, line);
        shown += 1;
        if blessing() {
            page = page.replacen(&block.text, &format!("$ {line}\n{said}"), 1);
            continue;
        }
        assert_eq!(said, expected, "{line}: ORDINANCE_BLESS=1 cargo test review writes it anew");
    }
    if blessing() {
        fs::write(here(PAGE), &page).expect("written");
    }
    assert!(shown >= 3, "{shown} commands");
    let pictures: Vec<&str> = page.split("](pictures/").skip(1).collect();
    assert!(pictures.len() >= 5);
    for picture in pictures {
        let name = picture.split(')').next().unwrap_or_default();
        let file = fs::metadata(here("docs/pictures").join(name)).expect(name);
        assert!(file.len() < 200_000, "{name} has {} bytes", file.len());
    }
}
