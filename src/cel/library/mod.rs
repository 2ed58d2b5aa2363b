//! What expressions may call: the standard library of crate `cel`, its string extension, and the
//! libraries of cel-go and Kubernetes it lacks, one file each.
//!
//! A further library (`quantity`, `ip`, `url`, `semver`, `format`) is one more file with an
//! `extension` function, one line in [`ENVIRONMENT`] and its functions in `functions.rs`.

pub(super) mod fields;
mod lists;
pub(super) mod regex;
mod sets;

use std::sync::{Arc, LazyLock};

use cel::common::value::Val;
use cel::{DeclarationError, Env, ExecutionError};

/// The one environment all expressions are compiled for and run in.
pub(super) static ENVIRONMENT: LazyLock<Arc<Env>> = LazyLock::new(|| {
    let env = build().expect("every function is declared once, which the first test to run shows");
    Arc::new(env)
});

fn build() -> Result<Env, DeclarationError> {
    let mut env = Env::stdlib();
    env.add_extension(cel::extensions::strings)?;
    fields::extension(&mut env)?;
    lists::extension(&mut env)?;
    regex::extension(&mut env)?;
    sets::extension(&mut env)?;
    Ok(env)
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
