//! What a doorbell meets, and what it says of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use cafleet_domain::backend::Backend;
use cafleet_domain::broker::{Refusal, SendReport};
use cafleet_domain::delivery::{DeliveryState, DeliveryStatus};
use cafleet_domain::fleet::FleetDetail;
use cafleet_domain::id::TaskId;
use cafleet_domain::placement::Pane;
use cafleet_domain::ports::storage::AgentStore;
use cafleet_domain::ports::{Begun, Deaf, MultiplexerError, OtherStores, PaneHost, SpawnRequest, Stood};
use cafleet_domain::preview::unmarked;
use cafleet_domain::screen::ScreenState;
use cafleet_tests::doubles::fake_multiplexer::{FakePane, screen_of};
use cafleet_tests::doubles::{AgentScreen, FakeMultiplexer, Fate, Steps};
use cafleet_tests::probe::{Change, Table};
use cafleet_tests::storage_fixtures::pending_member;

use crate::world::{MAX_TEXT_LEN, Seat, World, until_death};

/// A fleet with one member, whom the Director writes to.
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

    async fn new() -> Self {
        Self::with(Backend::CLAUDE).await
    }

    async fn send(&self, text: &str) -> SendReport {
        self.send_by(&Steps::default(), text).await
    }

    async fn send_by(&self, steps: &Steps, text: &str) -> SendReport {
        let (fleet, director, to) = (self.fleet.fleet.id, self.fleet.director.id, self.seat.agent.id);
        let broker = self.world.stepped(steps);
        broker.mailbox.send(fleet, director, to, text.to_owned()).await.expect("a send")
    }

    fn change(&self, change: impl FnOnce(&mut FakePane)) {
        self.world.multiplexer.change(&self.seat.pane, change);
    }

    fn received(&self) -> String {
        self.world.received(&self.seat.pane)
    }

    fn submitted(&self) -> Vec<String> {
        self.world.submitted(&self.seat.pane)
    }

    /// Sends, and asserts that the preview stays out of the pane for the given reason, in the answer and on record, until
    /// `mend` has mended what kept it.
    async fn held(&self, reason: &str, mend: impl FnOnce(&Self)) {
        let before = self.received();
        let report = self.send("hello").await;
        assert_eq!(report.delivery, DeliveryStatus::because(DeliveryState::Held, reason));
        assert_eq!(self.world.delivery(report.task.id).await, Some(report.delivery));
        assert_eq!(self.received(), before, "no key");
        mend(self);
        let next = self.send("again").await;
        assert_eq!(next.delivery, DeliveryStatus::plain(DeliveryState::Submitted));
        assert_eq!(bodies(&self.submitted()), ["hello", "again"], "both, in order");
    }
}

#[tokio::test]
async fn a_preview_is_submitted_to_an_agent_at_rest_and_to_one_that_queues_it() {
    for backend in Backend::BUILT_IN {
        let scene = Scene::with(backend).await;
        let report = scene.send("two\r\nlines\u{1b}[201~").await;
        assert_eq!(report.delivery, DeliveryStatus::plain(DeliveryState::Submitted));
        let header = format!("[cafleet msg {} from {} {}]", report.task.id, report.task.from, report.task.created_at);
        let submitted: Vec<String> = scene.submitted().iter().map(|text| unmarked(text)).collect();
        assert_eq!(submitted, [format!("{header}\ntwo⏎lines[201~")]);
        assert_eq!(scene.received().matches('\r').count(), 1, "one Enter");
    }
    let scene = Scene::with(Backend::CLAUDE).await;
    scene.seat.screen.turn(ScreenState::Working);
    assert!(scene.send("hello").await.delivery.is_submitted());
}

#[tokio::test]
async fn a_preview_whose_body_collapses_or_pushes_the_header_out_of_view_is_submitted_once_and_whole() {
    let body = "a body that is as long as it gets; ".repeat(5);
    for backend in Backend::BUILT_IN {
        let rooms = if backend == Backend::OPENCODE { vec![usize::MAX] } else { vec![usize::MAX, 1] };
        for room in rooms {
            for state in [ScreenState::AtRest, ScreenState::Working] {
                let scene = Scene::with(backend).await;
                let collapses = backend == Backend::OPENCODE;
                if collapses {
                    scene.seat.screen.collapse();
                }
                scene.seat.screen.make_room(room);
                scene.seat.screen.turn(if backend == Backend::CLAUDE { state } else { ScreenState::AtRest });
                for _ in 0..2 {
                    let report = scene.send(&body).await;
                    assert!(report.delivery.is_submitted(), "{backend} {room} {:?}", report.delivery);
                }
                let texts: Vec<_> = scene.submitted();
                assert_eq!(texts.len(), 2, "{backend} {room}: {texts:?}");
                assert!(texts.iter().all(|text| text.ends_with(&format!("]\n{body}"))), "{backend} {room}: {texts:?}");
                assert_eq!(scene.received().matches('\r').count(), 2, "one Enter for each");
            }
        }
    }
}

#[tokio::test]
async fn a_dialog_that_opens_between_header_and_body_gets_neither_body_nor_enter_and_the_body_comes_after_it() {
    let scene = Scene::new().await;
    let screen = scene.seat.screen.clone();
    let mut pastes = 0;
    let steps = Steps::new(move |step| {
        if step.call == "paste" {
            pastes += usize::from(!step.done);
            if (pastes, step.done) == (2, false) {
                screen.turn(ScreenState::Asking);
            }
        }
        Fate::GoOn
    });
    let report = scene.send_by(&steps, "hello").await;
    assert_eq!(report.delivery.state, DeliveryState::Held);
    assert!(!scene.received().contains(['\n', '\r']), "neither body nor Enter");
    scene.seat.screen.turn(ScreenState::AtRest);
    assert!(scene.send("again").await.delivery.is_submitted());
    let submitted = scene.submitted();
    let texts: Vec<_> = submitted.iter().filter_map(|text| text.lines().nth(1)).collect();
    assert_eq!(texts, ["hello", "again"], "{submitted:?}");
}

#[tokio::test]
async fn a_screen_that_is_blank_after_enter_is_not_taken_for_an_empty_composer() {
    let scene = Scene::with(Backend::OPENCODE).await;
    let (screen, clock) = (scene.seat.screen.clone(), scene.world.clock.clone());
    let steps = Steps::new(move |step| {
        if (step.call, step.done) == ("submit_if_shown", true) {
            screen.turn(ScreenState::Unknown);
            screen.echo(false);
            let screen = screen.clone();
            clock.after(Duration::from_millis(2900), move || {
                screen.turn(ScreenState::Working);
                screen.echo(true);
            });
        }
        Fate::GoOn
    });
    let begin = scene.world.now();
    assert!(scene.send_by(&steps, "hello").await.delivery.is_submitted());
    assert!(scene.world.now().since(begin) >= Duration::from_millis(2900), "it waited for what it can read");
    assert_eq!(scene.received().matches('\r').count(), 1);
}

#[tokio::test]
async fn nobody_is_rung_without_a_pane_nor_by_oneself() {
    let scene = Scene::new().await;
    let (id, ada, broker) = (scene.fleet.fleet.id, scene.seat.agent.id, scene.world.broker());
    let user =
        broker.members.register_agent(id, "Eve".to_owned(), String::new(), "[]".to_owned()).await.expect("an agent");
    for (from, to) in [(ada, user.id), (ada, scene.fleet.administrator), (ada, ada)] {
        let report = broker.mailbox.send(id, from, to, "hello".to_owned()).await.expect("a send");
        assert_eq!(report.delivery, DeliveryStatus::plain(DeliveryState::None));
        assert_eq!(scene.world.delivery(report.task.id).await, None);
        assert_eq!(broker.mailbox.poll(id, to, None).await.expect("an inbox").last(), Some(&report.task));
    }
    assert_eq!(scene.received(), "");
}

