//! Which controls are asked about.

use crate::catalogue::{Catalogue, Definition};
use crate::cli::options::Controls;
use crate::document::Subject;

/// Whether every control is.
pub fn all(options: &Controls) -> bool {
    let Controls { search, framework, severity, subject, .. } = options;
    search.is_none() && framework.is_none() && severity.is_none() && subject.is_none()
}

/// Whether a control is.
pub fn fits(options: &Controls, control: &Definition, catalogue: &Catalogue) -> bool {
    let spec = &control.document.spec;
    let severe = options.severity.is_none_or(|least| spec.severity >= least);
    let words = options.search.as_deref().unwrap_or_default().to_lowercase();
    let told = [control.id(), &spec.title, &spec.why, &spec.fix].join(" ").to_lowercase();
    let said = words.split_whitespace().all(|word| told.contains(word));
    severe
        && said
        && options.subject.as_ref().is_none_or(|subject| looks_at(control, subject))
        && options.framework.as_ref().is_none_or(|name| named_by(control, name, catalogue))
}

fn looks_at(control: &Definition, subject: &str) -> bool {
    let is = |name: &str| subject.eq_ignore_ascii_case(name);
    match &control.subject {
        Subject::Pod => is("pod"),
        Subject::Workload => is("workload"),
        Subject::Resources(resources) => {
            resources.iter().any(|one| is(&one.kind) || is(&one.resource))
        }
    }
}

fn named_by(control: &Definition, framework: &str, catalogue: &Catalogue) -> bool {
    let (name, version) = framework.split_once('@').unwrap_or((framework, "latest"));
    let document = catalogue.framework(name, version).into_iter();
    let entries = document.flat_map(|one| &one.spec.recommendations).flat_map(|one| &one.controls);
    entries.into_iter().any(|entry| entry.control.value == control.id())
}
