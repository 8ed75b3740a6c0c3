//! A successful answer on its way to the models: bounded bytes and the headers that lists need.

use std::time::Duration;

use jiff::Timestamp;
use reqwest::header::{self, HeaderMap};
use reqwest::{Response, StatusCode};

use super::retry::LONGEST_ASKED;

/// The most that is kept of an error's body.
pub(super) const ERROR_LIMIT: usize = 64 << 10;

/// An answer read to its end.
pub(super) struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

/// Why a body could not be read.
pub(super) enum Broken {
    /// Larger than the limit, in bytes.
    TooLarge(usize),
    /// The connection ended or broke in the middle of it.
    Cut(reqwest::Error),
}

impl Reply {
    /// Reads an answer of at most `limit` bytes; of an error only the beginning is kept.
    pub async fn read(mut response: Response, limit: usize) -> Result<Self, Broken> {
        let status = response.status();
        let headers = std::mem::take(response.headers_mut());
        let limit = if status.is_success() { limit } else { ERROR_LIMIT };
        let mut body = Vec::new();
        loop {
            match response.chunk().await {
                Ok(Some(chunk)) if body.len() + chunk.len() <= limit => body.extend_from_slice(&chunk),
                Ok(Some(_)) if status.is_success() => return Err(Broken::TooLarge(limit)),
                Ok(Some(chunk)) => {
                    body.extend(chunk.iter().take(limit - body.len()));
                    break;
                }
                Ok(None) => break,
                // The status says enough; what came of the body may still hold the sentence.
                Err(_) if !status.is_success() => break,
                Err(cause) => return Err(Broken::Cut(cause)),
            }
        }
        Ok(Self { status, headers, body })
    }

    /// A header as text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The body as text, for the curious and for the kept row.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The first byte that is no blank.
    pub fn opening(&self) -> Option<u8> {
        self.body.iter().copied().find(|byte| !byte.is_ascii_whitespace())
    }

    /// The compression that the server used although none was asked for.
    pub fn compression(&self) -> Option<&str> {
        self.header(header::CONTENT_ENCODING.as_str()).filter(|name| !name.eq_ignore_ascii_case("identity"))
    }

    /// The server's name for this request.
    pub fn request_id(&self) -> Option<String> {
        ["sb-request-id", "x-request-id", "cf-ray"]
            .into_iter()
            .find_map(|name| self.header(name))
            .map(|id| id.chars().take(100).collect())
    }

    /// `Retry-After` in seconds or as a date, at most [`LONGEST_ASKED`].
    pub fn retry_after(&self, now: Timestamp) -> Option<Duration> {
        let text = self.header(header::RETRY_AFTER.as_str())?.trim();
        let asked = if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
            // What no number can hold is long, too.
            Duration::from_secs(text.parse().unwrap_or(u64::MAX))
        } else {
            let date = jiff::fmt::rfc2822::parse(text).ok()?;
            // A date in the past asks for no wait.
            date.timestamp().duration_since(now).try_into().unwrap_or_default()
        };
        Some(asked.min(LONGEST_ASKED))
    }

    /// Whether the answer asks for HTTP basic credentials.
    pub fn asks_basic(&self) -> bool {
        asks_basic(&self.headers)
    }
}

/// Whether an answer asks for HTTP basic credentials.
pub(super) fn asks_basic(headers: &HeaderMap) -> bool {
    headers
        .get_all(header::WWW_AUTHENTICATE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .any(|challenge| challenge.trim_start().get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case("basic")))
}

/// The server's own time.
pub(super) fn date(headers: &HeaderMap) -> Option<Timestamp> {
    let text = headers.get(header::DATE)?.to_str().ok()?;
    Some(jiff::fmt::rfc2822::parse(text).ok()?.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_seconds_or_a_date_and_never_longer_than_an_hour() {
        let now = "2026-11-24T13:50:00Z".parse().unwrap();
        let asked = |text: &str| {
            let headers = [(header::RETRY_AFTER, text.parse().unwrap())].into_iter().collect();
            let reply = Reply { status: StatusCode::TOO_MANY_REQUESTS, headers, body: Vec::new() };
            reply.retry_after(now).map(|wait| wait.as_secs())
        };
        assert_eq!(asked("7"), Some(7));
        assert_eq!(asked("Tue, 24 Nov 2026 13:50:30 GMT"), Some(30));
        assert_eq!(asked("Tue, 24 Nov 2026 13:00:00 GMT"), Some(0));
        for long in
            ["1000000000000000", "18446744073709551615", "99999999999999999999999", "Tue, 31 Dec 2030 13:50:30 GMT"]
        {
            assert_eq!(asked(long), Some(3_600), "{long}");
        }
        for odd in ["", "soon", "-1", "1.5"] {
            assert_eq!(asked(odd), None, "{odd}");
        }
    }
}
