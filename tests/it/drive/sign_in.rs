//! Signing in from the screen: over a half-filled form, with a second factor, and where a captcha stands in the way.

use std::time::Duration;

use basedeck::api::detect::ServerKind;
use basedeck::api::error::{ApiError, Kind, SESSION};
use basedeck::api::meta::{Meta, Standing};
use basedeck::api::model::{Factor, Row, Total, User};
use basedeck::api::offers::Offers;
use basedeck::api::route::{Door, Route};
use basedeck::app::effect::Effect;
use basedeck::app::modal::Stack;
use basedeck::app::msg::{Answer, Body, Msg};
use basedeck::app::session::{self, Step};
use basedeck::app::users;
use basedeck::secret::Secret;
use basedeck::work::query::Chunk;
use jiff::SignedDuration;

use super::projects::answer_buckets;
use super::{Drive, failure, some_users, start, start_time, user};

fn refused(code: &str, said: &str) -> ApiError {
    ApiError { code: Some(code.into()), ..failure(Kind::Refused, Route::SignIn, Some(400), said) }
}

fn ended() -> ApiError {
    let error = failure(Kind::NotSignedIn, Route::UserCreate, Some(401), "the session has ended");
    let known_by = Some(SESSION);
    ApiError { door: Some(Door::ControlPlane), known_by, host: "app.example.com".into(), ..error }
}

fn is_sign_in(effect: &Effect) -> bool {
    matches!(effect, Effect::Session(session::Effect::SignIn { .. }))
}

fn created(effect: &Effect) -> bool {
    matches!(effect, Effect::Users(users::Effect::Create(_)))
}

fn is_code(effect: &Effect) -> bool {
    matches!(effect, Effect::Session(session::Effect::Code { .. }))
}

fn gives_up(effect: &Effect) -> bool {
    matches!(effect, Effect::Session(session::Effect::GiveUp))
}

/// Signed in as ops@example.com as a rule, with some users loaded.
fn loaded() -> Drive {
    let mut start = start(&[Door::ControlPlane]);
    start.project.login = Some("ops@example.com".into());
    let mut drive = Drive::with(start, 80, 24);
    drive.page(&some_users(1, 3), Total::Exact(3));
    drive
}

/// What has no request of its own is answered so.
fn told(drive: &mut Drive, which: fn(&Effect) -> bool, meta: Option<Meta>, body: Body) {
    let (ticket, _) = drive.take(which).expect("an effect under way");
    drive.send(Msg::Answer(Answer { ticket, meta, body }));
}

fn step(drive: &mut Drive, which: fn(&Effect) -> bool, step: Result<Step, ApiError>) {
    told(drive, which, None, Body::Session(session::Body::Step(step)));
}

fn done() -> Step {
    Step::Done { who: Some("ops@example.com".into()), lives: Some(Duration::from_secs(3_600)) }
}

#[test]
fn a_session_that_ends_is_signed_in_again_over_a_half_filled_form() {
    let mut drive = loaded();
    drive.keys("nann@x.io<tab>a-good-password-1<enter>");
    told(&mut drive, created, Some(Meta::of(Route::UserCreate)), Body::Users(users::Body::Created(Err(ended()))));
    drive.shows("Sign in at app.example.com").shows("ops@example.com").hides("Platform token");
    drive.keys("hunter2-hunter2<enter>").hides("hunter2");
    let sent = drive.open.iter().find(|(_, effect)| is_sign_in(effect)).unwrap();
    let password = Secret::new("hunter2-hunter2".into());
    assert_eq!(sent.1, Effect::Session(session::Effect::SignIn { email: "ops@example.com".into(), password }));
    step(&mut drive, is_sign_in, Err(refused("invalid_credentials", "Invalid login credentials")));
    drive.shows("The server knows no such email");
    drive.keys("<enter>");
    step(&mut drive, is_sign_in, Ok(done()));
    drive.shows("ann@x.io").hides("Sign in at");
    // What was typed is sent as it stands.
    drive.keys("<enter>");
    assert_eq!(drive.count(created), 1);
    drive.app.modals = Stack::default();
    drive.shows("ops@example.com 1 h");
}

