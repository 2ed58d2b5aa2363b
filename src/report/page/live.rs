//! The page as it is served while somebody works: it hears of what has become of its inputs, and
//! shows the complaints about them above the last review that there was.
//!
//! It is the same page with one more script, which may ask its own origin and nobody else.

use super::{Form, html};
use crate::name;
use serde_json::json;

/// Where the complaints go; no text of others can look like it.
const PLACE: &str = "<aside id=\"live\" data-page=\"\" hidden></aside>\n";

/// What a page tells, until there is one.
const NONE: &str = "<section id=\"verdict\" aria-labelledby=\"says\">\n<h1 id=\"says\">There is nothing to review yet</h1>\n<p class=\"lede\">This page renews itself as soon as there is.</p>\n</section>\n";

pub(super) const STYLE: &str = include_str!("live.css");
pub(super) const SCRIPT: &str = include_str!("live.js");

/// Stands where the complaints will.
pub(super) fn place() -> &'static str {
    PLACE
}

/// What is shown at a time.
#[derive(Debug)]
pub struct Now {
    pub page: String,
    /// What the page may do.
    pub policy: String,
    /// What its script is told, on one line.
    pub news: String,
}

/// The last page that was written live, if there is one, and what is wrong since.
pub fn now(written: Option<&str>, wrong: Option<&str>) -> Now {
    let none = || super::assembled("Review", Form::Live, 1, "", NONE, None);
    let page = written.map_or_else(none, str::to_owned);
    let version = name::short_digest(page.as_bytes());
    let policy = page.split_once("http-equiv=\"Content-Security-Policy\" content=\"");
    let policy =
        policy.and_then(|(_, rest)| rest.split('"').next()).unwrap_or("default-src 'none'");
    // In a file nobody can say in what it may stand.
    let policy = format!("{policy}; frame-ancestors 'none'");
    let (hidden, complaints) = match wrong {
        None => (" hidden", String::new()),
        Some(wrong) => ("", html::text_of_lines(wrong)),
    };
    let place = format!(
        "<aside id=\"live\" data-page=\"{version}\"{hidden} aria-labelledby=\"live-says\"><p id=\"live-says\" role=\"status\">{}</p><pre tabindex=\"0\" aria-label=\"Complaints\">{complaints}</pre></aside>\n",
        html::text(&says(written.is_some()))
    );
    let page = page.replacen(PLACE, &place, 1);
    let news = json!({"page": version, "wrong": wrong}).to_string();
    Now { page, policy, news }
}

fn says(before: bool) -> String {
    let then = if before { " Below is the review from before." } else { "" };
    format!("The inputs cannot be rendered as they are.{then}")
}

#[cfg(test)]
mod tests {
    use super::super::super::{Comparison, Known, sample};
    use super::*;

    fn written(against: &str) -> String {
        let change = sample::change();
        super::super::write_live(&Comparison {
            change: &change,
            against,
            colour: false,
            known: &Known::default(),
        })
    }

    #[test]
    fn what_is_wrong_stands_above_the_last_review() {
        let page = written("HEAD");
        let well = now(Some(&page), None);
        let ill = now(Some(&page), Some("error: a <b>\n  | \u{1b}[31mred"));
        assert!(well.page.contains("\" hidden aria-labelledby=\"live-says\">"), "{}", well.page);
        assert!(ill.page.contains("error: a &lt;b&gt;\n  | ⟨U+001B⟩[31mred</pre>"), "{}", ill.page);
        assert!(ill.page.contains("1 of 3 changes loosens"));
        let version = |now: &Now| {
            serde_json::from_str::<serde_json::Value>(&now.news).unwrap()["page"].clone()
        };
        assert_eq!(version(&well), version(&ill), "the review is the same");
        assert_ne!(version(&well), version(&now(Some(&written("main")), None)));
        assert!(!ill.news.contains('\n'));
    }

    #[test]
    fn before_the_first_review_there_is_a_page() {
        let none = now(None, Some("error: x"));
        assert!(
            none.page.contains("error: x</pre>") && none.page.contains("nothing to review yet")
        );
        assert_eq!(none.page.matches("id=\"live\"").count(), 1);
    }

    #[test]
    fn only_the_live_page_may_ask_and_only_its_own_origin() {
        let live = now(Some(&written("HEAD")), None);
        assert!(live.policy.contains("; connect-src 'self';"), "{}", live.policy);
        assert!(live.policy.ends_with("; frame-ancestors 'none'"), "{}", live.policy);
        let change = sample::change();
        let known = Known::default();
        let comparison =
            Comparison { change: &change, against: "HEAD", colour: false, known: &known };
        let file = super::super::write(&comparison);
        assert!(!file.contains("connect-src") && !file.contains("EventSource"));
        // A text that looks like the place is only text.
        assert_eq!(written(PLACE).matches(PLACE).count(), 1);
    }
}
