//! What one can do about the connection.

use strum::VariantArray;

use crate::app::op::{OpSpec, Scope};

/// Operations on the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, VariantArray)]
pub enum Op {
    /// Give a door another credential.
    Credential,
    /// Give a pasted access token where one signs in.
    Paste,
    /// End the session.
    SignOut,
    /// Take the project's key from Studio.
    Keys,
    /// Allow changes to a protected profile.
    Unlock,
}

impl Op {
    /// The row of this operation.
    pub const fn spec(self) -> OpSpec {
        match self {
            Self::Credential => OpSpec::new("session.credential", "Sign in, or another key", &["T"], Scope::Global)
                .help("Signs in, or gives another token or key, where one is refused or has expired."),
            Self::Paste => OpSpec::new("session.paste", "Paste an access token", &[], Scope::Global)
                .help("Uses an access token for this session alone, where signing in is not possible."),
            Self::SignOut => OpSpec::new("session.sign-out", "Sign out", &[], Scope::Global)
                .help("Ends the session, here and at the server."),
            Self::Keys => OpSpec::new("session.keys", "Take the project's key", &[], Scope::Global)
                .help("Takes the service key from Studio's settings, in memory only, and opens the gateway with it."),
            Self::Unlock => OpSpec::new("session.unlock", "Unlock the profile", &["W"], Scope::Global)
                .help("Allows changes to a protected profile until it is left, once its name was typed."),
        }
    }
}
