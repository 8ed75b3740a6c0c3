//! The routes of objects that read: a page of a listing, and what the server holds under one key.

use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;

pub use super::key::{KeyFault, check_key, safe_key};

use super::client::{Answered, Ask, Client, Fill};
use super::error::Kind;
use super::model::{BucketId, Entry, Listing, ObjectInfo, Read, Row, array};
use super::route::{Door, Route};

/// Rows a page, the most that list-v2 gives.
const PAGE: usize = 1_000;
/// A page of list-v1 with fewer rows than this is taken for the last one: no server is known to cap lower.
const LAST: usize = 100;

/// A page of what lies below a prefix (`""` or a folder with its `/`): folders and objects, by name, ascending.
///
/// The exact route is asked first; where it is missing, the older one, which ignores the prefix's case. `next` is what
/// the page before gave: a cursor, or the offset of the older route in digits.
pub async fn list(client: &Client, bucket: &BucketId, prefix: &str, next: Option<String>) -> Answered<Listing> {
    if let Some(offset) = next.as_deref().and_then(|next| next.parse().ok()) {
        return list_v1(client, bucket, prefix, offset).await;
    }
    let answer = list_v2(client, bucket, prefix, next.as_deref()).await;
    let Err(error) = &answer.result else { return answer };
    // Servers without the route say so, or take it for an upload into a bucket of that name and refuse that.
    let older = match error.kind {
        Kind::NoSuchRoute | Kind::NoDoor => true,
        Kind::NotFound | Kind::Refused => next.is_none() && !error.unsent,
        _ => false,
    };
    if !older {
        return answer;
    }
    let mut older = list_v1(client, bucket, prefix, 0).await;
    if let (Some(door), Ok(listing)) = (older.meta.door, &older.result) {
        // The older route knows no unknown bucket; the bucket itself says whether it is the route that is missing.
        if listing.rows.is_empty() && (error.kind == Kind::NotFound || door == Door::Studio) {
            let bucket = Ask::new(Route::BucketGet, Fill { bucket: &bucket.0, ..Fill::default() });
            let there = client.ask(&bucket, |_| Ok(())).await;
            if let Err(gone) = there.result
                && gone.kind == Kind::NotFound
            {
                let said = if error.kind == Kind::NotFound { error.clone() } else { gone };
                return Answered { result: Err(said), ..answer };
            }
        }
        client.note_missing(Route::ObjectsList, door);
        client.tell_connection(&mut older.meta);
    }
    older.meta.took += answer.meta.took;
    older
}

async fn list_v2(client: &Client, bucket: &BucketId, prefix: &str, cursor: Option<&str>) -> Answered<Listing> {
    #[derive(Deserialize)]
    struct Body<'a> {
        #[serde(borrow)]
        folders: Option<&'a RawValue>,
        #[serde(borrow)]
        objects: Option<&'a RawValue>,
        #[serde(default, rename = "hasNext")]
        has_next: bool,
        #[serde(rename = "nextCursor")]
        next_cursor: Option<String>,
    }
    let mut body = json!({ "prefix": prefix, "limit": PAGE, "with_delimiter": true });
    if let (Some(cursor), Some(body)) = (cursor, body.as_object_mut()) {
        body.insert("cursor".into(), json!(cursor));
    }
    let mut ask = Ask::new(Route::ObjectsList, Fill { bucket: &bucket.0, ..Fill::default() });
    ask.body = Some(body.to_string().into_bytes());
    client
        .ask(&ask, |reply| {
            let body: Body<'_> = serde_json::from_slice(&reply.body).map_err(|why| why.to_string())?;
            let (Some(folders), Some(objects)) = (body.folders, body.objects) else {
                return Err("it holds no folders and objects".into());
            };
            let mut rows: Vec<Row<Entry>> = Vec::new();
            for (list, folder) in [(folders, true), (objects, false)] {
                rows.extend(array::<Entry>(list.get())?.into_iter().map(|mut row| {
                    row.value = row.value.map(|entry| Entry { folder, ..entry });
                    row
                }));
            }
            // A cursor that leads nowhere would be followed for ever.
            let next = body.next_cursor.filter(|next| body.has_next && Some(next.as_str()) != cursor);
            Ok(Listing { rows, next, inexact: false })
        })
        .await
}

async fn list_v1(client: &Client, bucket: &BucketId, prefix: &str, offset: u64) -> Answered<Listing> {
    let sort = json!({ "column": "name", "order": "asc" });
    let body = json!({ "prefix": prefix, "limit": PAGE, "offset": offset, "sortBy": sort });
    let mut ask = Ask::new(Route::ObjectsListV1, Fill { bucket: &bucket.0, ..Fill::default() });
    ask.body = Some(body.to_string().into_bytes());
    let options = json!({ "limit": PAGE, "offset": offset, "sortBy": sort });
    ask.studio = Some(json!({ "path": prefix.trim_end_matches('/'), "options": options }).to_string().into_bytes());
    // Its prefix is a folder with or without `/`, and its names are relative to it.
    let base = if prefix.is_empty() || prefix.ends_with('/') { prefix.to_owned() } else { format!("{prefix}/") };
    client
        .ask(&ask, |reply| {
            let text = std::str::from_utf8(&reply.body).map_err(|_| "it is no UTF-8 text".to_owned())?;
            let mut rows: Vec<Row<Entry>> = array(text)?;
            for entry in rows.iter_mut().filter_map(|row| row.value.as_mut().ok()) {
                entry.key = format!("{base}{}{}", entry.key, if entry.folder { "/" } else { "" });
            }
            let next = (rows.len() >= LAST).then(|| (offset + rows.len() as u64).to_string());
            Ok(Listing { rows, next, inexact: true })
        })
        .await
}

/// What the server holds under one key.
pub async fn info(client: &Client, bucket: &BucketId, key: &str) -> Answered<ObjectInfo> {
    let fill = Fill { bucket: &bucket.0, key, ..Fill::default() };
    let ask = Ask::new(Route::ObjectInfo, fill);
    client.ask(&ask, |reply| ObjectInfo::read(&reply.text())).await
}
