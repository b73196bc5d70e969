//! `MonitorStore`.

use std::collections::HashMap;

use cafleet_domain::alert::Alert;
use cafleet_domain::backend::Backend;
use cafleet_domain::delivery::{DeliveryState, DeliveryStatus};
use cafleet_domain::id::{AgentId, FleetId};
use cafleet_domain::ports::Storage;
use cafleet_domain::ports::storage::{Heartbeat, MonitorChange, MonitorClaimed, MonitorConfig};
use cafleet_domain::screen::ScreenState;
use cafleet_tests::storage_fixtures::{at, fleet, member, send, user};

on_every_storage![
    heartbeats_are_listed_by_fleet,
    a_claim_needs_the_present_owner,
    only_the_owner_of_a_live_fleet_beats,
    the_enrolled_are_the_placed_with_what_waits_for_them,
    a_schedule_is_changed_piece_by_piece,
    what_the_director_was_told_is_remembered,
    screens_that_were_not_recognised_are_counted_by_version,
    nobody_else_has_a_schedule,
    a_state_lasts_as_long_as_somebody_watches_whoever_it_is,
];

fn run(fleet: FleetId, pid: i64, seconds: u64) -> Heartbeat {
    Heartbeat { fleet, pid, started_at: at(seconds), last_tick_at: at(seconds), tick_seconds: 5 }
}

async fn heartbeats_are_listed_by_fleet(store: &dyn Storage) {
    assert_eq!(store.heartbeats().await, Ok(Vec::new()));
    let (first, second) = (fleet(store).await.fleet.id, fleet(store).await.fleet.id);
    for run in [run(second, 22, 1), run(first, 11, 1)] {
        assert_eq!(store.claim_monitor(&run, None).await, Ok(MonitorClaimed::Owner));
    }
    assert_eq!(store.heartbeats().await, Ok(vec![run(first, 11, 1), run(second, 22, 1)]));
    assert_eq!(store.find_heartbeat(second).await, Ok(Some(run(second, 22, 1))));
    store.delete_fleet(first, at(9)).await.unwrap();
    assert_eq!(store.heartbeats().await, Ok(vec![run(second, 22, 1)]));
    assert_eq!(store.find_heartbeat(first).await, Ok(None));
}

async fn a_state_lasts_as_long_as_somebody_watches_whoever_it_is(store: &dyn Storage) {
    let created = fleet(store).await;
    let id = created.fleet.id;
    let (ada, bob) = (member(store, &created, "ada", 1).await.id, member(store, &created, "bob", 1).await.id);
    let asking = Some(ScreenState::Asking);
    assert_eq!(store.pane_statuses(&[ada]).await, Ok(HashMap::new()));
    let since = async |seen: &[(AgentId, Option<ScreenState>)], seconds| {
        let noted = store.note_pane_statuses(seen, at(seconds)).await.unwrap();
        seen.iter().map(|(agent, _)| noted[agent].since).collect::<Vec<_>>()
    };
    assert_eq!(since(&[(ada, asking), (bob, None)], 10).await, [at(10), at(10)]);
    assert_eq!(since(&[(ada, asking)], 15).await, [at(10)], "not long enough to be written down");
    assert_eq!(store.pane_statuses(&[ada]).await.unwrap()[&ada].seen_at, at(10));
    assert_eq!(since(&[(ada, asking), (bob, asking)], 40).await, [at(10), at(40)]);
    assert_eq!(store.pane_statuses(&[ada]).await.unwrap()[&ada].seen_at, at(40));
    assert_eq!(since(&[(ada, asking)], 100).await, [at(10)]);
    assert_eq!(since(&[(ada, asking)], 161).await, [at(161)], "for a minute nobody watched");
    // what has no place leaves nothing behind
    let nobody = user(store, id, "nobody").await.id;
    assert_eq!(since(&[(nobody, asking)], 161).await, [at(161)]);
    store.deregister_agent(id, ada, at(162)).await.unwrap();
    assert_eq!(store.pane_statuses(&[ada, nobody]).await, Ok(HashMap::new()));
}

async fn a_claim_needs_the_present_owner(store: &dyn Storage) {
    let fleet = fleet(store).await.fleet.id;
    let (old, new) = (run(fleet, 1, 1), run(fleet, 2, 9));
    assert_eq!(store.claim_monitor(&old, Some(new.clone())).await, Ok(MonitorClaimed::Taken), "nobody owned it");
    assert_eq!(store.claim_monitor(&old, None).await, Ok(MonitorClaimed::Owner));
    assert_eq!(store.claim_monitor(&new, None).await, Ok(MonitorClaimed::Taken));
    let reused = Heartbeat { started_at: at(5), ..old.clone() };
    assert_eq!(store.claim_monitor(&new, Some(reused)).await, Ok(MonitorClaimed::Taken), "a pid is no name");
    let beaten = Heartbeat { last_tick_at: at(8), ..old.clone() };
    assert_eq!(store.claim_monitor(&new, Some(beaten)).await, Ok(MonitorClaimed::Owner));
    store.release_monitor(&old).await.unwrap();
    assert_eq!(store.find_heartbeat(fleet).await, Ok(Some(new.clone())), "not the old one's to give up");
    store.release_monitor(&new).await.unwrap();
    assert_eq!(store.find_heartbeat(fleet).await, Ok(None));
    store.delete_fleet(fleet, at(9)).await.unwrap();
    assert_eq!(store.claim_monitor(&new, None).await, Ok(MonitorClaimed::NoFleet));
    let unknown = FleetId::try_from(999).unwrap();
    assert_eq!(store.claim_monitor(&run(unknown, 1, 1), None).await, Ok(MonitorClaimed::NoFleet));
}

