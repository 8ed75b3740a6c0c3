//! What the connection asks of the runtime.

use crate::api::route::Door;
use crate::secret::Secret;

/// A wish about the connection.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Use this credential at this door from now on.
    Credential(Door, Secret),
    /// Take changes from now on.
    Unlock,
    /// Sign in to the control plane.
    SignIn {
        /// The account.
        email: String,
        /// Its password.
        password: Secret,
    },
    /// Have a code sent to this factor.
    Challenge(String),
    /// Complete a sign-in.
    Code {
        /// The factor's id.
        factor: String,
        /// What it shows.
        code: Secret,
    },
    /// Give up a sign-in that waits for its code, if one does.
    GiveUp,
    /// End the session, here and at the server.
    SignOut,
    /// Take the project's key from Studio, or never ask again; remembered for this profile.
    Keys(bool),
    /// Ask each door again for what it was found to lack.
    ForgetMissing,
}