#[tokio::test]
async fn nothing_is_typed_into_a_question() {
    for backend in Backend::BUILT_IN {
        let scene = Scene::with(backend).await;
        scene.seat.screen.turn(ScreenState::Asking);
        let reason = "is asking a question";
        scene.held(reason, |scene| scene.seat.screen.turn(ScreenState::AtRest)).await;
    }
}

#[tokio::test]
async fn a_persons_draft_is_neither_merged_nor_lost() {
    for backend in Backend::BUILT_IN {
        let scene = Scene::with(backend).await;
        scene.change(|pane| "half a tho".clone_into(&mut pane.composer));
        let reason = "has an unsent draft in its composer; send or clear it in that pane";
        scene
            .held(reason, |scene| {
                scene.change(|pane| {
                    assert_eq!(pane.composer, "half a tho", "the draft survives");
                    pane.composer.clear();
                });
            })
            .await;
    }
}

#[tokio::test]
async fn a_draft_that_appears_between_look_and_paste_stays_as_it_is() {
    let scene = Scene::new().await;
    let (fake, pane) = (scene.world.multiplexer.clone(), scene.seat.pane.clone());
    let steps = Steps::new(move |step| {
        if (step.call, step.done) == ("paste", false) {
            fake.change(&pane, |pane| "half a tho".clone_into(&mut pane.composer));
        }
        Fate::GoOn
    });
    let report = scene.send_by(&steps, "hello").await;
    let reason = "has an unsent draft in its composer; send or clear it in that pane";
    assert_eq!(report.delivery, DeliveryStatus::because(DeliveryState::Held, reason));
    assert_eq!(scene.received(), "", "nothing is typed into it");
    // The person clears the line, and the next pass rings once, for both: nothing of the first was typed.
    scene.change(|pane| pane.composer.clear());
    assert!(scene.send("again").await.delivery.is_submitted());
    assert_eq!(scene.submitted().len(), 1);
    assert_eq!(bodies(&scene.submitted()), ["hello", "again"]);
}

#[tokio::test]
async fn what_a_person_types_before_enter_is_not_submitted_with_the_preview() {
    let scene = Scene::new().await;
    let (fake, pane) = (scene.world.multiplexer.clone(), scene.seat.pane.clone());
    let mut typed = false;
    let steps = Steps::new(move |step| {
        if (step.call, step.done) == ("submit_if_shown", false) && !std::mem::replace(&mut typed, true) {
            fake.change(&pane, |pane| pane.composer.push('/'));
        }
        Fate::GoOn
    });
    let report = scene.send_by(&steps, "hello").await;
    assert_eq!(report.delivery.state, DeliveryState::Held, "{report:?}");
    assert!(scene.submitted().is_empty());
    scene.change(|pane| pane.composer.truncate(pane.composer.len() - 1));
    assert!(scene.send("again").await.delivery.is_submitted());
    assert_eq!(bodies(&scene.submitted()), ["hello", "again"]);
}

#[tokio::test]
async fn a_dialog_that_opens_between_look_and_paste_gets_no_byte() {
    for backend in Backend::BUILT_IN {
        for (state, reason) in [
            (ScreenState::Asking, "is asking a question"),
            (ScreenState::Unknown, "has a screen that is not recognised"),
        ] {
            let scene = Scene::with(backend).await;
            let screen = scene.seat.screen.clone();
            let steps = Steps::new(move |step| {
                if (step.call, step.done) == ("paste", false) {
                    screen.turn(state);
                }
                Fate::GoOn
            });
            let report = scene.send_by(&steps, "hello").await;
            assert_eq!(report.delivery, DeliveryStatus::because(DeliveryState::Held, reason), "{backend}");
            assert_eq!(scene.received(), "", "{backend} {state:?}");
            scene.seat.screen.turn(ScreenState::AtRest);
            assert!(scene.send("again").await.delivery.is_submitted());
            assert_eq!(bodies(&scene.submitted()), ["hello", "again"], "{backend}");
        }
    }
}

/// Returns steps in which the agent prints a line just before each of the first `times` pastes.
fn printing(scene: &Scene, times: usize) -> Steps {
    let (screen, mut printed) = (scene.seat.screen.clone(), 0);
    Steps::new(move |step| {
        if (step.call, step.done) == ("paste", false) && printed < times {
            printed += 1;
            screen.say("a line of the answer");
        }
        Fate::GoOn
    })
}

#[tokio::test]
async fn what_an_agent_prints_between_look_and_paste_puts_the_paste_off_by_a_moment() {
    for backend in Backend::BUILT_IN {
        let scene = Scene::with(backend).await;
        let report = scene.send_by(&printing(&scene, 2), "hello").await;
        assert!(report.delivery.is_submitted(), "{backend}: {:?}", report.delivery);
        assert_eq!(scene.received().matches("hello").count(), 1);
    }
}

#[tokio::test]
async fn a_screen_that_moves_before_each_paste_holds_the_preview() {
    let scene = Scene::new().await;
    let report = scene.send_by(&printing(&scene, usize::MAX), "hello").await;
    let reason = "has a screen that changed, or a person typed, before each attempt to type; nothing was typed";
    assert_eq!(report.delivery, DeliveryStatus::because(DeliveryState::Held, reason));
    assert_eq!(scene.received(), "");
    assert!(scene.send("again").await.delivery.is_submitted());
    assert_eq!(bodies(&scene.submitted()), ["hello", "again"]);
}

#[tokio::test]
async fn a_preview_waits_for_the_key_of_a_person_to_show() {
    for backend in Backend::BUILT_IN {
        let scene = Scene::with(backend).await;
        scene.change(|pane| pane.touched = 3);
        assert!(scene.send("hello").await.delivery.is_submitted(), "{backend}");
        let scene = Scene::with(backend).await;
        let (multiplexer, pane) = (scene.world.multiplexer.clone(), scene.seat.pane.clone());
        let steps = Steps::new(move |step| {
            if (step.call, step.done) == ("submit_if_shown", false) {
                multiplexer
                    .change(&pane, |pane| pane.touched += u32::from(pane.touched == 0 && !pane.composer.is_empty()));
            }
            Fate::GoOn
        });
        assert!(!scene.send_by(&steps, "hello").await.delivery.is_submitted(), "{backend}: at each Enter a key");
        assert!(!scene.received().contains('\r'), "{backend}");
        assert!(scene.send("again").await.delivery.is_submitted(), "{backend}");
        assert_eq!(scene.received().matches("[cafleet msg 1 ").count(), 1, "{backend}: pasted once");
    }
}

#[tokio::test]
async fn a_preview_that_a_person_submits_is_not_typed_again() {
    for backend in Backend::BUILT_IN {
        let scene = Scene::with(backend).await;
        let (multiplexer, pane) = (scene.world.multiplexer.clone(), scene.seat.pane.clone());
        let steps = Steps::new(move |step| {
            if (step.call, step.done) == ("submit_if_shown", false) {
                multiplexer.change(&pane, |pane| {
                    pane.touched = 1;
                    let draft = std::mem::take(&mut pane.composer);
                    pane.submitted.extend(Some(draft).filter(|draft| !draft.is_empty()));
                });
            }
            Fate::GoOn
        });
        assert!(scene.send_by(&steps, "hello").await.delivery.is_submitted(), "{backend}");
        assert!(scene.send("again").await.delivery.is_submitted(), "{backend}");
        assert_eq!(bodies(&scene.submitted()), ["hello", "again"], "{backend}");
    }
}

