//! A route's address: the door's base, the table's path with its places filled, the query. Every segment is encoded by
//! itself, and nothing may resolve to another path on its way.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::Url;

use super::Ask;
use crate::api::route::Door;
use crate::text::address::{is_loopback, place};

/// All but RFC 3986's unreserved characters.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// What stands in the places of a path.
#[derive(Clone, Copy, Default)]
pub(in crate::api) struct Fill<'a> {
    pub bucket: &'a str,
    /// An object's key.
    pub key: &'a str,
    pub id: &'a str,
}

/// The address of a request at a door, or why there is none.
pub(super) fn of(door: Door, base: &Url, reference: Option<&str>, ask: &Ask<'_>) -> Result<Url, String> {
    let template = ask.route.spec().path(door).unwrap_or_default();
    let mut path = base.path().trim_end_matches('/').to_owned();
    for part in template.split('/').skip(1) {
        path.push('/');
        match part {
            "{ref}" => path.push_str(&one(reference.unwrap_or_default(), "project's ref")?),
            "{bucket}" => path.push_str(&one(ask.fill.bucket, "bucket's id")?),
            "{id}" => path.push_str(&one(ask.fill.id, "id")?),
            "{path}" => path.push_str(&many(ask.fill.key)?),
            fixed => path.push_str(fixed),
        }
    }
    let mut url = base.clone();
    url.set_path(&path);
    let query = Some(ask.query.as_str()).filter(|query| !query.is_empty());
    url.set_query(query.filter(|_| door != Door::Studio || ask.studio.is_none()));
    url.set_fragment(None);
    // A name and password in the address would be sent as Basic credentials beside the Bearer.
    let bare = url.set_username("").and_then(|()| url.set_password(None));
    // What is sent must be what was meant.
    if url.path() == path && bare.is_ok() { Ok(url) } else { Err("the address would be changed on its way".into()) }
}

/// The address that comes with a door's credential, or why it is not used.
pub(super) fn given(configured: &Url, mut given: Url) -> Result<Url, String> {
    let same = given.host() == configured.host() && given.scheme() == configured.scheme();
    if given.scheme() != "https" && !(given.scheme() == "http" && (same || is_loopback(&given))) {
        return Err(format!("it came with the address {}, which is not https", place(&given)));
    }
    let bare = given.set_username("").and_then(|()| given.set_password(None));
    bare.map_err(|()| "it came with an address without a host".to_owned())?;
    Ok(given)
}

/// Encodes one segment.
fn one(text: &str, what: &str) -> Result<String, String> {
    if text.is_empty() {
        return Err(format!("the {what} is empty"));
    }
    segment(text)
}

/// Encodes a key, segment by segment; empty segments are part of it.
fn many(key: &str) -> Result<String, String> {
    if key.is_empty() {
        return Err("the key is empty".into());
    }
    let segments: Result<Vec<_>, _> = key.split('/').map(segment).collect();
    Ok(segments?.join("/"))
}

fn segment(text: &str) -> Result<String, String> {
    // Libraries and servers resolve these, and another thing would be addressed.
    if text == "." || text == ".." {
        return Err(format!("`{text}` cannot be a part of an address"));
    }
    Ok(encode(text))
}

/// Encodes a text for a path or a query.
pub(in crate::api) fn encode(text: &str) -> String {
    utf8_percent_encode(text, SEGMENT).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_comes_with_a_key_is_https_or_near_or_the_one_that_was_configured() {
        let at = |configured: &str, url: &str| {
            given(&configured.parse().unwrap(), url.parse().unwrap()).map(|url| url.to_string())
        };
        for fine in ["https://ref.example/", "http://localhost:8000/", "http://127.0.0.1/", "http://nas.local:9000/"] {
            assert_eq!(at("http://nas.local:8000", fine).as_deref(), Ok(fine));
        }
        assert_eq!(at("https://a.example", "https://u:p@b.example/").as_deref(), Ok("https://b.example/"));
        for odd in ["http://b.example", "http://a.example", "ftp://a.example", "data:text", "file:///etc"] {
            assert!(at("https://a.example", odd).is_err(), "{odd}");
        }
    }
}
