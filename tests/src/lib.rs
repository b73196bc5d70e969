//! Support for the test suites: a hermetic environment, a private tmux server, fixtures and doubles.

pub mod embedded;
pub mod environment;
pub mod generated;
pub mod hands;
pub mod house;
pub mod http_client;
pub mod lab;
pub mod markdown;
pub mod private_pty;
pub mod private_tmux;
pub mod probe;
pub mod server;
pub mod stage;
pub mod storage_fixtures;
pub mod temp_database;
pub mod web_socket;
pub mod workspace;

pub use cafleet_doubles as doubles;
