//! Stand-ins for the ports.

pub mod fake_multiplexer;

pub use fake_multiplexer::FakeMultiplexer;
