//! Numbers and lists as sentences and tables have them. The minus sign is the one of the keyboard, since figures are
//! copied into code.

use crate::frame::{Interval, Together};

/// What stands where there is no number, or where one would say nothing.
pub const NONE: &str = "–";

/// With so many decimals; what is rounded to nothing has no sign.
pub fn rounded(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    match text.strip_prefix('-') {
        Some(size) if !size.contains(|digit: char| ('1'..='9').contains(&digit)) => size.to_owned(),
        _ => text,
    }
}

/// The same of a change, whose sign is said.
pub fn signed(value: f64, decimals: usize) -> String {
    let text = rounded(value, decimals);
    let nothing = !text.contains(|digit: char| ('1'..='9').contains(&digit));
    if value > 0.0 && !nothing { format!("+{text}") } else { text }
}

/// In a sentence, with three digits or so: "3.29", "0.341", "12.3", "1,234", "2.0e-5".
pub fn number(value: f64) -> String {
    let size = value.abs();
    if size != 0.0 && size < 0.000_95 {
        return format!("{value:.1e}");
    }
    match decimals(size) {
        0 => {
            let whole = value.round();
            format!("{}{}", if whole < 0.0 { "-" } else { "" }, count(whole.abs() as usize))
        }
        decimals => rounded(value, decimals),
    }
}

/// The same of a change: "+0.341", "-3.29".
pub fn signed_number(value: f64) -> String {
    format!("{}{}", if value > 0.0 { "+" } else { "" }, number(value))
}

/// How many decimals make three digits of a size, and no more than four.
fn decimals(size: f64) -> usize {
    [99.95, 9.995, 0.9995, 0.0995].iter().position(|&least| size >= least).unwrap_or(if size == 0.0 {
        0
    } else {
        4
    })
}

/// "[2.924, 3.658]"
pub fn interval(interval: Option<Interval>, decimals: usize) -> String {
    interval.map_or_else(
        || NONE.to_owned(),
        |it| format!("[{}, {}]", rounded(it.low, decimals), rounded(it.high, decimals)),
    )
}

/// In a sentence: "95% CI [2.92, 3.66]".
pub fn confidence(interval: Interval) -> String {
    format!("95% CI [{}, {}]", number(interval.low), number(interval.high))
}

/// In a sentence: "90%", "8.6%"; and "99.6%", which is not all.
pub fn percent(value: f64) -> String {
    let size = value.abs();
    let is_nearly_all = size.round() == 100.0 && (size - 100.0).abs() >= 0.05;
    let decimals = usize::from(value != 0.0 && (size < 9.95 || is_nearly_all));
    format!("{}%", rounded(value, decimals))
}

/// A change, in a table: "-10.4%", "+3.1%", "0.0%".
pub fn signed_percent(value: Option<f64>) -> String {
    value.map_or_else(|| NONE.to_owned(), |value| format!("{}%", signed(value, 1)))
}

/// "10,000"
pub fn count(count: usize) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// "1st", "12th", "1,003rd".
pub fn ordinal(number: usize) -> String {
    let ending = match (number % 10, number % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{}{ending}", count(number))
}

/// In a sentence: "eleven", "13".
pub fn in_words(number: usize) -> String {
    const WORDS: [&str; 13] = [
        "none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
        "twelve",
    ];
    WORDS.get(number).map_or_else(|| count(number), |&word| word.to_owned())
}

/// "1 prompt", "150 prompts".
pub fn counted(number: usize, one: &str) -> String {
    format!("{} {one}{}", count(number), if number == 1 { "" } else { "s" })
}

/// "a", "a and b", "a, b and c".
pub fn list<S: AsRef<str>>(items: &[S]) -> String {
    let items: Vec<&str> = items.iter().map(AsRef::as_ref).collect();
    match items.split_last() {
        None => String::new(),
        Some((last, [])) => (*last).to_owned(),
        Some((last, before)) => format!("{} and {last}", before.join(", ")),
    }
}

/// With a capital letter, as a sentence begins.
pub fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().collect::<String>() + letters.as_str())
}

/// One of what is drawn for an interval, and several.
pub fn drawn(together: &Together) -> [&'static str; 2] {
    match together {
        Together::Neighbours(1) => ["prompt", "prompts"],
        Together::Neighbours(_) => ["pair of prompts", "pairs of prompts"],
        Together::Alike(_) => ["prompt that is only repeated", "groups of prompts"],
    }
}

