//! What a server reads and writes, in the order of its system calls.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::PathBuf;
use std::process::{Child, Command};

use cafleet_tests::environment::eventually;
use rustix::process::{Pid, Signal, kill_process};

/// Bytes that a server has read or written.
#[derive(Debug)]
pub(crate) struct Event {
    /// In milliseconds since the epoch.
    pub(crate) at: f64,
    pub(crate) is_read: bool,
    pub(crate) file: u32,
    pub(crate) bytes: Vec<u8>,
}

/// An `strace` of a server's main thread, which serves all panes.
#[derive(Debug)]
pub(crate) struct Trace {
    strace: Child,
    file: PathBuf,
}

impl Trace {
    pub(crate) fn of(server: u32, file: PathBuf) -> Self {
        let mut strace = Command::new("strace");
        strace.args(["-qq", "-xx", "-ttt", "-s", "1000000", "-e", "trace=read,readv,recvmsg,recvfrom,write,writev"]);
        strace.arg("-o").arg(&file).args(["-p", &server.to_string()]);
        let strace = strace.spawn().expect("strace is installed; tests/install does that");
        let status = format!("/proc/{server}/status");
        eventually("strace", || {
            let status = std::fs::read_to_string(&status).expect("the server runs");
            (!status.contains("TracerPid:\t0\n")).then_some(())
        });
        Self { strace, file }
    }

    /// Returns a place in the trace from which on [`Trace::since`] reads.
    pub(crate) fn now(&self) -> u64 {
        std::fs::metadata(&self.file).expect("a trace").len()
    }

    pub(crate) fn since(&self, place: u64) -> Vec<Event> {
        let mut file = File::open(&self.file).expect("a trace");
        let mut text = String::new();
        file.seek(SeekFrom::Start(place)).expect("a place in it");
        file.read_to_string(&mut text).expect("text");
        // the last line may be in the making
        let end = text.rfind('\n').map_or(0, |at| at + 1);
        text[..end].lines().filter_map(parse).collect()
    }
}

impl Drop for Trace {
    fn drop(&mut self) {
        let _gone = kill_process(Pid::from_child(&self.strace), Signal::TERM);
        let _ended = self.strace.wait();
    }
}

/// Reads a line such as `1796000000.123456 read(9, "\x61\x62", 8192) = 2`; none for a call that failed.
fn parse(line: &str) -> Option<Event> {
    let (at, call) = line.split_once(' ')?;
    let (name, arguments) = call.split_once('(')?;
    let (file, arguments) = arguments.split_once(',')?;
    let (content, result) = arguments.rsplit_once(" = ")?;
    let length: usize = result.split(' ').next()?.parse().ok()?;
    // whatever else is in quotes is hexadecimal too, so it is not mistaken for an end
    let mut bytes: Vec<u8> = content.split('"').skip(1).step_by(2).flat_map(bytes).collect();
    bytes.truncate(length);
    let at = at.parse::<f64>().ok()? * 1_000.0;
    Some(Event { at, is_read: !name.starts_with("write"), file: file.parse().ok()?, bytes })
}

fn bytes(hexadecimal: &str) -> impl Iterator<Item = u8> {
    hexadecimal.split("\\x").filter_map(|byte| u8::from_str_radix(byte, 16).ok())
}
