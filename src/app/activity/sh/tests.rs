use std::process::Command;

use super::*;
use crate::api::meta::Meta;
use crate::api::route::Door;

fn entry(route: Route, door: Door, path: &str, target: &str, proof: Proof, sent: Sent) -> Entry {
    let mut meta = Meta::of(route);
    (meta.door, meta.origin, meta.path) = (Some(door), "https://h.example".into(), path.into());
    (meta.method, meta.proof, meta.sent) = (route.spec().method_at(door).name(), proof, sent);
    let told = Entry::told(jiff::Timestamp::UNIX_EPOCH, "users.create", target, "", true);
    Entry { meta: Some(meta), ..told }
}

fn create(email: &str, more: &str) -> Entry {
    let email = serde_json::json!(email);
    let body = format!("{{\"email\":{email},\"email_confirm\":true,\"password\":\"hunter2\"{more}}}");
    let sent = Sent::json(body.as_bytes());
    entry(Route::UserCreate, Door::Gateway, "/auth/v1/admin/users", "", Proof::KeyAndBearer, sent)
}

fn upload(target: &str) -> Entry {
    let sent = Sent::File { mime: "text/plain".into(), replaces: true, form: true };
    entry(Route::ObjectUpload, Door::ControlPlane, "/up?x=1", target, Proof::Bearer, sent)
}

fn reach() -> Vec<String> {
    ["--profile", "acme"].map(String::from).into()
}

/// The words that a shell makes of a line, its first word replaced.
fn words(line: &str) -> Vec<String> {
    let script = format!("f() {{ printf '%s\\001' \"$@\"; }}; PASSWORD='pa ss' FILE=f; {}", {
        line.replacen("curl ", "f ", 1).replacen("basedeck ", "f ", 1)
    });
    let out = Command::new("sh").args(["-c", &script]).output().unwrap();
    assert!(out.status.success() && out.stderr.is_empty(), "{line}: {out:?}");
    let text = String::from_utf8(out.stdout).unwrap();
    text.split_terminator('\u{1}').map(str::to_owned).collect()
}

#[test]
fn a_request_is_told_as_curl_with_its_secrets_as_variables() {
    let list = |proof| entry(Route::UsersList, Door::Gateway, "/a/users?page=1&per_page=2", "", proof, Sent::Nothing);
    let url = "'https://h.example/a/users?page=1&per_page=2'";
    for (proof, headers) in [
        (Proof::None, ""),
        (Proof::Bearer, " -H \"authorization: Bearer $BASEDECK_TOKEN\""),
        (Proof::Personal, " -H \"authorization: Bearer $SUPABASE_ACCESS_TOKEN\""),
        (Proof::Key, " -H \"apikey: $BASEDECK_SERVICE_KEY\""),
        (
            Proof::KeyAndBearer,
            " -H \"apikey: $BASEDECK_SERVICE_KEY\" -H \"authorization: Bearer $BASEDECK_SERVICE_KEY\"",
        ),
        (Proof::Basic, " -u \"$DASHBOARD_USERNAME:$DASHBOARD_PASSWORD\""),
    ] {
        assert_eq!(curl(&list(proof)).unwrap(), format!("curl -gsS {url}{headers}"));
    }
    assert_eq!(
        curl(&create("a@b.c", "")).unwrap(),
        "curl -gsS -X POST https://h.example/auth/v1/admin/users -H \"apikey: $BASEDECK_SERVICE_KEY\" \
         -H \"authorization: Bearer $BASEDECK_SERVICE_KEY\" -H 'content-type: application/json' --data-raw \
         '{\"email\":\"a@b.c\",\"email_confirm\":true,\"password\":\"'\"$PASSWORD\"'\"}'"
    );
    assert_eq!(
        curl(&upload("docs/a.txt")).unwrap(),
        "curl -gsS -X POST 'https://h.example/up?x=1' -H \"authorization: Bearer $BASEDECK_TOKEN\" \
         -F 'file=@'\"$FILE\"';type=text/plain' -H 'x-upsert: true'"
    );
    let long = Sent::json(format!("{{\"a\":\"{}\"}}", "x".repeat(20_000)).as_bytes());
    let long = entry(Route::UserCreate, Door::Gateway, "/u", "", Proof::None, long);
    assert!(curl(&long).unwrap().ends_with("--data-raw \"$BODY\""));
    let told = Entry::told(jiff::Timestamp::UNIX_EPOCH, "jobs.end", "", "done", true);
    assert_eq!(curl(&told), Err(Reason::NoRequest));
}

