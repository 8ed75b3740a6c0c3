//! A second factor: what a person must give besides the password.

use serde_json::Value;

/// The most factors that are read.
const MOST: usize = 20;

/// A verified factor by which a sign-in is completed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Factor {
    /// The server's id of it.
    pub id: String,
    /// What its owner calls it; may be empty. From outside.
    pub name: String,
    /// `totp` (an app shows the code), `phone` (it is sent there); others appear.
    pub kind: String,
}

impl Factor {
    /// Whether it is answered with a code that a person types.
    pub fn takes_code(&self) -> bool {
        matches!(self.kind.as_str(), "totp" | "phone")
    }

    /// The verified factors in a user as GoTrue sends it.
    pub(in crate::api) fn verified(user: &Value) -> Vec<Self> {
        let all = user.get("factors").and_then(Value::as_array);
        let text = |factor: &Value, name: &str| {
            let text = factor.get(name).and_then(Value::as_str).unwrap_or_default();
            text.chars().take(200).collect::<String>()
        };
        all.into_iter()
            .flatten()
            .filter(|factor| factor.get("status").and_then(Value::as_str) == Some("verified"))
            .map(|factor| Self {
                id: text(factor, "id"),
                name: text(factor, "friendly_name"),
                kind: text(factor, "factor_type"),
            })
            .take(MOST)
            .collect()
    }
}
