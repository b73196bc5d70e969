//! Fleets, members and messages, made through the storage port.

use std::time::Duration;

use cafleet_domain::agent::Agent;
use cafleet_domain::backend::Backend;
use cafleet_domain::fleet::FleetDetail;
use cafleet_domain::id::{AgentId, FleetId, PaneId};
use cafleet_domain::placement::{MultiplexerKind, Pane, ServerId};
use cafleet_domain::ports::Storage;
use cafleet_domain::ports::storage::{FleetRequest, MemberRequest, Registered, Registration, SendRequest, Sent};
use cafleet_domain::task::Task;
use cafleet_domain::timestamp::Timestamp;

/// Returns a point in time: `seconds` after an arbitrary one.
#[must_use]
pub fn at(seconds: u64) -> Timestamp {
    Timestamp::from_unix_micros(1_776_247_200_123_456).after(Duration::from_secs(seconds))
}

/// Returns a pane of a tmux server that does not exist.
#[must_use]
pub fn pane(number: u32) -> Pane {
    Pane {
        multiplexer: MultiplexerKind::Tmux,
        server: ServerId {
            socket: "/tmp/a b:c/default".to_owned(),
            pid: 4_000,
            started: 1_700_000_000,
            namespace: None,
        },
        session: "main".to_owned(),
        window: "@3".to_owned(),
        id: PaneId::new(format!("%{number}")),
        pid: 5_000 + number,
    }
}

/// Asks for a fleet whose Director lives in pane 0.
#[must_use]
pub fn fleet_request(seconds: u64) -> FleetRequest {
    FleetRequest {
        label: Some("my-project".to_owned()),
        coding_agent: Backend::CLAUDE,
        multiplexer: MultiplexerKind::Tmux,
        pane: Some(pane(0)),
        now: at(seconds),
    }
}

/// Asks for an agent.
#[must_use]
pub fn registration(fleet: FleetId, name: &str, seconds: u64) -> Registration {
    Registration {
        fleet,
        name: name.to_owned(),
        description: format!("does what {name} does"),
        skills: r#"[{"id":"review","tags":["rust"]}]"#.to_owned(),
        now: at(seconds),
    }
}

/// Asks for a member.
#[must_use]
pub fn member_request(fleet: &FleetDetail, name: &str, seconds: u64) -> MemberRequest {
    MemberRequest {
        registration: registration(fleet.fleet.id, name, seconds),
        director: fleet.director.id,
        coding_agent: Backend::CODEX,
        multiplexer: MultiplexerKind::Tmux,
        directory: "/srv/work".into(),
        model: Some("large".to_owned()),
    }
}

/// Creates a fleet.
///
/// # Panics
/// When the storage fails.
pub async fn fleet(store: &dyn Storage) -> FleetDetail {
    store.create_fleet(&fleet_request(0)).await.expect("a fleet")
}

/// Registers an agent without a pane.
///
/// # Panics
/// When the storage fails or refuses.
pub async fn user(store: &dyn Storage, fleet: FleetId, name: &str) -> Agent {
    match store.register_agent(&registration(fleet, name, 1)).await.expect("a registration") {
        Registered::Agent(agent) => agent,
        refused => panic!("{refused:?}"),
    }
}

/// Registers a member whose pane is still pending.
///
/// # Panics
/// When the storage fails or refuses.
pub async fn pending_member(store: &dyn Storage, fleet: &FleetDetail, name: &str) -> Agent {
    match store.register_member(&member_request(fleet, name, 1)).await.expect("a registration") {
        Registered::Agent(agent) => agent,
        refused => panic!("{refused:?}"),
    }
}

/// Registers a member and records its pane.
///
/// # Panics
/// When the storage fails or refuses.
pub async fn member(store: &dyn Storage, fleet: &FleetDetail, name: &str, number: u32) -> Agent {
    let agent = pending_member(store, fleet, name).await;
    assert!(store.record_pane(fleet.fleet.id, agent.id, &pane(number)).await.expect("a pane"));
    agent
}

/// Asks for a message.
#[must_use]
pub fn message(fleet: FleetId, from: AgentId, to: AgentId, text: &str, seconds: u64) -> SendRequest {
    SendRequest { fleet, from, to, text: text.to_owned(), is_notice: false, now: at(seconds) }
}

/// Sends a message and returns its task.
///
/// # Panics
/// When the storage fails or refuses.
pub async fn send(store: &dyn Storage, fleet: FleetId, from: AgentId, to: AgentId, text: &str, seconds: u64) -> Task {
    match store.send(&message(fleet, from, to, text, seconds)).await.expect("a send") {
        Sent::Stored(stored) => stored.task,
        refused => panic!("{refused:?}"),
    }
}
