//! Table 1: what a server can do. One row per request; from it come addresses, the read-only guard, retries,
//! capabilities, the demo's coverage and the README's table of doors.

use strum::VariantArray;

/// A way into a project.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, VariantArray)]
pub enum Door {
    /// `{url}/api/platform/…` with a platform JWT.
    ControlPlane,
    /// A project's own `{url}/auth/v1` and `{url}/storage/v1` with its service key.
    Gateway,
    /// The self-hosted console's `{url}/api/platform/…`, behind HTTP basic or open.
    Studio,
}

impl Door {
    /// The name in flags and in what programs read.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ControlPlane => "control-plane",
            Self::Gateway => "gateway",
            Self::Studio => "studio",
        }
    }

    /// The name on the screen.
    pub const fn title(self) -> &'static str {
        match self {
            Self::ControlPlane => "control plane",
            Self::Gateway => "gateway",
            Self::Studio => "Studio",
        }
    }

    /// What this door takes as a credential, for sentences.
    pub const fn credential(self) -> &'static str {
        match self {
            Self::ControlPlane => "platform token",
            Self::Gateway => "service key",
            Self::Studio => "password",
        }
    }
}

/// HTTP methods of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Reads.
    Get,
    /// Creates, uploads, Storage's lists, and Studio's queries.
    Post,
}

impl Method {
    /// HTTP's word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
        }
    }
}

/// When a request that failed may be sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// Only when surely no byte of it reached a server.
    IfUnsent,
    /// It changes nothing, or the same again: with back-off.
    Idempotent,
}

/// How long a request may take, and how large its answer may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// 30 s, 8 MiB.
    Single,
    /// 60 s, 64 MiB.
    List,
    /// No deadline while bytes move; the answer as `Single`.
    Upload,
}

/// A row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RouteSpec {
    /// The name in Activity and logs.
    pub name: &'static str,
    /// The method.
    pub method: Method,
    /// Path behind the control plane's address, `{ref}`, `{bucket}`, `{path}`, `{id}` to be filled.
    pub control_plane: Option<&'static str>,
    /// Path behind the project's address.
    pub gateway: Option<&'static str>,
    /// Path behind Studio's address, and its method there, which may be another one.
    pub studio: Option<(Method, &'static str)>,
    /// Whether it changes anything: refused when read-only.
    pub mutates: bool,
    /// When it may be repeated.
    pub retry: Retry,
    /// Its bounds.
    pub size: Size,
}

impl RouteSpec {
    /// The path at a door, `None` where the door does not offer the route.
    pub const fn path(&self, door: Door) -> Option<&'static str> {
        match door {
            Door::ControlPlane => self.control_plane,
            Door::Gateway => self.gateway,
            Door::Studio => match self.studio {
                Some((_, path)) => Some(path),
                None => None,
            },
        }
    }

    /// The method at a door.
    pub const fn method_at(&self, door: Door) -> Method {
        match (door, self.studio) {
            (Door::Studio, Some((method, _))) => method,
            _ => self.method,
        }
    }
}

/// One request that a server understands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, VariantArray)]
pub enum Route {
    /// A page of users.
    UsersList,
    /// Creates a user.
    UserCreate,
    /// One user with identities and factors.
    UserGet,
    /// All buckets.
    BucketsList,
    /// One bucket: the only way to tell an unknown bucket from an empty one.
    BucketGet,
    /// Objects below a prefix, exact.
    ObjectsList,
    /// Objects below a prefix on older servers; the prefix's case is ignored.
    ObjectsListV1,
    /// What the server holds under one key.
    ObjectInfo,
    /// Stores one object.
    ObjectUpload,
    /// All that signing in takes, at the platform's own GoTrue: no door's, and no change to a project.
    SignIn,
    /// The projects that a credential sees, by a platform or the management API, page by page: no door's either.
    ProjectsList,
    /// A project's address and keys in the clear, by a platform, the management API or Studio's settings: no door's.
    ProjectKeys,
    /// What answers at an address, and the versions of the services there: no door's.
    Look,
}

