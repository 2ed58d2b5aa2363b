//! What a control's author may write: expressions that mean the same on every engine, messages
//! whose placeholders exist, parameters whose order is declared.

use super::{Definition, NEXT};
use crate::cel::portable;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::document::Subject;
use crate::text::{Place, Sources, Spanned};
use serde_json::Value;

/// Names of variables that come with a subject, or that the compiler makes.
const TAKEN: &[&str] = &[
    "allContainers",
    "breakGlass",
    "containers",
    "controlled",
    "deniedFrom",
    "exempt",
    "exempting",
    "exemptions",
    "labels",
    "message",
    "namespace",
    "offenders",
    "owners",
    "podMetadata",
    "podSpec",
    "podTemplate",
    "unchanged",
    "understood",
    "workloads",
];

/// Those of them that a control about pods may read.
const GIVEN_OF_PODS: [&str; 8] = [
    "allContainers",
    "containers",
    "controlled",
    "owners",
    "params",
    "podMetadata",
    "podSpec",
    "podTemplate",
];

/// What engines that are handed parameters as data are told the followed version by: its minor.
pub const FOLLOWED: &str = "minor";

/// Says everything that is wrong with a control by itself.
pub fn control(definition: &Definition, sources: &Sources, diagnostics: &mut Diagnostics) {
    let spec = &definition.document.spec;
    let mut known: Vec<&str> = match &definition.subject {
        Subject::Pod | Subject::Workload => GIVEN_OF_PODS.to_vec(),
        Subject::Resources(_) => vec!["params"],
    };
    for variable in &spec.variables {
        name(&variable.name, diagnostics);
        expression(&variable.expression, sources, diagnostics);
        reads(&variable.expression, &known, definition, sources, diagnostics);
        known.push(&variable.name.value);
    }
    for rule in &spec.rules {
        expression(&rule.offenders, sources, diagnostics);
        reads(&rule.offenders, &known, definition, sources, diagnostics);
        if !portable::may_list_texts(&rule.offenders.value) {
            diagnostics.push(
                Diagnostic::error("bad-expression", "what offends is no list of texts")
                    .at(rule.offenders.place, "of another type")
                    .help("name who offends, as in `variables.containers.map(c, c.name)`"),
            );
        }
        message(&rule.message, definition, diagnostics);
    }
    let messages = spec.rules.iter().map(|rule| rule.message.value.as_str());
    let texts = [&*spec.title, &*spec.why, &*spec.fix].into_iter().chain(messages);
    if texts.into_iter().any(|text| text.starts_with("TODO")) {
        let message = format!("control `{}` is not finished: it still says TODO", definition.id());
        diagnostics.push(
            Diagnostic::warning("left-to-do", message)
                .at(definition.document.place(), "this control")
                .help("people are shown its title, why, fix and messages: write them"),
        );
    }
    if let Some(schema) = &spec.parameters {
        parameters(definition, schema, diagnostics);
    }
}

fn name(name: &Spanned<String>, diagnostics: &mut Diagnostics) {
    let own = ["offenders_", "message_"].iter().any(|prefix| name.value.starts_with(prefix));
    let taken = (own || TAKEN.contains(&name.value.as_str()))
        .then(|| format!("`{}` is the name of a variable that every control is given", name.value));
    if let Some(why) = portable::reserved(&name.value).or(taken) {
        diagnostics.push(
            Diagnostic::error("reserved-name", why).at(name.place, "taken").help("rename it"),
        );
    }
}

/// Each problem at its own place in the expression.
fn expression(written: &Spanned<String>, sources: &Sources, diagnostics: &mut Diagnostics) {
    for problem in portable::check(&written.value) {
        let rest = written.value.get(problem.offset..).unwrap_or_default();
        let word = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_');
        let length = word.map(char::len_utf8).sum::<usize>().max(rest.len().min(1));
        let place = part(written, problem.offset, length, sources);
        let near: String = rest.chars().take_while(|c| *c != '\n').take(40).collect();
        let label = match near.is_empty() {
            true => "the expression ends here".to_owned(),
            false => format!("at `{near}`"),
        };
        diagnostics.push(
            Diagnostic::error("bad-expression", problem.message).at(place, label).help(
                "a control may read `object`, `variables.…` and `request.operation`, with \
                 functions that every engine has",
            ),
        );
    }
}

/// Some bytes of an expression, where they are written.
fn part(written: &Spanned<String>, offset: usize, length: usize, sources: &Sources) -> Place {
    let place = sources.within(written.place, &written.value, offset);
    Place { end: place.end.min(place.start + length as u32), ..place }
}

/// Variables and parameters that are not there; a variable may read those before it.
fn reads(
    written: &Spanned<String>,
    known: &[&str],
    definition: &Definition,
    sources: &Sources,
    diagnostics: &mut Diagnostics,
) {
    let declared: Vec<&str> = definition.parameters().map(|(name, _)| name).collect();
    let mut complain = |shown: String, name: &str, at: usize, known: &[&str]| {
        let place = part(written, at, shown.len(), sources);
        let said = Diagnostic::error("bad-expression", format!("there is no `{shown}` here"))
            .at(place, "is not defined");
        diagnostics.push(match crate::text::nearest(name, known.iter().copied()) {
            Some(near) => said.help(format!("did you mean `{near}`?")),
            None if known.is_empty() => said.help("the control declares no parameters"),
            None => said.help(format!("known here: {}", known.join(", "))),
        });
    };
    let read = portable::reads(&written.value);
    for (name, at) in read.variables.iter().filter(|(name, _)| !known.contains(&name.as_str())) {
        complain(format!("variables.{name}"), name, *at, known);
    }
    let is_given = |name: &str| declared.contains(&name) || name == FOLLOWED;
    for (name, at) in read.parameters.iter().filter(|(name, _)| !is_given(name)) {
        complain(format!("variables.params.{name}"), name, *at, &declared);
    }
}

