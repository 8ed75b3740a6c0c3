//! Selects as a console may send them.

use serde_json::{Value as Json, json};

use super::run;
use crate::demo::people::People;
use crate::demo::seed::{Crowd, shelves};
use crate::demo::store::Store;

const BASE: i64 = 1_795_478_400_000_000;
const COUNT: u32 = 300;

fn project() -> (People, Store) {
    (People::new(Crowd::new(7, COUNT, BASE), true), Store { shelves: shelves(7, BASE) })
}

fn rows(sql: &str) -> Vec<Json> {
    let (people, store) = project();
    run(sql, &people, &store).unwrap_or_else(|body| panic!("{sql}\n{body:#}"))
}

fn refused(sql: &str) -> String {
    let (people, store) = project();
    let body = run(sql, &people, &store).expect_err(sql);
    body["formattedError"].as_str().expect("text").trim_start_matches("ERROR:  ").to_owned()
}

fn texts(rows: &[Json], name: &str) -> Vec<String> {
    rows.iter().map(|row| row[name].as_str().expect("text").to_owned()).collect()
}

#[test]
fn pages_of_users_miss_nobody_and_repeat_nobody() {
    let mut by_offset = Vec::new();
    for page in 0..10 {
        let offset = page * 31;
        let sql = format!("select id from auth.users order by created_at desc, id desc limit 31 offset {offset}");
        by_offset.extend(texts(&rows(&sql), "id"));
    }
    assert_eq!(by_offset.len(), COUNT as usize);
    let mut walked: Vec<String> = Vec::new();
    let mut after = String::new();
    loop {
        let page = rows(&format!(
            "SET TRANSACTION READ ONLY; set local statement_timeout = '3s';
             SELECT u.id, u.created_at FROM auth.users AS u {after} ORDER BY u.created_at DESC, u.id DESC LIMIT 17;"
        ));
        let Some(last) = page.last() else { break };
        after = format!(
            "where (u.created_at, u.id) < ('{}'::timestamptz, '{}')",
            last["created_at"].as_str().unwrap(),
            last["id"].as_str().unwrap()
        );
        walked.extend(texts(&page, "id"));
    }
    assert_eq!(walked, by_offset);
    walked.sort();
    walked.dedup();
    assert_eq!(walked.len(), COUNT as usize);
    let oldest = rows("select id from auth.users order by created_at, id limit 1");
    assert_eq!(Some(&texts(&oldest, "id")[0]), by_offset.last());
}

#[test]
fn rows_have_the_types_of_the_database() {
    let all = rows(
        "select id, email, phone, created_at, last_sign_in_at, is_anonymous, is_sso_user, raw_app_meta_data,
         raw_user_meta_data->>'full_name' as full_name, raw_user_meta_data->'plan', email_change, created_at::text t
         from auth.users order by created_at desc",
    );
    assert_eq!(all.len(), COUNT as usize);
    for row in &all {
        assert!(row["is_anonymous"].is_boolean() && row["raw_app_meta_data"].is_object());
        assert!(row["email"].is_null() || row["email"] != "");
        assert!(row["phone"].is_null() || row["phone"] != "");
        let created = row["created_at"].as_str().expect("text");
        assert_eq!(row["t"], created);
        assert!(created.ends_with("+00") && created.contains(' ') && !created.contains('T'), "{created}");
        let digits = created.trim_end_matches("+00").split_once('.').map_or("", |(_, digits)| digits);
        assert!(digits.len() <= 6 && !digits.ends_with('0'), "{created}");
    }
    assert!(all.iter().any(|row| row["is_sso_user"] == true && row["full_name"].is_string()));
    assert!(all.iter().any(|row| row["email_change"] != "") && all.iter().any(|row| row["last_sign_in_at"].is_null()));
    let keys: Vec<&String> = all[0].as_object().expect("an object").keys().collect();
    assert_eq!(&keys[8..], ["full_name", "?column?", "email_change", "t"]);
}

#[test]
fn people_are_found() {
    let one =
        &rows("select id, email, created_at from auth.users where email like '%@%' order by created_at limit 1")[0];
    let (id, email) = (one["id"].as_str().unwrap(), one["email"].as_str().unwrap());
    for by in [
        format!("id = '{id}'"),
        format!("id = '{id}'::uuid and email is not null"),
        format!("id in ('{id}')"),
        format!("id = any(array['{id}']::uuid[])"),
        format!("id = any('{{{id}}}'::uuid[])"),
        format!("id::text like '{id}'"),
        format!("email = '{email}'"),
        format!("lower(email) = lower('{email}') and not is_anonymous"),
        format!("email ilike '{}'", email.to_uppercase().replace('.', "\\.")),
        format!("strpos(email, '{email}') > 0 or phone = 'x''y'"),
        format!("position('{email}' in coalesce(email, '')) = 1"),
        format!("created_at = '{}'", one["created_at"].as_str().unwrap()),
        format!("created_at between '{0}' and '{0}'", one["created_at"].as_str().unwrap()),
    ] {
        let found = rows(&format!("select email from auth.users where {by}"));
        assert_eq!(found, [json!({"email": email})], "{by}");
    }
    assert_eq!(rows("select 1 from auth.users where email like '100!%' escape '!'"), Vec::<Json>::new());
    assert_eq!(rows("select 1 from auth.users where id = '00000000-0000-4000-8000-000000000000'"), Vec::<Json>::new());
}

