//! The buckets' effects.

use super::Effects;
use crate::api;
use crate::api::route::Route;
use crate::app::buckets::{Body, Effect};
use crate::app::cx::Ticket;
use crate::app::msg;

/// Begins an effect.
pub(super) fn perform(effects: &mut Effects, ticket: Ticket, effect: Effect) {
    let wrap = |result| msg::Body::Buckets(Body::List(result));
    match effect {
        Effect::List => {
            effects.request(
                ticket,
                Route::BucketsList,
                |error| wrap(Err(error)),
                |client| async move {
                    let answered = api::buckets::list(&client).await;
                    (answered.meta, wrap(answered.result))
                },
            );
        }
    }
}
