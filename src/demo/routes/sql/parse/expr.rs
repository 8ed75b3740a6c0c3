//! Expressions, from the loosest operator to the tightest.

use super::Parser;
use crate::demo::routes::sql::Fail;
use crate::demo::routes::sql::tokens::Token;
use crate::demo::routes::sql::tree::{Aggregate, Expr, Shape};
use crate::demo::routes::sql::value::Value;

const AGGREGATES: &[&str] =
    &["count", "sum", "min", "max", "json_agg", "jsonb_agg", "array_agg", "bool_or", "bool_and"];

impl Parser<'_> {
    pub(super) fn list(&mut self) -> Result<Vec<Expr>, Fail> {
        let mut list = vec![self.expr()?];
        while self.take(",") {
            list.push(self.expr()?);
        }
        Ok(list)
    }

    pub(super) fn expr(&mut self) -> Result<Expr, Fail> {
        self.deeper()?;
        let mut left = self.conjunction()?;
        while self.take("or") {
            let right = self.conjunction()?;
            left = self.binary("or", left, right)?;
        }
        self.depth -= 1;
        Ok(left)
    }

    fn conjunction(&mut self) -> Result<Expr, Fail> {
        let mut left = self.negation()?;
        while self.take("and") {
            let right = self.negation()?;
            left = self.binary("and", left, right)?;
        }
        Ok(left)
    }

    fn negation(&mut self) -> Result<Expr, Fail> {
        let mut negated = false;
        while self.take("not") {
            negated = !negated;
        }
        let inner = self.comparison()?;
        Ok(if negated { not(inner) } else { inner })
    }

    fn comparison(&mut self) -> Result<Expr, Fail> {
        let mut left = self.operation(0)?;
        loop {
            let from = self.next;
            let negated = self.take("not");
            let found = if self.take("like") || self.take("ilike") {
                let folded = self.tokens.get(self.next - 1).is_some_and(|one| one.0 == Token::Word("ilike".into()));
                let pattern = Box::new(self.operation(0)?);
                let mut escape = Some('\\');
                if self.take("escape") {
                    let Token::Text(sign) = self.peek().clone() else { return Err(self.unexpected()) };
                    self.next += 1;
                    escape = sign.chars().next();
                }
                Expr::Like { text: Box::new(left), pattern, escape, folded }
            } else if self.takes(&["in", "("]) {
                let list = self.list()?;
                self.need(")")?;
                Expr::In(Box::new(left), list)
            } else if self.take("between") {
                let low = self.operation(0)?;
                self.need("and")?;
                let high = self.operation(0)?;
                let least = self.binary(">=", left.clone(), low)?;
                let most = self.binary("<=", left, high)?;
                self.binary("and", least, most)?
            } else if negated {
                self.next = from;
                return Ok(left);
            } else if self.take("is") {
                self.operators += 1;
                let negated = self.take("not");
                let what = match self.word().as_deref() {
                    Some("null") => None,
                    Some("true") => Some(true),
                    Some("false") => Some(false),
                    _ => {
                        self.next -= 1;
                        return Err(self.unexpected());
                    }
                };
                let is = Expr::Is(Box::new(left), what);
                left = if negated { not(is) } else { is };
                continue;
            } else if let Some(sign) = ["=", "<>", "!=", "<=", ">=", "<", ">"].into_iter().find(|sign| self.is(sign)) {
                self.next += 1;
                if sign == "=" && self.takes(&["any", "("]) {
                    let list = self.expr()?;
                    self.need(")")?;
                    Expr::In(Box::new(left), vec![list])
                } else {
                    let right = self.operation(0)?;
                    self.binary(sign, left, right)?
                }
            } else {
                return Ok(left);
            };
            left = if negated { not(found) } else { found };
        }
    }

    /// The operators that bind more tightly than a comparison, by level.
    fn operation(&mut self, level: usize) -> Result<Expr, Fail> {
        let signs: &[&'static str] = match level {
            0 => &["->>", "->", "||"],
            1 => &["+", "-"],
            2 => &["*", "/"],
            _ => return self.cast(),
        };
        let mut left = self.operation(level + 1)?;
        while let Some(sign) = signs.iter().find(|sign| self.is(sign)) {
            self.next += 1;
            let right = self.operation(level + 1)?;
            left = self.binary(sign, left, right)?;
        }
        Ok(left)
    }

    fn cast(&mut self) -> Result<Expr, Fail> {
        let mut left = self.primary()?;
        while self.take("::") {
            self.operators += 1;
            left = Expr::Cast(Box::new(left), self.kind()?);
        }
        Ok(left)
    }

    /// A type's name.
    fn kind(&mut self) -> Result<String, Fail> {
        let mut kind = self.word().ok_or_else(|| self.unexpected())?;
        if kind == "character" && self.take("varying") {
            kind += " varying";
        }
        if (kind == "timestamp" || kind == "timestamptz") && self.takes(&["with", "time", "zone"]) {
            "timestamptz".clone_into(&mut kind);
        }
        let _ = self.takes(&["without", "time", "zone"]);
        if self.takes(&["[", "]"]) {
            kind += "[]";
        }
        Ok(kind)
    }

    fn primary(&mut self) -> Result<Expr, Fail> {
        let at = self.at();
        let token = self.peek().clone();
        if let Token::Text(text) = token {
            self.next += 1;
            return Ok(Expr::Value(Value::Unknown(text)));
        }
        if let Token::Number(number) = token {
            self.next += 1;
            return Ok(Expr::Value(Value::Int(number)));
        }
        if self.take("-") {
            self.deeper()?;
            let inner = self.cast()?;
            self.depth -= 1;
            return self.binary("-", Expr::Value(Value::Int(0)), inner);
        }
        if self.is("(") {
            return self.bracket();
        }
        if self.take("case") {
            return self.case();
        }
        for (word, shape) in [("exists", Shape::Exists), ("array", Shape::Array)] {
            if self.is(word) && self.ahead(1) == &Token::Sign("(") {
                self.next += 1;
                return match self.bracket()? {
                    Expr::Query(_, select) => Ok(Expr::Query(shape, select)),
                    _ => Err(self.unexpected()),
                };
            }
        }
        if self.takes(&["array", "["]) {
            let list = if self.is("]") { Vec::new() } else { self.list()? };
            self.need("]")?;
            return Ok(Expr::List(list));
        }
        let Some(name) = self.name() else { return Err(self.unexpected()) };
        match (name.as_str(), self.peek().clone()) {
            (_, Token::Sign("(")) => self.call(name, at),
            (_, Token::Text(text)) => {
                self.next += 1;
                Ok(Expr::Cast(Box::new(Expr::Value(Value::Unknown(text))), name))
            }
            ("null", _) => Ok(Expr::Value(Value::Null)),
            ("true", _) => Ok(Expr::Value(Value::Bool(true))),
            ("false", _) => Ok(Expr::Value(Value::Bool(false))),
            ("current_timestamp", _) => Ok(Expr::Call { name: "now".to_owned(), args: Vec::new(), at }),
            (_, Token::Sign(".")) => {
                let mut parts = vec![name];
                while self.take(".") {
                    parts.push(self.name().ok_or_else(|| self.unexpected())?);
                }
                let name = parts.pop().unwrap_or_default();
                Ok(Expr::Column { table: parts.pop(), name, at })
            }
            _ => Ok(Expr::Column { table: None, name, at }),
        }
    }

    /// What stands in brackets: a select, a row, or an expression.
    fn bracket(&mut self) -> Result<Expr, Fail> {
        self.need("(")?;
        self.deeper()?;
        let inner = if self.is("select") {
            Expr::Query(Shape::One, Box::new(self.select()?))
        } else {
            let mut list = self.list()?;
            match (list.pop(), list.is_empty()) {
                (Some(one), true) => one,
                (last, _) => Expr::Row(list.into_iter().chain(last).collect()),
            }
        };
        self.depth -= 1;
        self.need(")")?;
        Ok(inner)
    }

    fn case(&mut self) -> Result<Expr, Fail> {
        let mut branches = Vec::new();
        while self.take("when") {
            let when = self.expr()?;
            self.need("then")?;
            branches.push((when, self.expr()?));
        }
        let other = if self.take("else") { Some(Box::new(self.expr()?)) } else { None };
        self.need("end")?;
        Ok(Expr::Case(branches, other))
    }

    fn call(&mut self, name: String, at: usize) -> Result<Expr, Fail> {
        self.need("(")?;
        if name == "cast" {
            let inner = self.expr()?;
            self.need("as")?;
            let cast = Expr::Cast(Box::new(inner), self.kind()?);
            self.need(")")?;
            return Ok(cast);
        }
        if !AGGREGATES.contains(&name.as_str()) {
            let mut args = Vec::new();
            if name == "position" {
                args.push(self.operation(0)?);
                self.need("in")?;
                args.insert(0, self.operation(0)?);
            } else if !self.is(")") {
                args = self.list()?;
            }
            self.need(")")?;
            return Ok(Expr::Call { name, args, at });
        }
        let distinct = self.take("distinct");
        let arg = if name == "count" && self.take("*") { None } else { Some(self.expr()?) };
        let order = self.order()?;
        self.need(")")?;
        let mut filter = None;
        if self.takes(&["filter", "(", "where"]) {
            filter = Some(self.expr()?);
            self.need(")")?;
        }
        Ok(Expr::Aggregate(Box::new(Aggregate { name, arg, distinct, order, filter })))
    }
}

fn not(inner: Expr) -> Expr {
    Expr::Not(Box::new(inner))
}

/// What PostgreSQL calls a column without an alias.
pub(super) fn name_of(expr: &Expr) -> &str {
    match expr {
        Expr::Column { name, .. } | Expr::Call { name, .. } => name,
        Expr::Aggregate(aggregate) => &aggregate.name,
        Expr::Cast(inner, kind) => match name_of(inner) {
            "?column?" => kind,
            name => name,
        },
        Expr::Query(Shape::One, select) => select.items.first().map_or("?column?", |item| &item.name),
        Expr::Query(Shape::Exists, _) => "exists",
        Expr::Query(Shape::Array, _) | Expr::List(_) => "array",
        Expr::Case(..) => "case",
        Expr::Row(_) => "row",
        _ => "?column?",
    }
}
