//! Entries as lines for a POSIX shell: what was sent as curl, and the command that does the same. Secrets stand as
//! variables in double quotes; all else that is not plain stands in single quotes. What a terminal might take for more
//! than text is in no line.

#[cfg(test)]
mod tests;

use super::Entry;
use crate::api::meta::{Proof, Sent};
use crate::api::route::Route;
use crate::app::op::gate::Reason;
use crate::text::clean;

/// The request of an entry as curl.
pub(super) fn curl(entry: &Entry) -> Result<String, Reason> {
    let meta = entry.meta.as_ref().filter(|meta| !meta.origin.is_empty()).ok_or(Reason::NoRequest)?;
    let mut words: Vec<String> = vec!["curl".into(), "-gsS".into()];
    if meta.method != "GET" {
        words.extend(["-X".into(), meta.method.into()]);
    }
    words.push(quoted(&format!("{}{}", meta.origin, meta.path))?);
    let variable = variable(meta.proof);
    if matches!(meta.proof, Proof::Key | Proof::KeyAndBearer) {
        words.push(format!("-H \"apikey: ${variable}\""));
    }
    if matches!(meta.proof, Proof::Bearer | Proof::Personal | Proof::KeyAndBearer) {
        words.push(format!("-H \"authorization: Bearer ${variable}\""));
    }
    if meta.proof == Proof::Basic {
        words.push(format!("-u \"$DASHBOARD_USERNAME:${variable}\""));
    }
    words.extend(body(&meta.sent)?);
    Ok(words.join(" "))
}

/// The variable that a credential is to stand in: those that the program itself reads, or the server's own.
const fn variable(proof: Proof) -> &'static str {
    match proof {
        Proof::None | Proof::Bearer => "BASEDECK_TOKEN",
        Proof::Personal => "SUPABASE_ACCESS_TOKEN",
        Proof::Key | Proof::KeyAndBearer => "BASEDECK_SERVICE_KEY",
        Proof::Basic => "DASHBOARD_PASSWORD",
    }
}

fn body(sent: &Sent) -> Result<Vec<String>, Reason> {
    let json = "-H 'content-type: application/json'";
    Ok(match sent {
        Sent::Nothing => Vec::new(),
        Sent::Json { text, password: false } => vec![json.into(), format!("--data-raw {}", quoted(&ascii(text))?)],
        Sent::Json { text, password: true } => {
            // Without quotes and backslashes in it a password can stand there as it is.
            let open = text.strip_suffix('}').unwrap_or(text);
            let comma = if open.ends_with('{') { "" } else { "," };
            let before = single(&ascii(&format!("{open}{comma}\"password\":\"")));
            vec![json.into(), format!("--data-raw {before}\"$PASSWORD\"'\"}}'")]
        }
        Sent::Long => vec![json.into(), "--data-raw \"$BODY\"".into()],
        Sent::File { mime, replaces, form } => {
            let mut words = if *form {
                vec![format!("-F {}\"$FILE\"{}", single("file=@"), quoted(&format!(";type={mime}"))?)]
            } else {
                vec![format!("-H {}", quoted(&format!("content-type: {mime}"))?), "--data-binary \"@$FILE\"".into()]
            };
            if *replaces {
                words.push("-H 'x-upsert: true'".into());
            }
            words
        }
    })
}

