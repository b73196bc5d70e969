//! Mocks of the ports for what is never to be called, and wrappers that make each call of a port a [`Steps`] step.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use cafleet_domain::agent::{Agent, Member, PlacedAgent};
use cafleet_domain::alert::Alert;
use cafleet_domain::backend::Backend;
use cafleet_domain::delivery::{Delivery, DeliveryStatus};
use cafleet_domain::fleet::{FleetDetail, FleetSummary};
use cafleet_domain::id::{AgentId, FleetId, TaskId};
use cafleet_domain::pane_status::PaneStatus;
use cafleet_domain::placement::{MultiplexerKind, Pane};
use cafleet_domain::ports::storage::{
    Acknowledged, AgentStore, BroadcastRequest, BroadcastStored, Canceled, ClaimStore, DeliveryStore, Deregistered,
    Enrolment, Exchanged, FleetRequest, FleetStore, Heartbeat, MemberRequest, MonitorChange, MonitorClaimed,
    MonitorConfig, MonitorStore, PendingDeliveries, Registered, Registration, SendRequest, Sent, TaskStore, TaskStored,
    Unrecognised,
};
use cafleet_domain::ports::{
    BackendLauncher, BackgroundSession, EnterCondition, Front, Installed, LaunchError, LaunchOptions, LaunchRequest,
    Look, Multiplexer, MultiplexerError, PaneHost, PaneIo, SpawnRequest, StartRequest, Storage, StorageError,
    TaggedPane, TypingCondition,
};
use cafleet_domain::process::{AgentProcess, Process};
use cafleet_domain::screen::ScreenState;
use cafleet_domain::task::Task;
use cafleet_domain::timestamp::Timestamp;
use mockall::mock;

use super::steps::Steps;

mock! {
    /// A launcher that does as it is told.
    pub BackendLauncher {}

    #[async_trait]
    impl BackendLauncher for BackendLauncher {
        fn backend(&self) -> Backend;
        fn is_installed(&self) -> bool;
        async fn installed(&self) -> Option<Installed>;
        async fn check(&self, options: &LaunchOptions) -> Result<(), LaunchError>;
        async fn prepare(&self, request: &LaunchRequest) -> Result<Vec<String>, LaunchError>;
        async fn background_session(&self, processes: &[Process]) -> Option<BackgroundSession>;
        async fn end_background_session(&self, session: &BackgroundSession) -> Result<(), String>;
    }
}

mock! {
    /// A multiplexer that does as it is told.
    pub Multiplexer {}

    #[async_trait]
    impl PaneHost for Multiplexer {
        fn kind(&self) -> MultiplexerKind;
        async fn version(&self) -> Result<String, MultiplexerError>;
        async fn caller(&self) -> Result<Option<Pane>, MultiplexerError>;
        async fn spawn(&self, request: &SpawnRequest) -> Result<Pane, MultiplexerError>;
        async fn start(&self, request: &StartRequest) -> Result<Pane, MultiplexerError>;
        async fn kill(&self, pane: &Pane) -> Result<(), MultiplexerError>;
        async fn list(&self, pane: &Pane) -> Result<Vec<TaggedPane>, MultiplexerError>;
        async fn rebalance(&self, pane: &Pane) -> Result<(), MultiplexerError>;
    }

    #[async_trait]
    impl PaneIo for Multiplexer {
        async fn look(&self, pane: &Pane) -> Result<Look, MultiplexerError>;
        async fn capture(&self, pane: &Pane, lines: u32, ansi: bool) -> Result<String, MultiplexerError>;
        async fn paste(
            &self,
            pane: &Pane,
            front: &Front,
            condition: &TypingCondition,
            text: &str,
        ) -> Result<bool, MultiplexerError>;
        async fn submit_if_shown(
            &self,
            pane: &Pane,
            front: &Front,
            condition: &EnterCondition,
        ) -> Result<bool, MultiplexerError>;
        async fn type_keys(
            &self,
            pane: &Pane,
            front: &Front,
            condition: &TypingCondition,
            text: &str,
        ) -> Result<bool, MultiplexerError>;
    }
}

