//! A remote and the forge it belongs to, with one token for both, or for the forge alone.

use std::path::Path;

use super::Secret;
use super::forge::{self, Forge, Settings};
use super::git::Remote;
use crate::failure::Failure;

/// Where commits are pushed to, and where they are proposed.
pub struct Connection {
    pub remote: Remote,
    pub forge: Box<dyn Forge>,
}

/// Finds a remote and connects to its forge; nothing is sent yet.
///
/// The forge's token is shown to the git remote only if the remote is that forge's own.
pub fn connect(
    repository: &Path,
    remote: &str,
    forge: &str,
    url: &str,
    token: Option<Secret>,
) -> Result<Connection, Failure> {
    let found = Remote::find(repository, remote, None)?;
    let forge = forge::connect(&Settings {
        name: forge.to_owned(),
        url: url.to_owned(),
        repository: found.path().to_owned(),
        token: token.clone(),
    })?;
    let found = match forge.serves(found.host()) {
        true => Remote::find(repository, remote, token)?,
        false => found,
    };
    Ok(Connection { remote: found, forge })
}
