//! All about the selected item of the selected job: what became of it, and what the server answered.

use super::State;
use crate::api::error::ApiError;
use crate::app::facts::{self, Fact, Mood};
use crate::app::modal::{Modal, Row, Viewer};
use crate::text::human;
use crate::work::outcome::{ItemState, Outcome};
use crate::work::plan::Item;

impl State {
    /// The selected item, while one is in the items.
    fn item(&self) -> Option<(&Item, &ItemState, Option<&ApiError>)> {
        let job = self.current().filter(|_| self.in_items)?;
        let at = self.items.at();
        Some((job.plan.items.get(at)?, job.states.get(at)?, self.answers.get(&(job.id, at))))
    }

    /// The facts of the selected item: the sentence first. Its word stands in the list beside.
    pub fn facts(&self) -> Vec<Fact> {
        let Some((item, state, answer)) = self.item() else { return Vec::new() };
        let why = state.outcome().and_then(Outcome::sentence).unwrap_or_else(|| state.word().into());
        let mut facts = vec![Fact::Note(format!("{} {why}", state.glyph()), mood(state)), Fact::Blank];
        facts.extend(pairs(item).map(|(label, value)| Fact::Pair(label, value)));
        if let Some(raw) = raw_of(answer) {
            facts.extend([Fact::Blank, Fact::Section("raw answer")]);
            facts.extend(facts::raw(raw, &[]));
        }
        facts
    }

    /// The same to be read at leisure.
    pub(super) fn item_viewer(&self) -> Option<Box<Modal>> {
        let (item, state, answer) = self.item()?;
        let mut rows = vec![Row::Text(sentence(state)), Row::Text(" ".into())];
        rows.extend(pairs(item).map(|(label, value)| Row::Pair(label.into(), value)));
        if let Some(raw) = raw_of(answer) {
            rows.extend([Row::Heading("raw answer".into()), Row::Text(raw.into())]);
        }
        Some(Box::new(Modal::Viewer(Viewer::new("Item", rows))))
    }

    /// The sentence of the selected item and the raw answer behind it, where it failed.
    pub fn raw(&self) -> Option<String> {
        let (_, state, answer) = self.item()?;
        state.outcome().filter(|outcome| !outcome.is_done())?;
        let raw = raw_of(answer).unwrap_or("(there was no answer, or it is no longer kept)");
        Some(format!("{}\n\n{raw}", sentence(state)))
    }
}

fn raw_of(answer: Option<&ApiError>) -> Option<&str> {
    answer?.raw.as_deref().filter(|raw| !raw.is_empty())
}

fn sentence(state: &ItemState) -> String {
    let why = state.outcome().and_then(Outcome::sentence).map(|why| format!(": {why}")).unwrap_or_default();
    format!("{} {}{why}", state.glyph(), state.word())
}

fn pairs(item: &Item) -> impl Iterator<Item = (&'static str, String)> {
    [
        ("file", item.source.display().to_string()),
        ("key", item.key.clone()),
        ("size", human::size(item.size)),
        ("type", item.mime.clone()),
    ]
    .into_iter()
}

const fn mood(state: &ItemState) -> Mood {
    match state {
        ItemState::Ended(Outcome::Done { .. }) => Mood::Good,
        ItemState::Ended(Outcome::Unknown { .. } | Outcome::Stopped) => Mood::Warn,
        ItemState::Ended(Outcome::AlreadySo) | ItemState::Waiting => Mood::Dim,
        ItemState::Ended(_) => Mood::Bad,
        ItemState::Sending | ItemState::SentWaiting => Mood::Plain,
    }
}
