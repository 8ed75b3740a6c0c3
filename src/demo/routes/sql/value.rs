//! SQL's values: how they compare, what text becomes them, and how they are written in an answer.

use std::cmp::Ordering;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::Fail;

const DAY_US: i64 = 86_400_000_000;
/// The largest whole number that a double holds exactly; beyond it, it goes out as text.
const SAFE: i64 = 9_007_199_254_740_991;

/// A value with its type.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Null,
    Bool(bool),
    Int(i64),
    Numeric(i128),
    /// A moment, in microseconds.
    Time(i64),
    /// A span, in microseconds.
    Span(i64),
    Uuid(Uuid),
    Text(String),
    /// A quoted literal, whose type follows from what stands beside it.
    Unknown(String),
    Json(Json),
    Row(Vec<Value>),
    List(Vec<Value>),
}

impl Value {
    /// The type's name in PostgreSQL's messages.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Null | Self::Unknown(_) => "unknown",
            Self::Bool(_) => "boolean",
            Self::Int(_) => "bigint",
            Self::Numeric(_) => "numeric",
            Self::Time(_) => "timestamp with time zone",
            Self::Span(_) => "interval",
            Self::Uuid(_) => "uuid",
            Self::Text(_) => "text",
            Self::Json(_) => "jsonb",
            Self::Row(_) => "record",
            Self::List(_) => "text[]",
        }
    }

    /// As it stands in a row of the answer.
    pub(super) fn json(self) -> Json {
        match self {
            Self::Null => Json::Null,
            Self::Bool(flag) => json!(flag),
            Self::Int(number) if (-SAFE..=SAFE).contains(&number) => json!(number),
            Self::Json(value) => value,
            Self::List(items) | Self::Row(items) => items.into_iter().map(Self::json).collect(),
            other => json!(other.text()),
        }
    }

    /// As PostgreSQL writes it as text.
    pub(super) fn text(&self) -> String {
        match self {
            Self::Null => String::new(),
            Self::Bool(flag) => flag.to_string(),
            Self::Int(number) => number.to_string(),
            Self::Numeric(number) => number.to_string(),
            Self::Time(at) => time_text(*at),
            Self::Span(us) => format!("{} seconds", us / 1_000_000),
            Self::Uuid(id) => id.to_string(),
            Self::Text(text) | Self::Unknown(text) => text.clone(),
            Self::Json(value) => json_text(value),
            Self::Row(items) | Self::List(items) => {
                let items: Vec<String> = items.iter().map(Self::text).collect();
                format!("{{{}}}", items.join(","))
            }
        }
    }

    /// A number, where it is one.
    fn number(&self) -> Option<i128> {
        match self {
            Self::Int(number) => Some((*number).into()),
            Self::Numeric(number) => Some(*number),
            _ => None,
        }
    }

    /// The value as another type, by one of its names.
    pub(super) fn cast(self, to: &str) -> Result<Self, Fail> {
        if let Some(item) = to.strip_suffix("[]") {
            return match self {
                Self::Null => Ok(Self::Null),
                Self::List(items) => {
                    items.into_iter().map(|one| one.cast(item)).collect::<Result<_, _>>().map(Self::List)
                }
                Self::Unknown(text) => {
                    let inner = text.trim().strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
                    let inner =
                        inner.ok_or_else(|| Fail::new("22P02", format!("malformed array literal: {text:?}")))?;
                    let parts = inner.split(',').filter(|part| !part.is_empty());
                    let each = parts.map(|part| Self::Unknown(part.trim_matches('"').to_owned()).cast(item));
                    each.collect::<Result<_, _>>().map(Self::List)
                }
                other => Err(other.uncast(to)),
            };
        }
        Ok(match (to, self) {
            (_, Self::Null) => Self::Null,
            ("text" | "varchar" | "character varying" | "regclass" | "name", value) => Self::Text(value.text()),
            ("uuid", Self::Text(text) | Self::Unknown(text)) => Self::Uuid(uuid(&text)?),
            ("timestamptz" | "timestamp" | "date", Self::Text(text) | Self::Unknown(text)) => Self::Time(time(&text)?),
            ("interval", Self::Text(text) | Self::Unknown(text)) => Self::Span(span(&text)?),
            ("boolean" | "bool", Self::Text(text) | Self::Unknown(text)) => Self::Bool(flag(&text)?),
            ("json" | "jsonb", Self::Text(text) | Self::Unknown(text)) => Self::Json(parse_json(&text)?),
            ("bigint" | "int8" | "integer" | "int" | "int4", Self::Text(text) | Self::Unknown(text)) => {
                Self::Int(whole(&text, "bigint")?)
            }
            ("numeric" | "decimal", Self::Text(text) | Self::Unknown(text)) => Self::Numeric(whole(&text, "numeric")?),
            ("bigint" | "int8" | "integer" | "int" | "int4", value) => match value.number() {
                Some(number) => {
                    Self::Int(i64::try_from(number).map_err(|_| Fail::new("22003", "bigint out of range"))?)
                }
                None => return Err(value.uncast(to)),
            },
            ("numeric" | "decimal", value) => match value.number() {
                Some(number) => Self::Numeric(number),
                None => return Err(value.uncast(to)),
            },
            ("uuid", value @ Self::Uuid(_))
            | ("timestamptz" | "timestamp", value @ Self::Time(_))
            | ("interval", value @ Self::Span(_))
            | ("boolean" | "bool", value @ Self::Bool(_))
            | ("json" | "jsonb", value @ Self::Json(_)) => value,
            ("date", Self::Time(at)) => Self::Time(at.div_euclid(DAY_US) * DAY_US),
            (to, value) => return Err(value.uncast(to)),
        })
    }

    fn uncast(&self, to: &str) -> Fail {
        Fail::new("42846", format!("cannot cast type {} to {to}", self.kind()))
    }

    /// A literal of no type yet, read as its neighbour's.
    fn beside(&self, other: &Self) -> Result<Self, Fail> {
        let Self::Unknown(text) = self else { return Ok(self.clone()) };
        Ok(match other {
            Self::Uuid(_) => Self::Uuid(uuid(text)?),
            Self::Time(_) => Self::Time(time(text)?),
            Self::Span(_) => Self::Span(span(text)?),
            Self::Bool(_) => Self::Bool(flag(text)?),
            Self::Int(_) => Self::Int(whole(text, "bigint")?),
            Self::Numeric(_) => Self::Numeric(whole(text, "numeric")?),
            Self::Json(_) => Self::Json(parse_json(text)?),
            _ => Self::Text(text.clone()),
        })
    }

    /// Their order; none where one is null.
    pub(super) fn compare(&self, other: &Self, sign: &str) -> Result<Option<Ordering>, Fail> {
        if let (Self::Row(a), Self::Row(b)) = (self, other) {
            if a.len() != b.len() {
                return Err(Fail::new("42601", "unequal number of entries in row expressions"));
            }
            let mut order = Some(Ordering::Equal);
            for (a, b) in a.iter().zip(b) {
                let one = a.compare(b, sign)?;
                if order == Some(Ordering::Equal) {
                    order = one;
                }
            }
            return Ok(order);
        }
        if *self == Self::Null || *other == Self::Null {
            return Ok(None);
        }
        let (a, b) = (self.beside(other)?, other.beside(self)?);
        if let (Some(a), Some(b)) = (a.number(), b.number()) {
            return Ok(Some(a.cmp(&b)));
        }
        Ok(Some(match (&a, &b) {
            (Self::Bool(a), Self::Bool(b)) => a.cmp(b),
            (Self::Time(a), Self::Time(b)) | (Self::Span(a), Self::Span(b)) => a.cmp(b),
            (Self::Uuid(a), Self::Uuid(b)) => a.cmp(b),
            (Self::Text(a), Self::Text(b)) => a.cmp(b),
            (Self::Json(a), Self::Json(b)) if a == b => Ordering::Equal,
            (Self::Json(a), Self::Json(b)) => json_text(a).cmp(&json_text(b)),
            (Self::List(a), Self::List(b)) => return Self::Row(a.clone()).compare(&Self::Row(b.clone()), sign),
            _ => return Err(no_operator(&a, sign, &b)),
        }))
    }

    /// `+`, `-`, `*`, `/` and `||`.
    pub(super) fn combine(self, sign: &str, other: Self) -> Result<Self, Fail> {
        if self == Self::Null || other == Self::Null {
            return Ok(Self::Null);
        }
        let (a, b) = (self.beside(&other)?, other.beside(&self)?);
        let out_of_range = || Fail::new("22003", "bigint out of range");
        if let (Some(x), Some(y)) = (a.number(), b.number()) {
            let done = match sign {
                "+" => x.checked_add(y),
                "-" => x.checked_sub(y),
                "*" => x.checked_mul(y),
                "/" if y == 0 => return Err(Fail::new("22012", "division by zero")),
                "/" => x.checked_div(y),
                _ => return Err(no_operator(&a, sign, &b)),
            };
            let done = done.ok_or_else(out_of_range)?;
            let both = matches!((&a, &b), (Self::Int(_), Self::Int(_)));
            return if both {
                i64::try_from(done).map(Self::Int).map_err(|_| out_of_range())
            } else {
                Ok(Self::Numeric(done))
            };
        }
        let moved = match (sign, &a, &b) {
            ("+", Self::Time(at), Self::Span(by)) | ("+", Self::Span(by), Self::Time(at)) => {
                at.checked_add(*by).map(Self::Time)
            }
            ("-", Self::Time(at), Self::Span(by)) => at.checked_sub(*by).map(Self::Time),
            ("-", Self::Time(at), Self::Time(before)) => at.checked_sub(*before).map(Self::Span),
            ("||", Self::Text(_), _) | ("||", _, Self::Text(_)) => Some(Self::Text(a.text() + &b.text())),
            _ => return Err(no_operator(&a, sign, &b)),
        };
        moved.ok_or_else(out_of_range)
    }

    /// `->` and `->>`.
    pub(super) fn member(self, sign: &str, key: &Self) -> Result<Self, Fail> {
        let found = match (&self, key) {
            (Self::Json(Json::Array(items)), Self::Int(at)) => usize::try_from(*at).ok().and_then(|at| items.get(at)),
            (Self::Json(value), Self::Text(key) | Self::Unknown(key)) => value.get(key),
            (Self::Null, _) | (_, Self::Null) | (Self::Json(_), Self::Int(_)) => None,
            _ => return Err(no_operator(&self, sign, key)),
        };
        Ok(match found {
            Some(value) if sign == "->" => Self::Json(value.clone()),
            None | Some(Json::Null) => Self::Null,
            Some(Json::String(text)) => Self::Text(text.clone()),
            Some(value) => Self::Text(json_text(value)),
        })
    }
}

