//! What may pass is tried again, a bounded number of times.

use std::thread::sleep;
use std::time::{Duration, SystemTime};

use anyhow::{Result, anyhow};

/// Tries in a row that bring nothing.
const TRIES: u32 = 5;

/// The wait after the first of them; it doubles.
const FIRST_WAIT: Duration = Duration::from_millis(500);

/// More than a server may ask for.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// Why a try brought no whole file.
pub enum Failure {
    /// Worth another try.
    Passing {
        why: String,
        retry_after: Option<Duration>,
    },
    /// The server has no such file.
    Absent(anyhow::Error),
    Final(anyhow::Error),
}

impl Failure {
    pub fn passing(why: impl Into<String>) -> Self {
        Self::Passing { why: why.into(), retry_after: None }
    }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self::Final(error)
    }
}

/// Tries until it is done, fails for good, or brought nothing new for the last few times. `kept` is how many bytes are there;
/// `tell` hears why it is tried again. None where the server has no such file.
pub fn persist<T>(
    what: &str,
    tell: impl Fn(&str),
    kept: impl Fn() -> u64,
    mut attempt: impl FnMut() -> Result<T, Failure>,
) -> Result<Option<T>> {
    let (mut in_vain, mut most) = (0, kept());
    loop {
        let (why, retry_after) = match attempt() {
            Ok(done) => return Ok(Some(done)),
            Err(Failure::Absent(_)) => return Ok(None),
            Err(Failure::Final(error)) => return Err(error),
            Err(Failure::Passing { why, retry_after }) => (why, retry_after),
        };
        // Only what was never reached before counts: a server that always begins anew and breaks off at the same place must
        // not be asked for ever.
        in_vain = if kept() > most { 0 } else { in_vain + 1 };
        most = most.max(kept());
        let wait = wait(in_vain, retry_after).map_err(|end| {
            let kept = match kept() {
                0 => String::new(),
                bytes => format!(". {bytes} bytes are kept; the next try goes on from there"),
            };
            anyhow!("could not fetch {what}: {why} ({end}){kept}")
        })?;
        tell(&format!("{what}: {why}; trying again in {} s", wait.as_secs_f64()));
        sleep(wait);
    }
}

/// The time until the next try, or why there is none.
fn wait(in_vain: u32, asked: Option<Duration>) -> Result<Duration, String> {
    if in_vain >= TRIES {
        return Err(format!("tried {TRIES} times"));
    }
    let own = FIRST_WAIT * 2_u32.pow(in_vain.saturating_sub(1));
    match asked {
        Some(asked) if asked > LONGEST_WAIT => {
            Err(format!("the server asks to wait {}; try again then", in_words(asked)))
        }
        _ => Ok(own.max(asked.unwrap_or_default())),
    }
}

fn in_words(time: Duration) -> String {
    match time.as_secs() {
        seconds @ ..120 => format!("{seconds} s"),
        seconds @ 120..7200 => format!("{} min", seconds.div_ceil(60)),
        seconds @ 7200..172_800 => format!("{} h", seconds.div_ceil(3600)),
        seconds => format!("{} days", seconds.div_ceil(86_400)),
    }
}

/// What a Retry-After asks for: a number of seconds, or a date; one that has passed asks for nothing.
pub fn retry_after(text: &str, now: SystemTime) -> Option<Duration> {
    match text.trim().parse() {
        Ok(seconds) => Some(Duration::from_secs(seconds)),
        Err(_) => httpdate::parse_http_date(text.trim()).ok()?.duration_since(now).ok(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::{retry_after, wait};

    #[test]
    fn waits_double_and_end() {
        let waits: Vec<_> = (0..5).map(|in_vain| wait(in_vain, None).unwrap().as_millis()).collect();
        assert_eq!(waits, [500, 500, 1000, 2000, 4000]);
        assert_eq!(wait(5, None).unwrap_err(), "tried 5 times");
    }

    #[test]
    fn the_servers_wish_counts_up_to_a_minute() {
        let asked = |seconds| wait(1, Some(Duration::from_secs(seconds)));
        assert_eq!(asked(0), Ok(Duration::from_millis(500)));
        assert_eq!(asked(60), Ok(Duration::from_secs(60)));
        for (seconds, words) in
            [(61, "61 s"), (3600, "60 min"), (86_400, "24 h"), (u64::MAX, "213503982334602 days")]
        {
            assert_eq!(
                asked(seconds).unwrap_err(),
                format!("the server asks to wait {words}; try again then")
            );
        }
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now = UNIX_EPOCH + Duration::from_secs(784_111_777); // Sun, 06 Nov 1994 08:49:37 GMT
        assert_eq!(retry_after(" 7 ", now), Some(Duration::from_secs(7)));
        assert_eq!(retry_after("Sun, 06 Nov 1994 08:49:47 GMT", now), Some(Duration::from_secs(10)));
        for text in ["Sun, 06 Nov 1994 08:00:00 GMT", "", "-1", "1.5", "soon", "99999999999999999999"] {
            assert_eq!(retry_after(text, now), None, "{text}");
        }
    }
}
