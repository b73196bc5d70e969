//! The process dies, or a call fails, at every single step of a delivery: each task is submitted exactly once.

use std::time::Duration;

use cafleet_domain::backend::Backend;
use cafleet_domain::id::TaskId;
use cafleet_domain::ports::Deaf;
use cafleet_domain::ports::storage::TaskStore;
use cafleet_domain::ports::{MultiplexerError, StorageError};
use cafleet_domain::screen::ScreenState;
use cafleet_tests::doubles::{Fate, Step, Steps};

use crate::world::{World, until_death};

/// More than any claim lasts.
const LATER: Duration = Duration::from_secs(3600);

/// What happens between the fault and the pass that is to make up for it.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Meanwhile {
    Nothing,
    /// The agent asks a question, and somebody writes to it.
    Question,
    /// The multiplexer does not answer, and somebody writes to the agent.
    Hang,
    /// The pane is in copy mode, and somebody writes to the agent.
    CopyMode,
}

/// Sends two messages at a pane that owes none and one that owes one; `script` decides what happens at the steps of the
/// second. Returns whether it came to its end, and how many steps it took.
async fn run(backend: Backend, meanwhile: Meanwhile, steps: &Steps) -> (bool, usize) {
    let world = World::new();
    let (fleet, _) = world.fleet().await;
    let seat = world.member(&fleet, "Ada", backend).await;
    let (id, director, to) = (fleet.fleet.id, fleet.director.id, seat.agent.id);

    // One is owed already.
    seat.screen.turn(ScreenState::Asking);
    world.broker().mailbox.send(id, director, to, "first".to_owned()).await.expect("a send");
    seat.screen.turn(ScreenState::AtRest);

    let process = world.stepped(steps);
    let report = until_death(steps, process.mailbox.send(id, director, to, "second".to_owned())).await;
    let ended = report.is_some();
    world.clock.advance(LATER);

    match meanwhile {
        Meanwhile::Nothing => {}
        Meanwhile::Question => seat.screen.turn(ScreenState::Asking),
        Meanwhile::Hang => world.multiplexer.fail_next(MultiplexerError::Timeout("tmux".to_owned())),
        Meanwhile::CopyMode => world.multiplexer.change(&seat.pane, |pane| pane.deaf = Some(Deaf::CopyMode)),
    }
    if meanwhile != Meanwhile::Nothing {
        let before = world.received(&seat.pane);
        let report = world.broker().mailbox.send(id, director, to, "third".to_owned()).await.expect("a send");
        assert!(!report.delivery.is_submitted(), "{report:?}");
        assert_eq!(world.received(&seat.pane), before, "no key into a pane that cannot take it");
        seat.screen.turn(ScreenState::AtRest);
        world.multiplexer.change(&seat.pane, |pane| pane.deaf = None);
        world.clock.advance(LATER);
    }

    let report = world.broker().mailbox.send(id, director, to, "last".to_owned()).await.expect("a send");
    assert!(report.delivery.is_submitted(), "{backend} {meanwhile:?} {steps:?}: {report:?}");
    let tasks = world.database.storage().inbox(id, to).await.expect("an answer").expect("an inbox");
    let expected: Vec<TaskId> = tasks.iter().map(|task| task.id).collect();
    let told = announced(&world.submitted(&seat.pane));
    assert_eq!(told, expected, "{backend} {meanwhile:?} {steps:?}");
    assert_eq!(world.multiplexer.pane(&seat.pane).expect("the pane").composer, "", "nothing is left over");
    assert!(!world.received(&seat.pane).contains('\u{1b}'), "never Escape");
    for task in expected {
        assert!(world.delivery(task).await.expect("a record").is_submitted());
    }
    (ended, steps.count())
}

/// Returns the tasks that submissions announce, in order; a task as often as its preview stands there.
fn announced(submitted: &[String]) -> Vec<TaskId> {
    let previews = submitted.iter().flat_map(|text| text.split("[cafleet msg ").skip(1));
    previews.map(|rest| rest.split(' ').next().expect("a word").parse().expect("an id")).collect()
}

/// Lets a process die at every step in turn.
async fn die_at_every_step(backend: Backend, meanwhile: Meanwhile) {
    for number in 0.. {
        let steps = Steps::ending_at(number);
        let (ended, count) = run(backend, meanwhile, &steps).await;
        if ended {
            assert_eq!(count, number, "every step was visited");
            let calls = steps.calls();
            for call in
                ["send", "claim_pane", "pending_deliveries", "look", "paste", "record_deliveries", "submit_if_shown"]
            {
                assert!(calls.contains(&call), "{call} is not among {calls:?}");
            }
            return;
        }
    }
}

#[tokio::test]
async fn a_process_that_dies_at_any_step_leaves_each_task_to_be_submitted_exactly_once() {
    die_at_every_step(Backend::CLAUDE, Meanwhile::Nothing).await;
}

#[tokio::test]
async fn it_does_where_the_agent_asks_a_question_before_the_next_pass() {
    die_at_every_step(Backend::CLAUDE, Meanwhile::Question).await;
}

#[tokio::test]
async fn it_does_where_the_multiplexer_does_not_answer_the_next_pass() {
    die_at_every_step(Backend::OPENCODE, Meanwhile::Hang).await;
}

#[tokio::test]
async fn it_does_where_the_pane_is_in_copy_mode_at_the_next_pass() {
    die_at_every_step(Backend::CODEX, Meanwhile::CopyMode).await;
}

#[tokio::test]
async fn a_call_that_fails_at_any_step_leaves_each_task_to_be_submitted_exactly_once() {
    for meanwhile in [Meanwhile::Nothing, Meanwhile::Question] {
        for number in 0.. {
            let steps = Steps::new(move |step| if step.number == number { fault(step) } else { Fate::GoOn });
            let (_, count) = run(Backend::CLAUDE, meanwhile, &steps).await;
            if count <= number {
                break;
            }
        }
    }
}

#[tokio::test]
async fn a_multiplexer_or_a_database_that_fails_from_a_step_on_costs_no_message() {
    for number in 0.. {
        let steps = Steps::new(move |step| if step.number >= number { fault(step) } else { Fate::GoOn });
        let (_, count) = run(Backend::OPENCODE, Meanwhile::Nothing, &steps).await;
        if count <= number {
            break;
        }
    }
}

/// A multiplexer that does not answer, a database that refuses.
fn fault(step: Step) -> Fate {
    match step.call {
        "look" | "paste" | "submit_if_shown" => Fate::Multiplexer(MultiplexerError::Timeout("tmux".to_owned())),
        _ => Fate::Storage(StorageError::Failed("the disk is full".to_owned())),
    }
}
