//! Typing into a member's pane on request.

use std::time::Duration;

use cafleet_domain::backend::Backend;
use cafleet_domain::broker::{BrokerError, Refusal, Wanted};
use cafleet_domain::fleet::FleetDetail;
use cafleet_domain::ports::storage::{AgentStore, Registered};
use cafleet_domain::ports::{KEY_SHOWS_WITHIN, MultiplexerError};
use cafleet_domain::screen::{Row, Screen, ScreenState, Span};
use cafleet_tests::doubles::{Fate, Steps};
use cafleet_tests::storage_fixtures::member_request;

use crate::world::{Seat, World};

async fn scene(backend: Backend) -> (World, FleetDetail, Seat) {
    let world = World::new();
    let (fleet, _) = world.fleet().await;
    let seat = world.member(&fleet, "Ada", backend).await;
    (world, fleet, seat)
}

#[tokio::test]
async fn a_command_and_a_poll_are_submitted_at_rest_and_at_work() {
    for state in [ScreenState::AtRest, ScreenState::Working] {
        let (world, fleet, seat) = scene(Backend::CLAUDE).await;
        seat.screen.turn(state);
        let (id, broker) = (fleet.fleet.id, world.broker());
        let (name, pane) = broker.members.exec(id, seat.agent.id, "  cargo test -- --quiet ").await.expect("typed");
        assert_eq!((name.as_str(), pane.id.as_str()), ("Ada", seat.pane.as_str()));
        broker.members.ping(id, seat.agent.id).await.expect("typed");
        let poll = format!("cafleet --fleet-id {id} message poll --agent-id {}", seat.agent.id);
        assert_eq!(world.submitted(&seat.pane), ["! cargo test -- --quiet", &poll]);
    }
}

#[tokio::test]
async fn neither_is_typed_where_it_does_not_belong() {
    use ScreenState::{Asking, Unknown, Working};
    let cases = [
        (Backend::CLAUDE, Asking, Refusal::Asking),
        (Backend::CODEX, Working, Refusal::Working),
        (Backend::OPENCODE, Unknown, Refusal::Unrecognised),
    ];
    for (backend, state, refusal) in cases {
        let (world, fleet, seat) = scene(backend).await;
        seat.screen.turn(state);
        let (id, agent, broker) = (fleet.fleet.id, seat.agent.id, world.broker());
        let refused = Err(BrokerError::Refused { agent, refusal });
        assert_eq!(broker.members.exec(id, agent, "ls").await, refused);
        assert_eq!(broker.members.ping(id, agent).await, refused);
        assert_eq!(world.received(&seat.pane), "");
    }
}

#[tokio::test]
async fn only_an_open_question_is_answered() {
    let (world, fleet, seat) = scene(Backend::CLAUDE).await;
    let (id, agent, broker) = (fleet.fleet.id, seat.agent.id, world.broker());
    for (state, refusal) in [
        (ScreenState::AtRest, Refusal::NotAsking),
        (ScreenState::Working, Refusal::NotAsking),
        (ScreenState::Unknown, Refusal::Unrecognised),
    ] {
        seat.screen.turn(state);
        let refused = Err(BrokerError::Refused { agent, refusal });
        assert_eq!(broker.members.choose(id, agent, &Wanted::Number(1)).await.map(drop), refused);
        assert_eq!(broker.members.answer(id, agent, "yes").await.map(drop), refused);
    }
    assert_eq!(world.received(&seat.pane), "");
    seat.screen.turn(ScreenState::Asking);
    let screen = seat.screen.clone();
    world.clock.after(Duration::from_millis(50), move || screen.turn(ScreenState::Working));
    broker.members.choose(id, agent, &Wanted::Number(2)).await.expect("typed");
    assert_eq!(world.received(&seat.pane), "2", "no Enter");
}

