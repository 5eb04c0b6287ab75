//! The unedited runs of a batch: its prompts, clean and, where they are needed, flipped.

use std::collections::HashMap;
use std::rc::Rc;

use burn::tensor::Tensor;

use super::prompts::Edits;
use super::vectors::{Vector, Vectors};
use super::{Edit, EditedPositions, Replacement};
use crate::engine::Vector as Numbered;
use crate::engine::{Asked, Forest, LnScale, Part, Placed, Read, Stopped, Value};
use crate::ioi::{Flipped, IoiDataset, Positions};
use crate::model::Gpt2;
use crate::site::Activation;

/// A role at which what a head reads is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    Io,
    S1,
    End,
}

impl Role {
    pub const ALL: [Self; 3] = [Self::Io, Self::S1, Self::End];

    pub fn position(self, p: &Positions) -> usize {
        match self {
            Self::Io => p.io,
            Self::S1 => p.s1,
            Self::End => p.end,
        }
    }
}

/// Prompts that go up together. The first two lists of nodes that a batch marks are theirs: [`Runs::marked`].
pub struct Runs {
    /// Their places in the dataset.
    pub prompts: Vec<usize>,
    pub positions: Vec<Positions>,
    /// The tokens of IO and of S, one per prompt.
    pub io: Vec<u32>,
    pub s: Vec<u32>,
    /// The last nodes.
    pub clean: Vec<usize>,
    pub flipped: Vec<usize>,
}

impl Runs {
    /// Adds the runs to a forest.
    pub fn new(
        forest: &mut Forest,
        prompts: &[usize],
        dataset: &IoiDataset,
        flipped: Option<&Flipped>,
    ) -> Self {
        let mut run = |tokens: &[Vec<u32>]| -> Vec<usize> {
            let up_to_end = |&prompt: &usize| &tokens[prompt][..=dataset.positions[prompt].end];
            prompts.iter().map(|prompt| forest.run(up_to_end(prompt))).collect()
        };
        let clean = run(&dataset.tokens);
        let flipped = flipped.map_or_else(Vec::new, |flipped| run(&flipped.tokens));
        Self::known(prompts, dataset, [clean, flipped])
    }

    /// Those that a batch has marked.
    pub fn marked(at: &Stopped, prompts: &[usize], dataset: &IoiDataset) -> Self {
        Self::known(prompts, dataset, [at.marked[0].clone(), at.marked[1].clone()])
    }

    /// With the last nodes of the clean and of the flipped runs.
    pub fn known(prompts: &[usize], dataset: &IoiDataset, [clean, flipped]: [Vec<usize>; 2]) -> Self {
        let of = |ids: &[u32]| prompts.iter().map(|&prompt| ids[prompt]).collect();
        Self {
            positions: prompts.iter().map(|&prompt| dataset.positions[prompt]).collect(),
            io: of(&dataset.io_token_ids),
            s: of(&dataset.s_token_ids),
            prompts: prompts.to_vec(),
            clean,
            flipped,
        }
    }

    pub fn len(&self) -> usize {
        self.prompts.len()
    }

    /// Each prompt's node of a role in the runs, clean or edited, that end in some nodes: one for each prompt, or for
    /// each case one for each prompt.
    pub fn at(&self, forest: &Forest, ends: &[usize], role: Role) -> Vec<usize> {
        let prompts = self.positions.iter().cycle();
        ends.iter().zip(prompts).map(|(&end, p)| forest.path(end)[role.position(p)]).collect()
    }

    /// The clean run's `resid_pre` of a layer at a role, which was asked for. `[prompts, d_model]`
    pub fn resid_pre(&self, at: &Stopped, role: Role) -> Tensor<2> {
        at.get(at.layer, Part::ResidPre, &self.at(at.forest, &self.clean, role))
    }

    /// The tokens that are right and wrong, one per prompt.
    pub fn answers(&self) -> Vec<[&[u32]; 2]> {
        let one = std::slice::from_ref;
        self.io.iter().zip(&self.s).map(|(io, s)| [one(io), one(s)]).collect()
    }

    /// Puts a value for each prompt of the batch into its place in the dataset's column.
    pub fn scatter(&self, values: &[f32], column: &mut [f32]) {
        for (&prompt, &value) in self.prompts.iter().zip(values) {
            column[prompt] = value;
        }
    }
}

/// A dataset's prompts by length, those of one length in their order, so that a prompt and its copy with the
/// names exchanged stay together; in batches of about as many clean tokens as asked for.
pub fn batches(dataset: &IoiDataset, tokens_per_batch: usize) -> Vec<Vec<usize>> {
    let mut by_length: Vec<usize> = (0..dataset.len()).collect();
    by_length.sort_by_key(|&prompt| dataset.positions[prompt].end);
    let mut batches: Vec<Vec<usize>> = Vec::new();
    for prompt in by_length {
        let length = dataset.positions[prompt].end + 1;
        match batches.last_mut() {
            Some(batch) if (batch.len() + 1) * length <= tokens_per_batch => batch.push(prompt),
            _ => batches.push(vec![prompt]),
        }
    }
    batches
}

/// Which positions of a run are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Looked {
    /// END's query, and the keys of IO and S1.
    AtRoles,
    /// All up to END.
    Everywhere,
}

