//! A base on which nothing has landed yet.

use ordinance::tree::{Base, Id};

pub struct Nothing;

impl Base for Nothing {
    fn folders(&self, _: &str) -> Vec<String> {
        vec![]
    }
    fn folder_id(&self, _: &str) -> Option<Id> {
        None
    }
    fn files(&self, _: &str) -> Vec<(String, Id)> {
        vec![]
    }
    fn bytes(&self, _: &str) -> Option<Vec<u8>> {
        None
    }
    fn id_of(&self, bytes: &[u8]) -> Id {
        Id::of_file(bytes)
    }
}
