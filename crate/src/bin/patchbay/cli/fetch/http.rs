//! One GET: what its answer says of the file, and which failures may pass.

use std::io::{self, Read};
use std::time::{Duration, SystemTime};

use anyhow::anyhow;
use serde::{Deserialize, Serialize};
use ureq::http::{HeaderMap, StatusCode, header};
use ureq::{Agent, BodyReader, Timeout};

use super::retry::{Failure, retry_after};

/// The longest silence: no connection, or no byte.
const PATIENCE: Duration = Duration::from_secs(30);

pub struct Client(Agent);

/// A file as a server describes it: a download goes on only if it is still this one.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Version {
    pub etag: Option<String>,
    pub last_modified: Option<String>,
    /// Bytes of the whole file.
    pub total: Option<u64>,
}

pub struct Answer {
    /// 200, or for a range also 206 and 416.
    pub status: StatusCode,
    pub version: Version,
    /// The place of its first byte in the file.
    pub first: u64,
    body: BodyReader<'static>,
}

impl Client {
    /// With `secure`, a redirect to http:// is refused.
    pub fn new(secure: bool) -> Self {
        let config = Agent::config_builder()
            .https_only(secure)
            .http_status_as_error(false)
            .user_agent(concat!("patchbay/", env!("CARGO_PKG_VERSION")))
            // Ranges count the bytes of the file only where nothing is compressed.
            .accept_encoding("identity")
            .timeout_resolve(Some(PATIENCE))
            .timeout_connect(Some(PATIENCE))
            .timeout_per_read(Some(PATIENCE))
            .timeout_per_write(Some(PATIENCE));
        Self(config.build().into())
    }

    /// Asks for a file, or what of it begins at `from` if it is still that version.
    pub fn get(&self, url: &str, from: Option<(u64, &str)>) -> Result<Answer, Failure> {
        let mut request = self.0.get(url);
        if let Some((first, version)) = from {
            request = request.header(header::RANGE, format!("bytes={first}-"));
            request = request.header(header::IF_RANGE, version);
        }
        let response = request.call().map_err(|error| no_answer(url, error))?;
        let (parts, body) = response.into_parts();
        let (status, headers) = (parts.status, parts.headers);
        match status.as_u16() {
            200 => {}
            206 | 416 if from.is_some() => {}
            408 | 429 | 500 | 502 | 503 | 504 => {
                let retry_after =
                    text(&headers, header::RETRY_AFTER).and_then(|text| retry_after(text, SystemTime::now()));
                return Err(Failure::Passing { why: format!("HTTP {status}"), retry_after, kept: 0 });
            }
            _ => {
                return Err(Failure::Final(anyhow!(
                    "expected a file at {url}, found HTTP {status}; the base URL must hold config.json, tokenizer.json and model.safetensors"
                )));
            }
        }
        let (first, total) = match text(&headers, header::CONTENT_RANGE).and_then(content_range) {
            Some((first, total)) if status == StatusCode::PARTIAL_CONTENT => (first, total),
            _ => (0, text(&headers, header::CONTENT_LENGTH).and_then(|text| text.parse().ok())),
        };
        let version = Version {
            etag: text(&headers, header::ETAG).map(str::to_owned),
            last_modified: dated(&headers).map(str::to_owned),
            total,
        };
        Ok(Answer { status, version, first, body: body.into_reader() })
    }
}

impl Version {
    /// What If-Range takes: it must tell apart any two versions, byte by byte, which a weak ETag does not.
    pub fn validator(&self) -> Option<&str> {
        self.etag.as_deref().filter(|etag| !etag.starts_with("W/")).or(self.last_modified.as_deref())
    }

    /// Whether nothing that is known of both tells them apart.
    pub fn may_be(&self, other: &Self) -> bool {
        fn agree<T: PartialEq>(one: Option<&T>, other: Option<&T>) -> bool {
            one.is_none() || other.is_none() || one == other
        }
        agree(self.etag.as_ref(), other.etag.as_ref())
            && agree(self.last_modified.as_ref(), other.last_modified.as_ref())
            && agree(self.total.as_ref(), other.total.as_ref())
    }
}

