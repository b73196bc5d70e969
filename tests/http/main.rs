//! The HTTP API on a real server.
