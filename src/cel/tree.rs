//! Walking an expression: every part once, with the names that macros bind around it.

use cel::IdedExpr;
use cel::common::ast::{CallExpr, EntryExpr, Expr, LiteralValue, operators};

use super::functions::{self, Style};

/// Walks `expr` from the outside in. `see` is given each part and the names bound around it, and
/// says whether to go on into that part.
pub(super) fn walk<'e>(expr: &'e IdedExpr, see: &mut impl FnMut(&'e IdedExpr, &[&'e str]) -> bool) {
    inside(expr, &mut Vec::new(), see);
}

fn inside<'e>(
    expr: &'e IdedExpr,
    bound: &mut Vec<&'e str>,
    see: &mut impl FnMut(&'e IdedExpr, &[&'e str]) -> bool,
) {
    if !see(expr, bound) {
        return;
    }
    match &expr.expr {
        Expr::Call(call) => {
            // `optional` of `optional.of(x)` is part of the function's name, no identifier
            let target = match callee(call, bound) {
                (_, Style::Global) => None,
                (_, Style::Member) => call.target.as_deref(),
            };
            for part in target.into_iter().chain(&call.args) {
                inside(part, bound, see);
            }
        }
        Expr::Comprehension(comprehension) => {
            inside(&comprehension.iter_range, bound, see);
            inside(&comprehension.accu_init, bound, see);
            let outside = bound.len();
            bound.push(&comprehension.accu_var);
            inside(&comprehension.result, bound, see);
            bound.push(&comprehension.iter_var);
            bound.extend(comprehension.iter_var2.as_deref());
            inside(&comprehension.loop_cond, bound, see);
            inside(&comprehension.loop_step, bound, see);
            bound.truncate(outside);
        }
        Expr::List(list) => list.elements.iter().for_each(|part| inside(part, bound, see)),
        Expr::Map(map) => entries(map.entries.iter().map(|entry| &entry.expr), bound, see),
        Expr::Struct(fields) => entries(fields.entries.iter().map(|entry| &entry.expr), bound, see),
        Expr::Select(select) => inside(&select.operand, bound, see),
        Expr::Ident(_) | Expr::Literal(_) | Expr::Unspecified => {}
    }
}

fn entries<'e>(
    entries: impl Iterator<Item = &'e EntryExpr>,
    bound: &mut Vec<&'e str>,
    see: &mut impl FnMut(&'e IdedExpr, &[&'e str]) -> bool,
) {
    entries.flat_map(inner).for_each(|part| inside(part, bound, see));
}

/// Where a chain of fields begins: the identifier of `variables.params.x`.
pub(super) fn innermost(expr: &IdedExpr) -> &IdedExpr {
    match &expr.expr {
        Expr::Select(select) => innermost(&select.operand),
        Expr::Call(call) if call.func_name == operators::OPT_SELECT => {
            call.args.first().map_or(expr, innermost)
        }
        _ => expr,
    }
}

/// Whether some part lies inside more than `most` others; it takes no stack for what it finds.
pub(super) fn nests_deeper_than(most: usize, expr: &IdedExpr) -> bool {
    let mut rest: Vec<(usize, &IdedExpr)> = vec![(0, expr)];
    while let Some((depth, expr)) = rest.pop() {
        if depth > most {
            return true;
        }
        rest.extend(parts(expr).into_iter().map(|part| (depth + 1, part)));
    }
    false
}

/// What lies directly inside an expression.
fn parts(expr: &IdedExpr) -> Vec<&IdedExpr> {
    match &expr.expr {
        Expr::Call(call) => call.target.as_deref().into_iter().chain(&call.args).collect(),
        Expr::Comprehension(one) => {
            vec![&one.iter_range, &one.accu_init, &one.loop_cond, &one.loop_step, &one.result]
        }
        Expr::List(list) => list.elements.iter().collect(),
        Expr::Map(map) => map.entries.iter().flat_map(|one| inner(&one.expr)).collect(),
        Expr::Struct(made) => made.entries.iter().flat_map(|one| inner(&one.expr)).collect(),
        Expr::Select(select) => vec![&select.operand],
        Expr::Ident(_) | Expr::Literal(_) | Expr::Unspecified => vec![],
    }
}

