//! Fields as the servers write them: times in several notations, sizes as numbers or text, etags in quotes.

use std::borrow::Cow;

use jiff::Timestamp;
use serde::de::Error;
use serde::{Deserialize, Deserializer};

/// A time: RFC 3339 with 0 to 9 digits, or SQL's with a space and an offset without minutes; null and `""` are none.
pub(super) fn time<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Timestamp>, D::Error> {
    let text = Option::<Cow<'de, str>>::deserialize(from)?;
    match text.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
        Some(text) => text.parse().map(Some).map_err(|_| D::Error::custom("a time is not readable")),
        None => Ok(None),
    }
}

/// A size in bytes: a whole number, or its digits as text (which SQL uses for large ones).
pub(super) fn size<'de, D: Deserializer<'de>>(from: D) -> Result<Option<u64>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Size {
        Number(u64),
        Text(String),
    }
    match Option::<Size>::deserialize(from)? {
        Some(Size::Number(size)) => Ok(Some(size)),
        Some(Size::Text(text)) => text.parse().map(Some).map_err(|_| D::Error::custom("a size is not readable")),
        None => Ok(None),
    }
}

/// An etag without its quotes and without the mark of a weak one.
pub(super) fn etag(text: Option<String>) -> Option<String> {
    let text = text?;
    let bare = text.trim().trim_start_matches("W/").trim_matches('"');
    Some(bare.to_owned()).filter(|etag| !etag.is_empty())
}

/// A text that is not empty.
pub(super) fn some(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}
