//! The embedded control plane: a small server that speaks the routes of a control plane and of a project's gateway.
//!
//! It answers as the recorded servers do, with their limits, errors and faults, over invented people and files that
//! come from a seed. It imports nothing of the client, so that a mistake there cannot hide behind the same mistake
//! here. It is no server for real data: everything lives until it stops.

mod auth;
mod clock;
mod errors;
mod faults;
mod life;
mod limits;
mod people;
mod projects;
mod query;
mod routes;
mod seed;
mod server;
mod sessions;
mod spool;
mod store;
#[cfg(test)]
mod tests;
mod wire;

use std::future::Future;
use std::io::{self, Write};
use std::path::Path;
use std::time::Duration;

pub use auth::{fresh_code, fresh_token, project_key};
pub use server::Server;
pub use sessions::{ACCOUNT, TokenCounts};

/// The project's short id in the control plane's paths.
pub const REFERENCE: &str = "demo";

/// What a self-hosted project answers `{ref}` with, whatever was asked for.
const SELF_HOSTED_REFERENCE: &str = "default";

/// What stands at the port beside the project's gateway.
#[derive(Clone, Default)]
pub enum Kind {
    /// A control plane under `/api/platform`.
    #[default]
    ControlPlane,
    /// Studio, the web console, at every other path: a self-hosted stack.
    SelfHosted(Studio),
    /// A Studio page server built for a hosted platform, without anything of its own and without a gateway.
    PageServer,
}

/// Studio on a self-hosted stack. It holds a password and so has no `Debug`.
#[derive(Clone, Default)]
pub struct Studio {
    /// The HTTP basic credentials that the gateway wants for it; none where nothing stands before it.
    pub basic: Option<(String, String)>,
    /// The project's `host:port` as Studio was told, perhaps not reachable from here; none for the true one.
    pub endpoint: Option<String>,
}

/// The platform's own sign-in, its GoTrue at `/auth/v1` of a control plane: one account ([`ACCOUNT`]) and two with the
/// same password that are refused, `banned@example.com` and `unconfirmed@example.com`. It holds secrets and so has no
/// `Debug`.
#[derive(Clone)]
pub struct SignIn {
    /// The password of all of them.
    pub password: String,
    /// How long an access token lives; whole seconds count, at least one.
    pub token_life: Duration,
    /// The code of a second factor that the account has, six digits. It does not change with the time, as an
    /// authenticator's does: the demo checks that the code is sent, not how it is made.
    pub totp: Option<String>,
    /// Whether a password is refused unless a solved captcha comes with it; any text counts as one.
    pub captcha: bool,
    /// The `apikey` that is wanted before it.
    pub apikey: Option<String>,
}

impl Default for SignIn {
    fn default() -> Self {
        Self {
            password: fresh_token(),
            token_life: Duration::from_secs(3_600),
            totp: None,
            captcha: false,
            apikey: None,
        }
    }
}

/// What a demo server is started with. It holds secrets and so has no `Debug`.
#[derive(Clone)]
pub struct Options {
    /// The loopback port; 0 takes a free one.
    pub port: u16,
    /// How many people there are at the start.
    pub users: u32,
    /// Events (sign-ins, sign-ups, uploads) per second; 0 means that nothing happens.
    pub life: f64,
    /// How long each answer is held back.
    pub latency: Duration,
    /// The share of requests, 0 to 1, that end in a 429, a 5xx or a cut connection.
    pub fault_rate: f64,
    /// The most bytes of one uploaded object.
    pub body_limit: u64,
    /// What people, files and faults are made from: the same seed, the same project.
    pub seed: u64,
    /// The platform token, any text.
    pub token: String,
    /// The project's service key.
    pub service_key: String,
    /// The project's anon key.
    pub anon_key: String,
    /// Whether one user, a quarter of the way down the list, is a row that GoTrue cannot read, so that each page with
    /// it is refused.
    pub null_token_user: bool,
    /// What stands beside the gateway.
    pub kind: Kind,
    /// The platform's sign-in; sessions are then taken beside the platform token. A control plane's alone, as the next
    /// two.
    pub sign_in: Option<SignIn>,
    /// Whether the control plane also tells of organizations and of several projects with their keys. Each is then at
    /// an address of its own, `/p/{ref}` on the server's port.
    pub wide: bool,
    /// The personal access token of the management API under `/v1`, which tells of the same projects; none where there
    /// is no such API.
    pub management: Option<String>,
    /// How many seconds the server's clock, and with it the header `Date`, is ahead of the machine's.
    pub clock_ahead: i64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            port: 0,
            users: 5_000,
            life: 0.5,
            latency: Duration::ZERO,
            fault_rate: 0.0,
            body_limit: 52_428_800,
            seed: 1,
            token: fresh_token(),
            service_key: project_key("service_role"),
            anon_key: project_key("anon"),
            null_token_user: false,
            kind: Kind::ControlPlane,
            sign_in: None,
            wide: false,
            management: None,
            clock_ahead: 0,
        }
    }
}

