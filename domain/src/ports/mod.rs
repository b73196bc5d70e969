//! The ports: what the rules need from the outside, as contracts.
//!
//! To add an adapter, implement the trait from its documentation alone and run the conformance suite of the port on
//! it (`tests/conformance`). Every method says what it returns, when it returns nothing, what it guarantees, and how
//! it fails. Lookups that find nothing return `None`; an error means that the question could not be answered.

pub mod backend_launcher;
pub mod change_feed;
pub mod clock;
pub mod maintenance;
pub mod marks;
pub mod multiplexer;
pub mod other_stores;
pub mod pane_host;
pub mod pane_io;
pub mod pane_leases;
pub mod pane_watcher;
pub mod storage;
pub mod terminal_daemon;

pub use backend_launcher::{
    BackendLauncher, BackgroundSession, Installed, LaunchError, LaunchOptions, LaunchRequest, Preset, PresetState, Role,
};
pub use change_feed::{ChangeFeed, ChangeSpan, StoreId, StoreIdentity};
pub use clock::Clock;
pub use maintenance::{Maintenance, Prepared, Purged, Restored};
pub use marks::Marks;
pub use multiplexer::{Multiplexer, MultiplexerError};
pub use other_stores::OtherStores;
pub use pane_host::{PaneHost, SpawnRequest, StartRequest, TaggedPane};
pub use pane_io::{Deaf, EnterCondition, Front, KEY_SHOWS_WITHIN, Look, PaneIo, PaneView, TypingCondition};
pub use pane_leases::{Begun, PaneLease, PaneLeases, Stood};
pub use pane_watcher::{PaneEvent, PaneEvents, PaneInput, PaneWatcher, WatchMode, WatchedPane};
pub use storage::{Storage, StorageError};
pub use terminal_daemon::{DaemonStatus, PaneSummary, TerminalDaemon};
