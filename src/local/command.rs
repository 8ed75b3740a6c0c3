//! A credential's command: run by the shell, bounded in time and size, its complaint told when it fails. It keeps the
//! terminal, so that a password manager can ask there.

use std::collections::BTreeSet;
use std::io::Read;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

#[cfg(unix)]
use rustix::process::{Pid, Signal};

use super::secrets::bounded;
use crate::text::clean;

/// What the command is called in sentences.
pub const NAME: &str = "the command's output";
/// Longer than this no command is waited for: a person may have to type a password.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often it is looked at.
const LOOK: Duration = Duration::from_millis(10);
/// So much of a complaint is told.
const COMPLAINT: usize = 300;
/// Secrets of ours that no other program is to inherit.
const OURS: [&str; 4] =
    ["BASEDECK_TOKEN", "BASEDECK_SERVICE_KEY", "SUPABASE_SERVICE_ROLE_KEY", "SUPABASE_ACCESS_TOKEN"];
/// The same by other names, which the configuration gives to them.
static NAMED: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// From now on no command inherits these variables.
pub fn withhold<'a>(names: impl Iterator<Item = &'a str>) {
    NAMED.lock().unwrap_or_else(PoisonError::into_inner).extend(names.map(str::to_owned));
}

/// What the command prints. An error is the middle of a sentence about the credential.
pub fn run(line: &str) -> Result<String, String> {
    run_within(line, PATIENCE, false)
}

/// The same while a screen holds the terminal: the command must do without a person.
pub fn run_unseen(line: &str) -> Result<String, String> {
    run_within(line, PATIENCE, true)
}

fn run_within(line: &str, patience: Duration, unseen: bool) -> Result<String, String> {
    let mut command = Command::new("sh");
    if unseen {
        command.stdin(Stdio::null()).env_remove("GPG_TTY");
        // In the background of the terminal: who reads it all the same is stopped instead of taking keys away.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
    }
    command.arg("-c").arg(line).stdout(Stdio::piped()).stderr(Stdio::piped());
    for name in OURS {
        command.env_remove(name);
    }
    for name in NAMED.lock().unwrap_or_else(PoisonError::into_inner).iter() {
        command.env_remove(name);
    }
    let mut child = command.spawn().map_err(|error| format!("its command cannot be started ({error})"))?;
    let until = Instant::now() + patience;
    let (send, ends) = mpsc::channel();
    // In threads of their own: what the command left behind may hold its pipes open for ever.
    let (printed, complaints, told) = (child.stdout.take(), child.stderr.take(), send.clone());
    thread::spawn(move || told.send(Part::Complaint(complaints.map(head).unwrap_or_default())));
    thread::spawn(move || send.send(Part::Printed(printed.map_or(Ok(String::new()), |out| bounded(out, NAME)))));
    let (mut output, mut complaint, mut status) = (None, None, None);
    while output.is_none() || complaint.is_none() || status.is_none() {
        if status.is_none() {
            status = child.try_wait().map_err(|error| format!("its command cannot be waited for ({error})"))?;
        }
        match ends.recv_timeout(LOOK) {
            Ok(Part::Printed(text)) => output = Some(text),
            Ok(Part::Complaint(text)) => complaint = Some(text),
            Err(RecvTimeoutError::Disconnected) => thread::sleep(LOOK),
            Err(RecvTimeoutError::Timeout) => {}
        }
        if Instant::now() > until {
            let patience = patience.as_secs();
            if status.is_some() && !unseen {
                // Its children are nobody's now, and cannot be told from others.
                return Err(format!("its command ended, but what it left running held its output for {patience} s"));
            }
            end(&mut child, unseen);
            return Err(format!("its command took longer than {patience} s and was stopped"));
        }
    }
    // One that prints too much is cut off, and fails for that.
    let output = output.unwrap_or(Ok(String::new()))?;
    if let Some(status) = status.filter(|status| !status.success()) {
        let complaint = complaint.unwrap_or_default();
        let said = complaint.lines().map(str::trim).rfind(|line| !line.is_empty()).unwrap_or("it said nothing");
        let said: String = clean::line(said).chars().take(COMPLAINT).collect();
        let status = status.to_string().replace(": ", " ");
        return Err(format!("its command failed ({status}): {said}"));
    }
    Ok(output)
}

/// Ends a command with all that it started. None of it matters where it has ended meanwhile.
fn end(child: &mut Child, alone: bool) {
    #[cfg(unix)]
    {
        use rustix::process::{kill_process, kill_process_group};
        let shell = Pid::from_child(child);
        if alone {
            let _ = kill_process_group(shell, Signal::KILL);
        } else {
            // What keeps the terminal is in the group of this program, and of others that are piped to it: so one by
            // one, from the shell down, each held still before its children are looked for.
            let mut family = vec![shell];
            let mut next = 0;
            while let Some(&parent) = family.get(next) {
                let _ = kill_process(parent, Signal::STOP);
                family.extend(processes().into_iter().filter(|(_, of)| *of == parent).map(|(pid, _)| pid));
                next += 1;
            }
            for pid in family {
                let _ = kill_process(pid, Signal::KILL);
            }
        }
    }
    let _ = child.kill();
    let _ = child.wait();
}

