//! What an expression costs: the functions that a metered expression is interspersed with.
//!
//! `meter` wraps what costs something in calls of the functions here. They hand on the value they
//! are given and count, for the thread, what cel-go would count for it.

use std::cell::{Cell, RefCell};

use cel::common::types::{CelBytes, CelInt, CelString, DYN_TYPE, Kind};
use cel::common::value::{CowVal, Val};
use cel::{DeclarationError, Env, ExecutionError};

use super::elements;
use super::format::Format;
use super::net::Cidr;

/// `@pay(n, x)`: `x`, which costs `n`.
pub(in super::super) const PAY: &str = "@pay";
/// `@note(n, x)`: `x`, whose size is asked for as that of the argument `n` of the call around it.
pub(in super::super) const NOTE: &str = "@note";
/// `@settle(price, n, x)`: the result of a call whose cost depends on the `n` sizes noted.
pub(in super::super) const SETTLE: &str = "@settle";

/// How the cost of a call follows from the sizes of its arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Price {
    /// The first argument is read once.
    Once,
    /// … or read, and written again.
    Twice,
    /// The result is written and read.
    Result,
    Regex,
    Contains,
    Compare,
    Add,
    In,
    /// Every part of the first argument is looked at.
    Traverse,
    ContainsIp,
    ContainsCidr,
    Validate,
    /// Every element of one with every element of the other.
    Sets,
    SetsBothWays,
}

const PRICES: [Price; 14] = [
    Price::Once,
    Price::Twice,
    Price::Result,
    Price::Regex,
    Price::Contains,
    Price::Compare,
    Price::Add,
    Price::In,
    Price::Traverse,
    Price::ContainsIp,
    Price::ContainsCidr,
    Price::Validate,
    Price::Sets,
    Price::SetsBothWays,
];

/// What is remembered of an argument.
#[derive(Clone, Copy, Default)]
struct Noted {
    size: u64,
    is_text: bool,
    is_map: bool,
    traversed: u64,
}

thread_local! {
    static SPENT: Cell<u64> = const { Cell::new(0) };
    static LIMIT: Cell<u64> = const { Cell::new(u64::MAX) };
    static NOTES: RefCell<Vec<(i64, Noted)>> = const { RefCell::new(Vec::new()) };
}

/// How a failure begins that is about cost.
pub(in super::super) const OVER: &str = "operation cancelled: actual cost limit exceeded";

/// Runs `run` and counts what it costs; beyond `limit` it is stopped.
pub(in super::super) fn counted<T>(limit: u64, run: impl FnOnce() -> T) -> (T, u64) {
    let outside = (SPENT.replace(0), LIMIT.replace(limit), NOTES.take());
    let result = run();
    let spent = SPENT.replace(outside.0);
    LIMIT.set(outside.1);
    NOTES.set(outside.2);
    (result, spent)
}

/// Counts; an error once there is too much.
pub(super) fn charge(cost: u64) -> Result<(), ExecutionError> {
    let spent = SPENT.get().saturating_add(cost);
    SPENT.set(spent);
    if spent > LIMIT.get() { Err(ExecutionError::function_error("cost", OVER)) } else { Ok(()) }
}

pub(super) fn extension(env: &mut Env) -> Result<(), DeclarationError> {
    env.add_overload(PAY, "pay", vec![DYN_TYPE, DYN_TYPE], |args| {
        let (price, value) = two(args)?;
        charge(u64::try_from(number(price.as_ref())).unwrap_or(0))?;
        Ok(value)
    })?;
    env.add_overload(NOTE, "note", vec![DYN_TYPE, DYN_TYPE], |args| {
        let (position, value) = two(args)?;
        let noted = (number(position.as_ref()), noted(value.as_ref()));
        NOTES.with_borrow_mut(|notes| notes.push(noted));
        Ok(value)
    })?;
    env.add_overload(SETTLE, "settle", vec![DYN_TYPE, DYN_TYPE, DYN_TYPE], settle)
}

