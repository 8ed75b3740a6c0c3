//! Running a select over the project's rows.

use std::cmp::Ordering;

use serde_json::{Map, Value as Json};

use super::Fail;
use super::operators::{binary, call, is_in, like, truth};
use super::rows::{Row, Table, table};
use super::tree::{Aggregate, Expr, From, Item, Order, Select, Shape};
use super::value::{Value, no_operator};
use crate::demo::people::People;
use crate::demo::store::Store;

/// What a select runs over.
pub(super) struct Engine<'a> {
    pub(super) people: &'a People,
    pub(super) store: &'a Store,
    /// `now()`, in microseconds.
    pub(super) now: i64,
}

/// The row, or the group, that an expression is about; outside of it the one of the select around.
#[derive(Clone, Copy)]
struct Scope<'s, 'a> {
    from: Option<&'s From>,
    row: &'s Row<'a>,
    group: Option<&'s [Row<'a>]>,
    outer: Option<&'s Scope<'s, 'a>>,
}

/// A row of the answer to be: its row, the rows that it stands for, and what it is ordered by.
struct Unit<'a> {
    row: Row<'a>,
    group: Option<Vec<Row<'a>>>,
    keys: Vec<Value>,
}

impl<'a> Engine<'a> {
    /// The rows of a select, as they go out.
    pub(super) fn answer(&self, select: &Select) -> Result<Vec<Json>, Fail> {
        let rows = self.rows(select, None)?;
        let object = |row: Vec<Value>| {
            let names = select.items.iter().map(|item| item.name.clone());
            Json::Object(names.zip(row.into_iter().map(Value::json)).collect::<Map<_, _>>())
        };
        Ok(rows.into_iter().map(object).collect())
    }

    fn rows(&self, select: &Select, outer: Option<&Scope<'_, 'a>>) -> Result<Vec<Vec<Value>>, Fail> {
        let from = select.from.as_ref();
        let table = match from {
            None => None,
            Some(from) => Some(table(&from.table).ok_or_else(|| {
                Fail::new("42P01", format!("relation \"{}\" does not exist", from.table)).at(from.at)
            })?),
        };
        let grouped = !select.group.is_empty() || select.items.iter().any(|item| aggregates(&item.expr));
        let resolved = |expr: &Expr| resolved(expr, &select.items, table);
        let group: Vec<Expr> = select.group.iter().map(resolved).collect();
        let order: Vec<Order> =
            select.order.iter().map(|one| Order { expr: resolved(&one.expr), ..one.clone() }).collect();
        // What the columns' types refuse is refused without any row too.
        let sample = Row::sample(table);
        let alone = [Row::sample(table)];
        let scope = Scope { from, row: &sample, group: None, outer };
        if let Some(filter) = &select.filter {
            truth(self.eval(filter, &scope)?, "WHERE")?;
        }
        self.all(&group, &scope)?;
        let scope = Scope { group: grouped.then_some(&alone[..]), ..scope };
        for expr in select.items.iter().map(|item| &item.expr).chain(order.iter().map(|one| &one.expr)) {
            self.eval(expr, &scope)?;
        }
        let size = |expr: &Option<Expr>| match expr {
            None => Ok(None),
            Some(expr) => match self.eval(expr, &scope)?.cast("bigint")? {
                Value::Int(number) if number >= 0 => Ok(Some(number as usize)),
                Value::Null => Ok(None),
                _ => Err(Fail::new("2201W", "LIMIT must not be negative")),
            },
        };
        let (limit, offset) = (size(&select.limit)?, size(&select.offset)?.unwrap_or(0));
        let mut units = match (table, grouped) {
            (None, _) => {
                vec![Unit { row: Row::nulls(None), group: grouped.then(|| vec![Row::nulls(None)]), keys: Vec::new() }]
            }
            (Some(table), true) => self.groups(select, table, &group, outer)?,
            (Some(table), false) => {
                let need = limit.map(|limit| limit.saturating_add(offset));
                self.single(select, table, &order, need, outer)?
            }
        };
        for unit in &mut units {
            let scope = Scope { from, row: &unit.row, group: unit.group.as_deref(), outer };
            unit.keys = order.iter().map(|one| self.eval(&one.expr, &scope)).collect::<Result<_, _>>()?;
        }
        units.sort_by(|a, b| ordered(&order, &a.keys, &b.keys));
        let page = units.iter().skip(offset).take(limit.unwrap_or(usize::MAX));
        page.map(|unit| {
            let scope = Scope { from, row: &unit.row, group: unit.group.as_deref(), outer };
            select.items.iter().map(|item| self.eval(&item.expr, &scope)).collect()
        })
        .collect()
    }