#[test]
fn where_a_session_has_ended_one_is_told_to_sign_in_and_to_give_no_token() {
    for (width, height) in [(120, 40), (80, 24), (40, 12)] {
        for read in [true, false] {
            let mut start = start(&[Door::ControlPlane]);
            start.project.login = Some("ops@example.com".into());
            let mut drive = Drive::with(start, width, height);
            if read {
                drive.page(&some_users(1, 3), Total::Exact(3)).pass(Duration::from_secs(6));
            }
            drive.page_fails(ended()).keys("<esc>").shows("T signs in").hides("token").hides("another");
            if read && height > 12 {
                drive.shows("app.example.com refuses the session").shows(": sign in.");
            }
        }
    }
}

#[test]
fn a_second_factor_is_asked_for_and_a_wrong_code_can_be_given_again() {
    let mut drive = loaded();
    drive.keys("Thunter2-hunter2<enter>");
    let factors = vec![
        Factor { id: "f0".into(), name: String::new(), kind: "webauthn".into() },
        Factor { id: "f1".into(), name: "my \u{1b}[31mphone".into(), kind: "totp".into() },
    ];
    step(&mut drive, is_sign_in, Ok(Step::NeedsCode(factors)));
    drive.shows("Second step").shows("authenticator app").shows("␛[31m");
    drive.keys("12ab<enter>").shows("made of digits");
    assert_eq!(drive.count(is_code), 0);
    drive.keys("<backspace><backspace>3456<enter>");
    let code = Secret::new("123456".into());
    let sent = Effect::Session(session::Effect::Code { factor: "f1".into(), code });
    assert_eq!(drive.open.iter().filter(|(_, effect)| *effect == sent).count(), 1);
    step(&mut drive, is_code, Err(refused("mfa_verification_failed", "Invalid TOTP code entered")));
    drive.shows("The server refuses this code");
    drive.keys("<enter>");
    step(&mut drive, is_code, Ok(done()));
    drive.hides("Second step").shows("Signed in as ops@example.com.");
    drive.keys("4").shows("✓ signed in").shows("! The code is not");
    assert_eq!(drive.count(gives_up), 0);
    // Closed without a code, what the password began is ended.
    drive.keys("Thunter2-hunter2<enter>");
    let factor = Factor { id: "f1".into(), name: String::new(), kind: "totp".into() };
    step(&mut drive, is_sign_in, Ok(Step::NeedsCode(vec![factor])));
    drive.keys("123<esc>").hides("Second step");
    assert_eq!(drive.count(gives_up), 1);
}

#[test]
fn a_captcha_or_a_key_that_no_terminal_has_leads_to_a_pasted_token() {
    let webauthn = Factor { id: "f0".into(), name: String::new(), kind: "webauthn".into() };
    for (answer, why) in [
        (Err(refused("captcha_failed", "captcha verification process failed")), "asks for a captcha"),
        (Ok(Step::NeedsCode(vec![webauthn])), "second factor cannot be used"),
    ] {
        let mut drive = loaded();
        drive.keys("Thunter2-hunter2<enter>");
        step(&mut drive, is_sign_in, answer);
        drive.shows(why).shows("An access token at").hides("latform token").hides("Another").hides("Password");
        assert_eq!(drive.count(gives_up), 1);
        drive.keys("abc.def.ghi<enter>");
        let pasted = |effect: &Effect| matches!(effect, Effect::Session(session::Effect::Credential(..)));
        assert_eq!(drive.count(pasted), 1);
        drive.shows("Trying the new access token.");
    }
}

#[test]
fn the_header_says_who_and_how_long_and_warns_where_nothing_renews_a_token() {
    let mut drive = loaded();
    let ends = Some(start_time() + SignedDuration::from_mins(42));
    let standing = Standing { door: Door::ControlPlane, who: Some("ann@x.io".into()), ends, renews: false };
    let meta = Meta { standing: Some(standing), ..Meta::of(Route::UsersList) };
    drive.pass(Duration::from_secs(6));
    let (ticket, ask) = drive.take_page();
    let page = users::PageRead { chunks: Chunk::build(&some_users(1, 3)), total: Total::Exact(3) };
    let body = Body::Users(users::Body::Page(ask, Ok(page)));
    drive.send(Msg::Answer(Answer { ticket, meta: Some(meta), body }));
    drive.shows("ann@x.io 42 m");
}

