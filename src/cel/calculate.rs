//! An expression by itself, outside any policy: names and their values in, a value out.
//!
//! The specification's tests need it, and whoever compares this evaluator with another one.

use std::collections::BTreeMap;
use std::sync::Arc;

use cel::Context;
use cel::common::value::CowVal;
use cel::context::VariableResolver;

use super::expression::{parse, undefined};
use super::library::ENVIRONMENT;
use super::lower;
use super::problem::{Failure, Problem};
use super::value::Value;

/// Why there is no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wrong {
    Written(Problem),
    Run(Failure),
}

/// The value of `text`, in which `names` stand for values and nothing else is defined.
pub fn calculate(text: &str, names: &BTreeMap<String, Value>) -> Result<Value, Wrong> {
    let program = parse(text).map_err(|mut problems| Wrong::Written(problems.swap_remove(0)))?;
    let roots: Vec<&str> = names.keys().map(String::as_str).collect();
    if let Some(problem) = undefined(&program, text, &roots).into_iter().next() {
        return Err(Wrong::Written(problem));
    }
    let mut tree = program.expression().clone();
    lower::lower(&mut tree);
    let resolver = Names(names);
    let mut context = Context::with_env(Arc::clone(&ENVIRONMENT));
    context.set_variable_resolver(&resolver);
    let found = cel::Value::resolve_val(&tree, &context)
        .map_err(|error| Wrong::Run(Failure::from(error)))?;
    Value::detach(found.as_ref())
        .ok_or_else(|| Wrong::Run(Failure::new("the expression has no value to keep")))
}

struct Names<'a>(&'a BTreeMap<String, Value>);

impl VariableResolver for Names<'_> {
    fn resolve<'b>(&'b self, name: &str) -> Option<CowVal<'b, 'b>> {
        Some(CowVal::Borrowed(self.0.get(name)?.as_val()))
    }
}
