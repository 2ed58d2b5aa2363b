//! The templates of controls that are made of manifests.

use super::Template;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::document::{Control, Document};
use crate::template;
use crate::text::{SourceId, Sources};

/// Finds a control's templates beside it, and says which are not there or are none.
pub fn templates(
    document: &Document<Control>,
    known: &[SourceId],
    sources: &Sources,
    diagnostics: &mut Diagnostics,
) -> Vec<Template> {
    let spec = &document.spec;
    if spec.rules.is_empty() == spec.manifests.is_empty() {
        let (message, label) = match spec.rules.is_empty() {
            true => ("a control without rules asks for nothing", "has no `rules`"),
            false => ("a control has rules or manifests, and not both", "has both"),
        };
        diagnostics.push(
            Diagnostic::error("rules-or-manifests", message)
                .at(document.place(), label)
                .help("say under `rules` what offends, or under `manifests` what is applied"),
        );
    }
    let path = &sources.get(document.place().source).path;
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut found = vec![];
    for manifest in &spec.manifests {
        let path = format!("{folder}/{}", manifest.template.value);
        let Some(source) = known.iter().find(|id| *sources.get(**id).path == *path) else {
            let message = format!("there is no template `{}`", manifest.template.value);
            diagnostics.push(
                Diagnostic::error("missing-template", message)
                    .at(manifest.template.place, "not a file beside the control")
                    .help(format!("write {path}; the names of templates end in .j2")),
            );
            continue;
        };
        let text = sources.get(*source).text.clone();
        if let Err(problem) = template::check(&text) {
            diagnostics.push(refused(&problem, *source));
            continue;
        }
        let actions = manifest.actions.clone();
        found.push(Template { source: *source, text, actions });
    }
    found
}

/// What is wrong with a template, at its place.
pub fn refused(problem: &template::Problem, source: SourceId) -> Diagnostic {
    let message = format!("a template cannot be filled in: {}", problem.message);
    Diagnostic::error("bad-template", message).at(problem.place(source), "here").help(
        "a template may read `name`, `namespace.name`, `namespace.labels`, `params`, `action` and \
         `version`",
    )
}
