//! Where a profile's projects are listed, for a person to choose one.

use url::Url;

use super::Unready;
use super::secrets::{self, Found};
use super::setup::certificates;
use crate::api::projects::{Lister, Management, Platform, TokenNow};
use crate::config::{Profile, Source, address};
use crate::secret::Secret;

/// What lists the projects that this profile's credential sees; `None` where it is one project and no more. It may run
/// the profile's command.
pub fn listing(profile: &Profile) -> Result<Option<Lister>, Unready> {
    let ca = || profile.ca_file.as_deref().map(certificates).transpose();
    if let Some(hosted) = &profile.supabase {
        let token = token(hosted.source.as_ref(), &hosted.api, profile.allow_http)?;
        return Ok(Some(Lister::Hosted(Management::new(hosted.api.clone(), token, "", ca()?))));
    }
    let Some(plane) = profile.control_plane.as_ref().filter(|plane| plane.source.is_some()) else { return Ok(None) };
    let token = token(plane.source.as_ref(), &plane.url, profile.allow_http)?;
    Ok(Some(Lister::Platform(Platform::new(plane.url.clone(), TokenNow::new(token), ca()?))))
}

fn token(source: Option<&Source>, to: &Url, allow_http: bool) -> Result<Secret, Unready> {
    let place = address::place(to);
    if to.scheme() == "http" && !address::is_loopback(to) && !allow_http {
        return Err(Unready(format!("plain http to {place} would show the token to the network: use https")));
    }
    match source.map(secrets::read) {
        Some(Ok(Found::Secret(token, _))) => Ok(token),
        Some(Err(what)) => Err(Unready(format!("the token for {place} cannot be used: {what}"))),
        Some(Ok(Found::Nothing)) | None => Err(Unready(format!("the token for {place} is missing"))),
    }
}