fn inner(entry: &EntryExpr) -> Vec<&IdedExpr> {
    match entry {
        EntryExpr::MapEntry(entry) => vec![&entry.key, &entry.value],
        EntryExpr::StructField(field) => vec![&field.value],
    }
}

/// Puts something else wherever the identifier `name` means what it means around `expr`.
pub(super) fn replace(expr: &mut IdedExpr, name: &str, with: &impl Fn() -> Expr) {
    match &mut expr.expr {
        Expr::Ident(found) if found == name => expr.expr = with(),
        Expr::Call(call) => {
            for part in call.target.as_deref_mut().into_iter().chain(&mut call.args) {
                replace(part, name, with);
            }
        }
        Expr::Comprehension(comprehension) => {
            replace(&mut comprehension.iter_range, name, with);
            replace(&mut comprehension.accu_init, name, with);
            if comprehension.accu_var == name {
                return;
            }
            replace(&mut comprehension.result, name, with);
            if comprehension.iter_var != name && comprehension.iter_var2.as_deref() != Some(name) {
                replace(&mut comprehension.loop_cond, name, with);
                replace(&mut comprehension.loop_step, name, with);
            }
        }
        Expr::List(list) => list.elements.iter_mut().for_each(|part| replace(part, name, with)),
        Expr::Map(map) => {
            for entry in &mut map.entries {
                if let EntryExpr::MapEntry(entry) = &mut entry.expr {
                    replace(&mut entry.key, name, with);
                    replace(&mut entry.value, name, with);
                }
            }
        }
        Expr::Select(select) => replace(&mut select.operand, name, with),
        Expr::Struct(_) | Expr::Ident(_) | Expr::Literal(_) | Expr::Unspecified => {}
    }
}

/// The name of an identifier.
pub(super) fn ident(expr: &IdedExpr) -> Option<&str> {
    match &expr.expr {
        Expr::Ident(name) => Some(name),
        _ => None,
    }
}

/// The `x` of `variables.x`, `has(variables.x)` and `variables.?x`.
pub(super) fn variable(expr: &IdedExpr) -> Option<&str> {
    match &expr.expr {
        Expr::Select(select) if ident(&select.operand) == Some("variables") => Some(&select.field),
        Expr::Call(call) if call.func_name == operators::OPT_SELECT => {
            match (call.args.first().and_then(ident), call.args.get(1).map(|field| &field.expr)) {
                (Some("variables"), Some(Expr::Literal(LiteralValue::String(field)))) => {
                    Some(field.inner())
                }
                _ => None,
            }
        }
        _ => None,
    }
}

/// Whether a name was written by a macro, not by a person.
pub(super) fn is_internal(name: &str) -> bool {
    name.starts_with('@') || name.starts_with('#')
}

/// The operators, which are calls too: `_+_`, `!_`, `@in`.
pub(super) fn is_operator(call: &CallExpr) -> bool {
    let name = call.func_name.as_str();
    call.target.is_none() && (name.contains('_') && !name.contains(char::is_alphabetic))
        || call.target.is_none() && is_internal(name)
}

/// The function a call names and how: `optional.of(x)` is the global function `optional.of`,
/// `x.size()` the member `size`. `bound` are the names of macros around it, which may be called
/// like a namespace.
pub(super) fn callee(call: &CallExpr, bound: &[&str]) -> (String, Style) {
    let Some(target) = call.target.as_deref() else {
        return (call.func_name.clone(), Style::Global);
    };
    if let Some(namespace) = ident(target) {
        let qualified = format!("{namespace}.{}", call.func_name);
        if functions::find(&qualified, Style::Global).is_some()
            || functions::is_namespace(namespace) && !bound.contains(&namespace)
        {
            return (qualified, Style::Global);
        }
    }
    (call.func_name.clone(), Style::Member)
}
