//! What has been read of SQL: statements, selects, expressions.

use super::value::Value;

/// One statement.
pub(super) enum Statement {
    /// `set transaction read only`.
    ReadOnly,
    /// A setting that changes nothing here, such as a timeout.
    Setting,
    /// What would write, with the name that PostgreSQL has for it.
    Write(String),
    Select(Box<Select>),
}

#[derive(Clone)]
pub(super) struct Select {
    pub(super) items: Vec<Item>,
    pub(super) from: Option<From>,
    pub(super) filter: Option<Expr>,
    pub(super) group: Vec<Expr>,
    pub(super) order: Vec<Order>,
    pub(super) limit: Option<Expr>,
    pub(super) offset: Option<Expr>,
}

/// A column of the answer.
#[derive(Clone)]
pub(super) struct Item {
    pub(super) expr: Expr,
    pub(super) name: String,
}

#[derive(Clone)]
pub(super) struct From {
    pub(super) table: String,
    pub(super) alias: String,
    pub(super) at: usize,
}

#[derive(Clone)]
pub(super) struct Order {
    pub(super) expr: Expr,
    pub(super) descending: bool,
    pub(super) nulls_first: bool,
}

/// What is made of a select inside an expression.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Shape {
    One,
    Exists,
    Array,
}

#[derive(Clone)]
pub(super) enum Expr {
    Value(Value),
    Column {
        table: Option<String>,
        name: String,
        at: usize,
    },
    Row(Vec<Expr>),
    List(Vec<Expr>),
    Cast(Box<Expr>, String),
    Not(Box<Expr>),
    Binary(&'static str, Box<Expr>, Box<Expr>),
    /// Whether it is null, true or false.
    Is(Box<Expr>, Option<bool>),
    Like {
        text: Box<Expr>,
        pattern: Box<Expr>,
        escape: Option<char>,
        folded: bool,
    },
    In(Box<Expr>, Vec<Expr>),
    Case(Vec<(Expr, Expr)>, Option<Box<Expr>>),
    Call {
        name: String,
        args: Vec<Expr>,
        at: usize,
    },
    Aggregate(Box<Aggregate>),
    Query(Shape, Box<Select>),
}

#[derive(Clone)]
pub(super) struct Aggregate {
    pub(super) name: String,
    /// None for `count(*)`.
    pub(super) arg: Option<Expr>,
    pub(super) distinct: bool,
    pub(super) order: Vec<Order>,
    pub(super) filter: Option<Expr>,
}
