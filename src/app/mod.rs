//! The state and how it changes: pure. [`App::update`] is the only place where anything changes; what it wants done
//! outside it leaves in [`cx::Cx`].

pub mod activity;
mod answer;
pub mod buckets;
pub mod cx;
pub mod effect;
pub mod facts;
pub mod finder;
pub mod form;
pub mod geometry;
pub mod global;
mod goto;
mod input;
pub mod jobs;
pub mod key;
pub mod list;
pub mod modal;
pub mod mouse;
pub mod msg;
pub mod objects;
pub mod op;
pub mod picker;
pub mod place;
pub mod poll;
pub mod project;
pub mod projects;
mod run;
pub mod session;
pub mod shell;
pub mod sign_in;
pub mod spots;
mod switch;
pub mod tab;
pub mod users;

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use strum::VariantArray;
use tui_input::Input;

use crate::text::human::capital;
use cx::Cx;
use geometry::Share;
use modal::{Modal, Viewer};
use msg::Msg;
use op::Scope;
use op::keymap::Keymap;
use place::Place;
use poll::{Health, Poll};
use project::{Link, Memory, Project, Which};
use shell::{Left, Notice, Out, Shell, Tickets, Tone};
use tab::Tab;

/// How long a notice stays.
const NOTICE: Duration = Duration::from_secs(12);

/// What the screen begins with.
#[derive(Clone, Debug)]
pub struct Start {
    /// The project that it opens on; an empty one where there is no connection.
    pub project: Project,
    /// Whether there is a connection; without one the first screen opens.
    pub connected: bool,
    /// Files in or above the working folder that may name a project, not yet read.
    pub local: Option<String>,
    /// Whether the demo can be started from here.
    pub demo: bool,
    /// Whether to use colours (NO_COLOR).
    pub colour: bool,
    /// The place in the project to open on, where one was asked for.
    pub place: Option<Place>,
    /// The keys.
    pub keymap: Keymap,
    /// Whether the terminal tells of clicks and of the wheel.
    pub mouse: bool,
}

/// How the screen ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// With this exit code.
    Code(u8),
    /// The demo is to be started and the screen opened on it.
    StartDemo,
    /// The files of local development are to be read, and the screen opened on the project that they name.
    OpenLocal,
}

/// Filters as typed; the users keep their own.
#[derive(Default)]
struct Filters {
    buckets: Input,
    objects: Input,
    activity: Input,
}

/// The whole state.
pub struct App {
    /// The project in view.
    pub project: Project,
    /// How the screen stands to it.
    pub link: Link,
    /// Files in or above the working folder that may name a project, not yet read.
    pub local: Option<String>,
    /// Whether the demo can be started from here.
    pub demo: bool,
    /// Whether to use colours.
    pub colour: bool,
    /// What all features share.
    pub shell: Shell,
    /// Whether the terminal tells of clicks and of the wheel.
    pub mouse: bool,
    /// Keys.
    pub keymap: Keymap,
    /// The tab in view.
    pub tab: Tab,
    /// Users.
    pub users: users::Users,
    /// Buckets.
    pub buckets: buckets::State,
    /// The objects of the open bucket.
    pub objects: Option<objects::State>,
    /// Jobs.
    pub jobs: jobs::State,
    /// Activity.
    pub activity: activity::State,
    /// The connection's credentials.
    pub session: session::State,
    /// Modals, the topmost last.
    pub modals: modal::Stack,
    /// Polling.
    pub poll: Poll,
    /// How each polled tab's data stands.
    pub health: BTreeMap<Tab, Health>,
    /// The line above the key bar, and until when.
    pub notice: Option<(Notice, Duration)>,
    /// Changes under way of projects that were left.
    left: Vec<Left>,
    /// What is kept of the projects that were left.
    memories: BTreeMap<Which, Memory>,
    /// Where to go as soon as the project has told of it.
    going: Option<Place>,
    /// Whether going there has begun.
    arrived: bool,
    /// The last failure, for the raw answer.
    pub last_error: Option<crate::api::error::ApiError>,
    /// The filters of buckets, objects and activity as typed.
    filters: Filters,
    /// A filter is being typed.
    pub filtering: bool,
    /// The loop's time as of the last message.
    pub at: Duration,
    /// The size as of the last message.
    pub size: ratatui::layout::Size,
    exit: Option<Exit>,
}