#[tokio::test]
async fn a_preview_that_a_person_submits_with_words_of_their_own_is_not_typed_again() {
    for backend in Backend::BUILT_IN {
        let scene = Scene::with(backend).await;
        let report = scene.send_by(&adding_words(&scene), "hello").await;
        assert_eq!(report.delivery.state, DeliveryState::Held, "{backend}");
        submit_by_hand(&scene);
        assert!(scene.send("again").await.delivery.is_submitted(), "{backend}");
        assert_eq!(bodies(&scene.submitted()), ["hello and mine", "again"], "{backend}");
        assert!(scene.world.delivery(report.task.id).await.expect("a record").is_submitted(), "{backend}");
    }
}

/// A person adds words at the second of two pastes, and submits what stands there.
#[tokio::test]
async fn a_header_that_a_person_submits_without_its_body_is_no_delivery() {
    for backend in Backend::BUILT_IN {
        let scene = Scene::with(backend).await;
        let (multiplexer, pane) = (scene.world.multiplexer.clone(), scene.seat.pane.clone());
        let pastes = Arc::new(AtomicUsize::new(0));
        let steps = Steps::new(move |step| {
            if (step.call, step.done) == ("paste", false) && pastes.fetch_add(1, Ordering::Relaxed) == 1 {
                multiplexer.change(&pane, |pane| pane.composer.push_str(" mine"));
            }
            Fate::GoOn
        });
        let report = scene.send_by(&steps, "hello").await;
        assert_eq!(report.delivery.state, DeliveryState::Held, "{backend}");
        submit_by_hand(&scene);
        assert!(scene.send("again").await.delivery.is_submitted(), "{backend}");
        let submitted = scene.submitted();
        assert!(!submitted[0].contains("hello"), "{backend}: {submitted:?}");
        assert_eq!(bodies(&submitted[1..]), ["hello", "again"], "{backend}");
    }
}

#[tokio::test]
async fn previews_that_a_person_submits_together_are_not_typed_again_once_one_is_acknowledged() {
    let scene = Scene::new().await;
    scene.seat.screen.turn(ScreenState::Asking);
    let first = scene.send("one").await;
    scene.seat.screen.turn(ScreenState::AtRest);
    let second = scene.send_by(&adding_words(&scene), "two").await;
    assert_eq!(second.delivery.state, DeliveryState::Held);
    submit_by_hand(&scene);
    let broker = scene.world.broker();
    let acknowledged = broker.mailbox.acknowledge(scene.fleet.fleet.id, scene.seat.agent.id, first.task.id).await;
    acknowledged.expect("an acknowledgement");
    assert!(scene.send("again").await.delivery.is_submitted());
    let submitted = scene.submitted();
    assert_eq!(submitted.len(), 2, "{submitted:?}");
    assert!(submitted[0].contains("\none\n") && submitted[0].ends_with("two and mine"), "{submitted:?}");
    assert_eq!(bodies(&submitted[1..]), ["again"]);
}

/// An agent that ends leaves its last picture in the pane.
#[tokio::test]
async fn what_another_program_has_left_on_the_screen_is_no_delivery() {
    let scene = Scene::new().await;
    assert_eq!(scene.send_by(&adding_words(&scene), "hello").await.delivery.state, DeliveryState::Held);
    let pane = scene.world.multiplexer.pane(&scene.seat.pane).expect("the pane").pane;
    let lease = scene.world.lease(&scene.seat.pane);
    let Begun { task, stood } = lease.begun().expect("what was begun").clone();
    let stood = stood.map(|stood| Stood { group: stood.group + pane.pid, ..stood });
    lease.begin(&Begun { task, stood });
    drop(lease);
    scene.change(|pane| pane.composer.clear());
    assert!(scene.send("again").await.delivery.is_submitted());
    assert_eq!(bodies(&scene.submitted()), ["hello", "again"]);
}

/// Lets a person add words to what stands in the composer, whenever Enter is about to be pressed.
fn adding_words(scene: &Scene) -> Steps {
    let (multiplexer, pane) = (scene.world.multiplexer.clone(), scene.seat.pane.clone());
    Steps::new(move |step| {
        if (step.call, step.done) == ("submit_if_shown", false) {
            multiplexer.change(&pane, |pane| pane.composer.push_str(" and mine"));
        }
        Fate::GoOn
    })
}

/// Submits what stands in the composer, as a person does.
fn submit_by_hand(scene: &Scene) {
    scene.change(|pane| {
        let draft = std::mem::take(&mut pane.composer);
        pane.submitted.push(draft);
    });
}

#[tokio::test]
async fn a_preview_that_a_person_takes_out_of_the_composer_is_typed_again() {
    let scene = Scene::with(Backend::CLAUDE).await;
    let (screen, multiplexer, pane) =
        (scene.seat.screen.clone(), scene.world.multiplexer.clone(), scene.seat.pane.clone());
    let steps = Steps::new(move |step| {
        if (step.call, step.done) == ("submit_if_shown", false) {
            multiplexer.change(&pane, |pane| {
                pane.touched = 1;
                pane.composer.clear();
            });
            screen.forget();
        }
        Fate::GoOn
    });
    assert_eq!(scene.send_by(&steps, "hello").await.delivery.state, DeliveryState::Held);
    assert!(scene.send("again").await.delivery.is_submitted());
    assert_eq!(bodies(&scene.submitted()), ["hello", "again"]);
}

#[tokio::test]
async fn nothing_is_typed_while_a_person_presses_keys() {
    let scene = Scene::with(Backend::CLAUDE).await;
    scene.change(|pane| pane.touched = u32::MAX);
    let reason = "has a screen that changed, or a person typed, before each attempt to type; nothing was typed";
    scene.held(reason, |scene| scene.change(|pane| pane.touched = 0)).await;
}

#[tokio::test]
async fn codex_and_opencode_are_not_told_anything_in_the_middle_of_a_turn() {
    for backend in [Backend::CODEX, Backend::OPENCODE] {
        let scene = Scene::with(backend).await;
        scene.seat.screen.turn(ScreenState::Working);
        let reason = "is in a turn during which typing could do harm; try again when it is at rest";
        scene.held(reason, |scene| scene.seat.screen.turn(ScreenState::AtRest)).await;
    }
}

#[tokio::test]
async fn nothing_is_typed_into_a_turn_that_shows_no_sign_of_itself() {
    let scene = Scene::with(Backend::CODEX).await;
    scene.seat.screen.silence();
    scene.seat.screen.turn(ScreenState::Working);
    let reason = "may be in a turn that its screen does not show";
    scene.held(reason, |scene| scene.seat.screen.turn(ScreenState::AtRest)).await;
}

#[tokio::test]
async fn a_preview_that_stands_in_the_composer_of_a_running_turn_waits_for_its_end() {
    let scene = Scene::with(Backend::OPENCODE).await;
    scene.change(|pane| pane.ignores_enter = true);
    let typed = scene.send("hello").await.delivery;
    assert_eq!(typed.state, DeliveryState::Typed, "{typed:?}");
    scene.change(|pane| pane.ignores_enter = false);
    scene.seat.screen.turn(ScreenState::Working);
    let enters = scene.received().matches('\r').count();
    scene.send("again").await;
    assert_eq!(scene.received().matches('\r').count(), enters);
    scene.seat.screen.turn(ScreenState::AtRest);
    assert!(scene.send("last").await.delivery.is_submitted());
    assert_eq!(scene.received().matches("[cafleet msg 1 ").count(), 1, "pasted once");
}

