//! A text that must not be seen: tokens, keys and passwords.

use secrecy::{ExposeSecret, SecretString};

/// A secret text: prints as `•••`, is compared by content, and is wiped when dropped.
#[derive(Clone, Default)]
pub struct Secret(SecretString);

impl Secret {
    /// Takes the text over.
    pub fn new(text: String) -> Self {
        Self(SecretString::from(text))
    }

    /// The text itself, for the one place that sends or shows it on request.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// Whether there is no text at all: such a secret is never sent.
    pub fn is_empty(&self) -> bool {
        self.expose().is_empty()
    }

    /// A text with `…` wherever this secret stands in it, be it as it is or escaped (by JSON, several times over, or by
    /// percent signs). Blanks at its ends are not looked at.
    pub fn hide_in(&self, text: String) -> String {
        // Backslashes on either side are passed over: each escaping adds some.
        let secret = self.expose().trim().replace('\\', "");
        if secret.is_empty() {
            return text;
        }
        let mut hidden = String::new();
        let mut rest = text.as_str();
        while let Some(next) = rest.chars().next() {
            // `%25` may stand for itself, or for the percent sign.
            let ends = [false, true].map(|plain| secret.chars().try_fold(rest, |rest, c| behind(rest, c, plain)));
            if let Some(after) = ends.into_iter().flatten().next() {
                hidden.push('…');
                rest = after;
            } else {
                hidden.push(next);
                rest = rest.get(next.len_utf8()..).unwrap_or_default();
            }
        }
        hidden
    }
}

/// What follows a character at the beginning of a text, escaped or not; `plain` looks at the character itself first.
fn behind(text: &str, wanted: char, plain: bool) -> Option<&str> {
    let bare = unslashed(text);
    let itself = || text.strip_prefix(wanted).or_else(|| bare.strip_prefix(wanted));
    let numbered = || {
        let (mut units, mut bytes) = ([0; 2], [0; 4]);
        let mut units = wanted.encode_utf16(&mut units).iter();
        let mut bytes = wanted.encode_utf8(&mut bytes).bytes();
        units
            .try_fold(bare, |rest, unit| number(unslashed(rest), 'u', 4, (*unit).into()))
            .or_else(|| bytes.try_fold(bare, |rest, byte| number(rest, '%', 2, byte.into())))
    };
    if plain { itself().or_else(numbered) } else { numbered().or_else(itself) }
}

/// A text from behind the backslashes at its beginning.
fn unslashed(mut text: &str) -> &str {
    while let Some(rest) = ["\\", "%5C", "%5c"].into_iter().find_map(|slash| text.strip_prefix(slash)) {
        text = rest;
    }
    text
}

/// What follows a mark and a number of so many hexadecimal digits.
fn number(text: &str, mark: char, digits: usize, wanted: u32) -> Option<&str> {
    let (number, rest) = text.strip_prefix(mark)?.split_at_checked(digits)?;
    (u32::from_str_radix(number, 16) == Ok(wanted)).then_some(rest)
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("•••")
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.expose() == other.expose()
    }
}

impl Eq for Secret {}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_nothing_of_the_text() {
        let secret = Secret::new("hunter2".into());
        assert_eq!(format!("{secret:?} {:?}", Some(&secret)), "••• Some(•••)");
        assert_eq!(secret.expose(), "hunter2");
    }

    #[test]
    fn it_is_hidden_in_a_text_however_it_is_escaped() {
        let password = "p\"a\\s & s/ü😀\\";
        let secret = Secret::new(password.into());
        let once = serde_json::Value::from(password).to_string();
        let twice = serde_json::Value::from(once.as_str()).to_string();
        let go = "p\\\"a\\\\s \\u0026 s\\/\\u00fc\\ud83d\\uDE00\\\\";
        let percent = "p%22a%5Cs%20%26%20s%2f%C3%BC%F0%9F%98%80%5C";
        for told in [password, &once, &twice, go, percent, &format!("{go}{percent}")] {
            let hidden = secret.hide_in(format!("cannot take {told}, sorry ü"));
            assert!(hidden.starts_with("cannot take ") && hidden.ends_with(", sorry ü"), "{hidden}");
            assert!(hidden.contains('…') && !hidden.contains(['p', '&', '😀']), "{hidden}");
        }
        for told in ["a%20b%25%c3%bc", "a b%25ü", "a b%ü"] {
            assert_eq!(Secret::new(" a b%ü\n".into()).hide_in(format!("x={told}&y=1")), "x=…&y=1");
        }
        assert_eq!(Secret::new("a%25b".into()).hide_in("a%25b a%2525b".into()), "… …");
        for other in ["", "p", "p\"a\\s", "%", "\\u00", "\\ud83d\\u"] {
            assert_eq!(secret.hide_in(other.into()), other);
        }
        assert_eq!(Secret::default().hide_in("text".into()), "text");
        assert_eq!(Secret::new(" \\ ".into()).hide_in("a \\ b".into()), "a \\ b");
    }
}