/// What has to be known of the number of prompts: that they are few, so that intervals are rough or there are none.
pub fn few_for_intervals(prompts: usize, together: &Together) -> Option<String> {
    let of_intervals = if together.groups(prompts) > 1 {
        "Their intervals are rough.".to_owned()
    } else {
        let [one, _] = drawn(together);
        format!("One {one} has no confidence interval: give more prompts.")
    };
    few(prompts, together).map(|few| format!("{few} {of_intervals}"))
}

/// What has to be said where there are few independent prompts.
pub fn few(prompts: usize, together: &Together) -> Option<String> {
    const FEW: usize = 20;
    let independent = together.groups(prompts);
    let counts = match together {
        Together::Neighbours(1) => String::new(),
        Together::Neighbours(_) => format!(" in {}, each of which counts once", counted(independent, "pair")),
        Together::Alike(_) => format!(
            ", which count as {}, since one that is repeated, or has its two names or its two runs exchanged, counts once",
            count(independent)
        ),
    };
    (independent < FEW).then(|| {
        format!(
            "These are few prompts: {}{counts}. What so few show may be due to which they are.",
            count(prompts)
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_about_three_digits() {
        for (value, expected) in [
            (3.287_4, "3.29"),
            (-0.341_2, "-0.341"),
            (0.034_12, "0.0341"),
            (0.001, "0.0010"),
            (0.000_02, "2.0e-5"),
            (-0.000_94, "-9.4e-4"),
            (0.999_6, "1.00"),
            (9.996, "10.0"),
            (12.34, "12.3"),
            (99.96, "100"),
            (-1234.5, "-1,235"),
            (0.0, "0"),
            (-0.0, "0"),
        ] {
            assert_eq!(number(value), expected);
        }
        assert_eq!([0.3412, -2e-5, 0.0].map(signed_number), ["+0.341", "-2.0e-5", "0"]);
    }

    #[test]
    fn what_is_rounded_to_nothing_has_no_sign() {
        assert_eq!([rounded(-0.004, 2), rounded(-0.006, 2), rounded(2.0, 0)], ["0.00", "-0.01", "2"]);
        assert_eq!([signed(0.004, 2), signed(0.006, 2), signed(-1.0, 1)], ["0.00", "+0.01", "-1.0"]);
        assert_eq!(
            [90.4, 8.61, 0.0, -103.0, 99.6, 99.99].map(percent),
            ["90%", "8.6%", "0%", "-103%", "99.6%", "100%"]
        );
        assert_eq!(
            [Some(-10.38), Some(3.1), Some(-0.04), None].map(signed_percent),
            ["-10.4%", "+3.1%", "0.0%", "–"]
        );
        assert_eq!(interval(Some(Interval { low: -0.0001, high: 1.5 }), 3), "[0.000, 1.500]");
        assert_eq!(interval(None, 3), "–");
    }

    #[test]
    fn counts_and_lists_are_read_with_ease() {
        assert_eq!([0, 999, 1000, 1_234_567].map(count), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!(
            [1, 2, 3, 4, 11, 12, 13, 21, 111, 1003].map(ordinal),
            ["1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "111th", "1,003rd"]
        );
        assert_eq!([0, 11, 13].map(in_words), ["none", "eleven", "13"]);
        assert_eq!([counted(1, "prompt"), counted(150, "prompt")], ["1 prompt", "150 prompts"]);
        assert_eq!(list::<&str>(&[]), "");
        assert_eq!([list(&["a"]), list(&["a", "b"]), list(&["a", "b", "c"])], ["a", "a and b", "a, b and c"]);
    }

    #[test]
    fn pairs_count_once_among_few() {
        let few = |prompts, together: usize| few(prompts, &together.into());
        assert_eq!([few(20, 1), few(40, 2), few(39, 2)], [None, None, None]);
        assert!(few(19, 1).unwrap().starts_with("These are few prompts: 19. "));
        assert!(
            few(38, 2)
                .unwrap()
                .starts_with("These are few prompts: 38 in 19 pairs, each of which counts once. ")
        );
        assert!(few(1, 1).is_some());
    }

    #[test]
    fn repetitions_count_once_among_few() {
        let of = |independent: usize| few(40, &Together::alike((0..40).map(|i| i % independent)));
        assert_eq!(of(20), None);
        assert_eq!(
            of(19).unwrap(),
            "These are few prompts: 40, which count as 19, since one that is repeated, or has its two names or its two runs exchanged, counts once. What so few show may be due to which they are."
        );
    }
}