impl App {
    /// The state at the start; the first [`Msg::Tick`] asks for the first page.
    pub fn new(start: Start, now: Timestamp) -> Self {
        let Start { project, connected, local, demo, colour, place, keymap, mouse } = start;
        let shell = Shell {
            which: project.which.clone(),
            name: project.name.clone(),
            reference: project.reference.clone(),
            read_only: project.read_only,
            offers: project.offers.clone(),
            tickets: Tickets::default(),
            share: Share::default(),
            shown_now: now,
        };
        let session = session::State::new(&project);
        let link = match (connected, project.unchosen) {
            (false, _) => Link::None,
            (true, true) => Link::Choose,
            (true, false) => Link::Open,
        };
        let mut activity = activity::State::default();
        activity.reaches(&project.which, &project.reach);
        let mut app = Self {
            poll: Poll::new(project.poll),
            shell,
            notice: notices(&project.notices, Duration::ZERO),
            activity,
            project,
            link,
            local,
            demo,
            colour,
            left: Vec::new(),
            memories: BTreeMap::new(),
            going: None,
            arrived: false,
            keymap,
            mouse,
            tab: Tab::Users,
            users: users::Users::default(),
            buckets: buckets::State::default(),
            objects: None,
            jobs: jobs::State::default(),
            session,
            modals: modal::Stack::default(),
            health: BTreeMap::new(),
            last_error: None,
            filters: Filters::default(),
            filtering: false,
            at: Duration::ZERO,
            size: ratatui::layout::Size::default(),
            exit: None,
        };
        app.restore(place);
        // The first screen has no line for it.
        if !connected && let Some((told, _)) = app.notice.take() {
            app.modals.push(Modal::Viewer(Viewer::text("Not connected", format!("{}.", capital(&told.text)))));
        }
        app
    }

    /// Whether the program is to end, and how.
    pub fn exit(&self) -> Option<Exit> {
        self.exit
    }

    /// The one place where anything changes.
    pub fn update(&mut self, cx: &mut Cx, msg: Msg) {
        cx.touch();
        self.at = cx.at;
        if self.size != cx.size {
            self.size = cx.size;
            self.settle();
        }
        match msg {
            Msg::Key(key) => self.noticed(cx, |app, cx| app.obey(cx, key)),
            Msg::Paste(text) => self.paste(cx, &text),
            Msg::Mouse(mouse) => self.noticed(cx, |app, cx| app.mouse(cx, mouse)),
            Msg::Resize(_) | Msg::Resumed => {}
            Msg::Focus(focused) => {
                self.poll.unfocused = if focused { None } else { self.poll.unfocused.or(Some(cx.at)) };
                if focused {
                    self.poll_again(cx);
                }
            }
            Msg::Tick => self.tick(cx),
            Msg::Answer(answer) => self.receive(cx, answer),
            Msg::Jobs(progress) => {
                if self.jobs.moved(&progress, &self.shell.which) {
                    self.poll.heard = Some(cx.at);
                }
                self.jobs_asked(cx, &progress);
                let outs = self.jobs.progress(cx, &progress);
                self.outs(cx, outs);
            }
            Msg::Asked { which, project, asked } => {
                self.activity.log(activity::Entry::of_key(cx.now, &which, &project, &asked));
            }
            Msg::Signal(signal) => self.exit = Some(Exit::Code(signal.exit_code())),
        }
        if self.tab == Tab::Users
            && geometry::split(geometry::areas(self.size).body, self.users.detail, self.shell.share).detail.is_some()
        {
            self.users.renew_facts(&self.shell);
        }
    }

    /// When the loop is to send the next [`Msg::Tick`], in its own time.
    pub fn deadline(&self) -> Option<Duration> {
        if self.link == Link::None {
            // The first tick tells the size; after it nothing moves by itself.
            return (self.size == ratatui::layout::Size::default()).then_some(self.at);
        }
        let minute = {
            let past = self.shell.shown_now.as_second().rem_euclid(60);
            self.at + Duration::from_secs((60 - past).unsigned_abs())
        };
        let poll = (self.link == Link::Open && !self.poll.paused && self.polls() && !self.polling())
            .then(|| self.health.get(&self.polled_tab()).map_or(Duration::ZERO, |health| health.due));
        let choose = (self.link == Link::Choose && !self.arrived).then_some(Duration::ZERO);
        let notice = self.notice.as_ref().map(|(_, until)| *until);
        let objects = self.objects.as_ref().and_then(objects::State::deadline);
        [
            Some(minute),
            poll,
            choose,
            notice,
            self.users.deadline(),
            self.buckets.deadline(),
            objects,
            self.age_deadline(),
        ]
        .into_iter()
        .flatten()
        .min()
    }

