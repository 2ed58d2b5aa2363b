//! `ordinance schema [KIND]`.

use super::options::Schema;
use super::{Exit, repository, talk};
use crate::document::Schemas;
use crate::failure::Failure;
use crate::pipeline;
use crate::report::SCHEMAS;

pub fn run(options: &Schema) -> Result<Exit, Failure> {
    let schemas = Schemas::new(&pipeline::known(repository::forges()));
    let names = || schemas.kinds().chain(SCHEMAS.iter().map(|(name, _)| *name));
    let Some(kind) = &options.kind else {
        for kind in names() {
            say!("{kind}");
        }
        return Ok(Exit::Fine);
    };
    if let Some((_, schema)) = SCHEMAS.iter().find(|(name, _)| name == kind) {
        talk::print(schema);
        return Ok(Exit::Fine);
    }
    match schemas.get(kind) {
        Some(schema) => {
            say!("{schema:#}");
            Ok(Exit::Fine)
        }
        None => {
            talk::no_such("kind", kind, names());
            Ok(Exit::Input)
        }
    }
}
