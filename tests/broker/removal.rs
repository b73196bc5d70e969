//! Deleting members.

use std::sync::Arc;
use std::time::Duration;

use cafleet_domain::backend::Backend;
use cafleet_domain::broker::{BrokerError, Refusal, Removal};
use cafleet_domain::fleet::FleetDetail;
use cafleet_domain::ports::{BackendLauncher, BackgroundSession, Maintenance, MultiplexerError, StorageError};
use cafleet_domain::screen::ScreenState;
use cafleet_tests::doubles::{FakeMultiplexer, Fate, MockBackendLauncher, Step, Steps};
use cafleet_tests::probe::{Change, Table};

use crate::world::{Seat, World, until_death};

/// A fleet with one member, whose program leaves when it is told to.
struct Scene {
    world: World,
    fleet: FleetDetail,
    seat: Seat,
}

impl Scene {
    async fn with(backend: Backend) -> Self {
        let world = World::new();
        let (fleet, _) = world.fleet().await;
        let seat = world.member(&fleet, "Ada", backend).await;
        Self { world, fleet, seat }
    }

    /// Returns steps at which the program leaves once `/exit` was submitted, and `fate` decides the rest.
    fn leaving(&self, mut fate: impl FnMut(Step) -> Fate + Send + 'static) -> Steps {
        let (fake, pane) = (self.world.multiplexer.clone(), self.seat.pane.clone());
        Steps::new(move |step| {
            if step.call == "submit_if_shown" && step.done {
                leave(&fake, &pane);
            }
            fate(step)
        })
    }

    async fn delete(&self, steps: &Steps, force: bool) -> Result<Removal, BrokerError> {
        self.world.stepped(steps).members.delete(self.fleet.fleet.id, self.seat.agent.id, force).await
    }

    fn is_registered(&self) -> bool {
        self.world.probe().active_members() == 1
    }

    fn has_pane(&self) -> bool {
        self.world.multiplexer.pane(&self.seat.pane).is_some()
    }
}

/// Closes a pane in which `/exit` was submitted.
fn leave(fake: &FakeMultiplexer, pane: &str) {
    if fake.pane(pane).is_some_and(|pane| pane.submitted.last().is_some_and(|text| text == "/exit")) {
        fake.close(pane);
    }
}

#[tokio::test]
async fn a_member_leaves_is_deregistered_and_the_window_is_laid_out_again() {
    for backend in Backend::BUILT_IN {
        let scene = Scene::with(backend).await;
        let steps = scene.leaving(|_| Fate::GoOn);
        let removal = scene.delete(&steps, false).await.expect("a removal");
        assert_eq!(removal.closed.expect("a pane").as_str(), scene.seat.pane);
        assert_eq!(removal.agent.id, scene.seat.agent.id);
        assert!(steps.calls().contains(&"type_keys") && !steps.calls().contains(&"paste"), "typed, not pasted");
        assert!(!steps.calls().contains(&"kill"));
        assert!(!scene.is_registered());
        assert_eq!(scene.world.multiplexer.rebalanced(), 1);
        assert_eq!(scene.world.database.storage().check().await, Ok(Vec::new()));
        let again = scene.delete(&Steps::default(), false).await;
        assert_eq!(again, Err(BrokerError::AgentNotFound(scene.seat.agent.id)));
    }
}

/// Returns a launcher of claude whose agent has a session in the background, which `stop` ends.
fn parking(stop: fn() -> Result<(), String>) -> Vec<Arc<dyn BackendLauncher>> {
    let session = || BackgroundSession { name: "525befd4".to_owned(), stop: "claude stop 525befd4".to_owned() };
    let mut launcher = MockBackendLauncher::new();
    launcher.expect_backend().return_const(Backend::CLAUDE);
    launcher.expect_background_session().returning(move |processes| (!processes.is_empty()).then(session));
    launcher
        .expect_end_background_session()
        .withf(move |ended| *ended == session())
        .times(1)
        .returning(move |_| stop());
    vec![Arc::new(launcher)]
}

