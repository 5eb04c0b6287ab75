//! A few prompts that go through the network together.

use super::places::Places;
use super::plan::{Input, Reads};
use crate::ioi::{Flipped, IoiDataset, Positions};
use crate::model::PrefixTree;

pub struct Batch {
    /// Their places in the dataset.
    prompts: Vec<usize>,
    /// In rows from the first token to the last END.
    pub places: Places,
    /// The tokens of IO and of S, one a prompt.
    pub io: Vec<u32>,
    pub s: Vec<u32>,
    /// The clean prompts up to END, behind them the flipped ones.
    pub tree: PrefixTree,
    /// How many of the tree's nodes, the first ones, the clean prompts have.
    clean_nodes: usize,
    /// The node of END of each prompt.
    clean: Vec<usize>,
    flipped: Vec<usize>,
}

impl Batch {
    /// A dataset's prompts by length, those of one length in their order, so that a prompt and its copy with the
    /// names exchanged stay together; in batches of about as many clean tokens as asked for.
    pub fn all(dataset: &IoiDataset, flipped: Option<&Flipped>, tokens_per_batch: usize) -> Vec<Self> {
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
        batches.into_iter().map(|prompts| Self::new(prompts, dataset, flipped)).collect()
    }

    pub fn new(prompts: Vec<usize>, dataset: &IoiDataset, flipped: Option<&Flipped>) -> Self {
        let positions: Vec<Positions> = prompts.iter().map(|&prompt| dataset.positions[prompt]).collect();
        let mut tree = PrefixTree::default();
        // Up to END, since a causal model cannot look further.
        let mut insert = |tokens: &[Vec<u32>]| -> Vec<usize> {
            let ends = prompts.iter().zip(&positions);
            ends.map(|(&prompt, p)| tree.insert(&tokens[prompt][..=p.end])).collect()
        };
        let clean = insert(&dataset.tokens);
        let clean_nodes = clean.iter().max().map_or(0, |last| last + 1);
        let flipped = flipped.map_or_else(Vec::new, |flipped| insert(&flipped.tokens));
        let ids = |ids: &[u32]| prompts.iter().map(|&prompt| ids[prompt]).collect();
        let pos = 1 + positions.iter().map(|p| p.end).max().unwrap_or(0);
        Self {
            io: ids(&dataset.io_token_ids),
            s: ids(&dataset.s_token_ids),
            places: Places { positions, pos },
            prompts,
            tree,
            clean_nodes,
            clean,
            flipped,
        }
    }

    /// Some of its prompts, by their places in it, as a batch of their own.
    pub fn part(&self, places: &[usize]) -> Self {
        let mut tree = PrefixTree::default();
        let mut insert = |ends: &[usize]| -> Vec<usize> {
            let ends = places.iter().filter_map(|&at| ends.get(at));
            ends.map(|&end| {
                let tokens = self.tree.paths[end].iter().map(|&node| self.tree.tokens[node]);
                tree.insert(&tokens.collect::<Vec<_>>())
            })
            .collect()
        };
        let clean = insert(&self.clean);
        let clean_nodes = clean.iter().max().map_or(0, |last| last + 1);
        let flipped = insert(&self.flipped);
        let positions: Vec<Positions> = places.iter().map(|&at| self.places.positions[at]).collect();
        let pos = 1 + positions.iter().map(|p| p.end).max().unwrap_or(0);
        Self {
            prompts: places.iter().map(|&at| self.prompts[at]).collect(),
            places: Places { positions, pos },
            io: places.iter().map(|&at| self.io[at]).collect(),
            s: places.iter().map(|&at| self.s[at]).collect(),
            tree,
            clean_nodes,
            clean,
            flipped,
        }
    }

    pub fn len(&self) -> usize {
        self.prompts.len()
    }

    /// The tokens that are right and wrong, one a prompt.
    pub fn answers(&self) -> Vec<[&[u32]; 2]> {
        let one = std::slice::from_ref;
        self.io.iter().zip(&self.s).map(|(io, s)| [one(io), one(s)]).collect()
    }

    /// Their places in the dataset.
    pub fn prompts(&self) -> &[usize] {
        &self.prompts
    }

    /// The nodes of END, of the clean and of the flipped prompts.
    pub fn ends(&self) -> [&[usize]; 2] {
        [&self.clean, &self.flipped]
    }

    /// How many of the tree's nodes, from its first, an input has.
    pub fn nodes(&self, input: Input) -> usize {
        match input {
            Input::Clean => self.clean_nodes,
            Input::Both => self.tree.len(),
        }
    }

    /// The positions of each prompt that are read at a stop: the nodes there, `[batch · pos]`, of the clean and
    /// of the flipped prompts, and where the roles stand among them. Shorter rows are padded with END.
    pub fn read(&self, reads: Reads) -> (Vec<usize>, Vec<usize>, Places) {
        let kept: Vec<Vec<usize>> = self.places.positions.iter().map(|p| kept(p, reads)).collect();
        let pos = kept.iter().map(Vec::len).max().unwrap_or(0);
        let nodes_of = |ends: &[usize]| -> Vec<usize> {
            let rows = ends.iter().zip(&kept).flat_map(|(&end, kept)| {
                let path = &self.tree.paths[end];
                (0..pos).map(move |at| kept.get(at).map_or(end, |&position| path[position]))
            });
            rows.collect()
        };
        let among = |(p, kept): (&Positions, &Vec<usize>)| {
            let at = |position| kept.binary_search(&position).expect("the roles are kept");
            Positions { io: at(p.io), s1: at(p.s1), s2: at(p.s2), end: at(p.end) }
        };
        let positions = self.places.positions.iter().zip(&kept).map(among).collect();
        (nodes_of(&self.clean), nodes_of(&self.flipped), Places { positions, pos })
    }

    /// The clean prompts' tokens up to END, all of one length; padded behind with END's.
    #[cfg(not(target_arch = "wasm32"))]
    pub fn tokens(&self) -> Vec<Vec<u32>> {
        let nodes = self.read(Reads::All).0;
        let tokens: Vec<u32> = nodes.into_iter().map(|node| self.tree.tokens[node]).collect();
        tokens.chunks(self.places.pos).map(<[u32]>::to_vec).collect()
    }

    /// Puts a value for each prompt of the batch into its place in the dataset's column.
    pub fn scatter(&self, values: &[f32], column: &mut [f32]) {
        for (&prompt, &value) in self.prompts.iter().zip(values) {
            column[prompt] = value;
        }
    }
}

/// The positions of one prompt that are read at a stop, upwards, so that a causal mask over them still holds.
fn kept(p: &Positions, reads: Reads) -> Vec<usize> {
    match reads {
        Reads::All => (0..=p.end).collect(),
        Reads::Roles => {
            let mut roles = vec![p.io, p.s1, p.s2, p.end];
            roles.sort_unstable();
            roles.dedup();
            roles
        }
    }
}
