//! What operators, conditions and functions make of values.

use std::cmp::Ordering;

use serde_json::Value as Json;

use super::Fail;
use super::value::Value;

/// What a database of this demo weighs, whatever is in it.
const DATABASE_BYTES: i64 = 19_365_223;

/// An operator between two values.
pub(super) fn binary(sign: &str, a: Value, b: Value) -> Result<Value, Fail> {
    let flag = |is: Option<bool>| is.map_or(Value::Null, Value::Bool);
    Ok(match sign {
        "and" | "or" => {
            let decides = sign == "or";
            let (a, b) = (truth(a, sign)?, truth(b, sign)?);
            if a == Some(decides) || b == Some(decides) { Value::Bool(decides) } else { flag(a.and(b)) }
        }
        "->" | "->>" => a.member(sign, &b)?,
        "+" | "-" | "*" | "/" | "||" => a.combine(sign, b)?,
        _ => flag(a.compare(&b, sign)?.map(|order| match sign {
            "=" => order.is_eq(),
            "<" => order.is_lt(),
            ">" => order.is_gt(),
            "<=" => order.is_le(),
            ">=" => order.is_ge(),
            _ => order.is_ne(),
        })),
    })
}

/// Whether a value is among others; null where that is not known.
pub(super) fn is_in(value: &Value, list: Vec<Value>) -> Result<Value, Fail> {
    let flat = list.into_iter().flat_map(|one| match one {
        Value::List(items) => items,
        one => vec![one],
    });
    let mut null = false;
    for one in flat {
        match value.compare(&one, "=")? {
            Some(Ordering::Equal) => return Ok(Value::Bool(true)),
            Some(_) => {}
            None => null = true,
        }
    }
    Ok(if null { Value::Null } else { Value::Bool(false) })
}

/// A condition; none where it is null.
pub(super) fn truth(value: Value, sign: &str) -> Result<Option<bool>, Fail> {
    match value {
        Value::Bool(is) => Ok(Some(is)),
        Value::Null => Ok(None),
        Value::Unknown(_) => truth(value.cast("boolean")?, sign),
        other => {
            let (sign, kind) = (sign.to_uppercase(), other.kind());
            Err(Fail::new("42804", format!("argument of {sign} must be type boolean, not type {kind}")))
        }
    }
}

/// A function of this name.
pub(super) fn call(name: &str, args: Vec<Value>, at: usize, now: i64) -> Result<Value, Fail> {
    let text = |change: fn(&str) -> Value| match args.first() {
        Some(Value::Text(text) | Value::Unknown(text)) => Some(change(text)),
        Some(Value::Null) => Some(Value::Null),
        _ => None,
    };
    let done = match (name, args.as_slice()) {
        ("now", []) => Some(Value::Time(now)),
        ("current_database", []) => Some(Value::Text("postgres".to_owned())),
        ("pg_database_size", [_]) => Some(Value::Int(DATABASE_BYTES)),
        ("lower", [_]) => text(|text| Value::Text(text.to_lowercase())),
        ("upper", [_]) => text(|text| Value::Text(text.to_uppercase())),
        ("length", [_]) => text(|text| Value::Int(text.chars().count() as i64)),
        ("coalesce", args) => Some(args.iter().find(|arg| **arg != Value::Null).cloned().unwrap_or(Value::Null)),
        ("nullif", [a, b]) => {
            let same = a.compare(b, "=")? == Some(Ordering::Equal);
            Some(if same { Value::Null } else { a.clone() })
        }
        ("strpos" | "position", [a, b]) => match (a, b) {
            (Value::Null, _) | (_, Value::Null) => Some(Value::Null),
            (Value::Text(a) | Value::Unknown(a), Value::Text(b) | Value::Unknown(b)) => {
                let before = a.find(b.as_str()).and_then(|found| a.get(..found));
                Some(Value::Int(before.map_or(0, |before| before.chars().count() as i64 + 1)))
            }
            _ => None,
        },
        ("json_build_object" | "jsonb_build_object", args) if args.len().is_multiple_of(2) => {
            let pairs = args.chunks_exact(2).filter_map(|pair| match pair {
                [key, value] => Some((key.text(), value.clone().json())),
                _ => None,
            });
            Some(Value::Json(Json::Object(pairs.collect())))
        }
        _ => None,
    };
    done.ok_or_else(|| {
        let kinds: Vec<&str> = args.iter().map(Value::kind).collect();
        let message = format!("function {name}({}) does not exist", kinds.join(", "));
        Fail::new("42883", message).at(at).limited()
    })
}

/// Whether all of the text fits a pattern, in which `%` is any text and `_` any character.
pub(super) fn like(text: &str, pattern: &str, escape: Option<char>) -> bool {
    enum Part {
        Any,
        One,
        Just(char),
    }
    let mut parts = Vec::new();
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        parts.push(match c {
            c if Some(c) == escape => Part::Just(chars.next().unwrap_or(c)),
            '%' => Part::Any,
            '_' => Part::One,
            c => Part::Just(c),
        });
    }
    let spread = |fits: &mut [bool]| {
        for (at, part) in parts.iter().enumerate() {
            if matches!(part, Part::Any)
                && fits.get(at) == Some(&true)
                && let Some(next) = fits.get_mut(at + 1)
            {
                *next = true;
            }
        }
    };
    // Which beginnings of the pattern fit what has been read.
    let mut fits: Vec<bool> = (0..=parts.len()).map(|at| at == 0).collect();
    spread(&mut fits);
    for c in text.chars() {
        let mut next = vec![false; parts.len() + 1];
        for ((at, part), _) in parts.iter().enumerate().zip(&fits).filter(|(_, fits)| **fits) {
            let to = match part {
                Part::Any => at,
                Part::One => at + 1,
                Part::Just(own) if *own == c => at + 1,
                Part::Just(_) => continue,
            };
            if let Some(next) = next.get_mut(to) {
                *next = true;
            }
        }
        spread(&mut next);
        fits = next;
    }
    fits.last() == Some(&true)
}