#[test]
fn commands_say_where_they_connect_to() {
    let of = |route, path: &str, target: &str| {
        command(&entry(route, Door::Gateway, path, target, Proof::Key, Sent::Nothing), &reach())
    };
    assert_eq!(of(Route::UsersList, "/users?page=1", "").unwrap(), "basedeck users list --profile acme");
    assert_eq!(of(Route::UserGet, "/users/1-2", "").unwrap(), "basedeck users get --profile acme 1-2");
    assert_eq!(
        of(Route::BucketGet, "/b/x", "my bucket/a/").unwrap(),
        "basedeck buckets get --profile acme 'my bucket'"
    );
    assert_eq!(of(Route::BucketsList, "/b", "").unwrap(), "basedeck buckets list --profile acme");
    assert_eq!(of(Route::ObjectsList, "/b", "b/"), Err(Reason::NoTwin));
    assert_eq!(
        command(&create("a@b.c", ",\"user_metadata\":{\"p\":1}"), &reach()).unwrap(),
        "printf %s \"$PASSWORD\" | basedeck users create --profile acme --confirm --metadata='{\"p\":1}' \
         --password-stdin a@b.c"
    );
    let line = command(&upload("docs/2026/a.txt"), &["--url".into(), "https://x.io/".into()]).unwrap();
    assert_eq!(line, "basedeck upload --url https://x.io/ \"$FILE\" docs/2026");
}

#[test]
fn nothing_from_outside_breaks_out_of_its_word() {
    for hostile in
        ["it's", "$(touch x)`id`", "a\"b\\", "-rf", "--config=x", "*;|&>", "~", "é漢 🦀", "!!", "'\\''", "=ls"]
    {
        let line = command(&create(hostile, ""), &reach()).unwrap();
        let said = words(line.split_once(" | ").unwrap().1);
        assert_eq!(said.last().unwrap(), hostile, "{line}");
        assert_eq!(said.iter().any(|word| word == "--"), hostile.starts_with('-'), "{line}");
        let line = command(&upload(&format!("{hostile}/x")), &reach()).unwrap();
        assert_eq!(words(&line).last().unwrap(), hostile, "{line}");

        let sent = words(&curl(&create(hostile, ",\"user_metadata\":{\"password\":\"$x'\"}")).unwrap());
        let body: serde_json::Value = serde_json::from_str(sent.last().unwrap()).unwrap();
        assert_eq!((&body["email"], &body["password"]), (&hostile.into(), &"pa ss".into()), "{sent:?}");
        assert_eq!(body["user_metadata"]["password"], "$x'");
    }
    // Where a terminal might obey: a body escapes it, a command is not made.
    for hostile in ["a\nb", "\u{1b}[201~\rid", "\u{202e}x", "\u{7f}"] {
        assert_eq!(command(&create(hostile, ""), &reach()), Err(Reason::NoLine), "{hostile:?}");
        let line = curl(&create(hostile, "")).unwrap();
        assert!(line.chars().all(|c| c.is_ascii() && !c.is_ascii_control()), "{line:?}");
        let body: serde_json::Value = serde_json::from_str(words(&line).last().unwrap()).unwrap();
        assert_eq!(body["email"], hostile);
    }
    let error = curl(&entry(Route::UsersList, Door::Gateway, "/\u{1b}", "", Proof::None, Sent::Nothing));
    assert_eq!(error, Err(Reason::NoLine));
}

#[test]
fn no_password_is_kept_or_told() {
    let entry = create("a@b.c", "");
    let told = format!("{entry:?} {:?} {:?}", curl(&entry), command(&entry, &reach()));
    assert!(!told.contains("hunter2"), "{told}");
    assert_eq!(variables(&curl(&entry).unwrap()), ["BASEDECK_SERVICE_KEY", "PASSWORD"]);
    assert_eq!(variables(&command(&upload("b/x"), &[]).unwrap()), ["FILE"]);
    assert_eq!(variables("basedeck users get '$PASSWORD\"'"), [""; 0]);
}