    /// The rows that pass, one by one; no more than are needed where they come in the wanted order.
    fn single(
        &self,
        select: &Select,
        table: &'static Table,
        order: &[Order],
        need: Option<usize>,
        outer: Option<&Scope<'_, 'a>>,
    ) -> Result<Vec<Unit<'a>>, Fail> {
        let by_time = order.first().filter(|first| {
            table.name == "auth.users" && matches!(&first.expr, Expr::Column { name, .. } if name == "created_at")
        });
        let newest_first = by_time.is_some_and(|first| first.descending);
        let need = need.filter(|_| by_time.is_some() || order.is_empty());
        let mut units: Vec<Unit<'a>> = Vec::new();
        for row in self.passed(select, table, newest_first, outer) {
            let row = row?;
            let full = need.is_some_and(|need| units.len() >= need);
            // Of one moment all are needed: the other columns order them.
            if full && (order.is_empty() || units.last().is_none_or(|last| last.row.created() != row.created())) {
                break;
            }
            units.push(Unit { row, group: None, keys: Vec::new() });
        }
        Ok(units)
    }

    fn groups(
        &self,
        select: &Select,
        table: &'static Table,
        by: &[Expr],
        outer: Option<&Scope<'_, 'a>>,
    ) -> Result<Vec<Unit<'a>>, Fail> {
        let mut groups: Vec<(Vec<Value>, Vec<Row<'a>>)> = Vec::new();
        for row in self.passed(select, table, false, outer) {
            let row = row?;
            let scope = Scope { from: select.from.as_ref(), row: &row, group: None, outer };
            let key: Vec<Value> = by.iter().map(|expr| self.eval(expr, &scope)).collect::<Result<_, _>>()?;
            match groups.iter_mut().find(|(known, _)| *known == key) {
                Some((_, rows)) => rows.push(row.again()),
                None => groups.push((key, vec![row.again()])),
            }
        }
        if groups.is_empty() && by.is_empty() {
            groups.push((Vec::new(), Vec::new()));
        }
        let first = |rows: &[Row<'a>]| rows.first().map_or_else(|| Row::nulls(Some(table)), Row::again);
        Ok(groups
            .into_iter()
            .map(|(_, rows)| Unit { row: first(&rows), group: Some(rows), keys: Vec::new() })
            .collect())
    }

    /// The rows for which the condition is true.
    fn passed<'s>(
        &'s self,
        select: &'s Select,
        table: &'static Table,
        newest_first: bool,
        outer: Option<&'s Scope<'s, 'a>>,
    ) -> impl Iterator<Item = Result<Row<'a>, Fail>> + 's {
        let key = select.filter.as_ref().and_then(|filter| self.key(filter, table, select.from.as_ref(), outer));
        Row::all(table, key.as_ref(), newest_first, self.people, self.store).filter_map(move |row| {
            let Some(filter) = &select.filter else { return Some(Ok(row)) };
            let scope = Scope { from: select.from.as_ref(), row: &row, group: None, outer };
            match self.eval(filter, &scope) {
                Ok(Value::Bool(true)) => Some(Ok(row)),
                Ok(_) => None,
                Err(fail) => Some(Err(fail)),
            }
        })
    }

    /// The value that the condition wants in the table's key, where it wants just one: then not all rows are gone
    /// through.
    fn key(&self, filter: &Expr, table: &Table, from: Option<&From>, outer: Option<&Scope<'_, 'a>>) -> Option<Value> {
        let Expr::Binary(sign, a, b) = filter else { return None };
        if *sign == "and" {
            return self.key(a, table, from, outer).or_else(|| self.key(b, table, from, outer));
        }
        let is_key = |expr: &Expr| match expr {
            Expr::Column { table: of, name, .. } => {
                name == table.key && of.as_ref().is_none_or(|of| from.is_some_and(|from| from.alias == *of))
            }
            _ => false,
        };
        let other = if is_key(a) { b } else { a };
        if *sign != "=" || !(is_key(a) || is_key(b)) {
            return None;
        }
        // A value that does not depend on the row: of it nothing is known here.
        let value = match (&**other, outer) {
            (Expr::Column { table: Some(of), .. }, Some(outer)) if from.is_none_or(|from| from.alias != *of) => {
                self.eval(other, outer).ok()?
            }
            (Expr::Value(value), _) => value.clone(),
            (Expr::Cast(inner, kind), _) => match &**inner {
                Expr::Value(value) => value.clone().cast(kind).ok()?,
                _ => return None,
            },
            _ => return None,
        };
        if let Value::Unknown(_) = value { value.cast("uuid").ok() } else { Some(value) }
    }

    fn eval(&self, expr: &Expr, scope: &Scope<'_, 'a>) -> Result<Value, Fail> {
        Ok(match expr {
            Expr::Value(value) => value.clone(),
            Expr::Column { table, name, at } => column(table.as_deref(), name, *at, scope)?,
            Expr::Row(items) => Value::Row(self.all(items, scope)?),
            Expr::List(items) => Value::List(self.all(items, scope)?),
            Expr::Cast(inner, kind) => self.eval(inner, scope)?.cast(kind)?,
            Expr::Not(inner) => truth(self.eval(inner, scope)?, "NOT")?.map_or(Value::Null, |is| Value::Bool(!is)),
            Expr::Binary(sign, a, b) => binary(sign, self.eval(a, scope)?, self.eval(b, scope)?)?,
            Expr::Is(inner, what) => {
                let value = self.eval(inner, scope)?;
                Value::Bool(match what {
                    None => value == Value::Null,
                    Some(is) => truth(value, "IS")? == Some(*is),
                })
            }
            Expr::Like { text, pattern, escape, folded } => {
                let (text, pattern) = (self.eval(text, scope)?, self.eval(pattern, scope)?);
                let sign = if *folded { "~~*" } else { "~~" };
                match (&text, &pattern) {
                    (Value::Null, _) | (_, Value::Null) => Value::Null,
                    (Value::Text(text) | Value::Unknown(text), Value::Text(pattern) | Value::Unknown(pattern)) => {
                        let fold = |text: &str| if *folded { text.to_lowercase() } else { text.to_owned() };
                        Value::Bool(like(&fold(text), &fold(pattern), *escape))
                    }
                    _ => return Err(no_operator(&text, sign, &pattern)),
                }
            }
            Expr::In(inner, list) => is_in(&self.eval(inner, scope)?, self.all(list, scope)?)?,
            Expr::Case(branches, other) => {
                for (when, then) in branches {
                    if self.eval(when, scope)? == Value::Bool(true) {
                        return self.eval(then, scope);
                    }
                }
                other.as_ref().map_or(Ok(Value::Null), |other| self.eval(other, scope))?
            }
            Expr::Call { name, args, at } => call(name, self.all(args, scope)?, *at, self.now)?,
            Expr::Aggregate(aggregate) => self.aggregate(aggregate, scope)?,
            Expr::Query(shape, select) => {
                let mut rows = self.rows(select, Some(scope))?.into_iter();
                match shape {
                    Shape::Exists => Value::Bool(rows.next().is_some()),
                    Shape::Array => Value::List(rows.filter_map(|row| row.into_iter().next()).collect()),
                    Shape::One => {
                        let one = rows.next().and_then(|row| row.into_iter().next());
                        if rows.next().is_some() {
                            let message = "more than one row returned by a subquery used as an expression";
                            return Err(Fail::new("21000", message));
                        }
                        one.unwrap_or(Value::Null)
                    }
                }
            }
        })
    }

    fn all(&self, exprs: &[Expr], scope: &Scope<'_, 'a>) -> Result<Vec<Value>, Fail> {
        exprs.iter().map(|expr| self.eval(expr, scope)).collect()
    }

    fn aggregate(&self, aggregate: &Aggregate, scope: &Scope<'_, 'a>) -> Result<Value, Fail> {
        let name = aggregate.name.as_str();
        let Some(group) = scope.group else {
            return Err(Fail::new("42803", "aggregate functions are not allowed in WHERE"));
        };
        let mut values: Vec<(Vec<Value>, Value)> = Vec::new();
        let mut count = 0;
        for row in group {
            // Made anew: what is looked at is not kept for a million rows.
            let scope = Scope { row: &row.again(), group: None, ..*scope };
            if let Some(filter) = &aggregate.filter
                && self.eval(filter, &scope)? != Value::Bool(true)
            {
                continue;
            }
            let Some(arg) = &aggregate.arg else {
                count += 1;
                continue;
            };
            let value = self.eval(arg, &scope)?;
            let twice = aggregate.distinct && values.iter().any(|(_, known)| *known == value);
            if twice || (value == Value::Null && !name.ends_with("_agg")) {
                continue;
            }
            count += 1;
            if name != "count" || aggregate.distinct {
                let keys = aggregate.order.iter().map(|one| self.eval(&one.expr, &scope));
                values.push((keys.collect::<Result<_, _>>()?, value));
            }
        }
        if name == "count" {
            return Ok(Value::Int(count));
        }
        values.sort_by(|a, b| ordered(&aggregate.order, &a.0, &b.0));
        let mut values = values.into_iter().map(|(_, value)| value);
        let Some(first) = values.next() else { return Ok(Value::Null) };
        Ok(match name {
            "sum" => values.try_fold(first.cast("numeric")?, |sum, one| sum.combine("+", one.cast("numeric")?))?,
            "min" | "max" => {
                let wanted = if name == "min" { Ordering::Less } else { Ordering::Greater };
                let better = |best: Value, one: Value| {
                    Ok::<_, Fail>(if one.compare(&best, "<")? == Some(wanted) { one } else { best })
                };
                values.try_fold(first, better)?
            }
            "bool_or" => Value::Bool(std::iter::once(first).chain(values).any(|one| one == Value::Bool(true))),
            "bool_and" => Value::Bool(std::iter::once(first).chain(values).all(|one| one == Value::Bool(true))),
            "array_agg" => Value::List(std::iter::once(first).chain(values).collect()),
            _ => Value::Json(std::iter::once(first).chain(values).map(Value::json).collect()),
        })
    }
}

