//! The connection: when it is asked again, what the header says of it, what stands where it fails, and another credential.

use std::time::Duration;

use basedeck::api::error::{ApiError, Kind};
use basedeck::api::model::{Page, Total};
use basedeck::api::route::{Door, Route};
use basedeck::app::effect::Effect;
use basedeck::app::msg::{Body, Msg};
use basedeck::app::{buckets, session, users};
use basedeck::text::human;
use basedeck::work::outcome::{ItemState, Outcome};
use basedeck::work::progress::Totals;

use super::tabs::{plan, progress, start_job};
use super::{Drive, drive, failure, some_users, start, start_time};

fn is_page(effect: &Effect) -> bool {
    matches!(effect, Effect::Users(users::Effect::Page(_)))
}

fn is_credential(effect: &Effect) -> bool {
    matches!(effect, Effect::Session(session::Effect::Credential(..)))
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn loaded(width: u16, height: u16) -> Drive {
    let mut drive = drive(width, height);
    drive.page(&some_users(1, 30), Total::Exact(30));
    drive
}

fn down() -> ApiError {
    let error = failure(Kind::Unreachable, Route::UsersList, None, "nothing listens there");
    ApiError { raw: None, host: "example.com:54321".into(), ..error }
}

fn signed_out() -> ApiError {
    failure(Kind::NotSignedIn, Route::UsersList, Some(401), "Invalid authentication credentials")
}

fn busy(asked: Option<Duration>) -> ApiError {
    ApiError { retry_after: asked, ..failure(Kind::TooMany, Route::UsersList, Some(429), "Too many.") }
}

/// How long until the next poll by itself.
fn wait(drive: &Drive) -> Duration {
    drive.app.health[&drive.app.polled_tab()].due.saturating_sub(drive.cx.at)
}

/// The next poll fails as soon as it is due.
fn fail(drive: &mut Drive, error: ApiError) {
    drive.pass(wait(drive) + Duration::from_millis(2));
    drive.page_fails(error);
}

#[track_caller]
fn is_about(wait: Duration, wanted: u64) {
    let (least, most) = (seconds(wanted).mul_f64(0.9), seconds(wanted).mul_f64(1.1));
    assert!(wait >= least && wait <= most, "{wait:?} is not {wanted} s ± 10 %");
}

#[test]
fn failing_polls_back_off_within_bounds_and_a_good_one_ends_that() {
    let mut drive = loaded(80, 24);
    is_about(wait(&drive), 5);
    for wanted in [5, 10, 20, 40, 80, 120, 120, 120] {
        fail(&mut drive, down());
        is_about(wait(&drive), wanted);
    }
    drive.pass(wait(&drive) + Duration::from_millis(2)).page(&some_users(1, 30), Total::Exact(30));
    is_about(wait(&drive), 5);
}

#[test]
fn no_two_programs_ask_in_step() {
    let mut drive = loaded(80, 24);
    let mut waits = Vec::new();
    for _ in 0..20 {
        waits.push(wait(&drive));
        drive.pass(wait(&drive) + Duration::from_millis(2)).page(&some_users(1, 30), Total::Exact(30));
    }
    for wait in &waits {
        is_about(*wait, 5);
    }
    waits.sort_unstable();
    waits.dedup();
    assert!(waits.len() > 10, "{waits:?}");
}

#[test]
fn a_pause_that_the_server_asks_for_is_kept() {
    let mut drive = loaded(80, 24);
    fail(&mut drive, busy(Some(seconds(90))));
    assert_eq!(wait(&drive), seconds(90));
    let next = start_time().checked_add(jiff::SignedDuration::try_from(drive.cx.at + seconds(90)).unwrap()).unwrap();
    drive.shows(&format!("next try at {}", human::clock(next)));
    // Neither a look at the screen nor the end of a pause is worth breaking it.
    drive.send(Msg::Focus(false)).send(Msg::Focus(true)).keys("pp");
    drive.pass(seconds(89));
    assert_eq!(drive.count(is_page), 0);
    drive.pass(seconds(2));
    assert_eq!(drive.count(is_page), 1);
}

#[test]
fn a_person_may_ask_sooner_than_the_server_likes() {
    let mut drive = loaded(80, 24);
    fail(&mut drive, busy(Some(seconds(90))));
    drive.keys("r");
    assert_eq!(drive.count(is_page), 1);
}

#[test]
fn a_pause_without_end_panics_nowhere() {
    for asked in [seconds(u64::MAX), Duration::MAX, seconds(1_000_000_000_000_000)] {
        let mut drive = loaded(80, 24);
        fail(&mut drive, busy(Some(asked)));
        drive.pass(seconds(60)).shows("could not be refreshed");
        drive.keys("r").page_fails(busy(Some(asked)));
        drive.keys("r").page(&some_users(1, 30), Total::Exact(30));
        drive.hides("could not be refreshed");
    }
}

#[test]
fn a_try_by_hand_does_not_put_off_the_next_one() {
    let mut drive = loaded(80, 24);
    for _ in 0..3 {
        fail(&mut drive, down());
    }
    is_about(wait(&drive), 20);
    let due = drive.cx.at + wait(&drive);
    for _ in 0..3 {
        drive.pass(seconds(1));
        drive.keys("r").page_fails(down());
        assert_eq!(drive.cx.at + wait(&drive), due);
    }
    fail(&mut drive, down());
    is_about(wait(&drive), 40);
    // An answer that comes only after the turn begins the same wait again, not a longer one.
    drive.keys("r");
    drive.pass(seconds(60)).page_fails(down());
    is_about(wait(&drive), 40);
}

#[test]
fn out_of_focus_for_ten_minutes_it_asks_once_a_minute_and_says_so() {
    let mut drive = loaded(80, 24);
    drive.send(Msg::Focus(false));
    let turn = |drive: &mut Drive| {
        drive.pass(wait(drive) + Duration::from_millis(2)).page(&some_users(1, 30), Total::Exact(30));
    };
    turn(&mut drive);
    is_about(wait(&drive), 5);
    drive.hides("out of focus");
    while drive.cx.at < seconds(610) {
        turn(&mut drive);
    }
    is_about(wait(&drive), 60);
    drive.shows("out of focus · every 1 m");
    drive.pass(seconds(10));
    assert_eq!(drive.count(is_page), 0);
    drive.send(Msg::Focus(true));
    assert_eq!(drive.count(is_page), 1, "back in focus it asks at once");
    drive.page(&some_users(1, 30), Total::Exact(30)).shows("● live").hides("out of focus");
    is_about(wait(&drive), 5);
}

#[test]
fn where_nothing_is_polled_the_header_claims_neither_age_nor_outage() {
    let mut drive = loaded(80, 24);
    drive.keys("3").shows("● live");
    drive.pass(seconds(11)).shows("○ idle").hides(" old");
    assert_eq!(drive.count(is_page), 0);
    drive.keys("1");
    fail(&mut drive, down());
    drive.shows("✕ down").keys("4").hides("down").shows("○ idle");
    drive.pass(seconds(300)).hides("down").hides(" old");
}

#[test]
fn an_upload_that_moves_is_a_sign_of_life() {
    let mut drive = loaded(80, 24);
    start_job(&mut drive, plan(2));
    drive.pass(seconds(11)).shows("○ idle");
    let sent = |sent| Totals { sent, bytes: 10, ..Totals::default() };
    drive.send(progress(1, vec![(0, ItemState::Sending)], sent(3), false)).shows("● live");
    drive.pass(seconds(9)).shows("● live");
    drive.send(progress(1, Vec::new(), sent(3), false));
    drive.pass(seconds(2)).shows("○ idle");
    let done = vec![(0, ItemState::Ended(Outcome::Done { verified: None }))];
    drive.send(progress(1, done, sent(3), false)).shows("● live");
}

#[test]
fn users_that_were_never_read_say_why_and_what_to_press() {
    for error in [down(), failure(Kind::Server, Route::UsersList, Some(500), "It failed.")] {
        let mut drive = drive(80, 24);
        let answered = error.raw.is_some();
        drive.page_fails(error.clone());
        drive.shows("The users could not be read.").hides("loading").shows("Next try at");
        let sentence = error.sentence();
        let words = sentence.split(':').next().unwrap();
        assert_eq!(drive.screen().matches(words).count(), 1, "said once:\n{}", drive.screen());
        assert_eq!(drive.screen().contains("raw answer"), answered);
        for (width, height) in [(120, 40), (40, 10), (80, 24)] {
            // First why, then what to press.
            let screen = drive.resize(width, height).shows("r tries again").screen();
            let why = screen.find(words.split(' ').next().unwrap());
            assert!(why.is_some() && why < screen.find("r tries again"), "{screen}");
        }
        drive.keys("r").page(&some_users(1, 3), Total::Exact(3)).shows("user1@").hides("could not be read");
    }
}

#[test]
fn a_long_notice_covers_neither_what_to_press_nor_what_a_failing_poll_tells() {
    let long = "a setting of this profile is not known to this version and was left out, which is told here at length";
    for (width, height) in [(120, 40), (80, 24), (40, 12)] {
        for read in [false, true] {
            let mut start = start(&[Door::Gateway]);
            start.project.notices = vec![long.into()];
            let mut drive = Drive::with(start, width, height);
            if read {
                drive.page(&some_users(1, 30), Total::Exact(30)).keys("jj").pass(seconds(6));
                drive.page_fails(down()).shows("r now").shows("network").shows("▌  user3@");
            } else {
                drive.page_fails(down()).shows("could not be read").shows("nothing listens").shows("r tries again");
            }
            let told = drive.screen().split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(told.contains("a setting of this profile"), "{}", drive.screen());
            assert!(told.contains("told here at length") || (read && height == 12), "{}", drive.screen());
        }
    }
}

#[test]
fn buckets_that_were_never_read_say_why_once() {
    let mut drive = loaded(80, 24);
    drive.keys("2");
    let (ticket, _) = drive.take(|effect| matches!(effect, Effect::Buckets(_))).unwrap();
    let error = ApiError { route: Route::BucketsList, ..down() };
    drive.answer(ticket, Route::BucketsList, Body::Buckets(buckets::Body::List(Err(error))));
    drive.shows("The buckets could not be read.").hides("could not be refreshed");
    assert_eq!(drive.screen().matches("example.com:54321 cannot be reached").count(), 1);
    drive.keys("r");
    let (ticket, _) = drive.take(|effect| matches!(effect, Effect::Buckets(_))).unwrap();
    let page = Page { rows: Vec::new(), total: Total::Exact(0) };
    drive.answer(ticket, Route::BucketsList, Body::Buckets(buckets::Body::List(Ok(page)))).shows("no buckets");
}

#[test]
fn the_banner_is_whole_and_its_keys_come_first() {
    for (width, height) in [(120, 40), (80, 24), (40, 12), (40, 10)] {
        let mut drive = loaded(width, height);
        fail(&mut drive, down());
        drive.shows("could not be refreshed").shows("r now").hides("raw answer");
        if height > 10 {
            drive.shows("example.com:54321").shows("nothing listens there").shows("network.").shows("next try at");
            drive.shows("user1@").shows("user2@").shows("user3@");
        }
    }
    let mut drive = loaded(80, 24);
    fail(&mut drive, down());
    drive.shows("address and the network.");
    let mut drive = loaded(80, 24);
    fail(&mut drive, failure(Kind::Server, Route::UsersList, Some(500), "It failed."));
    drive.shows(". raw answer");
}

#[test]
fn what_was_never_answered_is_not_called_an_answer() {
    let mut drive = loaded(80, 24);
    fail(&mut drive, down());
    drive.keys(".").shows("The last failure").hides("Raw answer");
    let mut drive = loaded(80, 24);
    fail(&mut drive, failure(Kind::Server, Route::UsersList, Some(500), "It failed."));
    drive.keys(".").shows("Raw answer").shows("\"msg\"");
}

#[test]
fn a_refused_credential_is_told_once_and_not_called_an_outage() {
    let mut drive = loaded(80, 24);
    fail(&mut drive, signed_out());
    drive.shows("✕ key refused").hides("down").shows("Another service key");
    assert_eq!(drive.screen().matches("example.com refuses the service key").count(), 1, "{}", drive.screen());
    drive.keys("<esc>").hides("Another service key").shows("another service key").shows("could not be refreshed");
    assert_eq!(drive.screen().matches("example.com refuses the service key").count(), 1, "{}", drive.screen());
    // The same where nothing has been read.
    let mut drive = drive_refused_at_first();
    drive.shows("✕ key refused").shows("Another service key");
    assert_eq!(drive.screen().matches("refuses the").count(), 1, "{}", drive.screen());
    drive.keys("<esc>").shows("The users could not be read.").shows("T gives another service key");
    assert_eq!(drive.screen().matches("refuses the").count(), 1, "{}", drive.screen());
}

fn drive_refused_at_first() -> Drive {
    let mut drive = drive(80, 24);
    drive.page_fails(signed_out());
    drive
}

#[test]
fn a_credential_form_that_was_put_off_takes_no_keys_from_anything() {
    let mut drive = loaded(80, 24);
    fail(&mut drive, signed_out());
    drive.keys("<esc>").hides("Another service key").shows("T another service key");
    drive.keys("/user");
    for _ in 0..3 {
        fail(&mut drive, signed_out());
    }
    drive.keys("12").hides("Another service key").shows("/user12");
    drive.keys("<esc>");
    // Who asks again is asked again.
    drive.keys("r").page_fails(signed_out()).shows("Another service key");
    drive.keys("<esc>");
    fail(&mut drive, signed_out());
    drive.hides("Another service key");
    drive.keys("T").shows("Another service key").shows("refuses the service key");
    drive.keys("<esc>:another t<enter>").shows("Another service key");
    drive.keys("new-key<enter>").hides("Another service key");
    assert!(drive.take(is_credential).is_some());
    // A new one that is refused is told of at once.
    drive.page_fails(signed_out()).shows("Another service key");
}

#[test]
fn a_filter_being_typed_is_not_broken_into() {
    let mut drive = loaded(80, 24);
    drive.keys("/us");
    fail(&mut drive, signed_out());
    drive.keys("er1").shows("/user1").shows("✕ key refused").shows("T another service key");
    drive.keys("<enter>");
    fail(&mut drive, signed_out());
    drive.shows("Another service key");
}

#[test]
fn where_no_rows_could_say_so_a_form_that_is_put_off_leaves_a_notice() {
    let mut drive = loaded(80, 24);
    start_job(&mut drive, plan(1));
    let sentence = "Not signed in.".to_owned();
    let refused = Outcome::NotStored { kind: Kind::NotSignedIn, sentence };
    let ended = Totals { ended: true, ..Totals::default() };
    drive.send(progress(1, vec![(0, ItemState::Ended(refused))], ended, true)).shows("Another platform token");
    drive.keys("<esc>").shows("Token refused: r asks again, T gives another platform token.");
}

#[test]
fn the_answer_to_the_old_credential_says_nothing_about_the_new_one() {
    let mut drive = loaded(80, 24);
    fail(&mut drive, signed_out());
    drive.keys("a-key");
    drive.pass(wait(&drive) + Duration::from_millis(2));
    assert_eq!(drive.count(is_page), 1, "a poll with the old one is under way");
    let old = drive.open.iter().find(|(_, effect)| is_page(effect)).unwrap().0;
    drive.keys("<enter>");
    assert!(drive.open.iter().all(|(ticket, _)| *ticket != old), "it was given up");
    drive.page(&some_users(1, 30), Total::Exact(30)).shows("● live");
}

#[test]
fn a_write_that_is_refused_its_credential_asks_even_so() {
    let mut drive = loaded(80, 24);
    fail(&mut drive, signed_out());
    drive.keys("<esc>nalice@x.io<tab><ctrl-g><enter>");
    let (ticket, _) = drive.take(|effect| matches!(effect, Effect::Users(users::Effect::Create(_)))).unwrap();
    let error = ApiError { route: Route::UserCreate, ..signed_out() };
    drive.answer(ticket, Route::UserCreate, Body::Users(users::Body::Created(Err(error))));
    drive.shows("Another service key");
}

#[test]
fn another_credential_can_be_given_while_the_old_one_is_good() {
    let mut drive = loaded(80, 24);
    drive.keys("T").shows("Another platform token").hides("✕");
    drive.keys("<esc>").hides("Another").hides("Not signed in");
    drive.keys("Tnew-token<enter>");
    assert!(drive.take(is_credential).is_some());
}

#[test]
fn a_credential_is_never_shown_and_none_is_made() {
    let mut drive = loaded(120, 40);
    drive.keys("Tsecret-token").hides("secret-token").hides("reveal").hides("generate").hides("tab next");
    drive.keys("<ctrl-r><ctrl-g><tab>").hides("secret-token");
    drive.keys("<enter>");
    let Some((_, Effect::Session(session::Effect::Credential(_, given)))) = drive.take(is_credential) else { panic!() };
    assert_eq!(given.expose(), "secret-token");
}

#[test]
fn box_and_key_bar_call_a_key_the_same() {
    let bar = |drive: &Drive| drive.screen().lines().last().unwrap().to_owned();
    let mut drive = loaded(120, 40);
    drive.keys("T").shows("enter use it");
    assert!(bar(&drive).contains("enter use it") && !bar(&drive).contains("send"), "{}", bar(&drive));
    drive.keys("<esc>n").shows("tab next");
    assert!(bar(&drive).contains("enter create") && bar(&drive).contains("tab next "), "{}", bar(&drive));
    assert!(bar(&drive).contains("reveal") && bar(&drive).contains("generate"));
    drive.keys("alice@x.io<tab><ctrl-g><enter>").shows("esc hide");
    assert!(bar(&drive).contains("esc hide") && !bar(&drive).contains("enter"), "{}", bar(&drive));
    drive.keys("<esc>3");
    start_job(&mut drive, plan(2));
    drive.keys("x");
    assert!(bar(&drive).contains("y stop it") && bar(&drive).contains("n let it run"), "{}", bar(&drive));
}

#[test]
fn loading_all_that_fails_says_that_it_stopped() {
    let mut drive = drive(80, 24);
    drive.page(&some_users(1, 200), Total::Exact(5_000)).keys("F");
    drive.page_fails(down());
    drive.shows("Loading all stopped").shows("could not be refreshed").hides("loading all · F stops");
}