/// Where a server that runs alone keeps its credentials; each is made where it is missing.
pub struct Files<'a> {
    /// Of the platform token; without a control plane there is none.
    pub token: &'a Path,
    /// Of the project's service key.
    pub service_key: &'a Path,
    /// Of the password before Studio, where one is asked for.
    pub studio_password: &'a Path,
    /// Of the platform account, where one can sign in: the password, and on a second line the code of a second factor.
    pub account: &'a Path,
    /// Of the `apikey` before the sign-in, where one is wanted.
    pub platform_key: Option<&'a Path>,
    /// Of the management API's personal access token, where there is one.
    pub access_token: &'a Path,
}

/// Serves alone until `until` is done, with the credentials of the files; of the options' own only the name before
/// Studio counts, and which of the others there are. One line on stdout says where, and names the files, never what is in them.
///
/// # Errors
/// When a file cannot be read or written, or the port cannot be had.
pub async fn run(mut options: Options, files: Files<'_>, until: impl Future<Output = ()>) -> io::Result<()> {
    let mut told = Vec::new();
    match &mut options.kind {
        Kind::ControlPlane => {
            options.token = credential_file(files.token, fresh_token)?;
            told.push(format!(" token-file {}", files.token.display()));
        }
        Kind::SelfHosted(Studio { basic: Some((user, password)), .. }) => {
            *password = credential_file(files.studio_password, fresh_token)?;
            told.push(format!(" studio-user {user} studio-password-file {}", files.studio_password.display()));
        }
        _ => {}
    }
    if let Some(sign_in) = &mut options.sign_in {
        account(sign_in, files.account)?;
        told.push(format!(" account {ACCOUNT} account-file {}", files.account.display()));
        if let Some(path) = files.platform_key {
            sign_in.apikey = Some(credential_file(path, || project_key("anon"))?);
            told.push(format!(" platform-key-file {}", path.display()));
        }
    }
    if let Some(token) = &mut options.management {
        *token = credential_file(files.access_token, || format!("sbp_{}", seed::hex(&auth::random::<20>())))?;
        told.push(format!(" access-token-file {}", files.access_token.display()));
    }
    options.service_key = credential_file(files.service_key, || project_key("service_role"))?;
    let server = Server::start(options).await?;
    let mut out = io::stdout();
    writeln!(
        out,
        "basedeck demo server ready: {} ref {}{} service-key-file {}",
        server.url(),
        server.reference(),
        told.concat(),
        files.service_key.display()
    )?;
    out.flush()?;
    until.await;
    server.stop().await;
    Ok(())
}

/// Takes the password, and the code where there is a second factor, from the account's file.
fn account(sign_in: &mut SignIn, path: &Path) -> io::Result<()> {
    let made = || match &sign_in.totp {
        Some(code) => format!("{}\n{code}", sign_in.password),
        None => sign_in.password.clone(),
    };
    let text = credential_file(path, made)?;
    let mut lines = text.lines().map(str::trim);
    lines.next().unwrap_or_default().clone_into(&mut sign_in.password);
    if sign_in.totp.is_some() {
        let code = lines.next().filter(|line| !line.is_empty());
        let short = format!("{} has no second line: put the second factor's code of six digits there", path.display());
        sign_in.totp = Some(code.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, short))?.to_owned());
    }
    Ok(())
}

/// Reads a credential from a file, without the blanks around it; where the file is missing, makes one and writes it
/// for its owner alone (mode 0600).
///
/// # Errors
/// When the file cannot be read or written, or is empty.
pub fn credential_file(path: &Path, make: impl FnOnce() -> String) -> io::Result<String> {
    let named = |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", path.display()));
    match std::fs::read_to_string(path) {
        Ok(text) if text.trim().is_empty() => Err(io::Error::new(
            io::ErrorKind::InvalidData,
            format!("{} is empty: put the credential into it, or remove it to have one made", path.display()),
        )),
        Ok(text) => Ok(text.trim().to_owned()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let made = make();
            let mut how = std::fs::OpenOptions::new();
            how.write(true).create_new(true);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut how, 0o600);
            let mut file = how.open(path).map_err(named)?;
            file.write_all(format!("{made}\n").as_bytes()).map_err(named)?;
            Ok(made)
        }
        Err(error) => Err(named(error)),
    }
}
