//! Kubernetes' quantities: `quantity('500m')`, exact.
//!
//! The API server keeps a quantity as an integer and a power of ten while that fits, and as a
//! decimal without a limit where it does not. Which of the two it is shows: only the former can be
//! an integer, so `quantity('1.0Ki').isInteger()` is false although it is 1024. So both exist here,
//! with the same conditions for passing from one to the other.

use std::cmp::Ordering;

use cel::common::types::{CelBool, CelDouble, CelInt, CelString};
use cel::{DeclarationError, Env, ExecutionError};

use super::decimal::{Decimal, power_of_ten};
use super::opaque::opaque;

/// The smallest part of anything is a billionth.
const NANO: i64 = -9;

/// The digits that surely fit an integer of 64 bits.
const FITTING: i64 = 18;

#[derive(Clone, Debug)]
pub(in super::super) enum Quantity {
    Small { value: i64, scale: i64 },
    Large(Decimal),
}

opaque!(Quantity, "kubernetes.Quantity");

pub(super) fn extension(env: &mut Env) -> Result<(), DeclarationError> {
    cel::add_overload!(env, fn quantity: (CelString) -> Result<Quantity>)?;
    cel::add_overload!(env, fn is_quantity: (CelString) -> CelBool)?;
    cel::add_overload!(env, fn sign: (Quantity) -> CelInt)?;
    cel::add_member_overload!(env, fn is_less_than: (Quantity, Quantity) -> CelBool)?;
    cel::add_member_overload!(env, fn is_greater_than: (Quantity, Quantity) -> CelBool)?;
    cel::add_member_overload!(env, fn compare_to: (Quantity, Quantity) -> CelInt)?;
    cel::add_member_overload!(env, fn is_integer: (Quantity) -> CelBool)?;
    cel::add_member_overload!(env, fn as_integer: (Quantity) -> Result<CelInt>)?;
    cel::add_member_overload!(env, fn as_approximate_float: (Quantity) -> CelDouble)?;
    cel::add_member_overload!(env, fn add: (Quantity, Quantity) -> Result<Quantity>)?;
    cel::add_member_overload!(env, fn add_integer: (Quantity, CelInt) -> Result<Quantity>, name = "add")?;
    cel::add_member_overload!(env, fn sub: (Quantity, Quantity) -> Result<Quantity>)?;
    cel::add_member_overload!(env, fn sub_integer: (Quantity, CelInt) -> Result<Quantity>, name = "sub")
}

/// How two texts compare as quantities; nothing where one of them is none.
pub fn order(one: &str, other: &str) -> Option<Ordering> {
    Some(Quantity::parse(one).ok()?.compare(&Quantity::parse(other).ok()?))
}

impl PartialEq for Quantity {
    fn eq(&self, other: &Quantity) -> bool {
        self.compare(other).is_eq()
    }
}

impl Quantity {
    pub(super) fn parse(text: &str) -> Result<Quantity, &'static str> {
        const FORMAT: &str = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
        const SUFFIX: &str = "unable to parse quantity's suffix";
        if text.is_empty() {
            return Err(FORMAT);
        }
        let negative = text.starts_with('-');
        let rest = text.strip_prefix(['-', '+']).unwrap_or(text).trim_start_matches('0');
        let (integer, rest) = digits(rest);
        let (fraction, suffix) = match rest.strip_prefix('.') {
            Some(rest) => digits(rest),
            None => ("", rest),
        };
        // The shape of a suffix is one complaint, its meaning another.
        let unit = suffix.trim_start_matches(|one| "eEinumkKMGTP".contains(one));
        if !digits(unit.strip_prefix(['-', '+']).unwrap_or(unit)).1.is_empty() {
            return Err(FORMAT);
        }
        let unit = Unit::of(suffix).ok_or(SUFFIX)?;
        let integer = if integer.is_empty() { "0" } else { integer };
        let written = integer.len() as i64 + fraction.len() as i64;
        let (precision, factor, scale) = match unit {
            Unit::Decimal(exponent) => (FITTING - written, 1, exponent),
            Unit::Binary(exponent) if fraction.is_empty() => {
                let used = (exponent * 3) / 10;
                (15 - integer.len() as i64 - i64::from(used) - 1, 1_i64 << exponent, 0)
            }
            Unit::Binary(_) => (-1, 1, 0),
        };
        let scale = scale - fraction.len() as i64;
        let all = format!("{integer}{fraction}");
        if precision >= 0
            && scale >= NANO
            && let Some(value) = all.parse::<i64>().ok().and_then(|all| all.checked_mul(factor))
        {
            return Ok(Quantity::Small { value: if negative { -value } else { value }, scale });
        }
        let mut amount = match unit {
            Unit::Decimal(_) => Decimal::new(false, &all, scale),
            Unit::Binary(exponent) => Decimal::new(false, &all, scale).doubled(exponent),
        };
        amount = amount.rounded_up(NANO);
        let most = Decimal::from_integer(i64::MAX, 0);
        if matches!(unit, Unit::Binary(_)) && amount > most {
            amount = most;
        }
        Ok(Quantity::Large(if negative { amount.negated() } else { amount }))
    }

    fn decimal(&self) -> Decimal {
        match self {
            Quantity::Small { value, scale } => Decimal::from_integer(*value, *scale),
            Quantity::Large(amount) => amount.clone(),
        }
    }

    fn compare(&self, other: &Quantity) -> Ordering {
        self.decimal().cmp(&other.decimal())
    }

    fn integer(&self) -> Option<i64> {
        match self {
            Quantity::Small { value, scale } => shifted(*value, *scale),
            Quantity::Large(_) => None,
        }
    }

    fn plus(&self, other: &Quantity) -> Option<Quantity> {
        let small = match (self, other) {
            (Quantity::Small { value, scale }, Quantity::Small { value: more, scale: finer }) => {
                small_sum((*value, *scale), (*more, *finer))
            }
            _ => None,
        };
        match small {
            Some((value, scale)) => Some(Quantity::Small { value, scale }),
            None => self.decimal().plus(&other.decimal()).map(Quantity::Large),
        }
    }

    fn negated(&self) -> Quantity {
        match self {
            Quantity::Small { value, scale } => match value.checked_neg() {
                Some(value) => Quantity::Small { value, scale: *scale },
                None => Quantity::Large(self.decimal().negated()),
            },
            Quantity::Large(amount) => Quantity::Large(amount.clone().negated()),
        }
    }
}