#[tokio::test]
async fn a_session_that_was_moved_to_the_background_ends_by_its_own_command_before_its_pane() {
    for force in [false, true] {
        let scene = Scene::with(Backend::CLAUDE).await;
        let steps = Steps::default();
        let broker = scene.world.broker_with(&steps, parking(|| Ok(())));
        let removal = broker.members.delete(scene.fleet.fleet.id, scene.seat.agent.id, force).await.expect("a removal");
        assert_eq!(removal.closed.expect("a pane").as_str(), scene.seat.pane);
        assert!(!steps.calls().contains(&"type_keys"), "nothing is typed into the list of sessions");
        assert!(!scene.is_registered() && !scene.has_pane());
    }
}

#[tokio::test]
async fn a_member_whose_session_in_the_background_does_not_end_stays_and_the_command_is_named() {
    for force in [false, true] {
        let scene = Scene::with(Backend::CLAUDE).await;
        let broker = scene.world.broker_with(&Steps::default(), parking(|| Err("no daemon".to_owned())));
        let error = broker.members.delete(scene.fleet.fleet.id, scene.seat.agent.id, force).await;
        let error = error.expect_err("it may run on").to_string();
        assert!(error.contains("no daemon; end it with 'claude stop 525befd4'"), "{error}");
        assert!(scene.is_registered() && scene.has_pane());
    }
}

#[tokio::test]
async fn a_pane_that_is_gone_already_is_as_good_as_closed() {
    for force in [false, true] {
        let scene = Scene::with(Backend::CLAUDE).await;
        scene.world.multiplexer.close(&scene.seat.pane);
        assert_eq!(scene.delete(&Steps::default(), force).await.expect("a removal").closed, None);
        assert!(!scene.is_registered());
    }
}

#[tokio::test]
async fn a_pane_that_is_gone_needs_no_claim_which_a_dead_process_may_still_hold() {
    let scene = Scene::with(Backend::CLAUDE).await;
    let _stopped = scene.world.lease(&scene.seat.pane);
    let refused = scene.delete(&Steps::default(), false).await;
    let refusal = Refusal::Claimed;
    assert_eq!(refused, Err(BrokerError::Refused { agent: scene.seat.agent.id, refusal }), "as long as it is there");
    scene.world.multiplexer.close(&scene.seat.pane);
    assert_eq!(scene.delete(&Steps::default(), false).await.expect("a removal").closed, None);
    assert!(!scene.is_registered());
}

#[tokio::test]
async fn a_pane_of_another_server_run_is_not_touched() {
    for force in [false, true] {
        let scene = Scene::with(Backend::CLAUDE).await;
        scene.world.multiplexer.restart();
        assert_eq!(scene.delete(&Steps::default(), force).await.expect("a removal").closed, None);
        assert!(scene.has_pane(), "a stranger's by now");
        assert_eq!(scene.world.received(&scene.seat.pane), "");
    }
}

#[tokio::test]
async fn a_member_that_does_not_leave_stays_registered_and_is_ended_by_force() {
    let scene = Scene::with(Backend::CLAUDE).await;
    let begun = scene.world.now();
    let error = scene.delete(&Steps::default(), false).await.expect_err("it stays");
    assert_eq!(error.to_string(), format!("pane {} did not close within 15.0s after /exit.", scene.seat.pane));
    let BrokerError::PaneStillOpen { tail, .. } = error else { panic!("{error:?}") };
    assert!(tail.contains("> /exit"), "{tail}");
    let took = scene.world.now().since(begun);
    assert!(took >= Duration::from_secs(15) && took < Duration::from_secs(17), "{took:?}");
    assert!(scene.is_registered() && scene.has_pane());

    let removal = scene.delete(&Steps::default(), true).await.expect("a removal");
    assert!(removal.closed.is_some() && !scene.is_registered() && !scene.has_pane());
}

