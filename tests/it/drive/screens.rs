//! Snapshots of whole screens over states and sizes.
