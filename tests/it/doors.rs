//! The client against the demo server: each route of the table through each door, with the right credential, none, a
//! wrong one and an anon key, read-only, and through a door that lacks it.

use basedeck::api::client::{Client, Connection, DoorConfig, install_tls};
use basedeck::api::error::Kind;
use basedeck::api::model::{BucketId, ListUsers, Total, UserId};
use basedeck::api::route::{Door, Route};
use basedeck::api::{buckets, objects, users};
use basedeck::demo::{self, Options, REFERENCE, Server, Studio, fresh_token, project_key};
use basedeck::secret::Secret;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::faults::calls::{Target, call, offered, pairs};
use crate::socket;

struct Rig {
    server: Server,
    options: Options,
}

impl Rig {
    /// With the control plane beside the gateway.
    async fn start() -> Self {
        Self::of(demo::Kind::ControlPlane).await
    }

    /// With the console of a self-hosted stack beside the gateway.
    async fn self_hosted() -> Self {
        let basic = Some((USER.to_owned(), PASSWORD.to_owned()));
        Self::of(demo::Kind::SelfHosted(Studio { basic, endpoint: Some("kong:8000".into()) })).await
    }

    /// For a door, with the gateway beside it.
    async fn with(door: Door) -> Self {
        if door == Door::Studio { Self::self_hosted().await } else { Self::start().await }
    }

    async fn of(kind: demo::Kind) -> Self {
        let options = Options { life: 0.0, users: 300, kind, ..Options::default() };
        Self { server: Server::start(options.clone()).await.unwrap(), options }
    }

    fn credential(&self, door: Door) -> &str {
        match door {
            Door::ControlPlane => &self.options.token,
            Door::Gateway => &self.options.service_key,
            Door::Studio => PASSWORD,
        }
    }

    fn client_with(&self, door: Door, credential: &str, read_only: bool) -> Client {
        install_tls();
        let door = DoorConfig {
            door,
            user: (door == Door::Studio).then(|| USER.to_owned()),
            base: self.server.url().parse().unwrap(),
            reference: Some(REFERENCE.into()),
            credential: Secret::new(credential.into()),
            renew: None,
        };
        Client::new(Connection { doors: vec![door], read_only, ca_file_pem: None, detect: false, watch: None })
    }

    fn client(&self, door: Door) -> Client {
        self.client_with(door, self.credential(door), false)
    }

    /// Things that are there, and names that are free, other ones each time.
    async fn target(&self, free: &str) -> Target {
        let client = self.client(Door::Gateway);
        let users = users::list(&client, FIRST).await.result.unwrap();
        let user = users.rows[0].value.as_ref().unwrap().id;
        Target {
            user,
            email: format!("{free}@example.com"),
            bucket: BucketId("archive".into()),
            key: "exports/users-001.csv".into(),
            new_key: format!("sent/{free} (1).txt"),
            bytes: format!("the bytes of {free}\r\n\0").into_bytes(),
        }
    }

    /// The bytes under a key, asked for without the client.
    async fn bytes(&self, target: &Target) -> (String, Vec<u8>) {
        let key = &self.options.service_key;
        let path = target.new_key.replace(' ', "%20");
        let request = format!(
            "GET /storage/v1/object/{}/{path} HTTP/1.1\r\nHost: demo\r\napikey: {key}\r\n\
             Authorization: Bearer {key}\r\nConnection: close\r\n\r\n",
            target.bucket.0
        );
        let mut stream = TcpStream::connect(self.server.addr()).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        let end = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
        (String::from_utf8_lossy(&answer[..end]).to_ascii_lowercase(), answer[end..].to_vec())
    }

    /// How many users there are, and whether the target's key is taken.
    async fn held(&self, target: &Target) -> (basedeck::api::model::Total, bool) {
        let client = self.client(Door::Gateway);
        let total = users::list(&client, FIRST).await.result.unwrap().total;
        (total, objects::info(&client, &target.bucket, &target.new_key).await.result.is_ok())
    }
}

/// The name and password for Studio.
const USER: &str = "supabase";
const PASSWORD: &str = "a long password of the console";

#[tokio::test]
async fn studio_lists_what_the_gateway_lists_with_its_exact_count() {
    let rig = Rig::self_hosted().await;
    let (studio, gateway) = (rig.client(Door::Studio), rig.client(Door::Gateway));
    let mut ids = [Vec::new(), Vec::new()];
    for (client, ids) in [&studio, &gateway].into_iter().zip(&mut ids) {
        for page in 1..=4 {
            let read = users::list(client, ListUsers { page, per_page: 80, oldest_first: false }).await.result.unwrap();
            assert_eq!(read.total, Total::Exact(300));
            ids.extend(read.rows.into_iter().map(|row| row.value.unwrap().id));
        }
        ids.sort();
        ids.dedup();
    }
    // GoTrue's pages, cut by time alone, lose users that were created at one moment; these do not.
    let [through_studio, through_gateway] = ids;
    assert!(through_studio.len() == 300, "{} of 300 users", through_studio.len());
    assert!(through_gateway.iter().all(|id| through_studio.contains(id)));
    let bucket = BucketId("archive".into());
    let keys = |client: Client| {
        let bucket = bucket.clone();
        async move {
            let rows = objects::list(&client, &bucket, "exports/", None).await.result.unwrap().rows;
            rows.into_iter().map(|row| row.value.unwrap().key).collect::<Vec<_>>()
        }
    };
    let through_studio = keys(studio).await;
    assert!(!through_studio.is_empty());
    assert_eq!(through_studio, keys(gateway).await);
}

