//! Reading SQL: the selects that a console sends, each text whole before anything of it is run.

use super::Fail;
use super::value::Value;

/// How deep brackets may be nested.
const DEPTH: usize = 40;
/// How many operators there may be in all: each may stand inside the next.
const OPERATORS: usize = 300;
const SIGNS: [&str; 22] = [
    "->>", "->", "::", "||", "<=", ">=", "<>", "!=", "=", "<", ">", "(", ")", "[", "]", ",", ".", "*", "+", "-", "/",
    ";",
];
/// Words that name no column and no alias.
const RESERVED: &[&str] = &[
    "select",
    "from",
    "where",
    "group",
    "order",
    "limit",
    "offset",
    "and",
    "or",
    "not",
    "as",
    "is",
    "in",
    "like",
    "ilike",
    "between",
    "then",
    "when",
    "else",
    "end",
    "having",
    "union",
    "on",
    "join",
    "left",
    "right",
    "inner",
    "cross",
    "full",
    "asc",
    "desc",
    "nulls",
    "for",
    "fetch",
    "window",
    "using",
    "filter",
    "over",
    "lateral",
    "escape",
    "intersect",
    "except",
    "with",
    "case",
    "distinct",
    "any",
    "all",
    "by",
];
/// Words that can begin a statement of PostgreSQL.
const VERBS: &[&str] = &[
    "select", "set", "with", "values", "table", "explain", "show", "begin", "start", "commit", "rollback", "end",
    "insert", "update", "delete", "truncate", "create", "drop", "alter", "grant", "revoke", "copy", "do", "call",
    "merge", "vacuum", "analyze", "reindex", "comment", "refresh", "lock", "notify", "listen", "declare", "execute",
];
const AGGREGATES: &[&str] =
    &["count", "sum", "min", "max", "json_agg", "jsonb_agg", "array_agg", "bool_or", "bool_and"];

/// One statement.
pub(super) enum Statement {
    /// `set transaction read only`.
    ReadOnly,
    /// A setting that changes nothing here, such as a timeout.
    Setting,
    /// What would write, with the name that PostgreSQL has for it.
    Write(String),
    Select(Select),
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

#[derive(Clone, PartialEq)]
enum Token {
    /// In lower case.
    Word(String),
    Quoted(String),
    Text(String),
    Number(i64),
    Sign(&'static str),
    /// A character that begins nothing.
    Stray,
    End,
}

/// All statements of a text.
pub(super) fn parse(sql: &str) -> Result<Vec<Statement>, Fail> {
    let tokens = tokens(sql)?;
    let mut parser = Parser { sql, tokens, next: 0, begun: 0, depth: 0, operators: 0 };
    let mut statements = Vec::new();
    loop {
        while parser.take(";") {}
        if parser.peek() == &Token::End {
            return Ok(statements);
        }
        parser.begun = parser.next;
        statements.push(parser.statement()?);
        if parser.peek() != &Token::End && !parser.is(";") {
            return Err(parser.unexpected());
        }
    }
}

fn tokens(sql: &str) -> Result<Vec<(Token, usize, usize)>, Fail> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(c) = sql.get(at..).and_then(|rest| rest.chars().next()) {
        let rest = sql.get(at..).unwrap_or("");
        let run = |fits: fn(char) -> bool| rest.find(|c| !fits(c)).unwrap_or(rest.len());
        let (token, len) = if c.is_whitespace() {
            at += c.len_utf8();
            continue;
        } else if rest.starts_with("--") {
            at += rest.find('\n').unwrap_or(rest.len());
            continue;
        } else if rest.starts_with("/*") {
            at += rest.find("*/").map_or(rest.len(), |end| end + 2);
            continue;
        } else if c == '\'' || c == '"' {
            let (text, len) = quoted(rest, c).ok_or_else(|| {
                let kind = if c == '"' { "identifier" } else { "string" };
                Fail::new("42601", format!("unterminated quoted {kind} at or near \"{rest}\"")).at(at)
            })?;
            (if c == '"' { Token::Quoted(text) } else { Token::Text(text) }, len)
        } else if c.is_ascii_digit() {
            let len = run(|c| c.is_ascii_digit());
            let number = rest.get(..len).and_then(|digits| digits.parse().ok());
            (number.map_or(Token::Stray, Token::Number), len)
        } else if c.is_alphabetic() || c == '_' {
            let len = run(|c| c.is_alphanumeric() || c == '_' || c == '$');
            (Token::Word(rest.get(..len).unwrap_or("").to_lowercase()), len)
        } else if let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
            (Token::Sign(sign), sign.len())
        } else {
            (Token::Stray, c.len_utf8())
        };
        tokens.push((token, at, len));
        at += len;
    }
    tokens.push((Token::End, sql.len(), 0));
    Ok(tokens)
}

