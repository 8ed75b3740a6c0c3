//! `config.toml`: text → values. What is wrong is named with line, column, what is allowed and the nearest known key;
//! what later versions offer is read and said to be left out. Values never stand in messages: one may be a secret.

use std::ops::Range;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};
use url::Url;

use super::{
    AnonKey, Binding, Bindings, Config, DoorEntry, HOSTED_API, Hosted, Profile, SignIn, Source, address, paths,
};
use crate::secret::Secret;
use crate::text::near::nearest;
use crate::text::reference::is_reference;

/// The colours a profile may have.
pub const COLORS: [&str; 7] = ["red", "yellow", "green", "cyan", "blue", "magenta", "white"];

/// The keys of one kind of table.
struct Keys {
    /// What is offered.
    known: &'static [&'static str],
    /// What is read and left out.
    later: &'static [&'static str],
}

const TOP: Keys = Keys { known: &["default_profile", "profiles", "poll_seconds", "mouse", "keys"], later: &["theme"] };
const PROFILE: Keys = Keys {
    known: &[
        "color",
        "protected",
        "read_only",
        "allow_http",
        "ca_file",
        "control_plane",
        "project",
        "studio",
        "supabase",
    ],
    later: &[],
};
const CONTROL_PLANE: Keys = Keys {
    known: &[
        "url",
        "ref",
        "token_env",
        "token_file",
        "token_command",
        "login",
        "auth_url",
        "api_url",
        "anon_key",
        "anon_key_env",
        "anon_key_file",
    ],
    later: &[],
};
const PROJECT: Keys =
    Keys { known: &["url", "service_key_env", "service_key_file", "service_key_command"], later: &["anon_key"] };

const STUDIO: Keys =
    Keys { known: &["url", "ref", "user", "password_env", "password_file", "password_command"], later: &[] };
const SUPABASE: Keys = Keys { known: &["ref", "token_env", "token_file", "token_command", "api_url"], later: &[] };

/// Keys under which people would write a secret itself.
const SECRETS: [&str; 6] = ["token", "service_key", "key", "password", "secret", "apikey"];

/// What the names of keys that say where a secret comes from end in.
const SOURCES: [&str; 3] = ["_env", "_file", "_command"];

/// Names of commands: no profile may bear one.
pub const COMMANDS: [&str; 11] =
    ["users", "buckets", "objects", "upload", "config", "doctor", "login", "logout", "whoami", "demo-server", "help"];

/// The longest interval between two looks at the server, in seconds.
const LONGEST_POLL: u32 = 86_400;

/// The file cannot be used, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}:{column}: {what}")]
pub struct Fault {
    /// The file as it was named.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// The sentence.
    pub what: String,
    /// Whether the file holds a secret itself.
    pub holds_secret: bool,
}

/// Where a file lies, to name it and to find what it names.
#[derive(Clone, Debug)]
pub struct Origin<'a> {
    /// The file's name for messages.
    pub file: &'a str,
    /// Where relative paths begin.
    pub folder: &'a Path,
    /// What `~/` is.
    pub home: Option<&'a Path>,
}

/// Reads a configuration file's text.
pub fn parse(text: &str, origin: &Origin<'_>) -> Result<Config, Fault> {
    let reader = Reader { text, origin };
    let table = DeTable::parse(text)
        .map_err(|error| reader.fault(error.span().unwrap_or_default(), &format!("not TOML: {}", error.message())))?;
    let table = table.get_ref();
    let mut config = Config { warnings: reader.check(table, &TOP, "the file")?, ..Config::default() };
    let default = reader.text(table, "default_profile")?;
    config.default_profile = default.as_ref().map(|(name, _)| (*name).to_owned());
    config.poll_seconds = reader.seconds(table, "poll_seconds")?;
    config.mouse = reader.flag(table, "mouse")?;
    config.keys = reader.bindings(table)?;
    if let Some((profiles, _)) = reader.table(table, "profiles")? {
        for name in profiles.keys() {
            check_name(name.get_ref())
                .map_err(|what| reader.fault(name.span(), &format!("a profile's name {what}")))?;
            let Some((entry, _)) = reader.table(profiles, name.get_ref())? else { continue };
            config.profiles.insert(name.get_ref().to_string(), reader.profile(entry)?);
        }
    }
    if let Some((_, span)) = default.filter(|(name, _)| !config.profiles.contains_key(*name)) {
        let names: Vec<&str> = config.profiles.keys().map(String::as_str).collect();
        return Err(reader.fault(span, &format!("no profile has this name; there is: {}", listed(&names))));
    }
    Ok(config)
}

