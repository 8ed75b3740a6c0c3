//! A profile's sources asked once more: a command is run again, a file is read again, for another program may have
//! renewed the token in it.

use super::secrets::{self, Found};
use super::{command, secrets::printed};
use crate::api::renew::{Given, NotGiven, Note, Renew, Renewal};
use crate::config::Source;
use crate::secret::Secret;

/// A source that may hold another credential by now.
#[derive(Debug)]
pub struct Again(Source);

/// The source, where asking it again makes sense: a variable and standard input never change.
pub fn again(source: &Source) -> Option<Again> {
    matches!(source, Source::Command(_) | Source::File(_)).then(|| Again(source.clone()))
}

impl Renew for Again {
    fn renew<'a>(&'a self, old: Option<&'a Secret>, _: &'a Note) -> Renewal<'a> {
        Box::pin(async move {
            let source = self.0.clone();
            let read = tokio::task::spawn_blocking(move || read(&source)).await;
            let secret = read.unwrap_or_else(|_| Err("its source cannot be asked".into()));
            let secret = secret.map_err(NotGiven::SignIn)?;
            if old == Some(&secret) {
                return Err(NotGiven::SignIn(format!("what {} is refused or over", self.holds())));
            }
            Ok(Given { secret, ..Given::default() })
        })
    }
}

impl Again {
    fn holds(&self) -> String {
        match &self.0 {
            Source::File(path) => format!("the file {} holds", path.display()),
            _ => "its command prints".into(),
        }
    }
}

/// Blocks: the command may take a minute.
fn read(source: &Source) -> Result<Secret, String> {
    if let Source::Command(line) = source {
        return printed(command::run_unseen(line)?);
    }
    match secrets::read(source)? {
        Found::Secret(secret, _) => Ok(secret),
        Found::Nothing => Err("its source is empty".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::renew::unnoted;

    #[tokio::test]
    async fn a_file_is_read_again_and_says_when_nothing_changed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        std::fs::write(&path, "first\n").unwrap();
        let source = again(&Source::File(path.clone())).unwrap();
        let first = Secret::new("first".into());
        assert_eq!(source.renew(None, &unnoted).await.unwrap().secret, first);
        let Err(NotGiven::SignIn(why)) = source.renew(Some(&first), &unnoted).await else { panic!("it is the same") };
        assert_eq!(why, format!("what the file {} holds is refused or over", path.display()));
        std::fs::write(&path, "second").unwrap();
        assert_eq!(source.renew(Some(&first), &unnoted).await.unwrap().secret.expose(), "second");
    }

    #[tokio::test]
    async fn a_command_is_run_again_and_its_complaint_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let count = folder.path().join("count");
        let line = format!("echo x >> {0}; printf 'token%d' $(wc -l < {0})", count.display());
        let source = again(&Source::Command(line)).unwrap();
        for told in ["token1", "token2"] {
            assert_eq!(source.renew(None, &unnoted).await.unwrap().secret.expose(), told);
        }
        let locked = again(&Source::Command("echo 'the vault is locked' >&2; exit 2".into())).unwrap();
        let Err(NotGiven::SignIn(why)) = locked.renew(None, &unnoted).await else { panic!("it failed") };
        assert!(why.ends_with("the vault is locked"), "{why}");
    }

    #[test]
    fn what_never_changes_is_not_asked_again() {
        assert!(again(&Source::Env(vec!["TOKEN".into()])).is_none() && again(&Source::Stdin).is_none());
    }
}
