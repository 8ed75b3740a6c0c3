//! `basedeck upload`: the plan and the engine of the screen's uploads, told line by line.

use std::io;
use std::path::PathBuf;

use serde_json::json;
use tokio::sync::mpsc;

use super::print::{Progress, Results, refuse, say};
use super::{Context, DONE, Form, PARTLY, RETRIES, USAGE, code, unwritten};
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
    let mut report = Report::new(cli::Form { json: what.json, jsonl: what.jsonl }.into(), bucket);
    let (files, missed) = look(what.files, &mut report).await;
    if files.is_empty() {
        return report.ends(PARTLY);
    }
    let rules = tokio::select! {
        rules = rules(context, &destination.bucket) => rules,
        () = context.stop.cancelled() => return report.ends(code(Kind::Stopped)),
    };
    let rules = match rules {
        Ok(rules) => rules,
        Err((kind, sentence)) => {
            let none = Outcome::NotStored { kind, sentence: sentence.clone() };
            for file in &files {
                report.row(&file.path.display().to_string(), None, &none);
            }
            return report.ends(refuse(&sentence, code(kind)));
        }
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
    let states = carry_out(context, plan, usize::from(what.parallel), &mut report).await;
    report.ends(Class::of(states.iter().chain(&missed)).code())
}

/// Looks at the files; those that cannot be sent are told.
async fn look(paths: Vec<PathBuf>, report: &mut Report<'_>) -> (Vec<FileItem>, Vec<ItemState>) {
    let looked = tokio::task::spawn_blocking(move || files::look(&paths)).await.unwrap_or_default();
    let mut missed = Vec::new();
    let mut found = Vec::new();
    for (path, file) in looked {
        match file {
            Ok(file) => found.push(file),
            Err(sentence) => {
                let outcome = Outcome::NotStored { kind: Kind::LocalFile, sentence };
                report.tell(&path.display().to_string(), None, &outcome);
                missed.push(ItemState::Ended(outcome));
            }
        }
    }
    (found, missed)
}

/// What became of each file: on stderr where it is not stored, and all of it on stdout where that was asked for.
struct Report<'a> {
    form: Form,
    bucket: &'a str,
    out: Results,
    rows: Vec<String>,
    written: io::Result<()>,
}

impl<'a> Report<'a> {
    fn new(form: Form, bucket: &'a str) -> Self {
        Self { form, bucket, out: Results::new(), rows: Vec::new(), written: Ok(()) }
    }

    fn tell(&mut self, file: &str, key: Option<&str>, outcome: &Outcome) {
        self.row(file, key, outcome);
        if !outcome.is_done() {
            let why = outcome.sentence().map(|why| format!(": {why}")).unwrap_or_default();
            say(&format!("{file}: {}{why}", outcome.word()));
        }
    }

    fn row(&mut self, file: &str, key: Option<&str>, outcome: &Outcome) {
        let (word, why) = (outcome.word(), outcome.sentence());
        let row = json!({"file": file, "bucket": self.bucket, "key": key, "outcome": word, "why": why}).to_string();
        match self.form {
            Form::Json => self.rows.push(row),
            // An upload goes on where nobody reads of it.
            Form::Lines if self.written.is_ok() => {
                let written = self.out.row(&row).and_then(|()| self.out.plain("\n"));
                self.written = written.and_then(|()| self.out.flush());
            }
            Form::Lines | Form::Columns => {}
        }
    }

    /// Ends the output; the exit code, which was `code` before.
    fn ends(mut self, code: u8) -> u8 {
        if self.form == Form::Json {
            let rows = self.rows.iter().map(String::as_str);
            self.written = self.out.array(rows).and_then(|()| self.out.flush());
        }
        let written = self.written.map_or_else(|error| unwritten(&error), |()| DONE);
        if code == DONE { written } else { code }
    }
}

/// What the bucket takes, where a door tells; the reason where nothing could be stored there anyway.
async fn rules(context: &Context, bucket: &BucketId) -> Result<Option<Rules>, (Kind, String)> {
    match context.note(buckets::list(&context.client.retrying(RETRIES)).await) {
        Ok(page) => {
            let known: Vec<_> = page.rows.iter().filter_map(|row| row.value.as_ref().ok()).collect();
            if let Some(found) = known.iter().find(|known| known.id == *bucket) {
                return Ok(Some(Rules::from(*found)));
            }
            let names: Vec<_> = known.iter().take(20).map(|known| known.id.0.as_str()).collect();
            let there = if names.is_empty() { "no bucket at all".into() } else { names.join(", ") };
            Err((Kind::NotFound, format!("there is no bucket {}: there is {there}", bucket.0)))
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
            Err((error.kind, context.told(&error)))
        }
        Err(error) => {
            say(&format!("the bucket's rules are not known, so the server alone checks them: {}", error.sentence()));
            Ok(None)
        }
    }
}

/// Sends what can be sent and tells each item that is not stored.
async fn carry_out(context: &Context, plan: Plan, parallel: usize, report: &mut Report<'_>) -> Vec<ItemState> {
    let names: Vec<_> = plan.items.iter().map(|item| (item.source.display().to_string(), item.key.clone())).collect();
    let mut tell = |index: usize, state: &ItemState| {
        let (Some(outcome), Some((source, key))) = (state.outcome(), names.get(index)) else { return };
        context.log.upload(key, outcome.word(), outcome.sentence());
        report.tell(source, Some(key), outcome);
    };
    let progress = Progress::new();
    for (index, state) in plan.states().iter().enumerate() {
        tell(index, state);
    }
    let (sender, mut events) = mpsc::channel::<Vec<ItemEvent>>(UNTOLD);
    let mut job: JobHandle = Engine::new(context.client.clone()).start(JobId(0), plan, parallel, sender);
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
