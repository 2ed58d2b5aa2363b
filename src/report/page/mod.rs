//! A change as one page of HTML that needs nothing else: the verdict, what loosens first, a table
//! to filter and sort, the clusters as a heat map, what dates
//! bring, and every change with its text side by side.
//!
//! Everything is in the page before any script runs; the script filters, sorts, opens and moves
//! about, and writes text as text alone. The page may run that one script and that one style, by
//! their digests, and may fetch nothing. All text is made visible and harmless in [`html`].

mod blast;
mod dates;
mod each;
mod facts;
pub mod live;
mod matrix;
mod sides;
mod summary;

#[cfg(test)]
mod tests;

use super::{Comparison, html};
use crate::blast::Blast;
use dates::Dates;
use facts::Facts;
use serde_json::json;

const STYLE: &str = html::STYLE;
const SCRIPT: &str = include_str!("page.js");

/// A file that needs nothing, or a page that is told of news.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    File,
    Live,
}

pub fn write(comparison: &Comparison<'_>) -> String {
    of(comparison, Form::File)
}

/// The same as it is served while its inputs change: [`live::now`] completes it.
pub fn write_live(comparison: &Comparison<'_>) -> String {
    of(comparison, Form::Live)
}

fn of(comparison: &Comparison<'_>, form: Form) -> String {
    let change = comparison.change;
    let facts = Facts::of(change, &comparison.known.facts);
    let dates = Dates::of(comparison.known.dates.as_ref(), &facts);
    let blast = comparison.known.blast.as_ref();
    let hits = blast.map(|blast| blast::write(change, &facts, blast)).unwrap_or_default();
    let mut links = String::new();
    let said = blast.filter(|blast| blast.knows()).and_then(Blast::verdict);
    let mut main = summary::verdict(change, &facts, comparison.against, said.as_deref());
    if !facts.told.is_empty() {
        links.push_str("<nav aria-label=\"Parts of this page\"><a href=\"#changes\">Changes</a>");
        links.push_str(if hits.is_empty() { "" } else { "<a href=\"#blast\">Whom it hits</a>" });
        links.push_str("<a href=\"#clusters\">Clusters</a>");
        links.push_str(if dates.is_some() { "<a href=\"#dates\">Dates</a>" } else { "" });
        links.push_str("<a href=\"#each\">Change by change</a></nav>\n");
        main.push_str(&summary::table(&facts));
        main.push_str(&hits);
        main.push_str(&matrix::write(&facts));
        main.push_str(&dates.as_ref().map_or_else(String::new, |dates| dates.write(&facts)));
        main.push_str(&each::write(&facts, dates.as_ref()));
    }
    let title = format!("Review: compared with {}", comparison.against);
    let data = facts.data(comparison.against, change.compared);
    assembled(&title, form, facts.told.len(), &links, &main, Some(&data))
}

/// A page around what it tells.
fn assembled(
    title: &str,
    form: Form,
    columns: usize,
    links: &str,
    main: &str,
    data: Option<&serde_json::Value>,
) -> String {
    let live = form == Form::Live;
    // The width of the map is that of its columns; no element may have a style of its own.
    let mut style = format!("{STYLE}:root {{ --columns: {}; }}\n", columns.max(1));
    let none = json!({"changes": [], "groups": []});
    let mut script = SCRIPT.to_owned();
    if live {
        style.push_str(live::STYLE);
        script.push_str(live::SCRIPT);
    }
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta http-equiv=\"Content-Security-Policy\" content=\"{}\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n<title>{}</title>\n<style>{style}</style>\n</head>\n<body>\n",
        html::policy(&style, &script, live),
        html::text(title)
    );
    page.push_str("<header>\n<a class=\"skip\" href=\"#main\">Skip to the verdict</a>\n<p class=\"mark\">Ordinance <span>review</span></p>\n");
    page.push_str(links);
    page.push_str("<button type=\"button\" id=\"theme\" hidden></button>\n</header>\n");
    if live {
        page.push_str(live::place());
    }
    page.push_str("<main id=\"main\" tabindex=\"-1\">\n");
    page.push_str(main);
    page.push_str("</main>\n<footer><p id=\"keys\" hidden><kbd>/</kbd> filter <kbd>j</kbd> <kbd>k</kbd> move <kbd>Enter</kbd> open <kbd>Esc</kbd> back</p></footer>\n");
    page.push_str(&format!(
        "<script type=\"application/json\" id=\"data\">{}</script>\n<script>{script}</script>\n</body>\n</html>\n",
        html::json(data.unwrap_or(&none))
    ));
    page
}
