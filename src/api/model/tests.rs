//! Models against what servers send, and against what they should not.
