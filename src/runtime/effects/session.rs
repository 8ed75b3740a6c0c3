//! The connection's effects.

use super::Effects;
use crate::app::cx::Ticket;
use crate::app::msg::Body;
use crate::app::session::Effect;

/// Does it at once; the answer only says so.
pub(super) fn perform(effects: &mut Effects, ticket: Ticket, effect: Effect) {
    if let Some(client) = &effects.client {
        match effect {
            Effect::Credential(door, secret) => client.set_credential(door, secret),
            Effect::Unlock => client.unlock(),
            Effect::ForgetMissing => client.forget_missing(),
            Effect::SignIn { .. } | Effect::Challenge(_) | Effect::Code { .. } | Effect::SignOut | Effect::Keys(_) => {}
        }
    }
    effects.begin(ticket, Body::Nothing, async { (None, Body::Nothing) });
}
