//! `DeliveryStore`.

use std::time::Duration;

use cafleet_domain::delivery::{Delivery, DeliveryState, DeliveryStatus};
use cafleet_domain::id::TaskId;
use cafleet_domain::loop_guard::Exchange;
use cafleet_domain::ports::storage::{Exchanged, PendingDeliveries, PendingDelivery};
use cafleet_domain::ports::{Storage, StorageError};
use cafleet_domain::task::TaskState;
use cafleet_tests::storage_fixtures::{at, fleet, member, send, user};

on_every_storage![
    a_pane_has_one_claim_at_a_time,
    a_claim_is_given_back_by_its_token,
    nobody_claims_what_is_not_placed,
    a_new_delivery_is_pending,
    attempts_are_counted_and_reasons_kept,
    what_is_over_stays_over,
    what_was_given_up_is_owed_again_while_its_task_waits,
    owed_is_what_waits_and_was_not_rung_for,
    what_is_being_typed_is_noted_under_the_claim_until_it_is_over,
    a_conversation_goes_both_ways_newest_first,
];

const LEASE: Duration = Duration::from_secs(10);

async fn a_pane_has_one_claim_at_a_time(store: &dyn Storage) {
    let created = fleet(store).await;
    let (first, second) = (member(store, &created, "first", 1).await.id, member(store, &created, "second", 2).await.id);
    assert_eq!(store.claim_pane(first, at(0), LEASE).await, Ok(Some(at(10))));
    assert_eq!(store.claim_pane(first, at(9), LEASE).await, Ok(None));
    assert_eq!(store.claim_pane(second, at(9), LEASE).await, Ok(Some(at(19))));
    assert_eq!(store.claim_pane(first, at(10), LEASE).await, Ok(Some(at(20))), "the claim has expired");
    assert_eq!(store.claim_pane(first, at(19), LEASE).await, Ok(None));
    assert_eq!(store.claim_pane(second, at(100), LEASE).await, Ok(Some(at(110))));
    assert_eq!(store.claim_pane(second, at(90), LEASE).await, Ok(None), "a clock that is a little behind");
    assert_eq!(store.claim_pane(second, at(1), LEASE).await, Ok(Some(at(11))), "the clock was set back");
}

async fn a_claim_is_given_back_by_its_token(store: &dyn Storage) {
    let created = fleet(store).await;
    let worker = member(store, &created, "worker", 1).await.id;
    let old = store.claim_pane(worker, at(0), LEASE).await.unwrap().unwrap();
    let new = store.claim_pane(worker, at(15), LEASE).await.unwrap().unwrap();
    store.release_pane(worker, old).await.unwrap();
    assert_eq!(store.claim_pane(worker, at(16), LEASE).await, Ok(None), "an old token opens nothing");
    store.release_pane(worker, new).await.unwrap();
    assert_eq!(store.claim_pane(worker, at(16), LEASE).await, Ok(Some(at(26))));
}

async fn nobody_claims_what_is_not_placed(store: &dyn Storage) {
    let created = fleet(store).await;
    let helper = user(store, created.fleet.id, "helper").await.id;
    assert_eq!(store.claim_pane(helper, at(0), LEASE).await, Ok(None));
    store.release_pane(helper, at(10)).await.unwrap();
}

async fn a_new_delivery_is_pending(store: &dyn Storage) {
    let created = fleet(store).await;
    let worker = member(store, &created, "worker", 1).await.id;
    let task = send(store, created.fleet.id, created.director.id, worker, "hello", 4).await;
    let expected = Delivery {
        task: task.id,
        agent: worker,
        status: DeliveryStatus::plain(DeliveryState::Pending),
        attempts: 0,
        updated_at: at(4),
    };
    assert_eq!(store.find_delivery(task.id).await, Ok(Some(expected)));
    assert_eq!(store.find_delivery(TaskId::try_from(99).unwrap()).await, Ok(None));
}

