//! Strings for people and cells: a leaf that anybody may import.
