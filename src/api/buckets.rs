//! The routes of buckets: all of them, one of them.

use std::collections::HashSet;
use std::time::Duration;

use super::client::{Answered, Ask, Client, Fill};
use super::model::{Bucket, BucketId, Page, Row, Total, one, rows, total};
use super::route::Route;

/// Rows a page.
const PAGE: usize = 1_000;
/// The most pages that are read: a server may make up new buckets for ever.
const PAGES: usize = 100;

/// All buckets, page after page until one brings nothing new. The total is exact where the end was reached.
pub async fn list(client: &Client) -> Answered<Page<Bucket>> {
    let mut seen = HashSet::new();
    let mut all = Vec::new();
    let mut took = Duration::ZERO;
    let mut page = 0;
    loop {
        page += 1;
        let mut ask = Ask::new(Route::BucketsList, Fill::default());
        ask.query = format!("limit={PAGE}&offset={}", all.len());
        let answer = client
            .ask(&ask, |reply| {
                let (rows, count) = rows::<Bucket>(&reply.body)?;
                let total = total(reply.header("x-total-count"), count, None, 0);
                Ok((rows, total))
            })
            .await;
        let mut meta = answer.meta;
        took += meta.took;
        meta.took = took;
        let (rows, counted) = match answer.result {
            Ok(page) => page,
            Err(error) => return Answered { meta, result: Err(error) },
        };
        let full = rows.len() >= PAGE;
        let before = all.len();
        // A row that cannot be read has no id: its text stands for it.
        all.extend(rows.into_iter().filter(|row| seen.insert(name(row))));
        let whole = !full || all.len() == before;
        if whole || page == PAGES {
            let total = match counted {
                Total::Unknown if whole => Total::Exact(all.len() as u64),
                counted => counted,
            };
            return Answered { meta, result: Ok(Page { rows: all, total }) };
        }
    }
}

fn name(row: &Row<Bucket>) -> String {
    row.value.as_ref().map_or_else(|_| row.raw.to_string(), |bucket| bucket.id.0.clone())
}

/// One bucket: the only way to tell an unknown bucket from an empty one.
pub async fn get(client: &Client, id: &BucketId) -> Answered<Row<Bucket>> {
    let fill = Fill { bucket: &id.0, ..Fill::default() };
    client.ask(&Ask::new(Route::BucketGet, fill), |reply| one(&reply.body)).await
}