#[test]
fn where_one_signs_in_one_can_sign_out_and_elsewhere_there_is_no_such_command() {
    let mut drive = loaded();
    drive.keys(":sign out<enter>");
    assert_eq!(drive.count(is_out), 1);
    told(&mut drive, is_out, None, Body::Session(session::Body::SignedOut(Ok(()))));
    drive.shows("You are signed out, here and at the server.").shows("T signs in again");
    let mut other = super::drive(80, 24);
    other.page(&some_users(1, 3), Total::Exact(3)).keys(":sign out").hides("Sign out");
}

/// At a Studio whose key is to be asked for, with its first page on its way.
fn at_studio(name: &str, width: u16, height: u16) -> Drive {
    let mut start = start(&[Door::Studio]);
    (start.project.keys_offered, start.project.ask_keys, start.project.name) = (true, true, name.into());
    Drive::with(start, width, height)
}

/// The page comes, or what kept it from coming.
fn studio_answers(drive: &mut Drive, found: ServerKind, error: Option<ApiError>) {
    let (ticket, ask) = drive.take_page();
    let meta = Meta { door: Some(Door::Studio), found: Some(found), ..Meta::of(Route::UsersList) };
    let page = users::PageRead { chunks: Chunk::build(&some_users(1, 3)), total: Total::Exact(3) };
    let body = Body::Users(users::Body::Page(ask, error.map_or(Ok(page), Err)));
    drive.send(Msg::Answer(Answer { ticket, meta: Some(meta), body }));
}

/// Whose answer has come, and with it the question.
fn asked_for_key(name: &str, width: u16, height: u16) -> Drive {
    let mut drive = at_studio(name, width, height);
    studio_answers(&mut drive, ServerKind::SelfHosted, None);
    drive
}

#[test]
fn the_key_of_studio_is_taken_only_after_a_yes_and_a_no_is_remembered() {
    let keys = |effect: &Effect, yes| *effect == Effect::Session(session::Effect::Keys(yes));
    for (key, yes) in [("y", true), ("n", false)] {
        let mut drive = asked_for_key("demo", 80, 24);
        drive.shows("Take the project's key?").shows("demo");
        assert_eq!(drive.count(|effect| keys(effect, true) || keys(effect, false)), 0);
        drive.keys(key).hides("Take the project's key?");
        assert_eq!(drive.count(|effect| keys(effect, yes)), 1);
        drive.keys("r");
        studio_answers(&mut drive, ServerKind::SelfHosted, None);
        drive.hides("Take the project's key?");
    }
    // All of the question can be read, however small the screen and long the profile's name.
    for name in ["home", "the profile of a client whose name is long, and then some more"] {
        let mut drive = asked_for_key(name, 40, 10);
        let mut read = drive.screen();
        for _ in 0..8 {
            read += &drive.keys("j").screen();
        }
        for word in ["The Studio of", "single", "users and", "uploads", "in memory", "remembered", "y take it"] {
            assert!(read.contains(word), "{word}: {read}");
        }
    }
    // Once it is there, the screen offers what the gateway does.
    let mut drive = asked_for_key("demo", 80, 24);
    drive.keys("y").shows("Asking Studio");
    let offers = Offers::new(&[Door::Studio, Door::Gateway]);
    let yes = |effect: &Effect| *effect == Effect::Session(session::Effect::Keys(true));
    told(&mut drive, yes, None, Body::Session(session::Body::Keys(offers)));
    drive.shows("The gateway is open").hides("Asking Studio");
}

