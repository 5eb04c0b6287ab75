//! Tokens as figures and sentences name them. A token may be anybody's text: what cannot be seen in it, or would turn the
//! direction of what is read, is a sign.

use super::Groups;

/// With a sign for what would be nothing: "⏎" for a line break, "<0x14>" for a control character, `\u{202e}` for what turns the
/// writing direction. `www/text/tokens.ts` has the same signs.
pub fn shown(text: &str) -> String {
    if text.is_empty() {
        return "∅".into();
    }
    let sign = |c: char| match c {
        '\n' => "⏎".into(),
        '\t' => "⇥".into(),
        // Few fonts have Unicode's pictures of them.
        _ if c.is_control() => format!("<0x{:02X}>", u32::from(c)),
        _ if is_unseen(c) => c.escape_unicode().to_string(),
        _ => c.to_string(),
    };
    text.chars().map(sign).collect()
}

/// Controls, separators of lines, and marks of direction.
fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// In a sentence, with the space that is part of it: "“ Mary”".
pub fn quoted(text: &str) -> String {
    format!("“{}”", shown(text))
}

/// A row of tokens, and which of them have a role.
pub struct Tokens<'a> {
    pub texts: &'a [String],
    /// Names with their positions.
    pub roles: &'a [(String, usize)],
}

impl Tokens<'_> {
    /// For the places of an axis, each its own: "3 Mary".
    pub fn labels(&self) -> Vec<String> {
        let label = |(at, text): (usize, &String)| match shown(text).trim() {
            "" => format!("{at} ␣"),
            text => format!("{at} {text}"),
        };
        self.texts.iter().enumerate().map(label).collect()
    }

    /// The tokens by their roles, as a figure of them has it; nothing where none has any.
    pub fn groups(&self) -> Vec<Groups> {
        let mut labels = vec![String::new()];
        let mut place = |at| {
            let role = self.role(at).unwrap_or_default();
            labels.iter().position(|label| *label == role).unwrap_or_else(|| {
                labels.push(role);
                labels.len() - 1
            })
        };
        let of = (0..self.texts.len()).map(&mut place).collect();
        if labels.len() > 1 { vec![Groups { name: "role", labels, of }] } else { Vec::new() }
    }

    /// "S1", of two roles that meet in a token "S1 and NAME"; nothing where it has none.
    pub fn role(&self, at: usize) -> Option<String> {
        let here = self.roles.iter().filter(|(_, position)| *position == at);
        let names: Vec<&str> = here.map(|(name, _)| name.as_str()).collect();
        (!names.is_empty()).then(|| super::words::list(&names))
    }

    /// In a sentence, by what tells it apart: "“ Mary” (IO)", "“ the” (position 7)" where there are several, "“ to”".
    /// `more` is said of it in the same brackets.
    pub fn named(&self, at: usize, more: Option<String>) -> String {
        let text = &self.texts[at];
        let is_one = self.texts.iter().filter(|other| *other == text).count() == 1;
        let which = self.role(at).or_else(|| (!is_one).then(|| format!("position {at}")));
        let said: Vec<String> = which.into_iter().chain(more).collect();
        let quoted = quoted(text);
        if said.is_empty() { quoted } else { format!("{quoted} ({})", said.join(", ")) }
    }
}

#[cfg(test)]
mod tests {
    use super::{Tokens, shown};

    #[test]
    fn what_would_be_nothing_has_a_sign() {
        for (text, expected) in [
            (" Mary", " Mary"),
            ("", "∅"),
            ("\n\r\t", "⏎<0x0D>⇥"),
            ("\u{14} a\u{0}\u{1b}\u{7f}\u{85}", "<0x14> a<0x00><0x1B><0x7F><0x85>"),
            ("\u{202e}gnp.exe\u{2069}\u{2028}", "\\u{202e}gnp.exe\\u{2069}\\u{2028}"),
            ("東京 🗼�", "東京 🗼�"),
            ("<b>&", "<b>&"),
        ] {
            assert_eq!(shown(text), expected);
        }
    }

    #[test]
    fn every_token_can_be_told_from_the_others() {
        let texts = ["<|endoftext|>", "When", " Mary", " ", " Mary", "\n", "�", "�"].map(String::from);
        let roles = [("IO".to_owned(), 2), ("END".into(), 5), ("NEXT".into(), 5)];
        let tokens = Tokens { texts: &texts, roles: &roles };
        assert_eq!(
            tokens.labels(),
            ["0 <|endoftext|>", "1 When", "2 Mary", "3 ␣", "4 Mary", "5 ⏎", "6 �", "7 �"]
        );
        let [groups] = &tokens.groups()[..] else { panic!("roles") };
        assert_eq!(groups.labels, ["", "IO", "END and NEXT"]);
        assert_eq!(groups.of, [0, 0, 1, 0, 0, 2, 0, 0]);
        assert_eq!(Tokens { texts: &texts, roles: &[] }.groups(), []);
        let named = |at| tokens.named(at, None);
        assert_eq!(named(1), "“When”");
        assert_eq!(named(2), "“ Mary” (IO)");
        assert_eq!(named(4), "“ Mary” (position 4)");
        assert_eq!(named(5), "“⏎” (END and NEXT)");
        assert_eq!(tokens.named(2, Some("0.83".into())), "“ Mary” (IO, 0.83)");
        assert_eq!(tokens.named(1, Some("0.83".into())), "“When” (0.83)");
    }
}
