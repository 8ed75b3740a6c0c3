//! Everything about the selected bucket, unknown fields included.

use super::State;
use crate::api::model::{Bucket, Row};
use crate::app::facts::{self, Fact, Mood};
use crate::text::human;

/// The fields that have a line of their own; the others are shown as the server sent them.
const KNOWN: [&str; 8] =
    ["id", "name", "public", "type", "file_size_limit", "allowed_mime_types", "created_at", "updated_at"];

impl State {
    /// The facts of the selected row.
    pub fn facts(&self) -> Vec<Fact> {
        match self.current() {
            None => vec![Fact::note("No bucket is selected.")],
            Some(Row { raw, value: Err(why) }) => {
                let mut facts = vec![
                    Fact::Title("A row that cannot be read".into()),
                    Fact::Note(why.clone(), Mood::Bad),
                    Fact::Blank,
                    Fact::Section("as the server sent it"),
                ];
                facts.extend(facts::raw(raw, &[]));
                facts
            }
            Some(Row { raw, value: Ok(bucket) }) => self.of_bucket(bucket, raw),
        }
    }

    fn of_bucket(&self, bucket: &Bucket, raw: &str) -> Vec<Fact> {
        let access = if bucket.public {
            Fact::Note("◍ public: anybody who knows an address can read it".into(), Mood::Warn)
        } else {
            Fact::note("· private: reading needs a key or a signed link")
        };
        let name = if bucket.name.is_empty() { &bucket.id.0 } else { &bucket.name };
        let mut facts = vec![Fact::Title(name.clone()), access, Fact::Blank, Fact::pair("id", bucket.id.0.clone())];
        if let Some(kind) = &bucket.kind {
            facts.push(Fact::pair("type", kind.clone()));
        }
        facts.push(Fact::pair(
            "size limit",
            match bucket.file_size_limit {
                Some(bytes) => format!("{} ({} bytes)", human::size(bytes), human::count(bytes)),
                None => "the server's own, often 50 MiB".into(),
            },
        ));
        let types = bucket.allowed_mime_types.as_deref().unwrap_or_default();
        facts.push(Fact::pair("types", if types.is_empty() { "any".into() } else { types.join(", ") }));
        let time = |time: Option<jiff::Timestamp>| time.map_or_else(|| "—".into(), human::exact);
        facts.push(Fact::pair("created", time(bucket.created_at)));
        facts.push(Fact::pair("updated", time(bucket.updated_at)));
        facts.extend([Fact::Blank, Fact::Section("objects")]);
        facts.push(if self.can_list {
            Fact::note("Opening the bucket lists them.")
        } else {
            Fact::Note(
                "This door cannot list objects: connect through the project's gateway with its service key.".into(),
                Mood::Warn,
            )
        });
        let more = facts::raw(raw, &KNOWN);
        if !more.is_empty() {
            facts.extend([Fact::Blank, Fact::Section("more fields")]);
            facts.extend(more);
        }
        facts
    }
}
