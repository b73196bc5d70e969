//! Stand-ins for the ports, for the tests of every crate.

pub mod agent_screen;
mod conditions;
pub mod fake_clock;
pub mod fake_leases;
pub mod fake_multiplexer;
pub mod ports;
pub mod steps;

pub use agent_screen::AgentScreen;
pub use fake_clock::FakeClock;
pub use fake_leases::FakeLeases;
pub use fake_multiplexer::FakeMultiplexer;
pub use ports::{MockBackendLauncher, MockMultiplexer, SteppedMultiplexer, SteppedStorage};
pub use steps::{Fate, Step, Steps};
