//! One sentence for each failure: what happened, to what, and what to do next.

use std::time::Duration;

use super::{ApiError, Kind, SESSION};
use crate::api::route::{Door, Route};
use crate::text::human::{self, capital};

/// The most characters of a server's own words.
const SAID: usize = 160;
/// The most characters of its code.
const CODE: usize = 40;

/// The sentence of an error.
pub(super) fn of(error: &ApiError) -> String {
    by_code(error).unwrap_or_else(|| by_kind(error))
}

/// What is the matter with a credential, in two words.
pub(super) fn needs(error: &ApiError) -> String {
    let source = asked_with(&error.said).filter(|_| error.unsent);
    let name = source.or(error.known_by).or(error.door.map(Door::credential)).unwrap_or("credential");
    let name = match name.rsplit(' ').next() {
        // A name goes with it, and either may be wrong.
        Some("password") => "login",
        short => short.unwrap_or(name),
    };
    match name {
        SESSION => "needs sign-in".into(),
        name if !error.unsent || error.said.contains("refuse") => format!("{name} refused"),
        name => format!("needs {name}"),
    }
}

/// Codes that say more than their kind.
fn by_code(error: &ApiError) -> Option<String> {
    let (mark, why) = (mark(error), why(error));
    let sentence = match error.code.as_deref()? {
        "email_exists" | "user_already_exists" => {
            format!("This address is registered already{mark}: use another one.")
        }
        "phone_exists" => format!("This phone number is registered already{mark}: use another one."),
        "23505" => match error.field {
            Some(field) => format!("The server has this {field} already{mark}: use another one."),
            None => format!("The server has this already {why}: use another one."),
        },
        "weak_password" => format!("The password is too weak for this server {why}: choose a longer one."),
        "validation_failed" | "bad_json" => format!("The server refuses what was given {why}: correct it."),
        "not_admin" => format!("This key may not manage users{mark}: use the project's service key."),
        "user_not_found" => format!("The server does not know this user{mark}: refresh the list."),
        "invalid_credentials" | "invalid_grant" if error.route == Route::SignIn => {
            format!("{} does not know this email with this password{mark}: correct one of them.", error.host)
        }
        "email_not_confirmed" => format!("The email is not confirmed yet{mark}: follow the link in the mail first."),
        "captcha_failed" => format!("{} wants a captcha solved{mark}: paste an access token instead.", error.host),
        "mfa_verification_failed" => format!("The code is not the right one{mark}: give the one shown now."),
        "mfa_challenge_expired" => format!("The code came too late{mark}: give the one shown now."),
        "user_banned" if error.route == Route::SignIn => {
            format!("The account is banned at {}{mark}: ask who runs it.", error.host)
        }
        "user_banned" => format!("This user is banned{mark}: lift the ban first."),
        "signup_disabled" | "email_provider_disabled" | "otp_disabled" => {
            format!("The project has this switched off {why}: switch it on in its settings.")
        }
        "NoSuchBucket" => format!("There is no such bucket{mark}: refresh the list."),
        "NoSuchKey" => format!("There is no such object{mark}: refresh the list."),
        "KeyAlreadyExists" | "ResourceAlreadyExists" | "Duplicate" => {
            format!("An object of this name is there already{mark}: use another name or skip it.")
        }
        "InvalidKey" => format!("Storage refuses this name {why}: use another one."),
        "InvalidMimeType" | "invalid_mime_type" => {
            format!("The bucket does not take this type {why}: choose another bucket.")
        }
        "EntityTooLarge" => format!("It is larger than the bucket or the server takes{mark}: raise the limit first."),
        "ResourceLocked" => format!("The object is being written by somebody else{mark}: try again later."),
        "DatabaseReadOnly" => format!("The project's database is read-only{mark}: try again later."),
        "insufficient_credits" => {
            format!("The project's credits are used up {why}: add some, or wait until they are renewed.")
        }
        _ => return None,
    };
    Some(sentence)
}

