//! Each route of the table as the call that makes it: a new route does not compile until it has one here.

use std::io::Cursor;
use std::sync::Arc;

use basedeck::api::client::{Answered, Client};
use basedeck::api::model::{BucketId, ListUsers, NewUser, UserId};
use basedeck::api::route::{Door, Route};
use basedeck::api::upload::{Source, Upload};
use basedeck::api::{buckets, objects, upload, users};
use basedeck::secret::Secret;
use strum::VariantArray;
use tokio_util::sync::CancellationToken;

/// What the calls speak of.
#[derive(Clone, Debug)]
pub struct Target {
    pub user: UserId,
    /// The address of the user to be created.
    pub email: String,
    pub bucket: BucketId,
    /// An object that is there.
    pub key: String,
    /// The key to be uploaded.
    pub new_key: String,
    pub bytes: Vec<u8>,
}

/// The password of the user to be created.
pub const PASSWORD: &str = "correct \"horse\\ & battery/ü";

/// Asks for a route in the way that the program does; whether the answer could be read and speaks of the target.
pub async fn call(route: Route, client: &Client, target: &Target) -> Answered<bool> {
    match route {
        Route::UsersList => {
            let page = ListUsers { page: 1, per_page: 50, oldest_first: false };
            users::list(client, page).await.map(|page| page.rows.iter().all(|row| row.value.is_ok()))
        }
        Route::UserCreate => {
            let created = users::create(client, &new_user(&target.email)).await;
            created.map(|row| row.value.is_ok_and(|user| user.email.as_deref() == Some(&target.email)))
        }
        Route::UserGet => {
            users::get(client, target.user).await.map(|row| row.value.is_ok_and(|user| user.id == target.user))
        }
        Route::BucketsList => buckets::list(client).await.map(|page| page.rows.iter().all(|row| row.value.is_ok())),
        Route::BucketGet => {
            let read = buckets::get(client, &target.bucket).await;
            read.map(|row| row.value.is_ok_and(|bucket| bucket.id == target.bucket))
        }
        Route::ObjectsList => objects::list(client, &target.bucket, "", None).await.map(|listing| !listing.inexact),
        Route::ObjectsListV1 => {
            // The older route goes on by offset.
            objects::list(client, &target.bucket, "", Some("0".into())).await.map(|listing| listing.inexact)
        }
        Route::ObjectInfo => {
            objects::info(client, &target.bucket, &target.key).await.map(|info| info.last_modified.is_some())
        }
        Route::ObjectUpload => {
            let size = target.bytes.len() as u64;
            let (bucket, key) = (target.bucket.clone(), target.new_key.clone());
            let wanted = Upload { bucket, key, mime: "text/plain".into(), size, upsert: false };
            let source = Source { body: Box::pin(Cursor::new(target.bytes.clone())) };
            let sent = upload::upload(client, &wanted, source, Arc::default(), CancellationToken::new()).await;
            sent.map(|stored| stored.key == target.new_key)
        }
        Route::SignIn | Route::ProjectsList | Route::ProjectKeys | Route::Look => unreachable!("no door's"),
    }
}

pub fn new_user(email: &str) -> NewUser {
    NewUser {
        email: Some(email.into()),
        phone: None,
        password: Secret::new(PASSWORD.into()),
        confirm: true,
        user_metadata: None,
    }
}

/// Each route with each door, whether the door offers it or not.
pub fn pairs() -> impl Iterator<Item = (Route, Door)> {
    Route::VARIANTS.iter().flat_map(|&route| Door::VARIANTS.iter().map(move |&door| (route, door)))
}

/// The pairs of the table.
pub fn offered() -> impl Iterator<Item = (Route, Door)> {
    pairs().filter(|(route, door)| route.spec().path(*door).is_some())
}
