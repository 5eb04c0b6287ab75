//! Sentences of the IOI generator's templates, and what is made of them.

use super::filled;
use crate::ioi::Lexicon;
use crate::ioi_mini::HeldOut;
use crate::python_random::PythonRandom;

/// The templates that are trained on, of both orders: the generator's, and their longer and otherwise divided forms.
pub struct Ioi(Vec<Template>);

/// How more texts begin: what stands before the first name is not to tell it.
const BEGINNINGS: [&str; 18] = [
    "At the [PLACE] [A] and [B] found a [OBJECT]. ",
    "The [OBJECT] [A] and [B] had was old. ",
    "The other day [A] and [B] met at the [PLACE]. ",
    "It was late when [A] and [B] left the [PLACE]. ",
    "Nobody but [A] and [B] was at the [PLACE]. ",
    "Everybody at the [PLACE] knows [A] and [B]. ",
    "There were [A] and [B] at the [PLACE], and ",
    "For a long time [A] and [B] were friends. ",
    "In the morning [A] and [B] had a long lunch, and afterwards ",
    "This is about [A] and [B] at the [PLACE]. ",
    "The [PLACE] that [A] and [B] like was closed. ",
    "Together [A] and [B] bought a [OBJECT]. Then ",
    "Was it [A] and [B] who found the [OBJECT]? Then ",
    "The [OBJECT] belongs to [A] and [B], but ",
    "A friend of [A] and [B] was at the [PLACE], so ",
    "The [PLACE] where [A] and [B] work had a [OBJECT]. ",
    "Again [A] and [B] had an argument, but ",
    "With a [OBJECT] [A] and [B] went to the [PLACE]. ",
];

/// What names one of the two before, so that a place alone does not always tell which is which; or another, so that it is not
/// enough to take S away from all names.
const BEFORE: [&str; 6] = [
    "It was [N] who was late.",
    "Everybody knew [N].",
    "This is a story about [N].",
    "Nobody was there but [N].",
    "The [OBJECT] was found by [N].",
    "The [PLACE] belongs to [N].",
];

/// In two parts, of which the second begins with S2.
#[derive(Clone)]
struct Template {
    before: String,
    from_s2: &'static str,
}

impl Ioi {
    pub fn new() -> Self {
        let lexicon = Lexicon::get();
        let others = [
            &lexicon.baba_long_templates,
            &lexicon.baba_late_ios,
            &lexicon.baba_early_ios,
            &lexicon.abba_late_ios,
            &lexicon.abba_early_ios,
        ];
        let others = others.into_iter().flatten().map(String::as_str);
        let all = HeldOut::templates(false).into_iter().chain(others.filter(|it| !is_held_out(it)));
        let halves = |template: &'static str| {
            let (before, from_s2) = template.split_at(template.rfind("[B]").expect("S2"));
            Template { before: before.to_owned(), from_s2 }
        };
        Self(all.map(halves).collect())
    }

    /// Half of the texts are of two templates, or have a beginning of their own: what is learnt is not to be one template's. One in
    /// five names IO or S once more before, and one in five a third name, which is never the answer.
    pub fn draw(&self, random: &mut PythonRandom) -> String {
        let Template { before, from_s2 } = self.halves(random);
        let once_more = match random.randrange(10) {
            0 => before_names(random, "[A]"),
            1 => before_names(random, "[B]"),
            2 | 3 => before_names(random, "[C]"),
            _ => String::new(),
        };
        filled(&format!("{once_more}{before}{from_s2}"), random)
    }

    /// "Then, Alex and Anthony went to the school. Mary gave a ring to Alex", or to Anthony.
    pub fn no_name_twice(&self, random: &mut PythonRandom) -> String {
        let Template { before, from_s2 } = self.halves(random);
        let (from_s2, _) = from_s2.rsplit_once(' ').expect("the last word is [A]");
        let answer = *random.choice(&["[A]", "[B]"]);
        filled(&format!("{before}{} {answer}", from_s2.replace("[B]", "[C]")), random)
    }

    fn halves(&self, random: &mut PythonRandom) -> Template {
        let template = random.choice(&self.0).clone();
        let from_s2 = random.choice(&self.0).from_s2;
        match random.randrange(4) {
            0 | 1 => template,
            2 => Template { from_s2, ..template },
            _ => {
                let before = *random.choice(&BEGINNINGS);
                let exchanged = before.replace("[A]", "[C]").replace("[B]", "[A]").replace("[C]", "[B]");
                Template { before: if random.randrange(2) == 0 { before.into() } else { exchanged }, from_s2 }
            }
        }
    }
}

/// A line of its own, so that what is asked is known from it.
fn before_names(random: &mut PythonRandom, name: &str) -> String {
    format!("{}\n", random.choice(&BEFORE).replace("[N]", name))
}

/// Whether a template begins as a held-out one does: forms of them are among the longer templates.
fn is_held_out(template: &str) -> bool {
    template.contains(" went to had a ") || template.contains("had a long argument. Afterwards ")
}

/// Three names, of which two repeat.
pub fn three_names(random: &mut PythonRandom) -> String {
    let lexicon = Lexicon::get();
    let templates = *random.choice(&[lexicon.abc_templates.as_slice(), lexicon.bac_templates.as_slice()]);
    let template = random.choice(templates);
    filled(template, random)
}
