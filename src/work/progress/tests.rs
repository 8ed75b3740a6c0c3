use super::*;
use crate::api::error::Kind;
use crate::api::route::Route;

const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

#[test]
fn a_steady_flow_is_its_own_rate() {
    let mut meter = Meter::default();
    for step in 0..=50 {
        meter.note(ms(step * 100), step * 1_000);
    }
    let rate = meter.rate().unwrap();
    assert!((rate - 10_000.0).abs() < 1.0, "{rate}");
    assert_eq!(meter.eta(25_000), Some(Duration::from_secs(3)));
}

#[test]
fn no_rate_is_told_before_there_is_one() {
    let mut meter = Meter::default();
    assert_eq!(meter.rate(), None);
    meter.note(ms(0), 0);
    meter.note(ms(0), 500);
    meter.note(ms(400), 1_000);
    assert_eq!((meter.rate(), meter.eta(1)), (None, None));
    let mut still = Meter::default();
    for step in 0..20 {
        still.note(ms(step * 100), 0);
    }
    assert_eq!((still.rate(), still.eta(1)), (None, None));
}

#[test]
fn the_rate_follows_a_change_within_some_seconds() {
    let mut meter = Meter::default();
    let mut sent = 0;
    for step in 0..200 {
        sent += if step < 100 { 1_000 } else { 100 };
        meter.note(ms(step * 100), sent);
    }
    let rate = meter.rate().unwrap();
    assert!((1_000.0..1_500.0).contains(&rate), "{rate}");
}

#[test]
fn bytes_that_are_sent_again_do_not_turn_the_rate() {
    let mut meter = Meter::default();
    for (at, sent) in [(0, 0), (1_000, 5_000), (2_000, 1_000), (3_000, 6_000)] {
        meter.note(ms(at), sent);
    }
    assert!(meter.rate().unwrap() > 0.0);
}

#[test]
fn bytes_stand_still_after_a_while() {
    let mut meter = Meter::default();
    assert!(meter.is_still());
    for (at, sent, still) in
        [(0, 0, false), (500, 10, false), (1_400, 10, false), (1_500, 10, true), (1_600, 11, false)]
    {
        meter.note(ms(at), sent);
        assert_eq!(meter.is_still(), still, "{at}");
    }
}

#[test]
fn the_bar_is_what_is_stored_and_never_full_where_an_item_failed() {
    let counts = Counts { waiting: 1, done: 3, ..Counts::default() };
    assert_eq!(Totals { stored: 250, bytes: 1_000, ..Totals::default() }.permille(), 250);
    assert_eq!(Totals { counts, ..Totals::default() }.permille(), 750, "items, where all are empty");
    assert_eq!(Totals { stored: 11, bytes: 10, ..Totals::default() }.permille(), 1_000);
    assert_eq!(Totals::default().permille(), 0);
    assert_eq!(Totals { stored: u64::MAX, bytes: u64::MAX, ..Totals::default() }.permille(), 1_000);
    let counts = Counts { refused: 1, done: 3, ..Counts::default() };
    assert_eq!(Totals { stored: 10, bytes: 10, counts, ..Totals::default() }.permille(), 999);
    assert_eq!(Totals { counts, ..Totals::default() }.permille(), 750);
}

#[test]
fn of_a_long_raw_answer_the_beginning_is_kept() {
    let meta = Meta::of(Route::ObjectUpload);
    let raw = |text: &str| {
        let error = ApiError { raw: Some(text.into()), ..ApiError::of(Kind::Refused, Route::ObjectUpload, "no") };
        Asked::new(&meta, Some(&error)).error.unwrap().raw.unwrap()
    };
    assert_eq!(raw("{}"), "{}");
    let long = raw(&"é".repeat(100_001));
    assert!(long.len() < RAW + 40 && long.ends_with("é… cut: 200002 bytes"), "{long}");
}
