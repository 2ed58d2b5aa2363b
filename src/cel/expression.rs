//! An expression, compiled once and shared by every thread.

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use cel::common::ast::{Expr, LiteralValue};
use cel::{Context, IdedExpr, Program};

use super::functions::{self, Style};
use super::library::{ENVIRONMENT, cost, regex};
use super::problem::{Failure, Problem, place};
use super::scope::Frame;
use super::value::Value;
use super::{lower, meter, tree};

/// The identifiers an expression may begin with.
pub(super) const ROOTS: [&str; 7] =
    ["authorizer", "namespaceObject", "object", "oldObject", "params", "request", "variables"];

/// The names of types, as in `type(x) == string`.
pub(super) const TYPES: [&str; 11] = [
    "bool",
    "bytes",
    "double",
    "int",
    "list",
    "map",
    "null_type",
    "optional_type",
    "string",
    "type",
    "uint",
];

/// The longest expression that the API server's own compiler takes, in characters.
const LONGEST: usize = 100_000;

/// How deeply the parts of an expression may lie in each other.
const DEEPEST: usize = 500;

/// What cannot nest too deeply for any stack, in bytes.
const SHORT: usize = 1_000;

/// The stack in which longer texts are parsed, in bytes; only what is used of it is taken.
const STACK_BYTES: usize = 512 << 20;

/// A compiled expression. Cloning shares it.
#[derive(Clone, Debug)]
pub struct Expression(Arc<Compiled>);

#[derive(Debug)]
struct Compiled {
    text: String,
    tree: IdedExpr,
    /// The tree as it was parsed, and what becomes of it where cost is counted.
    parsed: IdedExpr,
    metered: OnceLock<IdedExpr>,
    reads: BTreeSet<String>,
    constant: bool,
}

impl Expression {
    /// Compiles `text`; a function or identifier that does not exist is found here, as on the
    /// API server, and so is a literal that is no regular expression.
    ///
    /// Reports the first problem; `portable::check` tells all.
    pub fn compile(text: &str) -> Result<Expression, Problem> {
        let program = parse(text).map_err(|mut problems| problems.swap_remove(0))?;
        if let Some(problem) = undefined(&program, text, &ROOTS).into_iter().next() {
            return Err(problem);
        }
        let mut tree = program.expression().clone();
        let reads = reads(&tree);
        let constant = is_constant(&tree);
        lower::lower(&mut tree);
        let parsed = program.expression().clone();
        Ok(Expression(Arc::new(Compiled {
            text: text.to_owned(),
            tree,
            parsed,
            metered: OnceLock::new(),
            reads,
            constant,
        })))
    }

    pub fn text(&self) -> &str {
        &self.0.text
    }

    /// The names `x` of all `variables.x` it reads.
    pub fn reads(&self) -> &BTreeSet<String> {
        &self.0.reads
    }

    /// Whether it reads nothing, so that it has the same value for every request.
    pub(super) fn is_constant(&self) -> bool {
        self.0.constant
    }

    pub(super) fn evaluate(&self, frame: &Frame<'_>) -> Result<Value, Failure> {
        run(&self.0.tree, frame)
    }

    /// The value, and what it cost; beyond `limit` the evaluation is stopped.
    pub(super) fn evaluate_counted(
        &self,
        frame: &Frame<'_>,
        limit: u64,
    ) -> (Result<Value, Failure>, u64) {
        let tree = self.0.metered.get_or_init(|| {
            let mut tree = meter::meter(self.0.parsed.clone());
            lower::lower(&mut tree);
            tree
        });
        let (found, cost) = cost::counted(limit, || run(tree, frame));
        // an error beside an answer is forgotten, this one is not
        if cost > limit { (Err(Failure::new(cost::OVER)), cost) } else { (found, cost) }
    }
}

fn run(tree: &IdedExpr, frame: &Frame<'_>) -> Result<Value, Failure> {
    let mut context = Context::with_env(Arc::clone(&ENVIRONMENT));
    context.set_variable_resolver(frame);
    let found = cel::Value::resolve_val(tree, &context).map_err(Failure::from)?;
    Value::detach(found.as_ref()).ok_or_else(|| Failure::new("`variables` is no value by itself"))
}