/// What PostgreSQL says where an operator does not take the types.
pub(super) fn no_operator(a: &Value, sign: &str, b: &Value) -> Fail {
    Fail::new("42883", format!("operator does not exist: {} {sign} {}", a.kind(), b.kind()))
}

fn bad(kind: &str, text: &str) -> Fail {
    Fail::new("22P02", format!("invalid input syntax for type {kind}: \"{text}\""))
}

fn uuid(text: &str) -> Result<Uuid, Fail> {
    Uuid::parse_str(text.trim()).map_err(|_| bad("uuid", text))
}

fn whole<N: std::str::FromStr>(text: &str, kind: &str) -> Result<N, Fail> {
    text.trim().parse().map_err(|_| bad(kind, text))
}

fn parse_json(text: &str) -> Result<Json, Fail> {
    serde_json::from_str(text).map_err(|_| bad("json", text))
}

fn flag(text: &str) -> Result<bool, Fail> {
    match text.trim().to_ascii_lowercase().as_str() {
        "true" | "t" | "yes" | "y" | "on" | "1" => Ok(true),
        "false" | "f" | "no" | "n" | "off" | "0" => Ok(false),
        _ => Err(bad("boolean", text)),
    }
}

/// A moment: PostgreSQL's form or RFC 3339, with or without an offset (then UTC), or a day.
fn time(text: &str) -> Result<i64, Fail> {
    let wrong = || Fail::new("22007", format!("invalid input syntax for type timestamp with time zone: \"{text}\""));
    let clean = text.trim().replacen(' ', "T", 1);
    let (day, clock) = clean.split_once('T').unwrap_or((&clean, "00:00:00Z"));
    let clock = match clock.rfind(['+', '-']) {
        Some(at) if clock.len() - at == 3 => format!("{clock}:00"),
        None if !clock.ends_with(['Z', 'z']) => format!("{clock}Z"),
        _ => clock.to_owned(),
    };
    format!("{day}T{clock}").parse::<Timestamp>().map(Timestamp::as_microsecond).map_err(|_| wrong())
}

