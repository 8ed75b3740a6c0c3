//! Which addresses are taken: http or https, with nothing in them that does not belong there.

use url::Url;

pub use crate::text::address::{is_loopback, place};

/// Longer addresses are refused.
const LONGEST: usize = 2_048;

/// Paths that the routes add themselves.
const ADDED: [&str; 3] = ["/api/platform", "/auth/v1", "/storage/v1"];

/// Checks an address and cuts the slash at its end.
///
/// # Errors
/// The end of a sentence that begins with the address's name. It never repeats the address, which may hold a password.
pub fn check(text: &str) -> Result<Url, String> {
    let url = plain(text)?;
    if let Some(added) = ADDED.iter().find(|added| url.path().ends_with(**added)) {
        return Err(format!("ends in {added}, which basedeck adds itself: leave it out"));
    }
    Ok(url)
}

/// Checks the address of a control plane's routes, with `/api/platform` at its end or not, and cuts that.
///
/// # Errors
/// As [`check`].
pub fn check_api(text: &str) -> Result<Url, String> {
    let bare = text.trim().trim_end_matches('/');
    check(bare.strip_suffix("/api/platform").unwrap_or(bare))
}

/// Checks the address where one signs in; `/auth/v1` is added where the address has no path.
///
/// # Errors
/// As [`check`].
pub fn check_auth(text: &str) -> Result<Url, String> {
    let url = plain(text)?;
    Ok(if matches!(url.path(), "" | "/") { sign_in(&url) } else { url })
}

/// Where one signs in at a control plane, unless the configuration names another place: at its origin's `/auth/v1`.
pub fn sign_in(control_plane: &Url) -> Url {
    let mut url = control_plane.clone();
    url.set_path("/auth/v1");
    url
}

fn plain(text: &str) -> Result<Url, String> {
    let text = text.trim();
    if text.len() > LONGEST {
        return Err(format!("is longer than {LONGEST} characters"));
    }
    let mut url = Url::parse(text)
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
        .ok_or("is no web address: write it as https://host or http://host:port")?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err("holds a user or password: leave it out, since credentials come from files or variables".into());
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err("has a `?` or `#` part: leave it out".into());
    }
    let path = url.path().trim_end_matches('/').to_owned();
    url.set_path(&path);
    Ok(url)
}
