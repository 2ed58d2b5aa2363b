//! What an expression can see while it runs: the request, and the variables of its policy.
//!
//! A policy's [`Definitions`] are compiled once; a request's [`Input`] is converted once; a
//! [`Scope`] joins the two for one judgement. In a scope a variable is evaluated when it is first
//! read and never again, so what no validation reads costs nothing and cannot fail. A variable
//! that fails, fails whatever reads it: `has(variables.x)` is an error then, not `false`.

use std::collections::BTreeMap;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use cel::ExecutionError;
use cel::common::traits::Indexer;
use cel::common::types::{CelString, MAP_TYPE, Type};
use cel::common::value::{CowVal, Val};
use cel::context::VariableResolver;

use super::dialect::Dialect;
use super::expression::Expression;
use super::problem::{Failure, OUT, Problem};
use super::value::Value;

/// What belongs to one request, converted once and shared by every policy that judges it.
#[derive(Clone, Debug)]
pub struct Input {
    pub object: Value,
    pub old_object: Value,
    pub request: Value,
    pub namespace_object: Value,
}

impl Input {
    /// Nothing at all, which is what constants are evaluated with.
    pub fn empty() -> Input {
        let null = Value::null;
        Input { object: null(), old_object: null(), request: null(), namespace_object: null() }
    }
}

/// What belongs to one policy: its parameters and its variables, in order.
#[derive(Clone, Debug, Default)]
pub struct Definitions {
    params: Option<Value>,
    places: BTreeMap<String, usize>,
    variables: Vec<Variable>,
}

#[derive(Clone, Debug)]
struct Variable {
    name: String,
    held: Held,
}

#[derive(Clone, Debug)]
enum Held {
    /// Known before any request, with the text it comes from.
    Constant(Value, Option<Expression>),
    Computed(Expression),
}

impl Definitions {
    pub fn new() -> Definitions {
        Definitions::default()
    }

    /// Sets what the identifier `params` stands for; null without.
    pub fn set_params(&mut self, params: Value) {
        self.params = Some(params);
    }

    /// Adds a variable whose value is known.
    pub fn constant(&mut self, name: &str, value: Value) -> Result<(), Problem> {
        self.add(name, Held::Constant(value, None))
    }

    /// Adds a variable. It may read the ones before it, and only those: hence no cycles.
    pub fn define(&mut self, name: &str, expression: Expression) -> Result<(), Problem> {
        self.check_reads(&expression)?;
        if expression.is_constant() {
            let input = Input::empty();
            let found = Scope::new(&input, &Definitions::new()).evaluate(&expression);
            if let Ok(value) = found {
                return self.add(name, Held::Constant(value, Some(expression)));
            }
        }
        self.add(name, Held::Computed(expression))
    }

    /// Whether every variable the expression reads is defined.
    pub fn check_reads(&self, expression: &Expression) -> Result<(), Problem> {
        match expression.reads().iter().find(|name| !self.places.contains_key(*name)) {
            None => Ok(()),
            Some(name) => {
                let offset = expression.text().find(name.as_str()).unwrap_or_default();
                Err(Problem::new(format!("`variables.{name}` is not defined here"), offset))
            }
        }
    }

    fn add(&mut self, name: &str, held: Held) -> Result<(), Problem> {
        if self.places.insert(name.to_owned(), self.variables.len()).is_some() {
            return Err(Problem::new(format!("`variables.{name}` is defined twice"), 0));
        }
        self.variables.push(Variable { name: name.to_owned(), held });
        Ok(())
    }
}

/// One policy looking at one request.
#[derive(Debug)]
pub struct Scope<'a> {
    input: &'a Input,
    definitions: &'a Definitions,
    values: Vec<OnceLock<Result<Value, Failure>>>,
    meter: Option<Meter>,
}

/// What expressions may cost, and what they have cost so far.
#[derive(Debug)]
struct Meter {
    expression_limit: u64,
    policy_limit: u64,
    spent: AtomicU64,
}