#[tokio::test]
async fn an_enter_that_a_question_took_is_not_taken_for_a_submission() {
    for backend in Backend::BUILT_IN {
        let scene = Scene::with(backend).await;
        scene.change(|pane| pane.ignores_enter = true);
        let screen = scene.seat.screen.clone();
        let steps = Steps::new(move |step| {
            if (step.call, step.done) == ("submit_if_shown", true) {
                screen.turn(ScreenState::Asking);
            }
            Fate::GoOn
        });
        let report = scene.send_by(&steps, "hello").await;
        let reason = "is asking a question";
        assert_eq!(report.delivery, DeliveryStatus::because(DeliveryState::Typed, reason), "{backend}");
        scene.change(|pane| pane.ignores_enter = false);
        scene.seat.screen.turn(ScreenState::AtRest);
        assert!(scene.send("again").await.delivery.is_submitted());
        assert_eq!(scene.submitted().len(), 2, "{backend}");
        assert_eq!(scene.received().matches("[cafleet msg 1 ").count(), 1, "{backend}: pasted once");
    }
}

#[tokio::test]
async fn nothing_is_typed_into_a_pane_that_does_not_hear_and_the_true_reason_is_said() {
    let scene = Scene::new().await;
    scene.change(|pane| pane.deaf = Some(Deaf::CopyMode));
    let reason = "is in copy mode; leave it with 'q' in that pane";
    scene.held(reason, |scene| scene.change(|pane| pane.deaf = None)).await;

    let scene = Scene::new().await;
    scene.change(|pane| pane.deaf = Some(Deaf::OtherMode("clock-mode".to_owned())));
    let reason = "is in tmux's clock-mode; leave it with 'q' in that pane";
    scene.held(reason, |scene| scene.change(|pane| pane.deaf = None)).await;

    let scene = Scene::new().await;
    scene.change(|pane| pane.deaf = Some(Deaf::InputOff));
    let reason =
        "has a pane whose input is switched off (tmux select-pane -d); nothing is typed until it is switched on again";
    scene.held(reason, |scene| scene.change(|pane| pane.deaf = None)).await;

    let scene = Scene::new().await;
    scene.change(|pane| pane.deaf = Some(Deaf::Synchronized));
    let reason = "has a pane that shares its keys with the others of its window (tmux option synchronize-panes); \
                  nothing is typed until that is off";
    scene.held(reason, |scene| scene.change(|pane| pane.deaf = None)).await;
}

#[tokio::test]
async fn nothing_is_typed_into_a_program_that_is_not_the_agent_whatever_it_shows_and_however_long_it_takes() {
    for program in ["bash", "rbash", "ssh", "docker", "python3", "vi", "sqlite3", "less"] {
        let scene = Scene::new().await;
        scene.change(|pane| program.clone_into(&mut pane.command));
        scene.world.clock.advance(Duration::from_secs(3600));
        let process = scene.world.multiplexer.pane(&scene.seat.pane).expect("the pane").pane.pid;
        let reason = format!(
            "has '{program}' (process {process}) in front of its pane, which is not known to be its agent; \
             nothing is typed into it"
        );
        scene.held(&reason, |scene| scene.change(|pane| "claude".clone_into(&mut pane.command))).await;
    }
}

#[tokio::test]
async fn an_agent_of_another_kind_than_on_record_is_recognised_and_told_in_its_own_way() {
    for (recorded, found) in [(Backend::CLAUDE, Backend::CODEX), (Backend::CLAUDE, Backend::OPENCODE)] {
        let scene = Scene::with(recorded).await;
        scene.change(|pane| found.as_str().clone_into(&mut pane.command));
        let screen = AgentScreen::draw(&scene.world.multiplexer, &scene.seat.pane, found);
        assert!(scene.send("hello").await.delivery.is_submitted(), "{found}");
        let seat = scene.world.broker().members.pane_of(scene.fleet.fleet.id, scene.seat.agent.id).await;
        seat.expect("a pane");
        let now = scene.world.database.storage().find_agent(scene.fleet.fleet.id, scene.seat.agent.id).await;
        let placement = now.expect("an answer").expect("an agent").placement.expect("a placement");
        assert_eq!(placement.coding_agent, found, "on record");
        screen.turn(ScreenState::Working);
        assert_eq!(scene.send("again").await.delivery.state, DeliveryState::Held, "{found} is left alone in a turn");
    }
}

#[tokio::test]
async fn a_program_that_takes_the_agents_place_between_look_and_paste_gets_nothing() {
    let scene = Scene::new().await;
    let (fake, pane) = (scene.world.multiplexer.clone(), scene.seat.pane.clone());
    let steps = Steps::new(move |step| {
        if (step.call, step.done) == ("paste", false) {
            fake.change(&pane, |pane| "bash".clone_into(&mut pane.command));
        }
        Fate::GoOn
    });
    assert_eq!(scene.send_by(&steps, "hello").await.delivery.state, DeliveryState::Held);
    assert_eq!(scene.received(), "");
}

#[tokio::test]
async fn a_multiplexer_that_does_not_answer_costs_nothing_but_the_doorbell() {
    let scene = Scene::new().await;
    scene.world.multiplexer.fail_next(MultiplexerError::Timeout("tmux".to_owned()));
    scene.held("cannot be reached: tmux did not answer within 5 s", |_| {}).await;
    let scene = Scene::new().await;
    scene.world.multiplexer.fail_next(MultiplexerError::Missing("tmux".to_owned()));
    scene.held("cannot be reached: tmux is not installed or not on PATH", |_| {}).await;
}

#[tokio::test]
async fn a_text_that_is_not_echoed_is_not_submitted_and_found_when_it_shows_late() {
    let scene = Scene::new().await;
    scene.seat.screen.echo(false);
    let report = scene.send("hello").await;
    let reason = "did not show the text in its composer; no Enter was pressed";
    assert_eq!(report.delivery, DeliveryStatus::because(DeliveryState::Held, reason));
    assert!(!scene.received().contains('\r'), "no Enter");
    scene.seat.screen.echo(true);
    assert!(scene.send("again").await.delivery.is_submitted());
    assert_eq!(scene.received().matches("[cafleet msg 1 ").count(), 1, "pasted once");
    assert_eq!(scene.submitted().len(), 2);
}

#[tokio::test]
async fn a_header_that_a_dead_sender_pasted_and_that_shows_late_wedges_nothing() {
    let scene = Scene::new().await;
    scene.seat.screen.echo(false);
    let dies = Steps::new(|step| if (step.call, step.done) == ("paste", true) { Fate::Die } else { Fate::GoOn });
    let (fleet, director, to) = (scene.fleet.fleet.id, scene.fleet.director.id, scene.seat.agent.id);
    let sender = scene.world.stepped(&dies);
    assert!(until_death(&dies, sender.mailbox.send(fleet, director, to, "hello".to_owned())).await.is_none());
    // the next one sees nothing of the header, waits for it, and pastes its own; then both show
    let screen = scene.seat.screen.clone();
    let steps = Steps::new(move |step| {
        if (step.call, step.done) == ("paste", true) {
            screen.echo(true);
        }
        Fate::GoOn
    });
    assert!(scene.send_by(&steps, "again").await.delivery.is_submitted());
    assert_eq!(scene.received().matches("[cafleet msg 1 ").count(), 2, "both headers");
    assert_eq!(scene.submitted().join("\n").matches("hello").count(), 1, "one body");
    assert!(scene.submitted().join("\n").contains("again"));
}

#[tokio::test]
async fn a_header_that_a_dead_sender_pasted_is_waited_for_and_not_pasted_again() {
    let scene = Scene::new().await;
    scene.seat.screen.echo(false);
    let dies = Steps::new(|step| if (step.call, step.done) == ("paste", true) { Fate::Die } else { Fate::GoOn });
    assert!(until_death(&dies, scene.send_by(&dies, "hello")).await.is_none());
    let screen = scene.seat.screen.clone();
    scene.world.clock.after(Duration::from_secs(3), move || screen.echo(true));
    assert!(scene.send("again").await.delivery.is_submitted());
    assert_eq!(scene.received().matches("[cafleet msg 1 ").count(), 1, "pasted once");
    assert_eq!(bodies(&scene.submitted()), ["hello", "again"]);
}

