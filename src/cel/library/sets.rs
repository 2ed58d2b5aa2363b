//! cel-go's `sets` library: `sets.contains`, `sets.equivalent`, `sets.intersects`.
//!
//! Elements are compared as `==` does, so `1`, `1u` and `1.0` are one element.

use cel::common::types::{CelBool, LIST_TYPE};
use cel::common::value::{CowVal, Val};
use cel::{DeclarationError, Env, ExecutionError};

use super::elements;

pub(super) fn extension(env: &mut Env) -> Result<(), DeclarationError> {
    let two_lists = || vec![LIST_TYPE, LIST_TYPE];
    env.add_overload("sets.contains", "list_sets_contains_list", two_lists(), |args| {
        over(&args, |all, some| holds(all, some))
    })?;
    env.add_overload("sets.equivalent", "list_sets_equivalent_list", two_lists(), |args| {
        over(&args, |one, other| holds(one, other) && holds(other, one))
    })?;
    env.add_overload("sets.intersects", "list_sets_intersects_list", two_lists(), |args| {
        over(&args, |one, other| one.iter().any(|element| has(other, *element)))
    })
}

fn over<'b, 'v>(
    args: &[CowVal<'b, 'v>],
    decide: impl Fn(&[&dyn Val], &[&dyn Val]) -> bool,
) -> Result<CowVal<'b, 'v>, ExecutionError> {
    let [one, other] = args else {
        return Err(ExecutionError::invalid_argument_count(2, args.len()));
    };
    let answer = decide(&elements(one.as_ref())?, &elements(other.as_ref())?);
    Ok(CowVal::owned(CelBool::from(answer)))
}

fn holds(all: &[&dyn Val], some: &[&dyn Val]) -> bool {
    some.iter().all(|element| has(all, *element))
}

fn has(all: &[&dyn Val], element: &dyn Val) -> bool {
    all.iter().any(|candidate| candidate.equals(element))
}
