//! Bringing new objects to disk: a few as loose files, many as one pack.
//!
//! The pack is made here because libgit2 has no cheap way to write just *these* objects: from its
//! memory store it repacks whatever is reachable, and its pack builder searches for deltas, which
//! costs more than all the rest of a render. `git gc` finds the deltas in its own time. libgit2
//! still reads the whole pack before it counts: it checks every object and writes the index.

use std::io::Write;
use std::sync::Arc;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use git2::{ObjectType, Odb, Repository};
use rayon::prelude::*;
use sha1::{Digest, Sha1};

/// From how many objects on a pack is cheaper than a file for each.
const PACK_FROM: usize = 200;
/// How many objects are compressed before they are handed on, to bound memory.
const AT_ONCE: usize = 2_000;

/// An object that only memory has.
pub(super) struct Object {
    pub(super) kind: ObjectType,
    pub(super) bytes: Arc<[u8]>,
}

/// Writes exactly these objects, and nothing that they refer to.
pub(super) fn write(repository: &Repository, objects: &[&Object]) -> Result<(), git2::Error> {
    let odb = repository.odb()?;
    if objects.len() >= PACK_FROM {
        return stream(&odb, objects);
    }
    for object in objects {
        odb.write(object.kind, &object.bytes)?;
    }
    Ok(())
}

fn stream(odb: &Odb<'_>, objects: &[&Object]) -> Result<(), git2::Error> {
    let count = u32::try_from(objects.len())
        .map_err(|_| git2::Error::from_str("there are too many objects for one pack"))?;
    let mut writer = odb.packwriter()?;
    let mut digest = Sha1::new();
    let mut add = |bytes: &[u8]| {
        digest.update(bytes);
        writer.write_all(bytes).map_err(|error| git2::Error::from_str(&error.to_string()))
    };
    add(b"PACK\0\0\0\x02")?;
    add(&count.to_be_bytes())?;
    for objects in objects.chunks(AT_ONCE) {
        let packed: Vec<Vec<u8>> = objects.par_iter().map(packed).collect::<Result<_, _>>()?;
        add(&packed.concat())?;
    }
    let digest = digest.finalize();
    writer.write_all(&digest).map_err(|error| git2::Error::from_str(&error.to_string()))?;
    writer.commit()?;
    Ok(())
}

/// One object as a pack holds it: kind and size, then the compressed bytes.
fn packed(object: &&Object) -> Result<Vec<u8>, git2::Error> {
    let kind: u8 = match object.kind {
        ObjectType::Commit => 1,
        ObjectType::Tree => 2,
        ObjectType::Blob => 3,
        _ => return Err(git2::Error::from_str("only commits, trees and files are written")),
    };
    let mut packed = Vec::with_capacity(object.bytes.len() / 2 + 16);
    let mut size = object.bytes.len();
    let mut byte = (kind << 4) | (size & 0x0f) as u8;
    size >>= 4;
    while size > 0 {
        packed.push(byte | 0x80);
        byte = (size & 0x7f) as u8;
        size >>= 7;
    }
    packed.push(byte);
    let mut encoder = ZlibEncoder::new(packed, Compression::fast());
    encoder
        .write_all(&object.bytes)
        .and_then(|()| encoder.finish())
        .map_err(|error| git2::Error::from_str(&error.to_string()))
}