#[test]
fn providers_come_from_identities() {
    for list in [
        "(select json_agg(i.provider order by i.provider) from auth.identities i where i.user_id = u.id)",
        "array(select provider from auth.identities where user_id = u.id order by 1)",
    ] {
        let sql = format!(
            "select coalesce({list}, null) as providers, raw_app_meta_data->'providers' as told from auth.users u
             where deleted_at is null and not is_anonymous order by created_at limit 60"
        );
        for row in rows(&sql) {
            let mut told: Vec<String> = serde_json::from_value(row["told"].clone()).expect("a list");
            told.sort();
            assert_eq!(row["providers"], json!(told), "{list}");
        }
    }
    let sql = "select exists(select 1 from auth.mfa_factors f where f.user_id = u.id) from auth.users u limit 1";
    assert_eq!(rows(sql), [json!({"exists": false})]);
}

#[test]
fn totals_are_numbers_and_sums_are_text() {
    let objects: usize = shelves(7, BASE).iter().map(|shelf| shelf.objects.len()).sum();
    let bytes: u64 = shelves(7, BASE).iter().flat_map(|shelf| shelf.objects.values()).map(|object| object.size).sum();
    let row = &rows(
        "select count(*), count(*) filter (where banned_until > now()) as banned, count(email) as with_email,
         (select count(*) from storage.objects) as objects, max(created_at) as newest,
         (select sum((metadata->>'size')::bigint) from storage.objects) as bytes from auth.users",
    )[0];
    assert_eq!((&row["count"], &row["objects"]), (&json!(COUNT), &json!(objects)));
    assert_eq!(row["bytes"], json!(bytes.to_string()));
    assert!(row["with_email"].as_u64() < row["count"].as_u64() && row["newest"].is_string());
    let per_bucket = rows(
        "select bucket_id, count(*)::int as n, coalesce(sum((metadata->>'size')::bigint), 0)::bigint as bytes
         from storage.objects group by bucket_id order by n desc, 1",
    );
    assert_eq!(per_bucket.len(), 8);
    assert_eq!(per_bucket.iter().map(|row| row["n"].as_u64().unwrap() as usize).sum::<usize>(), objects);
    assert_eq!(per_bucket.iter().map(|row| row["bytes"].as_u64().unwrap()).sum::<u64>(), bytes);
    assert_eq!(rows("select count(*), sum(1) from auth.mfa_factors"), [json!({"count": 0, "sum": null})]);
}

#[test]
fn mistakes_are_postgresqls() {
    assert_eq!(refused("selec 1"), "42601: syntax error at or near \"selec\"\nLINE 1: selec 1\n        ^\n");
    for (sql, begins) in [
        ("select id from auth.users where id = 'ada'", "22P02: invalid input syntax for type uuid: \"ada\"\n"),
        ("select id from auth.users where id like '%a%'", "42883: operator does not exist: uuid ~~ unknown\n"),
        ("select new_email from auth.users", "42703: column \"new_email\" does not exist\nLINE 1: select new_email"),
        ("select u.x from auth.users u", "42703: column u.x does not exist\n"),
        ("select x.id from auth.users u", "42P01: missing FROM-clause entry for table \"x\"\n"),
        (
            "select\nid from users",
            "42P01: relation \"users\" does not exist\nLINE 2: id from users\n                ^\n",
        ),
        ("select id from auth.users where created_at > 'soon'", "22007: invalid input syntax for type timestamp"),
        ("select id from auth.users where email", "42804: argument of"),
        ("select 1/0", "22012: division by zero"),
        ("select 'a", "42601: unterminated quoted string at or near \"'a\""),
        ("select id from auth.users limit -1", "2201W: LIMIT must not be negative"),
        ("select * from auth.users", "42601: syntax error at or near \"*\" (the demo has no SQL engine"),
        ("with a as (select 1) select 1", "42601: syntax error at or near \"with\" (the demo"),
        ("select pg_sleep(9)", "42883: function pg_sleep(bigint) does not exist (the demo"),
    ] {
        assert!(refused(sql).starts_with(begins), "{sql}: {}", refused(sql));
    }
    for sql in ["select ".to_owned() + &"(".repeat(100_000), "select 1".to_owned() + &" + 1".repeat(100_000)] {
        assert!(refused(&sql).starts_with("54001"));
    }
}

#[test]
fn nothing_is_written() {
    for (write, name) in [
        ("delete from auth.users where id = '00000000-0000-4000-8000-00000000dead'", "DELETE"),
        ("Insert into auth.users (id) values ('x')", "INSERT"),
        ("update auth.users set email = ''", "UPDATE"),
        ("truncate auth.users", "TRUNCATE TABLE"),
        ("drop table auth.users", "DROP TABLE"),
    ] {
        let guarded = refused(&format!("set transaction read only; select 1; {write}; select 2"));
        assert_eq!(guarded, format!("25006: cannot execute {name} in a read-only transaction\n"));
        assert!(refused(write).starts_with(&format!("0A000: the demo refuses {name}")));
    }
    assert_eq!(rows("set transaction read only"), Vec::<Json>::new());
    assert_eq!(rows("select 1 as a; select 2 as b"), [json!({"b": 2})]);
}