    /// The data's age moves in steps: when the next one is due. Where nothing is polled, when it is no longer live.
    fn age_deadline(&self) -> Option<Duration> {
        if !self.polls() {
            return Some(self.poll.heard? + self.poll.interval * 2).filter(|end| *end > self.at);
        }
        let (good, _) = self.health.get(&self.polled_tab())?.good?;
        let age = self.at.saturating_sub(good);
        let steps = [10_u64, 30, 60, 120, 240, 480].map(Duration::from_secs);
        let next = steps.into_iter().find(|step| *step > age)?;
        (next > self.poll.interval * 2).then_some(good + next)
    }

    fn tick(&mut self, cx: &mut Cx) {
        if cx.now.duration_since(self.shell.shown_now) >= SignedDuration::from_secs(60)
            || cx.now.as_second().div_euclid(60) != self.shell.shown_now.as_second().div_euclid(60)
        {
            self.shell.shown_now = cx.now;
        }
        if self.notice.as_ref().is_some_and(|(_, until)| *until <= cx.at) {
            self.notice = None;
        }
        self.users.tick(cx, &mut self.shell);
        self.buckets.tick(cx);
        if let Some(objects) = &mut self.objects {
            objects.tick(cx);
        }
        if self.link == Link::Choose && !std::mem::replace(&mut self.arrived, true) {
            self.choose(cx);
        }
        self.poll_if_due(cx);
    }

    /// The tab whose data is polled now: jobs and activity are this program's own.
    pub fn polled_tab(&self) -> Tab {
        match self.tab {
            Tab::Buckets => Tab::Buckets,
            Tab::Users | Tab::Jobs | Tab::Activity => Tab::Users,
        }
    }

    /// Whether the tab in view is polled. Jobs and activity are not: as soon as there are users, nothing is read there.
    pub fn polls(&self) -> bool {
        matches!(self.tab, Tab::Users | Tab::Buckets) || !self.users.loaded
    }

    /// Whether anything went well within two intervals.
    pub fn is_heard(&self) -> bool {
        self.poll.heard.is_some_and(|at| self.at.saturating_sub(at) < self.poll.interval * 2)
    }

    /// Whether a read of the polled tab is under way.
    fn polling(&self) -> bool {
        let tab = self.polled_tab();
        self.shell.tickets.iter().any(|open| {
            open.what.tab == tab
                && !open.what.write
                && !matches!(open.what.name, "users.view" | "users.read" | users::OPEN)
        })
    }

    fn poll_if_due(&mut self, cx: &mut Cx) {
        let due = self.health.get(&self.polled_tab()).map_or(Duration::ZERO, |health| health.due);
        let wanted = self.link == Link::Open && self.polls() && !self.poll.paused && self.exit.is_none();
        if wanted && due <= cx.at && !self.polling() {
            self.ask_now(cx);
        }
    }

    /// Asks for what is in view.
    fn ask_now(&mut self, cx: &mut Cx) {
        if !std::mem::replace(&mut self.arrived, true) {
            self.arrive(cx);
        }
        match self.polled_tab() {
            Tab::Users if !self.users.loaded => users::Users::load_first(cx, &mut self.shell),
            Tab::Users => self.users.poll(cx, &mut self.shell),
            _ => match &mut self.objects {
                Some(objects) => objects.poll(cx, &mut self.shell),
                None => self.buckets.poll(cx, &mut self.shell),
            },
        }
    }

    /// The next poll is due now.
    pub(crate) fn poll_soon(&mut self, cx: &mut Cx) {
        let tab = self.polled_tab();
        self.health.entry(tab).or_default().try_now(cx.at);
        self.poll_if_due(cx);
    }

    /// The next poll is due now, or as soon as the server allows it.
    fn poll_again(&mut self, cx: &mut Cx) {
        let tab = self.polled_tab();
        self.health.entry(tab).or_default().try_soon(cx.at);
        self.poll_if_due(cx);
    }

