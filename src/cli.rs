//! The command line: flags, subcommands and their help. It only describes and parses: what the flags come to is decided
//! in `config::resolve`, and a secret is never a flag's value.

use std::path::PathBuf;

use clap::builder::NonEmptyStringValueParser;
use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};

const EXAMPLES: &str = "\
Examples:
  basedeck --demo
      a living project, without account or network
  basedeck --url https://app.powabase.ai --ref abcdefgh
      a control plane, with the token in BASEDECK_TOKEN
  basedeck --project-url http://localhost:8000 --service-key-file home.key
      a project's own gateway
  basedeck --supabase-ref abcdefgh
      a project hosted by Supabase, with the access token in SUPABASE_ACCESS_TOKEN
  basedeck acme-prod
      a profile of config.toml; without a name the default one
  basedeck acme-prod/buckets/avatars/2026
      the same, in a folder of a bucket; acme-prod/users/ID at a user
  basedeck users list --jsonl > users.jsonl
      the same without a screen

Environment:
  BASEDECK_URL, BASEDECK_REF, BASEDECK_PROJECT_URL
      the same as --url, --ref and --project-url
  BASEDECK_TOKEN
      the platform token, for an address from flags or environment
  BASEDECK_ANON_KEY
      the platform's public key, for --login where its gateway wants one
  BASEDECK_SERVICE_KEY, SUPABASE_SERVICE_ROLE_KEY
      the service key, likewise
  SUPABASE_ACCESS_TOKEN
      the personal access token, for --supabase-ref
  NO_COLOR
      no colours

Configuration:
  ~/.config/basedeck/config.toml (XDG_CONFIG_HOME is honoured), on macOS
  ~/Library/Application Support/basedeck/config.toml

Exit codes:
  0 all done
  1 refused, failed in part, or an incomplete list
  2 usage or configuration, or something that this connection does not offer
  3 not signed in, or not allowed
  4 not there: the user, the bucket or the project
  5 network or server, or a paused project
  130 interrupted   143 terminated   129 hung up";

const LIST_EXAMPLES: &str = "\
Reads all pages. A page that the server cannot read, and users that it counts
and never sends, are named on stderr, and the exit code is then 1.

Examples:
  basedeck users list --project-url http://localhost:8000 --service-key-file home.key
  basedeck users list --jsonl | jq -r .email";

const CREATE_EXAMPLES: &str = "\
Without a password the server makes a random one that nobody knows. The answer's
user is written on stdout. Where the answer is lost, the newest users are read and
what they show is said.

Examples:
  basedeck users create ada@example.com --confirm --generate-password
  pass show ada | basedeck users create ada@example.com --password-stdin";

const UPLOAD_EXAMPLES: &str = "\
Files go under their own names into the bucket, below PREFIX where one is given.
Existing objects are never overwritten. A line on stderr names each file that was
not stored; with --json or --jsonl every file stands on stdout, with its key, its
outcome and the reason.

Examples:
  basedeck upload report.pdf docs
  basedeck upload a.png b.png images/2026/summer --exists skip
  basedeck upload photos/one.jpg photos/old/two.jpg images --keep-folders";

const INIT_EXAMPLES: &str = "\
Adds the profile at the end of the file; what stands there stays as it is. The file
never holds a secret, only where it comes from. Which kind of server stands at the
address is looked up first, without any credential. A control plane's profile without
--ref opens on the list of the account's projects.

Examples:
  basedeck config init home --project-url http://localhost:8000 --service-key-file ~/home.key
  basedeck config init cloud --url https://app.powabase.ai --login ops@acme.io
  basedeck config init hosted --supabase --token-env SUPABASE_ACCESS_TOKEN
  basedeck config init acme --url https://plane.acme.io --ref abcdefgh --token-env ACME_TOKEN";

const DOCTOR_EXAMPLES: &str = "\
Each line begins with ok, note or bad; the exit code is 1 where one is bad. Of a
credential only its source is told, and of a JWT its role and end. Nothing is changed.

