//! Tables of figures and their texts.

use super::*;

#[test]
fn figures_read_well() {
    for (number, text) in [(0, "0"), (999, "999"), (1_000, "1,000"), (12_345, "12,345"), (1_234_567, "1,234,567")] {
        assert_eq!(count(number), text);
    }
    for (bytes, text) in [
        (0, "0 B"),
        (52, "52 B"),
        (1023, "1023 B"),
        (1024, "1.0 KiB"),
        (81_920, "80 KiB"),
        (1_048_575, "1.0 MiB"),
        (2_516_582, "2.4 MiB"),
        (u64::MAX, "16 EiB"),
    ] {
        assert_eq!(size(bytes), text);
    }
    assert_eq!(rate(2_516_582.4), "2.4 MiB/s");
    assert_eq!(rate(f64::NAN), "0 B/s");
}

#[test]
fn times_read_well() {
    for (seconds, text) in
        [(0, "0 s"), (130, "2 m 10 s"), (120, "2 m"), (3_600 * 3 + 320, "3 h 5 m"), (86_400 * 2 + 4 * 3_600, "2 d 4 h")]
    {
        assert_eq!(span(Duration::from_secs(seconds)), text);
    }
    let now: Timestamp = "2026-03-01T09:12:44.5Z".parse().unwrap();
    for (then, text) in [
        ("2026-03-01T09:12:00Z", "now"),
        ("2026-03-01T09:12:59Z", "now"),
        ("2026-03-01T09:07:44Z", "5 m ago"),
        ("2026-03-01T06:00:00Z", "3 h ago"),
        ("2026-02-17T09:00:00Z", "12 d ago"),
        ("2025-11-24T09:00:00Z", "2025-11-24"),
        ("2026-03-03T10:00:00Z", "in 2 d"),
        ("2126-03-03T10:00:00Z", "2126-03-03"),
    ] {
        assert_eq!(ago(now, then.parse().unwrap()), text);
    }
    assert_eq!(exact(now), "2026-03-01 09:12:44 UTC");
    assert_eq!(day(now), "2026-03-01");
    assert_eq!(clock(now).len(), 8);
    for (micros, text) in [
        (420, "0.42 ms"),
        (4_120, "4.1 ms"),
        (42_300, "42 ms"),
        (342_000, "340 ms"),
        (999_000, "1.0 s"),
        (1_240_000, "1.2 s"),
        (12_400_000, "12 s"),
    ] {
        assert_eq!(latency(Duration::from_micros(micros)), text);
    }
}

#[test]
fn sizes_and_durations_are_read() {
    for (text, bytes) in [
        ("500", 500),
        ("1.5kb", 1_500),
        ("50MiB", 52_428_800),
        (" 2 GiB ", 2_147_483_648),
        ("64k", 65_536),
        ("18446744073709551615", u64::MAX),
    ] {
        assert_eq!(parse_size(text), Ok(bytes), "{text}");
    }
    for text in ["", "MiB", "-5", "5 miles", "1.2.3", "99999999999TiB", "1e9", ".5"] {
        assert!(parse_size(text).is_err(), "{text}");
        assert!(parse_duration(text).is_err() || text == "99999999999TiB", "{text}");
    }
    for (text, milliseconds) in [("150ms", 150), ("5s", 5_000), ("2m", 120_000), ("1.5 h", 5_400_000), ("3", 3_000)] {
        assert_eq!(parse_duration(text), Ok(Duration::from_millis(milliseconds)), "{text}");
    }
    let said = parse_size("big").unwrap_err().to_string();
    assert_eq!(said, "`big` is not a size: write a number and B, KiB, MiB, GiB or TiB, such as 50MiB");
}