    /// Asks the server now, whatever is due; what is under way for this place is given up.
    pub(crate) fn ask_again(&mut self, cx: &mut Cx) {
        if self.link == Link::Choose {
            self.choose(cx);
            return;
        }
        let tab = self.polled_tab();
        self.shell.cancel(cx, tab);
        self.users.gave_up();
        self.health.entry(tab).or_default().try_now(cx.at);
        self.ask_now(cx);
    }

    /// The scopes whose keys work now.
    pub fn scopes(&self) -> &'static [Scope] {
        let first = if let Some(scope) = self.modals.scope() {
            scope
        } else if self.link == Link::None {
            Scope::First
        } else if self.filtering {
            Scope::Filter
        } else {
            match self.tab {
                Tab::Users => Scope::Users,
                Tab::Buckets if self.objects.is_some() => Scope::Objects,
                Tab::Buckets => Scope::Buckets,
                Tab::Jobs => Scope::Jobs,
                Tab::Activity => Scope::Activity,
            }
        };
        Scope::TOGETHER.iter().copied().find(|scopes| scopes.contains(&first)).unwrap_or_default()
    }

    /// Whether the detail of the list in view fills the screen and has the keys.
    pub fn is_detail_full(&self) -> bool {
        let full = match self.tab {
            Tab::Users => self.users.detail,
            Tab::Buckets => self.objects.as_ref().map_or(self.buckets.detail, |objects| objects.detail),
            Tab::Jobs => false,
            Tab::Activity => self.activity.detail,
        };
        full && self.modals.is_empty() && !self.filtering
    }

    /// Whether a detail stands beside the list in view.
    pub fn has_detail_beside(&self) -> bool {
        let list = match self.tab {
            Tab::Users | Tab::Buckets => self.link == Link::Open,
            Tab::Jobs => self.jobs.in_items,
            Tab::Activity => true,
        };
        list && self.size.width >= geometry::WIDE && !self.is_detail_full()
    }

    /// Whether a tab has a row selected.
    pub fn has_current(&self, tab: Option<Tab>) -> bool {
        match tab.unwrap_or(self.tab) {
            Tab::Users | Tab::Buckets if matches!(self.link, Link::SignedOut(_)) => false,
            Tab::Users => self.users.list.selected().is_some(),
            Tab::Buckets => match &self.objects {
                Some(objects) => objects.list.selected().is_some(),
                None => self.buckets.list.selected().is_some(),
            },
            Tab::Jobs => self.jobs.list.selected().is_some(),
            Tab::Activity => self.activity.list.selected().is_some(),
        }
    }

    /// The rows in view of the tab in view.
    pub fn height(&self) -> usize {
        usize::from(geometry::split(geometry::areas(self.size).body, false, self.shell.share).rows.height)
    }

    fn settle(&mut self) {
        let height = self.height();
        self.users.settle(height);
        self.buckets.settle(height);
        if let Some(objects) = &mut self.objects {
            objects.settle(height);
        }
        self.jobs.settle(height, self.size.width >= geometry::WIDE);
        self.activity.settle(height);
    }

    /// Tells something in the line above the key bar.
    pub(crate) fn tell(&mut self, cx: &Cx, tone: Tone, text: impl Into<String>) {
        self.notice = Some((Notice { tone, text: text.into() }, cx.at + NOTICE));
    }

    /// Tells one of our own sentences, which names keys by their operations.
    pub(crate) fn say(&mut self, cx: &Cx, tone: Tone, text: &str) {
        let text = self.keymap.say(text);
        self.tell(cx, tone, text);
    }

    /// Does what features ask of the root.
    pub(crate) fn outs(&mut self, cx: &mut Cx, outs: Vec<Out>) {
        for out in outs {
            self.out(cx, out);
        }
    }

    /// All tabs, in order.
    pub fn tabs() -> &'static [Tab] {
        Tab::VARIANTS
    }
}

/// What is to be told at the start, in one line.
fn notices(all: &[String], at: Duration) -> Option<(Notice, Duration)> {
    (!all.is_empty()).then(|| (Notice { tone: Tone::Info, text: all.join(" · ") }, at + Duration::from_secs(60)))
}
