//! Where a model is fetched from, and what its files must be.

use patchbay::hub::{self, gpt2_small};
use patchbay::{Error, Result};
use ureq::http::Uri;

/// A model in the hub's layout.
#[derive(Debug)]
pub struct Source {
    scheme: String,
    authority: String,
    /// Without a slash at its end.
    path: String,
    /// With its question mark, or empty. It goes with every file: signed URLs have one.
    query: String,
    pub pin: Option<Pin>,
}

/// What model.safetensors must be.
#[derive(Debug, Clone, PartialEq)]
pub struct Pin {
    pub size: Option<u64>,
    pub sha256: String,
    /// The same of the other files, where it is known.
    pub small: Option<hub::SmallFiles>,
}

impl Source {
    /// # Errors
    /// [`Error::BadInput`] if the model is neither the hub's nor a base URL, or the hash is not the hub's.
    pub fn parse(model: &str, sha256: Option<&str>) -> Result<Self> {
        let known = gpt2_small();
        let mut source = Self::from_url(if model == known.id { &known.base } else { model })?;
        // By its address, so that whoever gives that gets the same checks.
        if source.url("") != known.base {
            source.pin = sha256.map(|sha256| Pin { size: None, sha256: sha256.to_owned(), small: None });
            return Ok(source);
        }
        let hub::Weights { size, sha256: expected } = known.weights;
        if let Some(other) = sha256.filter(|sha256| **sha256 != expected) {
            return Err(Error::input(
                "sha256",
                format!("--sha256: expected {expected} for {model}, found {other}; leave it out"),
            ));
        }
        source.pin = Some(Pin { size: Some(size), sha256: expected, small: Some(known.small) });
        Ok(source)
    }

    fn from_url(text: &str) -> Result<Self> {
        let url: Option<Uri> = text.parse().ok();
        let parts = url.as_ref().and_then(|url| Some((url, url.scheme_str()?, url.authority()?.as_str())));
        match parts {
            // It would be shown and stored with the URL.
            Some((_, _, authority)) if authority.contains('@') => {
                Err(Error::input("model", "expected a base URL without user name and password"))
            }
            Some((url, scheme @ ("http" | "https"), authority)) => Ok(Self {
                scheme: scheme.to_owned(),
                authority: authority.to_owned(),
                path: url.path().trim_end_matches('/').to_owned(),
                query: url.query().map_or_else(String::new, |query| format!("?{query}")),
                pin: None,
            }),
            _ => Err(Error::input(
                "model",
                format!(
                    "expected {} or a base URL that starts with https:// or http://, found \"{text}\"",
                    gpt2_small().id
                ),
            )),
        }
    }

    /// The address of one of the model's files.
    pub fn url(&self, name: &str) -> String {
        let Self { scheme, authority, path, query, .. } = self;
        format!("{scheme}://{authority}{path}/{name}{query}")
    }

    pub fn is_https(&self) -> bool {
        self.scheme == "https"
    }
}

#[cfg(test)]
mod tests {
    use super::{Pin, Source};

    fn url(base: &str) -> String {
        Source::parse(base, None).unwrap().url("config.json")
    }

    #[test]
    fn a_base_may_end_in_a_slash_and_keeps_its_query() {
        assert_eq!(url("http://localhost:1"), "http://localhost:1/config.json");
        assert_eq!(url("https://a.org/m/tiny"), "https://a.org/m/tiny/config.json");
        assert_eq!(url("https://a.org/m/tiny/?sig=a/b#top"), "https://a.org/m/tiny/config.json?sig=a/b");
    }

    #[test]
    fn the_hubs_model_is_pinned() {
        let source = Source::parse("openai-community/gpt2", None).unwrap();
        assert!(
            source.url("config.json").starts_with("https://huggingface.co/openai-community/gpt2/resolve/")
        );
        assert_eq!(Source::parse(&source.url(""), None).unwrap().pin, source.pin, "by its address");
        let pin = source.pin.unwrap();
        assert!(pin.size.is_some() && pin.small.is_some());
        assert!(Source::parse("openai-community/gpt2", Some(&pin.sha256)).is_ok());
        assert!(Source::parse("openai-community/gpt2", Some(&"0".repeat(64))).is_err());
    }

    #[test]
    fn any_model_can_be_pinned() {
        let pin = Source::parse("http://localhost/", Some("ab")).unwrap().pin;
        assert_eq!(pin, Some(Pin { size: None, sha256: "ab".to_owned(), small: None }));
    }

    #[test]
    fn what_is_no_model_is_refused() {
        for text in
            ["", "gpt2", "openai-community/gpt2-xl", "ftp://a.org/", "https://", "/home/me", "http://a b/"]
        {
            let error = Source::parse(text, None).unwrap_err().to_string();
            assert!(error.starts_with("expected openai-community/gpt2 or a base URL"), "{text}: {error}");
        }
        let error = Source::parse("https://me:secret@a.org/", None).unwrap_err().to_string();
        assert!(error.contains("without user name and password") && !error.contains("secret"), "{error}");
    }
}
