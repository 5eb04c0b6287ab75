//! Jobs of several kinds, one after the other, as one.

use super::{Job, Work};
use crate::Result;
use crate::engine::Progress;

/// How far it is, of jobs that somebody else holds. A job's share in the whole is its share in the work.
pub struct InTurn {
    works: Vec<Work>,
    /// Jobs before this one are finished.
    at: usize,
}

impl InTurn {
    pub fn new(jobs: &[&mut dyn Job]) -> Self {
        Self { works: jobs.iter().map(|job| job.cost()).collect(), at: 0 }
    }

    /// The work of all jobs together.
    pub fn work(&self) -> Work {
        let sum = |of: fn(&Work) -> f64| self.works.iter().map(of).sum();
        Work { needed: sum(|work| work.needed), done: sum(|work| work.done) }
    }

    /// Whether all jobs are.
    pub fn is_finished(&self) -> bool {
        self.at == self.works.len()
    }

    /// Does the next step of the first job that has one. `jobs`: the same as at first.
    ///
    /// # Errors
    /// Those of [`Job::step`].
    pub async fn step(&mut self, jobs: &mut [&mut dyn Job]) -> Result<Progress> {
        /// What the whole is said in.
        const TOTAL: usize = 1000;
        let done = || Progress { done: TOTAL, total: TOTAL, step: "done".into(), finished: true };
        let Some(job) = jobs.get_mut(self.at) else { return Ok(done()) };
        let progress = job.step().await?;
        let before: f64 = self.works[..self.at].iter().map(|work| work.done).sum();
        let part = progress.done as f64 / progress.total.max(1) as f64 * self.works[self.at].done;
        self.at += usize::from(progress.finished);
        if self.is_finished() {
            return Ok(Progress { step: progress.step, ..done() });
        }
        // Never all of it before the last job is.
        let share = (before + part) / self.work().done.max(1.0);
        let done = ((share * TOTAL as f64) as usize).min(TOTAL - 1);
        Ok(Progress { done, total: TOTAL, step: progress.step, finished: false })
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use pollster::block_on;

    use super::*;
    use crate::job::{Answer, Step, answer};

    struct Steps {
        done: usize,
        total: usize,
        flops: f64,
    }

    impl Job for Steps {
        fn cost(&self) -> Work {
            Work { needed: 2.0 * self.flops, done: self.flops }
        }

        fn step(&mut self) -> Step<'_> {
            Box::pin(async {
                self.done += 1;
                let Self { done, total, .. } = *self;
                Ok(Progress { done, total, step: format!("{done} of {total}"), finished: done == total })
            })
        }

        fn result(&self) -> Result<Option<Answer>> {
            Ok((self.done == self.total).then(|| answer(self.total)))
        }
    }

    #[test]
    fn each_jobs_share_is_that_of_its_work() {
        let mut first = Steps { done: 0, total: 1, flops: 30.0 };
        let mut second = Steps { done: 0, total: 2, flops: 70.0 };
        let mut turn = InTurn::new(&[&mut first, &mut second]);
        assert_eq!(turn.work(), Work { needed: 200.0, done: 100.0 });
        let mut seen = Vec::new();
        while !turn.is_finished() {
            let Progress { done, total, step, finished } =
                block_on(turn.step(&mut [&mut first, &mut second])).unwrap();
            assert_eq!((total, finished), (1000, turn.is_finished()));
            seen.push((done, step));
        }
        let step = |done, step: &str| (done, step.to_owned());
        assert_eq!(seen, [step(300, "1 of 1"), step(650, "1 of 2"), step(1000, "2 of 2")]);
        let again = block_on(turn.step(&mut [&mut first, &mut second])).unwrap();
        assert!(again.finished && second.done == 2);
    }
}
