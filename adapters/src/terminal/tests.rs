use cafleet_domain::ports::TypingCondition;

use super::*;

const SMALL: Size = Size { columns: 20, rows: 5 };

fn shown(output: &str) -> Terminal {
    let mut terminal = Terminal::new(SMALL);
    terminal.feed(output.as_bytes());
    terminal
}

fn answers(output: &str) -> String {
    String::from_utf8(Terminal::new(SMALL).feed(output.as_bytes()).answers).expect("UTF-8")
}

/// Everything that can be seen of a terminal.
fn seen(terminal: &Terminal) -> (String, Screen, TermMode, bool) {
    let needs_wrap = terminal.term.grid().cursor.input_needs_wrap;
    (terminal.tail(usize::MAX, true), terminal.screen(), *terminal.term.mode(), needs_wrap)
}

/// Replays a terminal into a fresh one.
fn again(terminal: &mut Terminal) -> Terminal {
    let mut copy = Terminal::new(terminal.size());
    copy.feed(&terminal.replay());
    copy
}

#[test]
fn a_screen_has_looks_cursor_size_and_title() {
    let terminal = shown(
        "\u{1b}]0;ti\u{1b}\\\u{1b}[31mred\u{1b}[0m \u{1b}[2mdim\u{1b}[0m\r\n\u{1b}[7mx\u{1b}[0m\u{1b}(0lqk\u{1b}(B 日本\tz",
    );
    let screen = terminal.screen();
    let red = &screen.rows[0].spans[0];
    assert_eq!((red.text.as_str(), red.foreground.as_deref()), ("red", Some("31")));
    assert!(screen.rows[0].spans.iter().any(|span| span.dim && span.text == "dim"));
    assert!(screen.rows[1].spans[0].reverse);
    assert_eq!(screen.rows[1].text(), "x┌─┐ 日本       z");
    assert_eq!((screen.rows.len(), screen.width), (5, 20));
    assert_eq!((screen.cursor_row, screen.cursor_column), (1, 17));
    assert_eq!(screen.title, "ti");
}

#[test]
fn colours_are_told_as_they_were_given() {
    let screen = shown("\u{1b}[97ma\u{1b}[38;5;244mb\u{1b}[38;2;1;2;3mc\u{1b}[39md").screen();
    let colours: Vec<_> = screen.rows[0].spans.iter().map(|span| span.foreground.as_deref()).collect();
    assert_eq!(colours, [Some("97"), Some("38;5;244"), Some("38;2;1;2;3"), None]);
}

#[test]
fn a_tail_reaches_into_the_history_and_ends_at_the_last_row_with_a_character() {
    let lines: Vec<String> = (1..=3_000).map(|number| format!("line {number}")).collect();
    let terminal = shown(&(lines.join("\r\n") + "\r\n  \r\n"));
    assert_eq!(terminal.tail(3, false), "line 2998\nline 2999\nline 3000");
    assert_eq!(terminal.tail(usize::MAX, false).lines().count(), HISTORY + 3);
    assert_eq!(terminal.tail(0, false), "");
    assert_eq!(shown("").tail(9, true), "");
    assert_eq!(shown("one\r\n\r\ntwo").tail(2, false), "\ntwo");
    assert_eq!(shown("\u{1b}[31mone\r\ntwo").tail(1, true), "\u{1b}[0;31mtwo\u{1b}[0m");
}

#[test]
fn a_marker_stands_on_one_row_and_its_last_blank_may_be_the_end_of_the_row() {
    let terminal = shown("wrapped over two rows\r\n............msg 12 \u{1b}[C");
    assert!(
        terminal.meets(&EnterCondition::shows("wrapped over")) && !terminal.meets(&EnterCondition::shows("two rows"))
    );
    assert!(terminal.meets(&EnterCondition::shows("msg 12 ")) && !terminal.meets(&EnterCondition::shows("msg 12 3")));
    assert!(shown("x\u{1b}[2;14Hmsg 12f").meets(&EnterCondition::shows("msg 12f ")));
}

