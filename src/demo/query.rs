//! Query strings: reading them, and writing them back as Go does.

use axum::extract::Query;
use axum::http::Uri;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What Go's `url.QueryEscape` leaves alone.
const GO_QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// A request's query, decoded, in its order.
pub(super) struct Params(Vec<(String, String)>);

impl Params {
    /// What cannot be decoded counts as absent.
    pub(super) fn of(uri: &Uri) -> Self {
        Self(Query::<Vec<(String, String)>>::try_from_uri(uri).map(|query| query.0).unwrap_or_default())
    }

    /// The first value of this name.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The same query with another `page`, sorted by name, as Go's `url.Values` writes it.
    pub(super) fn with_page(&self, page: u64) -> String {
        let page = page.to_string();
        let mut pairs: Vec<(&str, &str)> = self
            .0
            .iter()
            .map(|(key, value)| (key.as_str(), value.as_str()))
            .filter(|(key, _)| *key != "page")
            .collect();
        pairs.push(("page", &page));
        pairs.sort_by_key(|(key, _)| *key);
        let escape = |text: &str| utf8_percent_encode(text, GO_QUERY).to_string().replace("%20", "+");
        let written: Vec<String> =
            pairs.iter().map(|(key, value)| format!("{}={}", escape(key), escape(value))).collect();
        written.join("&")
    }
}
