//! `basedeck upload`: the plan and the engine of the screen's uploads, told line by line.

use std::path::PathBuf;

use tokio::sync::mpsc;

use super::print::{Progress, refuse, say};
use super::{Context, PARTLY, RETRIES, USAGE, code};
use crate::api::buckets;
use crate::api::error::Kind;
use crate::api::model::BucketId;
use crate::cli;
use crate::text::human;
use crate::work::engine::{Engine, JobHandle};
use crate::work::files;
use crate::work::outcome::{Class, Counts, ItemState, JobId, Outcome};
use crate::work::plan::{Choices, Destination, Exists, FileItem, Plan, Rules, plan};
use crate::work::progress::{ItemEvent, Totals};

/// So many files are sent at once.
const PARALLEL: usize = 4;
/// So many batches of events may wait to be told.
const UNTOLD: usize = 16;

/// Uploads the files; the exit code.
pub async fn run(context: &Context, what: cli::Upload) -> u8 {
    let (bucket, prefix) = what.target.split_once('/').unwrap_or((&what.target, ""));
    if matches!(bucket, "" | "." | "..") {
        return refuse(&format!("`{}` names no bucket: write BUCKET or BUCKET/PREFIX", what.target), USAGE);
    }
    if context.client.read_only() {
        let sentence = "nothing was uploaded: this connection is read-only, by --read-only or by its profile";
        return refuse(sentence, code(Kind::ReadOnly));
    }
    let destination = Destination::new(BucketId(bucket.to_owned()), prefix);
    let (files, missed) = look(what.files).await;
    if files.is_empty() {
        return PARTLY;
    }
    let rules = tokio::select! {
        rules = rules(context, &destination.bucket) => rules,
        () = context.stop.cancelled() => Err(code(Kind::Stopped)),
    };
    let rules = match rules {
        Ok(rules) => rules,
        Err(code) => return code,
    };
    let exists = match what.exists {
        cli::Exists::Fail => Exists::Fail,
        cli::Exists::Skip => Exists::Skip,
    };
    let choices = Choices { keep_folders: what.keep_folders, exists, safe_names: false };
    let plan = plan(&files, &destination, choices, rules.as_ref());
    if let Some(large) = plan.asks_first() {
        say(&large.sentence());
    }
    let states = carry_out(context, plan).await;
    let lost = Outcome::NotStored { kind: Kind::LocalFile, sentence: String::new() };
    let missed = vec![ItemState::Ended(lost); missed];
    Class::of(states.iter().chain(&missed)).code()
}

/// Looks at the files; those that cannot be sent are told and counted.
async fn look(paths: Vec<PathBuf>) -> (Vec<FileItem>, usize) {
    let looked = tokio::task::spawn_blocking(move || files::look(&paths)).await.unwrap_or_default();
    let mut missed = 0;
    let mut found = Vec::new();
    for (path, file) in looked {
        match file {
            Ok(file) => found.push(file),
            Err(sentence) => {
                missed += 1;
                say(&format!("{}: not stored: {sentence}", path.display()));
            }
        }
    }
    (found, missed)
}

/// What the bucket takes, where a door tells; the exit code when nothing could be stored there anyway.
async fn rules(context: &Context, bucket: &BucketId) -> Result<Option<Rules>, u8> {
    match context.note(buckets::list(&context.client.retrying(RETRIES)).await) {
        Ok(page) => {
            let known: Vec<_> = page.rows.iter().filter_map(|row| row.value.as_ref().ok()).collect();
            if let Some(found) = known.iter().find(|known| known.id == *bucket) {
                return Ok(Some(Rules::from(*found)));
            }
            let names: Vec<_> = known.iter().take(20).map(|known| known.id.0.as_str()).collect();
            let there = if names.is_empty() { "no bucket at all".into() } else { names.join(", ") };
            let sentence = format!("there is no bucket {}: there is {there}", bucket.0);
            Err(refuse(&sentence, code(Kind::NotFound)))
        }
        // The list says something of the connection as a whole: the upload would fail the same way.
        Err(error)
            if matches!(
                error.kind,
                Kind::NotSignedIn
                    | Kind::NoDoor
                    | Kind::NotFound
                    | Kind::Paused
                    | Kind::Unreachable
                    | Kind::Untrusted
                    | Kind::WrongServer
                    | Kind::Redirected
            ) =>
        {
            Err(refuse(&context.told(&error), code(error.kind)))
        }
        Err(error) => {
            say(&format!("the bucket's rules are not known, so the server alone checks them: {}", error.sentence()));
            Ok(None)
        }
    }
}

/// Sends what can be sent and tells each item that is not stored.
async fn carry_out(context: &Context, plan: Plan) -> Vec<ItemState> {
    let names: Vec<_> = plan.items.iter().map(|item| (item.source.display().to_string(), item.key.clone())).collect();
    let tell = |index: usize, state: &ItemState| {
        let (Some(outcome), Some((source, key))) = (state.outcome(), names.get(index)) else { return };
        context.log.upload(key, outcome.word(), outcome.sentence());
        if !outcome.is_done() {
            let why = outcome.sentence().map(|why| format!(": {why}")).unwrap_or_default();
            say(&format!("{source}: {}{why}", outcome.word()));
        }
    };
    let progress = Progress::new();
    for (index, state) in plan.states().iter().enumerate() {
        tell(index, state);
    }
    let (sender, mut events) = mpsc::channel::<Vec<ItemEvent>>(UNTOLD);
    let mut job: JobHandle = Engine::new(context.client.clone()).start(JobId(0), plan, PARALLEL, sender);
    let mut stopping = false;
    loop {
        tokio::select! {
            biased;
            batch = events.recv() => match batch {
                Some(batch) => for event in &batch {
                    tell(event.index, &event.state);
                },
                // The job has ended, and every event was told.
                None => break,
            },
            () = context.stop.cancelled(), if !stopping => {
                stopping = true;
                job.stop();
            }
            Ok(()) = job.totals.changed() => progress.show(&line(&job.totals.borrow_and_update())),
        }
    }
    let states = job.ended().await;
    let counts = Counts::of(&states);
    if progress.is_on() || counts.failed() > 0 {
        say(&format!("{} stored, {} there already, {} not", counts.done, counts.already, counts.failed()));
    }
    states
}

fn line(totals: &Totals) -> String {
    let counts = &totals.counts;
    let (sent, bytes) = (human::size(totals.sent), human::size(totals.bytes));
    let pace = match totals.rate {
        _ if totals.waiting_for_server => ", sent, waiting for the server".into(),
        Some(rate) => format!(", {}", human::rate(rate)),
        None => String::new(),
    };
    let left = totals
        .eta
        .filter(|_| !totals.waiting_for_server)
        .map(|eta| format!(", {} left", human::span(eta)))
        .unwrap_or_default();
    format!("{} of {} files, {sent} of {bytes}{pace}{left}", counts.finished(), counts.all())
}