#[tokio::test]
async fn a_choice_that_was_not_taken_is_said_and_not_typed_again() {
    let (world, fleet, seat) = scene(Backend::CODEX).await;
    let (id, agent, broker) = (fleet.fleet.id, seat.agent.id, world.broker());
    seat.screen.turn(ScreenState::Asking);
    let refused = |refusal| Err(BrokerError::Refused { agent, refusal });
    assert_eq!(broker.members.choose(id, agent, &Wanted::Number(1)).await, refused(Refusal::StillAsking));
    assert_eq!(world.received(&seat.pane), "1");
    assert_eq!(broker.members.choose(id, agent, &Wanted::Number(3)).await, refused(Refusal::NoSuchChoice));
    assert_eq!(world.received(&seat.pane), "1", "there is no third choice");
}

#[tokio::test]
async fn a_screen_that_is_not_recognised_does_not_say_that_a_choice_was_taken() {
    let (world, fleet, seat) = scene(Backend::CLAUDE).await;
    let (id, agent, broker) = (fleet.fleet.id, seat.agent.id, world.broker());
    seat.screen.turn(ScreenState::Asking);
    let screen = seat.screen.clone();
    world.clock.after(Duration::from_millis(50), move || screen.turn(ScreenState::Unknown));
    let refused = Err(BrokerError::Refused { agent, refusal: Refusal::Unrecognised });
    assert_eq!(broker.members.choose(id, agent, &Wanted::Number(1)).await, refused);
    seat.screen.turn(ScreenState::Asking);
    let screen = seat.screen.clone();
    world.clock.after(Duration::from_millis(50), move || screen.turn(ScreenState::Unknown));
    let screen = seat.screen.clone();
    world.clock.after(Duration::from_millis(500), move || screen.turn(ScreenState::Working));
    broker.members.choose(id, agent, &Wanted::Number(1)).await.expect("it was only being drawn");
}

fn screen(rows: &[&str]) -> Screen {
    let row = |text: &&str| Row { spans: vec![Span { text: (*text).to_owned(), ..Span::default() }] };
    Screen { rows: rows.iter().map(row).collect(), width: 80, cursor_row: 2, ..Screen::default() }
}

/// claude's question, in which an answer is written after the digit that moves there.
fn dialog(typed: &str) -> Screen {
    let (own, at) = match typed.strip_prefix('3') {
        None => ("Type something.", " "),
        Some("") => ("Type something.", "❯"),
        Some(answer) => (answer, "❯"),
    };
    let first = if at == " " { "❯ 1. Red" } else { "  1. Red" };
    let own = format!("{at} 3. {own}");
    let rows = [
        "──────",
        " ☐ Colour",
        "",
        "Which colour?",
        "",
        first,
        "  2. Blue",
        &own,
        "──────",
        "  4. Chat about this",
        "",
    ];
    screen(&[&rows[..], &["Enter to select · ↑/↓ to navigate · Esc to cancel"]].concat())
}

#[tokio::test]
async fn an_answer_in_words_is_written_where_words_are_taken_and_submitted_once() {
    for answer in ["use the other file", "「別のファイル」を使って"] {
        let (world, fleet, seat) = scene(Backend::CLAUDE).await;
        world.multiplexer.change(&seat.pane, |pane| pane.paint(dialog));
        let answered = world.broker().members.answer(fleet.fleet.id, seat.agent.id, answer).await;
        let (chosen, ..) = answered.expect("typed");
        assert_eq!((chosen.answer.n, chosen.question.title.as_str()), (3, "Which colour?"));
        assert_eq!(world.received(&seat.pane), format!("3{answer}\r"));
    }
}

#[tokio::test]
async fn an_answer_that_the_dialog_does_not_show_is_not_submitted() {
    let (world, fleet, seat) = scene(Backend::CLAUDE).await;
    world.multiplexer.change(&seat.pane, |pane| pane.paint(|typed| dialog(&typed[..typed.len().min(1)])));
    let (id, agent) = (fleet.fleet.id, seat.agent.id);
    let refused = world.broker().members.answer(id, agent, "use the other file").await;
    assert_eq!(refused, Err(BrokerError::Refused { agent, refusal: Refusal::NoEcho }));
    assert!(!world.received(&seat.pane).contains('\r'));
}

