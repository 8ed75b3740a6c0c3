//! Web addresses: how people name one, and which of them stay on this machine. Configuration and client go by the same.

use url::{Host, Url};

/// Whether an address stays on this machine: plain http shows nothing to a network there, and no proxy is asked for it.
/// A system that connects to 0.0.0.0 connects to itself. A name below `localhost` is another matter: the network's name
/// servers may be asked where it is.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback() || ip.is_unspecified(),
        Some(Host::Ipv6(ip)) => ip.to_canonical().is_loopback() || ip.to_canonical().is_unspecified(),
        None => false,
    }
}

/// Host and port, as people name a server: a scheme's own port is left out.
pub fn place(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stays_on_this_machine_is_told_from_what_does_not() {
        for (text, here) in [
            ("http://localhost:1", true),
            ("http://LOCALHOST", true),
            ("http://127.8.9.1", true),
            ("http://[::1]", true),
            ("http://[::ffff:127.0.0.1]", true),
            ("http://0.0.0.0:8000", true),
            ("http://[::]", true),
            ("http://api.localhost", false),
            ("http://localhost.evil.io", false),
            ("http://127.0.0.1.evil.io", false),
            ("http://192.168.0.1", false),
            ("data:localhost", false),
        ] {
            assert_eq!(is_loopback(&text.parse().unwrap()), here, "{text}");
        }
    }

    #[test]
    fn a_server_is_named_without_its_own_port() {
        for (text, named) in
            [("https://a.io:443/x", "a.io"), ("http://[::1]:8000", "[::1]:8000"), ("http://b.io", "b.io")]
        {
            assert_eq!(place(&text.parse().unwrap()), named);
        }
    }
}