/// All processes with their parents: as the system's files tell it, or `ps` where there are none.
#[cfg(unix)]
fn processes() -> Vec<(Pid, Pid)> {
    let pid = |text: Option<&str>| text?.parse().ok().and_then(Pid::from_raw);
    let told = std::fs::read_dir("/proc").into_iter().flatten().filter_map(|entry| {
        let stat = std::fs::read_to_string(entry.ok()?.path().join("stat")).ok()?;
        // `1 (name) S 0 …`, and anything may stand in the name.
        let (first, rest) = stat.rsplit_once(") ")?;
        Some((pid(first.split(' ').next())?, pid(rest.split(' ').nth(1))?))
    });
    let told: Vec<_> = told.collect();
    if told.is_empty() { by_ps().unwrap_or_default() } else { told }
}

#[cfg(unix)]
fn by_ps() -> Option<Vec<(Pid, Pid)>> {
    let printed = Command::new("ps").args(["-A", "-o", "pid=", "-o", "ppid="]).stdin(Stdio::null()).output().ok()?;
    let pair = |line: &str| {
        let mut pids = line.split_whitespace().map(|pid| pid.parse().ok().and_then(Pid::from_raw));
        Some((pids.next()??, pids.next()??))
    };
    Some(String::from_utf8_lossy(&printed.stdout).lines().filter_map(pair).collect())
}

/// What one of the two pipes brought.
enum Part {
    Printed(Result<String, String>),
    Complaint(String),
}

/// The first 16 KiB; the rest is read and left out, so that the command can end.
fn head(mut from: impl Read) -> String {
    let mut bytes = Vec::new();
    // A pipe that breaks has said what it will ever say.
    let _ = from.by_ref().take(16 << 10).read_to_end(&mut bytes);
    let _ = std::io::copy(&mut from, &mut std::io::sink());
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_gives_what_it_prints_and_never_inherits_our_secrets() {
        assert_eq!(run("printf 's3cret\\n'").as_deref(), Ok("s3cret\n"));
        assert_eq!(run("env | grep -c ^BASEDECK_TOKEN= || true").as_deref(), Ok("0\n"));
    }

    #[test]
    fn an_unseen_command_reads_nothing_from_a_person() {
        assert_eq!(run_unseen("cat; printf %s \"${GPG_TTY-none}\"").as_deref(), Ok("none"));
    }

    #[test]
    fn a_command_that_fails_tells_its_last_words_made_safe() {
        let told = run("echo first >&2; printf 'no such \\033[31mentry\\n' >&2; exit 3").unwrap_err();
        assert!(told.starts_with("its command failed (exit status 3): no such "), "{told}");
        assert!(told.contains("␛[31mentry"), "{told}");
        let quiet = run("false").unwrap_err();
        assert!(quiet.ends_with("it said nothing"), "{quiet}");
    }

    #[test]
    fn a_command_that_hangs_is_stopped_and_one_that_floods_is_refused() {
        for hangs in ["exec sleep 60", "exec sleep 60 >/dev/null 2>&1"] {
            let told = run_within(hangs, Duration::from_millis(50), true).unwrap_err();
            assert!(told.ends_with("and was stopped"), "{told}");
        }
        // What the shell started ends with it, and what that started.
        for unseen in [true, false] {
            let folder = tempfile::tempdir().unwrap();
            let pid = folder.path().join("pid");
            let line = format!("(sleep 60 & echo $! > {}; wait; :); :", pid.display());
            run_within(&line, Duration::from_secs(3), unseen).unwrap_err();
            let pid: i32 = std::fs::read_to_string(pid).unwrap().trim().parse().unwrap();
            let gone =
                || std::fs::read_to_string(format!("/proc/{pid}/stat")).map_or(true, |stat| stat.contains(") Z "));
            let until = Instant::now() + Duration::from_secs(10);
            while cfg!(target_os = "linux") && !gone() {
                assert!(Instant::now() < until, "it goes on");
                thread::yield_now();
            }
        }
        let told = run("head -c 100000 /dev/zero").unwrap_err();
        assert!(told.contains("64 KiB"), "{told}");
    }

    #[test]
    fn a_command_that_left_something_behind_is_not_said_to_be_stopped() {
        let told = run_within("sleep 9 &", Duration::from_secs(3), false).unwrap_err();
        assert_eq!(told, "its command ended, but what it left running held its output for 3 s");
    }

    #[cfg(unix)]
    #[test]
    fn the_parent_of_each_process_is_known() {
        use rustix::process::{getpid, getppid};
        let own = (getpid(), getppid().unwrap());
        assert!(processes().contains(&own));
        // Not every machine has it.
        assert!(by_ps().is_none_or(|told| told.contains(&own)));
    }
}
