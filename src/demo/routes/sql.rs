//! A console's questions in SQL, answered without a database: single-table selects over `auth.users`,
//! `auth.identities`, `auth.mfa_factors`, `storage.buckets` and `storage.objects`, with PostgreSQL's words where
//! something is wrong. Nothing is ever written.

mod eval;
mod operators;
mod parse;
mod rows;
#[cfg(test)]
mod tests;
mod tokens;
mod tree;
mod value;

use jiff::Timestamp;
use serde_json::{Value as Json, json};

use self::eval::Engine;
use self::tree::Statement;
use crate::demo::people::People;
use crate::demo::store::Store;

/// What is said besides PostgreSQL's own words where it would have understood.
const LIMITS: &str = "the demo has no SQL engine: it understands select … from one of auth.users, auth.identities, \
                      auth.mfa_factors, storage.buckets, storage.objects, with where, group by, order by, limit, \
                      offset and selects in brackets, after set transaction read only";

/// Why there are no rows: as PostgreSQL says it.
#[derive(Debug)]
pub(super) struct Fail {
    state: &'static str,
    message: String,
    /// The byte of the text where it stands.
    at: Option<usize>,
}

impl Fail {
    fn new(state: &'static str, message: impl Into<String>) -> Self {
        Self { state, message: message.into(), at: None }
    }

    fn at(self, at: usize) -> Self {
        Self { at: Some(at), ..self }
    }

    /// The limit is the demo's, not PostgreSQL's.
    fn limited(self) -> Self {
        Self { message: format!("{} ({LIMITS})", self.message), ..self }
    }

    /// The body of the answer.
    fn body(&self, sql: &str) -> Json {
        let Self { state, message, at } = self;
        let mut formatted = format!("ERROR:  {state}: {message}\n");
        let before = at.and_then(|at| sql.get(..at));
        if let Some(before) = before {
            let number = before.matches('\n').count();
            let line = sql.lines().nth(number).unwrap_or("");
            let head = format!("LINE {}: ", number + 1);
            let column = before.rsplit('\n').next().unwrap_or("").chars().count() + head.len();
            formatted = format!("{formatted}{head}{line}\n{}^\n", " ".repeat(column));
        }
        json!({"message": message, "formattedError": formatted})
    }
}

/// The rows of the last statement, or the body of a 400.
pub(super) fn run(sql: &str, people: &People, store: &Store) -> Result<Vec<Json>, Json> {
    rows(sql, people, store).map_err(|fail| fail.body(sql))
}

fn rows(sql: &str, people: &People, store: &Store) -> Result<Vec<Json>, Fail> {
    let engine = Engine { people, store, now: Timestamp::now().as_microsecond() };
    let (mut rows, mut read_only) = (Vec::new(), false);
    for statement in parse::parse(sql)? {
        rows = match statement {
            Statement::ReadOnly => {
                read_only = true;
                Vec::new()
            }
            Statement::Setting => Vec::new(),
            Statement::Write(name) if read_only => {
                return Err(Fail::new("25006", format!("cannot execute {name} in a read-only transaction")));
            }
            Statement::Write(name) => return Err(Fail::new("0A000", format!("the demo refuses {name}")).limited()),
            Statement::Select(select) => engine.answer(&select)?,
        };
    }
    Ok(rows)
}