impl Answer {
    /// The next bytes; none at the end.
    pub fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Failure> {
        loop {
            match self.body.read(buffer) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => return read.map_err(|error| Failure::passing(words(error.into()))),
            }
        }
    }
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

/// The time of the last change, if that is a second ago: within one second there may be two.
fn dated(headers: &HeaderMap) -> Option<&str> {
    let modified = text(headers, header::LAST_MODIFIED)?;
    let now = httpdate::parse_http_date(text(headers, header::DATE)?).ok()?;
    let age = now.duration_since(httpdate::parse_http_date(modified).ok()?).ok()?;
    (age >= Duration::from_secs(1)).then_some(modified)
}

/// The first byte and the size of the whole file, from `bytes 5-9/10`.
fn content_range(text: &str) -> Option<(u64, Option<u64>)> {
    let (range, total) = text.strip_prefix("bytes ")?.split_once('/')?;
    Some((range.split_once('-')?.0.parse().ok()?, total.parse().ok()))
}

fn no_answer(url: &str, error: ureq::Error) -> Failure {
    use ureq::Error;
    match error {
        // A certificate that is refused comes as invalid data.
        Error::Io(error) if error.kind() == io::ErrorKind::InvalidData => {
            Failure::Final(anyhow!("cannot connect to {url}: {error}"))
        }
        Error::Io(_)
        | Error::Timeout(_)
        | Error::HostNotFound
        | Error::ConnectionFailed
        | Error::ConnectProxyFailed(_)
        | Error::Protocol(_) => Failure::passing(words(error)),
        Error::RequireHttpsOnly(target) => {
            Failure::Final(anyhow!("expected an answer over https from {url}, found a redirect to {target}"))
        }
        other => Failure::Final(anyhow!("cannot fetch {url}: {other}")),
    }
}

fn words(error: ureq::Error) -> String {
    match error {
        ureq::Error::Io(error) => error.to_string(),
        ureq::Error::Timeout(Timeout::PerRead) => format!("no byte for {} s", PATIENCE.as_secs()),
        ureq::Error::Timeout(Timeout::Connect) => format!("no connection for {} s", PATIENCE.as_secs()),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use ureq::http::{HeaderMap, header};

    use super::{Version, content_range, dated};

    #[test]
    fn a_content_range_is_its_first_byte_and_the_size() {
        assert_eq!(content_range("bytes 5-9/10"), Some((5, Some(10))));
        assert_eq!(content_range("bytes 5-9/*"), Some((5, None)));
        for text in ["", "bytes */10", "bytes 5/10", "lines 5-9/10", "bytes -5-9/10"] {
            assert_eq!(content_range(text), None, "{text}");
        }
    }

    fn version(etag: &str, last_modified: Option<&str>) -> Version {
        let owned = |text: &str| Some(text.to_owned());
        Version { etag: owned(etag), last_modified: last_modified.and_then(owned), total: Some(9) }
    }

    #[test]
    fn a_weak_etag_guards_nothing() {
        assert_eq!(version("\"a\"", Some("then")).validator(), Some("\"a\""));
        assert_eq!(version("W/\"a\"", Some("then")).validator(), Some("then"));
        assert_eq!(version("W/\"a\"", None).validator(), None);
    }

    #[test]
    fn versions_differ_in_what_both_say() {
        let one = version("\"a\"", None);
        assert!(one.may_be(&version("\"a\"", Some("then"))));
        assert!(one.may_be(&Version::default()));
        assert!(!one.may_be(&version("\"b\"", None)));
        assert!(!one.may_be(&Version { total: Some(8), ..one.clone() }));
    }

    #[test]
    fn a_change_within_the_second_has_no_date() {
        let headers = |modified: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::DATE, "Sun, 06 Nov 1994 08:49:37 GMT".parse().unwrap());
            headers.insert(header::LAST_MODIFIED, modified.parse().unwrap());
            headers
        };
        let before = "Sun, 06 Nov 1994 08:49:36 GMT";
        assert_eq!(dated(&headers(before)), Some(before));
        assert_eq!(dated(&headers("Sun, 06 Nov 1994 08:49:37 GMT")), None);
        assert_eq!(dated(&HeaderMap::new()), None);
    }
}