#[tokio::test]
async fn a_body_that_a_dead_sender_pasted_is_waited_for_and_not_pasted_again() {
    let scene = Scene::new().await;
    let (mut pastes, screen) = (0, scene.seat.screen.clone());
    let dies = Steps::new(move |step| {
        pastes += usize::from(step.call == "paste" && step.done);
        if (step.call, step.done, pastes) == ("paste", false, 1) {
            screen.keep_view();
        }
        if pastes == 2 { Fate::Die } else { Fate::GoOn }
    });
    assert!(until_death(&dies, scene.send_by(&dies, "hello")).await.is_none());
    let screen = scene.seat.screen.clone();
    scene.world.clock.after(Duration::from_secs(3), move || screen.echo(true));
    assert!(scene.send("again").await.delivery.is_submitted());
    assert_eq!(scene.received().matches("hello").count(), 1, "pasted once");
    assert_eq!(bodies(&scene.submitted()), ["hello", "again"]);
}

#[tokio::test]
async fn a_program_that_shows_its_text_late_is_waited_for_and_not_pasted_to_again() {
    let scene = Scene::new().await;
    scene.seat.screen.echo(false);
    let (screen, clock) = (scene.seat.screen.clone(), scene.world.clock.clone());
    let steps = Steps::new(move |step| {
        if (step.call, step.done) == ("paste", true) {
            let screen = screen.clone();
            clock.after(Duration::from_secs(3), move || screen.echo(true));
        }
        Fate::GoOn
    });
    assert!(scene.send_by(&steps, "hello").await.delivery.is_submitted());
    assert_eq!(scene.received().matches("[cafleet msg 1 ").count(), 1);
}

#[tokio::test]
async fn a_paste_that_was_thought_lost_and_comes_twice_is_submitted_once() {
    let scene = Scene::new().await;
    scene.seat.screen.echo(false);
    scene.send("hello").await;
    let (screen, clock) = (scene.seat.screen.clone(), scene.world.clock.clone());
    // It starts to read between the second paste and its echo.
    let steps = Steps::new(move |step| {
        if (step.call, step.done) == ("paste", true) {
            let screen = screen.clone();
            clock.after(Duration::from_millis(100), move || screen.echo(true));
        }
        Fate::GoOn
    });
    assert!(scene.send_by(&steps, "again").await.delivery.is_submitted());
    assert_eq!(scene.submitted().len(), 2, "{:?}", scene.submitted());
}

#[tokio::test]
async fn a_pane_that_is_gone_or_ended_or_somebody_elses_is_given_up() {
    type Loss = fn(&FakeMultiplexer);
    let losses: [(Loss, &str); 4] = [
        (|fake| fake.close("%1"), "has no pane any more"),
        (FakeMultiplexer::stop, "has no pane any more"),
        (FakeMultiplexer::restart, "has no pane any more"),
        (|fake| fake.change("%1", |pane| pane.dead = true), "has ended; only its last screen is left"),
    ];
    for (lose, reason) in losses {
        let scene = Scene::new().await;
        lose(&scene.world.multiplexer);
        let report = scene.send("hello").await;
        assert_eq!(report.delivery, DeliveryStatus::because(DeliveryState::Failed, reason));
        assert_eq!(scene.world.delivery(report.task.id).await, Some(report.delivery));
        if let Some(stranger) = scene.world.multiplexer.pane("%1") {
            assert_eq!(stranger.received, "");
        }
        let inbox = scene.world.broker().mailbox.poll(scene.fleet.fleet.id, scene.seat.agent.id, None).await;
        assert_eq!(inbox.expect("an inbox"), [report.task], "the message is kept");
    }
}

#[tokio::test]
async fn a_text_that_stays_in_the_composer_is_typed_and_submitted_later_without_a_second_paste() {
    let scene = Scene::new().await;
    scene.change(|pane| pane.ignores_enter = true);
    let report = scene.send("hello").await;
    let reason = "still has the text in its composer after Enter";
    assert_eq!(report.delivery, DeliveryStatus::because(DeliveryState::Typed, reason));
    assert_eq!(scene.received().matches('\r').count(), 2, "one Enter, and one more");
    scene.change(|pane| pane.ignores_enter = false);
    assert!(scene.send("again").await.delivery.is_submitted());
    assert_eq!(scene.received().matches("[cafleet msg 1 ").count(), 1);
    assert_eq!(scene.submitted().len(), 2);
    assert!(scene.world.delivery(report.task.id).await.expect("a record").is_submitted());
}

#[tokio::test]
async fn what_a_person_adds_to_a_preview_that_stayed_is_not_submitted_with_it() {
    let scene = Scene::new().await;
    scene.change(|pane| pane.ignores_enter = true);
    let report = scene.send("hello").await;
    scene.change(|pane| {
        pane.ignores_enter = false;
        pane.composer.push_str(" and I say");
    });
    let enters = scene.received().matches('\r').count();
    scene.send("again").await;
    let reason = "has an unsent draft in its composer; send or clear it in that pane";
    let typed = DeliveryStatus::because(DeliveryState::Typed, reason);
    assert_eq!(scene.world.delivery(report.task.id).await, Some(typed));
    assert_eq!(scene.received().matches('\r').count(), enters);
    assert!(scene.submitted().is_empty());
}

#[tokio::test]
async fn a_program_that_ends_upon_enter_has_taken_the_text() {
    let ends: [fn(&mut FakePane); 2] = [|pane| pane.dead = true, |pane| "bash".clone_into(&mut pane.command)];
    for end in ends {
        let scene = Scene::new().await;
        let (fake, pane) = (scene.world.multiplexer.clone(), scene.seat.pane.clone());
        let steps = Steps::new(move |step| {
            if (step.call, step.done) == ("submit_if_shown", true) {
                fake.change(&pane, end);
            }
            Fate::GoOn
        });
        assert!(scene.send_by(&steps, "hello").await.delivery.is_submitted());
        assert_eq!(scene.submitted().len(), 1);
    }
}

#[tokio::test]
async fn a_dialog_that_opens_before_enter_gets_no_enter() {
    for backend in Backend::BUILT_IN {
        let scene = Scene::with(backend).await;
        let screen = scene.seat.screen.clone();
        let steps = Steps::new(move |step| {
            if (step.call, step.done) == ("submit_if_shown", false) {
                screen.turn(ScreenState::Asking);
            }
            Fate::GoOn
        });
        let report = scene.send_by(&steps, "hello").await;
        let reason = Refusal::EnterWithheld.to_string();
        assert_eq!(report.delivery, DeliveryStatus::because(DeliveryState::Held, reason));
        assert!(!scene.received().contains('\r'), "{backend}");
        // Some programs lose the draft to a dialog: then it is pasted again, for it was certainly not submitted.
        scene.change(|pane| pane.composer.clear());
        scene.seat.screen.forget();
        scene.seat.screen.turn(ScreenState::AtRest);
        assert!(scene.send("again").await.delivery.is_submitted());
        let texts: Vec<_> = scene.submitted().iter().filter(|text| !text.is_empty()).cloned().collect();
        assert_eq!(texts.len(), 2, "{backend}: {texts:?}");
    }
}

#[tokio::test]
async fn a_dialog_that_opens_before_enter_and_repeats_the_whole_preview_gets_no_enter() {
    let scene = Scene::new().await;
    let (fake, pane) = (scene.world.multiplexer.clone(), scene.seat.pane.clone());
    let steps = Steps::new(move |step| {
        if (step.call, step.done) == ("submit_if_shown", false) {
            let dialog = "Do you want to proceed?\n❯ 1. Yes\n  2. No\n\nEsc to cancel";
            fake.change(&pane, |pane| pane.paint(move |composer| screen_of(&format!("{composer}\n{dialog}"))));
        }
        Fate::GoOn
    });
    assert_eq!(scene.send_by(&steps, "hello").await.delivery.state, DeliveryState::Held);
    assert!(!scene.received().contains('\r'), "no Enter");
}

