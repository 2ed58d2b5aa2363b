//! A list in the order in which things came, each of them once.

use std::collections::BTreeSet;

#[derive(Clone, Debug)]
pub struct Once<T> {
    all: Vec<T>,
    seen: BTreeSet<T>,
}

impl<T> Default for Once<T> {
    fn default() -> Self {
        Once { all: vec![], seen: BTreeSet::new() }
    }
}

impl<T: Clone + Ord> Once<T> {
    pub fn push(&mut self, one: T) {
        if self.seen.insert(one.clone()) {
            self.all.push(one);
        }
    }

    pub fn all(&self) -> &[T] {
        &self.all
    }
}
