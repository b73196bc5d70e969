//! The contract of `Multiplexer`: [`contract`] on every implementation, the rest on one of them alone.

#![expect(clippy::unwrap_used, reason = "the helpers of tests fail as tests do")]

mod clean_start;
mod contract;
mod daemon;
mod embedded;
mod events;
mod hard_cases;
mod hostile_client;
mod in_front;
mod rig;
mod spawning;
mod typing_viewers;
mod unreachable;
mod watching;
mod watching_tmux;

macro_rules! cases {
    ($module:ident on $rig:ident: $($case:ident),* $(,)?) => {
        mod $module {
            $(#[tokio::test] async fn $case() { super::contract::$case(&super::rig::$rig::new().await).await; })*
        }
    };
}

/// What holds of every implementation.
macro_rules! everywhere {
    ($module:ident on $rig:ident) => {
        cases!($module on $rig:
            the_caller_has_a_pane_inside_and_none_outside,
            a_spawned_pane_is_listed_seen_and_hears,
            a_pasted_text_arrives_whole_and_presses_no_key,
            enter_is_pressed_only_while_the_marker_is_shown,
            a_marker_that_could_be_a_pattern_is_refused,
            keys_are_typed_exactly,
            what_is_meant_for_one_program_is_given_to_no_other,
            enter_is_pressed_only_where_the_cursor_is_and_while_nothing_unwanted_shows,
            a_text_is_typed_only_while_the_screen_is_as_it_was_seen,
            a_stranger_with_the_same_name_is_never_touched,
            a_server_that_has_ended_has_no_panes,
            a_killed_pane_is_gone_and_the_others_stay,
            a_capture_ends_at_the_last_row_that_is_not_blank,
            a_program_that_is_missing_leaves_no_pane,
        );
    };
}

everywhere!(tmux on TmuxRig);
everywhere!(pty on PtyRig);
everywhere!(fake on FakeRig);

// the embedded terminals have neither modes that take keys nor panes without a program
cases!(tmux_modes on TmuxRig: a_pane_in_a_mode_hears_nothing, a_dead_pane_is_seen_as_dead_and_hears_nothing);
cases!(fake_modes on FakeRig: a_pane_in_a_mode_hears_nothing, a_dead_pane_is_seen_as_dead_and_hears_nothing);
