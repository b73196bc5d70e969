//! Every sentence of the port that can be seen from outside.

use cafleet_tests::hands::Hands;
use std::time::{Duration, Instant};

use cafleet_domain::placement::Pane;
use cafleet_domain::ports::{
    Deaf, EnterCondition, Front, Look, Multiplexer, MultiplexerError, PaneView, SpawnRequest, TaggedPane,
    TypingCondition,
};

use super::rig::{Rig, listed};

/// How long a program may take to show what it was given.
const LIMIT: Duration = Duration::from_secs(20);

/// Opens a listener and waits until it listens.
async fn listening(rig: &dyn Rig) -> Pane {
    let pane = rig.port().spawn(&rig.listener()).await.unwrap();
    rig.wait_until_listening(&pane);
    pane
}

/// Looks at a pane that must be there.
async fn seen(port: &dyn Multiplexer, pane: &Pane) -> PaneView {
    match port.look(pane).await.unwrap() {
        Look::Seen(view) => view,
        Look::Gone(_) => panic!("{pane:?} is gone"),
    }
}

/// Waits until a row of the pane is as it should be.
async fn until_row(port: &dyn Multiplexer, pane: &Pane, is_right: impl Fn(&str) -> bool) {
    let deadline = Instant::now() + LIMIT;
    loop {
        let screen = seen(port, pane).await.screen;
        if screen.rows.iter().any(|row| is_right(&row.text())) {
            return;
        }
        assert!(Instant::now() < deadline, "{screen:?}");
    }
}

/// Asserts that nothing has reached the pane: what is typed now would come behind it.
async fn assert_nothing_received(rig: &dyn Rig, pane: &Pane) {
    rig.port().type_now(pane, "next").await.unwrap();
    rig.assert_received(pane, "next");
}

/// Returns the pane of the caller.
async fn director(rig: &dyn Rig) -> Pane {
    rig.port().caller().await.unwrap().expect("the caller runs inside")
}

fn gone<T>(pane: &Pane) -> Result<T, MultiplexerError> {
    Err(MultiplexerError::Gone(pane.id.clone()))
}

/// Asserts that no text and no key reaches the pane, and that nobody is told otherwise.
async fn assert_deaf(rig: &dyn Rig, pane: &Pane) {
    let port = rig.port();
    assert!(matches!(port.paste_now(pane, "one\ntwo").await, Err(MultiplexerError::Failed(_))));
    assert!(matches!(port.type_now(pane, "/exit").await, Err(MultiplexerError::Failed(_))));
    assert_eq!(port.enter_where(pane, "listening").await, Ok(false));
}

pub(super) async fn the_caller_has_a_pane_inside_and_none_outside(rig: &dyn Rig) {
    let caller = director(rig).await;
    assert_eq!(caller.id.as_str(), "%0");
    assert!(matches!(rig.port().look(&caller).await, Ok(Look::Seen(_))));
    assert_eq!(rig.outside().caller().await, Ok(None));
}

pub(super) async fn a_spawned_pane_is_listed_seen_and_hears(rig: &dyn Rig) {
    let pane = listening(rig).await;
    let caller = director(rig).await;
    let listed = rig.port().list(&caller).await.unwrap();
    let tags: Vec<_> = listed.iter().filter(|known| known.pane == pane).map(|known| known.tag.as_deref()).collect();
    assert_eq!(tags, [Some("recorder")]);
    assert!(listed.contains(&TaggedPane { pane: caller, tag: rig.callers_tag() }));
    let view = seen(rig.port(), &pane).await;
    assert!(view.screen.rows.iter().any(|row| row.text().contains("listening")));
    assert_eq!((view.dead, view.deaf), (false, None));
    rig.port().rebalance(&pane).await.unwrap();
}

pub(super) async fn a_pasted_text_arrives_whole_and_presses_no_key(rig: &dyn Rig) {
    let pane = listening(rig).await;
    let texts =
        [";", "\\;", ";;", "a;", "-v", "--help", "日本語 👍🏽", "a\tb", "two\nlines", "", " ", "#{pid} $HOME `x` '\""];
    let mut expected = String::new();
    for text in texts {
        rig.port().paste_now(&pane, text).await.unwrap();
        expected.push_str(text);
        rig.assert_received(&pane, &expected);
    }
}