fn by_kind(error: &ApiError) -> String {
    let ApiError { kind, route, door, host, .. } = error;
    let (said, mark, why, what) =
        (said(error), mark(error), why(error), error.asked.map_or_else(|| what(*route), str::to_owned));
    let credential = error.known_by.or(door.map(Door::credential)).unwrap_or("credential");
    match kind {
        Kind::NotSignedIn if error.known_by == Some(SESSION) && error.unsent => format!("{}: sign in.", own(&said)),
        Kind::NotSignedIn if error.unsent && said.starts_with("there is no") => {
            format!("{}: give one for {host}.", own(&said))
        }
        Kind::NotSignedIn if error.unsent => match asked_with(&said).filter(|_| *door == Some(Door::Gateway)) {
            Some(asked) => format!("{}: give another {asked}, or the {credential} itself.", own(&said)),
            None => format!("{}: give another {credential} for {host}.", own(&said)),
        },
        Kind::NotSignedIn if *route == Route::SignIn && is_gateway(&said) => format!(
            "{host} wants its public key before one signs in{mark}: give it as anon_key in control_plane, or in \
             BASEDECK_ANON_KEY with --login."
        ),
        Kind::NotSignedIn if *door == Some(Door::ControlPlane) && is_gateway(&said) => format!(
            "{host} answers as a project's gateway, not as a control plane{mark}: give --project-url and the service key."
        ),
        Kind::NotSignedIn if error.known_by == Some(SESSION) && is_expired(&said) => {
            format!("The session at {host} has expired{mark}: sign in.")
        }
        Kind::NotSignedIn if error.known_by == Some(SESSION) => format!("{host} refuses the session {why}: sign in."),
        Kind::NotSignedIn if is_expired(&said) => {
            format!("The {credential} for {host} has expired{mark}: give a new one.")
        }
        Kind::NotSignedIn => format!("{host} refuses the {credential} {why}: give another one."),
        Kind::NotAllowed if *door == Some(Door::Gateway) => {
            format!("This key may not {what} {why}: use the project's service key.")
        }
        Kind::NotAllowed if *door == Some(Door::Studio) && is_gateway(&said) => {
            format!("The gateway behind {host} refuses Studio's own key {why}: set it right where Studio is set up.")
        }
        Kind::NotAllowed => {
            format!("{host} does not allow this {credential} to {what} {why}: use another one.")
        }
        Kind::ReadOnly => format!("This connection is read-only, so nothing was sent to {what}: allow changes first."),
        Kind::NoDoor if door.is_some() => {
            format!("No door of this connection can {what} ({said}): connect the project's gateway too.")
        }
        Kind::NoDoor => format!("No door of this connection can {what}: connect the project's gateway too."),
        Kind::NoSuchRoute if said.contains("not supported on hosted") => format!(
            "{host} serves only web pages: try http://localhost:5000 as the control plane, or the project's gateway."
        ),
        Kind::NoSuchRoute => format!("{host} cannot {what} {why}: check the address, or use the other door."),
        Kind::NotFound if error.asked.is_some_and(|asked| asked.starts_with("list")) => {
            format!("{host} cannot {what} {why}: check the address.")
        }
        Kind::NotFound if thing(*route) == "The project" => {
            format!("{host} does not know this project {why}: check the address and the ref.")
        }
        Kind::NotFound => format!("{} is not there {why}: refresh the list.", thing(*route)),
        Kind::Conflict => format!("It is there already {why}: use another name."),
        Kind::Refused if error.unsent => format!("{}: correct it and try again.", own(&said)),
        Kind::Refused => format!("{host} refuses to {what} {why}: correct what was given."),
        Kind::TooLarge => format!("It is larger than {host} takes{mark}: raise the limit or send less."),
        Kind::TooMany => format!("{host} has had too many requests{mark}: wait {}.", wait(error.retry_after)),
        // Who stands in between gave up; the server behind it may have done it.
        Kind::Server if error.is_lost() && route.spec().mutates => {
            format!("{host} failed to {what} {why}: look before you send again.")
        }
        Kind::Server if *door == Some(Door::Studio) && is_behind(&said) => {
            format!("{host} got no answer of the service behind it {why}: look whether that runs, and try again.")
        }
        Kind::Server => format!("{host} failed to {what} {why}: try again later."),
        Kind::Paused => format!("{host} says that the project is paused {why}: restore it in the console."),
        Kind::Unreadable => format!("{host} cannot read a row of this page {why}: ask for smaller pages."),
        Kind::BadAnswer => format!("The answer of {host} is of no use {why}: check the address."),
        Kind::Unreachable if said.starts_with("the proxy cannot") => {
            format!("{host} cannot be asked ({said}): check HTTPS_PROXY and its relatives.")
        }
        Kind::Unreachable => format!("{host} cannot be reached ({said}): check the address and the network."),
        Kind::Untrusted => format!("{host} is not trusted ({said}): {}.", trust(&said)),
        Kind::WrongServer => format!("No credential was sent: {host} {}.", said.replace(": ", ", ")),
        Kind::Lost if route.spec().mutates => {
            format!("The answer of {host} was lost ({said}): look before you send again.")
        }
        Kind::Lost => format!("The answer of {host} was lost ({said}): try again."),
        Kind::Redirected => {
            format!("The redirect was not followed {why}: give that address yourself if you trust it.")
        }
        Kind::LocalFile if *route == Route::SignIn => format!("{}: look at it and try again.", own(&said)),
        Kind::LocalFile => format!("{}: look at it and send it again.", own(&said)),
        Kind::Stopped => format!("Stopped before {host} answered: send it again if you still want it."),
    }
}

