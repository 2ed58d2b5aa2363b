//! A change as one page of HTML that needs nothing else: the verdict, what loosens first, a table
//! to filter and sort, the clusters as a heat map, and every change with its text side by side.
//!
//! Everything is in the page before any script runs; the script filters, sorts, opens and moves
//! about, and writes text as text alone. The page may run that one script and that one style, by
//! their digests, and may fetch nothing. All text is made visible and harmless in [`html`].

mod blast;
mod each;
mod facts;
mod matrix;
mod sides;
mod summary;

#[cfg(test)]
mod tests;

use super::{Comparison, html};
use facts::Facts;

const STYLE: &str = html::STYLE;
const SCRIPT: &str = include_str!("page.js");

pub fn write(comparison: &Comparison<'_>) -> String {
    let change = comparison.change;
    let facts = Facts::of(change);
    // The width of the map is that of its columns; no element may have a style of its own.
    let style = format!("{STYLE}:root {{ --columns: {}; }}\n", facts.told.len().max(1));
    let against = html::text(comparison.against);
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta http-equiv=\"Content-Security-Policy\" content=\"{}\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n<title>Review: compared with {against}</title>\n<style>{style}</style>\n</head>\n<body>\n",
        html::policy(&style, SCRIPT)
    );
    page.push_str("<header>\n<a class=\"skip\" href=\"#main\">Skip to the verdict</a>\n<p class=\"mark\">Ordinance <span>review</span></p>\n");
    if !facts.told.is_empty() {
        let hits = comparison.known.blast.as_ref().is_some_and(|blast| !blast.clusters.is_empty());
        let hits = if hits { "<a href=\"#blast\">Whom it hits</a>" } else { "" };
        page.push_str(&format!("<nav aria-label=\"Parts of this page\"><a href=\"#changes\">Changes</a>{hits}<a href=\"#clusters\">Clusters</a><a href=\"#each\">Change by change</a></nav>\n"));
    }
    page.push_str("<button type=\"button\" id=\"theme\" hidden></button>\n</header>\n<main id=\"main\" tabindex=\"-1\">\n");
    page.push_str(&summary::verdict(change, &facts, comparison.against));
    if !facts.told.is_empty() {
        page.push_str(&summary::table(&facts));
        if let Some(blast) = &comparison.known.blast {
            page.push_str(&blast::write(change, &facts, blast));
        }
        page.push_str(&matrix::write(&facts));
        page.push_str(&each::write(&facts));
    }
    page.push_str("</main>\n<footer><p id=\"keys\" hidden><kbd>/</kbd> filter <kbd>j</kbd> <kbd>k</kbd> move <kbd>Enter</kbd> open <kbd>Esc</kbd> back</p></footer>\n");
    page.push_str(&format!(
        "<script type=\"application/json\" id=\"data\">{}</script>\n<script>{SCRIPT}</script>\n</body>\n</html>\n",
        html::json(&facts.data(comparison.against, change.compared))
    ));
    page
}
