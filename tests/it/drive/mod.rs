//! Driver lines: the whole state is driven by keys and answers, without a terminal and without a network. Outside
//! `<…>` each character is a key, inside stands a key as the config writes it.

mod connection;
mod create;
mod keys;
mod listed;
mod lists;
mod mouse;
mod projects;
mod rules;
mod screens;
mod sign_in;
mod tabs;
mod views;

use std::sync::Arc;
use std::time::Duration;

use basedeck::api::error::{ApiError, Kind};
use basedeck::api::meta::Meta;
use basedeck::api::model::{ListUsers, Row, Total, User, UserId};
use basedeck::api::offers::Offers;
use basedeck::api::route::{Door, Route};
use basedeck::app::cx::{Cx, Ticket};
use basedeck::app::effect::Effect;
use basedeck::app::key::Key;
use basedeck::app::msg::{Answer, Body, Msg};
use basedeck::app::op::keymap::Keymap;
use basedeck::app::project::Project;
use basedeck::app::{App, Start, users};
use basedeck::ui;
use basedeck::work::query::Chunk;
use jiff::{SignedDuration, Timestamp};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::layout::Size;

/// The state with its world.
pub struct Drive {
    pub app: App,
    pub cx: Cx,
    /// Effects asked for and not yet answered.
    pub open: Vec<(Ticket, Effect)>,
    size: Size,
}

/// The time at which all driver tests begin.
pub fn start_time() -> Timestamp {
    "2026-11-24T13:50:00Z".parse().unwrap()
}

/// A connection's start with these doors.
pub fn start(doors: &[Door]) -> Start {
    Start {
        project: Project {
            name: "demo".into(),
            reference: "abcdefgh".into(),
            reach: ["--profile", "demo"].map(String::from).into(),
            offers: Offers::new(doors),
            who: vec![(Door::Gateway, "service key".into())],
            poll: Duration::from_secs(5),
            ..Project::default()
        },
        connected: true,
        local: None,
        demo: true,
        colour: true,
        place: None,
        keymap: Keymap::default(),
        mouse: false,
    }
}

/// Both doors, at a size.
pub fn drive(width: u16, height: u16) -> Drive {
    Drive::with(start(&[Door::ControlPlane, Door::Gateway]), width, height)
}

impl Drive {
    pub fn with(start: Start, width: u16, height: u16) -> Self {
        let size = Size { width, height };
        let now = start_time();
        let mut drive = Self { app: App::new(start, now), cx: Cx::new(now, size, [7; 32]), open: Vec::new(), size };
        drive.send(Msg::Tick);
        drive
    }

    /// Another size, as the loop tells it.
    pub fn resize(&mut self, width: u16, height: u16) -> &mut Self {
        self.size = Size { width, height };
        self.cx.size = self.size;
        self.send(Msg::Resize(self.size))
    }

    pub fn send(&mut self, msg: Msg) -> &mut Self {
        self.app.update(&mut self.cx, msg);
        for (ticket, effect) in self.cx.take_effects() {
            match effect {
                Effect::Cancel(given_up) => self.open.retain(|(ticket, _)| *ticket != given_up),
                effect => self.open.push((ticket, effect)),
            }
        }
        self
    }

    pub fn keys(&mut self, keys: &str) -> &mut Self {
        let mut rest = keys;
        while let Some(c) = rest.chars().next() {
            let key = if c == '<' {
                let (name, after) = rest[1..].split_once('>').expect("a key in <…>");
                rest = after;
                name.parse().unwrap()
            } else {
                rest = &rest[c.len_utf8()..];
                Key::char(c)
            };
            self.send(Msg::Key(key));
        }
        self
    }

    /// Time passes; the loop ticks when the state asked for it.
    pub fn pass(&mut self, time: Duration) -> &mut Self {
        let end = self.cx.at + time;
        while let Some(due) = self.app.deadline().filter(|due| *due <= end) {
            let step = due.saturating_sub(self.cx.at);
            self.jump(step.max(Duration::from_millis(1)).min(end.saturating_sub(self.cx.at)));
            self.send(Msg::Tick);
            if self.cx.at >= end {
                return self;
            }
        }
        let rest = end.saturating_sub(self.cx.at);
        self.jump(rest);
        self
    }

    fn jump(&mut self, step: Duration) {
        self.cx.at += step;
        self.cx.now = self.cx.now.checked_add(SignedDuration::try_from(step).unwrap()).unwrap();
    }

    /// The first open effect of this shape, taken out.
    pub fn take(&mut self, wanted: impl Fn(&Effect) -> bool) -> Option<(Ticket, Effect)> {
        let at = self.open.iter().position(|(_, effect)| wanted(effect))?;
        Some(self.open.remove(at))
    }