const FIRST: ListUsers = ListUsers { page: 1, per_page: 50, oldest_first: false };

fn named(route: Route, door: Door) -> String {
    format!("{}-{}", route.spec().name.replace([' ', '(', ')'], "-"), door.name())
}

#[tokio::test]
async fn each_route_answers_well_at_each_door_that_has_it() {
    for (route, door) in offered() {
        let rig = Rig::with(door).await;
        let target = rig.target(&named(route, door)).await;
        let answer = call(route, &rig.client(door), &target).await;
        assert_eq!(answer.result, Ok(true), "{route:?} at {door:?}");
        let meta = answer.meta;
        assert_eq!((meta.route, meta.door, meta.status), (route, Some(door), Some(200)), "{route:?} at {door:?}");
        assert!(meta.path.starts_with('/') && !meta.path.contains(rig.credential(door)));
    }
}

#[tokio::test]
async fn what_the_two_doors_list_is_the_same() {
    let rig = Rig::start().await;
    let (plane, gateway) = (rig.client(Door::ControlPlane), rig.client(Door::Gateway));
    let page = ListUsers { page: 2, per_page: 100, oldest_first: false };
    let ids = |client: Client| async move {
        let read = users::list(&client, page).await.result.unwrap();
        (read.rows.into_iter().map(|row| row.value.unwrap().id).collect::<Vec<_>>(), read.total)
    };
    let (first, second) = (ids(plane.clone()).await, ids(gateway.clone()).await);
    assert_eq!((first.0.len(), &first), (100, &second));
    let names = |client: Client| async move {
        let read = buckets::list(&client).await.result.unwrap();
        read.rows.into_iter().map(|row| row.value.unwrap().id).collect::<Vec<_>>()
    };
    assert_eq!(names(plane).await, names(gateway).await);
}

