//! Verdicts as workflow commands: what a workflow prints and its forge shows beside the lines of
//! the pull request.
//!
//! A command is one line; what would end a line, a property or a command is escaped.

use super::{Checked, Lines, Told, told};
use crate::document::Action;
use crate::text::visible;

pub fn write(checked: &Checked<'_>) -> String {
    let mut lines = Lines::new(checked.sources);
    let mut report = String::new();
    for one in told(checked, &mut lines) {
        report.push_str(&command(&one));
        report.push('\n');
    }
    report
}

fn command(one: &Told) -> String {
    let name = match one.action {
        Some(Action::Deny) | None => "error",
        Some(Action::Warn) => "warning",
        Some(Action::Audit) => "notice",
    };
    let mut properties = vec![format!("file={}", property(&one.file))];
    if let Some((line, column)) = one.start {
        properties.push(format!("line={line}"));
        properties.push(format!("col={column}"));
    }
    properties.push(format!("title={}", property(&one.rule)));
    let mut message = one.message.clone();
    if !one.fix.is_empty() {
        message = format!("{message}\n{}", one.fix);
    }
    format!("::{name} {}::{}", properties.join(","), data(&message))
}

fn data(text: &str) -> String {
    let lines = text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    visible(&lines)
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_was_written_elsewhere_ends_a_command() {
        let one = Told {
            file: "a,b:c.yaml".into(),
            start: Some((3, 7)),
            end: Some((3, 9)),
            rule: "names".into(),
            action: Some(Action::Deny),
            message: "100% bad: x\n::error::y\r".into(),
            fix: "Rename it.".into(),
            object: "Pod x".into(),
        };
        assert_eq!(
            command(&one),
            "::error file=a%2Cb%3Ac.yaml,line=3,col=7,title=names::100%25 bad: x%0A::error::y%0D%0ARename it."
        );
    }
}
