//! `basedeck users list`, `get` and `create`. A list is all pages, each user once, written as they come. What is not there is named on stderr: a list
//! that ends quietly holds everybody whom the server counts.

use std::collections::HashSet;
use std::io;

use jiff::Timestamp;
use serde_json::Value;

use super::print::{Progress, Results, refuse, say};
use super::{Context, DONE, Form, PARTLY, RETRIES, USAGE, code, unwritten, wrote};
use crate::api::client::Client;
use crate::api::error::{ApiError, Kind};
use crate::api::model::{ListUsers, NewUser, Page, Row, Total, User, UserId};
use crate::api::route::Route;
use crate::api::users;
use crate::cli;
use crate::local::secrets;
use crate::secret::Secret;
use crate::text::human;
use crate::text::width::{Align, cut, pad};
use crate::work::password;
use crate::work::query::{Chunk, RowRef, Status};
use crate::work::walk::{Next, Request, Walk};

/// Users a page.
const PER_PAGE: u32 = 1_000;

/// Why a page did not come.
enum Unread {
    Server(ApiError),
    Stopped,
}

/// Why a list ended early.
enum Broken {
    Server(ApiError),
    Output(io::Error),
    Stopped,
}

impl From<Unread> for Broken {
    fn from(unread: Unread) -> Self {
        match unread {
            Unread::Server(error) => Self::Server(error),
            Unread::Stopped => Self::Stopped,
        }
    }
}

/// The page that a walk asks for; none where the server cannot read a row of it, which the walk then goes around.
async fn page(
    context: &Context,
    client: &Client,
    walk: &mut Walk,
    request: Request,
) -> Result<Option<Page<User>>, Unread> {
    let Request { page, per_page, oldest_first } = request;
    let answered = tokio::select! {
        answered = users::list(client, ListUsers { page, per_page, oldest_first }) => answered,
        () = context.stop.cancelled() => return Err(Unread::Stopped),
    };
    match context.note(answered) {
        Ok(page) => Ok(Some(page)),
        Err(error) if error.kind == Kind::Unreadable => {
            walk.unreadable(request, &error.said);
            Ok(None)
        }
        Err(error) => Err(Unread::Server(error)),
    }
}

/// Lists all users; the exit code.
pub async fn list(context: &Context, what: &cli::ListUsers) -> u8 {
    let mut list = List { out: Results::new(), form: what.form.into(), seen: HashSet::new(), unclear: 0 };
    let mut walk = Walk::new(PER_PAGE);
    let mut ended = list.begin().map_err(Broken::Output);
    if ended.is_ok() {
        ended = list.all(context, &mut walk).await;
    }
    let closed = if matches!(ended, Err(Broken::Output(_))) { Ok(()) } else { list.end() };
    match (ended, closed) {
        (Err(Broken::Output(error)), _) | (_, Err(error)) => unwritten(&error),
        (Err(Broken::Server(error)), _) => {
            say(&context.told(&error));
            if !list.seen.is_empty() {
                say(&format!("the list is not complete: it ends after {} users", human::count(list.seen.len() as u64)));
            }
            code(error.kind)
        }
        (Err(Broken::Stopped), _) => code(Kind::Stopped),
        (Ok(()), Ok(())) => list.tell(&walk),
    }
}

/// Shows one user: by id where a door can read one, else looked for in the list; the exit code.
pub async fn get(context: &Context, who: &str) -> u8 {
    let client = context.client.retrying(RETRIES);
    let id = who.parse().ok().map(UserId);
    if let Some(id) = id.filter(|_| context.client.offers().door(Route::UserGet, Timestamp::now()).is_some()) {
        return match context.note(users::get(&client, id).await) {
            Ok(row) => wrote(&row.raw),
            // The door that has it turned out to be shut: the list has the user, too.
            Err(error) if error.kind == Kind::NoDoor => listed(context, Some(id), who).await,
            Err(error) if error.kind == Kind::NotFound && error.route == Route::UserGet => {
                refuse(&format!("no user is {who}: check the spelling"), code(error.kind))
            }
            Err(error) => context.failed(who, &error),
        };
    }
    listed(context, id, who).await
}