#[test]
fn queries_are_answered_once_and_in_order() {
    for (query, answer) in [
        ("\u{1b}[c", "\u{1b}[?6c"),
        ("\u{1b}[5n", "\u{1b}[0n"),
        ("ab\u{1b}[6n", "\u{1b}[1;3R"),
        ("\u{1b}[?2004$p", "\u{1b}[?2004;2$y"),
        ("\u{1b}[?2026$p", "\u{1b}[?2026;2$y"),
        ("\u{1b}[18t", "\u{1b}[8;5;20t"),
        ("\u{1b}]11;?\u{7}", "\u{1b}]11;rgb:0000/0000/0000\u{7}"),
        ("\u{1b}]10;?\u{1b}\\", "\u{1b}]10;rgb:e5e5/e5e5/e5e5\u{1b}\\"),
        ("\u{1b}]4;196;?\u{7}", "\u{1b}]4;196;rgb:ffff/0000/0000\u{7}"),
        ("\u{1b}P+q544e\u{1b}\\", "\u{1b}P0+r\u{1b}\\"),
        ("\u{1b}P$qm\u{1b}\\", "\u{1b}P0$r\u{1b}\\"),
        ("\u{1b}[?u", ""),
        ("\u{1b}[>1u\u{1b}[?u", ""),
    ] {
        assert_eq!(answers(query), answer, "{query:?}");
    }
    let name = answers("\u{1b}[>q\u{1b}[c");
    assert!(name.starts_with("\u{1b}P>|cafleet(") && name.ends_with("\u{1b}\\\u{1b}[?6c"), "{name:?}");
    assert!(answers("\u{1b}[c\u{1b}[>q").starts_with("\u{1b}[?6c\u{1b}P>|"));
    assert!(answers(&"\u{1b}[c".repeat(100_000)).len() <= 64 * 1024);
}

#[test]
fn a_title_is_text_of_bounded_length() {
    assert_eq!(shown(&format!("\u{1b}]2;a\u{9b}31m{}\u{7}", "x".repeat(9_000))).screen().title.chars().count(), 200);
    assert!(!shown("\u{1b}]2;a\u{9b}b\u{202e}c\u{7}").screen().title.contains(['\u{9b}', '\u{202e}']));
}

#[test]
fn a_synchronized_update_ends_at_its_time_though_the_program_never_ends_it() {
    let mut terminal = shown("\u{1b}[?2026hnew");
    assert_eq!(terminal.tail(9, false), "");
    let end = terminal.update_ends().expect("an update runs");
    assert_eq!(terminal.settle(end - std::time::Duration::from_millis(1)), Fed::default());
    assert_eq!(terminal.tail(9, false), "");
    terminal.settle(end);
    assert_eq!((terminal.tail(9, false).as_str(), terminal.update_ends()), ("new", None));
    let mut asking = shown("\u{1b}[?2026h\u{1b}[5n");
    let end = asking.update_ends().expect("an update runs");
    assert_eq!(asking.settle(end).answers, b"\x1b[0n", "a question within it is answered");
}

#[test]
fn nothing_is_met_while_a_synchronized_update_runs() {
    let mut terminal = shown("the composer\r\n");
    let enter = EnterCondition::shows("composer");
    let typing = TypingCondition { cursor: Some((0, 1)), ..TypingCondition::default() };
    assert!(terminal.meets(&enter) && terminal.admits(&typing));
    terminal.feed(b"\x1b[?2026ha dialog");
    assert!(!terminal.meets(&enter) && !terminal.admits(&typing), "what it draws is not known yet");
    assert!(terminal.admits(&TypingCondition::default()), "where nothing is asked for, nothing has to be known");
    terminal.feed(b"\x1b[?2026l");
    assert!(terminal.meets(&enter) && !terminal.admits(&typing), "the cursor has moved");
}

#[test]
fn rows_flow_when_the_width_changes() {
    let mut terminal = shown("0123456789abcdefghij");
    terminal.feed(b"klm\r\nnext");
    terminal.resize(Size { columns: 40, rows: 5 });
    assert_eq!(terminal.tail(9, false), "0123456789abcdefghijklm\nnext");
    terminal.resize(Size { columns: 10, rows: 5 });
    assert_eq!(terminal.tail(9, false), "0123456789\nabcdefghij\nklm\nnext");
}

