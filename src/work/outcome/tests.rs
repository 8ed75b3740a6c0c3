use super::*;
use ItemState::{Ended, Sending, SentWaiting, Waiting};

fn every() -> Vec<ItemState> {
    let sentence = || "why.".to_owned();
    vec![
        Waiting,
        Sending,
        SentWaiting,
        Ended(Outcome::Done { verified: None }),
        Ended(Outcome::Done { verified: Some("same size") }),
        Ended(Outcome::AlreadySo),
        Ended(Outcome::Exists),
        Ended(Outcome::Refused { kind: Kind::TooLarge, sentence: sentence(), retry: false }),
        Ended(Outcome::NotStored { kind: Kind::Lost, sentence: sentence() }),
        Ended(Outcome::Unknown { sentence: sentence() }),
        Ended(Outcome::Stopped),
    ]
}

#[test]
fn every_state_has_a_glyph_of_one_character_and_a_word_of_its_own() {
    let words: Vec<_> = every().iter().map(ItemState::word).collect();
    for (index, word) in words.iter().enumerate() {
        assert!(!words[..index].contains(word), "{word}");
    }
    assert!(every().iter().all(|state| state.glyph().chars().count() == 1));
    // What stands behind the word does not say it again.
    for outcome in every().iter().filter_map(ItemState::outcome) {
        let (word, sentence) = (outcome.word(), outcome.sentence().unwrap_or_default());
        assert!(word.split(' ').all(|word| !sentence.contains(word)), "{word}: {sentence}");
    }
}

#[test]
fn each_item_is_counted_once_whatever_its_way() {
    let all = every();
    let counts = Counts::of(&all);
    assert_eq!((counts.all(), counts.open(), counts.finished(), counts.failed()), (11, 3, 3, 5));
    let mut moved = Counts::of(std::iter::repeat_n(&Waiting, all.len()));
    for state in &all {
        moved.change(&Waiting, state);
    }
    assert_eq!(moved, counts);
}

#[test]
fn the_exit_code_follows_from_the_items() {
    let done = || Ended(Outcome::Done { verified: None });
    let failed = |kind| Ended(Outcome::NotStored { kind, sentence: String::new() });
    for (states, code) in [
        (vec![], 0),
        (vec![done(), Ended(Outcome::AlreadySo)], 0),
        (vec![done(), failed(Kind::Lost)], 1),
        (vec![done(), Ended(Outcome::Exists)], 1),
        (vec![Ended(Outcome::Exists)], 1),
        (vec![failed(Kind::LocalFile)], 1),
        (vec![failed(Kind::NotSignedIn), failed(Kind::NotAllowed)], 3),
        (vec![failed(Kind::ReadOnly)], 3),
        (vec![failed(Kind::NotFound)], 4),
        // What is asked for may well be there: only the way to it is wrong.
        (vec![failed(Kind::NoDoor)], 2),
        (vec![failed(Kind::WrongServer), failed(Kind::NoSuchRoute), failed(Kind::Paused)], 5),
        (vec![failed(Kind::Unreachable), Ended(Outcome::Unknown { sentence: String::new() })], 5),
        (vec![failed(Kind::Unreachable), failed(Kind::NotFound)], 1),
        (vec![done(), Ended(Outcome::Stopped), failed(Kind::Lost)], 130),
        (vec![done(), Sending], 130),
    ] {
        assert_eq!(Class::of(&states).code(), code, "{states:?}");
    }
}

#[test]
fn what_was_verified_says_by_what() {
    let sentence = Outcome::Done { verified: Some("same size and MD5") }.sentence().unwrap();
    assert_eq!(sentence, "The answer was lost or of no use, but the server holds it: same size and MD5.");
    assert_eq!(Outcome::Done { verified: None }.sentence(), None);
}