    /// How many effects of this shape are open.
    pub fn count(&self, wanted: impl Fn(&Effect) -> bool) -> usize {
        self.open.iter().filter(|(_, effect)| wanted(effect)).count()
    }

    pub fn answer(&mut self, ticket: Ticket, route: Route, body: Body) -> &mut Self {
        let mut meta = Meta::of(route);
        meta.door = Some(Door::Gateway);
        meta.took = Duration::from_millis(42);
        meta.status = Some(body.error().map_or(200, |error| error.status.unwrap_or(0)));
        self.send(Msg::Answer(Answer { ticket, meta: Some(meta), body }))
    }

    /// Answers the next open page of users.
    pub fn page(&mut self, rows: &[Row<User>], total: Total) -> &mut Self {
        let (ticket, ask) = self.take_page();
        let page = users::PageRead { chunks: Chunk::build(rows), total };
        self.answer(ticket, Route::UsersList, Body::Users(users::Body::Page(ask, Ok(page))))
    }

    /// The next open page of users fails.
    pub fn page_fails(&mut self, error: ApiError) -> &mut Self {
        let (ticket, ask) = self.take_page();
        self.answer(ticket, Route::UsersList, Body::Users(users::Body::Page(ask, Err(error))))
    }

    pub fn take_page(&mut self) -> (Ticket, ListUsers) {
        let taken = self.take(|effect| matches!(effect, Effect::Users(users::Effect::Page(_))));
        let Some((ticket, Effect::Users(users::Effect::Page(ask)))) = taken else {
            panic!("no page of users was asked for: {:?}", self.open)
        };
        (ticket, ask)
    }

    /// The cells of the screen.
    pub fn buffer(&self) -> Buffer {
        let mut terminal = Terminal::new(TestBackend::new(self.size.width, self.size.height)).unwrap();
        terminal.draw(|frame| ui::draw(&self.app, frame)).unwrap();
        terminal.backend().buffer().clone()
    }

    /// The screen as text, trailing blanks cut.
    pub fn screen(&self) -> String {
        let buffer = self.buffer();
        let line = |y| (0..self.size.width).map(|x| buffer[(x, y)].symbol()).collect::<String>();
        let lines: Vec<String> = (0..self.size.height).map(|y| line(y).trim_end().to_owned()).collect();
        lines.join("\n")
    }

    #[track_caller]
    pub fn shows(&mut self, text: &str) -> &mut Self {
        let screen = self.screen();
        assert!(screen.contains(text), "{text:?} is not on the screen:\n{screen}");
        self
    }

    #[track_caller]
    pub fn hides(&mut self, text: &str) -> &mut Self {
        let screen = self.screen();
        assert!(!screen.contains(text), "{text:?} is on the screen:\n{screen}");
        self
    }
}

/// A user's row as GoTrue sends it.
pub fn user(n: u32, email: &str) -> Row<User> {
    user_at(n, email, start_time().checked_sub(SignedDuration::from_hours(i64::from(n))).unwrap())
}

pub fn user_at(n: u32, email: &str, created: Timestamp) -> Row<User> {
    let id = uuid::Uuid::from_u128(0x1000_0000_0000_4000_8000_0000_0000_0000 + u128::from(n));
    let raw = serde_json::json!({
        "id": id, "aud": "authenticated", "role": "authenticated", "email": email, "phone": "",
        "email_confirmed_at": created, "created_at": created, "updated_at": created,
        "app_metadata": {"provider": "email", "providers": ["email"]},
        "user_metadata": {"plan": "pro"}, "identities": null, "is_anonymous": false,
    });
    let value = User {
        id: UserId(id),
        email: Some(email.to_owned()).filter(|email| !email.is_empty()),
        phone: None,
        name: None,
        providers: vec!["email".into()],
        created_at: Some(created),
        last_sign_in_at: None,
        confirmed_at: Some(created),
        banned_until: None,
        deleted_at: None,
        is_anonymous: false,
    };
    Row { raw: raw.to_string().into(), value: Ok(value) }
}

/// `count` users from `first` on, newest first.
pub fn some_users(first: u32, count: u32) -> Vec<Row<User>> {
    (first..first + count).map(|n| user(n, &format!("user{n}@example.com"))).collect()
}

pub fn one_chunk(row: Row<User>) -> Arc<Chunk> {
    Chunk::build(&[row]).remove(0)
}

/// A failure of this kind.
pub fn failure(kind: Kind, route: Route, status: Option<u16>, said: &str) -> ApiError {
    ApiError {
        kind,
        route,
        asked: None,
        door: Some(Door::Gateway),
        known_by: None,
        status,
        code: None,
        field: None,
        said: said.into(),
        retry_after: None,
        raw: Some(format!("{{\"msg\":\"{said}\"}}")),
        unsent: false,
        host: "example.com".into(),
    }
}