#[tokio::test]
async fn a_program_that_leaves_a_shell_or_its_last_screen_has_its_pane_closed_at_once() {
    type Change = fn(&mut cafleet_tests::doubles::fake_multiplexer::FakePane);
    let changes: [Change; 2] = [|pane| "bash".clone_into(&mut pane.command), |pane| pane.dead = true];
    for change in changes {
        // before /exit
        let scene = Scene::with(Backend::CLAUDE).await;
        scene.world.multiplexer.change(&scene.seat.pane, change);
        assert!(scene.delete(&Steps::default(), false).await.expect("a removal").closed.is_some());
        assert!(!scene.has_pane() && !scene.is_registered());
        // by /exit
        let scene = Scene::with(Backend::CLAUDE).await;
        let (fake, pane) = (scene.world.multiplexer.clone(), scene.seat.pane.clone());
        let steps = Steps::new(move |step| {
            if (step.call, step.done) == ("submit_if_shown", true) {
                fake.change(&pane, change);
            }
            Fate::GoOn
        });
        let begun = scene.world.now();
        assert!(scene.delete(&steps, false).await.expect("a removal").closed.is_some());
        assert!(!scene.has_pane() && !scene.is_registered());
        assert!(scene.world.now().since(begun) < Duration::from_secs(1));
    }
}

#[tokio::test]
async fn a_member_that_cannot_be_asked_is_left_alone_and_said_to_be_so() {
    let states = [
        (Backend::CLAUDE, ScreenState::Asking, Refusal::Asking),
        (Backend::CODEX, ScreenState::Working, Refusal::Working),
    ];
    for (backend, state, refusal) in states {
        let scene = Scene::with(backend).await;
        scene.seat.screen.turn(state);
        let error = scene.delete(&Steps::default(), false).await.expect_err("a refusal");
        assert_eq!(error, BrokerError::Refused { agent: scene.seat.agent.id, refusal });
        assert_eq!(scene.world.received(&scene.seat.pane), "");
        assert!(scene.is_registered() && scene.has_pane());
        assert!(scene.delete(&Steps::default(), true).await.is_ok(), "force asks nobody");
    }
}

#[tokio::test]
async fn an_exit_that_stands_in_the_composer_is_not_typed_again() {
    let scene = Scene::with(Backend::OPENCODE).await;
    let death = scene.leaving(|step| if step.call == "submit_if_shown" { Fate::Die } else { Fate::GoOn });
    assert!(until_death(&death, scene.delete(&death, false)).await.is_none());
    scene.world.clock.advance(Duration::from_secs(61));
    let steps = scene.leaving(|_| Fate::GoOn);
    assert!(scene.delete(&steps, false).await.is_ok());
    assert!(!steps.calls().contains(&"type_keys"), "{:?}", steps.calls());
}

#[tokio::test]
async fn a_process_that_dies_or_a_call_that_fails_at_any_step_leaves_a_member_that_can_be_deleted() {
    for (dies, force) in [(true, false), (true, true), (false, false), (false, true)] {
        for number in 0.. {
            let scene = Scene::with(Backend::CLAUDE).await;
            let steps = scene.leaving(move |step| match step.number == number {
                true if dies => Fate::Die,
                true => fault(step),
                false => Fate::GoOn,
            });
            let outcome = until_death(&steps, scene.delete(&steps, force)).await;
            let context = format!("{dies} {force} {number} {steps:?} {outcome:?}");
            if let Some(Ok(_)) = outcome {
                assert!(!scene.is_registered() && !scene.has_pane(), "{context}");
            } else if !scene.is_registered() {
                assert!(!scene.has_pane(), "never a pane without a row: {context}");
            }
            if outcome.is_some() && steps.count() <= number {
                break;
            }
            scene.world.clock.advance(Duration::from_secs(61));
            let again = scene.delete(&scene.leaving(|_| Fate::GoOn), force).await;
            assert!(matches!(again, Ok(_) | Err(BrokerError::AgentNotFound(_))), "{context}: {again:?}");
            assert!(!scene.is_registered() && !scene.has_pane(), "{context}");
            assert_eq!(scene.world.database.storage().check().await, Ok(Vec::new()), "{context}");
        }
    }
}

