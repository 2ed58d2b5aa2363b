//! Makes an expression count what it costs, as cel-go's runtime counts it.
//!
//! The parsed tree is interspersed with calls of `library::cost`. What the interpreter recognizes
//! by its shape – the steps of macros – keeps that shape, so the price of such a part is moved
//! to the nearest part that may be wrapped.
//!
//! | part | cost |
//! | --- | --- |
//! | literal, also a list of literals | 0 |
//! | identifier, and each `.b`, `[b]`, `.?b` that is there | 1 |
//! | `has(a.b)` | what `a` costs |
//! | list, map | 10, 30 |
//! | `&&`, `\|\|`, `?:`, `or`, `orValue` | 0; a branch that is only looked up, 1 less |
//! | any other call | 1, or by the sizes of its arguments |
//!
//! Measured against k8s.io/apiserver, which `costs.tsv` repeats. Not counted: what had been looked
//! up before an error stopped the evaluation.

use cel::IdedExpr;
use cel::common::ast::{CallExpr, ComprehensionExpr, EntryExpr, Expr, LiteralValue, operators};

use super::expression::TYPES;
use super::library::cost::{NOTE, PAY, Price, SETTLE};
use super::library::entries::INSERT;
use super::tree;

/// `tree` as it was parsed, counting.
pub(super) fn meter(tree: IdedExpr) -> IdedExpr {
    part(tree, 0)
}

/// `discount` is what the place where it stands takes off the price.
fn part(expr: IdedExpr, discount: u64) -> IdedExpr {
    if is_constant(&expr) || is_converted(&expr) {
        return expr;
    }
    let id = expr.id;
    match expr.expr {
        Expr::Ident(name) if TYPES.contains(&name.as_str()) => node(id, Expr::Ident(name)),
        Expr::Ident(name) => pay(1_u64.saturating_sub(discount), node(id, Expr::Ident(name))),
        Expr::Select(_) => chain(IdedExpr { id, expr: expr.expr }, discount),
        Expr::List(mut list) => {
            list.elements = list.elements.into_iter().map(|one| part(one, 0)).collect();
            pay(10, node(id, Expr::List(list)))
        }
        Expr::Map(mut map) => {
            for entry in &mut map.entries {
                if let EntryExpr::MapEntry(entry) = &mut entry.expr {
                    entry.key = part(std::mem::take(&mut entry.key), 0);
                    entry.value = part(std::mem::take(&mut entry.value), 0);
                }
            }
            pay(30, node(id, Expr::Map(map)))
        }
        Expr::Comprehension(written) => comprehension(id, *written),
        Expr::Call(written) => match written.func_name.as_str() {
            operators::INDEX | operators::OPT_INDEX | operators::OPT_SELECT => {
                chain(node(id, Expr::Call(written)), discount)
            }
            _ => call(id, written),
        },
        other => node(id, other),
    }
}

/// `a.b[c].?d`: one price for all that is surely looked up. What may be absent counts by itself
/// (`@look`).
fn chain(expr: IdedExpr, discount: u64) -> IdedExpr {
    let mut price = 1_u64.saturating_sub(discount);
    let expr = links(expr, &mut price, true);
    pay(price, expr)
}

fn links(expr: IdedExpr, price: &mut u64, outermost: bool) -> IdedExpr {
    let id = expr.id;
    match expr.expr {
        Expr::Ident(name) => node(id, Expr::Ident(name)),
        Expr::Select(mut select) => {
            if !(select.test && outermost || is_optional(&select.operand)) {
                *price += 1;
            }
            *select.operand = links(std::mem::take(&mut *select.operand), price, false);
            node(id, Expr::Select(select))
        }
        Expr::Call(mut written)
            if matches!(
                written.func_name.as_str(),
                operators::INDEX | operators::OPT_INDEX | operators::OPT_SELECT
            ) && written.args.len() == 2 =>
        {
            if written.func_name == operators::INDEX && !is_optional(&written.args[0]) {
                *price += 1;
            }
            let mut args = std::mem::take(&mut written.args).into_iter();
            let operand = args.next().unwrap_or_default();
            let key = args.next().unwrap_or_default();
            written.args = vec![links(operand, price, false), part(key, 1)];
            node(id, Expr::Call(written))
        }
        other => part(node(id, other), 0),
    }
}

