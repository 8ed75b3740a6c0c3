//! The project's buckets and objects.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use super::seed::mix;

/// A bucket's own data; its name is its id.
#[derive(Clone)]
pub(super) struct Bucket {
    pub(super) id: String,
    pub(super) public: bool,
    pub(super) file_size_limit: Option<u64>,
    pub(super) allowed_mime_types: Option<Vec<String>>,
    pub(super) created_at: Timestamp,
    pub(super) updated_at: Timestamp,
}

impl Bucket {
    /// As it is written; `type` stands in the list alone.
    pub(super) fn row(&self, in_list: bool) -> Value {
        let mut row = json!({"id": self.id, "name": self.id, "owner": "", "public": self.public});
        if let Some(map) = row.as_object_mut() {
            if in_list {
                map.insert("type".into(), json!("STANDARD"));
            }
            map.insert("file_size_limit".into(), json!(self.file_size_limit));
            map.insert("allowed_mime_types".into(), json!(self.allowed_mime_types));
            map.insert("created_at".into(), json!(millis(self.created_at)));
            map.insert("updated_at".into(), json!(millis(self.updated_at)));
        }
        row
    }
}

/// A bucket with what is in it, by key.
pub(super) struct Shelf {
    pub(super) bucket: Bucket,
    pub(super) objects: BTreeMap<String, Object>,
}

impl Shelf {
    pub(super) fn new(bucket: Bucket) -> Self {
        Self { bucket, objects: BTreeMap::new() }
    }
}

/// An object.
#[derive(Clone)]
pub(super) struct Object {
    pub(super) id: Uuid,
    /// Changes with each write.
    pub(super) version: Uuid,
    pub(super) content: Content,
    pub(super) size: u64,
    pub(super) mime: String,
    pub(super) cache_control: String,
    /// Without its quotes.
    pub(super) etag: String,
    /// The user's own.
    pub(super) metadata: Value,
    pub(super) created_at: Timestamp,
    pub(super) updated_at: Timestamp,
    pub(super) last_modified: Timestamp,
}

impl Object {
    /// What the lists tell of an object under this name.
    pub(super) fn row(&self) -> Value {
        json!({
            "id": self.id,
            "updated_at": millis(self.updated_at),
            "created_at": millis(self.created_at),
            "last_accessed_at": millis(self.created_at),
            "metadata": {
                "eTag": format!("\"{}\"", self.etag),
                "size": self.size,
                "mimetype": self.mime,
                "cacheControl": self.cache_control,
                "lastModified": millis(self.last_modified),
                "contentLength": self.size,
                "httpStatusCode": 200,
            },
        })
    }
}

/// A moment as Storage writes it: three digits.
pub(super) fn millis(at: Timestamp) -> String {
    format!("{at:.3}")
}

/// Where an object's bytes are.
#[derive(Clone)]
pub(super) enum Content {
    /// In the spool.
    File(Arc<SpoolFile>),
    /// Nowhere: they are made when they are read.
    Made(Made),
}

/// A file of the spool, removed with its last user.
pub(super) struct SpoolFile(pub(super) PathBuf);

impl Drop for SpoolFile {
    fn drop(&mut self) {
        // The whole directory goes at the end anyway.
        let _ = std::fs::remove_file(&self.0);
    }
}

/// Bytes that follow from a number: lines that name the key, or noise.
#[derive(Clone)]
pub(super) struct Made {
    pub(super) seed: u64,
    pub(super) len: u64,
    pub(super) line: Option<Arc<str>>,
}

impl Made {
    /// The bytes from `start` on, at most `most` of them.
    pub(super) fn bytes(&self, start: u64, most: usize) -> Bytes {
        let count = self.len.saturating_sub(start).min(most as u64) as usize;
        let (piece, skip) = if let Some(key) = &self.line {
            let line = format!("{key}: all quiet in the demo, nothing to read here.\n");
            let skip = (start % line.len() as u64) as usize;
            (line.repeat((skip + count).div_ceil(line.len())).into_bytes(), skip)
        } else {
            let words = start / 8..(start + count as u64).div_ceil(8);
            let mut piece = Vec::with_capacity(count + 16);
            words.for_each(|word| piece.extend_from_slice(&mix(self.seed, word).to_le_bytes()));
            (piece, (start % 8) as usize)
        };
        Bytes::from(piece).slice(skip..skip + count)
    }
}

/// All buckets, in the order in which they came.
pub(super) struct Store {
    pub(super) shelves: Vec<Shelf>,
}

impl Store {
    pub(super) fn shelf(&self, bucket: &str) -> Option<&Shelf> {
        self.shelves.iter().find(|shelf| shelf.bucket.id == bucket)
    }

    pub(super) fn shelf_mut(&mut self, bucket: &str) -> Option<&mut Shelf> {
        self.shelves.iter_mut().find(|shelf| shelf.bucket.id == bucket)
    }

    pub(super) fn object(&self, bucket: &str, key: &str) -> Option<&Object> {
        self.shelf(bucket)?.objects.get(key)
    }

    /// Puts an object in its place; the one before keeps its id and its first day. The id that counts.
    pub(super) fn put(&mut self, bucket: &str, key: &str, mut object: Object) -> Option<Uuid> {
        let shelf = self.shelf_mut(bucket)?;
        if let Some(old) = shelf.objects.get(key) {
            object.id = old.id;
            object.created_at = old.created_at;
        }
        let id = object.id;
        shelf.objects.insert(key.to_owned(), object);
        Some(id)
    }
}