/// What was asked, without what only the table of routes tells apart: `read the user`, `list users`.
fn what(route: Route) -> String {
    let name = route.spec().name;
    let name = name.split_once(" (").map_or(name, |(what, _)| what);
    match name.split_once(' ') {
        Some((verb, one)) if verb != "sign" && !one.ends_with('s') => format!("{verb} the {one}"),
        _ => name.to_owned(),
    }
}

fn thing(route: Route) -> &'static str {
    match route {
        Route::UsersList | Route::UserCreate | Route::BucketsList | Route::ProjectKeys => "The project",
        Route::UserGet => "The user",
        Route::BucketGet | Route::ObjectsList | Route::ObjectsListV1 => "The bucket",
        Route::ObjectInfo => "The object",
        Route::ObjectUpload => "The bucket or folder",
        Route::SignIn => "What signing in needs",
        Route::ProjectsList => "The list of projects",
        Route::Look => "The server",
    }
}

/// The server's own words inside a sentence of ours: on one line, and no more of them than one reads.
fn said(error: &ApiError) -> String {
    part(&error.said, SAID)
}

/// Our own words at the beginning of a sentence, which has its colon before what to do next.
fn own(said: &str) -> String {
    capital(&said.replace(": ", ", "))
}

fn part(text: &str, most: usize) -> String {
    let words: Vec<_> = text.split_whitespace().collect();
    let text = words.join(" ").trim_end_matches('.').replace(". ", "; ");
    if text.chars().count() <= most { text } else { text.chars().take(most - 1).chain(['…']).collect() }
}

/// The server's words, code and status in one pair of brackets.
fn why(error: &ApiError) -> String {
    let said = said(error);
    let numbers: Vec<_> = numbers(error).filter(|number| *number != said).collect();
    let parts: Vec<_> = std::iter::once(said).chain(numbers).collect();
    format!("({})", parts.join(", "))
}

/// Code and status in brackets, as far as there are any.
fn mark(error: &ApiError) -> String {
    let parts: Vec<_> = numbers(error).collect();
    if parts.is_empty() { String::new() } else { format!(" ({})", parts.join(", ")) }
}

