//! The client against servers that lie.
