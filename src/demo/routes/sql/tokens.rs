//! SQL's words and signs.

use super::Fail;

const SIGNS: [&str; 22] = [
    "->>", "->", "::", "||", "<=", ">=", "<>", "!=", "=", "<", ">", "(", ")", "[", "]", ",", ".", "*", "+", "-", "/",
    ";",
];

#[derive(Clone, PartialEq)]
pub(super) enum Token {
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

/// The words and signs of a text, each with the byte where it begins and its length; the last is its end.
pub(super) fn tokens(sql: &str) -> Result<Vec<(Token, usize, usize)>, Fail> {
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
