//! What goes wrong below HTTP (names, connections, TLS, proxies), as an [`ApiError`] with a sentence of its own.

use std::error::Error;
use std::io;

use super::error::{ApiError, Kind};
use super::route::{Door, Route};

/// Where a request goes: what each of its errors says.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub route: Route,
    pub door: Door,
    pub host: String,
}

impl Place {
    /// An error of this request.
    pub fn error(&self, kind: Kind, said: impl Into<String>) -> ApiError {
        ApiError { door: Some(self.door), host: self.host.clone(), ..ApiError::of(kind, self.route, said) }
    }

    /// An error found before a byte was sent.
    pub fn unsent(&self, kind: Kind, said: impl Into<String>) -> ApiError {
        ApiError { unsent: true, ..self.error(kind, said) }
    }

    /// A request that got no answer: no connection (surely unsent), or one that broke.
    pub fn broken(&self, cause: &reqwest::Error) -> ApiError {
        if cause.is_connect() {
            return self.unsent(Kind::Unreachable, unreachable(cause));
        }
        if cause.is_builder() {
            return self.unsent(Kind::Refused, "the request cannot be written");
        }
        self.error(Kind::Lost, format!("the connection broke before an answer came: {}", root(cause)))
    }
}

/// Whether the other side reset the connection: an answer that came with the reset may have been lost.
pub(super) fn is_reset(cause: &reqwest::Error) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset};
    matches!(io_kind(cause), Some(BrokenPipe | ConnectionAborted | ConnectionReset))
}

/// Why there is no connection, in plain words.
fn unreachable(cause: &reqwest::Error) -> String {
    if cause.is_timeout() {
        return "no connection within 10 s".into();
    }
    if cause.is_dns() {
        return "the name is unknown".into();
    }
    let root = root(cause);
    let lower = root.to_ascii_lowercase();
    if let Some(kind) = io_kind(cause) {
        match kind {
            io::ErrorKind::ConnectionRefused => return "nothing listens there".into(),
            io::ErrorKind::NetworkUnreachable | io::ErrorKind::HostUnreachable => {
                return "there is no way to it".into();
            }
            _ => {}
        }
    }
    if lower.contains("lookup address") || lower.contains("dns error") {
        return "the name is unknown".into();
    }
    if lower.contains("invalidcontenttype") {
        return "it speaks plain http, not https".into();
    }
    if lower.contains("certificate") {
        return format!("its certificate is not trusted: {root}");
    }
    root
}

/// The innermost cause, cut to a bearable length.
pub(super) fn root(error: &(dyn Error + 'static)) -> String {
    let innermost = chain(error).last().unwrap_or(error);
    innermost.to_string().chars().take(200).collect()
}

fn io_kind(error: &(dyn Error + 'static)) -> Option<io::ErrorKind> {
    chain(error).filter_map(|cause| cause.downcast_ref::<io::Error>()).map(io::Error::kind).last()
}

fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&cause| cause.source())
}
