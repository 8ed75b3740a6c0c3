use super::ServerKind::{ControlPlane, Elsewhere, Gateway, OpenStudio, PageServer, SelfHosted, Unknown, WebPage};
use super::*;

fn heard(status: u16, body: &str) -> Heard {
    Heard { status, body: body.into(), ..Heard::default() }
}

/// The answer of a recorded exchange.
fn recorded(text: &str) -> Heard {
    let answer = text.split_once("\nHTTP/1.1 ").unwrap().1;
    let (head, body) = answer.split_once("\n\n").unwrap();
    Heard { basic: head.contains("WWW-Authenticate: Basic"), ..heard(head[..3].parse().unwrap(), body) }
}

const NO_KEY: &str = r#"{"message": "No API key found in request"}"#;
const HEALTH: &str = r#"{"version":"v2.196.0","name":"GoTrue","description":"GoTrue is …"}"#;
const HTML: &str = "\n<!doctype html><title>Welcome</title>";

#[test]
fn recorded_answers_are_known() {
    let no_key = recorded(include_str!("../../../tests/fixtures/gateway/no-apikey-401.http"));
    let no_token = recorded(include_str!("../../../tests/fixtures/gateway/list-users-no-token-401.http"));
    let profile = recorded(include_str!("../../../tests/fixtures/studio/profile.http"));
    let hosted = recorded(include_str!("../../../tests/fixtures/studio/hosted-build-not-supported.http"));
    let no_route = recorded(include_str!("../../../tests/fixtures/gateway/no-route-404.http"));
    for (at_profile, at_health, kind, services) in [
        (&no_token, &no_key, ControlPlane, true),
        (&no_token, &no_route, ControlPlane, false),
        (&profile, &no_key, OpenStudio, true),
        (&profile, &heard(404, HTML), OpenStudio, false),
        (&hosted, &hosted, PageServer, false),
        (&hosted, &no_key, PageServer, true),
        (&no_route, &no_key, Gateway, true),
        (&no_key, &no_key, Gateway, true),
    ] {
        assert_eq!(judge(Some(at_profile), Some(at_health)), Found { kind, services });
    }
}

#[test]
fn each_kind_betrays_itself() {
    let basic = Heard { basic: true, ..heard(401, r#"{"message":"Unauthorized"}"#) };
    let away = Heard { elsewhere: Some("https://portal.example".into()), ..heard(302, HTML) };
    for (at_profile, at_health, kind, services) in [
        (Some(basic.clone()), Some(heard(200, HEALTH)), SelfHosted, true),
        (Some(basic.clone()), Some(basic.clone()), SelfHosted, false),
        (Some(basic), None, SelfHosted, true),
        (Some(heard(401, r#"{"error":"unauthorized"}"#)), None, ControlPlane, true),
        (Some(heard(404, r#"{"error":"requested path is invalid"}"#)), Some(heard(401, NO_KEY)), Gateway, true),
        (Some(heard(200, HTML)), Some(heard(200, HEALTH)), Gateway, true),
        (Some(heard(200, HTML)), Some(heard(200, HTML)), WebPage, false),
        (Some(heard(511, "")), None, WebPage, false),
        (Some(away.clone()), Some(away.clone()), Elsewhere("https://portal.example".into()), false),
        (Some(away), Some(heard(401, NO_KEY)), Gateway, true),
        // A proxy whose server is away, and what nobody knows.
        (Some(heard(502, HTML)), Some(heard(502, HTML)), Unknown, true),
        (Some(heard(502, HTML)), Some(heard(401, NO_KEY)), Unknown, true),
        (Some(heard(401, r#"{"message":"Unauthorized"}"#)), Some(heard(404, "{}")), Unknown, false),
        (Some(heard(200, "[]")), Some(heard(200, "[]")), Unknown, false),
        (None, None, Unknown, true),
        (None, Some(heard(401, NO_KEY)), Unknown, true),
    ] {
        assert_eq!(judge(at_profile.as_ref(), at_health.as_ref()), Found { kind, services }, "{at_profile:?}");
    }
}

#[test]
fn each_door_takes_its_own_servers_and_an_unknown_one() {
    let kinds = [ControlPlane, SelfHosted, OpenStudio, PageServer, Gateway, WebPage, Elsewhere("o".into()), Unknown];
    let fit = |door, services| {
        let found = kinds.clone().map(|kind| Found { kind, services });
        found.map(|found| fits(&found, door, true).is_ok())
    };
    let control_plane = [true, false, false, false, false, false, false, true];
    assert_eq!(fit(Door::ControlPlane, true), control_plane);
    assert_eq!(fit(Door::Gateway, true), [true, true, true, true, true, false, false, true]);
    assert_eq!(fit(Door::Gateway, false), [false, false, false, false, true, false, false, true]);
    assert_eq!(fit(Door::Studio, true), [false, true, true, false, false, false, false, true]);
    let basic = Found { kind: SelfHosted, services: true };
    assert_eq!(fits(&basic, Door::Studio, false).unwrap_err().0, Kind::NotSignedIn);
    assert!(fits(&Found { kind: OpenStudio, services: true }, Door::Studio, false).is_ok());
}
