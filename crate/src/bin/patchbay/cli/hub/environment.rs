//! The variables that the hub's own tools read.

use std::env;
use std::fs;
use std::path::PathBuf;

use patchbay::{Error, Result};

pub struct Environment {
    /// Where the hub is, without a slash at its end.
    pub endpoint: String,
    /// The cache folder.
    pub cache: Option<PathBuf>,
    /// Never printed.
    pub token: Option<String>,
    /// No network.
    pub offline: bool,
}

impl Environment {
    /// # Errors
    /// [`Error::BadInput`] if a variable cannot be right.
    pub fn read() -> Result<Self> {
        Self::of(|name| env::var(name).ok(), env::home_dir())
    }

    fn of(variable: impl Fn(&str) -> Option<String>, home: Option<PathBuf>) -> Result<Self> {
        let text =
            |name: &str| variable(name).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        let path = |name: &str| {
            let text = text(name)?;
            match (text.strip_prefix("~/"), &home) {
                (Some(rest), Some(home)) => Some(home.join(rest)),
                _ => Some(PathBuf::from(text)),
            }
        };
        let is_true = |name: &str| {
            text(name).is_some_and(|text| ["1", "on", "yes", "true"].contains(&text.to_lowercase().as_str()))
        };
        let caches = || path("XDG_CACHE_HOME").or_else(|| Some(home.as_ref()?.join(".cache")));
        let hf_home = path("HF_HOME").or_else(|| Some(caches()?.join("huggingface")));
        let in_file = || {
            let file = path("HF_TOKEN_PATH").or_else(|| Some(hf_home.as_ref()?.join("token")))?;
            file.is_file().then(|| fs::read_to_string(file).ok()).flatten()
        };
        let token = text("HF_TOKEN").or_else(in_file).map(|token| token.trim().to_owned());
        let token = token.filter(|token| !token.is_empty() && !is_true("HF_HUB_DISABLE_IMPLICIT_TOKEN"));
        if token.as_ref().is_some_and(|token| !token.chars().all(|c| c.is_ascii_graphic())) {
            return Err(Error::input(
                "model",
                "HF_TOKEN, or the token's file, is no token: expected letters and digits only",
            ));
        }
        let endpoint = text("HF_ENDPOINT").unwrap_or_else(|| "https://huggingface.co".to_owned());
        let host = endpoint.strip_prefix("https://").or_else(|| endpoint.strip_prefix("http://"));
        if host.is_none_or(|host| host.is_empty() || host.contains(['@', '?', '#', ' '])) {
            let message =
                "HF_ENDPOINT: expected an address as https://huggingface.co, without user name and password";
            return Err(Error::input("model", message));
        }
        Ok(Self {
            endpoint: endpoint.trim_end_matches('/').to_owned(),
            cache: path("HF_HUB_CACHE")
                .or_else(|| path("HUGGINGFACE_HUB_CACHE"))
                .or_else(|| Some(hf_home.as_ref()?.join("hub"))),
            token,
            offline: is_true("HF_HUB_OFFLINE") || is_true("TRANSFORMERS_OFFLINE"),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::Environment;

    fn with(variables: &[(&str, &str)]) -> patchbay::Result<Environment> {
        let of = |name: &str| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        };
        Environment::of(of, Some(PathBuf::from("/none/home")))
    }

    #[test]
    fn the_cache_is_where_the_other_tools_look() {
        let cache = |variables: &[(&str, &str)]| with(variables).unwrap().cache.unwrap();
        let (home, xdg) = (("HF_HOME", "/h"), ("XDG_CACHE_HOME", "/x"));
        assert_eq!(cache(&[]), Path::new("/none/home/.cache/huggingface/hub"));
        assert_eq!(cache(&[xdg]), Path::new("/x/huggingface/hub"));
        assert_eq!(cache(&[xdg, home]), Path::new("/h/hub"));
        assert_eq!(cache(&[("HF_HOME", "~/h")]), Path::new("/none/home/h/hub"));
        assert_eq!(cache(&[home, ("HUGGINGFACE_HUB_CACHE", "/o")]), Path::new("/o"));
        assert_eq!(cache(&[home, ("HUGGINGFACE_HUB_CACHE", "/o"), ("HF_HUB_CACHE", "/c")]), Path::new("/c"));
    }

    #[test]
    fn endpoint_token_and_offline_are_read() {
        let usual = with(&[("HF_TOKEN", "  "), ("HF_HUB_OFFLINE", "0")]).unwrap();
        assert_eq!(
            (usual.endpoint.as_str(), usual.token, usual.offline),
            ("https://huggingface.co", None, false)
        );
        let other =
            with(&[("HF_ENDPOINT", "http://h:1/"), ("HF_TOKEN", " hf_a\n"), ("HF_HUB_OFFLINE", "YES")])
                .unwrap();
        assert_eq!(
            (other.endpoint.as_str(), other.token.as_deref(), other.offline),
            ("http://h:1", Some("hf_a"), true)
        );
        let kept_back = with(&[("HF_TOKEN", "hf_a"), ("HF_HUB_DISABLE_IMPLICIT_TOKEN", "1")]).unwrap();
        assert_eq!(kept_back.token, None);
    }

    #[test]
    fn what_cannot_be_right_is_refused_without_being_shown() {
        for variables in
            [("HF_TOKEN", "se\u{1b}cret"), ("HF_ENDPOINT", "https://me:secret@h"), ("HF_ENDPOINT", "secret")]
        {
            let error = with(&[variables]).err().unwrap().to_string();
            assert!(!error.contains("secret") && !error.contains("cret"), "{error}");
        }
    }
}
