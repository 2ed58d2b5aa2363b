//! The catalogue as a page of Markdown: frameworks with their counts, then every control.

use super::{Reference, cases, counts, covers, frameworks, looks_at, on_one_line, parameters};
use crate::catalogue::Definition;
use crate::text::count;
use std::fmt::Write as _;

pub fn write(reference: &Reference<'_>) -> String {
    let mut page = String::from("# The catalogue\n\n");
    let number = count(reference.controls.len(), "control");
    let _ = writeln!(page, "{number}. `ordinance controls --format markdown` writes this page.\n");
    page += "## Frameworks\n\n\
        | framework | recommends | covered | in part | not by admission | not yet |\n\
        | --- | --: | --: | --: | --: | --: |\n";
    for (document, all) in frameworks(reference) {
        let (name, version) = (&document.name.value, document.spec.versions_in_words());
        let of = counts(&all);
        let _ = writeln!(
            page,
            "| `{name}` {version} | {} | {} | {} | {} | {} |",
            all.len(),
            of.covered,
            of.part,
            of.never,
            of.later
        );
    }
    page += "\n## Controls\n\n| control | severity | what holds where it is met |\n| --- | --- | --- |\n";
    for control in &reference.controls {
        let spec = &control.document.spec;
        let (id, severity) = (control.id(), spec.severity.name());
        let title = cell(&spec.title);
        let _ = writeln!(page, "| [`{id}`](#{id}) | {severity} | {title} |");
    }
    for control in &reference.controls {
        page += &section(reference, control);
    }
    page
}

fn section(reference: &Reference<'_>, control: &Definition) -> String {
    let spec = &control.document.spec;
    let mut text = format!("\n### {}\n\n{}. ", control.id(), on_one_line(&spec.title));
    let verb = if control.is_manifest() { "Rendered for namespaces, about" } else { "Judges" };
    let _ = writeln!(text, "{verb} {}; severity {}.\n", looks_at(control), spec.severity.name());
    let _ = writeln!(text, "{}\n\n**Fix:** {}", on_one_line(&spec.why), on_one_line(&spec.fix));
    let mut parameters = parameters(control).peekable();
    if parameters.peek().is_some() {
        text += "\n| parameter | shape | default | more is | |\n| --- | --- | --- | --- | --- |\n";
    }
    for one in parameters {
        let default = one.default.map_or("required".to_owned(), |value| format!("`{value}`"));
        let _ = writeln!(
            text,
            "| `{}` | {} | {} | {} | {} |",
            one.name,
            cell(&one.shape),
            cell(&default),
            one.more,
            cell(&one.description)
        );
    }
    let covers = covers(reference, control)
        .into_iter()
        .map(|(framework, version, ids)| format!("`{framework}` {version}: {}", ids.join(", ")));
    let covers: Vec<String> = covers.collect();
    if !covers.is_empty() {
        let _ = writeln!(text, "\nCovers {}.", covers.join("; "));
    }
    let number = cases(control);
    if number > 0 {
        let _ = writeln!(text, "\nProved by {}.", count(number, "case"));
    }
    text
}

/// Text that cannot end its cell of a table.
fn cell(text: &str) -> String {
    on_one_line(text).replace('|', "\\|")
}
