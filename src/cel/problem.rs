//! What can be wrong with an expression: when it is written ([`Problem`]) and when it runs
//! ([`Failure`]).

use std::fmt;

use cel::common::ast::Expr;
use cel::{ExecutionError, IdedExpr, ParseError, Program};

use super::library::cost::OVER;
use super::library::fields::NOT_EVALUABLE;

/// How the API server says that a whole policy has cost too much.
pub(super) const OUT: &str = "validation failed due to running out of cost budget";

/// Something wrong with the text of an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// A sentence without its full stop.
    pub message: String,
    /// The byte of the text it is about; the text's length where its end is.
    pub offset: usize,
}

impl Problem {
    pub(super) fn new(message: impl Into<String>, offset: usize) -> Problem {
        Problem { message: message.into(), offset }
    }

    /// From the parser, which counts lines and columns from 1, columns in characters.
    pub(super) fn from_parser(error: &ParseError, text: &str) -> Problem {
        let (line, column) = error.pos;
        let skipped = usize::try_from(line.saturating_sub(1)).unwrap_or_default();
        let start: usize = text.split_inclusive('\n').take(skipped).map(str::len).sum();
        let column = usize::try_from(column.saturating_sub(1)).unwrap_or_default();
        let offset =
            text[start..].char_indices().nth(column).map_or(text.len(), |(at, _)| start + at);
        // What stops the parser itself is told as the value it stopped with.
        let message = if error.msg.contains("Recursion limit") {
            "the expression nests deeper than its parser goes"
        } else {
            error.msg.trim_start_matches("Syntax error: ")
        };
        Problem::new(message, offset)
    }

    /// Line and column, both from 1, the column in characters.
    pub fn line_and_column(&self, text: &str) -> (usize, usize) {
        let before = &text[..text.floor_char_boundary(self.offset)];
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        (before.matches('\n').count() + 1, before[start..].chars().count() + 1)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.message)
    }
}

impl std::error::Error for Problem {}

/// The byte at which a part of the expression begins; of a call, its name.
pub(super) fn place(program: &Program, part: &IdedExpr, text: &str) -> usize {
    let start = program.source_info().offset_for(part.id).map_or(0, |(start, _)| start);
    let start = text.floor_char_boundary(usize::try_from(start).unwrap_or(text.len()));
    match &part.expr {
        // the parser's own place is the parenthesis
        Expr::Call(call) if text[..start].ends_with(&call.func_name) => {
            start - call.func_name.len()
        }
        _ => start,
    }
}

/// Why an expression has no value for a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    pub message: String,
}

impl Failure {
    /// Whether it says nothing about the object, because something is asked that only a cluster
    /// knows. It is never a pass, whatever a policy says about failures.
    pub fn is_not_evaluable(&self) -> bool {
        self.message.contains(NOT_EVALUABLE)
    }

    /// Whether the expression cost more than its target lets it.
    pub fn is_over_budget(&self) -> bool {
        self.message.contains(OVER) || self.message.contains(OUT)
    }

    pub(super) fn new(message: impl Into<String>) -> Failure {
        Failure { message: message.into() }
    }
}

impl From<ExecutionError> for Failure {
    fn from(error: ExecutionError) -> Failure {
        Failure::new(match error {
            ExecutionError::FunctionError { function, message } => format!("{function}: {message}"),
            ExecutionError::NoSuchKey(key) => format!("no such key: {key}"),
            ExecutionError::UndeclaredReference(name) => format!("`{name}` is not defined"),
            ExecutionError::UnexpectedType { got, want } => {
                bounded(&format!("{got} where {want} is needed"))
            }
            ExecutionError::NoSuchOverload(call) => call.to_string(),
            ExecutionError::IndexOutOfBounds(index) => match index {
                cel::Value::Int(index) => format!("index out of bounds: {index}"),
                index => format!("index out of bounds: {}", index.type_of()),
            },
            ExecutionError::UnsupportedBinaryOperator(operator, one, other) => {
                let (one, other) = (one.type_of(), other.type_of());
                format!("no such overload: `{operator}` of {one} and {other}")
            }
            ExecutionError::ValuesNotComparable(one, other) => {
                format!("{} cannot be compared with {}", one.type_of(), other.type_of())
            }
            ExecutionError::UnsupportedIndex(index, of) => {
                format!("{} has no {} for an index", of.type_of(), index.type_of())
            }
            ExecutionError::UnsupportedTargetType { target } => {
                format!("no such overload for {}", target.type_of())
            }
            ExecutionError::NotSupportedAsMethod { method, target } => {
                format!("{} has no method `{method}`", target.type_of())
            }
            ExecutionError::UnsupportedKeyType(key) => {
                format!("{} cannot be a key of a map", key.type_of())
            }
            ExecutionError::DivisionByZero(_) => "Division by zero".to_owned(),
            ExecutionError::RemainderByZero(_) => "Remainder by zero".to_owned(),
            ExecutionError::Overflow(operator, ..) => format!("Overflow of `{operator}`"),
            ExecutionError::DuplicateKey(key) => {
                format!("Failed with repeated key: {}", key.type_of())
            }
            other => bounded(&other.to_string()),
        })
    }
}

/// Whatever else the interpreter says, no value of an object fills the screen with it.
fn bounded(message: &str) -> String {
    const LONGEST: usize = 300;
    match message.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", &message[..at]),
        None => message.to_owned(),
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}