async fn attempts_are_counted_and_reasons_kept(store: &dyn Storage) {
    let created = fleet(store).await;
    let worker = member(store, &created, "worker", 1).await.id;
    let task = send(store, created.fleet.id, created.director.id, worker, "hello", 4).await;
    let steps = [
        DeliveryStatus::because(DeliveryState::Held, "asking a question"),
        DeliveryStatus::plain(DeliveryState::Pending),
        DeliveryStatus::because(DeliveryState::Typed, "still in the composer"),
        DeliveryStatus::plain(DeliveryState::Submitted),
    ];
    for (attempt, status) in (1_u32..).zip(&steps) {
        store.record_deliveries(&[task.id], status, at(4 + u64::from(attempt))).await.unwrap();
        let found = store.find_delivery(task.id).await.unwrap().unwrap();
        assert_eq!((&found.status, found.attempts), (status, attempt));
        assert_eq!(found.updated_at, at(4 + u64::from(attempt)));
    }
    let unrung = send(store, created.fleet.id, worker, worker, "to myself", 5).await;
    store.record_deliveries(&[unrung.id], &steps[3], at(9)).await.unwrap();
    assert_eq!(store.find_delivery(unrung.id).await, Ok(None), "there is no doorbell to record");
    let none = DeliveryStatus::plain(DeliveryState::None);
    assert!(matches!(store.record_deliveries(&[task.id], &none, at(9)).await, Err(StorageError::Failed(_))));
}

async fn what_is_over_stays_over(store: &dyn Storage) {
    let created = fleet(store).await;
    let worker = member(store, &created, "worker", 1).await.id;
    for over in
        [DeliveryStatus::plain(DeliveryState::Submitted), DeliveryStatus::because(DeliveryState::Failed, "pane gone")]
    {
        let task = send(store, created.fleet.id, created.director.id, worker, "hello", 4).await;
        store.record_deliveries(&[task.id], &over, at(5)).await.unwrap();
        let before = store.find_delivery(task.id).await;
        for late in [DeliveryState::Held, DeliveryState::Pending, DeliveryState::Failed, DeliveryState::Submitted] {
            store.record_deliveries(&[task.id], &DeliveryStatus::because(late, "late"), at(9)).await.unwrap();
        }
        assert_eq!(store.find_delivery(task.id).await, before);
    }
}

async fn what_was_given_up_is_owed_again_while_its_task_waits(store: &dyn Storage) {
    let created = fleet(store).await;
    let (worker, other) = (member(store, &created, "worker", 1).await.id, member(store, &created, "other", 2).await.id);
    let director = created.fleet.director;
    let mut tasks = Vec::new();
    for to in [worker, worker, worker, other] {
        tasks.push(send(store, created.fleet.id, director, to, "x", 0).await.id);
    }
    let failed = DeliveryStatus::because(DeliveryState::Failed, "has no pane any more");
    store.record_deliveries(&[tasks[0], tasks[1], tasks[3]], &failed, at(1)).await.unwrap();
    let submitted = DeliveryStatus::plain(DeliveryState::Submitted);
    store.record_deliveries(&[tasks[2]], &submitted, at(1)).await.unwrap();
    store.acknowledge(created.fleet.id, worker, tasks[1], at(2)).await.unwrap();
    assert_eq!(store.revive_deliveries(worker, at(3)).await, Ok(true));
    assert_eq!(store.revive_deliveries(worker, at(4)).await, Ok(false), "once");
    let mut states = Vec::new();
    for task in tasks {
        states.push(store.find_delivery(task).await.unwrap().unwrap().status);
    }
    let pending = DeliveryStatus::plain(DeliveryState::Pending);
    assert_eq!(states, [pending, failed.clone(), submitted, failed]);
}

async fn owed_is_what_waits_and_was_not_rung_for(store: &dyn Storage) {
    let (created, other) = (fleet(store).await, fleet(store).await);
    let (id, director) = (created.fleet.id, created.director.id);
    let worker = member(store, &created, "worker", 1).await.id;
    let mut sent = Vec::new();
    for seconds in [20, 10, 30, 12, 13, 14, 15] {
        sent.push(send(store, id, director, worker, "hello", seconds).await);
    }
    send(store, id, worker, worker, "to myself", 5).await;
    send(store, id, worker, director, "to another", 5).await;
    let held = DeliveryStatus::because(DeliveryState::Held, "composing");
    let typed = DeliveryStatus::plain(DeliveryState::Typed);
    store.record_deliveries(&[sent[1].id], &held, at(40)).await.unwrap();
    store.record_deliveries(&[sent[2].id], &typed, at(40)).await.unwrap();
    let submitted = DeliveryStatus::plain(DeliveryState::Submitted);
    store.record_deliveries(&[sent[3].id], &submitted, at(40)).await.unwrap();
    let failed = DeliveryStatus::because(DeliveryState::Failed, "pane gone");
    store.record_deliveries(&[sent[4].id], &failed, at(40)).await.unwrap();
    store.acknowledge(id, worker, sent[5].id, at(40)).await.unwrap();
    store.cancel(id, director, sent[6].id, at(40)).await.unwrap();

    let owed =
        |task: usize, status: &DeliveryStatus| PendingDelivery { task: sent[task].clone(), status: status.clone() };
    let pending = DeliveryStatus::plain(DeliveryState::Pending);
    let fresh = vec![owed(0, &pending), owed(1, &held), owed(2, &typed)];
    assert_eq!(store.pending_deliveries(id, worker).await, Ok(PendingDeliveries { begun: Vec::new(), fresh }));
    assert_eq!(store.pending_deliveries(other.fleet.id, worker).await, Ok(PendingDeliveries::default()));
}

