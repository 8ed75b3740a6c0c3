//! What the servers accept: addresses, phones, durations, object keys, content types.

use jiff::SignedDuration;

use super::errors::AuthError;

/// The most bytes of a password that its hash takes.
pub(super) const PASSWORD_BYTES: usize = 72;
/// The most bytes of a JSON body.
pub(super) const JSON_BYTES: usize = 1024 * 1024;
/// The file that keeps an empty folder alive.
pub(super) const PLACEHOLDER: &str = ".emptyFolderPlaceholder";
/// The most bytes of a segment of a key that the file store can hold.
const SEGMENT_BYTES: usize = 255;

/// An email as GoTrue keeps it: lower-cased, not trimmed.
pub(super) fn email(text: &str) -> Result<String, AuthError> {
    if text.len() > 255 {
        return Err(AuthError::invalid("An email address is too long"));
    }
    let local = |c: char| c.is_ascii_alphanumeric() || ".!#$%&'*+/=?^_`{|}~-".contains(c);
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    match text.split_once('@') {
        Some((name, host)) if !name.is_empty() && name.chars().all(local) && host.split('.').all(label) => {
            Ok(text.to_ascii_lowercase())
        }
        _ => Err(AuthError::invalid("Unable to validate email address: invalid format")),
    }
}

/// A phone as GoTrue keeps it: E.164 digits, without `+` and blanks.
pub(super) fn phone(text: &str) -> Result<String, AuthError> {
    let digits = text.replace(' ', "");
    let digits = digits.strip_prefix('+').unwrap_or(&digits);
    let ok = (2..=15).contains(&digits.len())
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && !digits.starts_with('0');
    if ok { Ok(digits.to_owned()) } else { Err(AuthError::invalid("Invalid phone number format (E.164 required)")) }
}

/// A duration as Go reads it (`"1h30m"`, `"-1.5h"`; units ns to h), or Go's words of refusal.
pub(super) fn go_duration(text: &str) -> Result<SignedDuration, String> {
    let invalid = || format!("time: invalid duration {text:?}");
    let (sign, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (-1.0, rest),
        None => (1.0, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Ok(SignedDuration::ZERO);
    }
    if rest.is_empty() {
        return Err(invalid());
    }
    let mut seconds = 0.0;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let (number, tail) = rest.split_at(end);
        let number: f64 = number.parse().map_err(|_| invalid())?;
        let end = tail.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(end);
        seconds += number
            * match unit {
                "ns" => 1e-9,
                "us" | "µs" | "μs" => 1e-6,
                "ms" => 1e-3,
                "s" => 1.0,
                "m" => 60.0,
                "h" => 3_600.0,
                "" => return Err(format!("time: missing unit in duration {text:?}")),
                _ => return Err(format!("time: unknown unit {unit:?} in duration {text:?}")),
            };
        rest = tail;
    }
    // Go counts nanoseconds in 64 bits.
    if seconds > 9.2e9 {
        return Err(invalid());
    }
    SignedDuration::try_from_secs_f64(sign * seconds).map_err(|_| invalid())
}

/// Why an object's key is not taken.
pub(super) enum BadKey {
    /// A character or a segment that no store takes.
    Invalid,
    /// A segment too long for the file store.
    TooLong,
}

/// Whether Storage takes an object's key.
pub(super) fn object_key(key: &str) -> Result<(), BadKey> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "_/!-.*'() &$@=;:+,?".contains(c);
    if key.is_empty() || !key.chars().all(allowed) || key.split('/').any(|part| part == "." || part == "..") {
        return Err(BadKey::Invalid);
    }
    if key.split('/').any(|part| part.len() > SEGMENT_BYTES) {
        return Err(BadKey::TooLong);
    }
    Ok(())
}

/// Whether a content type is among a bucket's; `image/*` stands for all of its kind, parameters do not count.
pub(super) fn mime_allowed(allowed: Option<&[String]>, mime: &str) -> bool {
    let Some(allowed) = allowed.filter(|allowed| !allowed.is_empty()) else { return true };
    let mime = mime.split(';').next().unwrap_or("").trim().to_ascii_lowercase();
    allowed.iter().any(|entry| match entry.strip_suffix("/*") {
        Some("*") => true,
        Some(kind) => mime.split('/').next() == Some(kind),
        None => entry.eq_ignore_ascii_case(&mime),
    })
}

/// Whether `text` contains `pattern`, in which `%` is any text and `_` any character (SQL's `like '%…%'`).
pub(super) fn like(pattern: &str, text: &str) -> bool {
    if !pattern.contains(['%', '_']) {
        return text.contains(pattern);
    }
    let (pattern, text): (Vec<char>, Vec<char>) = (format!("%{pattern}%").chars().collect(), text.chars().collect());
    let (mut p, mut t) = (0, 0);
    // Where the last `%` stands, and how far the text was then.
    let mut retry: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some('%') => {
                retry = Some((p, t));
                p += 1;
            }
            Some('_') => {
                p += 1;
                t += 1;
            }
            Some(c) if text.get(t) == Some(c) => {
                p += 1;
                t += 1;
            }
            _ => {
                let Some((star, from)) = retry else { return false };
                retry = Some((star, from + 1));
                p = star + 1;
                t = from + 1;
            }
        }
    }
    pattern.get(p..).is_some_and(|rest| rest.iter().all(|c| *c == '%'))
}
