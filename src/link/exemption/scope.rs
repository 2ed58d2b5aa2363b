//! For whom an exemption holds: what it says in terms of objects, and whether that is too much.

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::document::{Document, Exemption, Scope};
use crate::link::Context;
use crate::selector::{NAME, Operator, Selector};
use crate::text::Spanned;

/// For whom an exemption holds, in terms of objects.
#[derive(Clone, Debug)]
pub struct ExemptScope {
    /// Namespaces by label; names are kept apart, since an expression can read them.
    pub namespaces: Selector,
    pub namespace_names: Vec<String>,
    /// `Kind/name`.
    pub workloads: Vec<String>,
    pub labels: Selector,
    /// Anchored regular expressions.
    pub images: Vec<String>,
}

impl From<&Scope> for ExemptScope {
    fn from(scope: &Scope) -> ExemptScope {
        let selector = |written: &Option<Spanned<crate::selector::Written>>| {
            written.as_ref().map_or(Selector::all(), |written| Selector::from(&written.value))
        };
        let names = scope.namespaces.as_ref().map(|written| &written.value);
        let only_names = names.is_some_and(|written| {
            !written.names.is_empty()
                && written.except.is_empty()
                && written.match_labels.is_empty()
                && written.match_expressions.is_empty()
        });
        let mut namespace_names = vec![];
        if only_names {
            namespace_names = names.map(|written| written.names.clone()).unwrap_or_default();
            namespace_names.sort();
        }
        let workload = |one: &crate::document::Workload| format!("{}/{}", *one.kind, *one.name);
        let mut workloads: Vec<String> = scope.workloads.iter().map(workload).collect();
        workloads.sort();
        let mut images: Vec<String> = scope.images.iter().map(|glob| glob_to_regex(glob)).collect();
        images.sort();
        ExemptScope {
            namespaces: if only_names { Selector::all() } else { selector(&scope.namespaces) },
            namespace_names,
            workloads,
            labels: selector(&scope.labels),
            images,
        }
    }
}

impl ExemptScope {
    /// The namespaces it is for, named ones among them.
    pub fn meant(&self) -> Selector {
        if self.namespace_names.is_empty() {
            return self.namespaces.clone();
        }
        let names = self.namespace_names.iter().cloned();
        self.namespaces.and(&Selector::one(NAME, Operator::In, names))
    }

    /// For whom, as part of a sentence; `images` is what the images are called in it.
    pub fn in_words(&self, images: &str) -> String {
        let mut words = vec![];
        words.extend(self.workloads.iter().map(|one| one.replacen('/', " ", 1)));
        if !self.namespace_names.is_empty() {
            words.push(format!("in namespace {}", self.namespace_names.join(" or ")));
        }
        if !self.namespaces.is_all() {
            words.push(format!("in namespaces where {}", self.namespaces));
        }
        if !self.labels.is_all() {
            words.push(format!("with labels where {}", self.labels));
        }
        if !self.images.is_empty() {
            words.push(format!("for {images}"));
        }
        words.join(" ")
    }
}

/// An image glob as an anchored regular expression: `*` within a path segment, `**` across.
///
/// What is special is put into brackets, since a backslash would have to be escaped twice on its
/// way into a policy.
fn glob_to_regex(glob: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "/-_:@".contains(c);
    let literal = |piece: &str| -> String {
        let one = |c: char| match c {
            c if plain(c) => c.to_string(),
            '^' | '\\' => format!("\\{c}"),
            c => format!("[{c}]"),
        };
        piece.chars().map(one).collect()
    };
    let parts = glob.split("**").map(|part| {
        let pieces: Vec<String> = part.split('*').map(literal).collect();
        pieces.join("[^/]*")
    });
    format!("^{}$", parts.collect::<Vec<_>>().join(".*"))
}

/// Says what is wrong with the scope and the days of an exemption.
pub fn check(document: &Document<Exemption>, context: &Context<'_>, diagnostics: &mut Diagnostics) {
    let exemption = &document.spec;
    let scope = &exemption.scope.value;
    if let Some(clusters) = &scope.clusters {
        let selector = Selector::from(&clusters.value);
        context.must_select(&selector, clusters.place, diagnostics);
    }
    if let Some(namespaces) = &scope.namespaces {
        let written = scope.clusters.as_ref().map(|written| Selector::from(&written.value));
        let selector = Selector::from(&namespaces.value);
        let clusters = written.unwrap_or_else(Selector::all);
        context.should_select(&clusters, &selector, namespaces.place, diagnostics);
    }
    let meant = ExemptScope::from(scope);
    let somewhere = !meant.namespaces.is_all() || !meant.namespace_names.is_empty();
    let any = |image: &String| image.chars().all(|c| ".*^$[]/".contains(c));
    let unbounded = !somewhere
        && meant.workloads.is_empty()
        && meant.labels.is_all()
        && (meant.images.is_empty() || meant.images.iter().any(any));
    if unbounded {
        diagnostics.push(
            Diagnostic::error("exemption-for-everyone", "this exemption frees every workload")
                .at(exemption.scope.place, "names no workload")
                .help("name namespaces, workloads, labels or images; or change the intent"),
        );
    } else if !somewhere && meant.workloads.is_empty() {
        let own = "labels and images are written by those who would profit";
        diagnostics.push(
            Diagnostic::warning("self-granted", "anyone can claim this exemption")
                .at(exemption.scope.place, own)
                .help("add namespaces, or workloads in namespaces"),
        );
    }
    if let Some(granted) = &exemption.granted
        && granted.value > exemption.expires.value
    {
        diagnostics.push(
            Diagnostic::error("exemption-dates", "this exemption expires before it was granted")
                .at(exemption.expires.place, "expires")
                .at(granted.place, "granted")
                .help("correct one of the two dates"),
        );
    }
    for image in &scope.images {
        if !image.value.contains('/') {
            let message = format!("`{}` names no registry", image.value);
            diagnostics.push(
                Diagnostic::warning("image-without-registry", message)
                    .at(image.place, "matches such references as written")
                    .help("begin the pattern with a registry: registry.example.com/…"),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::glob_to_regex;

    #[test]
    fn one_star_stays_within_a_segment_and_two_cross() {
        let matches = |glob: &str, image: &str| {
            regex::Regex::new(&glob_to_regex(glob)).unwrap().is_match(image)
        };
        assert!(matches("registry.example.com/legacy/*", "registry.example.com/legacy/app:1"));
        assert!(!matches("registry.example.com/legacy/*", "registry.example.com/legacy/a/b"));
        assert!(matches("registry.example.com/**", "registry.example.com/a/b@sha256:0"));
        assert!(!matches("registry.example.com/*", "registry.example.com.evil.io/a"));
        assert!(!matches("registry.example.com/*", "registryXexample.com/a"));
    }
}
