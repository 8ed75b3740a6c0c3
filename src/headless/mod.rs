//! The operations without a screen: the same connection, client and engine, with stdout for results, stderr for
//! sentences, and an exit code that tells a script what happened.

mod buckets;
mod config;
mod doctor;
mod login;
mod print;
mod upload;
mod users;

use std::io;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::api::client::{Answered, Client};
use crate::api::error::{ApiError, Kind};
use crate::api::model::{Project, Row};
use crate::api::route;
use crate::cli::{self, Buckets, Command, DoorName, Users};
use crate::config::Door;
use crate::config::resolve::Flags;
use crate::local::ask;
use crate::local::log::Log;
use crate::local::setup::SignIn;
use crate::local::signals::Signals;
use crate::local::state::Store;
use crate::local::{Inputs, Setup, discover};
use crate::work::outcome::Class;

pub use config::run as config;
pub use doctor::run as doctor;
pub use login::alone;
use print::Results;
pub use print::say;

/// Done, and nothing is left to do.
pub const DONE: u8 = 0;
/// Refused, done in part, or an incomplete list.
pub const PARTLY: u8 = 1;
/// Usage or configuration.
pub const USAGE: u8 = 2;

/// What a profile is that names no project.
const UNCHOSEN: &str = "no ref: choose among its projects with P on the screen, or with --ref";
/// So many projects are named where one is to be chosen.
const SOME: usize = 5;
/// How long they are waited for.
const LISTING: Duration = Duration::from_secs(10);
/// How often a read that failed is sent again.
const RETRIES: u32 = 3;
/// How long an upload may take to end once a signal came: it asks what became of the files under way.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long a list may take: it may hang in a pipe that nobody reads.
const LITTLE_PATIENCE: Duration = Duration::from_millis(200);

/// What a command needs.
#[derive(Clone)]
struct Context {
    client: Client,
    log: Log,
    /// Where one signs in.
    session: Option<SignIn>,
    /// Set when a signal asks the command to stop.
    stop: CancellationToken,
}

impl Context {
    /// Logs a request and hands its result on.
    fn note<T>(&self, answered: Answered<T>) -> Result<T, ApiError> {
        let Answered { meta, result } = answered;
        self.log.request(&meta, result.as_ref().err());
        result
    }

    /// The sentence of a failure.
    fn told(&self, error: &ApiError) -> String {
        told(error, self.session.as_ref())
    }

    /// Says what failed, and on what; the exit code.
    fn failed(&self, on: &str, error: &ApiError) -> u8 {
        print::refuse(&format!("{on}: {}", self.told(error)), code(error.kind))
    }
}

/// What the connection's flags ask for.
pub fn inputs(flags: &cli::Connection) -> Inputs {
    let flags = flags.clone();
    let door = flags.door.map(|door| match door {
        DoorName::ControlPlane => Door::ControlPlane,
        DoorName::Gateway => Door::Gateway,
        DoorName::Studio => Door::Studio,
    });
    Inputs {
        flags: Flags {
            profile: flags.profile,
            url: flags.url,
            reference: flags.reference,
            token_file: flags.token_file,
            token_stdin: flags.token_stdin,
            login: flags.login,
            project_url: flags.project_url,
            supabase_ref: flags.supabase_ref,
            service_key_file: flags.service_key_file,
            door,
            read_only: flags.read_only,
            allow_http: flags.allow_http,
            ca_file: flags.ca_file,
            interval: flags.interval,
            choose: false,
            list: false,
        },
        config: flags.config,
        agreed: flags.studio_key,
        store: Store::usual(),
    }
}

