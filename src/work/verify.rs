//! The truth about an upload whose answer was lost: what the server holds under the key now, where a door can say so,
//! and what that means for the item. A repeated upload would only meet the first one as a conflict.

#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::time::Duration;

use super::files::{self, Stamp};
use super::outcome::Outcome;
use super::plan::Exists;
use super::worker::Slot;
use crate::api::client::Client;
use crate::api::error::{ApiError, Kind};
use crate::api::model::{BucketId, ObjectInfo};
use crate::api::objects;
use crate::text::human::size;
use crate::text::width;

/// How long one look may take.
const LOOK: Duration = Duration::from_secs(10);
/// How long it may take when the person waits for the job to stop.
const GLANCE: Duration = Duration::from_secs(3);
/// When to look again after nothing was found: a server may still be storing what it got whole.
const AGAIN: [Duration; 2] = [Duration::from_millis(500), Duration::from_millis(1500)];
/// The most cells of a reason inside a sentence.
const SAID: usize = 160;

/// What was sent, and how far it got.
#[derive(Clone, Debug)]
pub(super) struct Sent {
    pub bucket: BucketId,
    pub key: String,
    pub source: PathBuf,
    pub stamp: Stamp,
    /// Bytes handed to the connection.
    pub bytes: u64,
    /// Whether the body was sent to its end.
    pub whole: bool,
}

/// What the server holds under the key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Finding {
    /// Our bytes; what proves it.
    Same(&'static str),
    /// Something else.
    Other,
    /// Nothing.
    Absent,
    /// No door of this connection can say.
    NoRoute,
    /// It could not be found out, and why.
    Failed(String),
}

/// Asks what the server holds and notes each request; with `patient`, nothing found after a whole body is looked for
/// again.
pub(super) async fn look(client: &Client, sent: &Sent, slot: &Slot, patient: bool) -> Finding {
    let client = if patient { client.retrying(2).within(LOOK) } else { client.within(GLANCE) };
    let mut pauses = AGAIN.iter().filter(|_| patient && sent.whole);
    loop {
        let answer = objects::info(&client, &sent.bucket, &sent.key).await;
        // Without a door nothing was asked.
        if answer.meta.door.is_some() {
            slot.note(&answer);
        }
        match answer.result {
            Ok(info) => return compare(&info, sent).await,
            Err(ApiError { kind: Kind::NoDoor | Kind::NoSuchRoute, .. }) => return Finding::NoRoute,
            Err(error) if error.kind == Kind::NotFound => match pauses.next() {
                Some(&pause) => tokio::time::sleep(pause).await,
                None => return Finding::Absent,
            },
            Err(error) => return Finding::Failed(error.sentence()),
        }
    }
}

async fn compare(info: &ObjectInfo, sent: &Sent) -> Finding {
    if info.size != sent.stamp.size {
        return Finding::Other;
    }
    match info.etag.as_deref().filter(|etag| is_md5(etag)) {
        // Stored in pieces: the etag says nothing of the bytes.
        None => Finding::Same("same size"),
        Some(etag) => match files::md5(sent.source.clone(), sent.stamp).await {
            Some(ours) if etag.eq_ignore_ascii_case(&ours) => Finding::Same("same size and MD5"),
            Some(_) => Finding::Other,
            None => Finding::Failed("The file changed since, so it cannot be compared.".into()),
        },
    }
}

fn is_md5(etag: &str) -> bool {
    etag.len() == 32 && etag.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// What a finding means after a failure that does not say whether the object was stored.
pub(super) fn conclude(finding: Finding, sent: &Sent, error: &ApiError, exists: Exists) -> Outcome {
    let kind = error.kind;
    match finding {
        Finding::Same(proof) => Outcome::Done { verified: Some(proof) },
        Finding::Other if exists == Exists::Skip => Outcome::AlreadySo,
        Finding::Other => Outcome::Exists,
        Finding::Absent | Finding::NoRoute | Finding::Failed(_) if !sent.whole => {
            let (bytes, all, why) = (size(sent.bytes), size(sent.stamp.size), said(&error.said));
            let sentence = format!("Only {bytes} of {all} went out ({why}): send it again.");
            Outcome::NotStored { kind, sentence }
        }
        Finding::Absent if error.is_lost() => {
            let sentence = format!("The server does not hold it ({}): send it again.", said(&error.said));
            Outcome::NotStored { kind, sentence }
        }
        Finding::Absent => Outcome::NotStored { kind, sentence: error.sentence() },
        Finding::NoRoute => {
            let why = format!("{}; no door of this connection can look", said(&error.said));
            Outcome::Unknown { sentence: unknown(&why) }
        }
        Finding::Failed(why) => {
            Outcome::Unknown { sentence: unknown(&format!("{}; {}", said(&error.said), said(&why))) }
        }
    }
}

/// What a finding means after the person stopped an upload that was sent whole.
pub(super) fn conclude_stopped(finding: Finding) -> Outcome {
    match finding {
        Finding::Same(proof) => Outcome::Done { verified: Some(proof) },
        Finding::Absent | Finding::Other => Outcome::Stopped,
        Finding::NoRoute | Finding::Failed(_) => {
            Outcome::Unknown { sentence: unknown("it was stopped while the server had not answered") }
        }
    }
}

fn unknown(why: &str) -> String {
    format!("Sent whole, no proof ({why}): look before you send it again.")
}

/// A reason inside a sentence of ours: no longer than one reads, and without the end of a sentence.
fn said(why: &str) -> String {
    width::cut(why.trim_end_matches('.'), SAID).replace(". ", "; ")
}
