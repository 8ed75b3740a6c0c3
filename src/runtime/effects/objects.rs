//! The objects' effects.

use super::Effects;
use crate::api;
use crate::api::route::Route;
use crate::app::cx::Ticket;
use crate::app::msg;
use crate::app::objects::{Body, Effect};

/// Begins an effect.
pub(super) fn perform(effects: &mut Effects, ticket: Ticket, effect: Effect) {
    match effect {
        Effect::List(list) => {
            let failed = |error| msg::Body::Objects(Body::List(list.clone(), Err(error)));
            let list = list.clone();
            effects.request(ticket, Route::ObjectsList, failed, |client| async move {
                let answered = api::objects::list(&client, &list.bucket, &list.prefix, list.next.clone()).await;
                (answered.meta, msg::Body::Objects(Body::List(list, answered.result)))
            });
        }
    }
}
