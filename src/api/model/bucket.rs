//! A Storage bucket.

use jiff::Timestamp;

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