impl Route {
    /// The row of this route.
    pub const fn spec(self) -> RouteSpec {
        match self {
            Self::UsersList => RouteSpec {
                name: "list users",
                method: Method::Get,
                control_plane: Some("/api/platform/auth/{ref}/users"),
                gateway: Some("/auth/v1/admin/users"),
                studio: Some((Method::Post, "/api/platform/pg-meta/{ref}/query")),
                mutates: false,
                retry: Retry::Idempotent,
                size: Size::List,
            },
            Self::UserCreate => RouteSpec {
                name: "create user",
                method: Method::Post,
                control_plane: Some("/api/platform/auth/{ref}/users"),
                gateway: Some("/auth/v1/admin/users"),
                studio: Some((Method::Post, "/api/platform/auth/{ref}/users")),
                mutates: true,
                retry: Retry::IfUnsent,
                size: Size::Single,
            },
            Self::UserGet => RouteSpec {
                name: "read user",
                method: Method::Get,
                control_plane: None,
                gateway: Some("/auth/v1/admin/users/{id}"),
                studio: None,
                mutates: false,
                retry: Retry::Idempotent,
                size: Size::Single,
            },
            Self::BucketsList => RouteSpec {
                name: "list buckets",
                method: Method::Get,
                control_plane: Some("/api/platform/storage/{ref}/buckets"),
                gateway: Some("/storage/v1/bucket"),
                studio: Some((Method::Get, "/api/platform/storage/{ref}/buckets")),
                mutates: false,
                retry: Retry::Idempotent,
                size: Size::List,
            },
            Self::BucketGet => RouteSpec {
                name: "read bucket",
                method: Method::Get,
                control_plane: None,
                gateway: Some("/storage/v1/bucket/{bucket}"),
                studio: Some((Method::Get, "/api/platform/storage/{ref}/buckets/{bucket}")),
                mutates: false,
                retry: Retry::Idempotent,
                size: Size::Single,
            },
            Self::ObjectsList => RouteSpec {
                name: "list objects",
                method: Method::Post,
                control_plane: None,
                gateway: Some("/storage/v1/object/list-v2/{bucket}"),
                studio: Some((Method::Post, "/api/platform/storage/{ref}/buckets/{bucket}/objects/list-v2")),
                mutates: false,
                retry: Retry::Idempotent,
                size: Size::List,
            },
            Self::ObjectsListV1 => RouteSpec {
                name: "list objects (v1)",
                method: Method::Post,
                control_plane: None,
                gateway: Some("/storage/v1/object/list/{bucket}"),
                studio: Some((Method::Post, "/api/platform/storage/{ref}/buckets/{bucket}/objects/list")),
                mutates: false,
                retry: Retry::Idempotent,
                size: Size::List,
            },
            Self::ObjectInfo => RouteSpec {
                name: "read object info",
                method: Method::Get,
                control_plane: None,
                gateway: Some("/storage/v1/object/info/{bucket}/{path}"),
                studio: None,
                mutates: false,
                retry: Retry::Idempotent,
                size: Size::Single,
            },
            Self::ObjectUpload => RouteSpec {
                name: "upload object",
                method: Method::Post,
                control_plane: Some("/api/platform/storage/{ref}/object/{bucket}/{path}"),
                gateway: Some("/storage/v1/object/{bucket}/{path}"),
                studio: None,
                mutates: true,
                retry: Retry::IfUnsent,
                size: Size::Upload,
            },
            Self::SignIn => RouteSpec {
                name: "sign in",
                method: Method::Post,
                control_plane: None,
                gateway: None,
                studio: None,
                mutates: false,
                retry: Retry::Idempotent,
                size: Size::Single,
            },
            Self::ProjectsList => {
                RouteSpec { name: "list projects", method: Method::Get, size: Size::List, ..Self::SignIn.spec() }
            }
            Self::ProjectKeys => RouteSpec { name: "read project keys", method: Method::Get, ..Self::SignIn.spec() },
            Self::Look => RouteSpec { name: "look at server", method: Method::Get, ..Self::SignIn.spec() },
        }
    }

    /// Whether some door has it.
    pub const fn is_a_doors(self) -> bool {
        !matches!(self, Self::SignIn | Self::ProjectsList | Self::ProjectKeys | Self::Look)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn the_table_holds_together() {
        let names: HashSet<_> = Route::VARIANTS.iter().map(|route| route.spec().name).collect();
        assert_eq!(names.len(), Route::VARIANTS.len(), "names are unique");
        for route in Route::VARIANTS {
            let spec = route.spec();
            let paths = Door::VARIANTS.iter().map(|&door| spec.path(door)).collect::<Vec<_>>();
            assert_eq!(paths.iter().any(Option::is_some), route.is_a_doors(), "{}", spec.name);
            assert!(paths.iter().flatten().all(|path| path.starts_with('/') && !path.ends_with('/')));
            assert!(!spec.mutates || spec.retry == Retry::IfUnsent, "{}: no change is repeated blindly", spec.name);
            assert!(spec.mutates || spec.retry == Retry::Idempotent, "{}", spec.name);
        }
    }
}
