//! A project of local development: a folder with `supabase/config.toml`, `.env` or `.env.local`. Unasked, it is only
//! looked whether such files are there; they are read once a person said so.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use super::secrets::bounded;
use super::{Inputs, Setup, Unready, command, secrets};
use crate::api::client::{Connection, DoorConfig};
use crate::api::route::Door;
use crate::config::{address, paths};
use crate::secret::Secret;

/// How many folders above the one where the program was started are looked into.
const UP: usize = 8;
/// The local command line tool's own configuration.
const TOOL: &str = "supabase/config.toml";
/// Files of variables, the more special one first.
const VARIABLES: [&str; 2] = [".env.local", ".env"];
/// The port of the local gateway, unless the tool's configuration names another.
const PORT: u16 = 54_321;
/// Names of variables that hold a project's address, the first one first.
const URLS: [&str; 5] =
    ["SUPABASE_URL", "NEXT_PUBLIC_SUPABASE_URL", "SUPABASE_PUBLIC_URL", "API_EXTERNAL_URL", "API_URL"];
/// Names of variables that hold its service key.
const KEYS: [&str; 4] =
    ["SUPABASE_SERVICE_ROLE_KEY", "SUPABASE_SERVICE_KEY", "SUPABASE_SECRET_KEY", "SERVICE_ROLE_KEY"];

/// Files that may name a project: none of them was opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Local {
    folder: PathBuf,
    files: Vec<&'static str>,
}

impl Local {
    /// The files, as a person knows them: `.env and supabase/config.toml in /home/me/app`.
    pub fn name(&self) -> String {
        format!("{} in {}", self.files.join(" and "), self.folder.display())
    }
}

/// Looks for such files in a folder and above it, up to the home at most.
pub fn found(from: &Path) -> Option<Local> {
    below(from, paths::home().as_deref())
}

fn below(from: &Path, home: Option<&Path>) -> Option<Local> {
    for folder in from.ancestors().take(UP + 1) {
        let there = |file: &&str| fs::metadata(folder.join(file)).is_ok_and(|meta| meta.is_file());
        let files: Vec<_> = VARIABLES.into_iter().chain([TOOL]).filter(there).collect();
        if !files.is_empty() {
            return Some(Local { folder: folder.to_owned(), files });
        }
        if Some(folder) == home {
            return None;
        }
    }
    None
}

/// Reads the files and says what to connect to. Where only the tool's configuration is there, `supabase status` is
/// asked for the key.
pub fn connect(local: &Local, inputs: &Inputs) -> Result<Setup, Unready> {
    let (url, key) = read(local)?;
    let base =
        address::check(&url).map_err(|what| Unready(format!("the project's address in {} {what}", local.name())))?;
    if base.scheme() == "http" && !address::is_loopback(&base) && !inputs.flags.allow_http {
        let place = address::place(&base);
        return Err(Unready(format!(
            "plain http to {place} would show the service key to the network: allow it with --allow-http"
        )));
    }
    let warnings = crate::api::credential::misplaced(Door::Gateway, &key)
        .map(|said| format!("the service key for {} {said}", address::place(&base)));
    let name =
        local.folder.file_name().map_or_else(|| address::place(&base), |name| name.to_string_lossy().into_owned());
    let ca_file_pem = inputs.flags.ca_file.as_deref().map(super::setup::certificates).transpose()?;
    let door = DoorConfig { door: Door::Gateway, base, reference: None, user: None, credential: key, renew: None };
    let read_only = inputs.flags.read_only;
    let connection = Connection { doors: vec![door], read_only, ca_file_pem, detect: true, watch: None };
    Ok(Setup { warnings: warnings.into_iter().collect(), ..Setup::plain(name, connection, inputs.flags.interval) })
}

fn read(local: &Local) -> Result<(String, Secret), Unready> {
    let mut url = None;
    for file in VARIABLES.into_iter().filter(|file| local.files.contains(file)) {
        let variables = variables(&text(&local.folder.join(file))?);
        let first = |names: &[&str]| names.iter().find_map(|name| variables.get(*name)).cloned();
        url = url.or_else(|| first(&URLS));
        if let (Some(url), Some(key)) = (url.clone(), first(&KEYS)) {
            return Ok((url, secret(key, file)?));
        }
    }
    if !local.files.contains(&TOOL) {
        return Err(Unready(format!(
            "no project is named by {}: basedeck looks for {} and {}",
            local.name(),
            URLS.first().unwrap_or(&""),
            KEYS.first().unwrap_or(&"")
        )));
    }
    let port = port(&text(&local.folder.join(TOOL))?);
    let own = format!("http://127.0.0.1:{port}");
    let line = format!("cd {} && supabase status -o env", secrets::quoted(&local.folder));
    let told = command::run(&line).map_err(|why| {
        Unready(format!(
            "the project's key is not in {}, and `supabase status -o env` does not tell it: {why}; give it with \
             --project-url {own} --service-key-file FILE",
            local.name()
        ))
    })?;
    let told = variables(&told);
    let first = |names: &[&str]| names.iter().find_map(|name| told.get(*name)).cloned();
    let key = first(&KEYS).or_else(|| told.get("SECRET_KEY").cloned());
    let key = key.ok_or_else(|| {
        Unready(format!(
            "`supabase status -o env` tells no service key: give it with --project-url {own} --service-key-file FILE"
        ))
    })?;
    Ok((first(&URLS).unwrap_or(own), secret(key, "`supabase status`")?))
}

fn secret(key: String, from: &str) -> Result<Secret, Unready> {
    if key.bytes().all(|byte| byte.is_ascii_graphic()) {
        Ok(Secret::new(key))
    } else {
        Err(Unready(format!("the service key in {from} holds a character that no credential has")))
    }
}

