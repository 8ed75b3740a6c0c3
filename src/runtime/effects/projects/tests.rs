//! Two servers, two profiles: each effect reaches the one it is meant for.

use std::fs;

use tempfile::TempDir;
use tokio::runtime::Handle;
use tokio::sync::mpsc;

use super::*;
use crate::api::model::BucketId;
use crate::app::effect::Effect as RootEffect;
use crate::app::msg::{Answer, Msg};
use crate::app::{jobs, users};
use crate::demo::{self, Options, Server, Studio};
use crate::runtime::event_loop::Perform;
use crate::work::files;
use crate::work::outcome::{ItemState, JobId};
use crate::work::plan::{Choices, Destination, plan};

struct World {
    effects: Effects,
    answers: mpsc::Receiver<Msg>,
    folder: TempDir,
    servers: Vec<Server>,
    last: u64,
}

/// Profiles `acme` with 30 users and `home` with 7, one that lacks its key, and one whose key comes by a command.
async fn world() -> World {
    crate::api::client::install_tls();
    let folder = tempfile::tempdir().unwrap();
    let mut config = Vec::new();
    let mut servers = Vec::new();
    for (name, users) in [("acme", 30), ("home", 7)] {
        let options = Options { users, life: 0.0, seed: users.into(), ..Options::default() };
        fs::write(folder.path().join(name), &options.service_key).unwrap();
        let server = Server::start(options).await.unwrap();
        let url = server.url();
        config.push(format!("[profiles.{name}]\nproject = {{ url = \"{url}\", service_key_file = \"{name}\" }}"));
        servers.push(server);
    }
    let url = servers[0].url();
    config.push(format!("[profiles.lacks]\nproject = {{ url = \"{url}\", service_key_env = \"BASEDECK_TEST_NONE\" }}"));
    config.push(format!(
        "[profiles.asks]\ncolor = \"red\"\nprotected = true\n\
         project = {{ url = \"{url}\", service_key_command = \"cd {} && touch ran && cat acme\" }}",
        folder.path().display()
    ));
    fs::write(folder.path().join("config.toml"), config.join("\n")).unwrap();
    let (sender, answers) = mpsc::channel(16);
    let mut effects = Effects::new(Handle::current(), sender, None, Log::default());
    let inputs = Inputs { config: Some(folder.path().join("config.toml")), ..Inputs::default() };
    effects.projects = Projects::new(&inputs, Some(Store::at(folder.path().join("state.json"))));
    World { effects, answers, folder, servers, last: 0 }
}

impl World {
    fn perform(&mut self, effect: RootEffect) -> Ticket {
        self.last += 1;
        self.effects.perform(Ticket(self.last), effect);
        Ticket(self.last)
    }

    async fn next(&mut self) -> Msg {
        timeout(Duration::from_secs(20), self.answers.recv()).await.expect("in time").expect("an answer")
    }

    async fn answer(&mut self, effect: RootEffect) -> Root {
        let ticket = self.perform(effect);
        loop {
            if let Msg::Answer(Answer { ticket: of, body, .. }) = self.next().await
                && of == ticket
            {
                return body;
            }
        }
    }

    async fn wish(&mut self, effect: Effect) -> Body {
        match self.answer(RootEffect::Projects(effect)).await {
            Root::Projects(body) => body,
            other => panic!("{other:?}"),
        }
    }

    async fn check(&mut self, name: &str) -> Checked {
        match self.wish(Effect::Check(Which::Profile(name.into()))).await {
            Body::Checked(_, checked) => checked,
            other => panic!("{other:?}"),
        }
    }

    async fn open(&mut self, name: &str) -> Result<Box<Project>, String> {
        let Body::Opened(opened) = self.wish(Effect::Open(Which::Profile(name.into()))).await else { panic!() };
        let ticket = Ticket(self.last);
        if opened.is_ok() {
            self.perform(RootEffect::Projects(Effect::Use(ticket)));
        }
        opened
    }