#[tokio::test]
async fn an_answer_that_stays_is_not_submitted_again() {
    let (world, fleet, seat) = scene(Backend::CLAUDE).await;
    world.multiplexer.change(&seat.pane, |pane| {
        pane.paint(dialog);
        pane.ignores_enter = true;
    });
    let (id, agent) = (fleet.fleet.id, seat.agent.id);
    let refused = world.broker().members.answer(id, agent, "use the other file").await;
    assert_eq!(refused, Err(BrokerError::Refused { agent, refusal: Refusal::StillInComposer }));
    assert_eq!(world.received(&seat.pane).matches('\r').count(), 1, "a second Enter could answer the next question");
}

#[tokio::test]
async fn words_are_not_written_where_none_are_taken_or_somebodys_stand() {
    let (world, fleet, seat) = scene(Backend::CLAUDE).await;
    let (id, agent, broker) = (fleet.fleet.id, seat.agent.id, world.broker());
    seat.screen.turn(ScreenState::Asking);
    let refused = |refusal| Err(BrokerError::Refused { agent, refusal });
    assert_eq!(broker.members.answer(id, agent, "maybe").await, refused(Refusal::NoTextAnswer));
    world.multiplexer.change(&seat.pane, |pane| pane.paint(|_| dialog("3dark")));
    assert_eq!(broker.members.answer(id, agent, "red").await, refused(Refusal::Composing));
    assert_eq!(world.received(&seat.pane), "");
}

/// claude's permission dialog, whose third answer is not "No".
const FOUR: [&str; 10] = [
    "──────",
    " Bash command",
    " touch /etc/x",
    "╌╌╌╌╌╌",
    " Do you want to proceed?",
    " ❯ 1. Yes",
    "   2. Yes, and always allow access to /etc",
    "   3. Yes, and switch to auto mode · auto mode handles these prompts for you",
    "   4. No",
    " Esc to cancel · Tab to amend",
];

#[tokio::test]
async fn an_answer_is_chosen_by_what_it_says_and_named() {
    let (world, fleet, seat) = scene(Backend::CLAUDE).await;
    let (id, agent, broker) = (fleet.fleet.id, seat.agent.id, world.broker());
    let answered = || pane_that_answers(&world, &seat);
    let refused = |refusal| Err(BrokerError::Refused { agent, refusal });
    answered();
    let needs =
        Refusal::NeedsLabel("Yes, and switch to auto mode · auto mode handles these prompts for you".to_owned());
    assert_eq!(broker.members.choose(id, agent, &Wanted::Number(3)).await, refused(needs));
    let label = |text: &str| Wanted::Label(text.to_owned());
    assert_eq!(broker.members.choose(id, agent, &label("and")).await, refused(Refusal::AmbiguousAnswer));
    assert_eq!(broker.members.choose(id, agent, &Wanted::Number(5)).await, refused(Refusal::NoSuchChoice));
    assert_eq!(world.received(&seat.pane), "");
    for (wanted, n) in [(Wanted::Number(4), 4), (label("auto mode"), 3), (label("no"), 4)] {
        answered();
        let (chosen, ..) = broker.members.choose(id, agent, &wanted).await.expect("chosen");
        assert_eq!((chosen.answer.n, chosen.question.title.as_str()), (n, "Do you want to proceed?"));
    }
    assert_eq!(world.received(&seat.pane), "434");
}

/// claude at rest.
const RESTS: [&str; 5] = ["", "────────", "❯ ", "────────", "  ⏵⏵ don't ask on"];

/// Shows the permission dialog until a key comes.
fn pane_that_answers(world: &World, seat: &Seat) {
    let before = world.received(&seat.pane).len();
    world.multiplexer.change(&seat.pane, |pane| {
        pane.paint(move |typed| screen(if typed.len() > before { &RESTS } else { &FOUR }));
    });
}

#[tokio::test]
async fn a_question_that_has_changed_is_not_answered() {
    let (world, fleet, seat) = scene(Backend::CLAUDE).await;
    let (id, agent) = (fleet.fleet.id, seat.agent.id);
    world.multiplexer.change(&seat.pane, |pane| {
        let looks = std::sync::atomic::AtomicUsize::new(0);
        pane.paint(move |_| {
            let look = looks.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            let mut rows = FOUR;
            rows[2] = if look == 0 { " touch /etc/x" } else { " rm -r /" };
            screen(&rows)
        });
    });
    let refused = world.broker().members.choose(id, agent, &Wanted::Number(1)).await;
    assert_eq!(refused, Err(BrokerError::Refused { agent, refusal: Refusal::QuestionChanged }));
    assert_eq!(world.received(&seat.pane), "");
}

