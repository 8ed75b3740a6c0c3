use jiff::Timestamp;
use ratatui::layout::Size;

use super::*;
use crate::app::key::{Code, Key};
use crate::app::op::keymap::Keymap;
use crate::app::op::{self, Scope};
use crate::app::session;
use crate::app::users::forms;

pub(crate) fn cx() -> Cx {
    Cx::new(Timestamp::UNIX_EPOCH, Size { width: 80, height: 24 }, [7; 32])
}

/// Presses keys as the config writes them: outside `<…>` each character is a key.
pub(crate) fn each_key(keys: &str, mut press: impl FnMut(Key)) {
    let mut rest = keys;
    while let Some(first) = rest.chars().next() {
        let (name, after) = match rest.strip_prefix('<').and_then(|rest| rest.split_once('>')) {
            Some(named) => named,
            None => rest.split_at(first.len_utf8()),
        };
        let key = if name == " " { Key::plain(Code::Char(' ')) } else { name.parse().unwrap() };
        press(key);
        rest = after;
    }
}

fn press(form: &mut Form, keys: &str) -> FormOut {
    press_while(form, keys, false)
}

fn press_while(form: &mut Form, keys: &str, under_way: bool) -> FormOut {
    let (mut cx, keymap, mut out) = (cx(), Keymap::default(), FormOut::None);
    each_key(keys, |key| match keymap.find(&[Scope::Always, Scope::Form], key) {
        Some(op::Op::Form(op)) => out = form.run(op, under_way, &mut cx),
        _ => form.typed(Typed::Key(key), under_way),
    });
    out
}

fn fault<'a>(form: &'a Form, id: &str) -> Option<&'a str> {
    let field = form.fields.iter().find(|field| field.spec.id == id).unwrap();
    field.fault.as_ref().map(|fault| fault.text.as_str())
}

fn filled() -> Form {
    let mut form = forms::create("home");
    press(&mut form, "ann@x.io<tab>correct horse<tab><tab>{\"plan\": \"pro\"}");
    form
}

#[test]
fn a_filled_form_is_read_as_typed() {
    let mut form = filled();
    assert_eq!(press(&mut form, "<enter>"), FormOut::Submit);
    let new = forms::read(&form).unwrap();
    assert_eq!(new.email.as_deref(), Some("ann@x.io"));
    assert_eq!(new.password.expose(), "correct horse");
    assert!(new.confirm);
    assert_eq!(new.user_metadata, Some(serde_json::json!({"plan": "pro"})));
    press(&mut form, "<backtab> ");
    assert!(!forms::read(&form).unwrap().confirm);
}

#[test]
fn a_blank_is_typed_in_a_line_and_switches_a_switch() {
    let mut form = forms::create("home");
    press(&mut form, "a b<tab>c d");
    assert_eq!((form.values().text("email"), form.values().text("password")), ("a b", "c d"));
}

#[test]
fn sending_an_empty_form_names_what_is_needed_and_goes_there() {
    let mut form = forms::create("home");
    assert_eq!(press(&mut form, "<down><down><enter>"), FormOut::None);
    assert_eq!(fault(&form, "email"), Some("Email is needed."));
    assert_eq!(form.focus, 0);
    press(&mut form, "a");
    assert_eq!(fault(&form, "email"), Some("An address has an @."));
    press(&mut form, "@b");
    assert_eq!(fault(&form, "email"), None);
}

#[test]
fn a_field_is_not_scolded_before_it_was_left() {
    let mut form = forms::create("home");
    press(&mut form, "a");
    assert_eq!(fault(&form, "email"), None);
    press(&mut form, "<tab>");
    assert_eq!(fault(&form, "email"), Some("An address has an @."));
    press(&mut form, "<tab>");
    assert_eq!(fault(&form, "password"), None, "passing by an empty field is no fault");
}