Examples:
  basedeck doctor
  basedeck doctor acme-prod --json
  basedeck doctor --project-url http://localhost:8000 --service-key-file home.key";
const LOGIN_EXAMPLES: &str = "\
Asks for the password, and for a code where the account has a second factor. The
session is stored for this user alone, is refreshed by itself, and serves all
profiles with the same login. Where a captcha stands in the way, an access token can
be pasted, which is used once, to say who that is, and never stored.

Examples:
  basedeck login acme
  pass show acme | basedeck login acme --password-stdin --code 123456";

/// What was asked on the command line.
#[derive(Parser, Debug, Clone, PartialEq)]
#[command(
    name = "basedeck",
    version,
    about = "A terminal dashboard for the users and files of Powabase and Supabase style projects",
    after_help = EXAMPLES,
    disable_help_flag = true
)]
pub struct Cli {
    /// The profile to open, and the place in it: NAME, NAME/buckets/BUCKET/FOLDER or NAME/users/ID; the default profile where
    /// no name is given
    #[arg(value_name = "PROFILE[/PLACE]", conflicts_with = "profile")]
    pub place: Option<String>,
    /// Where to connect to, and how.
    #[command(flatten)]
    pub connection: Connection,
    /// The built-in demo.
    #[cfg(feature = "demo")]
    #[command(flatten)]
    pub demo: Demo,
    /// Print help
    #[arg(short, long, global = true, help_heading = "Options", action = ArgAction::HelpShort)]
    help: Option<bool>,
    /// What to do without a screen; none opens the screen.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// The flags that say where to connect to: the same for the screen and each command, before or after its name.
#[derive(Args, Debug, Clone, Default, PartialEq)]
#[command(next_help_heading = "Connection")]
pub struct Connection {
    /// Profile of config.toml, with its own addresses and credentials
    #[arg(long, global = true, value_name = "NAME")]
    pub profile: Option<String>,
    /// The control plane's address.
    #[arg(long, global = true, value_name = "URL", help = "Address of the control plane: https://app.powabase.ai")]
    pub url: Option<String>,
    /// The project's short id at the control plane
    #[arg(long = "ref", global = true, value_name = "REF")]
    pub reference: Option<String>,
    /// File that holds the platform token
    #[arg(long, global = true, value_name = "FILE", conflicts_with = "token_stdin")]
    pub token_file: Option<PathBuf>,
    /// Read the platform token from standard input
    #[arg(long, global = true)]
    pub token_stdin: bool,
    /// Email to sign in with at the control plane, instead of a token
    #[arg(long, global = true, value_name = "EMAIL", conflicts_with_all = ["token_file", "token_stdin", "profile"])]
    pub login: Option<String>,
    /// The project gateway's address.
    #[arg(long, global = true, value_name = "URL", help = "Address of the project: https://abcdefgh.supabase.co")]
    pub project_url: Option<String>,
    /// The short id of a project hosted by Supabase
    #[arg(long, global = true, value_name = "REF")]
    pub supabase_ref: Option<String>,
    /// File that holds the project's service key
    #[arg(long, global = true, value_name = "FILE")]
    pub service_key_file: Option<PathBuf>,
    /// Take the project's address and service key from Studio's settings, for this run
    #[arg(long, global = true)]
    pub studio_key: bool,
    /// Use this door alone
    #[arg(long, global = true, value_name = "DOOR")]
    pub door: Option<DoorName>,
    /// Refuse whatever changes anything
    #[arg(long, global = true)]
    pub read_only: bool,
    /// Send credentials over plain http to another machine
    #[arg(long, global = true)]
    pub allow_http: bool,
    /// File with further CA certificates (PEM)
    #[arg(long, global = true, value_name = "FILE")]
    pub ca_file: Option<PathBuf>,
    /// Configuration file, instead of the usual one
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Seconds between two looks at the server [default: 5]
    #[arg(long, global = true, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(1..=86_400))]
    pub interval: Option<u32>,
    /// Append what is done to this file, as JSON lines without secrets
    #[arg(long, global = true, value_name = "FILE")]
    pub log: Option<PathBuf>,
}

#[cfg(feature = "demo")]
impl Connection {
    /// Whether any flag was given; of those that `demo-server` names too nothing is known.
    pub fn is_given(&self) -> bool {
        let Self { token_file, service_key_file, .. } = self.clone();
        *self != Self { token_file, service_key_file, ..Self::default() }
    }
}

impl Cli {
    /// The profile that stands alone, or behind a command, is the connection's, and what stands behind a profile's name
    /// is the place.
    ///
    /// # Errors
    /// One sentence, where two profiles are named.
    pub fn placed(mut self) -> Result<Self, String> {
        let named = match &mut self.command {
            Some(Command::Login(Login { account, .. }) | Command::Logout(account) | Command::Whoami(account)) => {
                account.name.take()
            }
            Some(Command::Doctor(doctor)) => doctor.name.take(),
            _ => None,
        };
        let all = [self.place.take(), self.connection.profile.take(), named];
        let mut all = all.into_iter().flatten();
        let given = all.next();
        if let (Some(one), Some(other)) = (&given, all.next()) {
            return Err(format!("{one} and {other} are both given as the profile: give one"));
        }
        if let Some((name, place)) = given.as_deref().and_then(|given| given.split_once('/')) {
            self.place = Some(place.to_owned());
            self.connection.profile = Some(name.to_owned());
        } else {
            self.connection.profile = given;
        }
        Ok(self)
    }
}

/// A door, as `--door` names it.
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum DoorName {
    /// The control plane, with a platform token
    ControlPlane,
    /// The project's own gateway, with its service key
    Gateway,
    /// The self-hosted console, with its name and password
    Studio,
}

/// The flags of the built-in demo.
#[cfg(feature = "demo")]
#[derive(Args, Debug, Clone, PartialEq)]
#[command(next_help_heading = "Demo")]
pub struct Demo {
    /// Start the built-in demo and connect to it
    #[arg(long, conflicts_with_all = ["place", "profile", "url", "project_url", "supabase_ref", "reference", "token_file", "token_stdin", "service_key_file", "config"])]
    pub demo: bool,
    /// How many users the demo has
    #[arg(long, value_name = "N", requires = "demo", default_value_t = 5_000)]
    pub users: u32,
    /// How many things happen a second; 0 for none
    #[arg(long, value_name = "RATE", requires = "demo", default_value_t = 0.5, value_parser = rate)]
    pub life: f64,
    /// How long each answer is held back, such as 150ms
    #[arg(long, value_name = "TIME", requires = "demo", default_value = "0ms")]
    pub latency: String,
    /// The share of requests that fail, 0 to 1
    #[arg(long, value_name = "SHARE", requires = "demo", default_value_t = 0.0, value_parser = share)]
    pub fault_rate: f64,
    /// What the demo's people and files are made from
    #[arg(long, value_name = "N", requires = "demo", default_value_t = 1)]
    pub demo_seed: u64,
}

/// What can be done without a screen.
#[derive(Subcommand, Debug, Clone, PartialEq)]
pub enum Command {
    /// The project's users
    #[command(subcommand)]
    Users(Users),
    /// The project's buckets
    #[command(subcommand)]
    Buckets(Buckets),
    /// Upload files into a bucket
    Upload(Upload),
    /// The configuration file and its profiles
    #[command(subcommand)]
    Config(Config),
    /// Look at this machine, the configuration and each profile's servers
    Doctor(Doctor),
    /// Sign in to a control plane
    Login(Login),
    /// Sign out: end the session here and at the server
    Logout(Account),
    /// Say who one is at each door, and for how long
    Whoami(Account),
    /// Serve the demo alone, for tests and other clients
    #[cfg(feature = "demo")]
    DemoServer(Box<DemoServer>),
}

/// What is looked at, and how it is told.
#[derive(Args, Debug, Clone, Default, PartialEq)]
#[command(after_help = DOCTOR_EXAMPLES)]
pub struct Doctor {
    /// The profile to look at; all of them where neither a name nor an address is given
    #[arg(value_name = "NAME")]
    pub name: Option<String>,
    /// One JSON array of the findings
    #[arg(long)]
    pub json: bool,
    /// Run the commands that print credentials, too
    #[arg(long)]
    pub run_commands: bool,
}

/// What can be done with the configuration.
#[derive(Subcommand, Debug, Clone, PartialEq)]
pub enum Config {
    /// Say where the configuration lies
    Path,
    /// Read the configuration and say what each profile comes to
    Check,
    /// Add a profile; what the flags leave open is asked
    Init(Box<Init>),
    /// Print every key of the screen, to be changed in the configuration
    Keys,
}

/// The profile to add: its addresses are those of the connection's flags.
#[derive(Args, Debug, Clone, Default, PartialEq)]
#[command(after_help = INIT_EXAMPLES)]
pub struct Init {
    /// The profile's name
    #[arg(value_name = "NAME")]
    pub name: Option<String>,
    /// All projects hosted by Supabase that the token sees: one is chosen on the screen, or by --ref
    #[arg(long, conflicts_with_all = ["url", "reference", "project_url", "supabase_ref"])]
    pub supabase: bool,
    /// Variable that will hold the platform token
    #[arg(long, value_name = "NAME", conflicts_with = "token_command")]
    pub token_env: Option<String>,
    /// Command that prints the platform token
    #[arg(long, value_name = "COMMAND")]
    pub token_command: Option<String>,
    /// Variable that will hold the service key
    #[arg(long, value_name = "NAME", conflicts_with = "service_key_command")]
    pub service_key_env: Option<String>,
    /// Command that prints the service key
    #[arg(long, value_name = "COMMAND")]
    pub service_key_command: Option<String>,
    /// The platform's public key, where its gateway wants one before one signs in
    #[arg(long, value_name = "KEY", requires = "login")]
    pub anon_key: Option<String>,
    /// Name for a self-hosted Studio's HTTP basic: the address is then Studio's
    #[arg(long, value_name = "NAME")]
    pub studio_user: Option<String>,
    /// Variable that will hold Studio's password
    #[arg(long, value_name = "NAME", requires = "studio_user", conflicts_with_all = ["studio_password_file", "studio_password_command"])]
    pub studio_password_env: Option<String>,
    /// File that holds Studio's password
    #[arg(long, value_name = "FILE", requires = "studio_user", conflicts_with = "studio_password_command")]
    pub studio_password_file: Option<PathBuf>,
    /// Command that prints Studio's password
    #[arg(long, value_name = "COMMAND", requires = "studio_user")]
    pub studio_password_command: Option<String>,
    /// Do not look which kind of server stands at the address
    #[arg(long)]
    pub no_detect: bool,
    /// Colour of the profile in the header
    #[arg(long, value_name = "COLOUR")]
    pub color: Option<String>,
    /// Protect the profile: read-only until unlocked
    #[arg(long)]
    pub protected: bool,
}

/// Who signs in where.
#[derive(Args, Debug, Clone, Default, PartialEq)]
#[command(after_help = LOGIN_EXAMPLES)]
pub struct Login {
    /// The profile
    #[command(flatten)]
    pub account: Account,
    /// Read the password from standard input
    #[arg(long, conflicts_with = "token_stdin")]
    pub password_stdin: bool,
    /// The code of the second factor
    #[arg(long, value_name = "CODE")]
    pub code: Option<String>,
}

/// Whose session it is.
#[derive(Args, Debug, Clone, Default, PartialEq)]
pub struct Account {
    /// The profile; the default one where no name is given
    #[arg(value_name = "NAME", conflicts_with = "profile")]
    pub name: Option<String>,
    /// Write JSON
    #[arg(long)]
    pub json: bool,
}

/// What can be done with users.
#[derive(Subcommand, Debug, Clone, PartialEq)]
pub enum Users {
    /// List all users
    List(ListUsers),
    /// Show one user whole, as the server sent it
    Get(GetUser),
    /// Create a user
    Create(CreateUser),
}

/// How users are listed.
#[derive(Args, Debug, Clone, Default, PartialEq)]
#[command(after_help = LIST_EXAMPLES)]
pub struct ListUsers {
    /// How they are written
    #[command(flatten)]
    pub form: Form,
}

/// Whose user is shown.
#[derive(Args, Debug, Clone, PartialEq)]
pub struct GetUser {
    /// The user's id, email or phone number
    #[arg(value_name = "ID|EMAIL|PHONE", value_parser = NonEmptyStringValueParser::new())]
    pub who: String,
    /// How it is written
    #[command(flatten)]
    pub form: OneForm,
}

/// The user to create.
#[derive(Args, Debug, Clone, Default, PartialEq)]
#[command(after_help = CREATE_EXAMPLES)]
pub struct CreateUser {
    /// The email address
    #[arg(value_name = "EMAIL", value_parser = NonEmptyStringValueParser::new())]
    pub email: String,
    /// How the new user is written
    #[command(flatten)]
    pub form: OneForm,
    /// Read the password from standard input
    #[arg(long, conflicts_with_all = ["generate_password", "token_stdin"])]
    pub password_stdin: bool,
    /// Make a password and print it once, on stderr
    #[arg(long)]
    pub generate_password: bool,
    /// Confirm the address without a mail
    #[arg(long)]
    pub confirm: bool,
    /// The user's metadata, a JSON object
    #[arg(long, value_name = "JSON")]
    pub metadata: Option<String>,
}

/// What can be done with buckets.
#[derive(Subcommand, Debug, Clone, PartialEq)]
pub enum Buckets {
    /// List all buckets
    List(Form),
    /// Show one bucket as the server sent it
    Get(GetBucket),
}

/// Which bucket is shown.
#[derive(Args, Debug, Clone, PartialEq)]
pub struct GetBucket {
    /// The bucket's id
    #[arg(value_name = "BUCKET", value_parser = NonEmptyStringValueParser::new())]
    pub bucket: String,
    /// How it is written
    #[command(flatten)]
    pub form: OneForm,
}

/// How one row is written: in one way, by whichever of the flags that lists take, and without any.
#[derive(Args, Debug, Clone, Copy, Default, PartialEq)]
pub struct OneForm {
    /// The row as the server sent it, on one line; so it is without this flag, too
    #[arg(long, conflicts_with = "jsonl")]
    pub json: bool,
    /// The same
    #[arg(long)]
    pub jsonl: bool,
}

/// How rows are written; without a flag in columns, separated by tabs where no terminal reads them.
#[derive(Args, Debug, Clone, Copy, Default, PartialEq)]
pub struct Form {
    /// One JSON array of the rows as the server sent them
    #[arg(long, conflicts_with = "jsonl")]
    pub json: bool,
    /// One row as the server sent it on each line, written as pages come
    #[arg(long)]
    pub jsonl: bool,
}

/// What is uploaded where.
#[derive(Args, Debug, Clone, PartialEq)]
#[command(after_help = UPLOAD_EXAMPLES)]
pub struct Upload {
    /// The files
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// The bucket, and the folder in it
    #[arg(required = true, value_name = "BUCKET[/PREFIX]")]
    pub target: String,
    /// What to do where an object of that name exists
    #[arg(long, value_name = "WHAT", default_value = "fail")]
    pub exists: Exists,
    /// Keep the files' folders below the one that they share
    #[arg(long)]
    pub keep_folders: bool,
    /// How many files are sent at once, 1 to 16
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u8).range(1..=16))]
    pub parallel: u8,
    /// One JSON array of what became of each file
    #[arg(long, conflicts_with = "jsonl")]
    pub json: bool,
    /// What became of each file on a line of JSON, written as it is known
    #[arg(long)]
    pub jsonl: bool,
}

