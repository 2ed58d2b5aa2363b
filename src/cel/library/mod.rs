//! What expressions may call: the standard library of crate `cel`, its string extension, and the
//! libraries of cel-go and Kubernetes it lacks, one file each.
//!
//! A further library is one more file with an `extension` function, one line in [`build`] and its
//! functions in `functions.tsv`.

pub(super) mod cost;
mod decimal;
pub(super) mod entries;
pub(super) mod fields;
mod format;
mod lists;
mod net;
pub(super) mod opaque;
mod pattern;
mod percent;
mod quantity;
pub(super) mod regex;
mod semver;
mod sets;
mod text;
mod url;

pub use quantity::order as quantity_order;

use std::sync::{Arc, LazyLock};

use cel::common::types::CelString;
use cel::common::value::{CowVal, Val};
use cel::{DeclarationError, Env, ExecutionError};

/// The one environment all expressions are compiled for and run in.
pub(super) static ENVIRONMENT: LazyLock<Arc<Env>> = LazyLock::new(|| {
    let env = build().expect("every function is declared once, which the first test to run shows");
    Arc::new(env)
});

fn build() -> Result<Env, DeclarationError> {
    let mut env = Env::stdlib();
    env.add_extension(cel::extensions::encoders)?;
    env.add_extension(cel::extensions::lists)?;
    env.add_extension(cel::extensions::math)?;
    env.add_extension(cel::extensions::strings)?;
    cost::extension(&mut env)?;
    entries::extension(&mut env)?;
    fields::extension(&mut env)?;
    format::extension(&mut env)?;
    lists::extension(&mut env)?;
    net::extension(&mut env)?;
    quantity::extension(&mut env)?;
    regex::extension(&mut env)?;
    semver::extension(&mut env)?;
    sets::extension(&mut env)?;
    text::extension(&mut env)?;
    url::extension(&mut env)?;
    Ok(env)
}

/// Whether a text is what the function makes of it, a duration for instance.
pub(super) fn converts(function: &str, text: &str) -> Result<(), ExecutionError> {
    let args = vec![CowVal::owned(CelString::from(text.to_owned()))];
    match ENVIRONMENT.find_overload(function, &args) {
        Some(convert) => convert(args).map(|_| ()),
        None => Ok(()),
    }
}

/// The elements of a list, borrowed.
fn elements<'b, 'v>(list: &'b (dyn Val + 'v)) -> Result<Vec<&'b (dyn Val + 'v)>, ExecutionError> {
    let iterable = list
        .as_iterable()
        .ok_or_else(|| ExecutionError::function_error("list", "the value is not a list"))?;
    let mut rest = iterable.iter();
    let mut all = Vec::new();
    while let Some(element) = rest.next() {
        all.push(element);
    }
    Ok(all)
}
