//! Everything about the selected row.

use super::State;
use crate::api::model::{Entry, Row};
use crate::app::facts::{self, Fact, Mood};
use crate::text::human;

impl State {
    /// The facts of the selected row.
    pub fn facts(&self) -> Vec<Fact> {
        match self.current() {
            None => vec![Fact::note("Nothing is selected.")],
            Some((_, Row { raw, value: Err(why) })) => {
                let mut facts = vec![
                    Fact::Title("A row that cannot be read".into()),
                    Fact::Note(why.clone(), Mood::Bad),
                    Fact::Blank,
                    Fact::Section("as the server sent it"),
                ];
                facts.extend(facts::raw(raw, &[]));
                facts
            }
            Some((_, Row { raw, value: Ok(entry) })) => self.of_entry(entry, raw),
        }
    }

    fn of_entry(&self, entry: &Entry, raw: &str) -> Vec<Fact> {
        let mut facts = vec![
            Fact::Title(self.name(entry)),
            Fact::note(if entry.folder { "a folder: the part that keys share" } else { "an object" }),
            Fact::Blank,
            Fact::pair("key", entry.key.clone()),
        ];
        if !entry.folder {
            facts.push(Fact::pair(
                "size",
                entry.size.map_or_else(
                    || "not told".into(),
                    |bytes| format!("{} ({} bytes)", human::size(bytes), human::count(bytes)),
                ),
            ));
            let text = |text: &Option<String>| text.clone().unwrap_or_else(|| "—".into());
            let time = |time: Option<jiff::Timestamp>| time.map_or_else(|| "—".into(), human::exact);
            facts.push(Fact::pair("type", text(&entry.mime)));
            facts.push(Fact::pair("changed", time(entry.updated_at)));
            facts.push(Fact::pair("created", time(entry.created_at)));
            facts.push(Fact::pair("etag", text(&entry.etag)));
            facts.push(Fact::pair("id", text(&entry.id)));
        }
        facts.extend([Fact::Blank, Fact::Section("as the server sent it")]);
        facts.extend(facts::raw(raw, &[]));
        facts
    }
}