fn call(id: u64, mut written: CallExpr) -> IdedExpr {
    let args = std::mem::take(&mut written.args);
    let name = written.func_name.clone();
    match name.as_str() {
        operators::LOGICAL_AND | operators::LOGICAL_OR => {
            // the accumulator of a macro is told by its shape; its price goes to the other side
            let moved = u64::from(args.first().is_some_and(is_accumulator));
            written.args = args
                .into_iter()
                .map(|one| if is_accumulator(&one) { one } else { pay(moved, part(one, 0)) })
                .collect();
            return node(id, Expr::Call(written));
        }
        operators::CONDITIONAL => {
            let branch = |(at, one): (usize, IdedExpr)| {
                if is_accumulator(&one) { one } else { part(one, u64::from(at > 0)) }
            };
            written.args = args.into_iter().enumerate().map(branch).collect();
            return node(id, Expr::Call(written));
        }
        operators::ADD if args.first().is_some_and(is_accumulator) => {
            // `all + [element]`: looking up, the list, and adding
            written.args = args
                .into_iter()
                .map(|mut one| {
                    if let Expr::List(list) = &mut one.expr {
                        let elements = std::mem::take(&mut list.elements);
                        list.elements =
                            elements.into_iter().map(|one| pay(12, part(one, 0))).collect();
                        return one;
                    }
                    if is_accumulator(&one) { one } else { pay(2, part(one, 0)) }
                })
                .collect();
            return node(id, Expr::Call(written));
        }
        INSERT => {
            let last = args.len().saturating_sub(1);
            let inserted = |(at, one): (usize, IdedExpr)| match at {
                0 => one,
                at if at == last => pay(2, part(one, 0)),
                _ => part(one, 0),
            };
            written.args = args.into_iter().enumerate().map(inserted).collect();
            return node(id, Expr::Call(written));
        }
        _ => {}
    }
    let qualified =
        matches!(tree::callee(&with(&written, &args), &[]), (_, super::functions::Style::Global));
    let target = written.target.take();
    let price = price_of(&name, target.is_some() && !qualified, args.len());
    let is_free = matches!(name.as_str(), "or" | "orValue") && target.is_some();
    let constant_list = name == operators::IN && args.get(1).is_some_and(is_constant);
    let mut position = 0_i64;
    let mut noted = 0_i64;
    let mut argument = |one: IdedExpr| {
        let at = position;
        position += 1;
        let one = part(one, 0);
        if price.is_none() || constant_list || at > 1 {
            return one;
        }
        noted += 1;
        note(at, one)
    };
    written.target = match target {
        Some(target) if qualified => Some(target),
        Some(target) => Some(Box::new(argument(*target))),
        None => None,
    };
    written.args = args.into_iter().map(&mut argument).collect();
    let done = node(id, Expr::Call(written));
    match price {
        _ if is_free || constant_list => done,
        Some(price) => settle(price, noted, done),
        None if name == "check" => pay(350_000, done),
        None => pay(1, done),
    }
}

fn with(written: &CallExpr, args: &[IdedExpr]) -> CallExpr {
    CallExpr { args: args.to_vec(), ..written.clone() }
}

fn comprehension(id: u64, mut written: ComprehensionExpr) -> IdedExpr {
    written.iter_range = part(written.iter_range, 0);
    written.accu_init = part(written.accu_init, 0);
    written.loop_cond = part(written.loop_cond, 0);
    if !is_accumulator(&written.loop_step) {
        written.loop_step = part(written.loop_step, 0);
    }
    // a result that is nothing but the accumulator is told by its shape
    let plain = is_accumulator(&written.result);
    if !plain {
        written.result = part(written.result, 0);
    }
    let all = node(id, Expr::Comprehension(Box::new(written)));
    if plain { pay(1, all) } else { all }
}

