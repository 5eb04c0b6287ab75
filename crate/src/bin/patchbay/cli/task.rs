use std::io::Write;

use anyhow::Result;
use patchbay::frame::csv_line;
use patchbay::model::Gpt2Config;
use patchbay::task::{Example, Examples, TaskSpec};
use patchbay::tokenizer::Tokenizer;
use serde_json::{Value, json};

use super::opened::Opened;
use super::options::ExamplesOptions;
use super::shown::{print_json, tables, visible};

/// Prints a task's examples, as the model reads them: up to END.
pub fn task(options: &ExamplesOptions) -> Result<()> {
    let (mut spec, mut own) = options.task.spec()?;
    spec.check()?;
    let opened = Opened::new(options.model.as_deref())?;
    let (config, tokenizer) = opened.small()?;
    let config = Gpt2Config::from_json(config)?;
    let (tokenizer, notes) = Tokenizer::from_json(&tokenizer)?.of_model(&config);
    opened.tell(&notes);
    own.fit(&mut spec, &tokenizer, config.n_ctx)?;
    own.tell();
    let examples = spec.examples(&tokenizer, config.n_ctx)?;
    let texts = Texts::of(&spec, &examples, &tokenizer)?;
    if options.json {
        let mut object = texts.json(&examples);
        object["spec"] = json!(spec);
        object["model"] = json!(opened.name);
        if !own.left_out.is_empty() {
            object["left_out"] = json!(own.left_out);
        }
        return print_json(object);
    }
    let mut out = tables();
    if options.csv { texts.print_csv(&mut out, &examples) } else { texts.print(&mut out, &examples) }
}

/// What tokens stand for, example by example.
struct Texts {
    clean: Vec<String>,
    corrupted: Vec<String>,
    answers: Vec<Vec<String>>,
    wrong_answers: Vec<Vec<String>>,
}

impl Texts {
    /// Prompts without the token that they begin with.
    fn of(spec: &TaskSpec, examples: &Examples, tokenizer: &Tokenizer) -> Result<Self> {
        let begin = usize::from(spec.prepend_bos());
        let prompts = |tokens: fn(&Example) -> &[u32]| {
            let text = |example| tokenizer.decode(&tokens(example)[begin..]);
            examples.examples.iter().map(text).collect::<patchbay::Result<_>>()
        };
        let answers = |tokens: fn(&Example) -> &[u32]| {
            let texts = |example| tokens(example).iter().map(|&id| tokenizer.text(id)).collect();
            examples.examples.iter().map(texts).collect::<patchbay::Result<_>>()
        };
        Ok(Self {
            clean: prompts(clean)?,
            corrupted: prompts(corrupted)?,
            answers: answers(|example| &example.answers)?,
            wrong_answers: answers(|example| &example.wrong_answers)?,
        })
    }

    fn json(&self, examples: &Examples) -> Value {
        let of = |what: fn(&Example) -> Value| -> Value { examples.examples.iter().map(what).collect() };
        let positions = |role: usize| -> Value {
            examples.examples.iter().map(|example| json!(example.positions[role])).collect()
        };
        let roles = examples.roles.iter().enumerate();
        let roles: serde_json::Map<String, Value> =
            roles.map(|(at, name)| (name.clone(), positions(at))).collect();
        json!({
            "clean": { "text": self.clean, "tokens": of(|example| json!(clean(example))) },
            "corrupted": { "text": self.corrupted, "tokens": of(|example| json!(corrupted(example))) },
            "roles": roles,
            "answers": of(|example| json!(example.answers)),
            "wrong_answers": of(|example| json!(example.wrong_answers)),
            "groups": of(|example| json!(example.group)),
        })
    }

    /// The columns of pairs, and what else there is of each.
    fn print_csv(&self, out: &mut impl Write, examples: &Examples) -> Result<()> {
        let header = ["clean", "corrupted", "answer", "wrong", "group"].map(str::to_owned);
        write!(out, "{}", csv_line(header.iter().chain(&examples.roles)))?;
        for (i, example) in examples.examples.iter().enumerate() {
            let (answers, wrong) = (self.answers[i].join("|"), self.wrong_answers[i].join("|"));
            let group = example.group.to_string();
            let cells = [&self.clean[i], &self.corrupted[i], &answers, &wrong, &group];
            let positions: Vec<String> = example.positions.iter().map(usize::to_string).collect();
            write!(out, "{}", csv_line(cells.into_iter().chain(&positions)))?;
        }
        Ok(())
    }

    fn print(&self, out: &mut impl Write, examples: &Examples) -> Result<()> {
        let groups = match examples.groups() {
            1 => "1 group".to_owned(),
            groups => format!("{groups} groups"),
        };
        writeln!(out, "{} examples in {groups}", examples.len())?;
        for (i, example) in examples.examples.iter().enumerate() {
            let roles = examples.roles.iter().zip(&example.positions);
            let roles: Vec<String> = roles.map(|(role, position)| format!("{role} {position}")).collect();
            writeln!(out, "{}\n    {}", visible(&self.clean[i]), visible(&self.corrupted[i]))?;
            writeln!(
                out,
                "    {}; wrong {}; {}; group {}",
                some(&self.answers[i]),
                some(&self.wrong_answers[i]),
                roles.join(", "),
                example.group
            )?;
        }
        Ok(())
    }
}

fn clean(example: &Example) -> &[u32] {
    &example.clean[..=example.end()]
}

fn corrupted(example: &Example) -> &[u32] {
    &example.corrupted[..=example.end()]
}

/// The first few.
fn some(answers: &[String]) -> String {
    const SHOWN: usize = 4;
    let mut some: Vec<String> =
        answers.iter().take(SHOWN).map(|answer| format!("\"{}\"", visible(answer))).collect();
    if answers.len() > SHOWN {
        some.push(format!("and {} more", answers.len() - SHOWN));
    }
    some.join(", ")
}
