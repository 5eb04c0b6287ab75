use indicatif::{ProgressBar, ProgressStyle};

/// A bar on stderr; there is none where stderr is not a terminal.
pub fn bar(length: Option<u64>, template: &str) -> ProgressBar {
    let style = ProgressStyle::with_template(template).expect("the template is valid");
    length.map_or_else(ProgressBar::no_length, ProgressBar::new).with_style(style)
}

/// A line above the bar, and where there is no bar too.
pub fn say(bar: &ProgressBar, line: &str) {
    bar.suspend(|| eprintln!("patchbay: {line}"));
}