#[test]
fn what_another_door_tells_in_other_words_is_no_change() {
    let mut drive = asked_for_key("demo", 120, 24);
    drive.keys("y");
    let offers = Offers::new(&[Door::Studio, Door::Gateway]);
    let yes = |effect: &Effect| *effect == Effect::Session(session::Effect::Keys(true));
    told(&mut drive, yes, None, Body::Session(session::Body::Keys(offers)));
    let reworded = |count| -> Vec<_> {
        let word = |row: Row<User>| Row { raw: row.raw.replace("\"pro\"", "\"pro\",\"by\":\"GoTrue\"").into(), ..row };
        some_users(1, count).into_iter().map(word).collect()
    };
    drive.page(&reworded(3), Total::Exact(3));
    drive.shows("user2@example.com").hides("~ user").shows("by: \"GoTrue\"");
    let mut changed = reworded(3);
    changed[1] = user(2, "other@example.com");
    drive.pass(Duration::from_secs(5)).page(&changed, Total::Exact(3));
    drive.shows("~ other@example.com").hides("~ user");
}

#[test]
fn its_key_is_asked_for_only_once_studio_has_let_one_in_and_nothing_is_being_typed() {
    let mut drive = at_studio("demo", 80, 24);
    drive.hides("Take the project's key?");
    let refused =
        ApiError { door: Some(Door::Studio), ..failure(Kind::NotSignedIn, Route::UsersList, Some(401), "no") };
    studio_answers(&mut drive, ServerKind::SelfHosted, Some(refused));
    drive.shows("Another password").hides("Take the project's key?");
    drive.keys("right<enter>/us");
    studio_answers(&mut drive, ServerKind::SelfHosted, None);
    drive.hides("Take the project's key?").keys("<enter>r");
    studio_answers(&mut drive, ServerKind::SelfHosted, None);
    drive.shows("Take the project's key?");
}

#[test]
fn what_is_no_studio_is_not_asked_for_its_key_and_a_studio_without_it_says_which_key_it_wants() {
    for (kind, asks) in [(ServerKind::ControlPlane, false), (ServerKind::SelfHosted, true)] {
        let mut drive = at_studio("demo", 80, 24);
        studio_answers(&mut drive, kind, None);
        assert_eq!(drive.screen().contains("Take the project's key?"), asks, "{}", drive.screen());
    }
    let mut start = start(&[Door::Studio]);
    start.project.keys_offered = true;
    let mut drive = Drive::with(start, 80, 24);
    drive.page(&some_users(1, 3), Total::Exact(3)).keys("2");
    answer_buckets(&mut drive, &["photos"]);
    drive.keys("u").shows("ctrl-k takes the project's key").hides("asks it again");
}

#[test]
fn what_stands_at_a_door_is_told_once_and_kept_in_activity() {
    let mut drive = Drive::with(start(&[Door::Studio]), 120, 40);
    let answer = |ticket, ask, found| {
        let meta = Meta { door: Some(Door::Studio), found: Some(found), ..Meta::of(Route::UsersList) };
        let page = users::PageRead { chunks: Chunk::build(&some_users(1, 3)), total: Total::Exact(3) };
        Msg::Answer(Answer { ticket, meta: Some(meta), body: Body::Users(users::Body::Page(ask, Ok(page))) })
    };
    let self_hosted = || ServerKind::SelfHosted;
    // The first read is given up, and its answer with it.
    let (ticket, ask) = drive.take_page();
    drive.keys("r").send(answer(ticket, ask, self_hosted())).hides("This is");
    let (ticket, ask) = drive.take_page();
    drive.send(answer(ticket, ask, self_hosted())).shows("This is a self-hosted").shows("the ref is not checked");
    drive.pass(Duration::from_secs(30)).hides("This is");
    let (ticket, ask) = drive.take_page();
    drive.send(answer(ticket, ask, self_hosted())).hides("This is");
    drive.pass(Duration::from_secs(6));
    let (ticket, ask) = drive.take_page();
    drive.send(answer(ticket, ask, ServerKind::OpenStudio)).shows("This is a Studio without a password");
    drive.keys("4/look<enter>").shows("session.look").shows("self-hosted");
    let screen = drive.screen();
    let rows = screen.lines().filter_map(|line| line.split('│').next());
    assert_eq!(rows.filter(|row| row.contains("session.look")).count(), 2, "{screen}");
}

fn is_out(effect: &Effect) -> bool {
    matches!(effect, Effect::Session(session::Effect::SignOut))
}

