//! Builds the HTTP client of a door. Loading the machine's certificates takes milliseconds and fails where there are
//! none, so it is done in a blocking worker, once, and only for https.

use std::time::Duration;

use reqwest::header::HeaderValue;
use reqwest::tls::Certificate;
use reqwest::{ClientBuilder, redirect, retry};
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use url::Url;

use crate::api::error::{ApiError, Kind};
use crate::api::fault::{Place, root};
use crate::text::address::is_loopback;

/// What is said where nothing can be trusted.
const NO_ROOTS: &str = "this machine has no CA certificates";

const USER_AGENT: &str = concat!("basedeck/", env!("CARGO_PKG_VERSION"));

/// Makes ring the provider of TLS. Once at the start of `main` and of tests; again does no harm.
pub fn install_tls() {
    // An error says that one is installed already.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// Whether certificates in PEM can be trusted, or what is wrong with them.
pub fn check_ca(pem: &[u8]) -> Result<(), String> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem) {
        let certificate = certificate.map_err(|cause| cause.to_string())?;
        roots.add(certificate).map_err(|cause| cause.to_string())?;
    }
    if roots.is_empty() { Err("it holds none".into()) } else { Ok(()) }
}

/// What it means for a request that there is no client for it.
pub(in crate::api) fn none(place: &Place, said: String) -> ApiError {
    let kind = if said == NO_ROOTS { Kind::Untrusted } else { Kind::Unreachable };
    place.unsent(kind, said)
}

/// A header's value that is in no log; `name` is what it holds.
pub(in crate::api) fn hidden(text: &str, name: &str) -> Result<HeaderValue, String> {
    let mut value =
        HeaderValue::from_str(text).map_err(|_| format!("the {name} holds a character that no header carries"))?;
    value.set_sensitive(true);
    Ok(value)
}

/// The client for an address, or why there is none.
pub(in crate::api) async fn client(base: Url, ca: Option<Vec<u8>>) -> Result<reqwest::Client, String> {
    let built = tokio::task::spawn_blocking(move || build(&base, ca.as_deref())).await;
    built.unwrap_or_else(|_| Err("the TLS provider is not installed".into()))
}

fn build(base: &Url, ca: Option<&[u8]>) -> Result<reqwest::Client, String> {
    if base.scheme() != "https" {
        // Without roots: works on machines without certificates.
        return plain(base).tls_certs_only([]).build().map_err(|cause| root(&cause));
    }
    let extra = match ca {
        Some(pem) => Certificate::from_pem_bundle(pem).map_err(|cause| format!("the CA file is no PEM: {cause}"))?,
        None => Vec::new(),
    };
    let built = plain(base).tls_certs_merge(extra.clone()).build();
    let Err(cause) = built else { return built.map_err(|cause| root(&cause)) };
    // A machine without certificates still trusts the CA file.
    if !extra.is_empty() {
        return plain(base).tls_certs_only(extra).build().map_err(|cause| root(&cause));
    }
    let said = root(&cause);
    if said.to_ascii_lowercase().contains("certificate") {
        return Err(NO_ROOTS.into());
    }
    Err(said)
}

fn plain(base: &Url) -> ClientBuilder {
    let builder = ClientBuilder::new()
        .user_agent(USER_AGENT)
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .http1_only()
        .tcp_nodelay(true)
        .connect_timeout(Duration::from_secs(10))
        .pool_idle_timeout(Duration::from_secs(50));
    if is_loopback(base) { builder.no_proxy() } else { builder }
}
