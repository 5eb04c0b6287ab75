//! A job that may be reached for while a step of it is under way, as a page can.

use std::cell::{Ref, RefCell};
use std::collections::BTreeMap;

use super::{Answer, Job, TakenFile};
use crate::experiment::{Progress, Work};
use crate::report::Report;
use crate::{Error, Result};

/// While a step is at work it holds the job, so that a second call finds it busy instead of panicking.
pub struct Pulled(RefCell<Box<dyn Job>>);

impl Pulled {
    pub fn new(job: Box<dyn Job>) -> Self {
        Self(RefCell::new(job))
    }

    /// What all steps together cost.
    ///
    /// # Errors
    /// [`Error::BadInput`] naming `job` while a step is at work, here and below.
    pub fn cost(&self) -> Result<Work> {
        Ok(self.look()?.cost())
    }

    /// Does the next step.
    ///
    /// # Errors
    /// Also those of [`Job::step`].
    #[allow(clippy::await_holding_refcell_ref, reason = "a step holds the job to its end")]
    pub async fn step(&self) -> Result<Progress> {
        self.0.try_borrow_mut().map_err(|_| busy())?.step().await
    }

    /// What is there so far, of analyses that can show something before the end.
    ///
    /// # Errors
    /// Also those of [`Job::partial`].
    pub fn partial(&self) -> Result<Option<Answer>> {
        self.look()?.partial()
    }

    /// What is said and drawn of it, or of what is there so far.
    ///
    /// # Errors
    /// Also those of [`Job::report`].
    pub fn report(&self) -> Result<Option<Report>> {
        self.look()?.report()
    }

    /// The answer.
    ///
    /// # Errors
    /// Also those of [`Job::result`]; [`Error::BadInput`] naming `job` while steps are left.
    pub fn result(&self) -> Result<Answer> {
        let unfinished =
            || Error::input("job", "the job is not finished; it has no result yet. Do its next step");
        self.look()?.result()?.ok_or_else(unfinished)
    }

    /// The size of the file that it makes, if it makes one.
    ///
    /// # Errors
    /// Only while a step is at work.
    pub fn file_bytes(&self) -> Result<Option<u64>> {
        Ok(self.look()?.file_bytes())
    }

    /// That file, once it is whole.
    ///
    /// # Errors
    /// Also those of [`Job::file`].
    pub fn file(&self, about: BTreeMap<String, String>) -> Result<Option<TakenFile>> {
        self.look()?.file(about)
    }

    fn look(&self) -> Result<Ref<'_, Box<dyn Job>>> {
        self.0.try_borrow().map_err(|_| busy())
    }
}

fn busy() -> Error {
    Error::input("job", "the job is at work; wait for its step to end")
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use super::*;
    use crate::job::{Step, answer};

    /// Waits once in its only step.
    #[derive(Default)]
    struct OneStep {
        done: usize,
    }

    impl Job for OneStep {
        fn cost(&self) -> Work {
            Work { needed: 2.0, done: 1.0 }
        }

        fn step(&mut self) -> Step<'_> {
            Box::pin(async {
                let mut waited = false;
                std::future::poll_fn(|_| {
                    if std::mem::replace(&mut waited, true) { Poll::Ready(()) } else { Poll::Pending }
                })
                .await;
                self.done += 1;
                Ok(Progress { done: self.done, total: 1, step: "the step".into(), finished: true })
            })
        }

        fn result(&self) -> Result<Option<Answer>> {
            Ok((self.done == 1).then(|| answer("the answer")))
        }
    }

    fn refused<T>(outcome: Result<T>) -> (Option<&'static str>, String) {
        let error = outcome.err().expect("refused");
        (error.field(), error.to_string())
    }

    #[test]
    fn is_busy_while_a_step_is_at_work_and_has_no_result_before_the_last() {
        let job = Pulled::new(Box::new(OneStep::default()));
        assert_eq!(job.cost(), Ok(Work { needed: 2.0, done: 1.0 }));
        let (field, message) = refused(job.result());
        assert!(field == Some("job") && message.contains("not finished"), "{message}");

        let mut context = Context::from_waker(Waker::noop());
        let mut step = pin!(job.step());
        assert!(step.as_mut().poll(&mut context).is_pending());
        let second = pin!(job.step()).poll(&mut context).map(refused);
        let busy = (Some("job"), busy().to_string());
        assert_eq!(second, Poll::Ready(busy.clone()));
        assert_eq!(
            [refused(job.cost()), refused(job.partial()), refused(job.result())],
            [(); 3].map(|()| busy.clone())
        );

        let Poll::Ready(Ok(progress)) = step.as_mut().poll(&mut context) else { panic!("the step ends") };
        assert!(progress.finished);
        assert!(job.result().is_ok());
        assert!(job.partial().unwrap().is_none());
    }

    #[test]
    fn is_free_again_where_a_step_is_given_up() {
        let job = Pulled::new(Box::new(OneStep::default()));
        let mut context = Context::from_waker(Waker::noop());
        assert!(pin!(job.step()).poll(&mut context).is_pending());
        assert!(job.cost().is_ok());
    }
}