/// What helps where a certificate is not accepted.
fn trust(said: &str) -> &'static str {
    if said.contains("expired") || said.contains("not valid yet") {
        "have it renewed, or set this machine's clock"
    } else if said.contains("another name") {
        "check the address"
    } else if said.contains("signer's own") {
        "give the server a certificate of its own that this one signs"
    } else if said.contains("no CA certificates") {
        "install the package ca-certificates, or give --ca-file"
    } else {
        "give the certificate of its signer with --ca-file"
    }
}

/// Code and status, as far as they say more than each other and the server's words.
fn numbers(error: &ApiError) -> impl Iterator<Item = String> {
    let status = error.status.map(|status| status.to_string());
    let code = error.code.as_deref().map(|code| part(code, CODE)).filter(|code| Some(code) != status.as_ref());
    [code, status].into_iter().flatten()
}

fn wait(asked: Option<Duration>) -> String {
    match asked {
        Some(asked) if asked.as_secs() > 0 => human::span(asked),
        _ => "a moment".into(),
    }
}

/// The credential of its own that a source of credentials was refused with.
fn asked_with(said: &str) -> Option<&'static str> {
    ["access token", "password"].into_iter().find(|name| said.contains(name))
}

fn is_gateway(said: &str) -> bool {
    said.contains("No API key found") || said.contains("Invalid authentication credentials")
}

/// What Studio says where a service behind it is down.
fn is_behind(said: &str) -> bool {
    matches!(said, "{}" | "fetch failed" | "Bad Gateway" | "Internal Server Error")
}

fn is_expired(said: &str) -> bool {
    said.contains("expired") || said.contains("\"exp\" claim")
}

#[cfg(test)]
mod tests {
    use strum::VariantArray;

    use super::*;

    fn all() -> impl Iterator<Item = ApiError> {
        use Kind::{
            BadAnswer, Conflict, LocalFile, Lost, NoDoor, NoSuchRoute, NotAllowed, NotFound, NotSignedIn, Paused,
            ReadOnly, Redirected, Refused, Server, Stopped, TooLarge, TooMany, Unreachable, Unreadable, Untrusted,
            WrongServer,
        };
        let kinds = [
            NotSignedIn,
            NotAllowed,
            ReadOnly,
            NoDoor,
            NoSuchRoute,
            NotFound,
            Conflict,
            Refused,
            TooLarge,
            TooMany,
            Server,
            Paused,
            Unreadable,
            BadAnswer,
            Unreachable,
            Untrusted,
            WrongServer,
            Lost,
            Redirected,
            LocalFile,
            Stopped,
        ];
        kinds.into_iter().flat_map(|kind| {
            let doors = [Door::ControlPlane, Door::Gateway];
            Route::VARIANTS.iter().flat_map(move |&route| {
                doors.into_iter().flat_map(move |door| {
                    [true, false].map(|unsent| ApiError {
                        door: Some(door),
                        host: "db.example".into(),
                        unsent,
                        status: Some(418),
                        code: Some("a_code".into()),
                        ..ApiError::of(kind, route, "the words of the server.")
                    })
                })
            })
        })
    }

    #[test]
    fn each_is_one_sentence_that_says_what_to_do() {
        for error in all() {
            let sentence = error.sentence();
            assert!(sentence.ends_with('.') && sentence.matches(". ").count() == 0, "{sentence}");
            assert!(sentence.matches(": ").count() == 1, "{sentence}");
            assert!(!sentence.contains("()") && !sentence.contains(") ("), "{sentence}");
            assert_eq!(sentence, error.to_string());
        }
    }

    /// Without what stands in brackets: a server's own words.
    fn without_quotes(sentence: &str) -> String {
        let ends = sentence.split_once(" (").and_then(|(before, rest)| Some((before, rest.rsplit_once(')')?.1)));
        ends.map_or_else(|| sentence.to_owned(), |(before, after)| format!("{before}{after}"))
    }

