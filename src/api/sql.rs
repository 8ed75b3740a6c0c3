//! The statements that Studio's SQL route is sent: fixed texts, read-only and limited in time, for they run there with all
//! rights. What varies in them is a number of ours.

use serde::Deserialize;
use serde_json::json;

use super::model::ListUsers;

/// Refuses whatever would change something (25006), and whatever takes longer (57014).
const GUARD: &str = "set transaction read only; set local statement_timeout = '3s'; ";
/// The columns under the names that GoTrue gives them.
const COLUMNS: &str = "id, aud, role, email, phone, created_at, updated_at, invited_at, confirmed_at, \
    email_confirmed_at, phone_confirmed_at, last_sign_in_at, banned_until, deleted_at, is_anonymous, is_sso_user, \
    raw_app_meta_data as app_metadata, raw_user_meta_data as user_metadata";

/// How many users there are.
pub const COUNT: &str = "select count(*) as total from auth.users";

/// A page of users. The id settles the order of those created at one time, so that pages neither lose nor repeat any.
pub fn page(list: ListUsers) -> String {
    let limit = u64::from(list.per_page.max(1));
    let offset = u64::from(list.page.saturating_sub(1)) * limit;
    let order = if list.oldest_first { "asc" } else { "desc" };
    format!(
        "select {COLUMNS} from auth.users order by created_at {order} nulls last, id {order} limit {limit} offset {offset}"
    )
}

/// The body of the request for a statement.
pub fn body(statement: &str) -> Vec<u8> {
    json!({ "query": format!("{GUARD}{statement}") }).to_string().into_bytes()
}

/// The answer to [`COUNT`]: a number, or its digits as text.
pub fn count(body: &[u8]) -> Result<u64, String> {
    #[derive(Deserialize)]
    struct Row {
        total: serde_json::Value,
    }
    let rows: Vec<Row> = serde_json::from_slice(body).map_err(|why| why.to_string())?;
    let total = rows.first().map(|row| &row.total);
    let number = total.and_then(|total| total.as_u64().or_else(|| total.as_str()?.parse().ok()));
    number.ok_or_else(|| "it holds no count".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_a_fixed_statement_that_cannot_write() {
        let list = ListUsers { page: 3, per_page: 200, oldest_first: false };
        let body = String::from_utf8(body(&page(list))).unwrap();
        assert!(
            body.starts_with(r#"{"query":"set transaction read only; set local statement_timeout = '3s'; select id, "#)
        );
        assert!(
            body.ends_with(r#"from auth.users order by created_at desc nulls last, id desc limit 200 offset 400"}"#)
        );
        let first = page(ListUsers { page: 0, per_page: 0, oldest_first: true });
        assert!(first.ends_with("created_at asc nulls last, id asc limit 1 offset 0"), "{first}");
    }

    #[test]
    fn a_count_is_a_number_or_its_digits() {
        assert_eq!(count(br#"[{"total":144}]"#), Ok(144));
        assert_eq!(count(br#"[{"total":"230693075"}]"#), Ok(230_693_075));
        assert!(count(b"[]").is_err() && count(b"{}").is_err());
    }
}
