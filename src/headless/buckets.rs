//! `basedeck buckets list` and `get`.

use super::print::{Results, refuse, say};
use super::{Context, DONE, Form, PARTLY, RETRIES, code, unwritten, wrote};
use crate::api::buckets;
use crate::api::error::Kind;
use crate::api::model::{Bucket, BucketId, Row};
use crate::api::route::Route;
use crate::cli;
use crate::text::human;
use crate::text::width::{Align, cut, pad};

/// Lists all buckets; the exit code.
pub async fn list(context: &Context, form: cli::Form) -> u8 {
    let page = match context.note(buckets::list(&context.client.retrying(RETRIES)).await) {
        Ok(page) => page,
        Err(error) => return context.failed("the buckets", &error),
    };
    let mut out = Results::new();
    let person = out.is_terminal();
    let written = match Form::from(form) {
        Form::Json => out.array(page.rows.iter().map(|row| row.raw.as_ref())),
        Form::Lines => page.rows.iter().try_for_each(|row| out.row(&row.raw).and_then(|()| out.plain("\n"))),
        Form::Columns => {
            let head = person.then(|| line(["NAME", "ACCESS", "SIZE LIMIT", "CREATED", "TYPES"]));
            let rows = page.rows.iter().map(|row| if person { wide(row) } else { tabbed(row) });
            head.into_iter().chain(rows).try_for_each(|line| out.row(&line).and_then(|()| out.plain("\n")))
        }
    };
    if let Err(error) = written.and_then(|()| out.flush()) {
        return unwritten(&error);
    }
    let unread = page.rows.iter().filter(|row| row.value.is_err()).count();
    if unread > 0 {
        say(&format!("{unread} rows came in a form that is not a bucket's; they are written all the same"));
        return PARTLY;
    }
    DONE
}

/// Shows one bucket; the exit code.
pub async fn get(context: &Context, bucket: &str) -> u8 {
    match context.note(buckets::get(&context.client.retrying(RETRIES), &BucketId(bucket.to_owned())).await) {
        Ok(row) => wrote(&row.raw),
        Err(error) if error.kind == Kind::NotFound && error.route == Route::BucketGet => {
            refuse(&format!("there is no bucket {bucket}: `basedeck buckets list` names all"), code(error.kind))
        }
        Err(error) => context.failed(bucket, &error),
    }
}

/// Name, access, limit, day of creation, types; for a row that cannot be read the reason alone.
fn fields(row: &Row<Bucket>, server: &str, any: &str) -> Result<[String; 5], String> {
    let bucket = row.value.as_ref().map_err(|why| format!("unreadable: {why}"))?;
    let access = if bucket.public { "public" } else { "private" };
    let types = bucket.allowed_mime_types.as_ref().filter(|types| !types.is_empty()).map(|types| types.join(" "));
    Ok([
        bucket.id.0.clone(),
        access.to_owned(),
        bucket.file_size_limit.map_or_else(|| server.to_owned(), human::size),
        bucket.created_at.map_or_else(|| "-".to_owned(), human::day),
        types.unwrap_or_else(|| any.to_owned()),
    ])
}

fn wide(row: &Row<Bucket>) -> String {
    fields(row, "server's", "any").map_or_else(|why| why, |fields| line(fields.each_ref().map(String::as_str)))
}

fn line([name, access, limit, created, types]: [&str; 5]) -> String {
    let cell = |text: &str, cells| pad(&cut(text, cells), cells, Align::Left);
    format!("{} {} {} {} {types}", cell(name, 32), cell(access, 8), cell(limit, 10), cell(created, 10))
}

fn tabbed(row: &Row<Bucket>) -> String {
    fields(row, "", "").map_or_else(|why| why, |fields| fields.map(|field| field.replace('\t', " ")).join("\t"))
}