#[test]
fn a_size_is_never_one_that_the_model_or_an_agent_cannot_take() {
    assert_eq!(Size { columns: 1, rows: 0 }.within_bounds(), Size { columns: 40, rows: 10 });
    assert_eq!(Size { columns: 9_999, rows: 9_999 }.within_bounds(), Size { columns: 1_000, rows: 500 });
}

#[test]
fn a_replay_shows_the_same_in_the_same_modes() {
    let many: String = (0..30).map(|number| format!("row {number} {}\r\n", "日x".repeat(number % 9))).collect();
    for output in [
        "",
        "plain\r\n\r\ntext",
        "\u{1b}[1;2;3;4;7;9;38;5;200;48;2;1;2;3mstyled\u{1b}[0m x\u{1b}[45m\u{1b}[K",
        "\u{1b}[4:3mcurly\u{1b}[21m double",
        "01234567890123456789",
        "0123456789012345678日",
        "012345678901234567日",
        "wrapped wrapped wrapped wrapped \u{1b}[2D",
        "\u{1b}[?2004h\u{1b}[?1002h\u{1b}[?1006h\u{1b}[?1004h\u{1b}[?25l\u{1b}[?1h\u{1b}=\u{1b}[4h",
        "main\u{1b}[?1049h\u{1b}[2J\u{1b}[3;3Halt\u{1b}[31m\u{1b}[?2004h",
        "e\u{301}👍🏽 日本\ta",
        "\u{1b}[2;4r\u{1b}[3;5Hin",
        "\u{1b}[2;4r\u{1b}[?6h\u{1b}[2;5Hin",
        "\u{1b}]2;title\u{7}x",
        "\u{1b}[?7l0123456789012345678901234",
        many.as_str(),
    ] {
        let mut terminal = shown(output);
        let before = seen(&terminal);
        let copy = again(&mut terminal);
        assert_eq!(seen(&copy), before, "{output:?}");
        assert_eq!(seen(&terminal), before, "{output:?}: it is left as it was");
        let mut late = Terminal::new(SMALL);
        late.feed(&terminal.drawing().screen);
        assert_eq!(Screen { title: before.1.title.clone(), ..late.screen() }, before.1, "{output:?}");
    }
}

#[test]
fn what_follows_a_replay_has_the_same_effect() {
    for (before, after) in [
        ("main\u{1b}[?1049h\u{1b}[3;3Halt", "\u{1b}[?1049l+"),
        ("01234567890123456789", "+"),
        ("\u{1b}[2;4r\u{1b}[4;1Hx", "\r\n+\r\n+"),
        ("a\u{1b}7\u{1b}[3;3Hb", "\u{1b}8+"),
        ("\u{1b}[31mred", "+"),
        ("0123456789012345678901234567890123456789x", "\u{1b}[1A+"),
    ] {
        let mut terminal = shown(before);
        let mut copy = again(&mut terminal);
        terminal.feed(after.as_bytes());
        copy.feed(after.as_bytes());
        assert_eq!(seen(&copy), seen(&terminal), "{before:?} then {after:?}");
    }
}

#[test]
fn a_replayed_history_flows_as_before() {
    let mut terminal = shown(&format!("{}\r\nend", "0123456789".repeat(15)));
    let mut copy = again(&mut terminal);
    let wide = Size { columns: 47, rows: 5 };
    terminal.resize(wide);
    copy.resize(wide);
    assert_eq!(seen(&copy), seen(&terminal));
}

#[test]
fn a_panic_in_the_model_costs_the_screen_and_nothing_else() {
    let mut terminal = shown("before");
    let fed = terminal.surviving(|_| panic!("as a defect in the model would"));
    assert!(fed.lost);
    assert_eq!(terminal.tail(9, false), "");
    terminal.feed(b"after");
    assert_eq!((terminal.tail(9, false).as_str(), terminal.size()), ("after", SMALL));
}

#[test]
fn a_flood_of_hyperlinks_and_titles_takes_no_memory() {
    let link = format!("\u{1b}]8;;http://x/{}\u{1b}\\a", "y".repeat(60_000));
    let terminal = shown(&link.repeat(100));
    assert!(terminal.term.grid()[Line(0)][alacritty_terminal::index::Column(0)].hyperlink().is_none());
    assert_eq!(terminal.tail(9, false).len(), 100 + 4);
}