#[test]
fn checks_name_what_is_wrong() {
    for (email, said) in [
        ("a b@x", "An address has no spaces."),
        ("a@b@c", "An address has only one @."),
        ("@b", "An address has something on both sides of the @."),
        ("ä@b", "An address has only plain letters: the server takes no others."),
    ] {
        let mut form = forms::create("home");
        press(&mut form, &format!("{email}<enter>"));
        assert_eq!(fault(&form, "email"), Some(said));
    }
    let long = "é".repeat(37);
    for (password, said) in [
        ("1", "At least 8 characters: this has 1. The server takes any, but a short one is guessed."),
        ("aaaaaaaaa", "One character repeated is guessed at once."),
        ("someone@x", "The address is guessed first."),
        (long.as_str(), "That is 74 bytes: the server takes at most 72."),
    ] {
        let mut form = forms::create("home");
        press(&mut form, &format!("someone@x<tab>{password}<enter>"));
        assert_eq!(fault(&form, "password"), Some(said));
    }
    for (metadata, said) in [
        ("[1]", r#"This is JSON, but no object: write {"name": "value"}."#),
        ("{\"a\": x}", "Not JSON: expected value at column 7."),
    ] {
        let mut form = forms::create("home");
        press(&mut form, &format!("<tab><tab><tab>{metadata}<tab>"));
        assert_eq!(fault(&form, "metadata"), Some(said));
    }
}

#[test]
fn a_made_password_is_strong_readable_and_passes() {
    let mut form = forms::create("home");
    press(&mut form, "ann@x.io<ctrl-g>");
    let made = form.values().secret("password");
    assert_eq!(made.expose().chars().count(), 20);
    assert!(!made.expose().contains(['0', 'O', 'o', '1', 'l', 'I', 'i']));
    assert_eq!(form.focus, 1);
    assert_eq!(press(&mut form, "<enter>"), FormOut::Submit);
    press(&mut form, "<ctrl-g>");
    assert_eq!(form.values().text("password").chars().count(), 20);
}

#[test]
fn nothing_typed_shows_in_debug() {
    let mut form = filled();
    form.typed(Typed::Paste("ignored"), false);
    form.fields[1].value = Value::Secret({
        let mut input = SecretInput::default();
        input.edit(Typed::Paste("hunter2hunter2"));
        input
    });
    let debug = format!("{form:?} {:?}", Typed::Paste("hunter2hunter2"));
    assert!(!debug.contains("hunter2"), "{debug}");
}

#[test]
fn a_secret_is_edited_by_the_same_keys_as_a_line() {
    let mut form = forms::create("home");
    press(&mut form, "<tab>abcéd<left><left>X<home><delete><end><backspace>");
    assert_eq!(form.values().text("password"), "bcXé");
    press(&mut form, "<left><ctrl-k>");
    assert_eq!(form.values().text("password"), "bcX");
    press(&mut form, "<ctrl-u><backspace><delete>");
    assert_eq!(form.values().text("password"), "");
}

#[test]
fn pasted_lines_are_joined_in_sight_and_refused_where_they_would_not_be_seen() {
    let mut form = forms::create("home");
    form.typed(Typed::Paste("a@x.io\r\n"), false);
    assert_eq!((form.values().text("email"), form.fields[0].note.as_deref()), ("a@x.io", None));
    form.typed(Typed::Paste("b\r\nc\td"), false);
    assert_eq!(form.values().text("email"), "a@x.iob c d");
    assert_eq!(form.fields[0].note.as_deref(), Some("2 lines were pasted as one."));
    press(&mut form, "<tab>");
    form.typed(Typed::Paste("one\ntwo"), false);
    assert_eq!(form.values().text("password"), "");
    assert_eq!(form.fields[1].note.as_deref(), Some("The pasted text has several lines: paste one line."));
    form.typed(Typed::Paste("secret-token\n"), false);
    assert_eq!(form.values().text("password"), "secret-token");
    form.typed(Typed::Paste(&"x".repeat(LONGEST)), false);
    assert_eq!(form.values().text("password"), "secret-token");
    assert!(form.fields[1].note.as_deref().unwrap().starts_with("That is too long"));
    press(&mut form, "<tab>");
    form.typed(Typed::Paste("x"), false);
    assert_eq!(form.fields[2].note.as_deref(), Some("Nothing can be pasted here."));
}

#[test]
fn while_it_is_sent_nothing_changes_and_enter_sends_nothing() {
    let mut form = filled();
    assert_eq!(press_while(&mut form, "x<ctrl-g><tab><enter>", true), FormOut::None);
    form.typed(Typed::Paste("y"), true);
    assert_eq!(form.values().text("password"), "correct horse");
    assert_eq!(form.values().text("metadata"), "{\"plan\": \"pro\"}");
    assert_eq!(press_while(&mut form, "<esc>", true), FormOut::Hide);
}

#[test]
fn dirty_only_while_something_differs() {
    let mut form = forms::create("home");
    assert!(!form.is_dirty());
    press(&mut form, "a");
    assert!(form.is_dirty());
    press(&mut form, "<backspace><tab><tab> ");
    assert!(form.is_dirty());
    press(&mut form, " ");
    assert!(!form.is_dirty());
    assert_eq!(press(&mut form, "<esc>"), FormOut::Cancel);
}

fn error(kind: crate::api::error::Kind, status: u16, code: &str, said: &str) -> crate::api::error::ApiError {
    crate::api::error::ApiError {
        asked: None,
        kind,
        route: crate::api::route::Route::UserCreate,
        door: Some(crate::api::route::Door::Gateway),
        known_by: None,
        status: Some(status),
        code: Some(code.into()),
        said: said.into(),
        field: None,
        retry_after: None,
        raw: None,
        unsent: false,
        host: "localhost:8000".into(),
    }
}

#[test]
fn a_refusal_stands_at_its_field_until_the_text_is_another_one() {
    use crate::api::error::Kind as Why;
    let mut form = filled();
    let mut taken =
        error(Why::Conflict, 422, "email_exists", "A user with this email address has already been registered");
    taken.field = Some("email");
    forms::refused(&mut form, &taken);
    assert_eq!(fault(&form, "email"), Some("already registered (server, 422)"));
    assert_eq!(form.focus, 0);
    press(&mut form, "<tab><tab>");
    assert!(fault(&form, "email").is_some(), "walking on does not take it away");
    press(&mut form, "<backtab><backtab>m");
    assert_eq!(fault(&form, "email"), None);

    forms::refused(
        &mut form,
        &error(Why::Refused, 400, "validation_failed", "Unable to validate email address: invalid format"),
    );
    assert_eq!(fault(&form, "email"), Some("Unable to validate email address: invalid format (server, 400)"));
    assert_eq!(press(&mut form, "<enter>"), FormOut::Submit, "sent again as it is");

    forms::refused(&mut form, &error(Why::Server, 500, "unexpected_failure", "Database error creating password"));
    assert_eq!(fault(&form, "password"), None, "a failing server speaks of no field");
    assert!(form.said.as_ref().is_some_and(|(_, said)| !said.is_empty()));
}

#[test]
fn a_doubtful_credential_is_named_once_and_used_when_sent_again() {
    use crate::api::route::Door;
    let anon =
        |secret: &crate::secret::Secret| secret.expose().starts_with("anon").then(|| "This is an anon key.".to_owned());
    let refused = error(crate::api::error::Kind::NotSignedIn, 401, "", "Invalid authentication credentials");
    let mut form = session::forms::credential(Door::Gateway, false, "home", Some(&refused));
    assert_eq!(press(&mut form, "anon key<enter>"), FormOut::None);
    assert_eq!(fault(&form, "credential"), Some("It has a blank or a letter that no token has: copy it again."));
    press(&mut form, "<ctrl-u>anon.key");
    assert_eq!(press(&mut form, "<enter>"), FormOut::Submit);
    assert_eq!(session::forms::read(&mut form, anon), None);
    assert_eq!(fault(&form, "credential"), Some("This is an anon key. Enter again uses it all the same."));
    assert_eq!(press(&mut form, "<enter>"), FormOut::Submit);
    assert_eq!(session::forms::read(&mut form, anon).unwrap(), "anon.key".to_owned().into());
    press(&mut form, "2<enter>");
    assert_eq!(session::forms::read(&mut form, anon), None, "another text is looked at again");
}
