//! Activations to take away: the file, against the reference's figures and the hooked forward.

use std::collections::BTreeMap;
use std::rc::Rc;

use burn::tensor::Tensor;
use patchbay::analysis::{CACHED, CacheRun, CacheSpec};
use patchbay::device::{ComputeDevice, read_back};
use patchbay::hooks::{Activation, Hooks};
use patchbay::ioi::DatasetSpec;
use patchbay::job::Job;
use patchbay::loader::LoadedModel;
use patchbay::task::{Corruption, IoiTask, PromptForm, TaskSpec};
use pollster::block_on;
use safetensors::{Dtype, SafeTensors};

use crate::fixture::{assert_close, expected, load};

/// Prompts of several lengths.
fn spec(sites: &[Activation], n: u32) -> CacheSpec {
    let dataset = DatasetSpec { n, ..DatasetSpec::default() };
    CacheSpec {
        task: TaskSpec::Ioi(IoiTask { dataset, corruption: Corruption(Corruption::DEFAULT.into()) }),
        run: PromptForm::Clean,
        sites: sites.to_vec(),
        layers: Vec::new(),
        at: Vec::new(),
    }
}

/// The whole file.
fn file(model: &Rc<LoadedModel>, spec: &CacheSpec) -> Vec<u8> {
    let mut run = CacheRun::new(model.clone(), spec).unwrap();
    let announced = run.file_bytes().unwrap();
    assert!(run.file(BTreeMap::new()).unwrap().is_none(), "nothing is handed out before the end");
    while !block_on(run.step()).unwrap().finished {
        assert!(run.file(BTreeMap::new()).unwrap().is_none());
    }
    let about = BTreeMap::from([("model".to_owned(), "tiny".to_owned())]);
    let file = run.file(about).unwrap().unwrap();
    assert_eq!(file.data.len() as u64, announced);
    [&file.header[..], &file.data].concat()
}

struct Read(Vec<u8>);

impl Read {
    fn shape(&self, name: &str) -> Vec<usize> {
        SafeTensors::deserialize(&self.0).unwrap().tensor(name).unwrap().shape().to_vec()
    }

    fn numbers(&self, name: &str) -> Vec<f32> {
        let file = SafeTensors::deserialize(&self.0).unwrap();
        let tensor = file.tensor(name).unwrap();
        assert_eq!(tensor.dtype(), Dtype::F32);
        tensor.data().as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect()
    }

    fn whole(&self, name: &str) -> Vec<usize> {
        let file = SafeTensors::deserialize(&self.0).unwrap();
        let tensor = file.tensor(name).unwrap();
        assert_eq!(tensor.dtype(), Dtype::I64);
        tensor.data().as_chunks().0.iter().map(|bytes| i64::from_le_bytes(*bytes) as usize).collect()
    }
}

fn name(layer: usize, site: Activation) -> String {
    use Activation::{AttnOut, MlpOut, ResidMid, ResidPost, ResidPre};
    let shared = matches!(site, ResidPre | AttnOut | ResidMid | MlpOut | ResidPost);
    format!("blocks.{layer}.{}hook_{}", if shared { "" } else { "attn." }, site.name())
}

#[test]
fn the_file_has_the_figures_of_the_reference() {
    let model = block_on(load(ComputeDevice::cpu()));
    let read = Read(file(&model, &spec(&CACHED, 20)));
    let expected = expected();
    let position = expected["activations"]["position"].as_u64().unwrap() as usize;
    for layer in 0..3 {
        for site in CACHED {
            let shape = read.shape(&name(layer, site));
            let numbers = read.numbers(&name(layer, site));
            let figures = &expected["activations"]["values"][site.name()][layer];
            // These are prompt 0's at its END.
            if site == Activation::Pattern {
                let [_, heads, queries, keys] = shape[..] else { panic!("{shape:?}") };
                for head in 0..heads {
                    let first = (head * queries + position) * keys;
                    let width = figures[head].as_array().unwrap().len();
                    assert_close(&numbers[first..first + width], &figures[head], "pattern");
                    assert!(numbers[first + width..first + keys].iter().all(|&weight| weight == 0.0));
                }
                continue;
            }
            let width: usize = shape[2..].iter().product();
            let row = &numbers[position * width..][..width];
            if shape.len() == 4 {
                for (head, row) in row.chunks_exact(shape[3]).enumerate() {
                    assert_close(row, &figures[head], site.name());
                }
            } else {
                assert_close(row, figures, site.name());
            }
        }
    }
}

