//! A GoTrue user (`GET /admin/users`, its control-plane twin, and the answer to a create).

use jiff::Timestamp;
use uuid::Uuid;

/// A user's id, the only key that no two users share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserId(pub Uuid);

/// A user as far as columns need it; all else stays in the raw row.
#[derive(Clone, Debug, PartialEq)]
pub struct User {
    /// The id.
    pub id: UserId,
    /// The address, `None` where the server has `""`, null or no field.
    pub email: Option<String>,
    /// Digits without `+`, `None` where the server has `""`, null or no field.
    pub phone: Option<String>,
    /// The first text among `user_metadata.{full_name,name,display_name,user_name,preferred_username}`.
    pub name: Option<String>,
    /// `app_metadata.providers`, else `app_metadata.provider`.
    pub providers: Vec<String>,
    /// When the user was created.
    pub created_at: Option<Timestamp>,
    /// When the user last signed in.
    pub last_sign_in_at: Option<Timestamp>,
    /// The first of `confirmed_at`, `email_confirmed_at`, `phone_confirmed_at` that is set.
    pub confirmed_at: Option<Timestamp>,
    /// A ban holds while this lies in the future.
    pub banned_until: Option<Timestamp>,
    /// Set on soft-deleted users, who stay in the list and in the total.
    pub deleted_at: Option<Timestamp>,
    /// Signed in without an address.
    pub is_anonymous: bool,
}