/// Makes the stepped wrapper of a port, or of the stores that a port consists of.
macro_rules! stepped {
    (
        $(#[$doc:meta])* $stepped:ident over $port:ident;
        $(impl $store:ident {
            $($(#[$sync:meta])* sync fn $get:ident() -> $got:ty;)?
            $(fn $name:ident($($argument:ident: $type:ty),*) -> $answer:ty;)*
        })*
    ) => {
        $(#[$doc])*
        #[derive(Clone)]
        pub struct $stepped {
            inner: Arc<dyn $port>,
            steps: Steps,
        }

        impl $stepped {
            /// Wraps an implementation.
            #[must_use]
            pub fn new(inner: Arc<dyn $port>, steps: Steps) -> Self {
                Self { inner, steps }
            }
        }

        impl std::fmt::Debug for $stepped {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($stepped)).field("steps", &self.steps).finish_non_exhaustive()
            }
        }

        $(
            #[async_trait]
            impl $store for $stepped {
                $(fn $get(&self) -> $got {
                    self.inner.$get()
                })?
                $(async fn $name(&self, $($argument: $type),*) -> $answer {
                    self.steps.around(stringify!($name), self.inner.$name($($argument),*)).await
                })*
            }
        )*
    };
}

stepped! {
    /// A multiplexer each call of which is a step.
    SteppedMultiplexer over Multiplexer;
    impl PaneHost {
        sync fn kind() -> MultiplexerKind;
        fn version() -> Result<String, MultiplexerError>;
        fn caller() -> Result<Option<Pane>, MultiplexerError>;
        fn spawn(request: &SpawnRequest) -> Result<Pane, MultiplexerError>;
        fn start(request: &StartRequest) -> Result<Pane, MultiplexerError>;
        fn kill(pane: &Pane) -> Result<(), MultiplexerError>;
        fn list(pane: &Pane) -> Result<Vec<TaggedPane>, MultiplexerError>;
        fn rebalance(pane: &Pane) -> Result<(), MultiplexerError>;
    }
    impl PaneIo {
        fn look(pane: &Pane) -> Result<Look, MultiplexerError>;
        fn capture(pane: &Pane, lines: u32, ansi: bool) -> Result<String, MultiplexerError>;
        fn paste(pane: &Pane, front: &Front, condition: &TypingCondition, text: &str) -> Result<bool, MultiplexerError>;
        fn submit_if_shown(pane: &Pane, front: &Front, condition: &EnterCondition) -> Result<bool, MultiplexerError>;
        fn type_keys(pane: &Pane, front: &Front, condition: &TypingCondition, text: &str) -> Result<bool, MultiplexerError>;
    }
}

stepped! {
    /// A store each call of which is a step.
    SteppedStorage over Storage;
    impl FleetStore {
        fn create_fleet(request: &FleetRequest) -> Result<FleetDetail, StorageError>;
        fn list_fleets() -> Result<Vec<FleetSummary>, StorageError>;
        fn find_fleet(fleet: FleetId) -> Result<Option<FleetDetail>, StorageError>;
        fn delete_fleet(fleet: FleetId, now: Timestamp) -> Result<Option<u64>, StorageError>;
    }
    impl AgentStore {
        fn register_agent(request: &Registration) -> Result<Registered, StorageError>;
        fn register_member(request: &MemberRequest) -> Result<Registered, StorageError>;
        fn record_pane(fleet: FleetId, agent: AgentId, pane: &Pane) -> Result<bool, StorageError>;
        fn replace_pane(fleet: FleetId, agent: AgentId, old: &Pane, new: &Pane) -> Result<bool, StorageError>;
        fn record_agent_process(agent: AgentId, backend: Backend, process: &AgentProcess) -> Result<(), StorageError>;
        fn withdraw_member(fleet: FleetId, agent: AgentId, now: Timestamp) -> Result<(), StorageError>;
        fn list_agents(fleet: FleetId) -> Result<Option<Vec<Agent>>, StorageError>;
        fn find_agent(fleet: FleetId, agent: AgentId) -> Result<Option<PlacedAgent>, StorageError>;
        fn agents_in_pane(pane: &Pane) -> Result<Vec<PlacedAgent>, StorageError>;
        fn list_members(fleet: FleetId) -> Result<Option<Vec<Member>>, StorageError>;
        fn deregister_agent(fleet: FleetId, agent: AgentId, now: Timestamp) -> Result<Deregistered, StorageError>;
    }
    impl TaskStore {
        fn send(request: &SendRequest) -> Result<Sent<TaskStored>, StorageError>;
        fn broadcast(request: &BroadcastRequest) -> Result<Sent<BroadcastStored>, StorageError>;
        fn inbox(fleet: FleetId, agent: AgentId) -> Result<Option<Vec<Task>>, StorageError>;
        fn acknowledge(fleet: FleetId, agent: AgentId, task: TaskId, now: Timestamp) -> Result<Acknowledged, StorageError>;
        fn cancel(fleet: FleetId, agent: AgentId, task: TaskId, now: Timestamp) -> Result<Canceled, StorageError>;
        fn find_task(fleet: FleetId, task: TaskId) -> Result<Option<Task>, StorageError>;
    }
    impl ClaimStore {
        fn claim_pane(agent: AgentId, now: Timestamp, lease: Duration) -> Result<Option<Timestamp>, StorageError>;
        fn end_claim(agent: AgentId) -> Result<(), StorageError>;
        fn release_pane(agent: AgentId, claim: Timestamp) -> Result<(), StorageError>;
        fn begin_typing(agent: AgentId, claim: Timestamp, tasks: &[TaskId]) -> Result<bool, StorageError>;
    }
    impl DeliveryStore {
        fn pending_deliveries(fleet: FleetId, agent: AgentId) -> Result<PendingDeliveries, StorageError>;
        fn revive_deliveries(agent: AgentId, now: Timestamp) -> Result<bool, StorageError>;
        fn record_deliveries(tasks: &[TaskId], status: &DeliveryStatus, now: Timestamp) -> Result<(), StorageError>;
        fn find_delivery(task: TaskId) -> Result<Option<Delivery>, StorageError>;
        fn conversation(pair: [AgentId; 2], newest: TaskId, limit: u32) -> Result<Vec<Exchanged>, StorageError>;
    }
    impl MonitorStore {
        fn heartbeats() -> Result<Vec<Heartbeat>, StorageError>;
        fn find_heartbeat(fleet: FleetId) -> Result<Option<Heartbeat>, StorageError>;
        fn claim_monitor(run: &Heartbeat, previous: Option<Heartbeat>) -> Result<MonitorClaimed, StorageError>;
        fn beat(run: &Heartbeat, now: Timestamp) -> Result<bool, StorageError>;
        fn release_monitor(run: &Heartbeat) -> Result<(), StorageError>;
        fn enrolments(fleet: FleetId) -> Result<Vec<Enrolment>, StorageError>;
        fn configure_monitor(fleet: FleetId, agent: AgentId, change: MonitorChange) -> Result<Option<MonitorConfig>, StorageError>;
        fn remember_reported(agent: AgentId, reported: Option<Alert>) -> Result<(), StorageError>;
        fn count_unrecognised(backend: Backend, version: &str, now: Timestamp) -> Result<(), StorageError>;
        fn unrecognised() -> Result<Vec<Unrecognised>, StorageError>;
        fn note_pane_statuses(seen: &[(AgentId, Option<ScreenState>)], now: Timestamp) -> Result<HashMap<AgentId, PaneStatus>, StorageError>;
        fn pane_statuses(agents: &[AgentId]) -> Result<HashMap<AgentId, PaneStatus>, StorageError>;
        fn stamp_ping(agent: AgentId, now: Timestamp) -> Result<(), StorageError>;
    }
}
