//! Storage objects, folders and listings.

use jiff::Timestamp;
use serde::Deserialize;

use super::Row;
use super::list::{Read, json};
use super::wire::{etag, size, some, time};

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

#[derive(Deserialize)]
struct Wire {
    name: String,
    id: Option<String>,
    metadata: Option<Metadata>,
    #[serde(default, deserialize_with = "time")]
    updated_at: Option<Timestamp>,
    #[serde(default, deserialize_with = "time")]
    created_at: Option<Timestamp>,
}

#[derive(Default, Deserialize)]
struct Metadata {
    #[serde(rename = "eTag")]
    etag: Option<String>,
    #[serde(default, deserialize_with = "size")]
    size: Option<u64>,
    mimetype: Option<String>,
}

/// A row of a listing: what has no id is a folder. The name is as the route gives it: relative in v1.
impl Read for Entry {
    fn read(raw: &str) -> Result<Self, String> {
        let wire: Wire = json(raw)?;
        let metadata = wire.metadata.unwrap_or_default();
        Ok(Self {
            key: wire.name,
            folder: wire.id.is_none(),
            id: wire.id,
            size: metadata.size,
            mime: some(metadata.mimetype),
            etag: etag(metadata.etag),
            updated_at: wire.updated_at,
            created_at: wire.created_at,
        })
    }
}

#[derive(Deserialize)]
struct Info {
    #[serde(default, deserialize_with = "size")]
    size: Option<u64>,
    etag: Option<String>,
    content_type: Option<String>,
    version: Option<String>,
    #[serde(default, deserialize_with = "time")]
    last_modified: Option<Timestamp>,
}

impl Read for ObjectInfo {
    fn read(raw: &str) -> Result<Self, String> {
        let info: Info = json(raw)?;
        Ok(Self {
            size: info.size.ok_or("it does not say the size")?,
            etag: etag(info.etag),
            mime: some(info.content_type),
            version: some(info.version),
            last_modified: info.last_modified,
        })
    }
}
