//! `ordinance schema [KIND]`.

use super::options::Schema;
use super::{Exit, repository, talk};
use crate::document::Schemas;
use crate::failure::Failure;
use crate::pipeline;

pub fn run(options: &Schema) -> Result<Exit, Failure> {
    let schemas = Schemas::new(&pipeline::known(repository::forges()));
    let Some(kind) = &options.kind else {
        for kind in schemas.kinds() {
            say!("{kind}");
        }
        return Ok(Exit::Fine);
    };
    match schemas.get(kind) {
        Some(schema) => {
            say!("{schema:#}");
            Ok(Exit::Fine)
        }
        None => {
            talk::no_such("kind", kind, schemas.kinds());
            Ok(Exit::Input)
        }
    }
}
