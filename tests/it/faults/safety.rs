//! What every request keeps to, made from the table of routes: one credential, in the door's own way, for its own origin
//! alone, and told nowhere.

use basedeck::api::error::Kind;
use basedeck::api::route::Door;

use super::calls::{call, offered};
use super::{check_sentence, key, target};
use crate::socket::{Server, answer, client};

#[tokio::test]
async fn each_request_proves_who_asks_in_its_doors_way_alone() {
    for (route, door) in offered() {
        let server = Server::answering([answer("422 Unprocessable Entity", "", "{}")]).await;
        let answered = call(route, &client(door, &server.url, key(door)), &target()).await;
        let at = format!("{route:?} at {door:?}");
        assert!(!server.asked().is_empty(), "{at}");
        for request in server.asked() {
            let all = |name: &str| {
                let values = request.headers.iter().filter(|(key, _)| key.eq_ignore_ascii_case(name));
                values.map(|(_, value)| value.clone()).collect::<Vec<_>>()
            };
            let (authorization, apikey) = (all("authorization"), all("apikey"));
            match door {
                // `ops` and the password.
                Door::Studio => {
                    let basic = "Basic b3BzOnRoZS1zdHVkaW8tcGFzc3dvcmQtMDEyMzQ1Njc4OQ==".to_owned();
                    assert_eq!((authorization, apikey), (vec![basic], vec![]), "{at}");
                }
                Door::ControlPlane => {
                    assert_eq!((authorization, apikey), (vec![format!("Bearer {}", key(door))], vec![]), "{at}");
                }
                Door::Gateway => {
                    let key = key(door).to_owned();
                    assert_eq!((authorization, apikey), (vec![format!("Bearer {key}")], vec![key]), "{at}");
                }
            }
            assert!(!request.target.contains(key(door)), "{at}: {}", request.target);
        }
        // What is kept of it, in Activity, in the log and in a copied line.
        let kept = format!("{:?}", answered.meta);
        assert!(!kept.contains(key(door)) && !kept.contains("horse"), "{at}: {kept}");
    }
}

#[tokio::test]
async fn no_request_is_led_to_another_origin() {
    let other = Server::answering([answer("200 OK", "", "[]")]).await;
    // Another port is another origin, and so is another name of the same machine.
    let named = other.url.as_str().replace("127.0.0.1", "localhost");
    for to in [other.url.as_str(), &named] {
        for (route, door) in offered() {
            for status in ["302 Found", "307 Temporary Redirect"] {
                let server = Server::answering([answer(status, &format!("Location: {to}\r\n"), "")]).await;
                let error = call(route, &client(door, &server.url, key(door)), &target()).await.result.unwrap_err();
                assert_eq!(error.kind, Kind::Redirected, "{route:?} at {door:?}: {error}");
                check_sentence(&error, door);
            }
        }
    }
    assert!(other.asked().is_empty());
}
