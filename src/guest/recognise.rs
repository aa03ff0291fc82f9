//! What a file is, by its first bytes.
