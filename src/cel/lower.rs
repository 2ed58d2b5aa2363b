//! Rewrites a parsed expression so that crate `cel` evaluates it as the API server would.
//!
//! | written | becomes | because crate `cel` |
//! | --- | --- | --- |
//! | `has(a.b)` | `@has(a, "b")` | calls it an error where `a` is null |
//! | `a.?b`, `a[?b]` | `@look(a, b)` | is silent where `a` is a list and `b` a name |
//! | `a.?b.c`, `a.?b[0]` | `@look(@look(a, "b"), "c")` | calls it an error where `b` is null |
//! | `variables.?x` | `optional.of(variables.x)` | would hide the error of `x` |
//! | `a.orValue(b)`, `a.or(b)` | `a.hasValue() ? a.value() : b`, `a` once | always evaluates `b` |
//! | `a.matches(b)` | `a.@matches(b)` | compiles `b` anew on every call |
//! | `{k: v, l: w}` | `@ordered({k: v, l: w})` | walks maps in random order |

use cel::IdedExpr;
use cel::common::ast::{
    CallExpr, ComprehensionExpr, EntryExpr, Expr, ListExpr, LiteralValue, SelectExpr, operators,
};
use cel::common::types::CelString;

use super::library::fields::{HAS, LOOK, ORDERED};
use super::tree::ident;

/// The name an optional is bound to while its alternative is looked at.
const OPTIONAL: &str = "@optional";

pub(super) fn lower(expr: &mut IdedExpr) {
    parts(expr);
    let id = expr.id;
    let taken = std::mem::take(&mut expr.expr);
    expr.expr = match taken {
        Expr::Call(call) => lower_call(id, call),
        Expr::Select(select) if select.test => {
            call(HAS, vec![*select.operand, text(id, select.field)])
        }
        Expr::Select(select) if is_optional(&select.operand) => {
            call(LOOK, vec![*select.operand, text(id, select.field)])
        }
        Expr::Map(map) if map.entries.len() > 1 => {
            call(ORDERED, vec![IdedExpr { id, expr: Expr::Map(map) }])
        }
        other => other,
    };
}

fn parts(expr: &mut IdedExpr) {
    match &mut expr.expr {
        Expr::Call(call) => {
            for part in call.target.as_deref_mut().into_iter().chain(&mut call.args) {
                lower(part);
            }
        }
        Expr::Comprehension(comprehension) => {
            lower(&mut comprehension.iter_range);
            lower(&mut comprehension.accu_init);
            lower(&mut comprehension.loop_cond);
            lower(&mut comprehension.loop_step);
            lower(&mut comprehension.result);
        }
        Expr::List(list) => list.elements.iter_mut().for_each(lower),
        Expr::Map(map) => {
            for entry in &mut map.entries {
                if let EntryExpr::MapEntry(entry) = &mut entry.expr {
                    lower(&mut entry.key);
                    lower(&mut entry.value);
                }
            }
        }
        Expr::Select(select) => lower(&mut select.operand),
        Expr::Struct(_) | Expr::Ident(_) | Expr::Literal(_) | Expr::Unspecified => {}
    }
}

fn lower_call(id: u64, mut written: CallExpr) -> Expr {
    match (written.func_name.as_str(), written.target.is_some(), written.args.len()) {
        (operators::OPT_SELECT | operators::OPT_INDEX, false, 2) => match declared(&written.args) {
            Some(field) => {
                let select = SelectExpr {
                    operand: Box::new(written.args.swap_remove(0)),
                    field,
                    test: false,
                };
                call("optional.of", vec![IdedExpr { id, expr: Expr::Select(select) }])
            }
            None => call(LOOK, written.args),
        },
        (operators::INDEX, false, 2) if is_optional(&written.args[0]) => call(LOOK, written.args),
        ("matches", true, 1) | ("matches", false, 2) => {
            written.func_name = "@matches".to_owned();
            Expr::Call(written)
        }
        ("or" | "orValue", true, 1) if !is_harmless(&written.args[0]) => alternative(written),
        _ => Expr::Call(written),
    }
}

/// The `x` of `variables.?x`.
fn declared(args: &[IdedExpr]) -> Option<String> {
    match (ident(&args[0]), &args[1].expr) {
        (Some("variables"), Expr::Literal(LiteralValue::String(field))) => {
            Some(field.inner().to_owned())
        }
        _ => None,
    }
}

/// Whether the value is an optional whatever the object looks like.
fn is_optional(expr: &IdedExpr) -> bool {
    let Expr::Call(call) = &expr.expr else {
        return false;
    };
    match (call.func_name.as_str(), call.target.as_deref()) {
        (LOOK, None) => true,
        ("or", Some(_)) => true,
        (_, Some(target)) => ident(target) == Some("optional"),
        (name, None) => name.starts_with("optional."),
    }
}

/// Whether evaluating it needlessly can do no harm: it cannot fail.
fn is_harmless(expr: &IdedExpr) -> bool {
    match &expr.expr {
        Expr::Literal(_) | Expr::Ident(_) => true,
        Expr::List(list) => list.elements.iter().all(is_harmless),
        Expr::Map(map) => map.entries.is_empty(),
        _ => false,
    }
}

/// `a.orValue(b)` and `a.or(b)` with `b` looked at only where `a` is empty.
fn alternative(written: CallExpr) -> Expr {
    let CallExpr { func_name, target, mut args } = written;
    let (Some(optional), Some(otherwise)) = (target, args.pop()) else {
        return Expr::Unspecified;
    };
    let held = if func_name == "or" { bound() } else { method("value") };
    let choice = call(operators::CONDITIONAL, vec![method("hasValue"), held, otherwise]);
    Expr::Comprehension(Box::new(ComprehensionExpr {
        iter_range: node(Expr::List(ListExpr::new(Vec::new()))),
        iter_var: "#unused".to_owned(),
        iter_var2: None,
        accu_var: OPTIONAL.to_owned(),
        accu_init: *optional,
        loop_cond: node(Expr::Literal(LiteralValue::Boolean(false.into()))),
        loop_step: bound(),
        result: node(choice),
    }))
}

fn bound() -> IdedExpr {
    node(Expr::Ident(OPTIONAL.to_owned()))
}

fn method(name: &str) -> IdedExpr {
    node(Expr::Call(CallExpr {
        func_name: name.to_owned(),
        target: Some(Box::new(bound())),
        args: Vec::new(),
    }))
}

fn call(name: &str, args: Vec<IdedExpr>) -> Expr {
    Expr::Call(CallExpr { func_name: name.to_owned(), target: None, args })
}

fn text(id: u64, text: String) -> IdedExpr {
    IdedExpr { id, expr: Expr::Literal(LiteralValue::String(CelString::from(text))) }
}

fn node(expr: Expr) -> IdedExpr {
    IdedExpr { id: 0, expr }
}
