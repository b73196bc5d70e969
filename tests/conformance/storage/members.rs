//! `AgentStore`: members, their panes and their activity.

use cafleet_domain::agent::{Activity, AgentKind, AgentStatus};
use cafleet_domain::backend::Backend;
use cafleet_domain::id::FleetId;
use cafleet_domain::ports::Storage;
use cafleet_domain::ports::storage::Registered;
use cafleet_domain::process::{AgentProcess, ProcessId};
use cafleet_tests::storage_fixtures::{at, fleet, member, member_request, pane, pending_member, send, user};

on_every_storage![
    a_new_member_waits_for_its_pane,
    only_the_root_director_owns_members,
    a_pane_is_recorded_once,
    a_pane_is_replaced_only_by_who_knows_the_one_on_record,
    a_withdrawn_member_leaves_no_trace,
    a_withdrawn_member_that_was_written_to_is_deregistered,
    members_are_listed_with_their_activity,
    activity_goes_by_id_not_by_clock,
];

async fn a_new_member_waits_for_its_pane(store: &dyn Storage) {
    let created = fleet(store).await;
    let worker = pending_member(store, &created, "worker").await;
    assert_eq!((worker.kind, worker.status), (AgentKind::Member, AgentStatus::Active));
    let found = store.find_agent(created.fleet.id, worker.id).await.unwrap().unwrap();
    let placement = found.placement.unwrap();
    assert_eq!((placement.pane, placement.director), (None, Some(created.director.id)));
    assert_eq!((placement.coding_agent, placement.created_at), (Backend::CODEX, at(1)));
    let members = store.list_members(created.fleet.id).await.unwrap().unwrap();
    assert_eq!((members.len(), &members[0].agent), (1, &worker));
}

async fn only_the_root_director_owns_members(store: &dyn Storage) {
    let (created, other) = (fleet(store).await, fleet(store).await);
    let worker = member(store, &created, "worker", 1).await;
    for director in [worker.id, created.administrator, other.director.id] {
        let mut request = member_request(&created, "second", 2);
        request.director = director;
        assert_eq!(store.register_member(&request).await, Ok(Registered::NotRootDirector));
    }
    let mut request = member_request(&created, "second", 2);
    request.registration.fleet = FleetId::try_from(99).unwrap();
    assert_eq!(store.register_member(&request).await, Ok(Registered::UnknownFleet));
    store.delete_fleet(created.fleet.id, at(3)).await.unwrap();
    let request = member_request(&created, "second", 4);
    assert_eq!(store.register_member(&request).await, Ok(Registered::DeletedFleet));
}

async fn a_pane_is_recorded_once(store: &dyn Storage) {
    let (created, other) = (fleet(store).await, fleet(store).await);
    let id = created.fleet.id;
    let worker = pending_member(store, &created, "worker").await;
    assert_eq!(store.record_pane(other.fleet.id, worker.id, &pane(7)).await, Ok(false));
    assert_eq!(store.record_pane(id, worker.id, &pane(7)).await, Ok(true));
    assert_eq!(store.record_pane(id, worker.id, &pane(8)).await, Ok(false));
    let found = store.find_agent(id, worker.id).await.unwrap().unwrap();
    assert_eq!(found.placement.unwrap().pane, Some(pane(7)));

    let late = pending_member(store, &created, "late").await;
    store.deregister_agent(id, late.id, at(5)).await.unwrap();
    assert_eq!(store.record_pane(id, late.id, &pane(9)).await, Ok(false));
}

async fn a_withdrawn_member_leaves_no_trace(store: &dyn Storage) {
    let (created, other) = (fleet(store).await, fleet(store).await);
    let id = created.fleet.id;
    let worker = pending_member(store, &created, "worker").await;
    store.withdraw_member(other.fleet.id, worker.id, at(2)).await.unwrap();
    assert!(store.find_agent(id, worker.id).await.unwrap().is_some());
    store.withdraw_member(id, worker.id, at(2)).await.unwrap();
    assert_eq!(store.find_agent(id, worker.id).await, Ok(None));
    store.withdraw_member(id, worker.id, at(2)).await.unwrap();

    let helper = user(store, id, "helper").await;
    assert!(helper.id > worker.id, "ids are never reused");
    for stays in [helper.id, created.director.id, created.administrator] {
        store.withdraw_member(id, stays, at(2)).await.unwrap();
        assert!(store.find_agent(id, stays).await.unwrap().unwrap().agent.is_active());
    }
}