fn column(of: Option<&str>, name: &str, at: usize, scope: &Scope<'_, '_>) -> Result<Value, Fail> {
    let mut named = false;
    let mut next = Some(scope);
    while let Some(scope) = next {
        let here = of.is_none_or(|of| scope.from.is_some_and(|from| from.alias == of));
        named |= here && of.is_some();
        if let Some(value) = scope.row.column(name).filter(|_| here) {
            return Ok(value);
        }
        next = scope.outer;
    }
    Err(match of {
        Some(of) if !named => Fail::new("42P01", format!("missing FROM-clause entry for table \"{of}\"")),
        Some(of) => Fail::new("42703", format!("column {of}.{name} does not exist")),
        None => Fail::new("42703", format!("column \"{name}\" does not exist")),
    }
    .at(at))
}

/// What `order by` and `group by` mean by a number or an alias.
fn resolved(expr: &Expr, items: &[Item], table: Option<&'static Table>) -> Expr {
    let item = match expr {
        Expr::Value(Value::Int(number)) => number.checked_sub(1).and_then(|at| items.get(usize::try_from(at).ok()?)),
        Expr::Column { table: None, name, .. } if Row::sample(table).column(name).is_none() => {
            items.iter().find(|item| item.name == *name)
        }
        _ => None,
    };
    item.map_or_else(|| expr.clone(), |item| item.expr.clone())
}

