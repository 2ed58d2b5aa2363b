//! What macros with two variables are made of, and `cel.bind`.
//!
//! `m.all(k, v, p)` is parsed as cel-go parses it, into a comprehension with two variables, so
//! that whoever looks at the tree sees both names. Crate `cel` runs only one variable: `lower`
//! turns such a comprehension into one over [`ENTRIES`], a list of pairs, and `k` and `v` into
//! [`FIRST`] and [`SECOND`] of a pair.

use std::collections::HashMap;

use cel::common::ast::{CallExpr, ComprehensionExpr, Expr, ListExpr, LiteralValue, operators};
use cel::common::types::{CelInt, CelList, CelMap, CelMapKey, DYN_TYPE};
use cel::common::value::{CowVal, Val};
use cel::parser::{Macro, MacroExprHelper, ParseError};
use cel::{DeclarationError, Env, ExecutionError, IdedExpr};

use super::elements;

pub(in super::super) const ENTRIES: &str = "@entries";
pub(in super::super) const FIRST: &str = "@first";
pub(in super::super) const SECOND: &str = "@second";
/// `@insert(map, key, value)` and `@insert(map, entry)`, as macros write it.
pub(in super::super) const INSERT: &str = "@insert";
/// What the above becomes: one map of many, a key at most once.
pub(in super::super) const JOIN: &str = "@join";

/// The variable nothing uses of the comprehension that `cel.bind` becomes.
pub(in super::super) const BIND: &str = "#bind";

const RESULT: &str = "@result";

pub(super) fn extension(env: &mut Env) -> Result<(), DeclarationError> {
    env.add_overload(ENTRIES, "entries", vec![DYN_TYPE], entries)?;
    env.add_overload(FIRST, "first_of_pair", vec![DYN_TYPE], |args| of_pair(args, 0))?;
    env.add_overload(SECOND, "second_of_pair", vec![DYN_TYPE], |args| of_pair(args, 1))?;
    env.add_overload(JOIN, "join_maps", vec![DYN_TYPE], join)?;
    for name in ["all", "exists", "existsOne", "exists_one", "transformList", "transformMap"] {
        env.add_macro(Macro::receiver(name, 3, move |helper, target, args| {
            expand(name, helper, target, args)
        }))?;
    }
    for name in ["transformList", "transformMap", "transformMapEntry"] {
        env.add_macro(Macro::receiver(name, 4, move |helper, target, args| {
            expand(name, helper, target, args)
        }))?;
    }
    env.add_macro(Macro::receiver("transformMapEntry", 3, |helper, target, args| {
        expand("transformMapEntry", helper, target, args)
    }))?;
    env.add_macro(Macro::receiver("bind", 3, bind))
}