fn text(path: &Path) -> Result<String, Unready> {
    let name = path.display().to_string();
    let file = File::open(path).map_err(|error| Unready(format!("{name} cannot be read ({error})")))?;
    bounded(file, &name).map_err(Unready)
}

/// The variables of a file as shells and their like read it: `export`, quotes, comments. The last of a name counts;
/// empty ones, and those that are made of others, do not.
fn variables(text: &str) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    for line in text.lines().map(str::trim) {
        let line = line.strip_prefix("export ").unwrap_or(line);
        let Some((name, value)) = line.split_once('=').filter(|_| !line.starts_with('#')) else { continue };
        let value = value.trim();
        let quoted = ['"', '\''].into_iter().find_map(|mark| value.strip_prefix(mark)?.split_once(mark));
        let value = match quoted {
            Some((value, _)) => value,
            None => value.split(" #").next().unwrap_or_default().trim_end(),
        };
        if !value.is_empty() && !value.contains('$') {
            all.insert(name.trim().to_owned(), value.to_owned());
        }
    }
    all
}

/// `[api] port` of the tool's configuration.
fn port(text: &str) -> u16 {
    let mut inside = false;
    for line in text.lines().map(str::trim) {
        if line.starts_with('[') {
            inside = line.split('#').next().unwrap_or_default().trim() == "[api]";
        } else if let Some((name, value)) = line.split_once('=').filter(|_| inside)
            && name.trim() == "port"
            && let Ok(port) = value.split('#').next().unwrap_or_default().trim().parse()
        {
            return port;
        }
    }
    PORT
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(folder: &Path, name: &str, text: &str) {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    #[test]
    fn files_are_looked_for_upwards_but_never_above_the_home() {
        let home = tempfile::tempdir().unwrap();
        let deep = home.path().join("a/b/c");
        fs::create_dir_all(&deep).unwrap();
        assert_eq!(below(&deep, Some(home.path())), None);
        // What cannot be read is found all the same: nothing is opened.
        write(home.path(), "a/supabase/config.toml", "");
        write(home.path(), "a/.env", "");
        let local = below(&deep, Some(home.path())).unwrap();
        assert_eq!((local.folder.clone(), &local.files[..]), (home.path().join("a"), &[".env", TOOL][..]));
        assert!(local.name().contains(".env and "), "{}", local.name());
        assert_eq!(below(&deep, Some(&home.path().join("a/b"))), None, "the home is the end");
        fs::create_dir_all(home.path().join("x/.env")).unwrap();
        assert_eq!(below(&home.path().join("x"), Some(home.path())), None, "a folder is no file");
    }

    #[test]
    fn a_file_of_variables_names_address_and_key() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), ".env.local", "# mine\nexport NEXT_PUBLIC_SUPABASE_URL='http://localhost:9' # here\n");
        write(
            folder.path(),
            ".env",
            "SUPABASE_URL=\nSUPABASE_URL=${OTHER}\nSUPABASE_URL=\"http://localhost:8\"\n#SERVICE_ROLE_KEY=no\n\
             SERVICE_ROLE_KEY = a-key # of mine\nJWT_SECRET=x\n",
        );
        let local = below(folder.path(), None).unwrap();
        let setup = connect(&local, &Inputs::default()).unwrap();
        let door = &setup.connection.doors[0];
        assert_eq!((door.base.as_str(), door.credential.expose()), ("http://localhost:9/", "a-key"));
        assert!(setup.connection.detect && !setup.connection.read_only);
    }

    /// Here it tells nothing, whether or not there is such a command.
    #[test]
    fn without_the_tool_the_key_is_to_be_given() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("supabase")).unwrap();
        fs::write(folder.path().join(TOOL), "[api]\nport = 54399").unwrap();
        let told = connect(&found(folder.path()).unwrap(), &Inputs::default()).unwrap_err().0;
        let depth = told.chars().scan(0, |depth, sign| {
            *depth += i32::from(sign == '(') - i32::from(sign == ')');
            Some(*depth)
        });
        assert!(depth.max() < Some(2) && told.starts_with("the project's key is not in "), "{told}");
        assert!(told.ends_with("give it with --project-url http://127.0.0.1:54399 --service-key-file FILE"), "{told}");
    }

    #[test]
    fn what_is_no_project_is_said_and_no_secret_with_it() {
        let folder = tempfile::tempdir().unwrap();
        for (text, says) in [
            ("PORT=1\nPASSWORD=hunter2", "no project is named by .env in "),
            ("SUPABASE_URL=nonsense\nSERVICE_ROLE_KEY=hunter2", "is no web address"),
            ("SUPABASE_URL=http://10.0.0.1\nSERVICE_ROLE_KEY=hunter2", "plain http to 10.0.0.1"),
            ("SUPABASE_URL=http://localhost:1\nSERVICE_ROLE_KEY=\"hunter2 x\"", "holds a character"),
        ] {
            write(folder.path(), ".env", text);
            let said = connect(&below(folder.path(), None).unwrap(), &Inputs::default()).unwrap_err().0;
            assert!(said.contains(says) && !said.contains("hunter2"), "{said}");
        }
        write(folder.path(), ".env", &"X=1\n".repeat(20_000));
        assert!(
            connect(&below(folder.path(), None).unwrap(), &Inputs::default())
                .unwrap_err()
                .0
                .contains("more than 64 KiB")
        );
    }

    #[test]
    fn the_tools_port_is_its_own_or_the_usual_one() {
        assert_eq!(port("[db]\nport = 5\n[api] # x\nenabled = true\nport = 7 # y\n[studio]\nport = 6"), 7);
        assert_eq!(port("[db]\nport = 5\n[api]\nport = \"no\""), PORT);
    }
}