/// Whether an aggregate is in it, those of inner selects aside.
fn aggregates(expr: &Expr) -> bool {
    match expr {
        Expr::Aggregate(_) => true,
        Expr::Value(_) | Expr::Column { .. } | Expr::Query(..) => false,
        Expr::Row(list) | Expr::List(list) | Expr::Call { args: list, .. } => list.iter().any(aggregates),
        Expr::Cast(inner, _) | Expr::Not(inner) | Expr::Is(inner, _) => aggregates(inner),
        Expr::Binary(_, a, b) | Expr::Like { text: a, pattern: b, .. } => aggregates(a) || aggregates(b),
        Expr::In(inner, list) => aggregates(inner) || list.iter().any(aggregates),
        Expr::Case(branches, other) => {
            branches.iter().any(|(when, then)| aggregates(when) || aggregates(then))
                || other.as_deref().is_some_and(aggregates)
        }
    }
}

fn ordered(order: &[Order], a: &[Value], b: &[Value]) -> Ordering {
    for ((one, a), b) in order.iter().zip(a).zip(b) {
        let by_null = |first: bool| if first { Ordering::Less } else { Ordering::Greater };
        let order = match (a == &Value::Null, b == &Value::Null) {
            (true, true) => Ordering::Equal,
            (true, false) => by_null(one.nulls_first),
            (false, true) => by_null(one.nulls_first).reverse(),
            // Values of one column have one type.
            _ => match a.compare(b, "<").ok().flatten().unwrap_or(Ordering::Equal) {
                order if one.descending => order.reverse(),
                order => order,
            },
        };
        if order.is_ne() {
            return order;
        }
    }
    Ordering::Equal
}