/// How a call is priced; `None` for 1.
fn price_of(name: &str, member: bool, arguments: usize) -> Option<Price> {
    Some(match (name, member) {
        ("startsWith" | "endsWith" | "substring" | "trim" | "lowerAscii" | "upperAscii", true) => {
            Price::Once
        }
        ("format", true) => Price::Once,
        ("quote" | "escapeKey" | "url" | "cidr" | "isIP" | "isCIDR" | "ip", false) => Price::Once,
        ("quantity" | "isQuantity" | "semver" | "isSemver", false) => Price::Once,
        ("isCanonical", false) | ("replace" | "split", true) => Price::Twice,
        ("join", true) => Price::Result,
        ("matches", _) | ("find" | "findAll", true) => Price::Regex,
        ("contains", true) => Price::Contains,
        ("contains" | "intersects", false) if arguments == 2 => Price::Sets,
        ("equivalent", false) if arguments == 2 => Price::SetsBothWays,
        ("isSorted" | "sum" | "max" | "min" | "indexOf" | "lastIndexOf" | "includes", true) => {
            Price::Traverse
        }
        ("containsIP", true) => Price::ContainsIp,
        ("containsCIDR", true) => Price::ContainsCidr,
        ("validate", true) => Price::Validate,
        (operators::EQUALS | operators::NOT_EQUALS, _) => Price::Compare,
        (operators::LESS | operators::LESS_EQUALS, _) => Price::Compare,
        (operators::GREATER | operators::GREATER_EQUALS, _) => Price::Compare,
        (operators::ADD, _) => Price::Add,
        (operators::IN, _) => Price::In,
        _ => return None,
    })
}

fn is_constant(expr: &IdedExpr) -> bool {
    match &expr.expr {
        Expr::Literal(_) => true,
        Expr::List(list) => list.elements.iter().all(is_constant),
        Expr::Map(map) => map.entries.iter().all(|entry| match &entry.expr {
            EntryExpr::MapEntry(entry) => is_constant(&entry.key) && is_constant(&entry.value),
            EntryExpr::StructField(_) => false,
        }),
        _ => false,
    }
}

/// `duration('1h')`, which is known before the expression runs.
fn is_converted(expr: &IdedExpr) -> bool {
    let conversions = ["bool", "bytes", "double", "duration", "int", "string", "timestamp", "uint"];
    matches!(&expr.expr, Expr::Call(call) if call.target.is_none()
        && conversions.contains(&call.func_name.as_str())
        && matches!(call.args.as_slice(), [one] if matches!(one.expr, Expr::Literal(_))))
}

/// A name only macros write.
fn is_accumulator(expr: &IdedExpr) -> bool {
    tree::ident(expr).is_some_and(tree::is_internal)
}

/// Whether what is looked up in it becomes a `@look`.
fn is_optional(expr: &IdedExpr) -> bool {
    match &expr.expr {
        Expr::Call(written) => match written.func_name.as_str() {
            operators::OPT_INDEX | operators::OPT_SELECT => true,
            operators::INDEX => written.args.first().is_some_and(is_optional),
            name => {
                name == "or" && written.target.is_some()
                    || written.target.as_deref().and_then(tree::ident) == Some("optional")
            }
        },
        Expr::Select(select) => is_optional(&select.operand),
        _ => false,
    }
}

fn node(id: u64, expr: Expr) -> IdedExpr {
    IdedExpr { id, expr }
}

fn pay(price: u64, expr: IdedExpr) -> IdedExpr {
    if price == 0 {
        return expr;
    }
    wrapped(PAY, vec![integer(i64::try_from(price).unwrap_or(i64::MAX))], expr)
}

fn note(position: i64, expr: IdedExpr) -> IdedExpr {
    wrapped(NOTE, vec![integer(position)], expr)
}

fn settle(price: Price, noted: i64, expr: IdedExpr) -> IdedExpr {
    wrapped(SETTLE, vec![integer(price as i64), integer(noted)], expr)
}

fn integer(value: i64) -> IdedExpr {
    node(0, Expr::Literal(LiteralValue::Int(value.into())))
}

fn wrapped(name: &str, mut args: Vec<IdedExpr>, expr: IdedExpr) -> IdedExpr {
    let id = expr.id;
    args.push(expr);
    node(id, Expr::Call(CallExpr { func_name: name.to_owned(), target: None, args }))
}
