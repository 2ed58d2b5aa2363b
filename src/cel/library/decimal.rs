//! Decimal numbers without a limit, as far as Kubernetes' quantities need them.
//!
//! A number is a sign, its digits and the power of ten of the last one. Adding aligns the digits,
//! so the distance between two numbers is limited: `1e2000000000` exists, but is added to nothing.

use std::cmp::Ordering;

/// How many digits a sum may have; more cannot be written by an object of three megabytes anyway.
const LONGEST: usize = 100_000;

#[derive(Clone, Debug)]
pub(super) struct Decimal {
    negative: bool,
    /// Most significant first, no zero in front; empty for zero.
    digits: Vec<u8>,
    /// The power of ten of the last digit.
    scale: i64,
}

impl Decimal {
    /// From digits (`0` to `9`, nothing else) and the power of ten of the last one.
    pub(super) fn new(negative: bool, digits: &str, scale: i64) -> Decimal {
        let digits = digits.bytes().map(|digit| digit - b'0').collect();
        Decimal { negative, digits, scale }.trimmed()
    }

    pub(super) fn from_integer(value: i64, scale: i64) -> Decimal {
        Decimal::new(value < 0, &value.unsigned_abs().to_string(), scale)
    }

    fn trimmed(mut self) -> Decimal {
        let zeros = self.digits.iter().take_while(|digit| **digit == 0).count();
        self.digits.drain(..zeros);
        self
    }

    pub(super) fn negated(mut self) -> Decimal {
        self.negative = !self.negative;
        self
    }

    pub(super) fn sign(&self) -> i64 {
        match (self.digits.is_empty(), self.negative) {
            (true, _) => 0,
            (false, true) => -1,
            (false, false) => 1,
        }
    }

    /// Multiplied by 2 to the power of `exponent`.
    pub(super) fn doubled(mut self, exponent: u32) -> Decimal {
        for _ in 0..exponent {
            let mut carry = 0;
            for digit in self.digits.iter_mut().rev() {
                let twice = *digit * 2 + carry;
                *digit = twice % 10;
                carry = twice / 10;
            }
            if carry > 0 {
                self.digits.insert(0, carry);
            }
        }
        self
    }

    /// Without digits below 10^`scale`; away from zero where something is lost.
    pub(super) fn rounded_up(mut self, scale: i64) -> Decimal {
        if self.scale >= scale {
            return self;
        }
        let drop = usize::try_from(scale - self.scale).unwrap_or(usize::MAX);
        let kept = self.digits.len().saturating_sub(drop);
        let lost = self.digits[kept..].iter().any(|digit| *digit != 0);
        self.digits.truncate(kept);
        self.scale = scale;
        if lost {
            let mut carry = 1;
            for digit in self.digits.iter_mut().rev() {
                carry += *digit;
                *digit = carry % 10;
                carry /= 10;
            }
            if carry > 0 {
                self.digits.insert(0, carry);
            }
        }
        self
    }

    /// The nearest double of digits and exponent, multiplied as Go's `AsApproximateFloat64` does.
    pub(super) fn to_f64(&self) -> f64 {
        let text: String = self.digits.iter().map(|digit| char::from(b'0' + digit)).collect();
        let base = text.parse::<f64>().unwrap_or(0.0);
        let base = if self.negative { -base } else { base };
        if self.scale == 0 { base } else { base * power_of_ten(self.scale) }
    }

    /// `None` where the two are too far apart.
    pub(super) fn plus(&self, other: &Decimal) -> Option<Decimal> {
        if self.digits.is_empty() {
            return Some(other.clone());
        }
        if other.digits.is_empty() {
            return Some(self.clone());
        }
        let scale = self.scale.min(other.scale);
        let (one, two) = (self.aligned(scale)?, other.aligned(scale)?);
        let (digits, negative) = if self.negative == other.negative {
            (added(&one, &two), self.negative)
        } else if compare_digits(&one, &two) == Ordering::Less {
            (subtracted(&two, &one), other.negative)
        } else {
            (subtracted(&one, &two), self.negative)
        };
        Some(Decimal { negative, digits, scale }.trimmed())
    }

    fn aligned(&self, scale: i64) -> Option<Vec<u8>> {
        let zeros = usize::try_from(self.scale.checked_sub(scale)?).ok()?;
        let length = self.digits.len().checked_add(zeros).filter(|length| *length <= LONGEST)?;
        let mut digits = self.digits.clone();
        digits.resize(length, 0);
        Some(digits)
    }

    fn compare_sizes(&self, other: &Decimal) -> Ordering {
        let magnitude = |one: &Decimal| one.scale.saturating_add(one.digits.len() as i64);
        magnitude(self).cmp(&magnitude(other)).then_with(|| {
            let length = self.digits.len().max(other.digits.len());
            let digit = |one: &Decimal, at: usize| one.digits.get(at).copied().unwrap_or(0);
            (0..length)
                .map(|at| digit(self, at).cmp(&digit(other, at)))
                .find(|order| order.is_ne())
                .unwrap_or(Ordering::Equal)
        })
    }
}

impl PartialEq for Decimal {
    fn eq(&self, other: &Decimal) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Decimal {}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Decimal) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Decimal) -> Ordering {
        self.sign().cmp(&other.sign()).then_with(|| match self.sign() {
            0 => Ordering::Equal,
            1 => self.compare_sizes(other),
            _ => other.compare_sizes(self),
        })
    }
}

/// Go's `math.Pow10`: 0 and infinity beyond what a double can hold.
pub(super) fn power_of_ten(exponent: i64) -> f64 {
    match exponent {
        ..-323 => 0.0,
        309.. => f64::INFINITY,
        _ => format!("1e{exponent}").parse().unwrap_or(f64::NAN),
    }
}

fn compare_digits(one: &[u8], two: &[u8]) -> Ordering {
    one.len().cmp(&two.len()).then_with(|| one.cmp(two))
}

fn added(one: &[u8], two: &[u8]) -> Vec<u8> {
    let mut sum = Vec::with_capacity(one.len().max(two.len()) + 1);
    let (mut one, mut two) = (one.iter().rev(), two.iter().rev());
    let mut carry = 0;
    loop {
        let (left, right) = (one.next(), two.next());
        if left.is_none() && right.is_none() {
            break;
        }
        carry += left.unwrap_or(&0) + right.unwrap_or(&0);
        sum.push(carry % 10);
        carry /= 10;
    }
    sum.push(carry);
    sum.reverse();
    sum
}

/// `large - small`, which is not negative.
fn subtracted(large: &[u8], small: &[u8]) -> Vec<u8> {
    let mut rest = Vec::with_capacity(large.len());
    let mut small = small.iter().rev();
    let mut borrow = 0;
    for digit in large.iter().rev() {
        let take = small.next().unwrap_or(&0) + borrow;
        borrow = u8::from(*digit < take);
        rest.push(digit + borrow * 10 - take);
    }
    rest.reverse();
    rest
}
