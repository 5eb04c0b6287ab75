use indicatif::{ProgressBar, ProgressStyle};
use patchbay::job::Job;

use super::shown::{say, visible};

/// A bar on stderr; there is none where stderr is not a terminal.
pub fn bar(length: Option<u64>, template: &str) -> ProgressBar {
    let style = ProgressStyle::with_template(template).expect("the template is valid");
    length.map_or_else(ProgressBar::no_length, ProgressBar::new).with_style(style)
}

/// The bar of a file that comes from somewhere.
pub fn download_bar(name: &str) -> ProgressBar {
    let bar = bar(None, "{wide_bar} {bytes}/{total_bytes} {bytes_per_sec} {eta} {msg}");
    bar.set_message(visible(name).into_owned());
    bar
}

/// A line above the bar, and where there is no bar too.
pub fn say_above(bar: &ProgressBar, line: &str) {
    bar.suspend(|| say(line));
}

/// Pulls all steps of a job, with a bar.
pub fn pull(job: &mut dyn Job) -> patchbay::Result<()> {
    let bar = bar(Some(0), "{wide_bar} {percent}% {eta} {msg}");
    loop {
        let progress = pollster::block_on(job.step())?;
        bar.set_length(progress.total as u64);
        bar.set_position(progress.done as u64);
        bar.set_message(progress.step);
        if progress.finished {
            bar.finish_and_clear();
            return Ok(());
        }
    }
}
