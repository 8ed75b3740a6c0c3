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
    /// Ask each door again for what it was found to lack.
    ForgetMissing,
}
