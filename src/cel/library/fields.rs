//! Looking into values the way cel-go does: `has(a.b)`, `a.?b`, `a[?b]`.
//!
//! The interpreter of crate `cel` has these built in and answers two of them differently, so the
//! compiler (`lower`) turns them into calls of the functions here:
//!
//! - `has(null.b)` is `false` on the API server, and an error in the crate;
//! - `a.?b` on a list is an error on the API server, and empty in the crate. That would hide a
//!   forgotten index, which denies every request once it reaches a cluster.

use cel::common::types::{CelBool, CelOptional, CelString, DYN_TYPE, Kind};
use cel::common::value::{CowVal, Val};
use cel::{DeclarationError, Env, ExecutionError};

use super::super::value::Value;
use super::cost;

pub(in super::super) const HAS: &str = "@has";
pub(in super::super) const LOOK: &str = "@look";
pub(in super::super) const ORDERED: &str = "@ordered";
/// Stands for `authorizer`: it has no value here, and whatever needs one is no verdict.
pub(in super::super) const AUTHORIZER: &str = "@authorizer";
/// How a failure begins that says nothing about the object.
pub(in super::super) const NOT_EVALUABLE: &str = "not evaluable here";

pub(super) fn extension(env: &mut Env) -> Result<(), DeclarationError> {
    env.add_overload(HAS, "has_field", vec![DYN_TYPE, DYN_TYPE], has)?;
    env.add_overload(LOOK, "look_up", vec![DYN_TYPE, DYN_TYPE], look)?;
    env.add_overload(ORDERED, "ordered_map", vec![DYN_TYPE], ordered)?;
    env.add_overload(AUTHORIZER, "authorizer", vec![], |_| {
        let message = format!("{NOT_EVALUABLE}: only a cluster knows who may do what");
        Err(ExecutionError::function_error("authorizer", message))
    })
}

/// `has(a.b)`; an empty optional has nothing, a full one has what its value has.
fn has<'b, 'v>(args: Vec<CowVal<'b, 'v>>) -> Result<CowVal<'b, 'v>, ExecutionError> {
    let (value, key) = two(args)?;
    let held = match value.downcast_ref::<CelOptional>() {
        Some(optional) => optional.option(),
        None => Some(value.as_ref()),
    };
    let found = match held {
        Some(held) => find(held, key.as_ref())?.is_some(),
        None => false,
    };
    Ok(CowVal::owned(CelBool::from(found)))
}

/// `a.?b` and `a[?b]`: an optional of what is there.
fn look<'b, 'v>(args: Vec<CowVal<'b, 'v>>) -> Result<CowVal<'b, 'v>, ExecutionError> {
    let (value, key) = two(args)?;
    let held = match value.downcast_ref::<CelOptional>() {
        Some(optional) => optional.option(),
        None => Some(value.as_ref()),
    };
    let found: Option<Box<dyn Val + 'v>> = match held {
        Some(held) => find(held, key.as_ref())?.map(CowVal::into_owned),
        None => None,
    };
    if found.is_some() {
        cost::charge(1)?;
    }
    Ok(CowVal::owned(found.map_or_else(CelOptional::none, CelOptional::of)))
}

/// A map literal with its keys in order.
fn ordered<'b, 'v>(args: Vec<CowVal<'b, 'v>>) -> Result<CowVal<'b, 'v>, ExecutionError> {
    let [literal] = args.as_slice() else {
        return Err(ExecutionError::invalid_argument_count(1, args.len()));
    };
    Value::detach(literal.as_ref())
        .map(|map| CowVal::Owned(map.into_val()))
        .ok_or_else(|| ExecutionError::function_error("map", "a value cannot be kept in a map"))
}

fn two<'b, 'v>(
    args: Vec<CowVal<'b, 'v>>,
) -> Result<(CowVal<'b, 'v>, CowVal<'b, 'v>), ExecutionError> {
    let given = args.len();
    <[CowVal<'b, 'v>; 2]>::try_from(args)
        .map(|[value, key]| (value, key))
        .map_err(|_| ExecutionError::invalid_argument_count(2, given))
}

/// What is at `key`, `None` where there is nothing or the value holds no fields at all.
fn find<'h, 'v>(
    held: &'h (dyn Val + 'v),
    key: &dyn Val,
) -> Result<Option<CowVal<'h, 'v>>, ExecutionError> {
    let Some(indexer) = held.as_indexer() else {
        return Ok(None);
    };
    if held.get_type().kind() == Kind::List && key.downcast_ref::<CelString>().is_some() {
        let message = "unsupported index type 'string' in list";
        return Err(ExecutionError::function_error("select", message));
    }
    match indexer.get(key) {
        Ok(found) => Ok(Some(found)),
        Err(ExecutionError::NoSuchKey(_) | ExecutionError::IndexOutOfBounds(_)) => Ok(None),
        Err(error) => Err(error),
    }
}
