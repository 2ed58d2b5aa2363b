//! The type of one expression, inferred from the inside out as cel-go infers it.
//!
//! What is wrong is collected and not fatal: of what has no type of its own, everything fits.

use cel::common::ast::{EntryExpr, Expr, IdedEntryExpr, LiteralValue, operators};
use cel::{IdedExpr, Program};

use super::checker::Checker;
use super::expression::TYPES;
use super::functions::{self, Style};
use super::library::entries::BIND;
use super::library::regex;
use super::problem::{Problem, place};
use super::types::Type;
use super::unify::Unknowns;
use super::{operators as signatures, tree};

/// The type of an expression, and all that is wrong with the types in it.
pub fn infer(checker: &Checker<'_>, program: &Program, text: &str) -> (Type, Vec<Problem>) {
    let mut inference = Inference {
        checker,
        program,
        text,
        bound: Vec::new(),
        unknowns: Unknowns::default(),
        literals: Vec::new(),
        problems: Vec::new(),
    };
    let found = inference.infer(program.expression());
    inference.literals();
    (inference.unknowns.settled(&found), inference.problems)
}

struct Inference<'a> {
    checker: &'a Checker<'a>,
    program: &'a Program,
    text: &'a str,
    bound: Vec<(&'a str, Type)>,
    unknowns: Unknowns,
    /// Literals of several values, to be looked at once all types are known.
    literals: Vec<(&'a IdedExpr, &'static str, Vec<Type>)>,
    problems: Vec<Problem>,
}

impl<'a> Inference<'a> {
    fn problem(&mut self, at: &IdedExpr, message: String) {
        self.problems.push(Problem::new(message, place(self.program, at, self.text)));
    }

    fn infer(&mut self, expr: &'a IdedExpr) -> Type {
        match &expr.expr {
            Expr::Literal(literal) => of_literal(literal),
            Expr::Ident(name) => self.ident(name),
            Expr::Select(select) => {
                let operand = self.infer(&select.operand);
                if tree::ident(&select.operand) == Some("variables") && !self.is_bound("variables")
                {
                    let found = self.variable(expr, &select.field);
                    return if select.test { Type::Bool } else { found };
                }
                let found = self.field(expr, &operand, &select.field);
                if select.test { Type::Bool } else { found }
            }
            Expr::List(list) => {
                let mut elements = Vec::with_capacity(list.elements.len());
                for (at, element) in list.elements.iter().enumerate() {
                    let found = self.infer(element);
                    let optional = list.optional_indices.contains(&at);
                    elements.push(self.held(element, found, optional));
                }
                let all = self.joined(&elements);
                self.literals.push((expr, "list", elements));
                Type::list(all)
            }
            Expr::Map(map) => self.map(expr, &map.entries),
            Expr::Comprehension(_) => self.comprehension(expr),
            Expr::Call(_) => self.call(expr),
            Expr::Struct(_) | Expr::Unspecified => Type::Dyn,
        }
    }

    fn is_bound(&self, name: &str) -> bool {
        self.bound.iter().any(|(bound, _)| *bound == name)
    }

    fn ident(&mut self, name: &str) -> Type {
        if let Some((_, found)) = self.bound.iter().rev().find(|(bound, _)| *bound == name) {
            return found.clone();
        }
        if let Some(found) = self.checker.roots.get(name) {
            return found.clone();
        }
        if TYPES.contains(&name) {
            let named = match name {
                "list" => Type::list(Type::Dyn),
                "map" => Type::map(Type::Dyn, Type::Dyn),
                "null_type" => Type::Null,
                "optional_type" => Type::optional(Type::Dyn),
                "type" => Type::Of(Box::new(Type::Dyn)),
                other => Type::parse(other),
            };
            return Type::Of(Box::new(named));
        }
        Type::Dyn
    }

    fn variable(&mut self, at: &IdedExpr, name: &str) -> Type {
        match &self.checker.variables {
            None => Type::Dyn,
            Some(known) => match known.get(name) {
                Some(found) => found.clone(),
                None => {
                    self.problem(at, format!("`variables.{name}` is not defined here"));
                    Type::Dyn
                }
            },
        }
    }

    fn field(&mut self, at: &IdedExpr, operand: &Type, field: &str) -> Type {
        match self.unknowns.known(operand) {
            Type::Map(_, value) => *value,
            Type::Dyn | Type::Any(_) => Type::Dyn,
            Type::Optional(held) => Type::optional(self.field(at, &held, field)),
            message if message.has_fields() => message.field(field).unwrap_or_else(|| {
                self.problem(at, format!("`{message}` has no field `{field}`"));
                Type::Dyn
            }),
            other => {
                self.problem(at, format!("a value of type {other} has no fields"));
                Type::Dyn
            }
        }
    }

