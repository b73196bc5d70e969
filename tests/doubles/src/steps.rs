//! Every call through a port as a place where something can happen: a fault, the end of the process, another process.

use std::fmt;
use std::future::{Future, pending};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use cafleet_domain::ports::{MultiplexerError, StorageError};

/// A moment just before or just after a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// The method.
    pub call: &'static str,
    /// Whether the call has had its effect.
    pub done: bool,
    /// How many steps came before.
    pub number: usize,
}

/// What happens at a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// Nothing.
    GoOn,
    /// The process ends here: the call never returns, and the test drops the future.
    Die,
    /// The call fails; before it is done, it has no effect.
    Storage(StorageError),
    /// The call fails; before it is done, it has no effect.
    Multiplexer(MultiplexerError),
}

type Script = Box<dyn FnMut(Step) -> Fate + Send>;

struct State {
    count: usize,
    calls: Vec<&'static str>,
    dead: bool,
    script: Script,
}

/// The steps of one or more doubles in their order; clones share them.
#[derive(Clone)]
pub struct Steps(Arc<Mutex<State>>);

impl fmt::Debug for Steps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Steps").field(&self.lock().calls).finish()
    }
}

impl Default for Steps {
    fn default() -> Self {
        Self::new(|_| Fate::GoOn)
    }
}

impl Steps {
    /// Returns steps whose fates `script` decides.
    #[must_use]
    pub fn new(script: impl FnMut(Step) -> Fate + Send + 'static) -> Self {
        let script: Script = Box::new(script);
        Self(Arc::new(Mutex::new(State { count: 0, calls: Vec::new(), dead: false, script })))
    }

    /// Returns steps of a process that ends at the given one.
    #[must_use]
    pub fn ending_at(number: usize) -> Self {
        Self::new(move |step| if step.number == number { Fate::Die } else { Fate::GoOn })
    }

    /// Returns the methods that were called, in order.
    #[must_use]
    pub fn calls(&self) -> Vec<&'static str> {
        self.lock().calls.clone()
    }

    /// Returns how many steps there were.
    #[must_use]
    pub fn count(&self) -> usize {
        self.lock().count
    }

    /// Tells whether the process has ended.
    #[must_use]
    pub fn died(&self) -> bool {
        self.lock().dead
    }

    /// Makes a call with its two steps.
    ///
    /// # Errors
    /// As the call or the script says.
    pub async fn around<T, E: Fault>(
        &self,
        call: &'static str,
        operation: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        self.meet(call, false).await?;
        let answer = operation.await;
        self.meet(call, true).await?;
        answer
    }

    async fn meet<E: Fault>(&self, call: &'static str, done: bool) -> Result<(), E> {
        let (fate, step) = {
            let mut state = self.lock();
            let step = Step { call, done, number: state.count };
            state.count += 1;
            if !done {
                state.calls.push(call);
            }
            let fate = (state.script)(step);
            state.dead |= fate == Fate::Die;
            (fate, step)
        };
        match fate {
            Fate::GoOn => Ok(()),
            Fate::Die => pending().await,
            fault => Err(E::of(fault, step)),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An error of a port that a script can give.
pub trait Fault: Send {
    /// Returns the error.
    ///
    /// # Panics
    /// When the fate is an error of another port: the script is wrong.
    fn of(fate: Fate, step: Step) -> Self;
}

impl Fault for StorageError {
    fn of(fate: Fate, step: Step) -> Self {
        match fate {
            Fate::Storage(error) => error,
            other => panic!("{other:?} cannot happen at {step:?}"),
        }
    }
}

impl Fault for MultiplexerError {
    fn of(fate: Fate, step: Step) -> Self {
        match fate {
            Fate::Multiplexer(error) => error,
            other => panic!("{other:?} cannot happen at {step:?}"),
        }
    }
}