/// What a suffix multiplies by: a power of ten, or a power of two.
#[derive(Clone, Copy)]
enum Unit {
    Decimal(i64),
    Binary(u32),
}

impl Unit {
    fn of(suffix: &str) -> Option<Unit> {
        Some(match suffix {
            "" => Unit::Decimal(0),
            "n" => Unit::Decimal(-9),
            "u" => Unit::Decimal(-6),
            "m" => Unit::Decimal(-3),
            "k" => Unit::Decimal(3),
            "M" => Unit::Decimal(6),
            "G" => Unit::Decimal(9),
            "T" => Unit::Decimal(12),
            "P" => Unit::Decimal(15),
            "E" => Unit::Decimal(18),
            "Ki" => Unit::Binary(10),
            "Mi" => Unit::Binary(20),
            "Gi" => Unit::Binary(30),
            "Ti" => Unit::Binary(40),
            "Pi" => Unit::Binary(50),
            "Ei" => Unit::Binary(60),
            _ => {
                let exponent = suffix.strip_prefix(['e', 'E'])?;
                Unit::Decimal(i64::from(exponent.parse::<i32>().ok()?))
            }
        })
    }
}

fn digits(text: &str) -> (&str, &str) {
    text.split_at(text.find(|one: char| !one.is_ascii_digit()).unwrap_or(text.len()))
}

/// `value` times ten to the power of `scale`, if that is an integer of 64 bits.
fn shifted(value: i64, scale: i64) -> Option<i64> {
    let factor = 10_i64.checked_pow(u32::try_from(scale).ok()?)?;
    value.checked_mul(factor)
}

fn small_sum(one: (i64, i64), two: (i64, i64)) -> Option<(i64, i64)> {
    if two.0 == 0 {
        return Some(one);
    }
    if one.0 == 0 {
        return Some(two);
    }
    let (coarse, fine) = if one.1 >= two.1 { (one, two) } else { (two, one) };
    let aligned = shifted(coarse.0, coarse.1 - fine.1)?;
    Some((aligned.checked_add(fine.0)?, fine.1))
}

fn quantity(text: &CelString<'_>) -> Result<Quantity, ExecutionError> {
    Quantity::parse(text.inner())
        .map_err(|message| ExecutionError::function_error("quantity", message))
}

fn is_quantity(text: &CelString<'_>) -> CelBool {
    CelBool::from(Quantity::parse(text.inner()).is_ok())
}

fn sign(one: &Quantity) -> CelInt {
    CelInt::from(one.decimal().sign())
}

fn is_less_than(one: &Quantity, other: &Quantity) -> CelBool {
    CelBool::from(one.compare(other).is_lt())
}

fn is_greater_than(one: &Quantity, other: &Quantity) -> CelBool {
    CelBool::from(one.compare(other).is_gt())
}

fn compare_to(one: &Quantity, other: &Quantity) -> CelInt {
    CelInt::from(one.compare(other) as i64)
}

fn is_integer(one: &Quantity) -> CelBool {
    CelBool::from(one.integer().is_some())
}

fn as_integer(one: &Quantity) -> Result<CelInt, ExecutionError> {
    let message = "cannot convert value to integer";
    one.integer()
        .map(CelInt::from)
        .ok_or_else(|| ExecutionError::function_error("asInteger", message))
}

fn as_approximate_float(one: &Quantity) -> CelDouble {
    CelDouble::from(match one {
        Quantity::Small { value, scale: 0 } => *value as f64,
        Quantity::Small { value, scale } => *value as f64 * power_of_ten(*scale),
        Quantity::Large(amount) => amount.to_f64(),
    })
}

fn add(one: &Quantity, other: &Quantity) -> Result<Quantity, ExecutionError> {
    one.plus(other).ok_or_else(|| ExecutionError::function_error("add", "the sum is too long"))
}

fn add_integer(one: &Quantity, other: &CelInt) -> Result<Quantity, ExecutionError> {
    add(one, &Quantity::Small { value: *other.inner(), scale: 0 })
}

fn sub(one: &Quantity, other: &Quantity) -> Result<Quantity, ExecutionError> {
    add(one, &other.negated())
}

fn sub_integer(one: &Quantity, other: &CelInt) -> Result<Quantity, ExecutionError> {
    sub(one, &Quantity::Small { value: *other.inner(), scale: 0 })
}
