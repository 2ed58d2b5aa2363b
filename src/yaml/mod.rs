//! Reading YAML into a tree that knows its places, and writing YAML that every reader agrees on.
//!
//! Reading ([`read`]) yields [`Node`]s; `schema` says everything that is wrong with one, and then
//! [`typed`] turns it into a Rust value, which cannot fail any more. Writing ([`write()`]) is for
//! rendered objects; [`without`] takes documents out of what people wrote. Nothing here knows a document kind.

mod edit;
mod node;
mod parts;
mod typed;
mod writer;

pub use edit::{Left, without};
pub use node::{Node, Value, read, read_in_parts};
pub use typed::typed;
pub use writer::write;