    /// What an optional element adds to its list.
    fn held(&mut self, at: &IdedExpr, found: Type, optional: bool) -> Type {
        if !optional {
            return found;
        }
        match self.unknowns.known(&found) {
            Type::Optional(held) => *held,
            Type::Dyn => Type::Dyn,
            other => {
                self.problem(at, format!("{other} where an optional is needed"));
                Type::Dyn
            }
        }
    }

    /// The most general of the types, `dyn` where two do not go together.
    fn joined(&mut self, types: &[Type]) -> Type {
        let Some((first, rest)) = types.split_first() else {
            return self.unknowns.fresh();
        };
        let mut all = first.clone();
        for one in rest {
            if self.unknowns.fits(&all, one) {
                if !self.unknowns.is_more_general(&all, one) {
                    all = one.clone();
                }
            } else {
                all = Type::Dyn;
            }
        }
        all
    }

    fn map(&mut self, expr: &'a IdedExpr, entries: &'a [IdedEntryExpr]) -> Type {
        let (mut keys, mut values) = (Vec::new(), Vec::new());
        for entry in entries {
            if let EntryExpr::MapEntry(entry) = &entry.expr {
                keys.push(self.infer(&entry.key));
                let found = self.infer(&entry.value);
                values.push(self.held(&entry.value, found, entry.optional));
            }
        }
        let found = Type::map(self.joined(&keys), self.joined(&values));
        self.literals.push((expr, "map's keys", keys));
        self.literals.push((expr, "map", values));
        found
    }

    fn comprehension(&mut self, expr: &'a IdedExpr) -> Type {
        let Expr::Comprehension(written) = &expr.expr else {
            return Type::Dyn;
        };
        if written.iter_var2.is_some() && !self.checker.dialect.has("twovar") {
            self.missing(expr, "macros with two variables");
        }
        if written.iter_var == BIND && !self.checker.dialect.has("bindings") {
            self.missing(expr, "`cel.bind`");
        }
        let all = self.infer(&written.accu_init);
        let range = self.infer(&written.iter_range);
        let (first, second) = match self.unknowns.known(&range) {
            Type::List(element) if written.iter_var2.is_some() => (Type::Int, *element),
            Type::List(element) => (*element, Type::Dyn),
            Type::Map(key, value) => (*key, *value),
            Type::Dyn | Type::Any(_) => (Type::Dyn, Type::Dyn),
            other => {
                self.problem(
                    &written.iter_range,
                    format!("{other} where a list or a map is needed"),
                );
                (Type::Dyn, Type::Dyn)
            }
        };
        let outside = self.bound.len();
        self.bound.push((&written.accu_var, all.clone()));
        self.bound.push((&written.iter_var, first));
        if let Some(name) = &written.iter_var2 {
            self.bound.push((name, second));
        }
        let condition = self.infer(&written.loop_cond);
        self.expect(&written.loop_cond, &condition, &Type::Bool);
        let step = self.infer(&written.loop_step);
        self.expect(&written.loop_step, &step, &all);
        self.bound.truncate(outside + 1);
        let result = self.infer(&written.result);
        self.bound.truncate(outside);
        result
    }

    fn expect(&mut self, at: &IdedExpr, found: &Type, wanted: &Type) {
        if !self.unknowns.fits(found, wanted) {
            let (found, wanted) = (self.unknowns.settled(found), self.unknowns.settled(wanted));
            self.problem(at, format!("{found} where {wanted} is needed"));
        }
    }

    fn call(&mut self, expr: &'a IdedExpr) -> Type {
        let Expr::Call(call) = &expr.expr else {
            return Type::Dyn;
        };
        if call.func_name == operators::OPT_SELECT {
            return self.optional_field(expr, &call.args);
        }
        if tree::is_operator(call) {
            let arguments: Vec<Type> = call.args.iter().map(|one| self.infer(one)).collect();
            let all = signatures::find(&call.func_name);
            let all = all.iter().map(|(arguments, result)| (arguments.as_slice(), result));
            return self.overload(expr, all, &arguments, || operator(&call.func_name));
        }
        let bound: Vec<&str> = self.bound.iter().map(|(name, _)| *name).collect();
        let (name, style) = tree::callee(call, &bound);
        let mut arguments = Vec::with_capacity(call.args.len() + 1);
        if style == Style::Member
            && let Some(target) = call.target.as_deref()
        {
            arguments.push(self.infer(target));
        }
        let literals = self.literals.len();
        for one in &call.args {
            arguments.push(self.infer(one));
        }
        // what is written out may be of many types
        if name == "format" && style == Style::Member {
            self.literals.truncate(literals);
        }
        let Some(function) = functions::find(&name, style) else {
            return Type::Dyn;
        };
        if !functions::takes(function, style, call.args.len()) {
            return Type::Dyn;
        }
        let there: Vec<_> = function
            .iter()
            .filter(|overload| self.checker.dialect.has(overload.library))
            .filter(|overload| overload.arguments.len() == arguments.len())
            .collect();
        if there.is_empty() {
            self.missing(expr, &format!("`{name}`"));
            return Type::Dyn;
        }
        self.literal(expr, &name, &call.args);
        let all = there.into_iter().map(|one| (one.arguments.as_slice(), &one.result));
        self.overload(expr, all, &arguments, || format!("`{name}`"))
    }