/// Runs a command to its end, or until a signal; the exit code.
pub async fn run(command: Command, setup: Setup, log: Log) -> u8 {
    let mut signals = match Signals::listen() {
        Ok(signals) => signals,
        Err(error) => return print::refuse(&format!("signals cannot be heard ({error}): try again"), USAGE),
    };
    let log = setup.logging(&log);
    for warning in &setup.warnings {
        say(&format!("note: {warning}"));
    }
    if !setup.is_connected() {
        return print::refuse(&nothing(), USAGE);
    }
    let is_nobody = setup.unchosen && setup.connection.doors.is_empty();
    if let (Command::Login(_) | Command::Logout(_) | Command::Whoami(_), false) = (&command, is_nobody) {
        // A question on the terminal cannot be taken back, but the terminal is left as it was.
        return tokio::select! {
            code = login::run(command, setup, &log) => code,
            signal = signals.next() => {
                ask::restore();
                signal.exit_code()
            }
        };
    }
    if let Some(sign_in) = setup.session.as_ref().filter(|sign_in| sign_in.who.is_none()) {
        return print::refuse(&sign_in.missing(), code(Kind::NotSignedIn));
    }
    if setup.unchosen {
        return print::refuse(&unchosen(&setup, &log).await, USAGE);
    }
    let client = Client::new(setup.connection).noting(log.noting());
    let client = client.telling(|error| say(&print::again(&error.sentence())));
    let context = Context { client, log, session: setup.session, stop: CancellationToken::new() };
    let stop = context.stop.clone();
    let patience = if matches!(command, Command::Upload(_)) { PATIENCE } else { LITTLE_PATIENCE };
    // In a task of its own: a pipe that nobody reads holds the command up, and never the signals.
    let mut work = tokio::spawn(async move {
        match command {
            Command::Users(Users::List(list)) => users::list(&context, &list).await,
            Command::Users(Users::Get(get)) => users::get(&context, &get.who).await,
            Command::Users(Users::Create(create)) => users::create(&context, create).await,
            Command::Buckets(Buckets::List(form)) => buckets::list(&context, form).await,
            Command::Buckets(Buckets::Get(get)) => buckets::get(&context, &get.bucket).await,
            Command::Upload(what) => upload::run(&context, what).await,
            // None of them needs a client: they are run before one is made.
            Command::Config(_) | Command::Doctor(_) | Command::Login(_) | Command::Logout(_) | Command::Whoami(_) => {
                USAGE
            }
            #[cfg(feature = "demo")]
            Command::DemoServer(_) => USAGE,
        }
    });
    let signal = tokio::select! {
        ended = &mut work => return ended.unwrap_or(PARTLY),
        signal = signals.next() => signal,
    };
    stop.cancel();
    tokio::select! {
        _ = tokio::time::timeout(patience, work) => signal.exit_code(),
        again = signals.next() => again.exit_code(),
    }
}

/// What is said where a profile names no project: some of those that it lists.
async fn unchosen(setup: &Setup, log: &Log) -> String {
    let listed = async {
        let Answered { meta, result } = setup.lister.as_ref()?.list().await;
        log.request(&meta, result.as_ref().err());
        result.ok()
    };
    let listed = tokio::time::timeout(LISTING, listed).await.ok().flatten().map(|rows| some(&rows));
    let there = listed.map(|some| format!("; there is: {some}")).unwrap_or_default();
    format!("profile {} lists projects and names none: choose one with --ref REF{there}", setup.name)
}

/// The refs of some of these projects; `none` where there is none.
fn some(rows: &[Row<Project>]) -> String {
    let all: Vec<&str> = rows.iter().filter_map(|row| Some(row.value.as_ref().ok()?.reference.as_str())).collect();
    let some = all.get(..SOME).map_or_else(|| all.join(", "), |some| some.join(", "));
    match all.len() {
        0 => "none".into(),
        all if all > SOME => format!("{some} and {} more", all - SOME),
        _ => some,
    }
}

/// What is said where nothing was given to connect to. Files here are named and never read.
fn nothing() -> String {
    let here = std::env::current_dir().ok().and_then(|folder| discover::found(&folder));
    let hint = here.map(|local| format!("; the screen can open the project of {}", local.name())).unwrap_or_default();
    format!("nothing to connect to: give --url and --ref, or --project-url, or a profile in config.toml{hint}")
}

/// The sentence of a failure, where it has to name the command that signs in.
fn told(error: &ApiError, session: Option<&SignIn>) -> String {
    let sentence = error.sentence();
    let session = session.filter(|_| error.kind == Kind::NotSignedIn && error.door == Some(route::Door::ControlPlane));
    match (session, sentence.rsplit_once(": ")) {
        (Some(sign_in), Some((what, _))) => format!("{what}: run `{}`", sign_in.command),
        _ => sentence,
    }
}

/// Writes one row as the server sent it; the exit code.
fn wrote(row: &str) -> u8 {
    let mut out = Results::new();
    let written = out.row(row).and_then(|()| out.plain("\n")).and_then(|()| out.flush());
    written.map_or_else(|error| unwritten(&error), |()| DONE)
}

/// How rows are written.
#[derive(Clone, Copy, PartialEq)]
enum Form {
    /// One array.
    Json,
    /// A row on each line.
    Lines,
    /// Columns: wide for a person, separated by tabs for a program.
    Columns,
}

impl From<cli::Form> for Form {
    fn from(form: cli::Form) -> Self {
        match (form.json, form.jsonl) {
            (true, _) => Self::Json,
            (_, true) => Self::Lines,
            _ => Self::Columns,
        }
    }
}

/// The exit code of a command that failed so.
fn code(kind: Kind) -> u8 {
    Class::of_kind(kind).code()
}

/// The exit code of a command whose output could not be written: whoever closed a pipe has seen enough.
fn unwritten(error: &io::Error) -> u8 {
    if error.kind() == io::ErrorKind::BrokenPipe {
        return DONE;
    }
    print::refuse(&format!("the output cannot be written ({error}): what is there is not complete"), PARTLY)
}
