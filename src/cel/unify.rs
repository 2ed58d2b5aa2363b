//! Which type fits where: cel-go's rules, with what is not known yet filled in on the way.
//!
//! [`Type::Any`] with a number is such an unknown. What an empty list holds is one, and so is each
//! `A` of a function's signature, anew for every call.

use super::types::Type;

/// What is known of the unknowns so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Unknowns(Vec<Option<Type>>);

impl Unknowns {
    pub(super) fn fresh(&mut self) -> Type {
        self.0.push(None);
        Type::Any(self.0.len() - 1)
    }

    /// A signature's types with unknowns of their own.
    pub(super) fn instantiate(&mut self, types: &[&Type]) -> Vec<Type> {
        let mut known: Vec<Option<Type>> = vec![None; 2];
        types.iter().map(|one| self.renamed(one, &mut known)).collect()
    }

    fn renamed(&mut self, one: &Type, known: &mut [Option<Type>]) -> Type {
        match one {
            Type::Any(number) => match known.get(*number).cloned().flatten() {
                Some(found) => found,
                None => {
                    let fresh = self.fresh();
                    if let Some(place) = known.get_mut(*number) {
                        *place = Some(fresh.clone());
                    }
                    fresh
                }
            },
            Type::List(element) => Type::list(self.renamed(element, known)),
            Type::Optional(held) => Type::optional(self.renamed(held, known)),
            Type::Of(held) => Type::Of(Box::new(self.renamed(held, known))),
            Type::Map(key, value) => {
                Type::map(self.renamed(key, known), self.renamed(value, known))
            }
            other => other.clone(),
        }
    }

    /// The type with all that is known filled in; an unknown stays one.
    pub(super) fn known(&self, one: &Type) -> Type {
        match one {
            Type::Any(number) => match self.0.get(*number).and_then(Option::as_ref) {
                Some(found) => self.known(found),
                None => one.clone(),
            },
            Type::List(element) => Type::list(self.known(element)),
            Type::Optional(held) => Type::optional(self.known(held)),
            Type::Of(held) => Type::Of(Box::new(self.known(held))),
            Type::Map(key, value) => Type::map(self.known(key), self.known(value)),
            other => other.clone(),
        }
    }

    /// The type in the end: what is still unknown can be anything.
    pub(super) fn settled(&self, one: &Type) -> Type {
        fn settle(one: Type) -> Type {
            match one {
                Type::Any(_) => Type::Dyn,
                Type::List(element) => Type::list(settle(*element)),
                Type::Optional(held) => Type::optional(settle(*held)),
                Type::Of(held) => Type::Of(Box::new(settle(*held))),
                Type::Map(key, value) => Type::map(settle(*key), settle(*value)),
                other => other,
            }
        }
        settle(self.known(one))
    }

    /// Whether each of `from` fits where `to` is asked for; only then is anything learnt.
    pub(super) fn fit_all(&mut self, from: &[Type], to: &[Type]) -> bool {
        let before = self.clone();
        let fits = from.len() == to.len()
            && from.iter().zip(to).all(|(from, to)| self.fits_inside(from, to));
        if !fits {
            *self = before;
        }
        fits
    }

    pub(super) fn fits(&mut self, from: &Type, to: &Type) -> bool {
        self.fit_all(std::slice::from_ref(from), std::slice::from_ref(to))
    }

    fn fits_inside(&mut self, from: &Type, to: &Type) -> bool {
        match (from, to) {
            (Type::Any(one), Type::Any(other)) if one == other => true,
            (from, Type::Any(unknown)) => self.substitute(*unknown, from),
            (Type::Any(unknown), to) => self.substitute(*unknown, to),
            (Type::Dyn, _) | (_, Type::Dyn) => true,
            (Type::Null, Type::Null) => true,
            (Type::Null, other) | (other, Type::Null) => matches!(
                other,
                Type::Duration | Type::Timestamp | Type::Named(_) | Type::Optional(_)
            ),
            (Type::List(one), Type::List(other)) | (Type::Optional(one), Type::Optional(other)) => {
                self.fits_inside(one, other)
            }
            (Type::Map(key, value), Type::Map(other_key, other_value)) => {
                self.fits_inside(key, other_key) && self.fits_inside(value, other_value)
            }
            (Type::Of(_), Type::Of(_)) => true,
            (one, other) => one == other,
        }
    }

    fn substitute(&mut self, unknown: usize, with: &Type) -> bool {
        match self.0.get(unknown).cloned().flatten() {
            Some(known) => {
                if known == *with {
                    return true;
                }
                if !self.fits_inside(with, &known) {
                    return false;
                }
                let general = if self.is_more_general(with, &known) { with } else { &known };
                let general = general.clone();
                if !self.mentions(&general, unknown) {
                    self.0[unknown] = Some(general);
                }
                true
            }
            None if self.mentions(with, unknown) => false,
            None => {
                self.0[unknown] = Some(with.clone());
                true
            }
        }
    }

    fn mentions(&self, one: &Type, unknown: usize) -> bool {
        match one {
            Type::Any(number) if *number == unknown => true,
            Type::Any(number) => {
                let known = self.0.get(*number).and_then(Option::as_ref);
                known.is_some_and(|known| self.mentions(known, unknown))
            }
            Type::List(held) | Type::Optional(held) | Type::Of(held) => {
                self.mentions(held, unknown)
            }
            Type::Map(key, value) => self.mentions(key, unknown) || self.mentions(value, unknown),
            _ => false,
        }
    }

    /// As general as the other, or more.
    pub(super) fn is_more_general(&self, one: &Type, other: &Type) -> bool {
        match (one, other) {
            (Type::Dyn | Type::Any(_), _) => true,
            (_, Type::Dyn | Type::Any(_)) => false,
            (Type::List(one), Type::List(other))
            | (Type::Optional(one), Type::Optional(other))
            | (Type::Of(one), Type::Of(other)) => self.is_more_general(one, other),
            (Type::Map(key, value), Type::Map(other_key, other_value)) => {
                self.is_more_general(key, other_key) && self.is_more_general(value, other_value)
            }
            (one, other) => one == other,
        }
    }
}