/// A multiplexer that does not answer, a database that refuses.
fn fault(step: Step) -> Fate {
    match step.call {
        "look" | "kill" | "type_keys" | "submit_if_shown" | "capture" | "rebalance" | "list" => {
            Fate::Multiplexer(MultiplexerError::Timeout("tmux".to_owned()))
        }
        _ => Fate::Storage(StorageError::Failed("the disk is full".to_owned())),
    }
}

#[tokio::test]
async fn a_row_that_cannot_be_updated_is_an_error_and_the_next_attempt_finds_the_pane_closed() {
    let scene = Scene::with(Backend::CLAUDE).await;
    scene.world.probe().refuse(Change::Update, Table::Agents);
    let error = scene.delete(&Steps::default(), true).await.expect_err("no removal");
    assert!(error.to_string().contains("no room"), "{error}");
    assert!(scene.is_registered() && !scene.has_pane());
    scene.world.probe().relent();
    assert_eq!(scene.delete(&Steps::default(), true).await.expect("a removal").closed, None);
}

#[tokio::test]
async fn a_pane_that_cannot_be_killed_keeps_its_member() {
    let scene = Scene::with(Backend::CLAUDE).await;
    let steps = Steps::new(|step| if step.call == "kill" && !step.done { fault(step) } else { Fate::GoOn });
    let error = scene.delete(&steps, true).await.expect_err("no removal");
    assert_eq!(error.to_string(), "tmux did not answer within 5 s");
    assert!(scene.is_registered() && scene.has_pane());
}

#[tokio::test]
async fn a_window_that_cannot_be_laid_out_is_no_reason_to_fail() {
    let scene = Scene::with(Backend::CLAUDE).await;
    let steps = Steps::new(|step| if step.call == "rebalance" { fault(step) } else { Fate::GoOn });
    assert!(scene.delete(&steps, true).await.is_ok());
}

#[tokio::test]
async fn the_director_and_the_administrator_are_refused_before_any_keystroke() {
    let scene = Scene::with(Backend::CLAUDE).await;
    let steps = Steps::default();
    let broker = scene.world.stepped(&steps);
    let fleet = &scene.fleet;
    for force in [false, true] {
        let director = broker.members.delete(fleet.fleet.id, fleet.director.id, force).await;
        assert_eq!(director, Err(BrokerError::DirectorStays));
        let administrator = broker.members.delete(fleet.fleet.id, fleet.administrator, force).await;
        assert_eq!(administrator, Err(BrokerError::NoPlacement(fleet.administrator)));
    }
    assert_eq!(steps.calls(), ["find_agent"; 4]);
}

#[tokio::test]
async fn a_member_whose_spawn_broke_off_is_deleted_with_its_pane() {
    let world = World::new();
    let (fleet, _) = world.fleet().await;
    let steps = Steps::new(|step| if (step.call, step.done) == ("spawn", true) { Fate::Die } else { Fate::GoOn });
    let broker = world.stepped(&steps);
    let spec = crate::world::spec("Ada", Backend::CLAUDE);
    assert!(until_death(&steps, broker.members.create(fleet.fleet.id, fleet.director.id, spec)).await.is_none());
    let member = cafleet_domain::id::AgentId::try_from(3).expect("an id");
    let removal = world.broker().members.delete(fleet.fleet.id, member, true).await.expect("a removal");
    assert_eq!(removal.closed.expect("a pane").as_str(), "%1");
    assert!(world.multiplexer.pane("%1").is_none());
}