/// Checks a profile's name: it is given on the command line, where a command's name would hide it.
///
/// # Errors
/// The end of a sentence that begins with the name.
pub fn check_name(name: &str) -> Result<(), String> {
    if COMMANDS.contains(&name) {
        return Err(format!("may not be a command's ({})", listed(&COMMANDS)));
    }
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    if name.is_empty() || name.len() > 64 || name.starts_with(['-', '.']) || !name.bytes().all(plain) {
        return Err("is made of letters, digits, `-`, `_` and `.`, 64 at most".into());
    }
    Ok(())
}

/// Checks the name of an environment variable.
///
/// # Errors
/// The end of a sentence that begins with whatever names it. It never repeats the text, which may be the secret itself.
pub fn check_variable(text: &str) -> Result<(), String> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
        return Err("is the name of an environment variable: letters, digits and `_`".into());
    }
    if ["sbp_", "sb_secret_", "eyJ"].iter().any(|start| text.starts_with(start)) {
        return Err("looks like the secret itself: give the name of a variable that holds it".into());
    }
    Ok(())
}

/// Whether a text looks like an email, as far as that can be told.
pub fn is_email(text: &str) -> bool {
    let halves = text.split_once('@').filter(|(name, host)| !name.is_empty() && !host.is_empty());
    halves.is_some() && text.len() <= 255 && !text.contains(|c: char| c.is_whitespace() || c.is_control())
}

/// A text as the file writes it, in quotes.
pub fn quoted(text: &str) -> String {
    let mut quoted = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_control() => quoted.extend(["\\u", &format!("{:04X}", u32::from(c))]),
            c => quoted.push(c),
        }
    }
    quoted + "\""
}

/// A text being read: what names places in it.
struct Reader<'a> {
    text: &'a str,
    origin: &'a Origin<'a>,
}

/// A value and where it stands.
type At<T> = (T, Range<usize>);

