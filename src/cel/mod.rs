//! The Common Expression Language as the API server evaluates it.
//!
//! Every verdict of Ordinance is one of this module: the text that an engine will be given is
//! compiled and run here. It is a layer over crate `cel`, which parses and interprets; what it
//! adds is Kubernetes' function libraries, what each target has of them (`Dialect`), a checker of types, variables that are evaluated on demand, values that are
//! cheap to share, names that are checked when an expression is compiled, and cel-go's answer
//! wherever the crate has another one (`lower.rs` and `library/` say where).
//!
//! ```text
//! Expression::compile(text) ─┐
//!                            ├─ Definitions ─┐
//! Value::from_json(params) ──┘   (a policy)  ├─ Scope::new ─ evaluate(&Expression) ─ Value
//! Value::from_json(object) ───── Input ──────┘
//!                               (a request)
//! ```
//!
//! It knows neither policies nor engines: `admission` does. Nothing here reads a clock, a file or
//! the environment. The same text and the same input have the same value in every run.
//!
//! # Known differences from the API server
//!
//! - `string(1000000.0)` writes a double out in full where Go's `%g` writes `1e+06`: so from a million on, below
//!   a ten-thousandth, and for infinity (`+Inf`).
//! - `cel.bind(x, …)` evaluates its value even where `x` is not read; an error of it is then an error.
//! - Complaints of named formats have our own words.
//! - Of regular expressions, `\C` and octal escapes are refused, and `\B` knows all of Unicode.
//! - Names in backticks (`a.`b-c``, which Kubernetes takes from 1.37 on) are refused.
//! - `authorizer` has no value here ([`Failure::is_not_evaluable`]).

mod calculate;
mod checker;
mod dialect;
mod expression;
mod functions;
mod inference;
mod library;
mod lower;
mod meter;
mod operators;
pub mod portable;
mod problem;
mod scope;
mod shared;
mod tree;
mod types;
mod unify;
mod value;

pub use calculate::{Wrong, calculate};
pub use checker::{Checker, check};
pub use dialect::Dialect;
pub use expression::Expression;
pub use library::quantity_order;
pub use library::regex::pattern;
pub use problem::{Failure, Problem};
pub use scope::{Definitions, Input, Scope};
pub use types::Type;
pub use value::Value;

#[cfg(test)]
mod tests;