pub(super) async fn enter_is_pressed_only_while_the_marker_is_shown(rig: &dyn Rig) {
    let pane = listening(rig).await;
    let port = rig.port();
    assert_eq!(port.enter_where(&pane, "cafleet msg 12 from ").await, Ok(false));
    let mut expected = "[cafleet msg 12 from 3 now] ! ls -a /x.y".to_owned();
    port.paste_now(&pane, &expected).await.unwrap();
    rig.assert_received(&pane, &expected);
    until_row(port, &pane, |row| row.contains("x.y")).await;
    for other in ["cafleet msg 1 from ", "x-y", "12 From 3", "now! ls"] {
        assert_eq!(port.enter_where(&pane, other).await, Ok(false), "{other}");
    }
    rig.assert_received(&pane, &expected);
    for shown in ["cafleet msg 12 from ", "! ls -a /x.y"] {
        assert_eq!(port.enter_where(&pane, shown).await, Ok(true), "{shown}");
        expected.push('\r');
        rig.assert_received(&pane, &expected);
        port.paste_now(&pane, "! ls -a /x.y").await.unwrap();
        expected.push_str("! ls -a /x.y");
        rig.assert_received(&pane, &expected);
        until_row(port, &pane, |row| row.starts_with("! ls")).await;
    }
}

pub(super) async fn a_marker_that_could_be_a_pattern_is_refused(rig: &dyn Rig) {
    let pane = listening(rig).await;
    for marker in ["*", "list[e]ning", "a,b", "#{pid}", "l?", "}", "", "  ", "a\nb", "a$"] {
        let refused = rig.port().enter_where(&pane, marker).await;
        assert!(matches!(refused, Err(MultiplexerError::Failed(_))), "{marker:?}: {refused:?}");
        let condition = TypingCondition { present: vec![marker.to_owned()], ..TypingCondition::default() };
        let refused = rig.port().paste(&pane, &rig.port().front(&pane).await, &condition, "x").await;
        assert!(matches!(refused, Err(MultiplexerError::Failed(_))), "{marker:?}: {refused:?}");
    }
    rig.assert_received(&pane, "");
    assert_nothing_received(rig, &pane).await;
}

pub(super) async fn keys_are_typed_exactly(rig: &dyn Rig) {
    let pane = listening(rig).await;
    let mut expected = String::new();
    let long = "日x;".repeat(1500);
    for text in ["/exit", ";", "a;", "-l", "Enter", "日本", "", long.as_str()] {
        rig.port().type_now(&pane, text).await.unwrap();
        expected.push_str(text);
        rig.assert_received(&pane, &expected);
    }
    for text in ["a\r", "\n", "\u{1b}", "a\t"] {
        assert!(matches!(rig.port().type_now(&pane, text).await, Err(MultiplexerError::Failed(_))), "{text:?}");
    }
    rig.assert_received(&pane, &expected);
}

pub(super) async fn a_pane_in_a_mode_hears_nothing(rig: &dyn Rig) {
    let pane = listening(rig).await;
    rig.enter_mode(&pane);
    assert_eq!(seen(rig.port(), &pane).await.deaf, Some(Deaf::CopyMode));
    assert_deaf(rig, &pane).await;
    assert_eq!(seen(rig.port(), &pane).await.deaf, Some(Deaf::CopyMode), "still in it");
    rig.assert_received(&pane, "");
    rig.leave_mode(&pane);
    assert_nothing_received(rig, &pane).await;
}

pub(super) async fn a_dead_pane_is_seen_as_dead_and_hears_nothing(rig: &dyn Rig) {
    let pane = listening(rig).await;
    rig.end_program(&pane);
    assert!(seen(rig.port(), &pane).await.dead);
    assert_deaf(rig, &pane).await;
    rig.port().kill(&pane).await.unwrap();
    assert!(matches!(rig.port().look(&pane).await, Ok(Look::Gone(_))));
}

