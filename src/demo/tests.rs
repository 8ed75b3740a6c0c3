//! In-module tests of the demo.
