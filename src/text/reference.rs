//! A project's short id: the configuration and the servers are held to the same rule.

/// Whether a text can be a project's short id: it becomes a part of paths and of a host's name.
pub fn is_reference(text: &str) -> bool {
    (1..=63).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}