/// What a batch asks for, while it is put together.
pub struct Asking {
    pub asked: Asked,
    pub runs: Rc<Runs>,
    vectors: Rc<Vectors>,
    /// What makers make, by their numbers.
    made: Vec<(Vector, Role)>,
    /// The numbers of vectors in the forest, by maker and prompt.
    known: HashMap<(usize, usize), usize>,
    /// The numbers of random directions in the forest, by prompt. They are drawn once for all layers.
    directions: HashMap<usize, [usize; 2]>,
}

impl Asking {
    pub fn new(
        dataset: &IoiDataset,
        flipped: Option<&Flipped>,
        vectors: &Rc<Vectors>,
        prompts: &[usize],
    ) -> Self {
        let mut forest = Forest::default();
        let runs = Runs::new(&mut forest, prompts, dataset, flipped);
        let marked = vec![runs.clean.clone(), runs.flipped.clone()];
        Self {
            asked: Asked { forest, marked, ..Asked::default() },
            runs: Rc::new(runs),
            vectors: vectors.clone(),
            made: Vec::new(),
            known: HashMap::new(),
            directions: HashMap::new(),
        }
    }

    /// The last nodes of the prompts' runs under a case's edit, at one head of a layer or at all.
    pub fn edit(
        &mut self,
        edit: Option<&Edit>,
        edits: &Edits,
        layer: usize,
        head: Option<usize>,
        looked: Looked,
    ) -> Vec<usize> {
        let Some(edit) = edit else { return self.runs.clean.clone() };
        let runs = self.runs.clone();
        let mut ends = Vec::with_capacity(runs.len());
        for place in 0..runs.len() {
            let places = positions(edit, &runs.positions[place], looked);
            let placed = places.into_iter().map(|(position, role)| Placed {
                layer,
                activation: edit.input,
                head,
                position,
                value: self.value(edit, place, position, role),
                ln: if edit.ln.is_frozen(edits.freeze_ln) { LnScale::Frozen } else { LnScale::Live },
            });
            let placed: Vec<Placed> = placed.collect();
            ends.push(*self.asked.forest.branch(runs.clean[place], placed).last().expect("a run has tokens"));
        }
        ends
    }

    fn value(&mut self, edit: &Edit, place: usize, position: usize, role: Role) -> Value {
        let path = |forest: &Forest, ends: &[usize]| forest.path(ends[place])[position];
        match edit.replacement {
            Replacement::Clean => Value::Of(path(&self.asked.forest, &self.runs.clean)),
            Replacement::Flipped => Value::Of(path(&self.asked.forest, &self.runs.flipped)),
            Replacement::ProjectedOn(span) => Value::Projected(
                span.directions().iter().map(|&vector| self.vector(vector, role, place)).collect(),
            ),
            Replacement::Normalized(vector) => Value::Normalized(self.vector(vector, role, place)),
        }
    }

    fn vector(&mut self, vector: Vector, role: Role, place: usize) -> usize {
        if let Vector::RandomDirection(which) = vector {
            let Self { asked, runs, vectors, directions, .. } = self;
            let mut draw = || {
                let drawn = vectors.draws.directions(runs.prompts[place]);
                drawn.map(|direction| asked.forest.vector(Numbered::Numbers(direction.into())))
            };
            return directions.entry(place).or_insert_with(&mut draw)[which];
        }
        let made = self.made.iter().position(|&known| known == (vector, role)).unwrap_or_else(|| {
            self.made.push((vector, role));
            self.made.len() - 1
        });
        let Self { asked, known, .. } = self;
        *known
            .entry((made, place))
            .or_insert_with(|| asked.forest.vector(Numbered::Made { by: made, prompt: place }))
    }

    pub fn read(&mut self, layer: usize, part: Part, nodes: Vec<usize>) {
        self.asked.reads.push(Read { layer, part, nodes });
    }

    /// All of it, with what its vectors are made of.
    pub fn finish(mut self) -> Asked {
        for (vector, role) in std::mem::take(&mut self.made) {
            if let Some((layer, part)) = vector.written(&self.vectors) {
                let nodes = self.runs.at(&self.asked.forest, &self.runs.clean, role);
                self.read(layer, part, nodes);
            }
            let (vectors, runs) = (self.vectors.clone(), self.runs.clone());
            self.asked.makers.push(Box::new(move |gpt2: &Gpt2, forest, kept, places| {
                vectors.of(vector, role, &runs, places, (gpt2, forest, kept))
            }));
        }
        self.asked
    }
}

/// Where an edit is made so that what is looked at has it, and whose vector it takes there.
fn positions(edit: &Edit, p: &Positions, looked: Looked) -> Vec<(usize, Role)> {
    let names = [(p.io, Role::Io), (p.s1, Role::S1)];
    match (edit.positions, looked) {
        (EditedPositions::All, Looked::Everywhere) => (0..=p.end).map(|at| (at, Role::End)).collect(),
        (EditedPositions::Names, _) => names.into(),
        (EditedPositions::All, Looked::AtRoles) if edit.input == Activation::KInput => names.into(),
        _ => vec![(p.end, Role::End)],
    }
}