/// Looks for a user in the list.
async fn listed(context: &Context, id: Option<UserId>, who: &str) -> u8 {
    let client = context.client.retrying(RETRIES);
    let mut walk = Walk::new(PER_PAGE);
    let mut seen = HashSet::new();
    while let Next::Ask(request) = walk.next() {
        let page = match page(context, &client, &mut walk, request).await {
            Ok(Some(page)) => page,
            Ok(None) => continue,
            Err(Unread::Server(error)) => return context.failed(who, &error),
            Err(Unread::Stopped) => return code(Kind::Stopped),
        };
        let is = |row: &&Row<User>| row.value.as_ref().is_ok_and(|user| bears(user, id, who));
        if let Some(row) = page.rows.iter().find(is) {
            return wrote(&row.raw);
        }
        let ids: Vec<_> = page.rows.iter().filter_map(self::id).collect();
        let new = ids.iter().filter(|id| seen.insert(**id)).count();
        walk.took(request, &ids, new, seen.len(), page.total);
    }
    let coverage = walk.coverage();
    let unsure = if coverage.missing > 0 || !coverage.holes.is_empty() { "; not all users could be read" } else { "" };
    refuse(&format!("no user is {who} ({}{unsure}): check the spelling", coverage.title()), code(Kind::NotFound))
}

/// Whether a user has this id, email or phone number.
fn bears(user: &User, id: Option<UserId>, who: &str) -> bool {
    let digits = who.strip_prefix('+').unwrap_or(who);
    Some(user.id) == id
        || user.email.as_deref().is_some_and(|email| email.eq_ignore_ascii_case(who))
        || user.phone.as_deref() == Some(digits)
}

/// What makes a good password.
const GOOD: &str = "--generate-password makes a good one.";

/// Creates a user, once; the exit code.
pub async fn create(context: &Context, what: cli::CreateUser) -> u8 {
    let metadata = what.metadata.as_deref().map(serde_json::from_str::<Value>).transpose();
    let user_metadata = match metadata {
        Ok(metadata) if metadata.as_ref().is_none_or(Value::is_object) => metadata,
        Ok(_) => return refuse("--metadata is JSON, but no object: write it as '{\"plan\": \"pro\"}'", USAGE),
        Err(error) => return refuse(&format!("--metadata is not JSON ({error})"), USAGE),
    };
    let password = match (what.password_stdin, what.generate_password) {
        (true, _) => secrets::password_from_stdin().and_then(|password| {
            let checked = password::check(password.expose(), &what.email);
            checked.map(|()| password).map_err(|why| format!("the password will not do: {why} {GOOD}"))
        }),
        (_, true) => secrets::seed().map(password::from_seed),
        _ => Ok(Secret::new(String::new())),
    };
    let password = match password {
        Ok(password) => password,
        Err(why) => return refuse(&why, USAGE),
    };
    let email = Some(what.email.clone());
    let new = NewUser { email, phone: None, password: password.clone(), confirm: what.confirm, user_metadata };
    match context.note(users::create(&context.client, &new).await) {
        Ok(row) => {
            if what.generate_password {
                say(&format!("the password of {} is {} (it is not shown again)", what.email, password.expose()));
            }
            let code = wrote(&row.raw);
            if code != DONE {
                say(&format!("{} was created all the same", what.email));
            }
            code
        }
        Err(error) if error.is_lost() => {
            say(&context.told(&error));
            after_a_lost_answer(context, &what.email).await
        }
        Err(error) => context.failed(&what.email, &error),
    }
}

/// Reads the newest users and says what they show; the exit code.
async fn after_a_lost_answer(context: &Context, email: &str) -> u8 {
    let newest = ListUsers { page: 1, per_page: PER_PAGE, oldest_first: false };
    let code = code(Kind::Lost);
    match context.note(users::list(&context.client.retrying(RETRIES), newest).await) {
        Ok(page) => {
            let is = |user: &&User| user.email.as_deref().is_some_and(|other| other.eq_ignore_ascii_case(email));
            match page.rows.iter().filter_map(|row| row.value.as_ref().ok()).find(is) {
                Some(user) => {
                    let when = user.created_at.map_or_else(|| "at an unknown time".into(), human::exact);
                    let id = user.id.0;
                    refuse(&format!("{email} is there now, created {when}, with the id {id}: not sent again"), code)
                }
                None => refuse(&format!("{email} is not among the newest users: send again"), code),
            }
        }
        Err(error) => {
            let said = error.said;
            refuse(&format!("unknown whether {email} was created ({said}): look before you send again"), code)
        }
    }
}

struct List {
    out: Results,
    form: Form,
    seen: HashSet<UserId>,
    /// Rows that came and that nothing could be read of.
    unclear: u64,
}

impl List {
    async fn all(&mut self, context: &Context, walk: &mut Walk) -> Result<(), Broken> {
        let client = context.client.retrying(RETRIES);
        let progress = Progress::new();
        while let Next::Ask(request) = walk.next() {
            if let Some(page) = page(context, &client, walk, request).await? {
                let ids: Vec<_> = page.rows.iter().filter_map(id).collect();
                let new = self.write(&page).map_err(Broken::Output)?;
                walk.took(request, &ids, new, self.seen.len(), page.total);
            }
            if !self.out.is_terminal() {
                progress.show(&walk.coverage().title());
            }
        }
        Ok(())
    }