pub(super) async fn what_is_meant_for_one_program_is_given_to_no_other(rig: &dyn Rig) {
    let pane = listening(rig).await;
    let port = rig.port();
    let front = port.front(&pane).await;
    let other = Front { group: front.group + 1, command: format!("{}x", front.command) };
    assert!(matches!(
        port.paste(&pane, &other, &TypingCondition::default(), "one\ntwo").await,
        Err(MultiplexerError::Failed(_))
    ));
    assert!(matches!(
        port.type_keys(&pane, &other, &TypingCondition::default(), "/exit").await,
        Err(MultiplexerError::Failed(_))
    ));
    assert_eq!(port.submit_if_shown(&pane, &other, &EnterCondition::shows("listening")).await, Ok(false));
    rig.assert_received(&pane, "");
    // whatever had been given before would stand in front of it
    assert_eq!(port.submit_if_shown(&pane, &front, &EnterCondition::shows("listening")).await, Ok(true));
    rig.assert_received(&pane, "\r");
}

pub(super) async fn enter_is_pressed_only_where_the_cursor_is_and_while_nothing_unwanted_shows(rig: &dyn Rig) {
    let pane = listening(rig).await;
    let port = rig.port();
    let front = port.front(&pane).await;
    port.paste(&pane, &front, &TypingCondition::default(), "k7Qp a text").await.unwrap();
    until_row(port, &pane, |row| row.contains("k7Qp")).await;
    let screen = seen(port, &pane).await.screen;
    let row = screen.rows.iter().position(|row| row.text().contains("k7Qp")).expect("it shows");
    let below = i32::try_from(screen.cursor_row).unwrap() - i32::try_from(row).unwrap();
    let condition = |below, absent: &[&str]| EnterCondition {
        mark: "k7Qp".to_owned(),
        present: vec!["listening".to_owned()],
        cursor_below: Some(below),
        cursor_column: Some(screen.cursor_column),
        absent: absent.iter().map(|text| (*text).to_owned()).collect(),
        untouched: true,
    };
    for wrong in [
        // a person has typed a character
        EnterCondition { cursor_column: Some(screen.cursor_column + 1), ..condition(below, &[]) },
        condition(below + 1, &[]),
        condition(below - 1, &[]),
        condition(below, &["a text"]),
        condition(below, &["Esc to cancel", "listening"]),
        EnterCondition { present: vec!["listening".to_owned(), "Proceed".to_owned()], ..condition(below, &[]) },
    ] {
        assert_eq!(port.submit_if_shown(&pane, &front, &wrong).await, Ok(false), "{wrong:?}");
    }
    rig.assert_received(&pane, "k7Qp a text");
    let right = condition(below, &["Esc to cancel", "Press enter to confirm"]);
    assert_eq!(port.submit_if_shown(&pane, &front, &right).await, Ok(true));
    rig.assert_received(&pane, "k7Qp a text\r");
}

pub(super) async fn a_text_is_typed_only_while_the_screen_is_as_it_was_seen(rig: &dyn Rig) {
    let pane = listening(rig).await;
    let port = rig.port();
    let front = port.front(&pane).await;
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    let condition = |cursor: (usize, usize), present: &[&str], absent: &[&str]| TypingCondition {
        cursor: Some(cursor),
        present: texts(present),
        absent: texts(absent),
        untouched: true,
    };
    let (column, row) = cursor(port, &pane).await;
    let as_seen = condition((column, row), &["listening"], &["Esc to cancel"]);
    let wrong = [
        condition((column + 1, row), &[], &[]),
        condition((column, row + 1), &[], &[]),
        condition((column, row), &["listening", "for shortcuts"], &[]),
        condition((column, row), &[], &["Esc to cancel", "listening"]),
    ];
    for wrong in &wrong {
        assert_eq!(port.paste(&pane, &front, wrong, "one").await, Ok(false), "{wrong:?}");
        assert_eq!(port.type_keys(&pane, &front, wrong, "1").await, Ok(false), "{wrong:?}");
    }
    // what opens after the look
    let dialog = "Do you want to proceed?\nEsc to cancel";
    assert_eq!(port.paste(&pane, &front, &as_seen, dialog).await, Ok(true));
    until_row(port, &pane, |row| row.contains("Esc to cancel")).await;
    assert_eq!(port.paste(&pane, &front, &as_seen, "one").await, Ok(false));
    assert_eq!(port.type_keys(&pane, &front, &as_seen, "1").await, Ok(false));
    rig.assert_received(&pane, dialog);
    // whatever had been given before would stand in front of it
    let now = condition(cursor(port, &pane).await, &["Esc to cancel"], &["Press enter to confirm"]);
    assert_eq!(port.type_keys(&pane, &front, &now, "1").await, Ok(true));
    rig.assert_received(&pane, &format!("{dialog}1"));
}

