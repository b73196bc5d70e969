//! The environment variables that `cafleet` reads, all of them.

/// A setting that comes from the environment.
#[derive(Debug, Clone, Copy)]
pub struct EnvVar {
    /// Its name.
    pub name: &'static str,
    /// What holds when it is not set, in words.
    pub default: &'static str,
    /// What it means.
    pub meaning: &'static str,
}

/// Where the database is.
pub const DATABASE_URL: EnvVar = EnvVar {
    name: "CAFLEET_DATABASE_URL",
    default: "`sqlite://<data dir>/cafleet/cafleet.db`, where the data dir is `$XDG_DATA_HOME` or `~/.local/share`",
    meaning: "The database: `sqlite://` and a path, or a path. The path is absolute, or begins with `~`, the home directory.",
};

/// Where sockets are.
pub const RUNTIME_DIR: EnvVar = EnvVar {
    name: "CAFLEET_RUNTIME_DIR",
    default: "the directory of the database",
    meaning: "The directory of the socket of the [embedded terminals](../embedded-terminals.md), for a database on a file system without sockets. It must be an absolute path and serve one database only. Programs in the panes get the same value.",
};

/// How much of a body is shown.
pub const MAX_TEXT_LEN: EnvVar = EnvVar {
    name: "CAFLEET_MAX_TEXT_LEN",
    default: "200",
    meaning: "How many Unicode scalar values of a message are shown before `…`, in output without `--full` and in previews.",
};

/// Where the server listens.
pub const BROKER_HOST: EnvVar = EnvVar {
    name: "CAFLEET_BROKER_HOST",
    default: "127.0.0.1",
    meaning: "The name or address on which `cafleet server` listens. There is no login, so only this machine should reach it.",
};

/// The port on which the server listens.
pub const BROKER_PORT: EnvVar = EnvVar {
    name: "CAFLEET_BROKER_PORT",
    default: "8000",
    meaning: "The port on which `cafleet server` listens; 0 takes any that is free.",
};

/// How safe a commit is from a loss of power.
pub const SQLITE_SYNCHRONOUS: EnvVar = EnvVar {
    name: "CAFLEET_SQLITE_SYNCHRONOUS",
    default: "normal",
    meaning: "`normal`: after a power loss the database is intact, but the last commits may be missing. `full`: no commit is missing, and every commit waits for the disk.",
};

/// Which multiplexer owns new panes.
pub const MULTIPLEXER: EnvVar = EnvVar {
    name: "CAFLEET_MULTIPLEXER",
    default: "`tmux` inside tmux, `pty` elsewhere",
    meaning: "Multiplexer for a new Director's pane: `tmux`, or `pty` for the [embedded terminals](../embedded-terminals.md). Existing panes are not affected. The option `--multiplexer` takes precedence.",
};

/// What else programs in embedded terminals find.
pub const PANE_VARIABLES: EnvVar = EnvVar {
    name: "CAFLEET_PANE_VARIABLES",
    default: "none",
    meaning: "Names of further variables, separated by commas, that are passed to agents in [embedded terminals](../embedded-terminals.md), such as one with the API key of your provider. In tmux, tmux's own `update-environment` and `set-environment` decide.",
};

/// How many messages two agents may exchange in a minute.
pub const LOOP_PAIR_LIMIT: EnvVar = EnvVar {
    name: "CAFLEET_LOOP_PAIR_LIMIT",
    default: "20",
    meaning: "More messages than this between the same two agents within 60 s are a loop: notifications between them are then limited to one per 30 s, and the Director is alerted. 0 disables this limit.",
};

/// How many messages of two agents may answer each other.
pub const LOOP_CHAIN_LIMIT: EnvVar = EnvVar {
    name: "CAFLEET_LOOP_CHAIN_LIMIT",
    default: "50",
    meaning: "A longer chain of replies than this between the same two agents within 10 minutes is a loop too. 0 disables this limit.",
};

/// What is told of what goes on inside.
pub const LOG: EnvVar = EnvVar {
    name: "CAFLEET_LOG",
    default: "nothing",
    meaning: "Which internal events are logged to stderr, as a filter of [`tracing`](https://docs.rs/tracing-subscriber/latest/tracing_subscriber/filter/struct.EnvFilter.html): a level such as `debug`, or levels for parts such as `cafleet_domain=debug,cafleet_adapters=trace`. Message bodies are logged at `trace` only. The option `--verbose` takes precedence. A monitor, a server and the daemon of the embedded terminals also write a [log](../troubleshooting.md), from `info` on if this is not set.",
};

/// Every variable, in the order of the generated reference.
pub const ALL: [EnvVar; 11] = [
    DATABASE_URL,
    RUNTIME_DIR,
    MAX_TEXT_LEN,
    SQLITE_SYNCHRONOUS,
    MULTIPLEXER,
    PANE_VARIABLES,
    LOOP_PAIR_LIMIT,
    LOOP_CHAIN_LIMIT,
    BROKER_HOST,
    BROKER_PORT,
    LOG,
];
