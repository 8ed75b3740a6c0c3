use super::*;

fn error(kind: Kind) -> ApiError {
    ApiError::of(kind, Route::ObjectUpload, "why")
}

fn outcome(error: &ApiError, whole: bool, exists: Exists, unsure: bool) -> &'static str {
    match judge(error, whole, exists, unsure) {
        Verdict::End(outcome) => outcome.word(),
        Verdict::Pause(_) => "pause",
        Verdict::Unreachable => "unreachable",
        Verdict::Ask => "ask",
    }
}

#[test]
fn each_failure_is_judged_by_its_kind_and_by_how_far_the_body_got() {
    for (kind, cut, whole) in [
        (Kind::Lost, "ask", "ask"),
        (Kind::Server, "not stored", "ask"),
        (Kind::BadAnswer, "not stored", "ask"),
        (Kind::Stopped, "stopped", "ask"),
        (Kind::NotSignedIn, "not stored", "not stored"),
        (Kind::LocalFile, "not stored", "not stored"),
        (Kind::TooLarge, "refused", "refused"),
        (Kind::Refused, "refused", "refused"),
        (Kind::NotAllowed, "refused", "refused"),
        (Kind::NotFound, "refused", "refused"),
        (Kind::TooMany, "pause", "pause"),
    ] {
        let error = error(kind);
        assert_eq!(outcome(&error, false, Exists::Fail, false), cut, "{kind:?} cut");
        assert_eq!(outcome(&error, true, Exists::Fail, false), whole, "{kind:?} whole");
    }
}

#[test]
fn a_conflict_is_skipped_refused_or_compared() {
    let taken = ApiError { status: Some(409), ..error(Kind::Conflict) };
    assert_eq!(outcome(&taken, false, Exists::Fail, false), "exists");
    assert_eq!(outcome(&taken, false, Exists::Skip, false), "there already");
    assert_eq!(outcome(&taken, false, Exists::Fail, true), "ask", "our own upload may be what is there");
    let locked = ApiError { status: Some(423), ..error(Kind::Conflict) };
    assert_eq!(outcome(&locked, false, Exists::Skip, false), "refused");
}

#[test]
fn only_what_was_surely_unsent_is_sent_again_without_a_question() {
    let unsent = ApiError { unsent: true, ..error(Kind::Unreachable) };
    assert_eq!(outcome(&unsent, false, Exists::Fail, false), "unreachable");
    assert_eq!(outcome(&error(Kind::Unreachable), false, Exists::Fail, false), "ask");
}

#[test]
fn a_pause_is_as_long_as_the_server_asks() {
    let busy = ApiError { retry_after: Some(Duration::from_secs(7)), ..error(Kind::TooMany) };
    assert_eq!(judge(&busy, false, Exists::Fail, false), Verdict::Pause(Some(Duration::from_secs(7))));
}
