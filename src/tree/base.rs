//! What has landed, as the tree and the comparison of trees see it.

/// What has landed: the output tree of a commit or of a folder.
pub trait Base: Sync {
    /// Names of the sub-folders of a folder, sorted.
    fn folders(&self, below: &str) -> Vec<String>;
    /// Content id of a folder (git tree id); `None` if absent.
    fn folder_id(&self, path: &str) -> Option<Id>;
    /// All files below, path relative to the folder, sorted, with content ids.
    fn files(&self, folder: &str) -> Vec<(String, Id)>;
    /// The bytes of one file.
    fn bytes(&self, path: &str) -> Option<Vec<u8>>;
    /// The id these bytes would have.
    fn id_of(&self, bytes: &[u8]) -> Id;
}

/// A content id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Id(pub [u8; 20]);
