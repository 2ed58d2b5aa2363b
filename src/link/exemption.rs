//! Exemptions: whether they may be granted, and what they say in terms of objects.

use super::{Context, Demand};
use crate::catalogue::unknown;
use crate::date::Date;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::document::{Document, Exemptable, Exemption, Intent, Lift, Scope};
use crate::selector::Selector;
use crate::text::{Place, Spanned};
use std::collections::BTreeMap;

/// An exemption, ready to be applied.
#[derive(Debug)]
pub struct Lifting {
    pub name: String,
    pub place: Place,
    /// Control (or rendered name) and the intents it is lifted from, each with its place.
    pub lifts: Vec<(String, String, Place)>,
    pub clusters: Selector,
    pub scope: ExemptScope,
    pub expires: Date,
    pub granted: Option<Date>,
    /// The day by which it must be reviewed again, and the bound that says so.
    pub review: Option<(Date, Place)>,
    pub owner: String,
    pub reason: String,
    pub approved_by: Option<String>,
    pub ticket: Option<String>,
}

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

impl Lifting {
    /// It lifts what `demand` asks for.
    pub fn lifts(&self, demand: &Demand) -> bool {
        self.lifts.iter().any(|(control, intent, _)| {
            *intent == demand.intent && (*control == demand.control.id() || *control == demand.rule)
        })
    }

    /// It names the control of `demand`, be it for this intent or another.
    pub fn names_control(&self, demand: &Demand) -> Option<Place> {
        let named = |(control, _, _): &&(String, String, Place)| {
            *control == demand.control.id() || *control == demand.rule
        };
        self.lifts.iter().find(named).map(|(_, _, place)| *place)
    }
}

pub fn liftings(
    exemptions: &[Document<Exemption>],
    intents: &[Document<Intent>],
    demands: &[Demand],
    context: &Context<'_>,
    diagnostics: &mut Diagnostics,
) -> Vec<Lifting> {
    let by_name: BTreeMap<&str, &Document<Intent>> =
        intents.iter().map(|intent| (intent.name.value.as_str(), intent)).collect();
    for exemption in exemptions {
        for lift in &exemption.spec.lifts {
            match by_name.get(lift.intent.value.as_str()) {
                Some(intent) => check_lift(exemption, lift, intent, demands, diagnostics),
                None if context.broken.named("Intent", &lift.intent.value) => {}
                None => {
                    let known = intents.iter().map(|intent| &intent.name.value);
                    diagnostics.push(unknown("intent", &lift.intent, known));
                }
            }
        }
        check_scope(exemption, context, diagnostics);
    }
    exemptions.iter().map(|exemption| lifting(exemption, &by_name)).collect()
}

/// The first day on which a review is overdue, by the strictest intent that it lifts from.
fn review(
    exemption: &Exemption,
    intents: &BTreeMap<&str, &Document<Intent>>,
) -> Option<(Date, Place)> {
    let reviewed =
        exemption.reviewed.iter().chain(&exemption.granted).map(|day| day.value).max()?;
    let bounds = exemption.lifts.iter().filter_map(|lift| {
        let bounds = intents.get(lift.intent.value.as_str())?.spec.exemptions.as_ref()?;
        bounds.value.review.as_ref()
    });
    bounds.map(|period| (reviewed.plus(period.value), period.place)).min()
}

