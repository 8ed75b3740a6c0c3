//! Storage objects, folders and listings.

use jiff::Timestamp;

use super::Row;

/// One entry of a listing: a folder (a shared prefix) or an object.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The full key; a folder's ends in `/`.
    pub key: String,
    /// Whether it is a folder.
    pub folder: bool,
    /// The object's id, none for a folder.
    pub id: Option<String>,
    /// Bytes, where known.
    pub size: Option<u64>,
    /// The MIME type, where known.
    pub mime: Option<String>,
    /// The etag without its quotes: the MD5 of the bytes unless it holds a `-`.
    pub etag: Option<String>,
    /// When it was last written.
    pub updated_at: Option<Timestamp>,
    /// When it was first written.
    pub created_at: Option<Timestamp>,
}

/// One page of a listing.
#[derive(Clone, Debug, PartialEq)]
pub struct Listing {
    /// Folders and objects below the prefix.
    pub rows: Vec<Row<Entry>>,
    /// Where to go on; `None` at the end. List-v1 goes on by offset, written as text.
    pub next: Option<String>,
    /// Whether list-v1 answered: it ignores the case of the prefix, so folders may come merged.
    pub inexact: bool,
}

/// What `GET /object/info` says of one object.
#[derive(Clone, Debug, PartialEq)]
pub struct ObjectInfo {
    /// Bytes.
    pub size: u64,
    /// The etag without its quotes.
    pub etag: Option<String>,
    /// The MIME type.
    pub mime: Option<String>,
    /// Changes with each write.
    pub version: Option<String>,
    /// When the server wrote it last.
    pub last_modified: Option<Timestamp>,
}
