//! basedeck
fn main() {}
