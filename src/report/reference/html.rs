//! The catalogue as one page of HTML that needs nothing else: search, choose, read, print.
//!
//! The page is filled in by MiniJinja, which escapes every inserted value; the same facts as in
//! JSON go in.

use super::{Reference, json};
use minijinja::{AutoEscape, Environment};
use serde_json::Value;

const PAGE: &str = include_str!("page.html");

pub fn write(reference: &Reference<'_>) -> String {
    let facts: Value = serde_json::from_str(&json::write(reference)).expect("JSON of our own");
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    let page = environment.template_from_str(PAGE).expect("the page is a template");
    page.render(minijinja::Value::from(minijinja::value::Serde(&facts)))
        .expect("the page can be filled in")
}
