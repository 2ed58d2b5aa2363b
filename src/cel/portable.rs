//! The rules for the texts of controls, so that one text means the same on every target.
//!
//! A control reads `object`, `variables.*` and `request.operation`, and nothing else: every other
//! field of `request`, `oldObject` and `namespaceObject` is there on one engine and absent or
//! empty on another. It calls only functions that all targets have (`functions.tsv`), with types
//! their compilers accept (`checker`). Whether the
//! text is *total* – never an error, whatever the object – is for the cases to prove.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use cel::Program;
use cel::common::ast::{Expr, operators};

use super::checker::Checker;
use super::dialect::Dialect;
use super::expression::{TYPES, parse};
use super::functions;
use super::problem::{Problem, place};
use super::tree;
use super::types::Type;

static EVERY: LazyLock<Dialect> = LazyLock::new(Dialect::everywhere);

/// Everything that keeps `text` from being the text of a control, in the order of the text.
pub fn check(text: &str) -> Vec<Problem> {
    let program = match parse(text) {
        Ok(program) => program,
        Err(problems) => return problems,
    };
    let mut problems = Checker::new(&EVERY).check(text).err().unwrap_or_default();
    problems.extend(unportable(&program, text));
    problems.sort_by(|one, other| {
        one.offset.cmp(&other.offset).then_with(|| one.message.cmp(&other.message))
    });
    problems.dedup();
    problems
}

/// The names that a text reads, each with the byte at which it is first read.
#[derive(Debug, Default)]
pub struct Reads {
    /// `x` of `variables.x`.
    pub variables: BTreeMap<String, usize>,
    /// `x` of `variables.params.x`.
    pub parameters: BTreeMap<String, usize>,
}

/// What `text` reads; nothing where it cannot be parsed.
pub fn reads(text: &str) -> Reads {
    let mut found = Reads::default();
    let Ok(program) = parse(text) else { return found };
    tree::walk(program.expression(), &mut |part, _| {
        let at = place(&program, tree::innermost(part), text);
        let first = |names: &mut BTreeMap<String, usize>, name: &str| {
            let known = names.entry(name.to_owned()).or_insert(at);
            *known = at.min(*known);
        };
        if let Some(name) = tree::variable(part) {
            first(&mut found.variables, name);
        }
        if let Expr::Select(select) = &part.expr
            && tree::variable(&select.operand) == Some("params")
        {
            first(&mut found.parameters, &select.field);
        }
        true
    });
    found
}

/// Whether `text` may be a list of texts: what it is shows only when it runs, or it is one.
pub fn may_list_texts(text: &str) -> bool {
    match Checker::new(&EVERY).check(text) {
        Ok(Type::List(of)) => matches!(*of, Type::String | Type::Dyn | Type::Any(_)),
        Ok(found) => found == Type::Dyn,
        Err(_) => true,
    }
}

/// Why a control may not define a variable of this name; `None` where it may.
pub fn reserved(name: &str) -> Option<String> {
    if matches!(name, "params" | "anyObject") || name.contains("_internal_") {
        return Some(format!("`{name}` is reserved: an engine may define it"));
    }
    let mut characters = name.chars();
    let first = characters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_');
    let others = characters.all(|other| other.is_ascii_alphanumeric() || other == '_');
    (!first || !others).then(|| format!("`{name}` is no CEL identifier"))
}

fn unportable(program: &Program, text: &str) -> Vec<Problem> {
    let mut problems = Vec::new();
    tree::walk(program.expression(), &mut |part, bound| {
        let mut problem =
            |message: String| problems.push(Problem::new(message, place(program, part, text)));
        match &part.expr {
            Expr::Select(select) => match tree::ident(&select.operand) {
                Some("request") if !bound.contains(&"request") => {
                    if select.field != "operation" || select.test {
                        problem(format!(
                            "`request.{}` is not the same on every engine: only `request.operation` may be read",
                            select.field
                        ));
                    }
                    return false;
                }
                Some("variables") if !bound.contains(&"variables") => return false,
                _ => {}
            },
            Expr::Ident(name) if bound.contains(&name.as_str()) => {}
            Expr::Ident(name) => match name.as_str() {
                "authorizer" | "oldObject" | "namespaceObject" | "params" => {
                    problem(format!("`{name}` is not the same on every engine: {}", instead(name)))
                }
                "request" => {
                    problem("`request` may only be read as `request.operation`".to_owned())
                }
                "variables" => {
                    problem("`variables` may only be read as `variables.name`".to_owned())
                }
                _ => {}
            },
            Expr::Call(call)
                if call.func_name == operators::OPT_SELECT && tree::variable(part).is_some() =>
            {
                problem("a variable is always there: write `variables.name`".to_owned());
                return false;
            }
            Expr::Call(call) if !tree::is_operator(call) => {
                let (name, style) = tree::callee(call, bound);
                if functions::find(&name, style)
                    .is_some_and(|function| !functions::is_portable(function))
                {
                    problem(format!("`{name}` is not there on every engine"));
                }
            }
            Expr::Comprehension(comprehension) => {
                for name in [Some(&comprehension.iter_var), comprehension.iter_var2.as_ref()]
                    .into_iter()
                    .flatten()
                {
                    if matches!(name.as_str(), "object" | "variables" | "request")
                        || TYPES.contains(&name.as_str())
                    {
                        problem(format!("`{name}` already has a meaning: choose another name"));
                    }
                }
            }
            _ => {}
        }
        true
    });
    problems
}

fn instead(name: &str) -> &'static str {
    match name {
        "oldObject" => "use `unchanged:` of the control",
        "authorizer" => "who may do what is the business of RBAC",
        "namespaceObject" => "where a rule holds is the business of intents",
        _ => "read `variables.params`",
    }
}