/// Returns the column and the row of a pane's cursor.
async fn cursor(port: &dyn Multiplexer, pane: &Pane) -> (usize, usize) {
    let screen = seen(port, pane).await.screen;
    (screen.cursor_column, screen.cursor_row)
}

pub(super) async fn a_stranger_with_the_same_name_is_never_touched(rig: &dyn Rig) {
    let pane = listening(rig).await;
    let request = SpawnRequest { beside: pane.clone(), ..rig.listener() };
    rig.restart();
    let port = rig.port();
    assert!(matches!(port.look(&pane).await, Ok(Look::Gone(_))));
    assert_eq!(port.capture(&pane, 30, false).await, gone(&pane));
    assert_eq!(port.paste_now(&pane, "rm -rf /\n").await, gone(&pane));
    assert_eq!(port.paste_now(&pane, "").await, gone(&pane));
    assert_eq!(port.type_now(&pane, "exit").await, gone(&pane));
    assert_eq!(port.enter_where(&pane, "a").await, gone(&pane));
    assert_eq!(port.kill(&pane).await, gone(&pane));
    assert_eq!(port.rebalance(&pane).await, gone(&pane));
    assert_eq!(port.list(&pane).await, Ok(Vec::new()));
    assert_eq!(port.spawn(&request).await, gone(&pane));
    rig.assert_stranger_untouched(&pane);
}

pub(super) async fn a_server_that_has_ended_has_no_panes(rig: &dyn Rig) {
    let pane = listening(rig).await;
    rig.stop();
    let port = rig.port();
    assert!(matches!(port.look(&pane).await, Ok(Look::Gone(_))));
    assert_eq!(port.list(&pane).await, Ok(Vec::new()));
    assert_eq!(port.paste_now(&pane, "x").await, gone(&pane));
    assert_eq!(port.enter_where(&pane, "x").await, gone(&pane));
    assert_eq!(port.kill(&pane).await, gone(&pane));
    assert!(matches!(port.caller().await, Err(MultiplexerError::Failed(_))), "it seems to run inside");
}

pub(super) async fn a_killed_pane_is_gone_and_the_others_stay(rig: &dyn Rig) {
    let (first, second) = (listening(rig).await, listening(rig).await);
    rig.port().kill(&first).await.unwrap();
    assert!(matches!(rig.port().look(&first).await, Ok(Look::Gone(_))));
    assert_eq!(rig.port().kill(&first).await, gone(&first));
    assert_eq!(listed(rig.port(), &second).await, [director(rig).await, second]);
}

pub(super) async fn a_capture_ends_at_the_last_row_that_is_not_blank(rig: &dyn Rig) {
    let pane = listening(rig).await;
    let port = rig.port();
    port.paste_now(&pane, "one\n\ntwo").await.unwrap();
    until_row(port, &pane, |row| row.contains("two")).await;
    assert_eq!(port.capture(&pane, 9, false).await.unwrap(), "listening\none\n\ntwo");
    assert_eq!(port.capture(&pane, 2, false).await.unwrap(), "\ntwo");
    assert_eq!(port.capture(&pane, 0, false).await.unwrap(), "");
    assert_eq!(port.capture(&pane, u32::MAX, true).await.unwrap(), "listening\none\n\ntwo");
}

pub(super) async fn a_program_that_is_missing_leaves_no_pane(rig: &dyn Rig) {
    for program in ["/nonexistent/program", "sh"] {
        let argv = vec![program.to_owned(), "-x".to_owned()];
        let failed = rig.port().spawn(&SpawnRequest { argv, ..rig.listener() }).await;
        assert!(matches!(failed, Err(MultiplexerError::Failed(_))), "{program}: {failed:?}");
    }
    let caller = director(rig).await;
    assert_eq!(listed(rig.port(), &caller).await, [caller]);
}
