//! Kubernetes' list library: `indexOf`, `lastIndexOf`, `isSorted`, `sum`, `min`, `max`, `includes`;
//! and what optionals added to lists: `first`, `last`, `unwrapOpt`.

use std::cmp::Ordering;

use cel::common::types::{CelBool, CelInt, CelList, CelOptional, DYN_TYPE, Kind, LIST_TYPE};
use cel::common::value::{CowVal, Val};
use cel::{DeclarationError, Env, ExecutionError};

use super::elements;

pub(super) fn extension(env: &mut Env) -> Result<(), DeclarationError> {
    env.add_member_overload("indexOf", "list_index_of", LIST_TYPE, vec![DYN_TYPE], |args| {
        let found = elements(args[0].as_ref())?.iter().position(|e| e.equals(args[1].as_ref()));
        Ok(index(found))
    })?;
    env.add_member_overload(
        "lastIndexOf",
        "list_last_index_of",
        LIST_TYPE,
        vec![DYN_TYPE],
        |args| {
            let found =
                elements(args[0].as_ref())?.iter().rposition(|e| e.equals(args[1].as_ref()));
            Ok(index(found))
        },
    )?;
    env.add_member_overload("isSorted", "list_is_sorted", LIST_TYPE, vec![], |args| {
        for pair in elements(args[0].as_ref())?.windows(2) {
            if compare("isSorted", pair[0], pair[1])? == Ordering::Greater {
                return Ok(CowVal::owned(CelBool::from(false)));
            }
        }
        Ok(CowVal::owned(CelBool::from(true)))
    })?;
    env.add_member_overload("sum", "list_sum", LIST_TYPE, vec![], |args| sum(&args))?;
    env.add_member_overload("min", "list_min", LIST_TYPE, vec![], |args| {
        extreme("min", &args, Ordering::Less)
    })?;
    env.add_member_overload("max", "list_max", LIST_TYPE, vec![], |args| {
        extreme("max", &args, Ordering::Greater)
    })?;
    env.add_member_overload("includes", "list_includes", DYN_TYPE, vec![DYN_TYPE], |args| {
        let (one, other) = (args[0].as_ref(), args[1].as_ref());
        let found = match one.get_type().kind() {
            Kind::List => elements(one)?.iter().any(|element| element.equals(other)),
            _ => one.equals(other),
        };
        Ok(CowVal::owned(CelBool::from(found)))
    })?;
    env.add_member_overload("first", "list_first", LIST_TYPE, vec![], |args| {
        Ok(optional(elements(args[0].as_ref())?.first()))
    })?;
    env.add_member_overload("last", "list_last", LIST_TYPE, vec![], |args| {
        Ok(optional(elements(args[0].as_ref())?.last()))
    })?;
    env.add_member_overload("unwrapOpt", "list_unwrap_opt", LIST_TYPE, vec![], |args| {
        unwrap(&args)
    })?;
    env.add_overload("optional.unwrap", "optional_unwrap", vec![LIST_TYPE], |args| unwrap(&args))
}

fn optional<'b, 'v>(element: Option<&&(dyn Val + 'v)>) -> CowVal<'b, 'v> {
    CowVal::owned(match element {
        Some(element) => CelOptional::of(element.clone_as_boxed()),
        None => CelOptional::none(),
    })
}

/// What the optionals of a list hold.
fn unwrap<'b, 'v>(args: &[CowVal<'b, 'v>]) -> Result<CowVal<'b, 'v>, ExecutionError> {
    let mut held: Vec<Box<dyn Val + 'v>> = Vec::new();
    for element in elements(args[0].as_ref())? {
        let optional = element.downcast_ref::<CelOptional>().ok_or_else(|| {
            ExecutionError::function_error("unwrapOpt", "an element is no optional")
        })?;
        held.extend(optional.option().map(|one| one.clone_as_boxed()));
    }
    Ok(CowVal::owned(CelList::from(held)))
}

fn index<'b, 'v>(found: Option<usize>) -> CowVal<'b, 'v> {
    let index = found.and_then(|index| i64::try_from(index).ok()).unwrap_or(-1);
    CowVal::owned(CelInt::from(index))
}

/// The sum of the elements; 0 for an empty list.
///
/// The API server knows the type of an empty list from the expression and gives `0.0`, `0u` or no
/// duration. The first two equal 0; an empty list of durations is a failure here when its sum is
/// compared with a duration.
fn sum<'b, 'v>(args: &[CowVal<'b, 'v>]) -> Result<CowVal<'b, 'v>, ExecutionError> {
    let mut total: Option<Box<dyn Val + 'v>> = None;
    for element in elements(args[0].as_ref())? {
        total = Some(match total {
            None => element.clone_as_boxed(),
            Some(total) => {
                let adder = total.as_adder().ok_or_else(|| {
                    ExecutionError::function_error("sum", "the elements cannot be added")
                })?;
                adder.add(element)?.into_owned()
            }
        });
    }
    Ok(CowVal::Owned(total.unwrap_or_else(|| Box::new(CelInt::from(0)))))
}

fn extreme<'b, 'v>(
    function: &str,
    args: &[CowVal<'b, 'v>],
    wanted: Ordering,
) -> Result<CowVal<'b, 'v>, ExecutionError> {
    let all = elements(args[0].as_ref())?;
    let (mut best, rest) = match all.split_first() {
        Some((first, rest)) => (*first, rest),
        None => return Err(ExecutionError::function_error(function, "called on an empty list")),
    };
    for element in rest {
        if compare(function, *element, best)? == wanted {
            best = *element;
        }
    }
    Ok(CowVal::Owned(best.clone_as_boxed()))
}

fn compare(function: &str, one: &dyn Val, other: &dyn Val) -> Result<Ordering, ExecutionError> {
    one.as_comparer()
        .ok_or_else(|| ExecutionError::function_error(function, "the elements have no order"))?
        .compare(other)
}
