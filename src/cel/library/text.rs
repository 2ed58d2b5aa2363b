//! Small functions on text: `jsonpatch.escapeKey`, and `replace` with a bound.

use cel::common::types::{CelInt, CelString};
use cel::{DeclarationError, Env, ExecutionError};

use crate::limits::REPLACED_BYTES;

pub(super) fn extension(env: &mut Env) -> Result<(), DeclarationError> {
    cel::add_member_overload!(env, fn replace: (CelString, CelString, CelString) -> Result<CelString>,
        name = "@replace")?;
    cel::add_member_overload!(env, fn replace_some: (CelString, CelString, CelString, CelInt) -> Result<CelString>,
        name = "@replace")?;
    cel::add_overload!(env, fn escape_key: (CelString) -> CelString, name = "jsonpatch.escapeKey")
}

fn escape_key(key: &CelString<'_>) -> CelString<'static> {
    CelString::from(key.inner().replace('~', "~0").replace('/', "~1"))
}

fn replace(
    text: &CelString<'_>,
    from: &CelString<'_>,
    to: &CelString<'_>,
) -> Result<CelString<'static>, ExecutionError> {
    bounded(text.inner(), from.inner(), to.inner(), usize::MAX)
}

/// A negative number replaces all.
fn replace_some(
    text: &CelString<'_>,
    from: &CelString<'_>,
    to: &CelString<'_>,
    most: &CelInt,
) -> Result<CelString<'static>, ExecutionError> {
    let most = usize::try_from(*most.inner()).unwrap_or(usize::MAX);
    bounded(text.inner(), from.inner(), to.inner(), most)
}

/// What it costs is counted once it is done, and a few calls in one another make more text than any
/// memory holds: how long it gets is told first.
fn bounded(
    text: &str,
    from: &str,
    to: &str,
    most: usize,
) -> Result<CelString<'static>, ExecutionError> {
    let found = text.matches(from).take(most).count();
    let length = found.saturating_mul(to.len()).saturating_add(text.len()) - found * from.len();
    if length > REPLACED_BYTES {
        let message = format!("the result would be longer than {REPLACED_BYTES} bytes");
        return Err(ExecutionError::function_error("replace", message));
    }
    Ok(CelString::from(text.replacen(from, to, most)))
}