impl Reader<'_> {
    fn profile(&self, table: &DeTable<'_>) -> Result<Profile, Fault> {
        let mut warnings = self.check(table, &PROFILE, "a profile")?;
        let color = self.text(table, "color")?;
        if let Some((_, span)) = color.as_ref().filter(|(color, _)| !COLORS.contains(color)) {
            return Err(self.fault(span.clone(), &format!("no such colour; there is: {}", listed(&COLORS))));
        }
        let mut control_plane = None;
        if let Some((table, span)) = self.table(table, "control_plane")? {
            warnings.extend(self.check(table, &CONTROL_PLANE, "control_plane")?);
            let url = self.address(table, &span, "control_plane")?;
            let source = self.source(table, &["token_env", "token_file", "token_command"])?;
            control_plane = Some(DoorEntry {
                source: self.sign_in(table, &url, source)?,
                url: self.other(table, "api_url", address::check_api)?.unwrap_or(url),
                reference: self.reference(table)?,
                user: None,
            });
        }
        let mut project = None;
        if let Some((table, span)) = self.table(table, "project")? {
            warnings.extend(self.check(table, &PROJECT, "project")?);
            project = Some(DoorEntry {
                url: self.address(table, &span, "project")?,
                reference: None,
                user: None,
                source: self.source(table, &["service_key_env", "service_key_file", "service_key_command"])?,
            });
        }
        let mut studio = None;
        if let Some((table, span)) = self.table(table, "studio")? {
            warnings.extend(self.check(table, &STUDIO, "studio")?);
            let user = self.text(table, "user")?.map(|(user, _)| user.to_owned());
            let source = self.source(table, &["password_env", "password_file", "password_command"])?;
            if user.is_some() != source.is_some() {
                let what = "studio needs `user` and a source of its password, or neither where it is open";
                return Err(self.fault(span, what));
            }
            let reference = self.text(table, "ref")?.map_or("default", |(reference, _)| reference);
            studio = Some(DoorEntry {
                url: self.address(table, &span, "studio")?,
                reference: Some(reference.to_owned()),
                user,
                source,
            });
        }
        let supabase = match self.table(table, "supabase")? {
            Some((_, span)) if project.is_some() => {
                return Err(
                    self.fault(span, "supabase gives the project's address and key: leave `project` out, or it")
                );
            }
            Some((table, _)) => {
                warnings.extend(self.check(table, &SUPABASE, "supabase")?);
                let api = match self.text(table, "api_url")? {
                    Some((text, at)) => {
                        address::check(text).map_err(|what| self.fault(at, &format!("`api_url` {what}")))
                    }
                    None => address::check(HOSTED_API).map_err(|what| self.fault(0..0, &what)),
                };
                Some(Hosted {
                    api: api?,
                    reference: self.reference(table)?,
                    source: self.source(table, &["token_env", "token_file", "token_command"])?,
                })
            }
            None => None,
        };
        Ok(Profile {
            color: color.map(|(color, _)| color.to_owned()),
            protected: self.flag(table, "protected")?,
            read_only: self.flag(table, "read_only")?,
            allow_http: self.flag(table, "allow_http")?,
            ca_file: self.text(table, "ca_file")?.map(|(path, _)| self.path(path)),
            control_plane,
            project,
            studio,
            supabase,
            warnings,
        })
    }

    /// What `[keys]` says: which operations and keys there are is the screen's to know. `users.create = …` means the
    /// same with quotes around the name and without.
    fn bindings(&self, table: &DeTable<'_>) -> Result<Bindings, Fault> {
        let Some((keys, _)) = self.table(table, "keys")? else { return Ok(Bindings::default()) };
        let mut bindings = Bindings { file: self.origin.file.to_owned(), all: Vec::new() };
        for (feature, value) in keys {
            let Some(inner) = value.get_ref().as_table() else {
                bindings.all.push(self.binding(feature.get_ref().to_string(), feature.span(), value)?);
                continue;
            };
            for (verb, value) in inner {
                let name = format!("{}.{}", feature.get_ref(), verb.get_ref());
                bindings.all.push(self.binding(name, verb.span(), value)?);
            }
        }
        bindings.all.sort_by_key(|binding| binding.place);
        Ok(bindings)
    }

    fn binding(&self, name: String, at: Range<usize>, value: &Spanned<DeValue<'_>>) -> Result<Binding, Fault> {
        let text = |value: &Spanned<DeValue<'_>>| match value.get_ref().as_str() {
            Some(text) => Ok((text.to_owned(), self.place(value.span().start))),
            None => Err(self.fault(value.span(), "a key is a text in quotes, or a list of such, or \"off\"")),
        };
        let keys = match value.get_ref().as_array() {
            Some(list) => list.iter().map(text).collect::<Result<_, _>>()?,
            None => vec![text(value)?],
        };
        Ok(Binding { name, place: self.place(at.start), keys })
    }

    /// Refuses unknown keys and secrets; tells what is left out.
    fn check(&self, table: &DeTable<'_>, keys: &Keys, within: &str) -> Result<Vec<String>, Fault> {
        let mut warnings = Vec::new();
        let mut found: Vec<_> = table.keys().collect();
        found.sort_by_key(|key| key.span().start);
        for key in found {
            let name = key.get_ref().as_ref();
            if keys.known.contains(&name) {
                continue;
            }
            if keys.later.contains(&name) {
                let (line, _) = self.place(key.span().start);
                warnings.push(format!("{}:{line}: `{name}` is not yet offered and is left out", self.origin.file));
                continue;
            }
            if SECRETS.contains(&name) {
                let what = format!("`{name}` would keep a secret in this file: name a variable or a file instead{}", {
                    let sources: Vec<&str> =
                        keys.known.iter().copied().filter(|k| SOURCES.iter().any(|end| k.ends_with(end))).collect();
                    if sources.is_empty() { String::new() } else { format!(" ({})", sources.join(", ")) }
                });
                return Err(Fault { holds_secret: true, ..self.fault(key.span(), &what) });
            }
            let all: Vec<&str> = keys.known.iter().chain(keys.later).copied().collect();
            let near = nearest(name, all).map(|near| format!(" (did you mean `{near}`?)")).unwrap_or_default();
            let what = format!("{within} has no key `{name}`{near}; it may have: {}", listed(keys.known));
            return Err(self.fault(key.span(), &what));
        }
        Ok(warnings)
    }

    /// A project's short id; without it the profile lists projects, and one is chosen later.
    fn reference(&self, table: &DeTable<'_>) -> Result<Option<String>, Fault> {
        match self.text(table, "ref")? {
            Some((reference, at)) if !is_reference(reference) => {
                Err(self.fault(at, "`ref` is the project's short id: letters, digits, `-` and `_`"))
            }
            found => Ok(found.map(|(reference, _)| reference.to_owned())),
        }
    }

    fn address(&self, table: &DeTable<'_>, whole: &Range<usize>, within: &str) -> Result<Url, Fault> {
        let (text, span) = self.needed(table, "url", whole, within)?;
        address::check(text).map_err(|what| self.fault(span, &format!("`url` {what}")))
    }

    /// The source of a control plane's token: a session where keys of signing in stand there.
    fn sign_in(&self, table: &DeTable<'_>, url: &Url, token: Option<Source>) -> Result<Option<Source>, Fault> {
        let keys = ["login", "auth_url", "anon_key", "anon_key_env", "anon_key_file"];
        let given = keys.into_iter().filter_map(|key| table.get(key).map(|value| (key, value.span())));
        let Some((key, span)) = given.min_by_key(|(key, _)| !matches!(*key, "login" | "auth_url")) else {
            return Ok(token);
        };
        let name = ["token_env", "token_file", "token_command"].into_iter().find(|name| table.contains_key(*name));
        if let Some(name) = name {
            let what = format!("give `{key}` or `{name}`: a credential has one source");
            return Err(self.fault(span, &what));
        }
        if !matches!(key, "login" | "auth_url") {
            return Err(self.fault(span, &format!("`{key}` goes with signing in: add `login` or `auth_url`")));
        }
        let login = self.text(table, "login")?;
        if let Some((_, span)) = login.as_ref().filter(|(email, _)| !is_email(email)) {
            return Err(self.fault(span.clone(), "`login` is the email to sign in with"));
        }
        let anon_key = self.text(table, "anon_key")?;
        let source = self.source(table, &["anon_key_env", "anon_key_file"])?;
        let anon_key = match (anon_key, source) {
            (Some((_, span)), Some(_)) => {
                return Err(self.fault(span, "give one of anon_key, anon_key_env, anon_key_file: a key has one source"));
            }
            (Some((key, span)), None) if key.is_empty() || !key.bytes().all(|byte| byte.is_ascii_graphic()) => {
                return Err(self.fault(span, "`anon_key` is empty, or holds a character that no key has"));
            }
            (Some((key, _)), None) => Some(AnonKey::Itself(Secret::new(key.to_owned()))),
            (None, source) => source.map(AnonKey::From),
        };
        Ok(Some(Source::Session(Box::new(SignIn {
            auth: self.other(table, "auth_url", address::check_auth)?.unwrap_or_else(|| address::sign_in(url)),
            anon_key,
            login: login.map(|(email, _)| email.to_owned()),
        }))))
    }

    /// An address that may be left out.
    fn other(
        &self,
        table: &DeTable<'_>,
        key: &str,
        check: impl Fn(&str) -> Result<Url, String>,
    ) -> Result<Option<Url>, Fault> {
        let Some((text, span)) = self.text(table, key)? else { return Ok(None) };
        check(text).map(Some).map_err(|what| self.fault(span, &format!("`{key}` {what}")))
    }

    /// A secret's source: the keys end in `_env`, `_file` and `_command`.
    fn source(&self, table: &DeTable<'_>, keys: &[&str]) -> Result<Option<Source>, Fault> {
        let mut found = None;
        for &key in keys {
            let Some((value, span)) = self.text(table, key)? else { continue };
            if found.is_some() {
                let what = format!("give one of {}: a credential has one source", listed(keys));
                return Err(self.fault(span, &what));
            }
            let (is_env, is_file) = (key.ends_with("_env"), key.ends_with("_file"));
            // What is no name of a variable is most likely the secret itself.
            if is_env && let Err(what) = check_variable(value) {
                return Err(Fault { holds_secret: true, ..self.fault(span, &format!("`{key}` {what}")) });
            }
            if !is_env && !is_file && value.trim().is_empty() {
                return Err(self.fault(span, &format!("`{key}` is empty: give a command that prints the secret")));
            }
            found = Some(if is_env {
                Source::Env(vec![value.to_owned()])
            } else if is_file {
                Source::File(self.path(value))
            } else {
                Source::Command(value.to_owned())
            });
        }
        Ok(found)
    }

    fn path(&self, path: &str) -> PathBuf {
        paths::expand(path, self.origin.folder, self.origin.home)
    }

    fn needed<'t>(
        &self,
        table: &'t DeTable<'_>,
        key: &str,
        whole: &Range<usize>,
        within: &str,
    ) -> Result<At<&'t str>, Fault> {
        self.text(table, key)?.ok_or_else(|| self.fault(whole.clone(), &format!("{within} needs `{key}`")))
    }

    fn text<'t>(&self, table: &'t DeTable<'_>, key: &str) -> Result<Option<At<&'t str>>, Fault> {
        self.typed(table, key, "a text in quotes", DeValue::as_str)
    }

    fn flag(&self, table: &DeTable<'_>, key: &str) -> Result<bool, Fault> {
        Ok(self.typed(table, key, "true or false", DeValue::as_bool)?.is_some_and(|(flag, _)| flag))
    }

    fn table<'t, 'i>(&self, table: &'t DeTable<'i>, key: &str) -> Result<Option<At<&'t DeTable<'i>>>, Fault> {
        self.typed(table, key, "a table", DeValue::as_table)
    }

    fn seconds(&self, table: &DeTable<'_>, key: &str) -> Result<Option<u32>, Fault> {
        let whole = |value: &DeValue<'_>| value.as_integer().and_then(|number| number.as_str().parse::<u32>().ok());
        let seconds = self.typed(table, key, "a whole number of seconds, from 1 to 86400", whole)?;
        match seconds {
            Some((seconds, span)) if !(1..=LONGEST_POLL).contains(&seconds) => {
                Err(self.fault(span, &format!("`{key}` is a whole number of seconds, from 1 to 86400")))
            }
            found => Ok(found.map(|(seconds, _)| seconds)),
        }
    }

    fn typed<'t, 'i, T>(
        &self,
        table: &'t DeTable<'i>,
        key: &str,
        what: &str,
        take: impl FnOnce(&'t DeValue<'i>) -> Option<T>,
    ) -> Result<Option<At<T>>, Fault> {
        let Some(value): Option<&'t Spanned<DeValue<'i>>> = table.get(key) else { return Ok(None) };
        match take(value.get_ref()) {
            Some(taken) => Ok(Some((taken, value.span()))),
            None => Err(self.fault(value.span(), &format!("`{key}` must be {what}"))),
        }
    }

    fn fault(&self, span: Range<usize>, what: &str) -> Fault {
        let (line, column) = self.place(span.start);
        Fault { file: self.origin.file.to_owned(), line, column, what: what.to_owned(), holds_secret: false }
    }

    fn place(&self, offset: usize) -> (usize, usize) {
        let before = self.text.get(..offset).unwrap_or(self.text);
        let line = before.rsplit('\n').next().unwrap_or_default();
        (before.matches('\n').count() + 1, line.chars().count() + 1)
    }
}

fn listed(names: &[&str]) -> String {
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}
