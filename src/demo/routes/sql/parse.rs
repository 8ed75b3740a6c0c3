//! Reading SQL: the selects that a console sends, each text whole before anything of it is run.

mod expr;

use self::expr::name_of;
use super::Fail;
use super::tokens::{Token, tokens};
use super::tree::{Expr, From, Item, Order, Select, Statement};

/// How deep brackets may be nested.
const DEPTH: usize = 40;
/// How many operators there may be in all: each may stand inside the next.
const OPERATORS: usize = 300;
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
            return self.select().map(|select| Statement::Select(Box::new(select)));
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
                Token::Word(what) => format!("{verb} {what}").to_uppercase(),
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
}
