//! A member that asks before it runs a command: nothing is typed into its question but an answer.

use std::time::Duration;

use cafleet_domain::backend::Backend;
use cafleet_domain::placement::MultiplexerKind;
use cafleet_tests::environment::pause;
use cafleet_tests::lab::{Lab, Manners, header, preview};

use crate::multiplexers::in_every_multiplexer;

/// Makes the member ask whether it may run a command.
fn ask(lab: &Lab, command: &str) {
    let sent = lab.send(&format!("[[ask {command}]]"));
    // where the question opens at once, the text may be behind it for all that can be seen
    let state = sent["delivery"]["state"].as_str();
    assert!(matches!(state, Some("submitted" | "typed")), "{}: {sent}", lab.backend);
    lab.until_state("asking");
    // claude takes no answer in the first moment of a question
    pause(Duration::from_secs(1));
}

fn asks(backend: Backend, multiplexer: MultiplexerKind) {
    let mut lab = Lab::start(backend, Manners::Asking, multiplexer);
    lab.watch();
    let made = lab.environment.path("work/made");
    ask(&lab, "touch made");
    // the head of claude's screen moves
    let end = |lab: &Lab| lab.screen().lines().rev().take(10).collect::<Vec<_>>().join("\n");
    let question = end(&lab);

    let held = lab.send("held by a question");
    assert_eq!(held["delivery"]["state"], "held", "{backend}: {held}");
    assert!(held["delivery"]["reason"].as_str().is_some_and(|reason| reason.contains("asking")), "{held}");
    for command in ["exec --member-id @member", "ping --member-id @member"] {
        let mut line = lab.words(&format!("member {command}"));
        line.extend(command.starts_with("exec").then(|| "touch made".to_owned()));
        let refused = lab.environment.run(&line).error(1);
        assert!(refused.contains("is asking a question"), "{backend}: {refused}");
    }
    lab.until_looked();
    assert_eq!((end(&lab), lab.state().as_str()), (question, "asking"), "{backend}");
    assert!(!made.exists(), "{backend}: the question was answered");

    lab.run("member send-input --choice 1 --member-id @member").ok();
    lab.until("the command that was allowed", |_| made.exists());
    lab.until(&preview(&held), |lab| lab.heard(&preview(&held)) > 0);
    assert_eq!(lab.heard(&header(&held)), 1, "{backend}");
    assert_eq!(lab.aborted(), Vec::<String>::new(), "{backend}");

    // the second answer allows it for good
    lab.until_done();
    ask(&lab, "touch made-for-good");
    lab.run("member send-input --choice 2 --member-id @member").ok();
    lab.until("the command that was allowed for good", |lab| lab.environment.path("work/made-for-good").exists());
    lab.until_done();
    // each has an answer that does not allow it, at another place
    let no = match backend {
        Backend::CLAUDE => "No",
        Backend::CODEX => "tell Codex",
        _ => "Reject",
    };
    ask(&lab, "ln -s . never-made");
    let mut line = lab.words("member send-input --member-id @member --answer");
    line.push(no.to_owned());
    lab.environment.ok(&line);
    lab.until_done();

    ask(&lab, "ln -s . never-made");
    let refused = lab.run("member delete --member-id @member").error(1);
    assert!(refused.contains("is asking a question"), "{backend}: {refused}");
    lab.run("member delete --force --member-id @member").ok();
    assert_eq!(lab.terminals.panes(), ["%0"]);
    assert!(!lab.environment.path("work/never-made").exists(), "{backend}");
}

in_every_multiplexer!(asks);

/// A preview that was on its way when the question came, or a person, has left words where the answer takes some: digits are words
/// there.
#[test]
fn a_digit_chooses_nothing_where_words_are_written() {
    let lab = Lab::start(Backend::CLAUDE, Manners::Asking, MultiplexerKind::Tmux);
    let ask = |number: usize| {
        let options = r#"[{"label":"first","description":"x"},{"label":"second","description":"y"}]"#;
        let question = format!(r#"{{"question":"q{number}?","header":"h","multiSelect":false,"options":{options}}}"#);
        let _shown_at_once = lab.send(&format!(r#"[[tool AskUserQuestion {{"questions":[{question}]}}]]"#));
        lab.until_state("asking");
        pause(Duration::from_secs(1));
    };
    for (number, words) in [(1, "words of a person"), (2, "")] {
        ask(number);
        lab.press("3");
        lab.until("the field", |lab| lab.screen().contains("❯ 3. "));
        pause(Duration::from_millis(300));
        if !words.is_empty() {
            lab.press(words);
            lab.until("the words", |lab| lab.screen().contains(words));
        }
        let chosen = lab.run("member send-input --choice 2 --member-id @member");
        assert_eq!(chosen.status, 0, "{number}: {chosen:?}\n{}", lab.screen());
        let chosen = chosen.ok();
        assert!(chosen.contains("second"), "{chosen}");
        lab.until_done();
        assert!(words.is_empty() || !lab.screen().contains(&format!("{words}2")), "{}", lab.screen());
    }
    ask(3);
    lab.press("3");
    lab.until("the field", |lab| lab.screen().contains("❯ 3. "));
    let mut line = lab.words("member send-input --member-id @member --freetext");
    line.push("in my own words".to_owned());
    lab.environment.ok(&line);
    lab.until_done();
    assert!(lab.screen().contains("in my own words") && !lab.screen().contains("3in my own"), "{}", lab.screen());
}