#[tokio::test]
async fn a_transcript_that_repeats_every_header_of_before_does_not_stand_in_for_the_preview() {
    let scene = Scene::new().await;
    assert!(scene.send("hello").await.delivery.is_submitted());
    let first = scene.submitted()[0].lines().next().expect("a header").to_owned();
    let (fake, pane) = (scene.world.multiplexer.clone(), scene.seat.pane.clone());
    let steps = Steps::new(move |step| {
        if (step.call, step.done) == ("submit_if_shown", false) {
            let planted = first.replace("msg 1 ", "msg 2 ");
            fake.change(&pane, |pane| pane.paint(move |_| screen_of(&[planted.as_str(); 40].join("\n"))));
        }
        Fate::GoOn
    });
    assert_eq!(scene.send_by(&steps, "again").await.delivery.state, DeliveryState::Held);
    assert_eq!(scene.received().matches('\r').count(), 1, "only that of the first");
}

#[tokio::test]
async fn a_screen_that_is_not_recognised_holds_a_preview_however_old_it_is() {
    for backend in Backend::BUILT_IN {
        for echoes in [true, false] {
            let scene = Scene::with(backend).await;
            scene.seat.screen.turn(ScreenState::Unknown);
            scene.seat.screen.echo(echoes);
            let reason = "has a screen that is not recognised";
            for _ in 0..3 {
                let report = scene.send("hello").await;
                assert_eq!(report.delivery, DeliveryStatus::because(DeliveryState::Held, reason), "{backend}");
                scene.world.clock.advance(Duration::from_secs(3600));
            }
            assert_eq!(scene.received(), "", "{backend}: no key");
            scene.seat.screen.turn(ScreenState::AtRest);
            scene.seat.screen.echo(true);
            assert!(scene.send("last").await.delivery.is_submitted(), "{backend}");
            assert_eq!(bodies(&scene.submitted()), ["hello", "hello", "hello", "last"], "{backend}");
        }
    }
}

#[tokio::test]
async fn a_screen_that_becomes_unknown_upon_enter_gets_no_second_one_and_is_settled_when_it_is_known() {
    let scene = Scene::new().await;
    let screen = scene.seat.screen.clone();
    let steps = Steps::new(move |step| {
        if (step.call, step.done) == ("submit_if_shown", true) {
            screen.turn(ScreenState::Unknown);
        }
        Fate::GoOn
    });
    let report = scene.send_by(&steps, "hello").await;
    let reason = "has a screen that is not recognised";
    assert_eq!(report.delivery, DeliveryStatus::because(DeliveryState::Typed, reason));
    scene.world.clock.advance(Duration::from_secs(3600));
    scene.send("again").await;
    assert_eq!(scene.received().matches('\r').count(), 1);
    scene.seat.screen.turn(ScreenState::AtRest);
    assert!(scene.send("last").await.delivery.is_submitted());
    assert_eq!(bodies(&scene.submitted()), ["hello", "again", "last"]);
}

#[tokio::test]
async fn several_owed_previews_are_one_submission_in_the_order_of_their_tasks() {
    for backend in Backend::BUILT_IN {
        for room in if backend == Backend::OPENCODE { vec![usize::MAX] } else { vec![usize::MAX, 2] } {
            let scene = Scene::with(backend).await;
            if backend == Backend::OPENCODE {
                scene.seat.screen.collapse();
            }
            scene.seat.screen.make_room(room);
            scene.seat.screen.turn(ScreenState::Asking);
            let mut owed = Vec::new();
            for text in ["one", "two", "three"] {
                owed.push(scene.send(text).await.task.id);
            }
            scene.seat.screen.turn(ScreenState::AtRest);
            let last = scene.send("four").await;
            assert!(last.delivery.is_submitted(), "{backend} {room} {:?}", last.delivery);
            let submitted = scene.submitted();
            assert_eq!(submitted.len(), 1, "{backend} {room}: {submitted:?}");
            assert_eq!(bodies(&submitted), ["one", "two", "three", "four"], "{backend} {room}");
            assert_eq!(scene.received().matches('\r').count(), 1, "one Enter");
            for task in owed {
                assert!(scene.world.delivery(task).await.expect("a record").is_submitted());
            }
        }
    }
}

#[tokio::test]
async fn previews_that_are_long_together_are_not_joined() {
    let scene = Scene::new().await;
    scene.seat.screen.turn(ScreenState::Asking);
    for _ in 0..20 {
        scene.send(&"x".repeat(MAX_TEXT_LEN)).await;
    }
    scene.seat.screen.turn(ScreenState::AtRest);
    assert!(scene.send("last").await.delivery.is_submitted());
    let submitted = scene.submitted();
    assert_eq!((submitted.len(), bodies(&submitted).len()), (2, 21));
}

/// Dies after it has typed two previews, or their first line, without Enter, and reads one of the two tasks.
async fn left_behind(scene: &Scene, pastes: usize, read: usize) {
    scene.seat.screen.turn(ScreenState::Asking);
    let mut tasks = vec![scene.send("one").await.task.id];
    scene.seat.screen.turn(ScreenState::AtRest);
    let mut done = 0;
    let steps = Steps::new(move |step| {
        done += usize::from(step.call == "paste" && step.done);
        if done == pastes { Fate::Die } else { Fate::GoOn }
    });
    let (id, director, ada) = (scene.fleet.fleet.id, scene.fleet.director.id, scene.seat.agent.id);
    let process = scene.world.stepped(&steps);
    assert!(until_death(&steps, process.mailbox.send(id, director, ada, "two".to_owned())).await.is_none());
    let inbox = scene.world.broker().mailbox.poll(id, ada, None).await.expect("an inbox");
    tasks.push(inbox[1].id);
    scene.world.broker().mailbox.acknowledge(id, ada, tasks[read]).await.expect("an acknowledgement");
    scene.world.clock.advance(Duration::from_secs(3600));
}

#[tokio::test]
async fn what_was_left_in_the_composer_goes_first_whatever_was_read_meanwhile() {
    for (pastes, read) in [(1, 0), (1, 1), (2, 0), (2, 1)] {
        let scene = Scene::new().await;
        left_behind(&scene, pastes, read).await;
        assert!(scene.send("three").await.delivery.is_submitted(), "{pastes} {read}");
        let submitted = scene.submitted();
        assert_eq!(bodies(&submitted), ["one", "two", "three"], "{pastes} {read}");
        assert_eq!(submitted.len(), 2, "what stood there, and what is new");
    }
}

#[tokio::test]
async fn what_was_begun_and_is_not_to_be_seen_is_typed_without_what_was_read_meanwhile() {
    let scene = Scene::new().await;
    left_behind(&scene, 1, 0).await;
    scene.change(|pane| pane.composer.clear());
    assert!(scene.send("three").await.delivery.is_submitted());
    assert_eq!(bodies(&scene.submitted()), ["two", "three"]);
    assert_eq!(scene.submitted().len(), 1);
}

/// Returns the second line of each preview.
fn bodies(submitted: &[String]) -> Vec<&str> {
    let lines: Vec<&str> = submitted.iter().flat_map(|text| text.lines()).collect();
    lines.chunks(2).filter_map(|preview| preview.get(1).copied()).collect()
}