    #[test]
    fn where_nobody_is_signed_in_one_signs_in() {
        for (unsent, said, sentence) in [
            (true, "nobody is signed in at h", "Nobody is signed in at h: sign in."),
            (true, "the session at h has ended (gone)", "The session at h has ended (gone): sign in."),
            (false, "JWT expired", "The session at h has expired: sign in."),
            (false, "bad JWT", "h refuses the session (bad JWT): sign in."),
        ] {
            let error = ApiError {
                known_by: Some(SESSION),
                host: "h".into(),
                ..ApiError::of(Kind::NotSignedIn, Route::UsersList, said)
            };
            assert_eq!(ApiError { unsent, ..error }.sentence(), sentence);
        }
    }

    #[test]
    fn whatever_a_server_says_it_stays_one_sentence() {
        for said in ["It failed: no. ".repeat(100), "x".repeat(500), "one\ntwo\r\n\tthree.".to_owned()] {
            let sentences = all().map(|error| ApiError { said: said.clone(), code: Some(said.clone()), ..error });
            for sentence in sentences.map(|error| error.sentence()) {
                assert!(sentence.chars().count() <= 300 && !sentence.contains(". "), "{sentence}");
                assert!(without_quotes(&sentence).matches(": ").count() == 1, "{sentence}");
            }
        }
    }

    #[test]
    fn a_source_that_was_refused_names_the_credential_that_it_asks_with() {
        let of = |said: &str| {
            let error = ApiError::of(Kind::NotSignedIn, Route::UsersList, said);
            ApiError { door: Some(Door::Gateway), unsent: true, host: "h".into(), ..error }.sentence()
        };
        assert!(
            of("api.example refuses the access token")
                .ends_with(": give another access token, or the service key itself.")
        );
        assert!(
            of("h refuses the name or the password").ends_with(": give another password, or the service key itself.")
        );
        assert!(of("its command failed").ends_with(": give another service key for h."));
    }

    #[test]
    fn what_a_project_needs_is_named_in_two_words() {
        let refused = "Invalid authentication credentials";
        for (door, known_by, unsent, said, words) in [
            (Door::ControlPlane, None, false, refused, "token refused"),
            (Door::ControlPlane, None, true, "there is no platform token", "needs token"),
            (Door::ControlPlane, Some(SESSION), false, refused, "needs sign-in"),
            (Door::ControlPlane, Some(SESSION), true, "nobody is signed in at h", "needs sign-in"),
            (Door::ControlPlane, Some("access token"), false, refused, "token refused"),
            (Door::Gateway, None, false, refused, "key refused"),
            (Door::Gateway, None, true, "its command failed", "needs key"),
            (Door::Gateway, None, true, "h refuses the access token", "token refused"),
            (Door::Gateway, None, true, "there is no access token", "needs token"),
            (Door::Gateway, None, true, "h refuses the name or the password", "login refused"),
            (Door::Studio, None, false, "Unauthorized", "login refused"),
        ] {
            let error = ApiError::of(Kind::NotSignedIn, Route::UsersList, said);
            assert_eq!(ApiError { door: Some(door), known_by, unsent, ..error }.needs(), words, "{said}");
        }
    }

    #[test]
    fn what_stands_at_the_wrong_address_is_named() {
        let at = |kind, said: &str| {
            let error = ApiError { door: Some(Door::ControlPlane), ..ApiError::of(kind, Route::UsersList, said) };
            ApiError { host: "h".into(), status: Some(401), ..error }.sentence()
        };
        assert!(at(Kind::NotSignedIn, "Invalid authentication credentials").contains("--project-url"));
        assert!(at(Kind::NoSuchRoute, "Endpoint not supported on hosted").contains("http://localhost:5000"));
        let error = ApiError::of(Kind::NotSignedIn, Route::SignIn, "No API key found in request");
        assert!(ApiError { door: Some(Door::ControlPlane), ..error }.sentence().contains("anon_key in control_plane"));
    }
}
