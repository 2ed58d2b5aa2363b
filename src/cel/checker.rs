//! Refuses what a target's compiler refuses: cel-go's type checker and Kubernetes' rules on top.
//!
//! The API server checks types when a policy is created. Of an object it knows nothing, so most
//! is `dyn` and fits everywhere; what it does refuse is `1 == '1'`, `'a' + 1`, a list of two
//! types, a method of a text on a list, or a function that its version does not have yet.
//!
//! A [`Checker`] stands for one policy: [`Checker::define`] adds its variables in order, with the
//! types their texts have, as the API server does.

use std::collections::BTreeMap;

use super::dialect::Dialect;
use super::expression::{parse, undefined};
use super::inference::infer;
use super::problem::Problem;
use super::types::Type;

/// Everything that keeps `text` from being compiled by a target, in the order of the text; the
/// types of variables are not known.
pub fn check(text: &str, dialect: &Dialect) -> Vec<Problem> {
    Checker::new(dialect).check(text).err().unwrap_or_default()
}

/// The expressions of one policy, checked one after the other.
#[derive(Clone, Debug)]
pub struct Checker<'d> {
    pub(super) dialect: &'d Dialect,
    pub(super) roots: BTreeMap<String, Type>,
    /// What is known of `variables`; `None` where it may have any field.
    pub(super) variables: Option<BTreeMap<String, Type>>,
    /// Whether what only Kubernetes refuses is let pass: literals of two types, and texts that are
    /// no duration.
    pub(super) lenient: bool,
}

impl<'d> Checker<'d> {
    /// One that takes any `variables.x`.
    pub fn new(dialect: &'d Dialect) -> Checker<'d> {
        let named = |name: &str| Type::Named(name.to_owned());
        let mut roots = BTreeMap::from([
            ("object".to_owned(), Type::Dyn),
            ("oldObject".to_owned(), Type::Dyn),
            ("params".to_owned(), Type::Dyn),
            ("request".to_owned(), named("request")),
            ("namespaceObject".to_owned(), named("namespace")),
            ("variables".to_owned(), Type::Dyn),
        ]);
        if dialect.has("authz") || dialect.is_common() {
            roots.insert("authorizer".to_owned(), named("authorizer"));
        }
        Checker { dialect, roots, variables: None, lenient: false }
    }

    /// One that takes only the variables that are defined.
    pub fn strict(dialect: &'d Dialect) -> Checker<'d> {
        Checker { variables: Some(BTreeMap::new()), ..Checker::new(dialect) }
    }

    /// One for expressions outside any policy, with these names and by the language's rules alone.
    pub fn bare(dialect: &'d Dialect, roots: BTreeMap<String, Type>) -> Checker<'d> {
        Checker { dialect, roots, variables: None, lenient: true }
    }

    /// Adds a variable, whose type is that of its text.
    pub fn define(&mut self, name: &str, text: &str) -> Result<(), Vec<Problem>> {
        let found = self.check(text)?;
        self.declare(name, found);
        Ok(())
    }

    /// Adds a variable of a known type.
    pub fn declare(&mut self, name: &str, of: Type) {
        self.variables.get_or_insert_default().insert(name.to_owned(), of);
    }

    /// The type of an expression, or all that is wrong with it.
    pub fn check(&self, text: &str) -> Result<Type, Vec<Problem>> {
        let program = parse(text)?;
        let names: Vec<&str> = self.roots.keys().map(String::as_str).collect();
        let mut problems = undefined(&program, text, &names);
        let (found, mistyped) = infer(self, &program, text);
        problems.extend(mistyped);
        problems.sort_by(|one, other| {
            one.offset.cmp(&other.offset).then_with(|| one.message.cmp(&other.message))
        });
        problems.dedup();
        if problems.is_empty() { Ok(found) } else { Err(problems) }
    }
}
