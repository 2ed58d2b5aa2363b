//! `ordinance schema [KIND]`.

use super::options::Schema;
use super::{Exit, repository};
use crate::document::Schemas;
use crate::failure::Failure;
use crate::pipeline;
use crate::text::nearest;

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
            tell!("error: there is no kind `{kind}`");
            if let Some(near) = nearest(kind, schemas.kinds()) {
                tell!("hint: did you mean `{near}`?");
            }
            Ok(Exit::Input)
        }
    }
}