async fn a_withdrawn_member_that_was_written_to_is_deregistered(store: &dyn Storage) {
    let created = fleet(store).await;
    let id = created.fleet.id;
    let worker = pending_member(store, &created, "worker").await;
    let task = send(store, id, created.director.id, worker.id, "hello", 3).await;
    store.withdraw_member(id, worker.id, at(5)).await.unwrap();
    let found = store.find_agent(id, worker.id).await.unwrap().unwrap();
    assert_eq!((found.agent.status, found.placement), (AgentStatus::Deregistered(at(5)), None));
    store.withdraw_member(id, worker.id, at(9)).await.unwrap();
    assert_eq!(store.find_agent(id, worker.id).await.unwrap().unwrap().agent, found.agent);
    assert_eq!(store.find_task(id, task.id).await, Ok(Some(task)));
}

async fn members_are_listed_with_their_activity(store: &dyn Storage) {
    let created = fleet(store).await;
    let id = created.fleet.id;
    let first = member(store, &created, "first", 1).await;
    let second = member(store, &created, "second", 2).await;
    let gone = member(store, &created, "gone", 3).await;
    user(store, id, "helper").await;
    store.deregister_agent(id, gone.id, at(2)).await.unwrap();

    let early = send(store, id, created.director.id, first.id, "a", 10).await;
    let late = send(store, id, created.director.id, first.id, "b", 20).await;
    send(store, id, first.id, created.director.id, "c", 15).await;
    store.acknowledge(id, first.id, late.id, at(30)).await.unwrap();
    store.acknowledge(id, first.id, early.id, at(25)).await.unwrap();

    let members = store.list_members(id).await.unwrap().unwrap();
    assert_eq!(members.iter().map(|row| row.agent.id).collect::<Vec<_>>(), [first.id, second.id]);
    let busy = Activity { last_sent: Some(at(15)), last_received: Some(at(20)), last_acknowledged: Some(at(30)) };
    assert_eq!((members[0].activity, members[1].activity), (busy, Activity::default()));
    assert_eq!(members[1].placement.pane, Some(pane(2)));
    assert_eq!(store.list_members(FleetId::try_from(99).unwrap()).await, Ok(None));
}

async fn activity_goes_by_id_not_by_clock(store: &dyn Storage) {
    let created = fleet(store).await;
    let id = created.fleet.id;
    let worker = member(store, &created, "worker", 1).await;
    for seconds in [100, 50] {
        send(store, id, worker.id, created.director.id, "the clock went back", seconds).await;
        send(store, id, created.director.id, worker.id, "the clock went back", seconds).await;
    }
    let members = store.list_members(id).await.unwrap().unwrap();
    assert_eq!(members[0].activity.last_sent, Some(at(50)));
    assert_eq!(members[0].activity.last_received, Some(at(50)));
}

async fn a_pane_is_replaced_only_by_who_knows_the_one_on_record(store: &dyn Storage) {
    let created = fleet(store).await;
    let id = created.fleet.id;
    let worker = pending_member(store, &created, "worker").await;
    assert_eq!(store.replace_pane(id, worker.id, &pane(7), &pane(8)).await, Ok(false), "it has none yet");
    store.record_pane(id, worker.id, &pane(7)).await.unwrap();
    let process = AgentProcess { id: ProcessId { pid: 7, started: 9 }, program: "/bin/codex".to_owned() };
    store.record_agent_process(worker.id, Backend::CODEX, &process).await.unwrap();
    assert_eq!(store.replace_pane(id, worker.id, &pane(6), &pane(8)).await, Ok(false), "another one is on record");
    assert_eq!(store.replace_pane(FleetId::try_from(99).unwrap(), worker.id, &pane(7), &pane(8)).await, Ok(false));
    assert_eq!(store.replace_pane(id, worker.id, &pane(7), &pane(8)).await, Ok(true));
    assert_eq!(store.replace_pane(id, worker.id, &pane(7), &pane(9)).await, Ok(false), "somebody was faster");
    let placement = store.find_agent(id, worker.id).await.unwrap().unwrap().placement.unwrap();
    assert_eq!((placement.pane, placement.agent_process), (Some(pane(8)), None));
    assert_eq!((placement.directory, placement.model.as_deref()), (Some("/srv/work".into()), Some("large")));
}