async fn only_the_owner_of_a_live_fleet_beats(store: &dyn Storage) {
    let fleet = fleet(store).await.fleet.id;
    let (owner, other) = (run(fleet, 1, 1), run(fleet, 2, 9));
    assert_eq!(store.beat(&owner, at(2)).await, Ok(false), "nobody owns it");
    store.claim_monitor(&owner, None).await.unwrap();
    assert_eq!(store.beat(&other, at(3)).await, Ok(false));
    assert_eq!(store.beat(&owner, at(4)).await, Ok(true));
    assert_eq!(store.find_heartbeat(fleet).await, Ok(Some(Heartbeat { last_tick_at: at(4), ..owner.clone() })));
    store.delete_fleet(fleet, at(5)).await.unwrap();
    assert_eq!(store.beat(&owner, at(6)).await, Ok(false));
}

async fn the_enrolled_are_the_placed_with_what_waits_for_them(store: &dyn Storage) {
    let created = fleet(store).await;
    let id = created.fleet.id;
    let helper = user(store, id, "helper").await.id;
    let worker = member(store, &created, "worker", 1).await.id;
    let rung = send(store, id, helper, worker, "one", 3).await;
    send(store, id, helper, worker, "two", 4).await;
    let submitted = DeliveryStatus::plain(DeliveryState::Submitted);
    store.record_deliveries(&[rung.id], &submitted, at(5)).await.unwrap();
    let enrolled = store.enrolments(id).await.unwrap();
    let seen: Vec<_> = enrolled.iter().map(|one| (one.agent.id, one.pending, one.owed)).collect();
    assert_eq!(seen, [(created.director.id, 0, false), (worker, 2, true)]);
    assert_eq!(enrolled[1].activity.last_received, Some(at(4)));
    assert_eq!(enrolled[1].placement.agent, worker);
    for task in store.inbox(id, worker).await.unwrap().unwrap() {
        store.acknowledge(id, worker, task.id, at(6)).await.unwrap();
    }
    let enrolled = store.enrolments(id).await.unwrap();
    assert_eq!((enrolled[1].pending, enrolled[1].owed), (0, false), "what is acknowledged is not owed");
    store.delete_fleet(id, at(9)).await.unwrap();
    assert_eq!(store.enrolments(id).await, Ok(Vec::new()));
    assert_eq!(store.enrolments(FleetId::try_from(999).unwrap()).await, Ok(Vec::new()));
}

async fn a_schedule_is_changed_piece_by_piece(store: &dyn Storage) {
    let created = fleet(store).await;
    let (id, director) = (created.fleet.id, created.director.id);
    let config = |interval_seconds, enabled, last_ping_at| {
        Ok(Some(MonitorConfig { agent: director, interval_seconds, last_ping_at, enabled }))
    };
    let change = |interval_seconds, enabled| MonitorChange { interval_seconds, enabled };
    assert_eq!(store.configure_monitor(id, director, change(None, None)).await, config(60, true, None));
    assert_eq!(store.configure_monitor(id, director, change(Some(5), None)).await, config(5, true, None));
    assert_eq!(store.configure_monitor(id, director, change(None, Some(false))).await, config(5, false, None));
    store.stamp_ping(director, at(7)).await.unwrap();
    assert_eq!(store.configure_monitor(id, director, change(None, None)).await, config(5, false, Some(at(7))));
}

async fn what_the_director_was_told_is_remembered(store: &dyn Storage) {
    let created = fleet(store).await;
    let worker = member(store, &created, "worker", 1).await.id;
    let told = || async {
        let enrolments = store.enrolments(created.fleet.id).await.unwrap();
        enrolments.iter().map(|enrolment| enrolment.reported).collect::<Vec<_>>()
    };
    assert_eq!(told().await, [None, None]);
    for alert in [Alert::Asking, Alert::Unknown, Alert::Silent, Alert::Gone] {
        store.remember_reported(worker, Some(alert)).await.unwrap();
        assert_eq!(told().await, [None, Some(alert)]);
    }
    store.remember_reported(worker, None).await.unwrap();
    assert_eq!(told().await, [None, None]);
}

async fn screens_that_were_not_recognised_are_counted_by_version(store: &dyn Storage) {
    for (backend, version, second) in [
        (Backend::CODEX, "codex-cli 0.172.0", 1),
        (Backend::CLAUDE, "2.1.332 (Claude Code)", 2),
        (Backend::CLAUDE, "2.1.400 (Claude Code)", 3),
        (Backend::CLAUDE, "2.1.400 (Claude Code)", 4),
    ] {
        store.count_unrecognised(backend, version, at(second)).await.unwrap();
    }
    let counted = store.unrecognised().await.unwrap();
    let counted: Vec<_> =
        counted.iter().map(|count| (count.backend, count.version.as_str(), count.times, count.last_at)).collect();
    let expected = [
        (Backend::CLAUDE, "2.1.400 (Claude Code)", 2, at(4)),
        (Backend::CLAUDE, "2.1.332 (Claude Code)", 1, at(2)),
        (Backend::CODEX, "codex-cli 0.172.0", 1, at(1)),
    ];
    assert_eq!(counted, expected);
}

async fn nobody_else_has_a_schedule(store: &dyn Storage) {
    let (one, other) = (fleet(store).await, fleet(store).await);
    let change = MonitorChange { interval_seconds: Some(5), enabled: Some(false) };
    for agent in [one.administrator, other.director.id, user(store, one.fleet.id, "helper").await.id] {
        assert_eq!(store.configure_monitor(one.fleet.id, agent, change).await, Ok(None));
    }
    let untouched = store.configure_monitor(other.fleet.id, other.director.id, MonitorChange::default()).await;
    assert_eq!(untouched.unwrap().unwrap().interval_seconds, 60);
}
