//! Writes down what a program in a pane is given: `pane_recorder <mode> <file> [argument…]`.
//!
//! `<file>.argv` gets the arguments and the directory, NUL-separated; `<file>` gets every byte read from the terminal, which is
//! in raw mode. Modes: `bracketed` asks for bracketed paste and shows what it reads, `plain` only shows it,
//! `late` is `bracketed` that reads only once there is a file `<file>.go`, `ends` complains and ends after 50 ms.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::time::Duration;

use rustix::termios::{OptionalActions, tcgetattr, tcsetattr};

fn main() -> io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let mode = arguments.next().unwrap_or_default();
    let path = arguments.next().unwrap_or_default();
    let mut words: Vec<String> = arguments.collect();
    words.push(std::env::current_dir()?.display().to_string());
    File::create(format!("{path}.argv"))?.write_all(words.join("\0").as_bytes())?;
    let mut screen = io::stdout();
    if mode == "ends" {
        screen.write_all(b"no licence for this program\n")?;
        screen.flush()?;
        wait(Duration::from_millis(50));
        return Err(io::Error::other("ended as asked"));
    }
    let mut settings = tcgetattr(io::stdin())?;
    settings.make_raw();
    tcsetattr(io::stdin(), OptionalActions::Now, &settings)?;
    let mut record = OpenOptions::new().create(true).append(true).open(&path)?;
    screen.write_all(if mode == "plain" { b"listening\r\n" } else { b"\x1b[?2004hlistening\r\n" })?;
    screen.flush()?;
    while mode == "late" && !std::path::Path::new(&format!("{path}.go")).exists() {
        wait(Duration::from_millis(10));
    }
    let mut buffer = [0; 65536];
    loop {
        let count = io::stdin().read(&mut buffer)?;
        if count == 0 {
            return Ok(());
        }
        record.write_all(&buffer[..count])?;
        record.flush()?;
        screen.write_all(&shown(&buffer[..count]))?;
        screen.flush()?;
    }
}

/// Returns bytes as they may be shown: breaks as new rows, brackets of a paste and other controls not at all.
fn shown(bytes: &[u8]) -> Vec<u8> {
    let bytes = bytes.strip_prefix(b"\x1b[200~").unwrap_or(bytes);
    let bytes = bytes.strip_suffix(b"\x1b[201~").unwrap_or(bytes);
    let printable = |&byte: &u8| match byte {
        b'\r' | b'\n' => b"\r\n".to_vec(),
        0..=0x1f | 0x7f => Vec::new(),
        other => vec![other],
    };
    bytes.iter().flat_map(printable).collect()
}

#[expect(clippy::disallowed_methods, reason = "a program of its own that plays a slow death, without a clock to ask")]
fn wait(duration: Duration) {
    std::thread::sleep(duration);
}