fn two<'b, 'v>(
    args: Vec<CowVal<'b, 'v>>,
) -> Result<(CowVal<'b, 'v>, CowVal<'b, 'v>), ExecutionError> {
    let given = args.len();
    <[CowVal<'b, 'v>; 2]>::try_from(args)
        .map(|[one, other]| (one, other))
        .map_err(|_| ExecutionError::invalid_argument_count(2, given))
}

fn number(value: &dyn Val) -> i64 {
    value.downcast_ref::<CelInt>().map_or(0, |number| *number.inner())
}

fn settle<'b, 'v>(args: Vec<CowVal<'b, 'v>>) -> Result<CowVal<'b, 'v>, ExecutionError> {
    let given = args.len();
    let [price, count, result] = <[CowVal<'b, 'v>; 3]>::try_from(args)
        .map_err(|_| ExecutionError::invalid_argument_count(3, given))?;
    let mut arguments = [Noted::default(); 2];
    NOTES.with_borrow_mut(|notes| {
        for _ in 0..number(count.as_ref()) {
            if let Some((position, noted)) = notes.pop()
                && let Some(place) =
                    usize::try_from(position).ok().and_then(|at| arguments.get_mut(at))
            {
                *place = noted;
            }
        }
    });
    let price = usize::try_from(number(price.as_ref())).ok().and_then(|at| PRICES.get(at));
    if let Some(price) = price {
        charge(cost(*price, arguments, result.as_ref()))?;
    }
    Ok(result)
}

/// Ten characters cost one.
fn text(size: u64) -> u64 {
    size.div_ceil(10)
}

fn cost(price: Price, [one, other]: [Noted; 2], result: &dyn Val) -> u64 {
    match price {
        Price::Once => text(one.size),
        Price::Twice => text(2 * one.size),
        Price::Result => text(2 * noted(result).size),
        Price::Regex => text(one.size + 1) * other.size.div_ceil(4),
        Price::Contains => text(one.size) * text(other.size),
        Price::Compare => text(one.size.min(other.size)),
        Price::Add if one.is_text => text(one.size + other.size),
        Price::Add => 1,
        Price::In if other.is_map => 1,
        Price::In => other.size,
        Price::Traverse => one.traversed,
        Price::ContainsIp if other.is_text => text(2 * one.size) + text(other.size),
        Price::ContainsIp => text(2 * one.size),
        Price::ContainsCidr => {
            let parsed = if other.is_text { text(other.size) } else { 0 };
            text(2 * one.size) + text(one.size) + 1 + parsed
        }
        Price::Validate => text(other.size + 1) * one.size.div_ceil(4),
        Price::Sets => 1 + one.size * other.size,
        Price::SetsBothWays => 1 + 2 * one.size * other.size,
    }
}

fn noted(value: &dyn Val) -> Noted {
    let kind = value.get_type().kind();
    let size = if let Some(text) = value.downcast_ref::<CelString>() {
        text.inner().chars().count()
    } else if let Some(bytes) = value.downcast_ref::<CelBytes>() {
        bytes.inner().len()
    } else if let Some(cidr) = value.downcast_ref::<Cidr>() {
        cidr.bytes()
    } else if let Some(format) = value.downcast_ref::<Format>() {
        format.pattern()
    } else if matches!(kind, Kind::List | Kind::Map) {
        elements(value).map_or(1, |all| all.len())
    } else {
        1
    };
    Noted {
        size: size as u64,
        is_text: matches!(kind, Kind::String | Kind::Bytes),
        is_map: kind == Kind::Map,
        traversed: if kind == Kind::List { traversed(value) } else { size as u64 / 10 },
    }
}

fn traversed(value: &dyn Val) -> u64 {
    if let Some(text) = value.downcast_ref::<CelString>() {
        return text.inner().len() as u64 / 10;
    }
    match value.get_type().kind() {
        Kind::List => elements(value).map_or(1, |all| all.into_iter().map(traversed).sum()),
        Kind::Map => elements(value).map_or(1, |keys| {
            let values = value.as_indexer();
            let of = |key: &dyn Val| {
                let held = values.and_then(|values| values.get(key).ok());
                traversed(key) + held.map_or(0, |held| traversed(held.as_ref()))
            };
            keys.into_iter().map(of).sum()
        }),
        _ => 1,
    }
}
