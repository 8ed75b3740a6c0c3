//! A Storage bucket.

use jiff::Timestamp;
use serde::Deserialize;

use super::list::{Read, json};
use super::wire::{size, some, time};

/// A bucket's id: its address in every path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BucketId(pub String);

/// A bucket as far as columns and rules need it; all else stays in the raw row.
#[derive(Clone, Debug, PartialEq)]
pub struct Bucket {
    /// The id.
    pub id: BucketId,
    /// The name, equal to the id unless created otherwise.
    pub name: String,
    /// Whether anybody may read its objects.
    pub public: bool,
    /// `STANDARD` and others; only in lists.
    pub kind: Option<String>,
    /// The largest object in bytes, `None` for the server's own limit.
    pub file_size_limit: Option<u64>,
    /// MIME types, `image/*` among them; `None` or empty for any.
    pub allowed_mime_types: Option<Vec<String>>,
    /// When it was created.
    pub created_at: Option<Timestamp>,
    /// When it was changed.
    pub updated_at: Option<Timestamp>,
}

#[derive(Deserialize)]
struct Wire {
    id: String,
    name: Option<String>,
    public: Option<bool>,
    #[serde(rename = "type")]
    kind: Option<String>,
    #[serde(default, deserialize_with = "size")]
    file_size_limit: Option<u64>,
    allowed_mime_types: Option<Vec<String>>,
    #[serde(default, deserialize_with = "time")]
    created_at: Option<Timestamp>,
    #[serde(default, deserialize_with = "time")]
    updated_at: Option<Timestamp>,
}

impl Read for Bucket {
    fn read(raw: &str) -> Result<Self, String> {
        let wire: Wire = json(raw)?;
        Ok(Self {
            name: some(wire.name).unwrap_or_else(|| wire.id.clone()),
            id: BucketId(wire.id),
            public: wire.public.unwrap_or_default(),
            kind: wire.kind,
            file_size_limit: wire.file_size_limit,
            allowed_mime_types: wire.allowed_mime_types,
            created_at: wire.created_at,
            updated_at: wire.updated_at,
        })
    }
}