/// What to do with a name that exists.
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exists {
    /// Count the file as failed
    Fail,
    /// Leave the file out
    Skip,
}

/// How the demo is served alone.
#[cfg(feature = "demo")]
#[derive(Args, Debug, Clone, PartialEq)]
#[command(args(unused()))]
pub struct DemoServer {
    /// Loopback port; 0 takes a free one
    #[arg(long, default_value_t = 4000)]
    pub port: u16,
    /// How many users there are
    #[arg(long, value_name = "N", default_value_t = 5_000)]
    pub users: u32,
    /// How many things happen a second; 0 for none
    #[arg(long, value_name = "RATE", default_value_t = 0.5, value_parser = rate)]
    pub life: f64,
    /// How long each answer is held back, such as 150ms
    #[arg(long, value_name = "TIME", default_value = "0ms")]
    pub latency: String,
    /// The share of requests that fail, 0 to 1
    #[arg(long, value_name = "SHARE", default_value_t = 0.0, value_parser = share)]
    pub fault_rate: f64,
    /// The largest upload that is taken, such as 2GiB
    #[arg(long, value_name = "SIZE", default_value = "50MiB")]
    pub body_limit: String,
    /// Seed of people, files and faults
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// File of the platform token, written fresh where it is missing
    #[arg(long, value_name = "FILE", default_value = "demo.token")]
    pub token_file: PathBuf,
    /// File of the service key, written fresh where it is missing
    #[arg(long, value_name = "FILE", default_value = "demo.service-key")]
    pub service_key_file: PathBuf,
    /// Serve Studio, as a self-hosted stack does, instead of a control plane
    #[arg(long)]
    pub studio: bool,
    /// Ask for HTTP basic credentials before Studio, with this user name
    #[arg(long, value_name = "NAME", requires = "studio")]
    pub studio_user: Option<String>,
    /// File of the password for it, written fresh where it is missing
    #[arg(long, value_name = "FILE", requires = "studio_user", default_value = "demo.studio-password")]
    pub studio_password_file: PathBuf,
    /// Let people sign in to the control plane as ops@example.com
    #[arg(long, conflicts_with = "studio")]
    pub sign_in: bool,
    /// File of the account's password, and of its code with --totp, written fresh where it is missing
    #[arg(long, value_name = "FILE", requires = "sign_in", default_value = "demo.account")]
    pub account_file: PathBuf,
    /// How long an access token lives, such as 20s
    #[arg(long, value_name = "TIME", requires = "sign_in", default_value = "1h")]
    pub token_life: String,
    /// Ask for a second factor: a code of six digits that stays the same, the second line of --account-file
    #[arg(long, requires = "sign_in")]
    pub totp: bool,
    /// Refuse a password without a solved captcha
    #[arg(long, requires = "sign_in")]
    pub captcha: bool,
    /// Ask for an `apikey` before the sign-in: that of this file, written fresh where it is missing
    #[arg(long, value_name = "FILE", requires = "sign_in")]
    pub platform_key_file: Option<PathBuf>,
    /// Let the control plane tell of organizations and of several projects
    #[arg(long, conflicts_with = "studio")]
    pub wide: bool,
    /// Serve a management API under /v1
    #[arg(long, conflicts_with = "studio")]
    pub management: bool,
    /// File of its personal access token, written fresh where it is missing
    #[arg(long, value_name = "FILE", requires = "management", default_value = "demo.access-token")]
    pub access_token_file: PathBuf,
}

/// The connection's flags as `demo-server` has them: it connects to nothing, so its help is silent about them.
#[cfg(feature = "demo")]
fn unused() -> Vec<clap::Arg> {
    let all = Connection::augment_args(clap::Command::new(""));
    let own = ["token_file", "service_key_file"];
    all.get_arguments()
        .filter(|flag| !own.contains(&flag.get_id().as_str()))
        .map(|flag| flag.clone().hide(true))
        .collect()
}

#[cfg(feature = "demo")]
fn share(text: &str) -> Result<f64, String> {
    within(text, 1.0)
}

#[cfg(feature = "demo")]
fn rate(text: &str) -> Result<f64, String> {
    within(text, 1_000.0)
}

#[cfg(feature = "demo")]
fn within(text: &str, most: f64) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(number) if (0.0..=most).contains(&number) => Ok(number),
        _ => Err(format!("a number from 0 to {most} is needed")),
    }
}

#[cfg(test)]
mod tests;
