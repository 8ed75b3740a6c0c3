//! Creating a user: sent once, told in every case.

use basedeck::api::error::Kind;
use basedeck::api::model::Total;
use basedeck::api::route::Route;
use basedeck::app::effect::Effect;
use basedeck::app::msg::Body;
use basedeck::app::users;

use super::{Drive, drive, failure, one_chunk, some_users, user};

fn is_create(effect: &Effect) -> bool {
    matches!(effect, Effect::Users(users::Effect::Create(_)))
}

fn filled() -> Drive {
    let mut drive = drive(120, 40);
    drive.page(&some_users(1, 3), Total::Exact(3));
    drive.keys("nalice@x.io<tab><ctrl-g>");
    drive
}

#[test]
fn a_created_user_stands_in_the_list_selected() {
    let mut drive = filled();
    drive.keys("<enter>");
    let (ticket, effect) = drive.take(is_create).expect("it was sent");
    let Effect::Users(users::Effect::Create(new)) = effect else { unreachable!() };
    assert_eq!(new.email.as_deref(), Some("alice@x.io"));
    assert!(new.confirm && new.password.expose().len() >= 16);
    let created = Body::Users(users::Body::Created(Ok(one_chunk(user(0, "alice@x.io")))));
    drive.answer(ticket, Route::UserCreate, created);
    drive.shows("alice@x.io created").shows("▌+ alice@x.io").hides("New user");
}

#[test]
fn enter_twice_sends_once() {
    let mut drive = filled();
    drive.keys("<enter><enter><enter>");
    assert_eq!(drive.count(is_create), 1);
}

#[test]
fn a_refusal_stands_at_its_field_and_nothing_typed_is_lost() {
    let mut drive = filled();
    drive.keys("<enter>");
    let (ticket, _) = drive.take(is_create).unwrap();
    let mut error = failure(Kind::Conflict, Route::UserCreate, Some(422), "alice@x.io is registered already.");
    error.code = Some("email_exists".into());
    error.field = Some("email");
    drive.answer(ticket, Route::UserCreate, Body::Users(users::Body::Created(Err(error))));
    drive.shows("New user").shows("alice@x.io").shows("already registered");
    drive.keys("<enter>");
    assert_eq!(drive.count(is_create), 1, "it can be sent again");
}

#[test]
fn checks_of_our_own_come_before_anything_is_sent() {
    let mut drive = drive(120, 40);
    drive.page(&some_users(1, 3), Total::Exact(3));
    drive.keys("nnot an address<tab>1<enter>");
    assert_eq!(drive.count(is_create), 0);
    drive.shows("New user").shows("not an address");
}

#[test]
fn a_filter_that_hides_the_new_user_is_told() {
    let mut drive = filled();
    drive.keys("<esc>y");
    drive.keys("/user2<enter>nalice@x.io<tab><ctrl-g><enter>");
    let (ticket, _) = drive.take(is_create).unwrap();
    drive.answer(ticket, Route::UserCreate, Body::Users(users::Body::Created(Ok(one_chunk(user(0, "alice@x.io"))))));
    drive.shows("alice@x.io created").shows("hides");
}

fn lost(drive: &mut Drive) {
    drive.keys("<enter>");
    let (ticket, _) = drive.take(is_create).unwrap();
    let error = failure(Kind::Lost, Route::UserCreate, None, "The connection broke.");
    drive.answer(ticket, Route::UserCreate, Body::Users(users::Body::Created(Err(error))));
}

#[test]
fn after_a_lost_answer_the_user_is_found() {
    let mut drive = filled();
    lost(&mut drive);
    let mut rows = some_users(1, 3);
    rows.insert(0, user(0, "alice@x.io"));
    drive.page(&rows, Total::Exact(4));
    drive.shows("alice@x.io created").hides("New user");
}

#[test]
fn after_a_lost_answer_a_user_who_is_not_there_can_be_sent_again() {
    let mut drive = filled();
    lost(&mut drive);
    drive.page(&some_users(1, 3), Total::Exact(3));
    drive.shows("New user").shows("alice@x.io").shows("hold this user");
    drive.keys("<enter>");
    assert_eq!(drive.count(is_create), 1);
}

#[test]
fn after_a_lost_answer_that_cannot_be_checked_it_is_unknown() {
    let mut drive = filled();
    lost(&mut drive);
    drive.page_fails(failure(Kind::Unreachable, Route::UsersList, None, "Refused."));
    drive.shows("New user").shows("Unknown whether").shows("Look before");
}

#[test]
fn a_hidden_form_is_told_its_end() {
    let mut drive = filled();
    drive.keys("<enter><esc>");
    drive.hides("New user");
    let (ticket, _) = drive.take(is_create).unwrap();
    drive.answer(ticket, Route::UserCreate, Body::Users(users::Body::Created(Ok(one_chunk(user(0, "alice@x.io"))))));
    drive.shows("alice@x.io created");
}
