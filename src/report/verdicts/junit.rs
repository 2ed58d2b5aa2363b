//! Verdicts as JUnit XML: one suite per file, one case per object.
//!
//! What is denied is a failure. What is only warned about or recorded is told as the case's
//! output and passes. What could not be read or judged is an error.

use super::{Checked, Lines, Told, told};
use crate::document::Action;
use std::collections::BTreeMap;
use std::fmt::Write;

#[derive(Default)]
struct Suite<'a> {
    /// By object, in their order; what belongs to none is a case of its own.
    cases: Vec<(String, Vec<&'a Told>)>,
}

pub fn write(checked: &Checked<'_>) -> String {
    let mut lines = Lines::new(checked.sources);
    let all = told(checked, &mut lines);
    let mut suites: BTreeMap<&str, Suite<'_>> = BTreeMap::new();
    for manifest in checked.manifests {
        let suite = suites.entry(checked.file(manifest)).or_default();
        suite.cases.push((manifest.title(), vec![]));
    }
    for one in &all {
        let suite = suites.entry(&one.file).or_default();
        match suite.cases.iter_mut().find(|(name, _)| *name == one.object) {
            Some((_, told)) => told.push(one),
            None => suite.cases.push(("the file".to_owned(), vec![one])),
        }
    }
    let (tests, failures, errors) = suites
        .values()
        .map(Suite::count)
        .fold((0, 0, 0), |(tests, failures, errors), (a, b, c)| {
            (tests + a, failures + b, errors + c)
        });
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let _ = writeln!(
        xml,
        "<testsuites name=\"ordinance check\" tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\">"
    );
    for (file, suite) in &suites {
        let (tests, failures, errors) = suite.count();
        let file = escaped(file);
        let _ = writeln!(
            xml,
            "  <testsuite name=\"{file}\" tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\">"
        );
        for (name, told) in &suite.cases {
            case(&mut xml, &file, name, told);
        }
        xml.push_str("  </testsuite>\n");
    }
    xml.push_str("</testsuites>\n");
    xml
}

impl Suite<'_> {
    /// Cases, those that fail, and those that could not be judged.
    fn count(&self) -> (usize, usize, usize) {
        let having = |wanted: Option<Action>| {
            let has = |told: &Vec<&Told>| told.iter().any(|one| one.action == wanted);
            self.cases.iter().filter(|(_, told)| has(told)).count()
        };
        (self.cases.len(), having(Some(Action::Deny)), having(None))
    }
}

fn case(xml: &mut String, file: &str, name: &str, told: &[&Told]) {
    let name = escaped(name);
    if told.is_empty() {
        let _ = writeln!(xml, "    <testcase classname=\"{file}\" name=\"{name}\"/>");
        return;
    }
    let _ = writeln!(xml, "    <testcase classname=\"{file}\" name=\"{name}\">");
    let mut passing = String::new();
    for one in told {
        let place = one.start.map_or(one.file.clone(), |(line, _)| format!("{}:{line}", one.file));
        let text = match one.fix.as_str() {
            "" => place.clone(),
            fix => format!("{place}\n{fix}"),
        };
        let element = match one.action {
            Some(Action::Deny) => "failure",
            None => "error",
            Some(action) => {
                let words = format!("{}: {}: {}\n", action.name(), one.rule, one.message);
                passing.push_str(&words);
                continue;
            }
        };
        let _ = writeln!(
            xml,
            "      <{element} type=\"{}\" message=\"{}\">{}</{element}>",
            escaped(&one.rule),
            escaped(&one.message),
            escaped(&text)
        );
    }
    if !passing.is_empty() {
        let _ = writeln!(xml, "      <system-out>{}</system-out>", escaped(passing.trim_end()));
    }
    xml.push_str("    </testcase>\n");
}

/// As text or as the value of an attribute; what XML cannot hold at all becomes a question mark.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for one in text.chars() {
        match one {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\n' => safe.push_str("&#10;"),
            '\t' => safe.push_str("&#9;"),
            '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => safe.push('?'),
            other => safe.push(other),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_xml_cannot_hold_is_replaced() {
        let text = "a<b>&\"c\"\u{1}\nd";
        assert_eq!(super::escaped(text), "a&lt;b&gt;&amp;&quot;c&quot;?&#10;d");
    }
}