    /// `a.?b`
    fn optional_field(&mut self, expr: &'a IdedExpr, args: &'a [IdedExpr]) -> Type {
        if let Some(name) = tree::variable(expr)
            && !self.is_bound("variables")
        {
            return Type::optional(self.variable(expr, name));
        }
        let Some((operand, field)) = args.first().zip(args.get(1)) else {
            return Type::Dyn;
        };
        let operand = self.infer(operand);
        let operand = match self.unknowns.known(&operand) {
            Type::Optional(held) => *held,
            other => other,
        };
        match &field.expr {
            Expr::Literal(LiteralValue::String(field)) => {
                Type::optional(self.field(expr, &operand, field.inner()))
            }
            _ => Type::Dyn,
        }
    }

    fn missing(&mut self, at: &IdedExpr, what: &str) {
        let target = self.checker.dialect.shown();
        self.problem(at, format!("{what} is not there on {target}"));
    }

    fn overload<'s>(
        &mut self,
        at: &IdedExpr,
        all: impl Iterator<Item = (&'s [Type], &'s Type)>,
        arguments: &[Type],
        what: impl Fn() -> String,
    ) -> Type {
        let mut found: Option<Type> = None;
        for (wanted, result) in all.filter(|(wanted, _)| wanted.len() == arguments.len()) {
            let mut types: Vec<&Type> = wanted.iter().collect();
            types.push(result);
            let mut types = self.unknowns.instantiate(&types);
            let result = types.pop().unwrap_or(Type::Dyn);
            if self.unknowns.fit_all(arguments, &types) {
                let result = self.unknowns.known(&result);
                found = Some(match found {
                    Some(before) if before != result => Type::Dyn,
                    _ => result,
                });
            }
        }
        found.unwrap_or_else(|| {
            let shown: Vec<_> =
                arguments.iter().map(|one| self.unknowns.settled(one).to_string()).collect();
            let message = format!("{} does not go with {}", what(), shown.join(" and "));
            self.problem(at, message);
            Type::Dyn
        })
    }

    /// Texts that are read when the expression is compiled.
    fn literal(&mut self, at: &IdedExpr, name: &str, args: &[IdedExpr]) {
        let Some(Expr::Literal(LiteralValue::String(text))) = args.first().map(|one| &one.expr)
        else {
            return;
        };
        let written = text.inner();
        let wrong = match name {
            _ if self.checker.lenient => false,
            "bool" | "double" | "duration" | "int" | "timestamp" | "uint" => {
                super::library::converts(name, written).is_err()
            }
            _ => false,
        };
        if wrong {
            self.problem(at, format!("`{written}` is no {name}"));
        }
        // of methods, `undefined` has looked at the pattern already
        if name == "matches"
            && args.len() == 2
            && let Expr::Literal(LiteralValue::String(pattern)) = &args[1].expr
            && let Err(message) = regex::compile(pattern.inner())
        {
            self.problem(&args[1], message);
        }
    }

    /// Two types in one literal, which Kubernetes refuses.
    fn literals(&mut self) {
        if self.checker.lenient {
            return;
        }
        for (at, what, types) in std::mem::take(&mut self.literals) {
            let mut types = types.iter().map(|one| self.unknowns.settled(one));
            let Some(first) = types.next() else { continue };
            if let Some(other) = types.find(|other| *other != first) {
                let every = if what == "list" { "element" } else { "value" };
                let message =
                    format!("the {what} mixes {first} and {other}: wrap every {every} in `dyn()`");
                self.problem(at, message);
            }
        }
    }
}

fn of_literal(literal: &LiteralValue) -> Type {
    match literal {
        LiteralValue::Boolean(_) => Type::Bool,
        LiteralValue::Bytes(_) => Type::Bytes,
        LiteralValue::Double(_) => Type::Double,
        LiteralValue::Int(_) => Type::Int,
        LiteralValue::Null => Type::Null,
        LiteralValue::String(_) => Type::String,
        LiteralValue::UInt(_) => Type::Uint,
    }
}

/// `_+_` as people write it.
fn operator(name: &str) -> String {
    let shown: String = name.chars().filter(|one| !matches!(one, '_' | '@')).collect();
    format!("`{shown}`")
}
