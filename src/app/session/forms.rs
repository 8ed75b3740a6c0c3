//! The form that asks for another credential when a door refuses the one it was given.

use crate::api::credential;
use crate::api::error::ApiError;
use crate::api::model::Factor;
use crate::api::route::Door;
use crate::app::form::{Author, FieldSpec, Form, FormSpec, Kind, Values};
use crate::secret::Secret;
use crate::text::human::capital;

/// It is none that is made here, and never shown.
const GIVEN: Kind = Kind::Secret { generate: false, reveal: false };

/// For the control plane.
pub static TOKEN: FormSpec =
    FormSpec { title: "Another platform token", submit: "use it", fields: &[given("Platform token").check(one_word)] };

/// For the control plane where one signs in: used for this session alone.
pub static ACCESS: FormSpec =
    FormSpec { title: "An access token", submit: "use it", fields: &[given("Access token").check(one_word)] };

/// For the project's gateway.
pub static KEY: FormSpec =
    FormSpec { title: "Another service key", submit: "use it", fields: &[given("Service key").check(one_word)] };

/// For Studio.
pub static PASSWORD: FormSpec = FormSpec { title: "Another password", submit: "use it", fields: &[given("Password")] };

const fn given(label: &'static str) -> FieldSpec {
    FieldSpec::new("credential", label, GIVEN).hint("never shown · kept in memory only").required()
}

/// For signing in.
pub static SIGN_IN: FormSpec = FormSpec {
    title: "Sign in",
    submit: "sign in",
    fields: &[
        FieldSpec::new("email", "Email", Kind::Text).required().server_names(&["email"]),
        FieldSpec::new("password", "Password", Kind::Secret { generate: false, reveal: true })
            .required()
            .server_names(&["password", "credentials"]),
    ],
};

/// For the second step.
pub static CODE: FormSpec = FormSpec {
    title: "Second step",
    submit: "sign in",
    fields: &[FieldSpec::new("code", "Code", Kind::Secret { generate: false, reveal: true }).required().check(digits)],
};

/// The form that signs in at `host`.
pub fn sign_in(host: &str, email: &str, refused: Option<&ApiError>) -> Form {
    let mut form = Form::new(&SIGN_IN, format!("at {host}"));
    if !email.is_empty() {
        form.set_text("email", email);
        form.go_to("password");
    }
    if let Some(error) = refused {
        // Its sentence asks for another token: here the way to one is signing in.
        let said = format!("{}.", capital(error.said.trim_end_matches('.')));
        if error.unsent { form.hint(said) } else { form.say(said) }
    }
    form
}

/// The form that asks for a factor's code.
pub fn code(host: &str, factor: &Factor) -> Form {
    let mut form = Form::new(&CODE, format!("at {host}"));
    let name = if factor.name.is_empty() { String::new() } else { format!(" ({})", factor.name) };
    form.hint(match factor.kind.as_str() {
        "phone" => format!("A code is sent to your phone{name}."),
        _ => format!("Your authenticator app shows the code{name}."),
    });
    form
}

fn digits(text: &str, _: &Values<'_>) -> Result<(), String> {
    if (6..=10).contains(&text.trim().len()) && text.trim().bytes().all(|byte| byte.is_ascii_digit()) {
        Ok(())
    } else {
        Err("A code is made of digits, six as a rule.".into())
    }
}

const fn spec(door: Door, signs_in: bool) -> &'static FormSpec {
    match door {
        Door::ControlPlane if signs_in => &ACCESS,
        Door::ControlPlane => &TOKEN,
        Door::Gateway => &KEY,
        Door::Studio => &PASSWORD,
    }
}

/// For a protected profile.
static UNLOCK: FormSpec = FormSpec {
    title: "Unlock",
    submit: "unlock",
    fields: &[FieldSpec::new("name", "Its name", Kind::Text).hint("typed whole; changes are then allowed").required()],
};

/// The form that unlocks a project.
pub fn unlock(name: &str) -> Form {
    Form::new(&UNLOCK, name.to_owned())
}

/// Whether the project's name was typed; else the form says so.
pub fn unlocks(form: &mut Form, name: &str) -> bool {
    let right = form.values().text("name") == name;
    if !right {
        form.blame("name", Author::Check, format!("It is not {name}."));
    }
    right
}

/// A form for a door, with what it said where it refused; `name` is the connection's, and `signs_in` says that one has
/// no credential there but a session.
pub fn credential(door: Door, signs_in: bool, name: &str, refused: Option<&ApiError>) -> Form {
    let host = refused.map_or(name, |error| &error.host);
    let mut form = Form::new(spec(door, signs_in), format!("at {host}"));
    if let Some(error) = refused {
        form.say(error.sentence());
    }
    form
}

/// The credential of a checked form. `warn` looks into it (an anon key, an expired token) without a word of it: its
/// sentence is shown once, and sending the same again overrides it.
pub fn read(form: &mut Form, warn: impl Fn(&Secret) -> Option<String>) -> Option<Secret> {
    let secret = credential::pasted(&form.values().secret("credential"));
    if secret.is_empty() {
        return None;
    }
    let warned =
        form.fields.iter().any(|field| field.fault.as_ref().is_some_and(|fault| fault.author == Author::Warning));
    if !warned && let Some(said) = warn(&secret) {
        form.blame("credential", Author::Warning, format!("{said} Enter again uses it all the same."));
        return None;
    }
    Some(secret)
}

fn one_word(text: &str, _: &Values<'_>) -> Result<(), String> {
    // It goes into a header: no blanks, nothing but printable ASCII.
    if text.bytes().all(|byte| byte.is_ascii_graphic()) {
        Ok(())
    } else {
        Err("It has a blank or a letter that no token has: copy it again.".into())
    }
}
