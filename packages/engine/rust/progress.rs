//! Stages of a long run: reported as they begin, timed, and the points at which it can be cancelled.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use crate::error::{EngineError, ErrorKind};

#[derive(Clone, Debug)]
pub struct Phase {
    pub name: &'static str,
    pub ms: f64,
}

type Callback = Box<dyn Fn(&'static str) + Send + Sync>;

#[derive(Default)]
pub struct Progress {
    callback: Option<Callback>,
    cancelled: Arc<AtomicBool>,
    phases: Mutex<Vec<(&'static str, Instant)>>,
}

impl Progress {
    pub fn new(callback: Option<Callback>, cancelled: Arc<AtomicBool>) -> Self {
        Self {
            callback,
            cancelled,
            phases: Mutex::default(),
        }
    }

    /// Ends the stage before and begins `name`. Unwinds with an error when the run was cancelled: the proof
    /// system's callbacks offer no other way out.
    pub fn enter(&self, name: &'static str) {
        if self.cancelled.load(Ordering::Relaxed) {
            EngineError::new(
                ErrorKind::Cancelled,
                format!("Cancelled before the stage {name}."),
            )
            .unwind();
        }
        self.phases
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push((name, Instant::now()));
        if let Some(callback) = &self.callback {
            callback(name);
        }
    }

    /// The stages so far, the last one up to now.
    pub fn phases(&self) -> Vec<Phase> {
        let begun = self.phases.lock().unwrap_or_else(PoisonError::into_inner);
        let ends = begun
            .iter()
            .skip(1)
            .map(|(_, at)| *at)
            .chain([Instant::now()]);
        begun
            .iter()
            .zip(ends)
            .map(|((name, from), to)| Phase {
                name,
                ms: to.duration_since(*from).as_secs_f64() * 1e3,
            })
            .collect()
    }
}
