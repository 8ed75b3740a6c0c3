//! What one can do about the connection.

use strum::VariantArray;

use crate::app::op::{OpSpec, Scope};

/// Operations on the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, VariantArray)]
pub enum Op {
    /// Give a door another credential.
    Credential,
    /// Allow changes to a protected profile.
    Unlock,
}

impl Op {
    /// The row of this operation.
    pub const fn spec(self) -> OpSpec {
        match self {
            Self::Credential => OpSpec::new("session.credential", "Another token or key", &["T"], Scope::Global)
                .help("Gives another platform token or service key, where one is refused or has expired."),
            Self::Unlock => OpSpec::new("session.unlock", "Unlock the profile", &["W"], Scope::Global)
                .help("Allows changes to a protected profile until it is left, once its name was typed."),
        }
    }
}