#[tokio::test]
async fn what_is_acknowledged_or_canceled_before_the_retry_is_not_rung() {
    let scene = Scene::new().await;
    let (id, ada, director) = (scene.fleet.fleet.id, scene.seat.agent.id, scene.fleet.director.id);
    scene.seat.screen.turn(ScreenState::Asking);
    let acknowledged = scene.send("acknowledged").await.task.id;
    let canceled = scene.send("canceled").await.task.id;
    scene.send("waiting").await;
    let broker = scene.world.broker();
    broker.mailbox.acknowledge(id, ada, acknowledged).await.expect("an acknowledgement");
    broker.mailbox.cancel(id, director, canceled).await.expect("a cancellation");
    scene.seat.screen.turn(ScreenState::AtRest);
    scene.send("last").await;
    assert_eq!(bodies(&scene.submitted()), ["waiting", "last"]);
}

#[tokio::test]
async fn a_sender_waits_for_the_claim_of_another_and_finds_its_message_delivered() {
    let scene = Scene::new().await;
    let lease = scene.world.lease(&scene.seat.pane);
    // While it waits, the other one rings for it and gives the claim back.
    let (fake, pane, probe) = (scene.world.multiplexer.clone(), scene.seat.pane.clone(), scene.world.probe());
    scene.world.clock.after(Duration::from_millis(500), move || {
        fake.change(&pane, |pane| pane.submitted.push("[cafleet msg 1 from 1 …]".to_owned()));
        probe.submit(TaskId::try_from(1).expect("an id"));
        drop(lease);
    });
    let report = scene.send("hello").await;
    assert!(report.delivery.is_submitted(), "{report:?}");
    assert_eq!((scene.submitted().len(), scene.received().as_str()), (1, ""), "nothing is typed again");
}

#[tokio::test]
async fn a_claim_that_lasts_holds_the_preview_and_one_that_expires_does_not() {
    let scene = Scene::new().await;
    let stopped = scene.world.lease(&scene.seat.pane);
    let report = scene.send("hello").await;
    let reason = "has a pane that another process is typing into; try again";
    assert_eq!(report.delivery, DeliveryStatus::because(DeliveryState::Held, reason));
    assert_eq!(scene.received(), "");
    let record = scene.world.delivery(report.task.id).await.expect("a record");
    assert_eq!(record.state, DeliveryState::Pending, "only who holds the claim writes");
    scene.world.clock.advance(Duration::from_secs(56));
    assert!(scene.send("again").await.delivery.is_submitted());
    assert_eq!(bodies(&scene.submitted()).len(), 2);
    drop(stopped);
}

#[tokio::test]
async fn two_databases_that_ring_one_pane_at_once_interleave_nothing() {
    for _ in 0..5 {
        let one = World::new();
        let two = one.with_another_database();
        let send = async |world: &World, text: &str| {
            let (fleet, _) = world.fleet().await;
            let broker = world.broker();
            let id = fleet.fleet.id;
            let user = broker
                .members
                .register_agent(id, "Eve".to_owned(), String::new(), "[]".to_owned())
                .await
                .expect("an agent");
            broker.mailbox.send(id, user.id, fleet.director.id, text.to_owned()).await.expect("a send").delivery
        };
        let (first, second) = tokio::join!(send(&one, "from one"), send(&two, "from two"));
        assert!(first.is_submitted() && second.is_submitted(), "{first:?} {second:?}");
        let submitted = one.submitted("%0");
        let mut texts = bodies(&submitted);
        texts.sort_unstable();
        assert_eq!((submitted.len(), texts), (2, vec!["from one", "from two"]), "{submitted:?}");
    }
}

/// Leaves a preview to the Director of a fleet in the pane's composer: its sender dies before Enter.
async fn left_unsent(world: &World, text: &str) -> FleetDetail {
    let (fleet, _) = world.fleet().await;
    let id = fleet.fleet.id;
    let eve =
        world.broker().members.register_agent(id, "Eve".to_owned(), String::new(), "[]".to_owned()).await.expect("Eve");
    let mut pastes = 0;
    let steps = Steps::new(move |step| {
        pastes += usize::from(step.call == "paste" && step.done);
        if pastes == 2 { Fate::Die } else { Fate::GoOn }
    });
    let sender = world.stepped(&steps);
    assert!(until_death(&steps, sender.mailbox.send(id, eve.id, fleet.director.id, text.to_owned())).await.is_none());
    fleet
}

#[tokio::test]
async fn what_another_fleet_of_the_same_pane_left_in_the_composer_is_submitted_by_its_own_ledger_first() {
    for read in [false, true] {
        let world = World::new();
        let first = left_unsent(&world, "from the first").await;
        if read {
            let director = first.director.id;
            let inbox = world.broker().mailbox.poll(first.fleet.id, director, None).await.expect("an inbox");
            world.broker().mailbox.acknowledge(first.fleet.id, director, inbox[0].id).await.expect("an answer");
        }
        let (second, _) = world.fleet().await;
        let (id, director) = (second.fleet.id, second.director.id);
        let eve = world
            .broker()
            .members
            .register_agent(id, "Eve".to_owned(), String::new(), "[]".to_owned())
            .await
            .expect("Eve");
        let sent =
            world.broker().mailbox.send(id, eve.id, director, "from the second".to_owned()).await.expect("a send");
        assert!(sent.delivery.is_submitted(), "{:?}", sent.delivery);
        let submitted = world.submitted("%0");
        assert_eq!((submitted.len(), bodies(&submitted)), (2, vec!["from the first", "from the second"]));
        assert_eq!(world.probe().not_submitted(), 0);
    }
}

/// Reaches one other database.
struct Reaches(Arc<World>);

#[async_trait]
impl OtherStores for Reaches {
    async fn finish_in_pane(&self, store: &str, pane: &Pane) -> Result<(), String> {
        assert_eq!(store, self.0.database.path().display().to_string());
        self.0.broker().doorbell.finish_in_pane(pane, None).await.map_err(|error| error.to_string())
    }

    async fn has_agent_in_pane(&self, _store: &str, pane: &Pane) -> Result<bool, String> {
        self.0.broker().fleets.has_agent_in_pane(pane).await.map_err(|error| error.to_string())
    }
}

#[tokio::test]
async fn what_a_fleet_of_another_database_left_in_the_composer_is_submitted_by_its_own_ledger_first() {
    let one = Arc::new(World::new().with_another_database());
    let two = one.with_another_database();
    let first = left_unsent(&one, "from one").await;
    let (second, _) = two.fleet().await;
    let broker = two.broker_reaching(Arc::new(Reaches(Arc::clone(&one))));
    let (id, admin, director) = (second.fleet.id, second.administrator, second.director.id);
    let sent = broker.mailbox.send(id, admin, director, "from two".to_owned()).await.expect("a send");
    assert!(sent.delivery.is_submitted(), "{:?}", sent.delivery);
    let (id, admin, director) = (first.fleet.id, first.administrator, first.director.id);
    let sent = one.broker().mailbox.send(id, admin, director, "and more".to_owned()).await.expect("a send");
    assert!(sent.delivery.is_submitted(), "{:?}", sent.delivery);
    assert_eq!(bodies(&one.submitted("%0")), ["from one", "from two", "and more"], "each once");
    assert_eq!(one.probe().not_submitted(), 0);
}