#[tokio::test]
async fn a_question_that_changes_right_before_a_key_gets_none() {
    let (world, fleet, seat) = scene(Backend::CLAUDE).await;
    let (id, agent, broker) = (fleet.fleet.id, seat.agent.id, world.broker());
    let changed = Err(BrokerError::Refused { agent, refusal: Refusal::QuestionChanged });
    let when = |call: &'static str, show: fn(&str) -> Screen| {
        let (multiplexer, pane) = (world.multiplexer.clone(), seat.pane.clone());
        Steps::new(move |step| {
            if (step.call, step.done) == (call, false) {
                multiplexer.change(&pane, |pane| pane.paint(show));
            }
            Fate::GoOn
        })
    };
    world.multiplexer.change(&seat.pane, |pane| pane.paint(|_| screen(&FOUR)));
    let others = when("type_keys", |_| screen(&FOUR.map(|row| if row == FOUR[2] { " rm -r /" } else { row })));
    let refused = world.stepped(&others).members.choose(id, agent, &Wanted::Number(1)).await;
    assert_eq!(refused.map(drop), changed.clone());
    assert_eq!(world.received(&seat.pane), "");

    world.multiplexer.change(&seat.pane, |pane| pane.paint(dialog));
    let others = when("submit_if_shown", |typed| {
        let mut other = dialog(typed);
        other.rows[3].spans[0].text = "Delete which file?".to_owned();
        other
    });
    let refused = world.stepped(&others).members.answer(id, agent, "the first").await;
    assert_eq!(refused.map(drop), changed);
    assert_eq!(world.received(&seat.pane), "3the first", "no Enter");

    // a person moves to where words are taken, of which nothing shows yet
    world.multiplexer.change(&seat.pane, |pane| {
        pane.paint(|_| screen(&FOUR));
        pane.touched = u32::MAX;
    });
    let refused = broker.members.choose(id, agent, &Wanted::Number(1)).await.map(drop);
    assert_eq!(refused, Err(BrokerError::Refused { agent, refusal: Refusal::ScreenChanged }));
    assert_eq!(world.received(&seat.pane), "3the first");
}

#[tokio::test]
async fn an_answer_waits_for_as_long_as_a_key_of_a_person_counts() {
    let (world, fleet, seat) = scene(Backend::CLAUDE).await;
    pane_that_answers(&world, &seat);
    world.multiplexer.change(&seat.pane, |pane| pane.touched = u32::MAX);
    let multiplexer = world.multiplexer.clone();
    let pane = seat.pane.clone();
    world.clock.after(KEY_SHOWS_WITHIN, move || multiplexer.change(&pane, |pane| pane.touched = 0));
    let chosen = world.broker().members.choose(fleet.fleet.id, seat.agent.id, &Wanted::Number(1)).await;
    assert_eq!(chosen.map(|(chosen, ..)| chosen.answer.n), Ok(1));
}

#[tokio::test]
async fn a_text_that_may_not_be_typed_is_refused_before_anything_is_asked() {
    let (world, fleet, seat) = scene(Backend::CLAUDE).await;
    let steps = Steps::default();
    let broker = world.stepped(&steps);
    let (id, agent) = (fleet.fleet.id, seat.agent.id);
    for (command, message) in [
        (" \t", "command may not be empty."),
        ("a\nb", "command may not contain newlines."),
        ("a\u{1b}b", "command may not contain control characters."),
    ] {
        let error = broker.members.exec(id, agent, command).await.expect_err("refused");
        assert_eq!(error.to_string(), message);
    }
    for answer in ["", "! rm", "a\rb", "a\u{9b}b", "???"] {
        let error = broker.members.answer(id, agent, answer).await.expect_err("refused");
        assert!(matches!(error, BrokerError::InvalidKeystroke(_)), "{answer:?}: {error:?}");
    }
    assert_eq!(steps.calls(), Vec::<&str>::new());
}