/// Parses `text`; at least one problem where that fails.
///
/// What nests too deeply is refused before anything else looks at it: every walk of a tree, and
/// its evaluation, takes stack for each level.
pub(super) fn parse(text: &str) -> Result<Program, Vec<Problem>> {
    if text.chars().nth(LONGEST).is_some() {
        let message = format!("the expression is longer than {LONGEST} characters");
        return Err(vec![Problem::new(message, 0)]);
    }
    if text.len() <= SHORT {
        return parse_here(text);
    }
    // The parser takes stack for each level too, before it can be told how many there are.
    let parsed = std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK_BYTES);
        thread.spawn_scoped(scope, || parse_here(text)).ok()?.join().ok()
    });
    parsed.unwrap_or_else(|| {
        Err(vec![Problem::new("there is no memory left to read the expression in", 0)])
    })
}

fn parse_here(text: &str) -> Result<Program, Vec<Problem>> {
    let program = ENVIRONMENT.compile(text).map_err(|failed| {
        let mut problems: Vec<Problem> =
            failed.errors.iter().map(|error| Problem::from_parser(error, text)).collect();
        if problems.is_empty() {
            problems.push(Problem::new("the expression cannot be read", 0));
        }
        problems
    })?;
    if tree::nests_deeper_than(DEEPEST, program.expression()) {
        // Giving it back would take as much stack as walking it.
        std::mem::forget(program);
        let message = format!("the expression nests deeper than {DEEPEST} levels");
        return Err(vec![Problem::new(message, 0)]);
    }
    Ok(program)
}

/// Functions and identifiers that do not exist, and literals that are no regular expressions;
/// `roots` are the identifiers that do.
pub(super) fn undefined(program: &Program, text: &str, roots: &[&str]) -> Vec<Problem> {
    let mut problems = Vec::new();
    tree::walk(program.expression(), &mut |part, bound| {
        let at = place(program, part, text);
        match &part.expr {
            Expr::Ident(name) => {
                let known = tree::is_internal(name)
                    || bound.contains(&name.as_str())
                    || roots.contains(&name.as_str())
                    || TYPES.contains(&name.as_str());
                if !known {
                    problems.push(Problem::new(format!("`{name}` is not defined"), at));
                }
            }
            Expr::Struct(made) => {
                problems.push(Problem::new(
                    format!(
                        "`{}{{…}}` makes an object of a type, which only mutations may do",
                        made.type_name
                    ),
                    at,
                ));
            }
            Expr::Call(call) if !tree::is_operator(call) => {
                let (name, style) = tree::callee(call, bound);
                match functions::find(&name, style) {
                    None => problems.push(Problem::new(unknown(&name, style), at)),
                    Some(function) if !functions::takes(function, style, call.args.len()) => {
                        let message =
                            format!("`{name}` does not take {} arguments", call.args.len());
                        problems.push(Problem::new(message, at));
                    }
                    Some(_) => {}
                }
                if functions::takes_pattern(&call.func_name)
                    && let Some(argument) = pattern_of(&call.args, style)
                    && let Expr::Literal(LiteralValue::String(pattern)) = &argument.expr
                    && let Err(message) = regex::compile(pattern.inner())
                {
                    problems.push(Problem::new(message, place(program, argument, text)));
                }
            }
            _ => {}
        }
        true
    });
    problems
}

fn unknown(name: &str, style: Style) -> String {
    match style {
        Style::Global => format!("there is no function `{name}()`"),
        Style::Member => format!("there is no method `.{name}()`"),
    }
}

/// `x.matches(pattern)`, `x.findAll(pattern, n)`, `matches(x, pattern)`.
fn pattern_of(args: &[IdedExpr], style: Style) -> Option<&IdedExpr> {
    match style {
        Style::Member => args.first(),
        Style::Global => args.last(),
    }
}

/// The names of the variables that are read, `variables.x` and `variables.?x`.
pub(super) fn reads(expr: &IdedExpr) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    tree::walk(expr, &mut |part, _| {
        names.extend(tree::variable(part).map(str::to_owned));
        true
    });
    names
}

fn is_constant(expr: &IdedExpr) -> bool {
    let mut constant = true;
    tree::walk(expr, &mut |part, bound| {
        if let Expr::Ident(name) = &part.expr {
            constant &= !ROOTS.contains(&name.as_str()) || bound.contains(&name.as_str());
        }
        constant
    });
    constant
}
