//! What the detail shows of JSON.

use serde_json::json;

use super::*;

fn shown(value: &Value, folded: &[&str]) -> Vec<String> {
    lines(value, &|path| folded.contains(&path))
        .into_iter()
        .map(|line| {
            let key = line.key.map(|key| key + ": ").unwrap_or_default();
            let mark = line.fold.map_or("", |fold| if fold { "+" } else { "-" });
            format!("{}{mark}{key}{}", "  ".repeat(line.indent.into()), line.text)
        })
        .collect()
}

#[test]
fn values_become_lines_that_fold() {
    let value = json!({
        "id": 7, "none": null, "empty": {}, "providers": ["email", "google"],
        "meta": {"plan": "pro", "a/b": [{"x": 1}, [1]]},
    });
    assert_eq!(
        shown(&value, &["/meta/a~1b/0"]),
        [
            "id: 7",
            "none: null",
            "empty: {}",
            "providers: [\"email\", \"google\"]",
            "-meta: {",
            "  plan: \"pro\"",
            "  -a/b: [",
            "    +{ 1 key }",
            "    [1]",
            "  ]",
            "}",
        ]
    );
    assert_eq!(shown(&value, &["/meta"]).last().unwrap(), "+meta: { 2 keys }");
    assert_eq!(shown(&json!("x"), &[]), ["\"x\""]);
    assert_eq!(shown(&json!([]), &[]), ["[]"]);
}

#[test]
fn hostile_values_stay_harmless_and_bounded() {
    let text = &shown(&json!({"\u{1b}k\u{202e}": "\u{1b}]52;\u{9b}\u{202e}"}), &[])[0];
    assert_eq!(text, "␛k�: \"\\u001b]52;��\"");
    let mut deep = json!({"x": 1});
    for _ in 0..100 {
        deep = json!({"d": deep});
    }
    let lines = shown(&deep, &[]);
    assert_eq!(lines.len(), 32 * 2 + 1);
    assert_eq!(lines[32].trim(), "d: { 1 key }");
    let wide = shown(&json!({"list": vec![json!({}); 100_000]}), &[]);
    assert_eq!(wide.len(), LINES + 1);
    assert_eq!(wide.last().unwrap(), "… cut after 5000 lines");
    assert!(shown(&json!("é".repeat(1_000_000)), &[])[0].ends_with(" … 1992000 more bytes"));
}
