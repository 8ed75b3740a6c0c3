//! Figures, sizes, times and durations as people read and write them.

use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;

#[cfg(test)]
mod tests;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;
const NINETY_DAYS: u64 = 90 * DAY;
/// From here on a date says more than an age.
const DATE_AFTER: u64 = 60 * DAY;

/// A text that is no size or duration.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// Not a number with a unit of bytes.
    #[error("`{0}` is not a size: write a number and B, KiB, MiB, GiB or TiB, such as 50MiB")]
    Size(String),
    /// Not a number with a unit of time.
    #[error("`{0}` is not a duration: write a number and ms, s, m, h or d, such as 5s")]
    Duration(String),
}

/// The text with its first letter a capital: what stands in the middle of a sentence, at its beginning.
pub fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// `12,345`.
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Bytes by 1,024: `52 B`, `2.4 MiB`, `80 KiB`.
pub fn size(bytes: u64) -> String {
    const UNITS: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    let mut value = bytes as f64;
    let mut name = "B";
    for unit in UNITS {
        value /= 1024.0;
        name = unit;
        if value < 1023.5 {
            break;
        }
    }
    if value < 9.95 { format!("{value:.1} {name}") } else { format!("{value:.0} {name}") }
}

/// Bytes a second: `2.4 MiB/s`.
pub fn rate(bytes_per_second: f64) -> String {
    format!("{}/s", size(bytes_per_second.max(0.0) as u64))
}

/// A length of time in at most two units: `45 s`, `2 m 10 s`, `3 h`, `2 d 4 h`; from 90 days on in days alone.
pub fn span(time: Duration) -> String {
    let seconds = time.as_secs();
    let (large, unit, small, rest) = match seconds {
        0..MINUTE => return format!("{seconds} s"),
        MINUTE..HOUR => (seconds / MINUTE, "m", seconds % MINUTE, "s"),
        HOUR..DAY => (seconds / HOUR, "h", seconds % HOUR / MINUTE, "m"),
        DAY..NINETY_DAYS => (seconds / DAY, "d", seconds % DAY / HOUR, "h"),
        _ => return format!("{} d", count(seconds / DAY)),
    };
    if small == 0 { format!("{large} {unit}") } else { format!("{large} {unit} {small} {rest}") }
}

/// How long ago, in steps: `now`, `5 m ago`, `3 h ago`, `12 d ago`, a date beyond 60 days; `in 2 d` for what is to come.
pub fn ago(now: Timestamp, then: Timestamp) -> String {
    let seconds = now.as_second().saturating_sub(then.as_second());
    let step = match seconds.unsigned_abs() {
        0..MINUTE => return "now".to_owned(),
        away @ MINUTE..HOUR => format!("{} m", away / MINUTE),
        away @ HOUR..DAY => format!("{} h", away / HOUR),
        away @ DAY..DATE_AFTER => format!("{} d", away / DAY),
        _ => return day(then),
    };
    if seconds < 0 { format!("in {step}") } else { format!("{step} ago") }
}

/// `2026-03-01`, UTC.
pub fn day(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d").to_string()
}

/// `2026-03-01 09:12:44 UTC`.
pub fn exact(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// `09:12:44` in this machine's time zone.
pub fn clock(time: Timestamp) -> String {
    time.to_zoned_datetime(TimeZone::system()).strftime("%H:%M:%S").to_string()
}

/// Two significant digits: `0.42 ms`, `4.1 ms`, `42 ms`, `340 ms`, `1.2 s`.
pub fn latency(time: Duration) -> String {
    let milliseconds = time.as_secs_f64() * 1000.0;
    match milliseconds {
        ..0.995 => format!("{milliseconds:.2} ms"),
        ..9.95 => format!("{milliseconds:.1} ms"),
        ..99.5 => format!("{milliseconds:.0} ms"),
        ..995.0 => format!("{:.0} ms", (milliseconds / 10.0).round() * 10.0),
        ..9_950.0 => format!("{:.1} s", milliseconds / 1000.0),
        _ => format!("{:.0} s", milliseconds / 1000.0),
    }
}

/// `50MiB`, `2 GiB`, `1.5kb`, `500` in bytes. KiB and a bare K count 1,024, KB counts 1,000; case does not matter.
pub fn parse_size(text: &str) -> Result<u64, ParseError> {
    let wrong = || ParseError::Size(text.to_owned());
    let (number, unit) = split(text).ok_or_else(wrong)?;
    let factor = match unit.as_str() {
        "" | "b" => 1,
        "k" | "kib" => 1 << 10,
        "m" | "mib" => 1 << 20,
        "g" | "gib" => 1 << 30,
        "t" | "tib" => 1 << 40,
        "kb" => 1_000,
        "mb" => 1_000_000,
        "gb" => 1_000_000_000,
        "tb" => 1_000_000_000_000_u64,
        _ => return Err(wrong()),
    };
    if let Ok(whole) = number.parse::<u64>() {
        return whole.checked_mul(factor).ok_or_else(wrong);
    }
    let bytes = number.parse::<f64>().map_err(|_| wrong())? * factor as f64;
    if bytes < u64::MAX as f64 { Ok(bytes.round() as u64) } else { Err(wrong()) }
}

/// `150ms`, `5s`, `2 m`, `1.5h`, `1d`; a bare number is seconds.
pub fn parse_duration(text: &str) -> Result<Duration, ParseError> {
    let wrong = || ParseError::Duration(text.to_owned());
    let (number, unit) = split(text).ok_or_else(wrong)?;
    let factor = match unit.as_str() {
        "ms" => 0.001,
        "" | "s" => 1.0,
        "m" | "min" => MINUTE as f64,
        "h" => HOUR as f64,
        "d" => DAY as f64,
        _ => return Err(wrong()),
    };
    let seconds = number.parse::<f64>().map_err(|_| wrong())? * factor;
    Duration::try_from_secs_f64(seconds).map_err(|_| wrong())
}

/// A number of digits and at most one point, and the unit in lower case.
fn split(text: &str) -> Option<(&str, String)> {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at_checked(end)?;
    number.starts_with(|c: char| c.is_ascii_digit()).then(|| (number, unit.trim().to_ascii_lowercase()))
}