/// The command that does the same without a screen; `reach` says where it connects to.
pub(super) fn command(entry: &Entry, reach: &[String]) -> Result<String, Reason> {
    let meta = entry.meta.as_ref().ok_or(Reason::NoRequest)?;
    let mut flags: Vec<String> = Vec::new();
    for word in reach {
        flags.push(quoted(word)?);
    }
    // Behind `--` a word that begins with a dash is none of the flags.
    let line = |verb: &str, flags: &[String], words: &[String]| {
        let dashes = words.iter().any(|word| word.trim_start_matches(['\'', '"']).starts_with('-'));
        let dashes = dashes.then(|| "--".to_owned());
        let all = ["basedeck".to_owned(), verb.to_owned()].into_iter().chain(flags.iter().cloned());
        all.chain(dashes).chain(words.iter().cloned()).collect::<Vec<_>>().join(" ")
    };
    let last = || meta.path.rsplit('/').next().unwrap_or_default();
    Ok(match meta.route {
        Route::UsersList => line("users list", &flags, &[]),
        Route::UserGet => line("users get", &flags, &[quoted(last())?]),
        Route::BucketsList => line("buckets list", &flags, &[]),
        Route::BucketGet => {
            let bucket = entry.target.split('/').next().filter(|bucket| !bucket.is_empty());
            line("buckets get", &flags, &[quoted(bucket.ok_or(Reason::NoTwin)?)?])
        }
        Route::UserCreate => {
            let (text, password) = match &meta.sent {
                Sent::Json { text, password } => (text.as_str(), *password),
                _ => return Err(Reason::NoTwin),
            };
            let sent: serde_json::Value = serde_json::from_str(text).unwrap_or_default();
            let email = sent.get("email").and_then(serde_json::Value::as_str).ok_or(Reason::NoTwin)?;
            if sent.get("email_confirm").and_then(serde_json::Value::as_bool) == Some(true) {
                flags.push("--confirm".into());
            }
            if let Some(metadata) = sent.get("user_metadata") {
                flags.push(format!("--metadata={}", quoted(&ascii(&metadata.to_string()))?));
            }
            if password {
                flags.push("--password-stdin".into());
            }
            let line = line("users create", &flags, &[quoted(email)?]);
            if password { format!("printf %s \"$PASSWORD\" | {line}") } else { line }
        }
        Route::ObjectUpload => {
            // The file's own name becomes the last part of the key.
            let folder = entry.target.rsplit_once('/').map_or(entry.target.as_str(), |(folder, _)| folder);
            line("upload", &flags, &["\"$FILE\"".into(), quoted(folder)?])
        }
        Route::ObjectsList
        | Route::ObjectsListV1
        | Route::ObjectInfo
        | Route::SignIn
        | Route::ProjectsList
        | Route::ProjectKeys
        | Route::Look => return Err(Reason::NoTwin),
    })
}

/// The variables of a line that are to be set before it is run.
pub(super) fn variables(line: &str) -> Vec<&'static str> {
    const ALL: [&str; 8] = [
        "BASEDECK_TOKEN",
        "SUPABASE_ACCESS_TOKEN",
        "BASEDECK_SERVICE_KEY",
        "DASHBOARD_USERNAME",
        "DASHBOARD_PASSWORD",
        "PASSWORD",
        "FILE",
        "BODY",
    ];
    // What stands in single quotes is text, whatever it says.
    let outside = line.split('\'').step_by(2).collect::<Vec<_>>();
    let stands = |name: &&str| {
        let (variable, begins) = (format!("${name}\""), format!("${name}:"));
        outside.iter().any(|part| part.contains(&variable) || part.contains(&begins))
    };
    ALL.into_iter().filter(stands).collect()
}

/// JSON in plain ASCII: no character in it can do anything to a terminal.
fn ascii(json: &str) -> String {
    let mut plain = String::new();
    for c in json.chars() {
        if c.is_ascii() && !c.is_ascii_control() {
            plain.push(c);
        } else {
            let mut units = [0; 2];
            plain.extend(c.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")));
        }
    }
    plain
}

/// A word of a shell's line; none for what a terminal might obey, or a person not see.
fn quoted(text: &str) -> Result<String, Reason> {
    if clean::line(text) != text || text.contains(char::is_control) {
        return Err(Reason::NoLine);
    }
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:=@%+,".contains(&byte);
    Ok(if !text.is_empty() && text.bytes().all(plain) { text.to_owned() } else { single(text) })
}

fn single(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}