#[tokio::test]
async fn what_is_written_through_a_door_is_there() {
    let rig = Rig::start().await;
    let gateway = rig.client(Door::Gateway);
    for door in [Door::ControlPlane, Door::Gateway] {
        let mut target = rig.target(&format!("read-back-{}", door.name())).await;
        // More than one piece of a body, and no two like.
        target.bytes = (0..700_001_u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
        call(Route::ObjectUpload, &rig.client(door), &target).await.result.unwrap();
        let (head, bytes) = rig.bytes(&target).await;
        assert!(head.starts_with("http/1.1 200") && head.contains("content-type: text/plain"), "{head}");
        assert!(bytes == target.bytes, "{door:?}: {} bytes came back", bytes.len());
        let info = objects::info(&gateway, &target.bucket, &target.new_key).await.result.unwrap();
        assert_eq!((info.size, info.mime.as_deref()), (700_001, Some("text/plain")));

        call(Route::UserCreate, &rig.client(door), &target).await.result.unwrap();
        let newest = users::list(&gateway, FIRST).await.result.unwrap();
        let there =
            newest.rows.iter().filter(|row| row.value.as_ref().unwrap().email.as_deref() == Some(&target.email));
        assert_eq!(there.count(), 1, "{door:?}");
        // A second time it is there already, and what is there stays.
        let taken = Target { bytes: b"other".to_vec(), ..target.clone() };
        for route in [Route::ObjectUpload, Route::UserCreate] {
            let error = call(route, &rig.client(door), &taken).await.result.unwrap_err();
            assert_eq!(error.kind, Kind::Conflict, "{door:?}: {error}");
        }
        assert!(rig.bytes(&target).await.1 == target.bytes);
    }
}

#[tokio::test]
async fn nobody_is_let_in_without_the_right_credential() {
    for (route, door) in offered() {
        let rig = Rig::with(door).await;
        let target = rig.target(&named(route, door)).await;
        let before = rig.held(&target).await;
        // None is never sent, a wrong one is refused, and neither is shown.
        let wrong = [fresh_token(), project_key("service_role")];
        for credential in ["", "  \n", &wrong[0], &wrong[1]] {
            let error = call(route, &rig.client_with(door, credential, false), &target).await.result.unwrap_err();
            assert_eq!(error.kind, Kind::NotSignedIn, "{route:?} at {door:?}: {error}");
            let none = credential.trim().is_empty();
            // Of a project's key it is known beforehand that a control plane refuses it.
            let unsent = none || (door == Door::ControlPlane && credential == wrong[1]);
            assert_eq!((error.unsent, error.status.is_none()), (unsent, unsent), "{route:?} at {door:?}");
            assert!(none || !format!("{error} {error:?}").contains(credential));
        }
        assert_eq!(rig.held(&target).await, before, "{route:?} at {door:?}");
    }
}

/// An anon key gets empty lists and "not there" of Storage, and "not allowed" of GoTrue and of writes.
#[tokio::test]
async fn an_anon_key_sees_and_changes_nothing() {
    let rig = Rig::start().await;
    let client = rig.client_with(Door::Gateway, &rig.options.anon_key, false);
    let target = rig.target("anon").await;
    let before = rig.held(&target).await;
    for (route, _) in offered().filter(|(_, door)| *door == Door::Gateway) {
        let expected = match route {
            Route::UsersList | Route::UserCreate | Route::UserGet | Route::ObjectUpload => Err(Kind::NotAllowed),
            Route::BucketGet | Route::ObjectInfo => Err(Kind::NotFound),
            Route::BucketsList | Route::ObjectsList | Route::ObjectsListV1 => Ok(true),
            Route::SignIn | Route::ProjectsList | Route::ProjectKeys | Route::Look => unreachable!("no door's"),
        };
        let result = call(route, &client, &target).await.result;
        assert_eq!(result.map_err(|error| error.kind), expected, "{route:?}");
    }
    assert!(buckets::list(&client).await.result.unwrap().rows.is_empty());
    let listed = |prefix: &'static str, next: Option<&'static str>| {
        let (client, bucket) = (client.clone(), target.bucket.clone());
        async move { objects::list(&client, &bucket, prefix, next.map(str::to_owned)).await.result.unwrap().rows.len() }
    };
    assert_eq!((listed("", None).await, listed("exports/", Some("0")).await), (0, 0));
    assert_eq!(rig.held(&target).await, before);
    // The control plane takes no project's key at all.
    let client = rig.client_with(Door::ControlPlane, &rig.options.anon_key, false);
    let error = call(Route::UsersList, &client, &target).await.result.unwrap_err();
    assert_eq!(error.kind, Kind::NotSignedIn);
}

#[tokio::test]
async fn a_read_only_client_sends_no_change() {
    for (route, door) in offered() {
        let rig = Rig::with(door).await;
        let target = rig.target("read-only").await;
        let before = rig.held(&target).await;
        let client = rig.client_with(door, rig.credential(door), true);
        let result = call(route, &client, &target).await.result;
        if !route.spec().mutates {
            assert_eq!(result, Ok(true), "{route:?} at {door:?}");
            continue;
        }
        let error = result.unwrap_err();
        assert_eq!((error.kind, error.unsent), (Kind::ReadOnly, true), "{route:?} at {door:?}");
        // Not even a connection is opened.
        let server = socket::Server::answering([socket::answer("200 OK", "", "{}")]).await;
        let client = socket::connect(&[(door, &server.url, "key")], true).retrying(3);
        let error = call(route, &client, &target).await.result.unwrap_err();
        assert_eq!((error.kind, server.asked().len()), (Kind::ReadOnly, 0), "{route:?} at {door:?}");
        assert_eq!(rig.held(&target).await, before, "{route:?} at {door:?}");
    }
}

#[tokio::test]
async fn a_door_that_lacks_a_route_is_not_asked_for_it() {
    let mut lacking = 0;
    for (route, door) in pairs().filter(|(route, door)| route.is_a_doors() && route.spec().path(*door).is_none()) {
        let rig = Rig::with(door).await;
        let target = Target { user: UserId(uuid::Uuid::nil()), ..rig.target("lacking").await };
        lacking += 1;
        let error = call(route, &rig.client(door), &target).await.result.unwrap_err();
        assert_eq!((error.kind, error.unsent, error.door), (Kind::NoDoor, true, None), "{route:?} at {door:?}");
        assert!(error.sentence().contains("connect the project's gateway too"), "{error}");
        // With the other door beside it, that one is asked.
        let doors = [door, Door::Gateway].map(|door| DoorConfig {
            door,
            user: (door == Door::Studio).then(|| USER.to_owned()),
            base: rig.server.url().parse().unwrap(),
            reference: Some(REFERENCE.into()),
            credential: Secret::new(rig.credential(door).into()),
            renew: None,
        });
        let both = Client::new(Connection {
            doors: doors.into(),
            read_only: false,
            ca_file_pem: None,
            detect: false,
            watch: None,
        });
        let meta = call(route, &both, &target).await.meta;
        assert!(meta.door.is_some_and(|asked| asked != door) && meta.status.is_some(), "{route:?} at {door:?}");
    }
    assert!(lacking > 0);
}