#[tokio::test]
async fn what_a_fleet_of_another_database_left_in_the_composer_is_held_and_named_until_that_fleet_rings_where_it_cannot_be_reached()
 {
    let one = World::new();
    let two = one.with_another_database();
    let first = left_unsent(&one, "from one").await;
    let (second, _) = two.fleet().await;
    let send = async |world: &World, fleet: &FleetDetail, text: &str| {
        let (broker, id, admin) = (world.broker(), fleet.fleet.id, fleet.administrator);
        broker.mailbox.send(id, admin, fleet.director.id, text.to_owned()).await.expect("a send").delivery
    };
    let held = send(&two, &second, "from two").await;
    let reason = held.reason.clone().unwrap_or_default();
    assert!(
        held.state == DeliveryState::Held && reason.starts_with("has an unsubmitted message of another fleet"),
        "{held:?}"
    );
    assert!(!one.received("%0").contains('\r'));
    assert!(send(&one, &first, "and more").await.is_submitted());
    assert!(send(&two, &second, "again").await.is_submitted());
    let submitted = one.submitted("%0");
    assert_eq!(bodies(&submitted), ["from one", "and more", "from two", "again"], "each once");
}

#[tokio::test]
async fn a_message_to_an_agent_that_is_being_started_is_owed_and_rung_for_once_it_has_a_pane() {
    let scene = Scene::new().await;
    let (world, id, director) = (&scene.world, scene.fleet.fleet.id, scene.fleet.director.id);
    let linus = pending_member(&world.database.storage(), &scene.fleet, "Linus").await;
    let send = async |text: &str| {
        world.broker().mailbox.send(id, director, linus.id, text.to_owned()).await.expect("a send").delivery
    };
    let early = send("early").await;
    let reason = "is being started; it is notified of its messages once it has a pane";
    assert_eq!(early, DeliveryStatus::because(DeliveryState::Held, reason));
    let broadcast = world.broker().mailbox.broadcast(id, director, "to all".to_owned()).await.expect("a broadcast");
    assert_eq!((broadcast.recipients, broadcast.notified), (2, 1));
    let request = SpawnRequest {
        beside: world.multiplexer.pane("%0").expect("the Director's").pane,
        argv: vec!["/bin/claude".to_owned()],
        directory: "/".into(),
        tag: "linus".to_owned(),
    };
    let pane = world.multiplexer.spawn(&request).await.expect("a pane");
    assert_eq!(world.database.storage().record_pane(id, linus.id, &pane).await, Ok(true));
    let _screen = AgentScreen::draw(&world.multiplexer, pane.id.as_str(), Backend::CLAUDE);
    assert!(send("late").await.is_submitted());
    assert_eq!(bodies(&world.submitted(pane.id.as_str())), ["early", "to all", "late"]);
}

#[tokio::test]
async fn a_process_that_was_stopped_for_longer_than_its_claim_types_nothing() {
    for call in ["look", "record_deliveries"] {
        let scene = Scene::new().await;
        let clock = scene.world.clock.clone();
        let mut stopped = false;
        let steps = Steps::new(move |step| {
            if step.call == call && step.done && !std::mem::replace(&mut stopped, true) {
                clock.advance(Duration::from_secs(120));
            }
            Fate::GoOn
        });
        let report = scene.send_by(&steps, "hello").await;
        assert_eq!(report.delivery.state, DeliveryState::Held, "{call}");
        assert!(!scene.received().contains('\r'), "{call}");
        assert!(scene.send("again").await.delivery.is_submitted());
        assert_eq!(scene.submitted().len(), 2, "{call}");
    }
}

#[tokio::test]
async fn two_processes_that_ring_at_once_double_nothing() {
    for _ in 0..5 {
        let scene = Scene::new().await;
        let send = |text| scene.send(text);
        let (one, two, three) = tokio::join!(send("one"), send("two"), send("three"));
        for report in [&one, &two, &three] {
            assert!(report.delivery.is_submitted(), "{report:?}");
        }
        let submitted = scene.submitted();
        let heads: Vec<String> = submitted.iter().flat_map(|text| text.lines().step_by(2)).map(str::to_owned).collect();
        let expected: Vec<_> = (1..=3).map(|task| format!("[cafleet msg {task} from")).collect();
        assert_eq!(heads.len(), 3, "{submitted:?}");
        assert!(heads.iter().zip(&expected).all(|(text, head)| text.starts_with(head)), "{submitted:?}");
        assert_eq!(scene.world.probe().claims(), 0);
    }
}

#[tokio::test]
async fn a_database_that_fails_between_paste_and_record_loses_and_doubles_nothing() {
    let scene = Scene::new().await;
    scene.world.probe().refuse(Change::Update, Table::Deliveries);
    let report = scene.send("hello").await;
    assert_eq!(report.delivery.state, DeliveryState::Pending);
    assert!(report.delivery.reason.as_deref().is_some_and(|reason| reason.contains("no room")), "{report:?}");
    assert!(!scene.received().contains('\r'), "what is not on record is not submitted");
    scene.world.probe().relent();
    assert!(scene.send("again").await.delivery.is_submitted());
    assert_eq!(scene.received().matches("[cafleet msg 1 ").count(), 1, "pasted once");
    assert_eq!(bodies(&scene.submitted()).len(), 2);
}

#[tokio::test]
async fn no_lock_is_held_while_anything_is_typed() {
    let scene = Scene::new().await;
    let probe = scene.world.probe();
    let steps = Steps::new(move |step| {
        if ["look", "paste", "submit_if_shown"].contains(&step.call) {
            probe.write_at_once();
        }
        Fate::GoOn
    });
    assert!(scene.send_by(&steps, "hello").await.delivery.is_submitted());
    assert!(steps.calls().contains(&"paste"));
}

#[tokio::test]
async fn a_broadcast_rings_all_panes_side_by_side() {
    let world = World::new();
    let (fleet, _) = world.fleet().await;
    let mut seats = Vec::new();
    for number in 0..8 {
        seats.push(world.member(&fleet, &format!("member {number}"), Backend::CLAUDE).await);
    }
    // Every program takes a while to show what it is given.
    let begun = world.now();
    let clock = world.clock.clone();
    let screens: Vec<AgentScreen> = seats.iter().map(|seat| seat.screen.clone()).collect();
    screens.iter().for_each(|screen| screen.echo(false));
    clock.after(Duration::from_millis(400), move || screens.iter().for_each(|screen| screen.echo(true)));
    let broker = world.broker();
    let report = broker.mailbox.broadcast(fleet.fleet.id, fleet.director.id, "all".to_owned()).await.expect("sent");
    assert_eq!((report.recipients, report.notified), (8, 8));
    let took = world.now().since(begun);
    assert!(took < Duration::from_secs(2), "{took:?}: one after another, they would take 3 s at least");
    for seat in &seats {
        assert_eq!(world.submitted(&seat.pane).len(), 1);
    }
}

#[tokio::test]
async fn one_bad_pane_does_not_keep_a_broadcast_from_the_others() {
    let world = World::new();
    let (fleet, _) = world.fleet().await;
    let seats = [
        world.member(&fleet, "asks", Backend::CLAUDE).await,
        world.member(&fleet, "gone", Backend::CODEX).await,
        world.member(&fleet, "hears", Backend::OPENCODE).await,
    ];
    seats[0].screen.turn(ScreenState::Asking);
    world.multiplexer.close(&seats[1].pane);
    let broker = world.broker();
    let report = broker.mailbox.broadcast(fleet.fleet.id, fleet.director.id, "all".to_owned()).await.expect("sent");
    assert_eq!((report.recipients, report.notified), (3, 1));
    assert_eq!(world.submitted(&seats[2].pane).len(), 1);
}

#[tokio::test]
async fn a_dead_process_delays_the_next_by_nothing() {
    let scene = Scene::new().await;
    let steps = Steps::new(|step| if step.call == "look" { Fate::Die } else { Fate::GoOn });
    assert!(until_death(&steps, scene.send_by(&steps, "hello")).await.is_none());
    let begun = scene.world.now();
    assert!(scene.send("again").await.delivery.is_submitted());
    assert!(scene.world.now().since(begun) < Duration::from_secs(1), "it does not wait for the claim to end");
    assert_eq!(bodies(&scene.submitted()).len(), 2);
}
