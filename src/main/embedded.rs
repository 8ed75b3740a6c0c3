//! The demo server beside the screen or a command, or alone.

use basedeck::api::client::{Connection, DoorConfig};
use basedeck::api::route::Door;
use basedeck::cli::{Cli, DemoServer};
use basedeck::demo::{self, Files, Kind, Options, Server, SignIn, Studio, fresh_code};
use basedeck::headless::inputs;
use basedeck::local::setup::kind as kind_of;
use basedeck::local::signals::Signals;
use basedeck::local::{Setup, Unready};
use basedeck::secret::Secret;
use basedeck::text::human::{parse_duration, parse_size};
use std::time::Duration;

/// Starts the demo that the flags describe and connects to it by both doors; it ends when the server is dropped.
pub async fn start(cli: &Cli) -> Result<(Server, Setup), Unready> {
    let how = &cli.demo;
    let options = Options {
        users: how.users,
        life: how.life,
        latency: latency(&how.latency)?,
        fault_rate: how.fault_rate,
        seed: how.demo_seed,
        ..Options::default()
    };
    let (token, key) = (options.token.clone(), options.service_key.clone());
    let server = Server::start(options).await.map_err(|error| unstarted(&error))?;
    let base = server.url().parse().map_err(|error| Unready(format!("the demo has no usable address ({error})")))?;
    let door = |door, reference, credential| DoorConfig {
        door,
        base: url::Url::clone(&base),
        reference,
        user: None,
        credential,
        renew: None,
    };
    let reference = Some(server.reference().to_owned());
    let doors =
        vec![door(Door::ControlPlane, reference, Secret::new(token)), door(Door::Gateway, None, Secret::new(key))];
    let flags = &cli.connection;
    let wanted = inputs(flags).flags.door.map(kind_of);
    let doors = doors.into_iter().filter(|door| wanted.is_none_or(|wanted| wanted == door.door)).collect();
    let connection = Connection { doors, read_only: flags.read_only, ca_file_pem: None, detect: false, watch: None };
    let setup = Setup::plain("demo".into(), connection, flags.interval);
    Ok((server, setup))
}

/// Serves alone until a signal comes; the exit code.
pub async fn serve(how: &DemoServer) -> Result<u8, Unready> {
    let options = Options {
        port: how.port,
        users: how.users,
        life: how.life,
        latency: latency(&how.latency)?,
        fault_rate: how.fault_rate,
        body_limit: parse_size(&how.body_limit).map_err(|error| Unready(format!("--body-limit: {error}")))?,
        seed: how.seed,
        kind: kind(how),
        sign_in: sign_in(how)?,
        wide: how.wide,
        management: how.management.then(String::new),
        ..Options::default()
    };
    let files = Files {
        token: &how.token_file,
        service_key: &how.service_key_file,
        studio_password: &how.studio_password_file,
        account: &how.account_file,
        platform_key: how.platform_key_file.as_deref(),
        access_token: &how.access_token_file,
    };
    let mut signals = Signals::listen().map_err(|error| unstarted(&error))?;
    let until = async {
        signals.next().await;
    };
    demo::run(options, files, until).await.map_err(|error| unstarted(&error))?;
    Ok(0)
}

/// A control plane, or Studio; its password comes from the file.
fn kind(how: &DemoServer) -> Kind {
    if !how.studio {
        return Kind::ControlPlane;
    }
    let basic = how.studio_user.clone().map(|user| (user, String::new()));
    Kind::SelfHosted(Studio { basic, endpoint: None })
}

/// The platform's sign-in; what it keeps secret comes from the files.
fn sign_in(how: &DemoServer) -> Result<Option<SignIn>, Unready> {
    if !how.sign_in {
        return Ok(None);
    }
    let token_life = parse_duration(&how.token_life).map_err(|error| Unready(format!("--token-life: {error}")))?;
    let totp = how.totp.then(fresh_code);
    Ok(Some(SignIn { token_life, totp, captcha: how.captcha, ..SignIn::default() }))
}

fn latency(text: &str) -> Result<Duration, Unready> {
    parse_duration(text).map_err(|error| Unready(format!("--latency: {error}")))
}

fn unstarted(error: &std::io::Error) -> Unready {
    Unready(format!("the demo server cannot run: {error}"))
}
