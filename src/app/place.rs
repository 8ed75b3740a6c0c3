//! A place inside a project, as one names it behind the project's name: `buckets/B/PREFIX`, `users/ID`, or a tab.

use std::fmt;

use strum::VariantArray;

use super::tab::Tab;
use crate::api::model::UserId;

/// A place inside a project. Names are taken as they are, without any encoding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A tab with its list.
    Tab(Tab),
    /// The objects of a bucket, below a folder.
    Bucket {
        /// The bucket's id; it holds no `/`.
        bucket: String,
        /// `""` for the root, else ends in `/`.
        prefix: String,
    },
    /// All about a user.
    User(UserId),
}

impl Place {
    /// Reads a place; nothing at all is no place.
    ///
    /// # Errors
    /// What is allowed: the end of a sentence that begins with the place.
    pub fn parse(text: &str) -> Result<Option<Self>, &'static str> {
        let (list, rest) = text.split_once('/').unwrap_or((text, ""));
        if list.is_empty() && rest.is_empty() {
            return Ok(None);
        }
        let tab = Tab::VARIANTS.iter().copied().find(|tab| tab.title().to_lowercase() == list);
        let tab = tab.ok_or("is no place: it is buckets/NAME/FOLDER or users/ID")?;
        match (tab, rest) {
            (tab, "") => Ok(Some(Self::Tab(tab))),
            (Tab::Buckets, rest) => {
                let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
                if bucket.is_empty() {
                    return Err("names no bucket: it is buckets/NAME/FOLDER");
                }
                let end = if prefix.is_empty() || prefix.ends_with('/') { "" } else { "/" };
                Ok(Some(Self::Bucket { bucket: bucket.to_owned(), prefix: format!("{prefix}{end}") }))
            }
            (Tab::Users, id) => {
                let id = id.parse().map_err(|_| "names no user: it is users/ID, the id being a UUID")?;
                Ok(Some(Self::User(UserId(id))))
            }
            _ => Err("is no place: it is buckets/NAME/FOLDER or users/ID"),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tab(tab) => f.write_str(&tab.title().to_lowercase()),
            Self::Bucket { bucket, prefix } => write!(f, "buckets/{bucket}/{prefix}"),
            Self::User(id) => write!(f, "users/{}", id.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_read_as_they_are_written() {
        let bucket = |bucket: &str, prefix: &str| Place::Bucket { bucket: bucket.into(), prefix: prefix.into() };
        for (text, place) in [
            ("users", Place::Tab(Tab::Users)),
            ("buckets/", Place::Tab(Tab::Buckets)),
            ("buckets/avatars", bucket("avatars", "")),
            ("buckets/avatars/", bucket("avatars", "")),
            ("buckets/avatars/2026/summer", bucket("avatars", "2026/summer/")),
            ("buckets/avatars/2026/summer/", bucket("avatars", "2026/summer/")),
            ("buckets/avatars//odd", bucket("avatars", "/odd/")),
            ("buckets/a%20b ü\u{1b}[m/c d", bucket("a%20b ü\u{1b}[m", "c d/")),
            ("buckets/../x", bucket("..", "x/")),
        ] {
            let read = Place::parse(text).unwrap().unwrap();
            assert_eq!(read, place, "{text}");
            assert_eq!(Place::parse(&read.to_string()), Ok(Some(place)), "{text}");
        }
        let user = Place::parse("users/3f2a8c1e-0000-4000-8000-00000000002a").unwrap().unwrap();
        assert_eq!(user.to_string(), "users/3f2a8c1e-0000-4000-8000-00000000002a");
        assert_eq!(Place::parse(""), Ok(None));
        assert_eq!(Place::parse("/"), Ok(None));
    }

    #[test]
    fn what_is_no_place_is_refused() {
        for text in ["users/ada@example.com", "buckets//x", "tables", "/users", "jobs/1", "users/\u{202e}", "Users"] {
            assert!(Place::parse(text).is_err(), "{text}");
        }
    }
}
