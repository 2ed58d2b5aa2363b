//! What has landed: the output tree of a commit or of a folder.

use crate::failure::Failure;
use crate::lock::{Landings, landings::Awaited};
use sha1::{Digest, Sha1};

/// The content id of a file or folder, as git counts it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Id(pub [u8; 20]);

impl Id {
    /// The id git gives a file with this content.
    pub fn of_file(bytes: &[u8]) -> Id {
        let mut digest = Sha1::new_with_prefix(format!("blob {}\0", bytes.len()));
        digest.update(bytes);
        Id(digest.finalize().into())
    }
}

pub trait Base: Sync {
    /// Where the policy repository lies within its git repository: empty, or ending in a slash.
    fn below(&self) -> &str {
        ""
    }

    /// Names of the sub-folders of a folder, sorted.
    fn folders(&self, below: &str) -> Vec<String>;

    /// The content id of a folder; `None` where there is none, or where ids cost too much.
    fn folder_id(&self, path: &str) -> Option<Id>;

    /// All files below a folder with their ids; paths relative to it, sorted.
    fn files(&self, folder: &str) -> Vec<(String, Id)>;

    fn bytes(&self, path: &str) -> Option<Vec<u8>>;

    /// When these lines of its locks landed; nothing where there is no history.
    fn landings(&self, _awaited: &Awaited) -> Result<Landings, Failure> {
        Ok(Landings::default())
    }

    /// The id these bytes would have.
    fn id_of(&self, bytes: &[u8]) -> Id;
}
