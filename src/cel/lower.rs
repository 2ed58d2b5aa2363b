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
//! | `a.replace(b, c)` | `a.@replace(b, c)` | makes texts of any length |
//! | `{k: v, l: w}` | `@ordered({k: v, l: w})` | walks maps in random order |
//! | `m.all(k, v, p)` | `@entries(m).all(e, p)`, in which `k` is `@first(e)`, `v` is `@second(e)` | knows one variable |
//! | `authorizer` | `@authorizer()` | cannot say that it is not known here |

use cel::IdedExpr;
use cel::common::ast::{
    CallExpr, ComprehensionExpr, EntryExpr, Expr, IdedEntryExpr, ListExpr, LiteralValue,
    MapEntryExpr, MapExpr, SelectExpr, operators,
};
use cel::common::types::CelString;

use super::library::cost::PAY;
use super::library::entries::{ENTRIES, FIRST, INSERT, JOIN, SECOND};
use super::library::fields::{AUTHORIZER, HAS, LOOK, ORDERED};
use super::tree::{self, ident};

/// The name an optional is bound to while its alternative is looked at.
const OPTIONAL: &str = "@optional";

pub(super) fn lower(expr: &mut IdedExpr) {
    tree::replace(expr, "authorizer", &|| call(AUTHORIZER, Vec::new()));
    rewrite(expr);
}

fn rewrite(expr: &mut IdedExpr) {
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
        Expr::Comprehension(written) if written.iter_var2.is_some() => one_variable(id, *written),
        other => other,
    };
}

fn parts(expr: &mut IdedExpr) {
    match &mut expr.expr {
        Expr::Call(call) => {
            for part in call.target.as_deref_mut().into_iter().chain(&mut call.args) {
                rewrite(part);
            }
        }
        Expr::Comprehension(comprehension) => {
            rewrite(&mut comprehension.iter_range);
            rewrite(&mut comprehension.accu_init);
            rewrite(&mut comprehension.loop_cond);
            rewrite(&mut comprehension.loop_step);
            rewrite(&mut comprehension.result);
        }
        Expr::List(list) => list.elements.iter_mut().for_each(rewrite),
        Expr::Map(map) => {
            for entry in &mut map.entries {
                if let EntryExpr::MapEntry(entry) = &mut entry.expr {
                    rewrite(&mut entry.key);
                    rewrite(&mut entry.value);
                }
            }
        }
        Expr::Select(select) => rewrite(&mut select.operand),
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
        ("replace", true, 2 | 3) => {
            written.func_name = "@replace".to_owned();
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
        (PAY, None) => call.args.last().is_some_and(is_optional),
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

/// A comprehension over pairs. A map is collected as a list of small maps, which costs no copy
/// of all before it with every entry.
fn one_variable(id: u64, mut written: ComprehensionExpr) -> Expr {
    let pair = format!("@pair{id}");
    let (Some(second), first) = (written.iter_var2.take(), written.iter_var.clone()) else {
        return Expr::Comprehension(Box::new(written));
    };
    for part in [&mut written.loop_cond, &mut written.loop_step] {
        for (name, function) in [(&first, FIRST), (&second, SECOND)] {
            tree::replace(part, name, &|| call(function, vec![node(Expr::Ident(pair.clone()))]));
        }
    }
    let range = std::mem::take(&mut written.iter_range);
    written.iter_range = node(call(ENTRIES, vec![range]));
    written.iter_var = pair;
    let joined = collect(&mut written.loop_step);
    if joined {
        written.accu_init = node(Expr::List(ListExpr::new(Vec::new())));
    }
    let comprehension = Expr::Comprehension(Box::new(written));
    if joined { call(JOIN, vec![node(comprehension)]) } else { comprehension }
}

/// `@insert(all, k, v)` becomes `all + [{k: v}]`; whether that was there.
fn collect(step: &mut IdedExpr) -> bool {
    let Expr::Call(written) = &mut step.expr else {
        return false;
    };
    if written.func_name == operators::CONDITIONAL {
        return written.args.get_mut(1).is_some_and(collect);
    }
    if written.func_name != INSERT {
        return false;
    }
    let mut args = std::mem::take(&mut written.args).into_iter();
    let (all, first, second) = (args.next(), args.next(), args.next());
    let entry = match (first, second) {
        (Some(key), Some(value)) => {
            let entry = EntryExpr::MapEntry(MapEntryExpr { key, value, optional: false });
            let entries = vec![IdedEntryExpr { id: 0, expr: entry }];
            node(Expr::Map(MapExpr { entries }))
        }
        (entry, _) => entry.unwrap_or_default(),
    };
    let list = node(Expr::List(ListExpr::new(vec![entry])));
    step.expr = call(operators::ADD, all.into_iter().chain([list]).collect());
    true
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