    fn begin(&mut self) -> io::Result<()> {
        match self.form {
            Form::Json => self.out.plain("["),
            Form::Columns if self.out.is_terminal() => {
                let head = line(["EMAIL OR PHONE", "PROVIDERS", "CREATED", "LAST SIGN-IN", "STATUS"]);
                self.out.plain(&head)
            }
            Form::Columns | Form::Lines => Ok(()),
        }
    }

    /// Writes those users of a page that were not written before; how many they were.
    fn write(&mut self, page: &Page<User>) -> io::Result<usize> {
        let before = self.seen.len();
        for row in &page.rows {
            let first = self.seen.is_empty();
            if !id(row).is_some_and(|id| self.seen.insert(id)) {
                continue;
            }
            self.unclear += u64::from(row.value.is_err());
            match self.form {
                Form::Json => {
                    self.out.plain(if first { "\n" } else { ",\n" })?;
                    self.out.row(&row.raw)?;
                }
                Form::Lines => {
                    self.out.row(&row.raw)?;
                    self.out.plain("\n")?;
                }
                Form::Columns => {
                    let chunks = Chunk::build(std::slice::from_ref(row));
                    if let Some(row) = chunks.first().and_then(|chunk| chunk.row(0)) {
                        let line = if self.out.is_terminal() { wide(row) } else { tabbed(row) };
                        self.out.plain(&line)?;
                    }
                }
            }
        }
        self.out.flush()?;
        Ok(self.seen.len() - before)
    }

    fn end(&mut self) -> io::Result<()> {
        match self.form {
            Form::Json if self.seen.is_empty() => self.out.plain("]\n")?,
            Form::Json => self.out.plain("\n]\n")?,
            Form::Columns | Form::Lines => {}
        }
        self.out.flush()
    }

    /// Names what is not there; the exit code.
    fn tell(&self, walk: &Walk) -> u8 {
        let coverage = walk.coverage();
        if self.unclear > 0 {
            say(&format!("{} rows came in a form that is not a user's; they are written all the same", self.unclear));
        }
        for hole in &coverage.holes {
            say(&hole.sentence);
        }
        let whole = match coverage.total {
            Total::Exact(total) if coverage.missing > 0 => {
                let (missing, total) = (human::count(coverage.missing), human::count(total));
                say(&format!("{missing} of the {total} users that the server counts are on none of its pages"));
                false
            }
            _ => true,
        };
        if whole && coverage.holes.is_empty() { DONE } else { PARTLY }
    }
}

/// A row's id; one made from its text where none can be read.
fn id(row: &Row<User>) -> Option<UserId> {
    match &row.value {
        Ok(user) => Some(user.id),
        Err(_) => Chunk::build(std::slice::from_ref(row)).first().and_then(|chunk| chunk.row(0)).map(RowRef::id),
    }
}

fn wide(row: RowRef<'_>) -> String {
    let day = |time: Option<Timestamp>| time.map_or_else(|| "never".to_owned(), human::day);
    line([&name(row), row.providers().unwrap_or_default(), &day(row.created()), &day(row.last_sign_in()), status(row)])
}

fn line([name, providers, created, signed_in, status]: [&str; 5]) -> String {
    let cell = |text: &str, cells| pad(&cut(text, cells), cells, Align::Left);
    format!("{} {} {} {} {status}\n", cell(name, 32), cell(providers, 14), cell(created, 10), cell(signed_in, 12))
}

fn tabbed(row: RowRef<'_>) -> String {
    let time = |time: Option<Timestamp>| time.map(|time| time.to_string()).unwrap_or_default();
    let providers = row.providers().unwrap_or_default();
    let (created, signed_in) = (time(row.created()), time(row.last_sign_in()));
    format!("{}\t{}\t{providers}\t{created}\t{signed_in}\t{}\n", row.id().0, name(row), status(row))
}

fn name(row: RowRef<'_>) -> String {
    match (row.email(), row.phone(), row.broken()) {
        (Some(email), ..) => email.to_owned(),
        (None, Some(phone), _) => phone.to_owned(),
        (None, None, Some(reason)) => format!("unreadable: {reason}"),
        (None, None, None) => "-".to_owned(),
    }
}

fn status(row: RowRef<'_>) -> &'static str {
    row.status(Timestamp::now()).map_or("-", Status::name)
}
