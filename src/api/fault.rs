//! What goes wrong below HTTP (names, connections, TLS, proxies), as an [`ApiError`] with a sentence of its own.

use std::error::Error;
use std::io;

use rustls::CertificateError;

use super::client::build::is_by_proxy;
use super::error::{ApiError, Kind};
use super::route::{Door, Route};
use crate::secret::Secret;

/// Where a request goes: what each of its errors says.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub route: Route,
    pub door: Door,
    pub host: String,
    /// What went along and must not be seen: some servers say back what they were sent.
    pub secrets: Vec<Secret>,
    /// Whether nothing can be read of a credential that should be a JWT.
    pub unreadable: bool,
    /// As [`ApiError::known_by`].
    pub known_by: Option<&'static str>,
}

impl Place {
    /// An error of this request.
    pub fn error(&self, kind: Kind, said: impl Into<String>) -> ApiError {
        let said = self.hide(said.into());
        let (door, host, known_by) = (Some(self.door), self.host.clone(), self.known_by);
        ApiError { door, known_by, host, ..ApiError::of(kind, self.route, said) }
    }

    /// What a server says, without the secrets that it was sent.
    pub fn hide(&self, text: String) -> String {
        self.secrets.iter().fold(text, |text, secret| secret.hide_in(text))
    }

    /// An error found before a byte was sent.
    pub fn unsent(&self, kind: Kind, said: impl Into<String>) -> ApiError {
        ApiError { unsent: true, ..self.error(kind, said) }
    }

    /// A request that got no answer: no connection (surely unsent), or one that broke.
    pub fn broken(&self, cause: &reqwest::Error) -> ApiError {
        if let Some(why) = certificate(cause) {
            return self.unsent(Kind::Untrusted, untrusted(why));
        }
        if cause.is_connect() {
            return self.unsent(Kind::Unreachable, unreachable(cause));
        }
        if cause.is_builder() {
            return self.unsent(Kind::Refused, "the request cannot be written");
        }
        self.error(Kind::Lost, format!("the connection broke before an answer came, {}", root(cause)))
    }
}

/// What a proxy means that wants credentials of its own.
pub(super) const PROXY_ASKS: &str = "the proxy asks for a name and a password, which belong into its address";

/// What is said of a connection that was not made in time.
const LATE: &str = "no connection within 10 s";

/// Whether the other side reset the connection: an answer that came with the reset may have been lost.
pub(super) fn is_reset(cause: &reqwest::Error) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset};
    matches!(io_kind(cause), Some(BrokenPipe | ConnectionAborted | ConnectionReset))
}

/// Why there is no connection, in plain words.
fn unreachable(cause: &reqwest::Error) -> String {
    let root = root(cause);
    // In plain http nothing but the way to the proxy can fail; else the connector says the step that failed, only in
    // its words.
    let plain = cause.url().is_some_and(|url| url.scheme() == "http" && is_by_proxy(url));
    if plain || chain(cause).any(|step| step.to_string().contains("failed to create underlying connection")) {
        let why = if cause.is_timeout() { Some(LATE) } else { no_connection(cause) };
        return format!("the proxy cannot be reached, {}", why.unwrap_or(&root));
    }
    if cause.is_timeout() {
        return LATE.into();
    }
    let lower = root.to_ascii_lowercase();
    if lower.contains("proxy authorization required") || lower.contains("proxy authentication required") {
        return PROXY_ASKS.into();
    }
    if lower.contains("tunnel") {
        return "the proxy leads to no such place".into();
    }
    if let Some(why) = no_connection(cause) {
        return why.into();
    }
    if lower.contains("invalidcontenttype") {
        return "it speaks plain http, not https".into();
    }
    root
}

/// Why the system made no connection, where that is known.
fn no_connection(cause: &reqwest::Error) -> Option<&'static str> {
    let lower = root(cause).to_ascii_lowercase();
    match io_kind(cause) {
        Some(io::ErrorKind::ConnectionRefused) => Some("nothing listens there"),
        Some(io::ErrorKind::NetworkUnreachable | io::ErrorKind::HostUnreachable) => Some("there is no way to it"),
        _ if cause.is_dns() || lower.contains("lookup address") => Some("the name is unknown"),
        _ => None,
    }
}

/// What is wrong with the server's certificate, where that is why there is no connection.
fn certificate<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a CertificateError> {
    chain(error).find_map(|cause| match cause.downcast_ref() {
        Some(rustls::Error::InvalidCertificate(why)) => Some(why),
        _ => None,
    })
}

fn untrusted(why: &CertificateError) -> String {
    match why {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => "its certificate has expired".into(),
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "its certificate is not valid yet".into()
        }
        CertificateError::NotValidForName => "its certificate is for another name".into(),
        CertificateError::NotValidForNameContext { presented, .. } => {
            // Each stands as `DnsName("db.example")`.
            let names = presented.iter().take(3).map(|name| name.split('"').nth(1).unwrap_or(name));
            let names: Vec<_> = names.collect();
            let names = if names.is_empty() { "no name at all".into() } else { names.join(", ") };
            format!("its certificate is for another name, {names}")
        }
        CertificateError::UnknownIssuer => "its certificate is signed by nobody that this machine trusts".into(),
        // What the library says of it is a name alone: https://docs.rs/rustls-webpki, `Error::CaUsedAsEndEntity`.
        other if other.to_string().contains("CaUsedAsEndEntity") => {
            "its certificate is a signer's own, which may not serve".into()
        }
        other => format!("its certificate is not accepted, {other}"),
    }
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
    std::iter::successors(Some(error), |&cause| {
        // What an `io::Error` was made from is not its source.
        let made_from = cause.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        made_from.map(|inner| inner as &(dyn Error + 'static)).or_else(|| cause.source())
    })
}
