//! The contract of `Multiplexer`.
