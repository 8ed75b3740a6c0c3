//! Storage's buckets, read.

use axum::http::request::Parts;
use axum::response::Response;
use serde_json::Value;

use crate::demo::auth::Role;
use crate::demo::errors::{self, JSON_UTF8};
use crate::demo::query::Params;
use crate::demo::server::Demo;
use crate::demo::store::Bucket;

/// All buckets; without rights, none.
pub(super) fn list(demo: &Demo, parts: &Parts, role: Role) -> Response {
    let params = Params::of(&parts.uri);
    let number = |name: &str, least: usize, default: usize| match params.get(name) {
        None => Ok(default),
        Some(text) => match text.parse::<i64>() {
            Err(_) => Err(format!("querystring/{name} must be integer")),
            Ok(number) => {
                let number = usize::try_from(number).ok().filter(|number| *number >= least);
                number.ok_or_else(|| format!("querystring/{name} must be >= {least}"))
            }
        },
    };
    let (limit, offset) = match number("limit", 1, usize::MAX).and_then(|limit| Ok((limit, number("offset", 0, 0)?))) {
        Ok(window) => window,
        Err(why) => return errors::invalid_request(&why),
    };
    let known = ["id", "name", "created_at", "updated_at"];
    if params.get("sortColumn").is_some_and(|column| !known.contains(&column)) {
        return errors::invalid_request("querystring/sortColumn must be equal to one of the allowed values");
    }
    let rows = if role == Role::Service { rows(demo, &params, limit, offset) } else { Vec::new() };
    errors::answer(200, JSON_UTF8, Value::from(rows).to_string())
}

/// The buckets that are searched for, in the order asked for; a column that is not known orders nothing.
pub(super) fn rows(demo: &Demo, params: &Params, limit: usize, offset: usize) -> Vec<Value> {
    let store = demo.store();
    let search = params.get("search").unwrap_or("").to_lowercase();
    let found =
        store.shelves.iter().map(|shelf| &shelf.bucket).filter(|bucket| bucket.id.to_lowercase().contains(&search));
    let mut buckets: Vec<&Bucket> = found.collect();
    match params.get("sortColumn") {
        Some("id" | "name") => buckets.sort_by(|a, b| a.id.cmp(&b.id)),
        Some("created_at") => buckets.sort_by_key(|bucket| bucket.created_at),
        Some("updated_at") => buckets.sort_by_key(|bucket| bucket.updated_at),
        _ => {}
    }
    if params.get("sortOrder") == Some("desc") {
        buckets.reverse();
    }
    buckets.into_iter().skip(offset).take(limit).map(|bucket| bucket.row(true)).collect()
}

/// One bucket.
pub(super) fn single(demo: &Demo, role: Role, id: &str) -> Response {
    match demo.store().shelf(id).filter(|_| role == Role::Service) {
        Some(shelf) => errors::answer(200, JSON_UTF8, shelf.bucket.row(false).to_string()),
        None => errors::no_bucket(),
    }
}