/// The text between quotes, two of which stand for one, and how long it is with them.
fn quoted(rest: &str, quote: char) -> Option<(String, usize)> {
    let mut text = String::new();
    let mut chars = rest.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        if c != quote {
            text.push(c);
        } else if chars.next_if(|(_, next)| *next == quote).is_some() {
            text.push(quote);
        } else {
            return Some((text, at + 1));
        }
    }
    None
}

struct Parser<'a> {
    sql: &'a str,
    tokens: Vec<(Token, usize, usize)>,
    next: usize,
    /// Where the statement begins.
    begun: usize,
    depth: usize,
    operators: usize,
}

impl Parser<'_> {
    fn ahead(&self, by: usize) -> &Token {
        self.tokens.get(self.next + by).map_or(&Token::End, |(token, _, _)| token)
    }

    fn peek(&self) -> &Token {
        self.ahead(0)
    }

    fn at(&self) -> usize {
        self.tokens.get(self.next).map_or(self.sql.len(), |(_, at, _)| *at)
    }

    /// Whether this word or sign comes next.
    fn is(&self, what: &str) -> bool {
        match self.peek() {
            Token::Word(word) => word == what,
            Token::Sign(sign) => *sign == what,
            _ => false,
        }
    }

    fn take(&mut self, what: &str) -> bool {
        let is = self.is(what);
        self.next += usize::from(is);
        is
    }

    /// Takes all of these words and signs, or none.
    fn takes(&mut self, all: &[&str]) -> bool {
        let from = self.next;
        let is = all.iter().all(|one| self.take(one));
        if !is {
            self.next = from;
        }
        is
    }

    fn need(&mut self, what: &str) -> Result<(), Fail> {
        if self.take(what) { Ok(()) } else { Err(self.unexpected()) }
    }

    /// The syntax error at the next token; where the words are SQL's, with what is understood here.
    fn unexpected(&self) -> Fail {
        let near = match self.tokens.get(self.next) {
            Some((token, at, len)) if *token != Token::End => {
                format!("syntax error at or near \"{}\"", self.sql.get(*at..at + len).unwrap_or(""))
            }
            _ => "syntax error at end of input".to_owned(),
        };
        let first = self.tokens.get(self.begun).map(|(token, _, _)| token);
        let is_sql = matches!(first, Some(Token::Word(word)) if VERBS.contains(&word.as_str()));
        let fail = Fail::new("42601", near).at(self.at());
        if is_sql { fail.limited() } else { fail }
    }

    /// One bracket more; text from outside must not overflow the stack.
    fn deeper(&mut self) -> Result<(), Fail> {
        self.depth += 1;
        if self.depth > DEPTH { Err(Fail::new("54001", "stack depth limit exceeded")) } else { Ok(()) }
    }

    /// Two parts with an operator between them.
    fn binary(&mut self, sign: &'static str, left: Expr, right: Expr) -> Result<Expr, Fail> {
        self.operators += 1;
        if self.operators > OPERATORS {
            return Err(Fail::new("54001", "stack depth limit exceeded"));
        }
        Ok(Expr::Binary(sign, Box::new(left), Box::new(right)))
    }

    fn word(&mut self) -> Option<String> {
        let Token::Word(word) = self.peek().clone() else { return None };
        self.next += 1;
        Some(word)
    }

    /// The name of a column, table or alias.
    fn name(&mut self) -> Option<String> {
        let name = match self.peek() {
            Token::Quoted(name) => name.clone(),
            Token::Word(word) if !RESERVED.contains(&word.as_str()) => word.clone(),
            _ => return None,
        };
        self.next += 1;
        Some(name)
    }

    fn statement(&mut self) -> Result<Statement, Fail> {
        if self.is("select") {
            return self.select().map(Statement::Select);
        }
        if self.takes(&["set", "transaction", "read", "only"]) {
            return Ok(Statement::ReadOnly);
        }
        let Token::Word(verb) = self.peek().clone() else { return Err(self.unexpected()) };
        let name = match verb.as_str() {
            "set" => {
                self.next += 1;
                let _ = self.take("local") || self.take("session");
                let setting = self.name().ok_or_else(|| self.unexpected())?;
                if setting == "transaction" || !(self.take("=") || self.take("to")) {
                    return Err(self.unexpected());
                }
                self.next += 1;
                return Ok(Statement::Setting);
            }
            "insert" | "update" | "delete" | "merge" | "grant" | "revoke" => verb.to_uppercase(),
            "truncate" => "TRUNCATE TABLE".to_owned(),
            "create" | "drop" | "alter" => match self.ahead(1) {
                Token::Word(what) => format!("{} {}", verb, what).to_uppercase(),
                _ => return Err(self.unexpected()),
            },
            _ => return Err(self.unexpected()),
        };
        while self.peek() != &Token::End && !self.is(";") {
            self.next += 1;
        }
        Ok(Statement::Write(name))
    }

    fn select(&mut self) -> Result<Select, Fail> {
        self.need("select")?;
        let mut items = Vec::new();
        loop {
            let expr = self.expr()?;
            let alias = if self.take("as") {
                let any = self.name().or_else(|| self.word());
                Some(any.ok_or_else(|| self.unexpected())?)
            } else {
                self.name()
            };
            let name = alias.unwrap_or_else(|| name_of(&expr).to_owned());
            items.push(Item { expr, name });
            if !self.take(",") {
                break;
            }
        }
        let from = if self.take("from") { Some(self.from()?) } else { None };
        let filter = if self.take("where") { Some(self.expr()?) } else { None };
        let group = if self.takes(&["group", "by"]) { self.list()? } else { Vec::new() };
        let order = self.order()?;
        let (mut limit, mut offset) = (None, None);
        loop {
            if self.takes(&["limit", "all"]) {
            } else if limit.is_none() && self.take("limit") {
                limit = Some(self.expr()?);
            } else if offset.is_none() && self.take("offset") {
                offset = Some(self.expr()?);
                let _ = self.take("rows") || self.take("row");
            } else {
                break;
            }
        }
        Ok(Select { items, from, filter, group, order, limit, offset })
    }

    fn from(&mut self) -> Result<From, Fail> {
        let at = self.at();
        let mut table = self.name().ok_or_else(|| self.unexpected())?;
        let mut alias = table.clone();
        if self.take(".") {
            alias = self.name().ok_or_else(|| self.unexpected())?;
            table = format!("{table}.{alias}");
        }
        if self.take("as") {
            alias = self.name().ok_or_else(|| self.unexpected())?;
        } else if let Some(name) = self.name() {
            alias = name;
        }
        Ok(From { table, alias, at })
    }

    fn order(&mut self) -> Result<Vec<Order>, Fail> {
        let mut order = Vec::new();
        if !self.takes(&["order", "by"]) {
            return Ok(order);
        }
        loop {
            let expr = self.expr()?;
            let descending = !self.take("asc") && self.take("desc");
            let nulls_first = if self.take("nulls") {
                let first = self.take("first");
                if !first {
                    self.need("last")?;
                }
                first
            } else {
                descending
            };
            order.push(Order { expr, descending, nulls_first });
            if !self.take(",") {
                return Ok(order);
            }
        }
    }

    fn list(&mut self) -> Result<Vec<Expr>, Fail> {
        let mut list = vec![self.expr()?];
        while self.take(",") {
            list.push(self.expr()?);
        }
        Ok(list)
    }

    fn expr(&mut self) -> Result<Expr, Fail> {
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
            kind = "timestamptz".to_owned();
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
fn name_of(expr: &Expr) -> &str {
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