/// Every number of every site, at all positions and at roles, of both runs; and nothing but 0 where there is none.
#[test]
fn every_number_is_the_hooked_forwards() {
    let model = block_on(load(ComputeDevice::cpu()));
    for (run, at) in [(PromptForm::Clean, &[][..]), (PromptForm::Corrupted, &["S2", "END"])] {
        let at = at.iter().map(|&role: &&str| role.to_owned()).collect();
        let spec = CacheSpec { run, at, ..spec(&CACHED, 12) };
        let read = Read(file(&model, &spec));
        let examples = spec.task.examples(&model.tokenizer, model.gpt2.config.n_ctx).unwrap();
        let lengths = read.whole("lengths");
        let longest = *lengths.iter().max().unwrap();
        assert!(lengths.iter().any(|&length| length < longest), "some row is padded");
        let tokens = read.whole("tokens");
        let roles = read.whole("roles");
        for (i, example) in examples.examples.iter().enumerate() {
            let own = example.up_to_end(run);
            assert_eq!(lengths[i], own.len());
            assert_eq!(roles[i * examples.roles.len()..][..examples.roles.len()], example.positions);
            let row = &tokens[i * longest..][..longest];
            let pad = model.tokenizer.bos().unwrap() as usize;
            assert!(own.iter().zip(row).all(|(&token, &found)| token as usize == found));
            assert!(row[own.len()..].iter().all(|&token| token == pad));
            let places: Vec<usize> = match spec.at.is_empty() {
                true => (0..own.len()).collect(),
                false => spec.at.iter().map(|role| example.positions[examples.role(role).unwrap()]).collect(),
            };
            for layer in 0..3 {
                for site in CACHED {
                    assert_rows(&model, &read, (i, own, &places), (layer, site));
                }
            }
        }
    }
}

fn assert_rows(
    model: &Rc<LoadedModel>,
    read: &Read,
    (example, tokens, places): (usize, &[u32], &[usize]),
    (layer, site): (usize, Activation),
) {
    let name = name(layer, site);
    let (shape, numbers) = (read.shape(&name), read.numbers(&name));
    let n_head = model.gpt2.config.n_head;
    let heads = if site.per_head() { n_head } else { 1 };
    for head in 0..heads {
        let point = if site.per_head() { site.at_head(layer, head) } else { site.at(layer) };
        let cache = model.gpt2.run(&[tokens], &Hooks::new().read(point)).unwrap();
        let all: Tensor<3> = cache.get(point).unwrap();
        let [_, _, width] = all.dims();
        let all = block_on(read_back(all.flatten::<1>(0, 2))).unwrap();
        let count = if site == Activation::Pattern { shape[2] } else { shape[1] };
        for place in 0..count {
            let (first, wide) = match site {
                Activation::Pattern => (((example * n_head + head) * count + place) * shape[3], shape[3]),
                _ => (((example * count + place) * heads + head) * width, width),
            };
            let found = &numbers[first..first + wide];
            match places.get(place) {
                None => assert!(found.iter().all(|&number| number == 0.0), "{name} is padded with 0"),
                Some(&position) => {
                    let row = &all[position * width..][..width];
                    // Sums of at most 128 products in another order.
                    for (found, expected) in found.iter().zip(row) {
                        assert!((found - expected).abs() < 2e-5, "{name}: {found} is not {expected}");
                    }
                    assert!(found.iter().skip(width).all(|&number| number == 0.0));
                }
            }
        }
    }
}

#[test]
fn the_file_says_what_it_is_of() {
    let model = block_on(load(ComputeDevice::cpu()));
    let spec = CacheSpec { layers: vec![2, 0], ..spec(&[Activation::Z], 2) };
    let file = file(&model, &spec);
    assert_eq!(file.len() % 8, 0);
    let (_, metadata) = SafeTensors::read_metadata(&file).unwrap();
    let about = metadata.metadata().as_ref().unwrap();
    assert_eq!(serde_json::from_str::<CacheSpec>(&about["spec"]).unwrap(), spec);
    assert_eq!((about["model"].as_str(), about["padding"].as_str()), ("tiny", "right"));
    let mut names =
        SafeTensors::deserialize(&file).unwrap().names().into_iter().map(str::to_owned).collect::<Vec<_>>();
    names.sort();
    assert_eq!(names, ["blocks.0.attn.hook_z", "blocks.2.attn.hook_z", "lengths", "roles", "tokens"]);
}

#[test]
fn what_cannot_be_taken_is_refused() {
    let model = block_on(load(ComputeDevice::cpu()));
    let z = || spec(&[Activation::Z], 2);
    for (odd, field, said) in [
        (CacheSpec { sites: vec![], ..z() }, "sites", "expected a site"),
        (CacheSpec { sites: vec![Activation::QInput], ..z() }, "sites", "take resid_pre"),
        (CacheSpec { sites: vec![Activation::Z; 2], ..z() }, "sites", "named twice"),
        (CacheSpec { layers: vec![3], ..z() }, "layers", "layers 0 to 2"),
        (CacheSpec { at: vec!["NOUN".into()], ..z() }, "at", "there is IO, S1, S1+1, S2, END"),
    ] {
        let error = CacheRun::new(model.clone(), &odd).err().expect(said);
        assert_eq!(error.field(), Some(field));
        assert!(error.to_string().contains(said), "{error}");
    }
}
