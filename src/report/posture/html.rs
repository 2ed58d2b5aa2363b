//! The posture as one page of HTML that needs nothing else, not even a script: the verdict, every
//! recommendation by column of clusters alike, what is not seen, exemptions, decisions.
//!
//! It is a sibling of the review page and looks like it. It may run nothing and fetch nothing. All
//! text is made visible and harmless by [`html`](crate::report::html).

mod each;
mod matrix;
mod rest;

use super::{fine_print, verdict};
use crate::posture::{Posture, Recommended, Told, Word};
use crate::report::html;
use crate::text::count;

const STYLE: &str = include_str!("posture.css");

pub fn write(posture: &Posture) -> String {
    let style = format!("{}{STYLE}", html::STYLE);
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta http-equiv=\"Content-Security-Policy\" content=\"{}\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n<title>Posture of {} on {}</title>\n<style>{style}</style>\n</head>\n<body>\n",
        html::policy(&style, "", false),
        html::text(&posture.fleet),
        posture.day
    );
    page.push_str("<header>\n<a class=\"skip\" href=\"#main\">Skip to the verdict</a>\n<p class=\"mark\">Ordinance <span>posture</span></p>\n<nav aria-label=\"Parts of this page\">");
    for (number, told) in posture.frameworks.iter().enumerate() {
        page.push_str(&format!(
            "<a href=\"#{}\">{}</a>",
            section(number),
            html::text(&told.called())
        ));
    }
    page.push_str("<a href=\"#blind\">Not seen</a><a href=\"#exemptions\">Exemptions</a><a href=\"#decisions\">Decisions</a></nav>\n</header>\n<main id=\"main\" tabindex=\"-1\">\n");
    page.push_str(&summary(posture));
    for (number, told) in posture.frameworks.iter().enumerate() {
        page.push_str(&matrix::write(posture, told, number));
        page.push_str(&each::write(posture, told, number));
    }
    page.push_str(&rest::blind(posture));
    page.push_str(&rest::exemptions(posture));
    page.push_str(&rest::decisions(posture));
    page + "</main>\n</body>\n</html>\n"
}

fn section(number: usize) -> String {
    format!("framework-{}", number + 1)
}

/// Where a recommendation is told.
fn anchor(number: usize, one: &Recommended) -> String {
    let id: String =
        one.id.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    format!("r{}-{id}", number + 1)
}

/// A sign beside the word: nothing is told by colour alone.
fn sign(word: Word) -> &'static str {
    match word {
        Word::Provided => "◆",
        Word::Enforced => "●",
        Word::Warns => "◐",
        Word::Audits => "◔",
        Word::Exempt => "○",
        Word::NotByAdmission => "–",
        Word::NotCovered => "✕",
    }
}

fn way(word: Word, words: &str) -> String {
    format!(
        "<span class=\"way {}\"><i aria-hidden=\"true\">{}</i> {}</span>",
        word.id(),
        sign(word),
        html::text(words)
    )
}

fn summary(posture: &Posture) -> String {
    let title = match &posture.frameworks[..] {
        [told] => verdict(told),
        all => {
            let clusters = count(posture.clusters.len(), "cluster");
            format!("{} on {clusters}", count(all.len(), "framework"))
        }
    };
    let decided = match posture.decided {
        true => ", decided for the day its render was last changed for",
        false => "",
    };
    let mut page = format!(
        "<section id=\"verdict\" aria-labelledby=\"says\">\n<h1 id=\"says\">{}</h1>\n<p class=\"lede\">The posture of <b>{}</b> on <b>{}</b>{decided}.</p>\n",
        html::text(&title),
        html::text(&posture.fleet),
        posture.day
    );
    for (number, told) in posture.frameworks.iter().enumerate() {
        page.push_str(&tally(told, number, posture.frameworks.len() > 1));
    }
    let open = posture.clusters.iter().filter(|one| one.fails.may_be_open()).count();
    if open > 0 {
        page.push_str(&format!(
            "<p class=\"open-note\"><a href=\"#blind\">△ On {} the engine fails open, or may</a>: what is enforced there is not enforced while it is away.</p>\n",
            count(open, "cluster")
        ));
    }
    page + "</section>\n"
}

fn tally(told: &Told, number: usize, titled: bool) -> String {
    let mut page = String::new();
    if titled {
        page.push_str(&format!(
            "<p class=\"lede\"><a href=\"#{}\">{}</a>: {}</p>\n",
            section(number),
            html::text(&told.called()),
            html::text(&verdict(told))
        ));
    }
    page.push_str(&format!(
        "<p class=\"about\">{}.</p>\n<ul class=\"tally\">\n",
        html::text(&fine_print(told))
    ));
    let tally = told.tally();
    for word in Word::ALL {
        let many = tally[&word];
        let none = if many == 0 { " none" } else { "" };
        page.push_str(&format!(
            "<li class=\"{}{none}\"><b>{many}</b> {}</li>\n",
            word.id(),
            way(word, word.in_words())
        ));
    }
    page + "</ul>\n"
}
