//! What a form is made of: plain tables, one per form.

use super::Values;

/// A form.
#[derive(Debug)]
pub struct FormSpec {
    /// What it is, as its title.
    pub title: &'static str,
    /// What `enter` does: one word.
    pub submit: &'static str,
    /// Its fields, from above.
    pub fields: &'static [FieldSpec],
}

/// A field of a form.
#[derive(Clone, Copy, Debug)]
pub struct FieldSpec {
    /// Its name in the program.
    pub id: &'static str,
    /// Its name on screen.
    pub label: &'static str,
    /// A few words below or beside it.
    pub hint: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// Whether it may not stay empty.
    pub required: bool,
    /// Says what is wrong with a text that is not empty. The sentence never repeats it: it may be a secret.
    pub check: fn(&str, &Values<'_>) -> Result<(), String>,
    /// What servers call it, in codes and sentences, lower case: a refusal that names it is shown here.
    pub server_names: &'static [&'static str],
}

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A line of text.
    Text,
    /// A line that is hidden.
    Secret {
        /// Whether one can be made.
        generate: bool,
        /// Whether it may be shown while it is typed.
        reveal: bool,
    },
    /// On or off.
    Toggle {
        /// As the form opens.
        on: bool,
    },
    /// One of several; the first as the form opens.
    Choice(&'static [&'static str]),
    /// A JSON object in one line.
    Json,
}

impl FieldSpec {
    /// An optional field that takes anything: what others are made from.
    pub const fn new(id: &'static str, label: &'static str, kind: Kind) -> Self {
        Self { id, label, hint: "", kind, required: false, check: anything, server_names: &[] }
    }

    /// With words below or beside it.
    pub const fn hint(mut self, hint: &'static str) -> Self {
        self.hint = hint;
        self
    }

    /// It may not stay empty.
    pub const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// With a check.
    pub const fn check(mut self, check: fn(&str, &Values<'_>) -> Result<(), String>) -> Self {
        self.check = check;
        self
    }

    /// With the servers' names for it.
    pub const fn server_names(mut self, names: &'static [&'static str]) -> Self {
        self.server_names = names;
        self
    }
}

#[expect(clippy::unnecessary_wraps, reason = "has a check's type")]
fn anything(_: &str, _: &Values<'_>) -> Result<(), String> {
    Ok(())
}

/// A JSON object, or where it is not one.
pub fn json_object(text: &str) -> Result<serde_json::Map<String, serde_json::Value>, String> {
    match serde_json::from_str::<serde_json::Value>(text) {
        Ok(serde_json::Value::Object(map)) => Ok(map),
        Ok(_) => Err(r#"This is JSON, but no object: write {"name": "value"}."#.into()),
        Err(error) => {
            let said = error.to_string();
            let what = said.rsplit_once(" at line ").map_or(said.as_str(), |(what, _)| what);
            Err(format!("Not JSON: {what} at column {}.", error.column()))
        }
    }
}