/// A span such as `30 days` or `1 hour 30 minutes`; a month has 30 days, a year 365.
fn span(text: &str) -> Result<i64, Fail> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let wrong = || bad("interval", text);
    let each = words.chunks(2).map(|pair| {
        let [count, unit] = pair else { return Err(wrong()) };
        let count: i64 = count.parse().map_err(|_| wrong())?;
        let unit = match unit.to_ascii_lowercase().trim_end_matches('s') {
            "second" | "sec" => 1_000_000,
            "minute" | "min" => 60_000_000,
            "hour" => 3_600_000_000,
            "day" => DAY_US,
            "week" => 7 * DAY_US,
            "month" | "mon" => 30 * DAY_US,
            "year" => 365 * DAY_US,
            _ => return Err(wrong()),
        };
        count.checked_mul(unit).ok_or_else(wrong)
    });
    each.sum::<Result<i64, Fail>>().and_then(|sum| if words.is_empty() { Err(wrong()) } else { Ok(sum) })
}

/// `2026-11-24 13:34:06.608538+00`: as many digits as needed.
fn time_text(us: i64) -> String {
    let Ok(at) = Timestamp::from_microsecond(us) else { return "infinity".to_owned() };
    let at = TimeZone::UTC.to_datetime(at);
    format!("{} {}+00", at.date(), at.time())
}

/// JSON as `jsonb` writes it: a blank after each comma and colon.
fn json_text(value: &Json) -> String {
    match value {
        Json::Array(items) => {
            let items: Vec<String> = items.iter().map(json_text).collect();
            format!("[{}]", items.join(", "))
        }
        Json::Object(map) => {
            let pairs: Vec<String> =
                map.iter().map(|(key, value)| format!("{}: {}", json!(key), json_text(value))).collect();
            format!("{{{}}}", pairs.join(", "))
        }
        other => other.to_string(),
    }
}
