//! Servers behind TLS, with certificates of a CA that only this test knows: what is trusted, and what is said of the rest.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use basedeck::api::client::{Client, Connection, DoorConfig};
use basedeck::api::error::Kind;
use basedeck::api::model::BucketId;
use basedeck::api::route::Door;
use basedeck::api::upload::{Source, Upload, upload};
use basedeck::secret::Secret;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};
use rustls::crypto::ring::default_provider;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{HandshakeKind, ServerConfig, ServerConnection, StreamOwned};
use tokio_util::sync::CancellationToken;

use super::{Place, Told};

/// From the first day of this year to the last of the next: some systems trust no longer ones.
fn params(names: &[&str], year: i32) -> CertificateParams {
    let names: Vec<_> = names.iter().map(|&name| name.to_owned()).collect();
    let mut params = CertificateParams::new(names).unwrap();
    params.not_before = date_time_ymd(year, 1, 1);
    params.not_after = date_time_ymd(year + 1, 12, 31);
    params
}

fn this_year() -> i32 {
    jiff::tz::Offset::UTC.to_datetime(jiff::Timestamp::now()).year().into()
}

/// A CA of its own.
struct Ca(CertifiedIssuer<'static, KeyPair>);

impl Ca {
    fn new(name: &str) -> Self {
        let mut params = params(&[], this_year());
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    fn pem(&self) -> String {
        let text = STANDARD.encode(self.0.der());
        format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n")
    }

    /// A server of one user and one bucket with a certificate for a name, of a year; its address.
    fn serve(&self, name: &str, year: i32) -> String {
        self.serve_by(name, year, answer)
    }

    fn serve_by(&self, name: &str, year: i32, answer: impl Fn(Tls) -> std::io::Result<()> + Send + 'static) -> String {
        let key = KeyPair::generate().unwrap();
        let mut params = params(&[name], year);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        Self::present(params.signed_by(&key, &self.0).unwrap().der().clone(), &key, answer)
    }

    /// The same, with the CA's own certificate, as `openssl req -x509` makes one.
    fn serve_itself(&self) -> String {
        Self::present(self.0.der().clone(), self.0.key(), answer)
    }

    fn present(
        certificate: CertificateDer<'static>,
        key: &KeyPair,
        answer: impl Fn(Tls) -> std::io::Result<()> + Send + 'static,
    ) -> String {
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key)
            .unwrap();
        let config = Arc::new(config);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
        thread::spawn(move || {
            for stream in listener.incoming() {
                // Whoever does not trust it hangs up in the middle.
                let _ = answer(StreamOwned::new(ServerConnection::new(config.clone()).unwrap(), stream.unwrap()));
            }
        });
        url
    }
}

type Tls = StreamOwned<ServerConnection, TcpStream>;

fn answer(stream: Tls) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    let mut line = String::new();
    while stream.read_line(&mut line)? > 2 {
        line.clear();
    }
    let body = "[{\"id\":\"00000000-0000-4000-8000-000000000001\",\"email\":\"a@x.io\"}]";
    let stream = stream.get_mut();
    write!(
        stream,
        "HTTP/1.1 200 OK\r\nx-total-count: 1\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )?;
    stream.conn.send_close_notify();
    stream.flush()
}

/// Lists the users there; `roots` are what the machine trusts.
fn list(place: &Place, url: &str, roots: &str, more: &[&str]) -> Told {
    let key = place.write("key", "k");
    let args = [&["users", "list", "--jsonl", "--project-url", url, "--service-key-file", &key], more].concat();
    place.command(&args).env("SSL_CERT_FILE", place.path(roots)).output().unwrap().into()
}

#[test]
fn a_server_with_a_certificate_of_the_given_ca_is_asked() {
    let (place, ca) = (Place::new(), Ca::new("the right one"));
    place.write("roots.pem", Ca::new("another").pem());
    // Several, with words between them, as bundles have them.
    let file = place.write("ca.pem", format!("# mine\n{}\n# another\n{}", ca.pem(), Ca::new("another").pem()));
    let url = ca.serve("localhost", this_year());
    for roots in ["roots.pem", "none.pem"] {
        let told = list(&place, &url, roots, &["--ca-file", &file]);
        assert_eq!(told.ends(0, &[]).out.lines().count(), 1, "{roots}");
    }
    let doctor = ["doctor", "--project-url", &url, "--service-key-file", "key", "--ca-file", &file];
    let told = place.run(&doctor);
    let at = url.trim_start_matches("https://");
    for line in
        [format!("ok    CA file  {file}\n"), format!("ok    DNS  {at}: "), format!("ok    TLS  {at} answered in ")]
    {
        assert!(told.out.contains(&line), "{}", told.out);
    }
}

// Elsewhere the system's own list is asked, which a test cannot replace.
#[cfg(target_os = "linux")]
#[test]
fn a_certificate_that_is_not_accepted_is_said_in_words() {
    let (place, ca) = (Place::new(), Ca::new("the right one"));
    place.write("roots.pem", Ca::new("another").pem());
    let file = place.write("ca.pem", ca.pem());
    let trusted = ["--ca-file", file.as_str()];
    let year = this_year();
    for (name, year, more, says) in [
        (
            "localhost",
            year,
            &[][..],
            "(its certificate is signed by nobody that this machine trusts): give the certificate of its signer with \
             --ca-file.",
        ),
        ("other.test", year, &trusted, "(its certificate is for another name, other.test): check the address."),
        (
            "localhost",
            year - 5,
            &trusted,
            "(its certificate has expired): have it renewed, or set this machine's clock.",
        ),
        (
            "localhost",
            year + 2,
            &trusted,
            "(its certificate is not valid yet): have it renewed, or set this machine's clock.",
        ),
    ] {
        let url = ca.serve(name, year);
        let told = list(&place, &url, "roots.pem", more);
        let place = url.trim_start_matches("https://").trim_end_matches('/');
        told.ends(5, &[&format!("basedeck: {place} is not trusted {says}\n")]);
        assert_eq!((told.out.as_str(), told.err.lines().count()), ("", 1), "{}", told.err);
    }
    list(&place, &ca.serve_itself(), "roots.pem", &trusted).ends(5, &[
        "(its certificate is a signer's own, which may not serve): give the server a certificate of its own that this \
         one signs.\n",
    ]);
    let url = ca.serve("localhost", year);
    let doctor = ["doctor", "--project-url", &url, "--service-key-file", "key"];
    let told: Told = place.command(&doctor).env("SSL_CERT_FILE", place.path("roots.pem")).output().unwrap().into();
    let at = url.trim_start_matches("https://");
    let line = format!("bad   TLS  {at} is not trusted (its certificate is signed by nobody");
    assert!(told.ends(1, &[]).out.contains(&line) && told.out.contains("ok    DNS  "), "{}", told.out);
    let upload = ["upload", "ca.pem", "docs", "--project-url", &url, "--service-key-file", "key"];
    let told: Told = place.command(&upload).env("SSL_CERT_FILE", place.path("roots.pem")).output().unwrap().into();
    told.ends(5, &["is not trusted"]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_machine_without_certificates_needs_a_ca_file_for_https_alone() {
    let (place, ca) = (Place::new(), Ca::new("the right one"));
    let told = list(&place, &ca.serve("localhost", this_year()), "none.pem", &[]);
    let says = " is not trusted (this machine has no CA certificates): install the package ca-certificates, \
                or give --ca-file.";
    told.ends(5, &[says]);
    let served = super::served::Served::start(&["--users", "3"]);
    place.write("key", served.secret("demo.service-key"));
    let list = ["users", "list", "--jsonl", "--service-key-file", "key", "--project-url", served.url()];
    let told: Told = place.command(&list).env("SSL_CERT_FILE", place.path("none.pem")).output().unwrap().into();
    assert_eq!(told.ends(0, &[]).out.lines().count(), 3);
}

#[test]
fn a_broken_ca_file_is_named_before_anything_is_asked() {
    let place = Place::new();
    for (content, says) in [
        ("-----BEGIN CERTIFICATE-----\nZ2FyYmFnZQ==\n-----END CERTIFICATE-----\n", "cannot be used"),
        ("-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n", "cannot be used"),
        ("hello", "holds no certificate"),
    ] {
        let file = place.write("ca.pem", content);
        let told = list(&place, "https://localhost:1", "none.pem", &["--ca-file", &file]);
        told.ends(2, &[&format!("the CA file {file} "), says]);
        assert_eq!(told.err.lines().count(), 1, "{}", told.err);
    }
}

/// Each refused upload leaves its connection, and the next one's costs no certificate.
#[tokio::test]
async fn after_a_refused_upload_the_next_connection_goes_on_with_the_same_session() {
    const SIZE: u64 = 1_000;
    let kinds: Arc<Mutex<Vec<HandshakeKind>>> = Arc::default();
    let seen = kinds.clone();
    let ca = Ca::new("the right one");
    let url = ca.serve_by("localhost", this_year(), move |stream| {
        let mut stream = BufReader::new(stream);
        let mut line = String::new();
        while stream.read_line(&mut line)? > 2 {
            line.clear();
        }
        stream.read_exact(&mut [0; SIZE as usize])?;
        let stream = stream.get_mut();
        seen.lock().unwrap().extend(stream.conn.handshake_kind());
        let body = r#"{"statusCode":"409","error":"Duplicate","message":"The resource already exists"}"#;
        write!(stream, "HTTP/1.1 400 Bad Request\r\ncontent-length: {}\r\n\r\n{body}", body.len())?;
        stream.conn.send_close_notify();
        stream.flush()
    });
    basedeck::api::client::install_tls();
    let door = DoorConfig {
        door: Door::Gateway,
        base: url.parse().unwrap(),
        reference: None,
        user: None,
        credential: Secret::new("key".into()),
        renew: None,
    };
    let connection =
        Connection { doors: vec![door], ca_file_pem: Some(ca.pem().into_bytes()), ..Connection::default() };
    let client = Client::new(connection);
    let what = Upload {
        bucket: BucketId("docs".into()),
        key: "a.bin".into(),
        mime: "application/octet-stream".into(),
        size: SIZE,
        upsert: false,
    };
    for _ in 0..4 {
        let source = Source { body: Box::pin(tokio::io::AsyncReadExt::take(tokio::io::repeat(7), SIZE)) };
        let error = upload(&client, &what, source, Arc::default(), CancellationToken::new()).await.result.unwrap_err();
        assert_eq!(error.kind, Kind::Conflict, "{error}");
    }
    let kinds = kinds.lock().unwrap();
    assert!(matches!(kinds[..], [HandshakeKind::Full, _, _, _]) && kinds.len() == 4, "{kinds:?}");
    assert!(kinds[1..].iter().all(|kind| *kind == HandshakeKind::Resumed), "{kinds:?}");
}