impl<'a> Scope<'a> {
    /// A scope in which cost is counted, and limited as on a target.
    pub fn metered(input: &'a Input, definitions: &'a Definitions, dialect: &Dialect) -> Scope<'a> {
        let meter = Meter {
            expression_limit: dialect.expression_limit.unwrap_or(u64::MAX),
            policy_limit: dialect.policy_limit.unwrap_or(u64::MAX),
            spent: AtomicU64::new(0),
        };
        Scope { meter: Some(meter), ..Scope::new(input, definitions) }
    }

    /// What has been spent so far; nothing where it is not counted.
    pub fn spent(&self) -> u64 {
        self.meter.as_ref().map_or(0, |meter| meter.spent.load(Ordering::Relaxed))
    }

    pub fn new(input: &'a Input, definitions: &'a Definitions) -> Scope<'a> {
        let values = definitions.variables.iter().map(|_| OnceLock::new()).collect();
        Scope { input, definitions, values, meter: None }
    }

    /// Evaluates an expression that may read every variable.
    pub fn evaluate(&self, expression: &Expression) -> Result<Value, Failure> {
        self.run(expression, self.values.len())
    }

    fn run(&self, expression: &Expression, visible: usize) -> Result<Value, Failure> {
        let frame = Frame::new(self, visible);
        let Some(meter) = &self.meter else {
            return expression.evaluate(&frame);
        };
        let (found, cost) = expression.evaluate_counted(&frame, meter.expression_limit);
        let before = meter.spent.fetch_add(cost, Ordering::Relaxed);
        if before.saturating_add(cost) > meter.policy_limit {
            return Err(Failure::new(format!("{OUT}, no further validation rules will be run")));
        }
        found
    }

    /// The value of the variable at `place`, evaluated at most once; it sees those before it.
    fn variable(&self, place: usize) -> Result<&Value, Failure> {
        let variable = &self.definitions.variables[place];
        let expression = match &variable.held {
            Held::Constant(_, Some(expression)) if self.meter.is_some() => expression,
            Held::Constant(value, _) => return Ok(value),
            Held::Computed(expression) => expression,
        };
        let value = self.values[place].get_or_init(|| self.run(expression, place));
        value.as_ref().map_err(Clone::clone)
    }
}

/// What one expression sees of a scope: everything, and the first `visible` variables.
pub(super) struct Frame<'a> {
    scope: &'a Scope<'a>,
    variables: Variables<'a>,
}

impl<'a> Frame<'a> {
    fn new(scope: &'a Scope<'a>, visible: usize) -> Frame<'a> {
        Frame { scope, variables: Variables { scope, visible } }
    }
}

impl VariableResolver for Frame<'_> {
    fn resolve<'b>(&'b self, name: &str) -> Option<CowVal<'b, 'b>> {
        let input = self.scope.input;
        let value = match name {
            "variables" => return Some(CowVal::Borrowed(&self.variables)),
            "object" => &input.object,
            "oldObject" => &input.old_object,
            "request" => &input.request,
            "namespaceObject" => &input.namespace_object,
            "params" => match &self.scope.definitions.params {
                Some(params) => params,
                None => return Some(CowVal::owned(cel::common::types::CelNull)),
            },
            _ => return None,
        };
        Some(CowVal::Borrowed(value.as_val()))
    }
}

/// The identifier `variables`: fields that are evaluated when they are read.
#[derive(Clone, Copy, Debug)]
struct Variables<'a> {
    scope: &'a Scope<'a>,
    visible: usize,
}

impl Val for Variables<'_> {
    fn get_type(&self) -> &Type {
        &MAP_TYPE
    }

    fn cel_type() -> &'static Type {
        &MAP_TYPE
    }

    fn as_indexer<'b, 'v>(&'b self) -> Option<&'b (dyn Indexer + 'v)>
    where
        Self: 'v,
    {
        Some(self)
    }

    fn clone_as_boxed<'v>(&self) -> Box<dyn Val + 'v>
    where
        Self: 'v,
    {
        Box::new(*self)
    }
}

impl Indexer for Variables<'_> {
    fn get<'b, 'v>(&'b self, index: &dyn Val) -> Result<CowVal<'b, 'v>, ExecutionError>
    where
        Self: 'v,
    {
        let name = index.downcast_ref::<CelString>().map_or("", CelString::inner);
        let place = self.scope.definitions.places.get(name).filter(|place| **place < self.visible);
        let Some(place) = place else {
            return Err(ExecutionError::undeclared_reference(&format!("variables.{name}")));
        };
        match self.scope.variable(*place) {
            Ok(value) => Ok(CowVal::Borrowed(value.as_val())),
            Err(failure) => {
                let name = &self.scope.definitions.variables[*place].name;
                // of a kind that `has()` does not take for an absent field
                Err(ExecutionError::function_error(&format!("variables.{name}"), failure.message))
            }
        }
    }

    fn steal<'v>(self: Box<Self>, index: &dyn Val) -> Result<Box<dyn Val + 'v>, ExecutionError>
    where
        Self: 'v,
    {
        self.get(index).map(CowVal::into_owned)
    }
}
