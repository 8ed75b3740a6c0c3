//! Builds the HTTP client of a door. Loading the machine's certificates takes milliseconds and fails where there are
//! none, so it is done in a blocking worker, only for https, and once for all doors that trust the same.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hyper_util::client::proxy::matcher::Matcher;
use reqwest::header::HeaderValue;
use reqwest::{ClientBuilder, redirect, retry};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::Verifier;
use url::Url;

use crate::api::error::{ApiError, Kind};
use crate::api::fault::{Place, root};
use crate::text::address::is_loopback;

/// What is said where nothing can be trusted.
const NO_ROOTS: &str = "this machine has no CA certificates";

const USER_AGENT: &str = concat!("basedeck/", env!("CARGO_PKG_VERSION"));

/// Who judges certificates, by what is trusted besides the machine's own: loaded once in the program's life.
static JUDGES: Mutex<Vec<Judge>> = Mutex::new(Vec::new());

type Judge = (Option<Vec<u8>>, Arc<Verifier>);

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
    let trust = trust(base.scheme() == "https", ca).await?;
    with(&base, trust)
}

/// What is trusted at an address, which takes its time. Connections that share it go on where one before left off, so that
/// servers need not prove again who they are.
pub(super) async fn trust(tls: bool, ca: Option<Vec<u8>>) -> Result<ClientConfig, String> {
    let loaded = tokio::task::spawn_blocking(move || load(tls, ca.as_deref())).await;
    loaded.unwrap_or_else(|_| Err("the certificates cannot be loaded".into()))
}

/// A client with connections of its own, at once.
pub(super) fn with(base: &Url, trust: ClientConfig) -> Result<reqwest::Client, String> {
    plain(base).tls_backend_preconfigured(trust).build().map_err(|cause| root(&cause))
}

fn load(tls: bool, ca: Option<&[u8]>) -> Result<ClientConfig, String> {
    let provider = CryptoProvider::get_default().ok_or("the TLS provider is not installed")?.clone();
    let builder = ClientConfig::builder_with_provider(provider.clone()).with_safe_default_protocol_versions();
    let builder = builder.map_err(|cause| cause.to_string())?;
    let mut trust = if tls {
        builder.dangerous().with_custom_certificate_verifier(judge(ca, provider)?).with_no_client_auth()
    } else {
        // Without roots: works on machines without certificates.
        builder.with_root_certificates(RootCertStore::empty()).with_no_client_auth()
    };
    trust.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(trust)
}

/// Who judges certificates where these are trusted besides the machine's. Whoever asks at the same time waits for the one
/// who loads; what failed is tried again.
fn judge(ca: Option<&[u8]>, provider: Arc<CryptoProvider>) -> Result<Arc<Verifier>, String> {
    let mut judges = JUDGES.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, judge)) = judges.iter().find(|(of, _)| of.as_deref() == ca) {
        return Ok(Arc::clone(judge));
    }
    let extra = CertificateDer::pem_slice_iter(ca.unwrap_or_default()).collect::<Result<Vec<_>, _>>();
    let extra = extra.map_err(|cause| format!("the CA file is no PEM: {cause}"))?;
    let judge = Verifier::new_with_extra_roots(extra, provider).map_err(|cause| {
        let said = cause.to_string();
        if said.to_ascii_lowercase().contains("certificate") { NO_ROOTS.into() } else { said }
    })?;
    let judge = Arc::new(judge);
    judges.push((ca.map(<[u8]>::to_vec), Arc::clone(&judge)));
    Ok(judge)
}

/// Whether what is sent to this address goes to a proxy first, by the variables that reqwest reads.
pub(in crate::api) fn is_by_proxy(url: &Url) -> bool {
    let asked = url.as_str().parse().ok().filter(|_| !is_loopback(url));
    asked.is_some_and(|asked| Matcher::from_system().intercept(&asked).is_some())
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

#[cfg(test)]
mod tests {
    use base64::Engine;

    use super::*;

    #[test]
    fn what_is_trusted_is_loaded_once_for_each_setting() {
        install_tls();
        let provider = || CryptoProvider::get_default().unwrap().clone();
        let of = |ca: &str| judge(Some(ca.as_bytes()), provider()).unwrap();
        let pem = |name: &str| {
            let made = rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
            let text = base64::prelude::BASE64_STANDARD.encode(made.cert.der());
            format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n")
        };
        let (one, other) = (pem("one"), pem("other"));
        let (first, second) = (of(&one), of(&other));
        assert!(Arc::ptr_eq(&first, &of(&one)) && Arc::ptr_eq(&second, &of(&other)));
        assert!(!Arc::ptr_eq(&first, &second), "what one profile trusts another does not");
    }
}