fn message(written: &Spanned<String>, definition: &Definition, diagnostics: &mut Diagnostics) {
    let refuse = |text: String, help: &str| {
        Diagnostic::error("bad-message", text).at(written.place, "in this message").help(help)
    };
    let placeholders = written.split('{').skip(1).filter_map(|rest| rest.split('}').next());
    for placeholder in placeholders {
        let known = match placeholder.strip_prefix("params.") {
            Some(name) => definition.parameters().any(|(known, _)| known == name),
            None => placeholder == "offenders",
        };
        if !known {
            let help = "`{offenders}` and `{params.NAME}` are filled in";
            diagnostics.push(refuse(format!("`{{{placeholder}}}` stands for nothing"), help));
        }
    }
    if !written.trim_end().ends_with(": {offenders}") {
        let text = "a message ends by naming the offenders".to_owned();
        diagnostics.push(refuse(text, "end it with `: {offenders}`"));
    }
    if written.contains('\n') {
        let text = "a message is one line".to_owned();
        diagnostics.push(refuse(text, "engines drop messages with line breaks"));
    }
}

/// Every parameter has a default or is required, and says what more of it means.
fn parameters(definition: &Definition, schema: &Spanned<Value>, diagnostics: &mut Diagnostics) {
    let required = schema.value.get("required").and_then(Value::as_array);
    let is_required = |name: &str| required.is_some_and(|list| list.iter().any(|one| one == name));
    let mut refuse = |text: String, place: Place, help: &str| {
        diagnostics
            .push(Diagnostic::error("bad-parameter", text).at(place, "declared here").help(help));
    };
    for (name, property) in definition.parameters() {
        let taken = ["breakGlass", "deniedFrom", "exemptions", FOLLOWED].contains(&name);
        if taken || portable::reserved(name).is_some() {
            let text = format!("a parameter cannot be named `{name}`");
            let help = "use letters, digits and `_`; `breakGlass`, `deniedFrom`, `exemptions` and \
                        `minor` are taken";
            refuse(text, schema.place, help);
        }
        let own = property.get("x-default");
        if own.is_some_and(|own| own != NEXT || property.get("default").is_some()) {
            let text = format!("the `x-default` of parameter `{name}` cannot be read");
            refuse(text, schema.place, "write `x-default: next-kubernetes`, and no `default`");
        }
        if property.get("default").is_none() && own.is_none() && !is_required(name) {
            let text = format!("parameter `{name}` has no default and is not required");
            refuse(text, schema.place, "give it a `default`, or list it under `required`");
        }
        let more = property.get("x-more").and_then(Value::as_str);
        if !more.is_some_and(|more| ["tighter", "looser", "unordered"].contains(&more)) {
            let text = format!("parameter `{name}` does not say what more of it means");
            refuse(text, schema.place, "add `x-more: tighter`, `looser` or `unordered`");
        }
        let allows = property.get("x-allows");
        let list = property.get("type").is_some_and(|kind| kind == "array");
        if allows.is_some_and(|how| !list || (how != "equal" && how != "beginning")) {
            let text = format!("the `x-allows` of parameter `{name}` cannot be read");
            refuse(text, schema.place, "write `equal` or `beginning`, at a list");
        }
        if property.get("x-at-most").is_some_and(|other| !other.is_string() && !other.is_array()) {
            let text = format!("`x-at-most` of parameter `{name}` names no parameter");
            refuse(text, schema.place, "name the parameter that it may not be above");
        }
    }
    let is = |kinds: &[&str], name: &str| {
        let declared = definition.parameters().find(|(known, _)| *known == name);
        let kind = declared.and_then(|(_, property)| property.get("type")?.as_str());
        kind.is_some_and(|kind| kinds.contains(&kind))
    };
    let number = |name: &str| is(&["integer", "number"], name);
    for (low, high) in definition.minima() {
        if low == high || !number(low) || !number(high) {
            let text = format!("parameter `{low}` cannot be at most `{high}`");
            refuse(text, schema.place, "`x-at-most` stands at a number and names another one");
        }
    }
    for (low, high) in definition.quantity_bounds() {
        if low == high || !is(&["object"], low) || !is(&["object"], high) {
            let text = format!("parameter `{low}` cannot be at most `{high}`");
            refuse(text, schema.place, "a list under `x-at-most` is of maps of quantities, at one");
        }
    }
    let defaults = definition.defaults();
    let quantities = definition.crossed_quantities(&defaults).map(|(low, high, _)| (low, high));
    for (low, high) in definition.crossed(&defaults, &defaults).chain(quantities) {
        let text = format!("the default of parameter `{low}` is above that of `{high}`");
        refuse(text, schema.place, "correct one of the two");
    }
}