#[test]
fn after_signing_out_nothing_is_asked_until_a_person_signs_in_again() {
    for (width, height) in [(120, 40), (80, 24), (40, 12)] {
        let mut start = start(&[Door::ControlPlane]);
        start.project.login = Some("ops@example.com".into());
        let mut drive = Drive::with(start, width, height);
        drive.page(&some_users(1, 3), Total::Exact(3)).pass(Duration::from_secs(6));
        drive.keys(":sign out<enter>").shows("Signing out.").hides("user1@");
        assert!(drive.open.iter().all(|(_, effect)| is_out(effect)), "what was being read is given up");
        told(&mut drive, is_out, None, Body::Session(session::Body::SignedOut(Ok(()))));
        drive.shows("○ signed out").shows("You are signed out").hides("not signed in").hides("✕");
        drive.pass(Duration::from_secs(600)).hides("Sign in at").shows("You are signed out");
        assert!(drive.open.is_empty(), "{:?}", drive.open);
        drive.keys("b<enter>").shows("T signs in again").keys(":sign out").hides("Ends the session").keys("<esc>");
        // Either key leads back to where one was.
        drive.keys("r").shows("Sign in at").keys("<esc>").hides("Sign in at").shows("You are signed out");
        drive.keys("2Thunter2-hunter2<enter>");
        step(&mut drive, is_sign_in, Ok(done()));
        drive.keys("1").page(&some_users(1, 3), Total::Exact(3)).shows("user1@").shows("● live");
    }
}

#[test]
fn what_the_server_could_not_be_told_is_said_and_what_was_under_way_opens_no_form() {
    let mut drive = loaded();
    drive.keys("nann@x.io<tab>a-good-password-1<enter><esc>:sign out<enter>");
    let down = failure(Kind::Unreachable, Route::SignIn, None, "nothing listens there");
    told(&mut drive, is_out, None, Body::Session(session::Body::SignedOut(Err(down))));
    drive.shows("the server could not be told").shows("nothing listens there").shows("T signs in again");
    told(&mut drive, created, Some(Meta::of(Route::UserCreate)), Body::Users(users::Body::Created(Err(ended()))));
    drive.hides("Sign in at").shows("the session has ended");
}

#[test]
fn a_hint_is_no_error_and_stays_while_one_types() {
    let mut drive = loaded();
    drive.keys("Thunter2-hunter2<enter>");
    let factor = Factor { id: "f1".into(), name: String::new(), kind: "totp".into() };
    step(&mut drive, is_sign_in, Ok(Step::NeedsCode(vec![factor])));
    drive.shows("Your authenticator app shows the code.").hides("✕");
    drive.keys("123").shows("Your authenticator app shows the code.").keys("<esc>");
    // What failed is one, until another text is typed.
    drive.keys("Thunter2-hunter2<enter>");
    step(&mut drive, is_sign_in, Err(refused("over_request_rate_limit", "Request rate limit reached")));
    drive.shows("✕").keys("x").hides("✕");
}

#[test]
fn before_anybody_signed_in_the_header_claims_no_credential() {
    let mut start = start(&[Door::ControlPlane, Door::Gateway]);
    start.project.login = Some("ops@example.com".into());
    start.project.who = vec![(Door::ControlPlane, session::NOBODY.into())];
    let mut drive = Drive::with(start, 80, 24);
    drive.shows("○ connecting  not signed in").hides("service key").hides("platform token");
    let nobody = failure(Kind::NotSignedIn, Route::UsersList, None, "nobody is signed in at app.example.com");
    drive.page_fails(ApiError {
        known_by: Some(SESSION),
        door: Some(Door::ControlPlane),
        unsent: true,
        host: "app.example.com".into(),
        ..nobody
    });
    drive.shows("Nobody is signed in at app.example.com.").hides("✕ Nobody");
    let header = |drive: &Drive| drive.screen().lines().next().unwrap().to_owned();
    assert!(header(&drive).trim_end().ends_with("✕ not signed in"), "{}", header(&drive));
    drive.keys("hunter2-hunter2<enter>");
    step(&mut drive, is_sign_in, Ok(done()));
    drive.page(&some_users(1, 3), Total::Exact(3));
    // The gateway has taken its key.
    assert!(header(&drive).ends_with("ops@example.com 1 h + service key"), "{}", header(&drive));
}
