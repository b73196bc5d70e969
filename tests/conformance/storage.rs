//! The contract of `Storage`.
