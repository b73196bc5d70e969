//! What happens to the multiplexers themselves.

use std::thread;
use std::time::Duration;

use cafleet_tests::environment::pause;

use crate::yard::Yard;

/// More viewers than the daemon of embedded terminals takes.
const CROWD: usize = 300;

/// Removes the socket of tmux, or fills the daemon of embedded terminals, again and again.
pub(crate) fn blow(yard: &Yard, mut chance: fastrand::Rng) {
    while yard.goes_on() {
        pause(Duration::from_secs(chance.u64(15..60)));
        if chance.bool() {
            yard.hide_tmux(Duration::from_millis(chance.u64(500..8000)));
            yard.tally.count("times the socket of tmux was removed");
        } else {
            crowd(yard, &mut chance);
        }
    }
}

/// Writes to an agent whose daemon has as many viewers as it takes.
fn crowd(yard: &Yard, chance: &mut fastrand::Rng) {
    let annex = &yard.annex;
    let pane = annex.terminals.pane(&annex.pane);
    let time = Duration::from_millis(chance.u64(4000..10_000));
    thread::scope(|scope| {
        let crowd = scope.spawn(|| annex.terminals.crowd(&pane, CROWD, time));
        for _ in 0..3 {
            pause(Duration::from_millis(chance.u64(500..1500)));
            let mut words = annex.fleet.words("message send --quiet --agent-id @admin --to @director --text");
            words.push(format!("annex-{}", yard.next()));
            let outcome = yard.environment.run(&words);
            if outcome.status != 0 {
                yard.tally.wrong(format!("a message was not sent: {outcome:?}"));
            }
            yard.tally.count("messages sent beside a full daemon");
        }
        match crowd.join() {
            Ok(viewers) if viewers < CROWD => yard.tally.count("times a daemon was full"),
            Ok(_) => yard.tally.count("times a daemon had 300 viewers"),
            Err(_) => yard.tally.wrong("the crowd has failed".to_owned()),
        }
    });
}
