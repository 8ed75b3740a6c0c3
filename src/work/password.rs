//! Passwords that nobody guesses and anybody can read out, and what is asked of those that a person chooses.

use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use crate::secret::Secret;

/// What GoTrue takes, in bytes: with more it fails (bcrypt's limit).
const LONGEST: usize = 72;
/// What is asked here, in characters; the server takes `1`.
const SHORTEST: usize = 8;

/// Whether a user of this address may get this password. An error is a sentence; a remedy can follow it.
pub fn check(password: &str, address: &str) -> Result<(), String> {
    let (bytes, chars, first) = (password.len(), password.chars().count(), password.chars().next());
    let name = address.split('@').next().unwrap_or_default();
    if bytes > LONGEST {
        return Err(format!("That is {bytes} bytes: the server takes at most {LONGEST}."));
    }
    if chars < SHORTEST {
        return Err(format!(
            "At least {SHORTEST} characters: this has {chars}. The server takes any, but a short one is guessed."
        ));
    }
    if password.chars().all(|c| Some(c) == first) {
        return Err("One character repeated is guessed at once.".into());
    }
    if password.eq_ignore_ascii_case(address) || password.eq_ignore_ascii_case(name) {
        return Err("The address is guessed first.".into());
    }
    Ok(())
}

/// 64 characters without those that look alike (`0 O o 1 l I i`), so that six random bits choose one evenly.
const ALPHABET: &[u8; 64] = b"abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789-_.+=@:,!";
/// About 117 bits.
const LENGTH: usize = 20;

/// A password from 32 random bytes of the operating system.
pub fn from_seed(seed: [u8; 32]) -> Secret {
    generate(&mut ChaCha20Rng::from_seed(seed))
}

/// A password with lower and upper case, a digit and a sign: servers may demand any of them.
pub fn generate(rng: &mut ChaCha20Rng) -> Secret {
    loop {
        let mut text = String::with_capacity(LENGTH);
        for _ in 0..LENGTH {
            let at = (rng.next_u32() & 63) as usize;
            text.extend(ALPHABET.get(at).copied().map(char::from));
        }
        let has = |kind: fn(&char) -> bool| text.chars().any(|c| kind(&c));
        let mixed = has(char::is_ascii_lowercase)
            && has(char::is_ascii_uppercase)
            && has(char::is_ascii_digit)
            && has(char::is_ascii_punctuation);
        let secret = Secret::new(text);
        if mixed {
            return secret;
        }
    }
}