fn lifting(document: &Document<Exemption>, intents: &BTreeMap<&str, &Document<Intent>>) -> Lifting {
    let exemption = &document.spec;
    let lifts = exemption.lifts.iter().flat_map(|lift| {
        let intent = lift.intent.value.clone();
        lift.controls.iter().map(move |c| (c.value.clone(), intent.clone(), c.place))
    });
    let clusters = exemption.scope.clusters.as_ref();
    Lifting {
        name: document.name.value.clone(),
        place: document.place(),
        lifts: lifts.collect(),
        clusters: clusters.map_or(Selector::all(), |written| Selector::from(&written.value)),
        scope: ExemptScope::from(&exemption.scope.value),
        expires: exemption.expires.value,
        granted: exemption.granted.as_ref().map(|granted| granted.value),
        review: review(exemption, intents),
        owner: exemption.owner.clone(),
        reason: exemption.reason.clone(),
        approved_by: exemption.approved_by.clone(),
        ticket: exemption.ticket.clone(),
    }
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

/// An image glob as an anchored regular expression: `*` within a path segment, `**` across.
///
/// What is special is put into brackets, since a backslash would have to be escaped twice on its
/// way into a policy.
pub fn glob_to_regex(glob: &str) -> String {
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

fn check_lift(
    exemption: &Document<Exemption>,
    lift: &Lift,
    intent: &Document<Intent>,
    demands: &[Demand],
    diagnostics: &mut Diagnostics,
) {
    let name = &intent.name.value;
    let Some(bounds) = &intent.spec.exemptions else {
        diagnostics.push(
            Diagnostic::error("not-exemptible", format!("intent `{name}` grants no exemptions"))
                .at(lift.intent.place, "lifted here")
                .at(intent.place(), "has no `exemptions`")
                .help("its owner can allow them with `exemptions: {longest: 90d}`"),
        );
        return;
    };
    for control in &lift.controls {
        let demanded = demands.iter().any(|demand| {
            demand.intent == *name
                && (demand.control.id() == control.value || demand.rule == control.value)
        });
        if !demanded {
            let message = format!("intent `{name}` does not demand `{}`", control.value);
            diagnostics.push(
                Diagnostic::error("exemption-without-effect", message)
                    .at(control.place, "lifts nothing")
                    .at(intent.place(), "does not demand it")
                    .help("remove it, or name the intent that demands it"),
            );
        }
        let allowed = &bounds.value.controls;
        if !allowed.is_empty() && !allowed.iter().any(|one| one.value == control.value) {
            let message = format!("intent `{name}` does not allow `{}` to be lifted", **control);
            diagnostics.push(
                Diagnostic::error("not-exemptible", message)
                    .at(control.place, "lifted here")
                    .at(allowed[0].place, "only these may be")
                    .help("remove it, or ask the intent's owner to allow it"),
            );
        }
    }
    check_bounds(exemption, intent, bounds, diagnostics);
}

fn check_bounds(
    document: &Document<Exemption>,
    intent: &Document<Intent>,
    bounds: &Spanned<Exemptable>,
    diagnostics: &mut Diagnostics,
) {
    let exemption = &document.spec;
    let name = &intent.name.value;
    if let Some(longest) = &bounds.value.longest {
        let Some(granted) = &exemption.granted else {
            diagnostics.push(
                Diagnostic::error(
                    "missing-field",
                    format!("intent `{name}` bounds its exemptions, so this needs a beginning"),
                )
                .at(document.place(), "needs `granted`")
                .at(longest.place, "bounded here")
                .help("`granted`: the day it was granted"),
            );
            return;
        };
        let days = granted.days_until(exemption.expires.value);
        if days > i64::from(longest.days) {
            let message = format!("this exemption lasts {days} days");
            diagnostics.push(
                Diagnostic::error("exemption-too-long", message)
                    .at(exemption.expires.place, "expires here")
                    .at(longest.place, format!("`{name}` allows {}", **longest))
                    .help(format!(
                        "let it expire on {} or before; it can be renewed then",
                        granted.plus(longest.value)
                    )),
            );
        }
    }
    let images = &bounds.value.images;
    let asked = &exemption.scope.value.images;
    let outside = asked.iter().find(|image| !images.contains(&image.value));
    if !images.is_empty() && (asked.is_empty() || outside.is_some()) {
        let place = outside.map_or(exemption.scope.place, |image| image.place);
        let message = format!("intent `{name}` lets only certain images be exempt");
        diagnostics.push(
            Diagnostic::error("not-exemptible", message)
                .at(place, "not limited to those images")
                .at(bounds.place, "limited here")
                .help(format!("set `images` of the scope to {}", images.join(", "))),
        );
    }
}

fn check_scope(
    document: &Document<Exemption>,
    context: &Context<'_>,
    diagnostics: &mut Diagnostics,
) {
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
