//! Lists as any of the servers wraps them: a bare array or one under a known name, each row kept as it was sent and
//! read by itself, and the total from wherever it is told.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Row, Total};

/// The longest sentence about a row.
const SENTENCE: usize = 200;

/// A model that can be read from a row's JSON text.
pub(in crate::api) trait Read: Sized {
    /// Reads it, or says what is wrong with it.
    fn read(raw: &str) -> Result<Self, String>;
}

/// Reads a JSON object; an array is none, though serde would take its items for the fields in turn.
pub(super) fn json<'a, T: Deserialize<'a>>(raw: &'a str) -> Result<T, String> {
    if raw.trim_start().starts_with('[') { Err("it is an array".into()) } else { any(raw) }
}

fn any<'a, T: Deserialize<'a>>(raw: &'a str) -> Result<T, String> {
    serde_json::from_str(raw).map_err(|cause| cause.to_string().chars().take(SENTENCE).collect())
}

/// One row from its text.
fn row<T: Read>(raw: &str) -> Row<T> {
    Row { raw: raw.into(), value: T::read(raw).map_err(|why| format!("this row cannot be read: {why}")) }
}

/// The names that an array may stand under, and the counts beside it.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Envelope<'a> {
    #[serde(borrow)]
    users: Option<&'a RawValue>,
    #[serde(borrow)]
    buckets: Option<&'a RawValue>,
    #[serde(borrow)]
    projects: Option<&'a RawValue>,
    #[serde(borrow)]
    data: Option<&'a RawValue>,
    #[serde(borrow)]
    result: Option<&'a RawValue>,
    #[serde(borrow)]
    items: Option<&'a RawValue>,
    #[serde(borrow)]
    total: Option<&'a RawValue>,
    #[serde(borrow)]
    count: Option<&'a RawValue>,
}

/// The rows of a list and the total that its body tells.
pub(in crate::api) fn rows<T: Read>(body: &[u8]) -> Result<(Vec<Row<T>>, Option<u64>), String> {
    let text = std::str::from_utf8(body).map_err(|_| "it is no UTF-8 text".to_owned())?;
    if text.trim_start().starts_with('[') {
        return Ok((array(text)?, None));
    }
    let envelope: Envelope<'_> = json(text).map_err(|why| format!("it is no list, {why}"))?;
    let named = [envelope.users, envelope.buckets, envelope.projects, envelope.data, envelope.result, envelope.items];
    let list = named.into_iter().flatten().map(RawValue::get).find(|raw| raw.starts_with('['));
    let total = [envelope.total, envelope.count].into_iter().flatten().find_map(|raw| number(raw.get()));
    Ok((array(list.ok_or("it holds no list")?)?, total))
}

/// Rows of a JSON array, each by itself.
pub(in crate::api) fn array<T: Read>(text: &str) -> Result<Vec<Row<T>>, String> {
    let raws: Vec<&RawValue> = any(text).map_err(|why| format!("it is no list, {why}"))?;
    Ok(raws.into_iter().map(|raw| row(raw.get())).collect())
}

/// One thing, bare or under `user` or `data`.
pub(in crate::api) fn one<T: Read>(body: &[u8]) -> Result<Row<T>, String> {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Wrapped<'a> {
        #[serde(borrow)]
        id: Option<&'a RawValue>,
        #[serde(borrow)]
        user: Option<&'a RawValue>,
        #[serde(borrow)]
        data: Option<&'a RawValue>,
    }
    let text = std::str::from_utf8(body).map_err(|_| "it is no UTF-8 text".to_owned())?.trim();
    let wrapped: Wrapped<'_> = json(text)?;
    let inner = [wrapped.user, wrapped.data].into_iter().flatten().map(RawValue::get).find(|raw| raw.starts_with('{'));
    Ok(row(inner.filter(|_| wrapped.id.is_none()).unwrap_or(text)))
}

/// The total: the header's count, else the body's, else an upper bound from the number of the last page.
pub(in crate::api) fn total(count: Option<&str>, body: Option<u64>, link: Option<&str>, per_page: u32) -> Total {
    if let Some(exact) = count.and_then(number).or(body) {
        return Total::Exact(exact);
    }
    match link.and_then(last_page) {
        Some(page) => Total::AtMost(page.saturating_mul(u64::from(per_page))),
        None => Total::Unknown,
    }
}

/// `page` of the address marked `rel="last"` in a `Link` header.
fn last_page(link: &str) -> Option<u64> {
    // Commas stand between links and may stand inside addresses, so the split is at `<`.
    let last = link.split('<').find(|part| part.contains("rel=\"last\"") || part.contains("rel=last"))?;
    let (address, _) = last.split_once('>')?;
    let (_, query) = address.split_once('?')?;
    query.split('&').find_map(|pair| pair.strip_prefix("page="))?.parse().ok()
}

/// A whole number, as a number or as text.
fn number(raw: &str) -> Option<u64> {
    raw.trim().trim_matches('"').parse().ok()
}