/// `[[key, value] …]` of a map, `[[index, element] …]` of a list.
fn entries<'b, 'v>(args: Vec<CowVal<'b, 'v>>) -> Result<CowVal<'b, 'v>, ExecutionError> {
    let [range] = args.as_slice() else {
        return Err(ExecutionError::invalid_argument_count(1, args.len()));
    };
    let all = elements(range.as_ref())?;
    let is_map = range.as_indexer().filter(|_| range.get_type().name() == "map");
    let mut pairs: Vec<Box<dyn Val + 'v>> = Vec::with_capacity(all.len());
    for (index, element) in all.into_iter().enumerate() {
        let element = element.clone_as_boxed();
        let pair = match is_map {
            Some(map) => {
                let value = map.get(element.as_ref())?.into_owned();
                vec![element, value]
            }
            None => vec![Box::new(CelInt::from(index as i64)) as Box<dyn Val + 'v>, element],
        };
        pairs.push(Box::new(CelList::from(pair)));
    }
    Ok(CowVal::owned(CelList::from(pairs)))
}

fn of_pair<'b, 'v>(args: Vec<CowVal<'b, 'v>>, at: usize) -> Result<CowVal<'b, 'v>, ExecutionError> {
    let pair = args.first().ok_or_else(|| ExecutionError::invalid_argument_count(1, 0))?;
    let held = elements(pair.as_ref())?.get(at).map(|one| one.clone_as_boxed());
    held.map(CowVal::Owned).ok_or_else(|| ExecutionError::function_error("pair", "is no pair"))
}

fn join<'b, 'v>(args: Vec<CowVal<'b, 'v>>) -> Result<CowVal<'b, 'v>, ExecutionError> {
    let [maps] = args.as_slice() else {
        return Err(ExecutionError::invalid_argument_count(1, args.len()));
    };
    let mut joined: HashMap<CelMapKey<'v>, Box<dyn Val + 'v>> = HashMap::new();
    for map in elements(maps.as_ref())? {
        let values = map
            .as_indexer()
            .ok_or_else(|| ExecutionError::function_error("transformMapEntry", "not a map"))?;
        for key in elements(map)? {
            let value = values.get(key)?.into_owned();
            let key: CelMapKey<'v> = CowVal::Owned(key.clone_as_boxed()).try_into()?;
            if joined.insert(key, value).is_some() {
                let message = "insert failed: key already exists";
                return Err(ExecutionError::function_error("transformMapEntry", message));
            }
        }
    }
    Ok(CowVal::owned(CelMap::from(joined)))
}

fn expand(
    name: &str,
    helper: &mut MacroExprHelper<'_>,
    target: &mut Option<IdedExpr>,
    args: &mut Vec<IdedExpr>,
) -> Result<Option<IdedExpr>, ParseError> {
    let key = variable(helper, &args[0])?;
    let value = variable(helper, &args[1])?;
    if key == value {
        return Err(helper.new_error(args[1].id, "duplicate iteration variable"));
    }
    let (Some(range), Some(body)) = (target.take(), args.pop()) else {
        return Ok(None);
    };
    let filter = if args.len() == 3 { args.pop() } else { None };
    let mut make = Maker(helper);
    let (init, condition, step, result) = match name {
        "all" => {
            let result = make.result();
            let condition = make.call(operators::NOT_STRICTLY_FALSE, vec![result]);
            let result = make.result();
            let step = make.call(operators::LOGICAL_AND, vec![result, body]);
            (make.truth(true), condition, step, make.result())
        }
        "exists" => {
            let result = make.result();
            let not = make.call(operators::LOGICAL_NOT, vec![result]);
            let condition = make.call(operators::NOT_STRICTLY_FALSE, vec![not]);
            let result = make.result();
            let step = make.call(operators::LOGICAL_OR, vec![result, body]);
            (make.truth(false), condition, step, make.result())
        }
        "existsOne" | "exists_one" => {
            let (result, one) = (make.result(), make.integer(1));
            let more = make.call(operators::ADD, vec![result, one]);
            let result = make.result();
            let step = make.call(operators::CONDITIONAL, vec![body, more, result]);
            let (result, one) = (make.result(), make.integer(1));
            let answer = make.call(operators::EQUALS, vec![result, one]);
            (make.integer(0), make.truth(true), step, answer)
        }
        "transformList" => {
            let result = make.result();
            let element = make.list(vec![body]);
            let step = make.call(operators::ADD, vec![result, element]);
            let step = make.filtered(filter, step);
            (make.list(Vec::new()), make.truth(true), step, make.result())
        }
        _ => {
            let result = make.result();
            let step = if name == "transformMap" {
                let key = make.node(Expr::Ident(key.clone()));
                make.call(INSERT, vec![result, key, body])
            } else {
                make.call(INSERT, vec![result, body])
            };
            let step = make.filtered(filter, step);
            let init = make.node(Expr::Map(cel::common::ast::MapExpr { entries: Vec::new() }));
            (init, make.truth(true), step, make.result())
        }
    };
    Ok(Some(make.node(Expr::Comprehension(Box::new(ComprehensionExpr {
        iter_range: range,
        iter_var: key,
        iter_var2: Some(value),
        accu_var: RESULT.to_owned(),
        accu_init: init,
        loop_cond: condition,
        loop_step: step,
        result,
    })))))
}

fn variable(helper: &MacroExprHelper<'_>, arg: &IdedExpr) -> Result<String, ParseError> {
    match &arg.expr {
        Expr::Ident(name) if !name.starts_with('@') => Ok(name.clone()),
        _ => Err(helper.new_error(arg.id, "argument must be a simple name")),
    }
}

/// `cel.bind(name, value, body)`.
fn bind(
    helper: &mut MacroExprHelper<'_>,
    target: &mut Option<IdedExpr>,
    args: &mut Vec<IdedExpr>,
) -> Result<Option<IdedExpr>, ParseError> {
    if !matches!(target.as_ref().map(|one| &one.expr), Some(Expr::Ident(name)) if name == "cel") {
        return Ok(None);
    }
    let name = variable(helper, &args[0])?;
    let (Some(body), Some(value)) = (args.pop(), args.pop()) else {
        return Ok(None);
    };
    target.take();
    let mut make = Maker(helper);
    let step = make.node(Expr::Ident(name.clone()));
    let (range, condition) = (make.list(Vec::new()), make.truth(false));
    Ok(Some(make.node(Expr::Comprehension(Box::new(ComprehensionExpr {
        iter_range: range,
        iter_var: BIND.to_owned(),
        iter_var2: None,
        accu_var: name,
        accu_init: value,
        loop_cond: condition,
        loop_step: step,
        result: body,
    })))))
}

/// Makes parts of an expression that nobody wrote.
struct Maker<'h, 'p>(&'h mut MacroExprHelper<'p>);

impl Maker<'_, '_> {
    fn node(&mut self, expr: Expr) -> IdedExpr {
        self.0.next_expr(expr)
    }

    fn call(&mut self, name: &str, args: Vec<IdedExpr>) -> IdedExpr {
        self.node(Expr::Call(CallExpr { func_name: name.to_owned(), target: None, args }))
    }

    fn result(&mut self) -> IdedExpr {
        self.node(Expr::Ident(RESULT.to_owned()))
    }

    fn truth(&mut self, truth: bool) -> IdedExpr {
        self.node(Expr::Literal(LiteralValue::Boolean(truth.into())))
    }

    fn integer(&mut self, integer: i64) -> IdedExpr {
        self.node(Expr::Literal(LiteralValue::Int(integer.into())))
    }

    fn list(&mut self, elements: Vec<IdedExpr>) -> IdedExpr {
        self.node(Expr::List(ListExpr::new(elements)))
    }

    fn filtered(&mut self, filter: Option<IdedExpr>, step: IdedExpr) -> IdedExpr {
        match filter {
            Some(filter) => {
                let result = self.result();
                self.call(operators::CONDITIONAL, vec![filter, step, result])
            }
            None => step,
        }
    }
}
