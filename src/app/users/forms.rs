//! The form for a new user: what is asked, what is checked here, and where the server's refusals are shown.

use crate::api::error::{ApiError, Kind as Why};
use crate::api::model::NewUser;
use crate::app::form::{Author, FieldSpec, Form, FormSpec, Kind, Values, json_object};
use crate::work::password;

/// What GoTrue takes as an address, in bytes.
const LONGEST_EMAIL: usize = 255;

/// The form's table.
pub static CREATE: FormSpec = FormSpec {
    title: "New user",
    submit: "create",
    fields: &[
        FieldSpec::new("email", "Email", Kind::Text).required().check(email).server_names(&["email"]),
        FieldSpec::new("password", "Password", Kind::Secret { generate: true, reveal: true })
            .hint("{form.generate} generate · {form.reveal} reveal")
            .required()
            .check(password)
            .server_names(&["password"]),
        FieldSpec::new("confirm", "Address", Kind::Toggle { on: true })
            .hint("counts as confirmed")
            .server_names(&["email_confirm"]),
        FieldSpec::new("metadata", "Metadata", Kind::Json).server_names(&["user_metadata", "metadata"]),
    ],
};

/// An empty form for a project.
pub fn create(project: &str) -> Form {
    Form::new(&CREATE, format!("in {project}"))
}

/// The user that a checked form describes.
pub fn read(form: &Form) -> Result<NewUser, String> {
    let values = form.values();
    let metadata = match values.text("metadata").trim() {
        "" => None,
        text => Some(serde_json::Value::Object(json_object(text)?)),
    };
    Ok(NewUser {
        email: Some(values.text("email").to_owned()),
        phone: None,
        password: values.secret("password"),
        confirm: values.is_on("confirm"),
        user_metadata: metadata,
    })
}

/// Shows the server's refusal at the field it speaks of, else under the title.
pub fn refused(form: &mut Form, error: &ApiError) {
    // Only a refusal of the content belongs to a field: a server that fails may name one by chance.
    let content = matches!(error.kind, Why::Refused | Why::Conflict);
    let field = error.field.or_else(|| if content { form.named_in(&error.said) } else { None });
    let said = match error.code.as_deref() {
        Some("email_exists" | "user_already_exists") => "already registered",
        _ => error.said.trim_end_matches('.'),
    };
    let status = error.status.map(|status| format!(", {status}")).unwrap_or_default();
    let at_field = field.is_some_and(|field| form.blame(field, Author::Server, format!("{said} (server{status})")));
    if !at_field {
        form.say(error.sentence());
    }
}

fn email(text: &str, _: &Values<'_>) -> Result<(), String> {
    let said = if text.len() > LONGEST_EMAIL {
        "An address has at most 255 characters."
    } else if !text.is_ascii() {
        "An address has only plain letters: the server takes no others."
    } else if text.bytes().any(|byte| byte.is_ascii_whitespace() || byte.is_ascii_control()) {
        "An address has no spaces."
    } else {
        match text.split_once('@') {
            None => "An address has an @.",
            Some((_, domain)) if domain.contains('@') => "An address has only one @.",
            Some((name, domain)) if name.is_empty() || domain.is_empty() => {
                "An address has something on both sides of the @."
            }
            Some(_) => return Ok(()),
        }
    };
    Err(said.into())
}

fn password(text: &str, values: &Values<'_>) -> Result<(), String> {
    password::check(text, values.text("email"))
}
