//! Places: where the screen stands, so that one can come back to it, and going to one as soon as its project answers.

use tui_input::Input;

use super::cx::Cx;
use super::place::Place;
use super::project::{Memory, View};
use super::shell::Tone;
use super::tab::Tab;
use super::{App, objects};
use crate::api::error::Kind;
use crate::api::model::Bucket;
use crate::api::route::Route;

impl App {
    /// The place in view.
    fn place(&self) -> Place {
        match (self.tab, &self.objects, self.users.list.selected()) {
            _ if self.going.is_some() => self.going.clone().unwrap_or(Place::Tab(self.tab)),
            (Tab::Buckets, Some(objects), _) => {
                Place::Bucket { bucket: objects.bucket.id.0.clone(), prefix: objects.prefix.clone() }
            }
            (Tab::Users, _, Some(id)) if self.users.detail => Place::User(*id),
            (tab, ..) => Place::Tab(tab),
        }
    }

    /// What is kept of the project in view.
    pub(super) fn memory(&self, now: jiff::Timestamp) -> Memory {
        let sort = self.users.query.sort;
        let filter = |filter: &str| filter.to_owned();
        Memory {
            opened: Some(now),
            place: Some(self.place()),
            share: self.shell.share,
            users: View {
                sort: Some((sort.column.name().into(), sort.descending)),
                filter: filter(self.users.filter.value()),
            },
            buckets: View {
                sort: Some((self.buckets.sort.0.title().into(), self.buckets.sort.1)),
                filter: filter(self.filters.buckets.value()),
            },
            objects: self.objects.as_ref().map_or_else(
                || self.project.memory.objects.clone(),
                |objects| View {
                    sort: Some((objects.sort.0.title().into(), objects.sort.1)),
                    filter: filter(self.filters.objects.value()),
                },
            ),
        }
    }

    /// Takes widths, order and filters of the lists as they were left, and notes where to go.
    pub(super) fn restore(&mut self, asked: Option<Place>) {
        self.going.clone_from(&asked);
        self.shell.share = self.project.memory.share;
        // Whoever names a place wants nothing that was left elsewhere.
        if asked.is_none() {
            let memory = &self.project.memory;
            self.users.restore(&memory.users);
            self.buckets.restore(&memory.buckets);
            self.filters.buckets = Input::new(memory.buckets.filter.clone());
            self.going.clone_from(&memory.place);
        }
        match self.going {
            Some(Place::Tab(tab)) => {
                self.tab = tab;
                self.going = None;
            }
            Some(Place::Bucket { .. }) => self.tab = Tab::Buckets,
            Some(Place::User(_)) => self.tab = Tab::Users,
            None => {}
        }
    }

    /// The project answers from now on: the user one goes to is read at once; a bucket waits for the list of them.
    pub(super) fn arrive(&mut self, cx: &mut Cx) {
        if let Some(Place::User(id)) = self.going
            && self.shell.offers(Route::UserGet, cx.now)
        {
            self.users.read_first(cx, &mut self.shell, id);
        }
    }

    /// An answer may have brought what one goes to, or that there is no such thing.
    pub(super) fn go_on(&mut self, cx: &mut Cx) {
        let Some(going) = self.going.clone() else { return };
        match going {
            Place::Tab(_) => self.going = None,
            Place::User(_) if self.tab != Tab::Users => self.going = None,
            Place::Bucket { .. } if self.tab != Tab::Buckets => self.going = None,
            Place::User(id) => {
                if self.users.go_to(cx, id) {
                    self.going = None;
                } else if self.users.loaded && !self.shell.offers(Route::UserGet, cx.now) {
                    self.going = None;
                    let text = format!("No door here reads one user, and {} is not among those loaded.", id.0);
                    self.tell(cx, Tone::Bad, text);
                }
            }
            Place::Bucket { bucket, prefix } => match &self.objects {
                None => self.go_to_bucket(cx, &bucket, prefix),
                Some(objects) if objects.bucket.id.0 != bucket || objects.prefix != prefix => self.going = None,
                Some(objects) if !objects.loaded => {}
                Some(objects) => {
                    self.going = None;
                    if objects.is_empty() && !prefix.is_empty() && objects.filter().is_empty() {
                        self.objects = Some(objects::State::new(objects.bucket.clone()));
                        self.tell(cx, Tone::Bad, format!("There is nothing below {prefix} in the bucket {bucket}."));
                        self.settle();
                        self.poll_soon(cx);
                    }
                }
            },
        }
    }

    fn go_to_bucket(&mut self, cx: &mut Cx, name: &str, prefix: String) {
        if !self.buckets.loaded {
            return;
        }
        let found: Option<Bucket> = self.buckets.buckets().find(|bucket| bucket.id.0 == name).cloned();
        let can = self.shell.offers(Route::ObjectsList, cx.now) || self.shell.offers(Route::ObjectsListV1, cx.now);
        match found {
            Some(bucket) if can => {
                let mut objects = objects::State::new(bucket);
                objects.prefix = prefix;
                let view = self.project.memory.objects.clone();
                // Another place than the one that was left begins as any other.
                if self.project.memory.place == self.going {
                    objects.restore(&view);
                    self.filters.objects = Input::new(view.filter);
                }
                self.objects = Some(objects);
                self.settle();
                self.poll_soon(cx);
            }
            Some(_) => {
                self.going = None;
                self.tell(cx, Tone::Bad, "No door of this project lists objects: these are its buckets.");
            }
            None => {
                self.going = None;
                self.tell(cx, Tone::Bad, format!("There is no bucket {name} in {}.", self.shell.name));
            }
        }
    }

    /// The user one goes to could not be read.
    pub(super) fn cannot_go(&mut self, cx: &Cx, error: &crate::api::error::ApiError) {
        let Some(Place::User(id)) = self.going.take() else { return };
        self.users.detail = false;
        let text = match error.kind {
            Kind::NotFound => format!("There is no user {} in {}.", id.0, self.shell.name),
            _ => error.sentence(),
        };
        self.tell(cx, Tone::Bad, text);
    }
}