    /// How many users the open project has, or why that is not known.
    async fn users(&mut self) -> Result<Total, Kind> {
        let list = ListUsers { page: 1, per_page: 1, oldest_first: false };
        match self.answer(RootEffect::Users(users::Effect::Page(list))).await {
            Root::Users(users::Body::Page(_, read)) => read.map(|page| page.total).map_err(|error| error.kind),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn each_profile_is_listed_and_looked_at_and_no_command_is_run_for_that() {
    let mut world = world().await;
    let Body::Listed(Ok(all)) = world.wish(Effect::List).await else { panic!() };
    let names: Vec<_> = all.iter().map(|listed| (listed.name.as_str(), listed.command, listed.protected)).collect();
    let plain = |name| (name, false, false);
    assert_eq!(names, [plain("acme"), ("asks", true, true), plain("home"), plain("lacks")]);
    for (name, count) in [("acme", 30), ("home", 7)] {
        let checked = world.check(name).await;
        assert!(
            matches!(checked, Checked::Reachable { users: Some(users), buckets: Some(1..), .. } if users == count),
            "{checked:?}"
        );
    }
    assert!(matches!(world.check("lacks").await, Checked::NotReady(why) if why.contains("BASEDECK_TEST_NONE")));
    assert_eq!(world.check("asks").await, Checked::NotAsked);
    assert!(!world.folder.path().join("ran").exists());
    fs::write(world.folder.path().join("home"), "another").unwrap();
    assert!(matches!(world.check("home").await, Checked::SignIn(_)));
    let studio = Options { kind: demo::Kind::SelfHosted(Studio::default()), ..Options::default() };
    let studio = Server::start(studio).await.unwrap();
    let path = world.folder.path().join("config.toml");
    let wrong = format!(
        "{}\n[profiles.wrong]\ncontrol_plane = {{ url = \"{}\", ref = \"demo\", token_file = \"home\" }}",
        fs::read_to_string(&path).unwrap(),
        studio.url()
    );
    fs::write(&path, wrong).unwrap();
    let checked = world.check("wrong").await;
    assert!(matches!(&checked, Checked::NotReady(why) if why.contains("not a control plane")), "{checked:?}");
    world.servers.clear();
    assert!(matches!(world.check("acme").await, Checked::Unreachable(_)));
}

#[tokio::test]
async fn what_is_asked_goes_to_the_project_that_is_open() {
    let mut world = world().await;
    assert_eq!(world.users().await, Err(Kind::NoDoor));
    let project = world.open("acme").await.unwrap();
    assert_eq!((project.name.as_str(), &project.which), ("acme", &Which::Profile("acme".into())));
    assert_eq!(world.users().await, Ok(Total::Exact(30)));
    world.open("home").await.unwrap();
    assert_eq!(world.users().await, Ok(Total::Exact(7)));
    // One that cannot be opened leaves none open: nothing goes to the one before.
    assert!(world.open("lacks").await.unwrap_err().contains("BASEDECK_TEST_NONE"));
    assert_eq!(world.users().await, Err(Kind::NoDoor));
    // Neither does one that is not in use yet, nor an opened one that is none any more.
    let old = Ticket(world.last);
    assert!(matches!(world.wish(Effect::Open(Which::Profile("acme".into()))).await, Body::Opened(Ok(_))));
    assert_eq!(world.users().await, Err(Kind::NoDoor));
    world.perform(RootEffect::Projects(Effect::Use(old)));
    assert_eq!(world.users().await, Err(Kind::NoDoor));
}

#[tokio::test]
async fn a_command_is_run_to_open_its_project_which_is_looked_at_from_then_on() {
    let mut world = world().await;
    let project = world.open("asks").await.unwrap();
    assert!(project.read_only && project.protected && project.locked);
    assert!(world.folder.path().join("ran").exists());
    fs::remove_file(world.folder.path().join("ran")).unwrap();
    assert!(matches!(world.check("asks").await, Checked::Reachable { users: Some(30), .. }));
    let Body::Listed(Ok(all)) = world.wish(Effect::List).await else { panic!() };
    assert!(all.iter().all(|listed| !listed.command));
    assert!(!world.folder.path().join("ran").exists());
}

#[tokio::test]
async fn a_protected_project_is_locked_whenever_it_is_opened() {
    let mut world = world().await;
    let create = || {
        let user = crate::api::model::NewUser {
            email: Some("a@example.test".into()),
            phone: None,
            password: crate::secret::Secret::new("correct horse".into()),
            confirm: true,
            user_metadata: None,
        };
        RootEffect::Users(users::Effect::Create(user))
    };
    for unlocked in [false, true, false] {
        world.open("asks").await.unwrap();
        if unlocked {
            world.answer(RootEffect::Session(crate::app::session::Effect::Unlock)).await;
        }
        let body = world.answer(create()).await;
        let refused = body.error().map(|error| error.kind) == Some(Kind::ReadOnly);
        assert_eq!(refused, !unlocked, "{body:?}");
    }
}

#[tokio::test]
async fn a_job_goes_on_at_the_project_it_was_started_for() {
    let mut world = world().await;
    let path = world.folder.path().join("picture.png");
    fs::write(&path, "hello").unwrap();
    let looked: Vec<_> = files::look(&[path]).into_iter().map(|(_, file)| file.unwrap()).collect();
    let plan = plan(&looked, &Destination::new(BucketId("avatars".into()), "moved"), Choices::default(), None);
    world.open("acme").await.unwrap();
    world.perform(RootEffect::Jobs(jobs::Effect::Start { job: JobId(1), plan, parallel: 1 }));
    world.perform(RootEffect::Projects(Effect::Open(Which::Profile("home".into()))));
    let open = Ticket(world.last);
    let (mut done, mut opened) = (false, false);
    while !(done && opened) {
        match world.next().await {
            Msg::Jobs(told) => {
                let items = told.iter().flat_map(|progress| &progress.items);
                done |=
                    items.into_iter().any(|(_, state)| matches!(state, ItemState::Ended(outcome) if outcome.is_done()));
                assert!(done || !told.iter().any(|progress| progress.ended), "{told:?}");
            }
            Msg::Answer(answer) if answer.ticket == open => opened = true,
            _ => {}
        }
    }
    world.perform(RootEffect::Projects(Effect::Use(open)));
    for (name, stored) in [("home", 0), ("acme", 1)] {
        world.open(name).await.unwrap();
        let list = crate::app::objects::ListObjects {
            bucket: BucketId("avatars".into()),
            prefix: "moved/".into(),
            next: None,
        };
        let body = world.answer(RootEffect::Objects(crate::app::objects::Effect::List(list))).await;
        let Root::Objects(crate::app::objects::Body::List(_, Ok(listing))) = body else { panic!("{body:?}") };
        assert_eq!(listing.rows.len(), stored, "{name}");
    }
}

#[tokio::test]
async fn what_was_kept_is_listed() {
    let mut world = world().await;
    let memory = Memory {
        opened: Timestamp::from_second(9).ok(),
        place: Place::parse("buckets/avatars/2026").unwrap(),
        share: crate::app::geometry::Share::of(55),
        ..Memory::default()
    };
    let keep = Effect::Keep("home".into(), Box::new(memory.clone()));
    assert_eq!(world.answer(RootEffect::Projects(keep)).await, Root::Nothing);
    let Body::Listed(Ok(all)) = world.wish(Effect::List).await else { panic!() };
    let home = all.into_iter().find(|listed| listed.name == "home").unwrap();
    assert_eq!(home.memory, memory);
}
