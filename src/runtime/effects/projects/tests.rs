//! Two servers, two profiles: each effect reaches the one it is meant for.

use std::fs;

use tempfile::TempDir;
use tokio::runtime::Handle;
use tokio::sync::mpsc;

use super::*;
use crate::api::client::Connection;
use crate::api::model::BucketId;
use crate::api::route::Route;
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
    /// What was told of reads of keys.
    asked: Vec<(Which, String, Meta)>,
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
        fs::write(folder.path().join(format!("{name}.token")), &options.token).unwrap();
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
    let store = Some(Store::at(folder.path().join("state.json")));
    let inputs = Inputs { config: Some(folder.path().join("config.toml")), store, ..Inputs::default() };
    effects.projects = Projects::new(&inputs);
    World { effects, answers, folder, servers, last: 0, asked: Vec::new() }
}

impl World {
    fn perform(&mut self, effect: RootEffect) -> Ticket {
        self.last += 1;
        self.effects.perform(Ticket(self.last), effect);
        Ticket(self.last)
    }

    async fn next(&mut self) -> Msg {
        let next = timeout(Duration::from_secs(20), self.answers.recv()).await.expect("in time").expect("an answer");
        if let Msg::Asked { which, project, asked } = &next {
            self.asked.push((which.clone(), project.clone(), asked.meta.clone()));
        }
        next
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
        let Body::Opened(opened) = self.wish(Effect::Open(Which::Profile(name.into()), String::new())).await else {
            panic!()
        };
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
async fn where_there_is_no_profile_the_command_that_makes_one_is_told_for_this_configuration() {
    let mut world = world().await;
    let path = world.folder.path().join("config.toml");
    fs::write(&path, "").unwrap();
    let command = format!("`basedeck config init --config {}`", path.display());
    let Body::Listed(Err(why)) = world.wish(Effect::List).await else { panic!() };
    assert!(why.contains(&command), "{why}");
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
    assert!(matches!(world.check("home").await, Checked::SignIn(error) if error.needs() == "key refused"));
    let studio = Options { kind: demo::Kind::SelfHosted(Studio::default()), ..Options::default() };
    let studio = Server::start(studio).await.unwrap();
    let path = world.folder.path().join("config.toml");
    let wrong = format!(
        "{}\n[profiles.wrong]\ncontrol_plane = {{ url = \"{}\", ref = \"demo\", token_file = \"home\" }}\n\
         [profiles.gone]\ncontrol_plane = {{ url = \"{}\", ref = \"gone\", token_file = \"acme.token\" }}",
        fs::read_to_string(&path).unwrap(),
        studio.url(),
        world.servers[0].url()
    );
    fs::write(&path, wrong).unwrap();
    let checked = world.check("wrong").await;
    assert!(matches!(&checked, Checked::NotReady(why) if why.contains("not a control plane")), "{checked:?}");
    let checked = world.check("gone").await;
    assert!(matches!(&checked, Checked::NotReady(why) if why.contains("does not know this project")), "{checked:?}");
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
    assert!(matches!(
        world.wish(Effect::Open(Which::Profile("acme".into()), String::new())).await,
        Body::Opened(Ok(_))
    ));
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
    let [path, log] = ["picture.png", "log"].map(|name| world.folder.path().join(name));
    world.effects.log = Log::open(Some(&log)).unwrap();
    fs::write(&path, "hello").unwrap();
    let looked: Vec<_> = files::look(&[path]).into_iter().map(|(_, file)| file.unwrap()).collect();
    let plan = plan(&looked, &Destination::new(BucketId("avatars".into()), "moved"), Choices::default(), None);
    world.open("acme").await.unwrap();
    world.perform(RootEffect::Jobs(jobs::Effect::Start { job: JobId(1), plan, parallel: 1 }));
    world.perform(RootEffect::Projects(Effect::Open(Which::Profile("home".into()), String::new())));
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
    // The log tells them apart.
    let text = fs::read_to_string(log).unwrap();
    let lines = text.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let told: Vec<_> = lines.map(|line| ["event", "project", "origin"].map(|name| line[name].clone())).collect();
    let origin = |server: &Server| serde_json::Value::from(server.url().trim_end_matches('/'));
    let [acme, home] = [&world.servers[0], &world.servers[1]].map(origin);
    let expected = [
        ["upload".into(), "acme".into(), serde_json::Value::Null],
        ["request".into(), "home".into(), home],
        ["request".into(), "acme".into(), acme],
    ];
    assert_eq!(told, expected, "{text}");
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

/// A platform opened wide and one of hosted projects, each with three; and one that answers only the four routes.
async fn platforms() -> World {
    let mut world = world().await;
    let path = world.folder.path().join("config.toml");
    let mut config = vec![fs::read_to_string(&path).unwrap()];
    for (name, own, wide) in
        [("wide", "ref = \"demo\",", true), ("narrow", "ref = \"demo\",", false), ("bare", "", true)]
    {
        let options = Options { users: 20, life: 0.0, wide, ..Options::default() };
        fs::write(world.folder.path().join(name), &options.token).unwrap();
        let server = Server::start(options).await.unwrap();
        let url = server.url();
        config.push(format!(
            "[profiles.{name}]\ncolor = \"blue\"\nprotected = true\n\
             control_plane = {{ url = \"{url}\", {own} token_file = \"{name}\" }}"
        ));
        world.servers.push(server);
    }
    let options = Options { users: 20, life: 0.0, management: Some("sbp_token".into()), ..Options::default() };
    fs::write(world.folder.path().join("pat"), "sbp_token").unwrap();
    let server = Server::start(options).await.unwrap();
    let (url, folder) = (server.url(), world.folder.path().display().to_string());
    let command = format!("cd {folder} && touch ran && cat pat");
    for (name, source) in [("hosted", "token_file = \"pat\"".into()), ("shy", format!("token_command = \"{command}\""))]
    {
        config.push(format!("[profiles.{name}]\nsupabase = {{ api_url = \"{url}\", {source} }}"));
    }
    world.servers.push(server);
    fs::write(&path, config.join("\n")).unwrap();
    world
}

fn below_of(profile: &str, reference: &str) -> Which {
    Which::Listed { profile: profile.into(), reference: reference.into() }
}

impl World {
    async fn find(&mut self, profile: &str) -> Result<Found, NotFound> {
        match self.wish(Effect::Find(profile.into())).await {
            Body::Found(of, meta, found) if of == profile => {
                let asked = meta.filter(|meta| meta.route == Route::ProjectsList && meta.status == Some(200));
                assert_eq!(asked.is_some(), found.is_ok(), "the request is told: {asked:?} {found:?}");
                found
            }
            other => panic!("{other:?}"),
        }
    }

    async fn look(&mut self, which: Which) -> Checked {
        match self.wish(Effect::Check(which.clone())).await {
            Body::Checked(of, checked) if of == which => checked,
            other => panic!("{other:?}"),
        }
    }

    async fn open_listed(&mut self, which: Which, name: &str) -> Box<Project> {
        let Body::Opened(opened) = self.wish(Effect::Open(which, name.into())).await else { panic!() };
        let ticket = Ticket(self.last);
        self.perform(RootEffect::Projects(Effect::Use(ticket)));
        opened.unwrap()
    }
}

#[tokio::test]
async fn each_kind_of_platform_lists_its_projects_and_each_opens_under_its_own_name() {
    let mut world = platforms().await;
    for (profile, door) in [("wide", Door::ControlPlane), ("bare", Door::ControlPlane), ("hosted", Door::Gateway)] {
        let found = world.find(profile).await.unwrap();
        let mut all: Vec<_> =
            found.projects.iter().map(|one| (one.reference.as_str(), one.name.as_str(), one.idle.as_deref())).collect();
        all.sort_unstable();
        let three = [("demo", "Demo", None), ("demo-paused", "Asleep", Some("paused")), ("demo-two", "Demo Two", None)];
        assert_eq!((all, found.left_out), (three.to_vec(), None), "{profile}");
        let one = &found.projects[0];
        let guarded = profile != "hosted";
        assert_eq!((one.protected, one.color.is_some(), &one.doors), (guarded, guarded, &vec![door]));
        let two = below_of(profile, "demo-two");
        let checked = world.look(two.clone()).await;
        assert!(matches!(checked, Checked::Reachable { users: Some(17), buckets: Some(1..), .. }), "{checked:?}");
        let told = |(which, project, meta): &(Which, String, Meta)| {
            *which == two && project == "demo-two" && meta.route == Route::ProjectKeys && meta.status == Some(200)
        };
        while profile == "hosted" && !world.asked.iter().any(told) {
            world.next().await;
        }
        assert_eq!(world.look(below_of(profile, "demo-paused")).await, Checked::Paused);
        let project = world.open_listed(two.clone(), "Demo Two").await;
        assert_eq!((&project.which, project.name.as_str(), project.reference.as_str()), (&two, "Demo Two", "demo-two"));
        assert_eq!((project.protected, project.locked, project.unchosen), (guarded, guarded, false));
        assert_eq!(project.reach[2..], ["--profile", profile, "--ref", "demo-two"]);
        assert_eq!(world.users().await, Ok(Total::Exact(17)));
        // From now on it has a row of its own, with the profile's guard.
        let Body::Listed(Ok(all)) = world.wish(Effect::List).await else { panic!() };
        let row = all.iter().find(|row| row.which == two).expect("it was opened");
        assert_eq!((row.name.as_str(), row.protected), ("Demo Two", guarded));
        let parent = all.iter().find(|row| row.name == profile).unwrap();
        assert_eq!((parent.lists, parent.unchosen), (true, profile != "wide"));
        assert_eq!(parent.platform, row.platform);
    }
}

#[tokio::test]
async fn one_platform_that_refuses_or_is_down_spoils_itself_only() {
    let mut world = platforms().await;
    let Err(NotFound::Refused(error)) = world.find("narrow").await else { panic!() };
    assert_eq!(error.kind, Kind::NoSuchRoute, "{error}");
    assert!(matches!(world.check("narrow").await, Checked::Reachable { .. }));
    fs::write(world.folder.path().join("pat"), "sbp_another").unwrap();
    let Err(NotFound::Refused(error)) = world.find("hosted").await else { panic!() };
    assert_eq!(error.kind, Kind::NotSignedIn);
    fs::remove_file(world.folder.path().join("pat")).unwrap();
    assert!(matches!(world.find("hosted").await, Err(NotFound::NotReady(why)) if why.contains("access token")));
    assert!(matches!(world.find("nosuch").await, Err(NotFound::NotReady(_))));
    assert_eq!(world.find("wide").await.unwrap().projects.len(), 3);
}

#[tokio::test]
async fn a_profile_that_names_no_project_is_opened_to_choose_one_and_asks_nothing_itself() {
    let mut world = platforms().await;
    for name in ["bare", "hosted"] {
        let project = world.open(name).await.unwrap();
        assert!(project.unchosen && project.which == Which::Profile(name.into()), "{project:?}");
        assert_eq!(world.check(name).await, Checked::NotAsked);
        assert!(world.users().await.is_err(), "there is no project to ask");
        assert_eq!(world.find(name).await.unwrap().projects.len(), 3);
    }
}

#[tokio::test]
async fn a_token_that_a_person_gives_serves_all_projects_of_the_platform() {
    let mut world = platforms().await;
    let good = fs::read_to_string(world.folder.path().join("bare")).unwrap();
    fs::write(world.folder.path().join("bare"), "another").unwrap();
    world.open("bare").await.unwrap();
    assert!(matches!(world.find("bare").await, Err(NotFound::Refused(error)) if error.kind == Kind::NotSignedIn));
    let give = crate::app::session::Effect::Credential(Door::ControlPlane, crate::secret::Secret::new(good));
    world.answer(RootEffect::Session(give)).await;
    assert_eq!(world.find("bare").await.unwrap().projects.len(), 3);
    let two = below_of("bare", "demo-two");
    assert!(matches!(world.look(two.clone()).await, Checked::Reachable { users: Some(17), .. }));
    world.open_listed(two, "Demo Two").await;
    assert_eq!(world.users().await, Ok(Total::Exact(17)));
    // What the control plane lacks goes through the gateway, for which the same token asks.
    let list =
        crate::app::objects::ListObjects { bucket: BucketId("avatars".into()), prefix: String::new(), next: None };
    let body = world.answer(RootEffect::Objects(crate::app::objects::Effect::List(list))).await;
    assert!(body.error().is_none(), "{body:?}");
}

#[tokio::test]
async fn an_access_token_that_was_refused_is_read_again() {
    let mut world = platforms().await;
    let file = world.folder.path().join("pat");
    let good = fs::read(&file).unwrap();
    fs::write(&file, "sbp_of-another-account").unwrap();
    world.open("hosted").await.unwrap();
    assert!(matches!(world.find("hosted").await, Err(NotFound::Refused(error)) if error.kind == Kind::NotSignedIn));
    fs::write(&file, good).unwrap();
    assert_eq!(world.find("hosted").await.unwrap().projects.len(), 3);
}

#[tokio::test]
async fn no_command_is_run_to_list_what_its_profile_has_until_that_was_opened() {
    let mut world = platforms().await;
    let ran = world.folder.path().join("ran");
    let lists = |all: &[Listed]| all.iter().any(|row| row.name == "shy" && row.lists);
    let Body::Listed(Ok(all)) = world.wish(Effect::List).await else { panic!() };
    assert!(!lists(&all) && all.iter().any(|row| row.name == "shy" && row.command && row.unchosen));
    assert!(matches!(world.find("shy").await, Err(NotFound::NotReady(why)) if why.contains("command")));
    assert!(!ran.exists());
    world.open("shy").await.unwrap();
    fs::remove_file(&ran).unwrap();
    let Body::Listed(Ok(all)) = world.wish(Effect::List).await else { panic!() };
    assert!(lists(&all));
    let found = world.find("shy").await.unwrap();
    assert!(found.projects.len() == 3 && found.projects.iter().all(|project| project.command));
    assert_eq!(world.look(below_of("shy", "demo-two")).await, Checked::NotAsked);
    assert!(!ran.exists(), "for a look it never is");
    world.open_listed(below_of("shy", "demo-two"), "Demo Two").await;
    assert!(ran.exists());
    assert!(matches!(world.look(below_of("shy", "demo-two")).await, Checked::Reachable { .. }));
}

#[test]
fn a_name_that_cannot_be_read_or_typed_gives_way_to_the_ref() {
    let of = |name: &str| {
        named(&Listing { reference: "abc".into(), name: name.into(), status: String::new(), region: None })
    };
    for plain in ["Shop", "日本語 2", "naïve — café"] {
        assert_eq!(of(plain), plain);
    }
    assert_eq!(of("  Shop \n"), "Shop");
    for odd in ["", "  ", "\u{1b}[31mred", "a\u{202e}b", "a\nb", "\u{200b}", &"n".repeat(61)] {
        assert_eq!(of(odd), "abc", "{odd:?}");
    }
}

#[tokio::test]
async fn who_signs_out_is_signed_out_at_all_projects_of_the_profile() {
    let mut world = world().await;
    let (url, token) = (world.servers[0].url().parse().unwrap(), world.folder.path().join("acme.token"));
    let door = DoorConfig {
        door: Door::ControlPlane,
        base: url,
        reference: Some("demo".into()),
        user: None,
        credential: Secret::new(fs::read_to_string(token).unwrap()),
        renew: None,
    };
    let connection = Connection { doors: vec![door], read_only: false, ca_file_pem: None, detect: false, watch: None };
    let notes = Notes { log: Log::default(), screen: world.effects.answers.clone() };
    let listed = Which::Listed { profile: "acme".into(), reference: "two".into() };
    let all = [(Which::Profile("acme".into()), "acme"), (listed, "acme"), (Which::Profile("home".into()), "home")];
    let all = all.map(|(which, profile)| {
        let setup = Setup { profile: Some(profile.into()), ..Setup::plain(profile.into(), connection.clone(), None) };
        let opened = Opened::new(&setup, &notes);
        let client = opened.client();
        world.effects.projects.known.insert(which, opened);
        (profile, client)
    });
    for (profile, client) in &all {
        assert!(api::buckets::list(client).await.result.is_ok(), "{profile}");
    }
    world.effects.projects.letting_go(Some("acme"))();
    for (profile, client) in &all {
        let failed = api::buckets::list(client).await.result.err().map(|error| (error.kind, error.unsent));
        assert_eq!(failed, (*profile == "acme").then_some((Kind::NotSignedIn, true)), "{profile}");
    }
}