async fn what_is_being_typed_is_noted_under_the_claim_until_it_is_over(store: &dyn Storage) {
    let created = fleet(store).await;
    let (id, director) = (created.fleet.id, created.director.id);
    let worker = member(store, &created, "worker", 1).await.id;
    let mut sent = Vec::new();
    for seconds in 4..7 {
        sent.push(send(store, id, director, worker, "hello", seconds).await);
    }
    let ids: Vec<TaskId> = sent.iter().map(|task| task.id).collect();
    let owed = || async {
        let PendingDeliveries { begun, fresh } = store.pending_deliveries(id, worker).await.unwrap();
        let ids = |owed: Vec<PendingDelivery>| owed.iter().map(|owed| owed.task.id).collect::<Vec<_>>();
        (ids(begun), ids(fresh))
    };
    let claim = store.claim_pane(worker, at(10), Duration::from_secs(60)).await.unwrap().unwrap();
    assert_eq!(store.begin_typing(worker, at(10), &ids).await, Ok(false), "that is not the claim");
    assert_eq!(owed().await, (Vec::new(), ids.clone()));
    assert_eq!(store.begin_typing(worker, claim, &ids[..1]).await, Ok(true));
    assert_eq!(store.begin_typing(worker, claim, &ids[1..]).await, Ok(true));
    assert_eq!(owed().await, (ids[1..].to_vec(), ids[..1].to_vec()), "the last note counts");
    store.release_pane(worker, claim).await.unwrap();
    store.acknowledge(id, worker, ids[1], at(11)).await.unwrap();
    store.record_deliveries(&ids[1..], &DeliveryStatus::plain(DeliveryState::Typed), at(11)).await.unwrap();
    let PendingDeliveries { begun, .. } = store.pending_deliveries(id, worker).await.unwrap();
    let states: Vec<_> = begun.iter().map(|owed| (owed.task.state, owed.status.state)).collect();
    let typed = DeliveryState::Typed;
    assert_eq!(states, [(TaskState::Completed, typed), (TaskState::InputRequired, typed)], "whatever became of them");
    store.record_deliveries(&ids[1..], &DeliveryStatus::plain(DeliveryState::Submitted), at(12)).await.unwrap();
    assert_eq!(owed().await, (Vec::new(), ids[..1].to_vec()));
}

async fn a_conversation_goes_both_ways_newest_first(store: &dyn Storage) {
    let created = fleet(store).await;
    let id = created.fleet.id;
    let (ada, grace) = (member(store, &created, "Ada", 1).await.id, member(store, &created, "Grace", 2).await.id);
    let director = created.director.id;
    let first = send(store, id, ada, grace, "1", 3).await;
    send(store, id, ada, director, "to another", 4).await;
    send(store, id, grace, ada, "2", 5).await;
    let last = send(store, id, ada, grace, "3", 6).await;
    store.record_deliveries(&[first.id], &DeliveryStatus::plain(DeliveryState::Submitted), at(7)).await.unwrap();
    store.record_deliveries(&[last.id], &DeliveryStatus::because(DeliveryState::Held, "busy"), at(8)).await.unwrap();
    let said = |from, seconds, rung_at| Exchanged { exchange: Exchange { from, at: at(seconds) }, rung_at };
    let all = [said(ada, 6, None), said(grace, 5, None), said(ada, 3, Some(at(7)))];
    assert_eq!(store.conversation([ada, grace], last.id, 9).await, Ok(all.to_vec()));
    assert_eq!(store.conversation([grace, ada], last.id, 2).await, Ok(all[..2].to_vec()));
    assert_eq!(store.conversation([ada, grace], first.id, 9).await, Ok(all[2..].to_vec()), "nothing newer");
}