#[tokio::test]
async fn a_pane_that_is_gone_is_said_to_be_gone() {
    let (world, fleet, seat) = scene(Backend::CLAUDE).await;
    world.multiplexer.restart();
    let (id, agent, broker) = (fleet.fleet.id, seat.agent.id, world.broker());
    let pane = || cafleet_domain::id::PaneId::new(seat.pane.clone());
    let gone = || BrokerError::PaneGone { agent, pane: pane() };
    assert_eq!(broker.members.exec(id, agent, "ls").await.expect_err("gone"), gone());
    assert_eq!(broker.members.ping(id, agent).await.expect_err("gone"), gone());
    assert_eq!(broker.members.choose(id, agent, &Wanted::Number(1)).await.expect_err("gone"), gone());
    assert_eq!(broker.members.answer(id, agent, "yes").await.expect_err("gone"), gone());
    assert_eq!(broker.members.capture(id, agent, 30, false).await.expect_err("gone"), gone());
    assert_eq!(world.received(&seat.pane), "", "a stranger's pane by now");
}

#[tokio::test]
async fn a_ping_that_is_not_delivered_names_the_pane() {
    let (world, fleet, seat) = scene(Backend::CLAUDE).await;
    world.multiplexer.fail_next(MultiplexerError::Timeout("tmux".to_owned()));
    let error = world.broker().members.ping(fleet.fleet.id, seat.agent.id).await.expect_err("not delivered");
    let expected = "send failed: tmux send-keys did not deliver the poll-trigger keystroke to pane %1.";
    assert_eq!(error.to_string(), expected);
}

#[tokio::test]
async fn who_has_no_pane_is_told_apart() {
    let (world, fleet, _) = scene(Backend::CLAUDE).await;
    let (id, broker) = (fleet.fleet.id, world.broker());
    let pending = world.database.storage().register_member(&member_request(&fleet, "pending", 0)).await;
    let Ok(Registered::Agent(pending)) = pending else { panic!("{pending:?}") };
    for (action, error) in [
        ("send", broker.members.choose(id, pending.id, &Wanted::Number(1)).await.map(|(_, name, pane)| (name, pane))),
        ("exec", broker.members.exec(id, pending.id, "ls").await),
        ("ping", broker.members.ping(id, pending.id).await),
    ] {
        assert_eq!(error, Err(BrokerError::PendingPlacement { agent: pending.id, action }));
    }
    let administrator = fleet.administrator;
    assert_eq!(broker.members.ping(id, administrator).await, Err(BrokerError::NoPlacement(administrator)));
}

#[tokio::test]
async fn a_keystroke_waits_for_another_process_and_gives_its_claim_back() {
    let (world, fleet, seat) = scene(Backend::CLAUDE).await;
    let _stopped = world.lease(&seat.pane);
    let (id, agent) = (fleet.fleet.id, seat.agent.id);
    let refused = world.broker().members.ping(id, agent).await;
    assert_eq!(refused, Err(BrokerError::Refused { agent, refusal: Refusal::Claimed }));
    world.clock.advance(Duration::from_secs(61));
    // Refused or not, the claim is given back.
    seat.screen.turn(ScreenState::Asking);
    world.broker().members.ping(id, agent).await.expect_err("asking");
    assert_eq!(world.probe().claims(), 0);
    let steps = Steps::new(|step| {
        if step.call == "look" { Fate::Multiplexer(MultiplexerError::Failed("no".to_owned())) } else { Fate::GoOn }
    });
    world.stepped(&steps).members.ping(id, agent).await.expect_err("no");
    assert_eq!(world.probe().claims(), 0);
}

#[tokio::test]
async fn a_capture_shows_the_last_rows() {
    let (world, fleet, seat) = scene(Backend::CLAUDE).await;
    let (id, agent, broker) = (fleet.fleet.id, seat.agent.id, world.broker());
    let (text, pane) = broker.members.capture(id, agent, 1, false).await.expect("a capture");
    assert!(text.contains("⏵⏵"), "{text}");
    assert_eq!(pane.id.as_str(), seat.pane);
    broker.members.require_multiplexer(id).await.expect("inside");
}
