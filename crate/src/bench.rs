//! The steps that a run's time goes into, one by one, to be timed: `patchbay bench` and `npm run bench` hold the watch.

#[cfg(not(target_arch = "wasm32"))]
pub mod checkpoint;

use burn::tensor::{Tensor, TensorData};

use crate::Result;
use crate::device::{ComputeDevice, DeviceKind, read_back};
#[cfg(feature = "gpu")]
use crate::model::fused::{Gelu, Product};
use crate::model::{Gpt2Config, fused};

/// GPT-2 small's config.json, as far as it is read.
pub const GPT2_SMALL: &str = r#"{
  "model_type": "gpt2", "activation_function": "gelu_new", "n_layer": 12, "n_head": 12, "n_embd": 768,
  "n_ctx": 1024, "n_positions": 1024, "vocab_size": 50257, "layer_norm_epsilon": 1e-05
}
"#;

/// The same of a larger one, which differs from it in these alone.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) fn gpt2(n_layer: usize, n_head: usize, n_embd: usize) -> String {
    let own = |name: &str, value: usize| format!("\"{name}\": {value}");
    GPT2_SMALL
        .replace(&own("n_layer", 12), &own("n_layer", n_layer))
        .replace(&own("n_head", 12), &own("n_head", n_head))
        .replace(&own("n_embd", 768), &own("n_embd", n_embd))
}

/// A layer's steps on numbers of no meaning, and two for comparison.
pub struct LayerSteps {
    rows: usize,
    config: Gpt2Config,
    pub steps: Vec<Step>,
    /// By step.
    operands: Vec<Operands>,
    /// What each query sees.
    paths: Vec<Vec<usize>>,
}

/// Attention uses only `x`, three times.
struct Operands {
    /// `[rows, depth]`
    x: Tensor<2>,
    /// `[depth, columns]` and `[columns]`
    weights: fused::Weights,
    /// `[rows, columns]`
    residual: Tensor<2>,
}

/// One of the [`LayerSteps`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// LayerNorm and c_attn.
    Attn,
    /// Scores, softmax and the mean of the values, of all heads.
    Attention,
    /// attn.c_proj, added to the residual stream.
    AttnProj,
    /// LayerNorm, c_fc and GELU.
    Fc,
    /// mlp.c_proj, added to the residual stream.
    MlpProj,
    /// The product of c_fc by itself, in one of the ways that there are on a GPU.
    #[cfg(feature = "gpu")]
    Product(Product),
    /// The same as Burn computes it.
    BurnProduct,
    /// A product whose numbers stay near the arithmetic: what the machine can do at most.
    Peak,
}

/// About as many tokens as IOI prompts have up to END.
const PATH: usize = 18;
/// Rows, depth and columns of [`Step::Peak`]: 600 KB, and below what Burn spreads over several cores.
const PEAK: [usize; 3] = [48, 1024, 96];
/// How often it is done, so that a browser's coarse clock sees it.
const PEAK_TIMES: usize = 50;

impl Step {
    /// Those of a device.
    #[cfg_attr(not(feature = "gpu"), expect(unused_variables))]
    pub fn all(device: DeviceKind) -> Vec<Self> {
        let mut steps = vec![Self::Attn, Self::Attention, Self::AttnProj, Self::Fc, Self::MlpProj];
        #[cfg(feature = "gpu")]
        if device == DeviceKind::Gpu {
            steps.extend(Product::ALL.map(Self::Product));
        }
        steps.extend([Self::BurnProduct, Self::Peak]);
        steps
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Attn => "norm, c_attn",
            Self::Attention => "attention",
            Self::AttnProj => "attn.c_proj, add",
            Self::Fc => "norm, c_fc, gelu",
            Self::MlpProj => "mlp.c_proj, add",
            #[cfg(feature = "gpu")]
            Self::Product(Product::Registers) => "c_fc, sums in registers",
            #[cfg(feature = "gpu")]
            Self::Product(Product::Tiles) => "c_fc, tiles in workgroup memory",
            Self::BurnProduct => "c_fc, Burn's product",
            Self::Peak => "peak: product in cache",
        }
    }
}

impl LayerSteps {
    pub fn new(device: &ComputeDevice, config: &Gpt2Config, rows: usize) -> Self {
        let path = |row: usize| (row / PATH * PATH..=row).collect();
        let mut steps = Self {
            rows,
            config: config.clone(),
            steps: Step::all(device.kind),
            operands: Vec::new(),
            paths: (0..rows).map(path).collect(),
        };
        steps.operands = steps.steps.iter().map(|&step| Operands::new(device, steps.shape(step))).collect();
        steps
    }

    /// Rows, depth and columns of a step's product; of attention: queries, d_model and d_model.
    pub fn shape(&self, step: Step) -> [usize; 3] {
        let (rows, d, inner) = (self.rows, self.config.n_embd, self.config.n_inner);
        match step {
            Step::Attn => [rows, d, 3 * d],
            Step::Attention | Step::AttnProj => [rows, d, d],
            Step::MlpProj => [rows, inner, d],
            Step::Peak => PEAK,
            _ => [rows, d, inner],
        }
    }

    /// Multiplications and additions of a step's products.
    pub fn flops(&self, step: Step) -> f64 {
        let products = |[rows, depth, columns]: [usize; 3]| 2.0 * (rows * depth * columns) as f64;
        match step {
            Step::Attention => {
                4.0 * (self.paths.iter().map(Vec::len).sum::<usize>() * self.config.n_embd) as f64
            }
            Step::Peak => PEAK_TIMES as f64 * products(PEAK),
            _ => products(self.shape(step)),
        }
    }

    /// Does a step and waits for it.
    ///
    /// # Errors
    /// [`crate::Error::Device`] if the device fails.
    pub async fn run(&self, step: Step) -> Result<()> {
        const EPS: f64 = 1e-5;
        let Operands { x, weights, residual } = self.operands(step);
        let (x, weights, residual) = (x.clone(), weights.clone(), residual.clone());
        let out = match step {
            Step::Attn => fused::linear(fused::normalize(x, EPS), weights),
            Step::Attention => {
                let seen: Vec<&[usize]> = self.paths.iter().map(Vec::as_slice).collect();
                let Gpt2Config { n_head, .. } = self.config;
                let scale = self.config.score_scale(0);
                fused::attention([x, residual.clone(), residual], n_head, scale, &seen)
            }
            Step::AttnProj | Step::MlpProj => fused::linear_add(x, weights, residual),
            Step::Peak => {
                (0..PEAK_TIMES).fold(residual, |sum, _| fused::linear_add(x.clone(), weights.clone(), sum))
            }
            Step::Fc => fused::norm_linear_gelu(x, weights, EPS, self.config.gelu),
            #[cfg(feature = "gpu")]
            Step::Product(product) => product.linear(&x, &weights).expect("these are on a GPU"),
            Step::BurnProduct => x.matmul(weights.0),
        };
        read_back(out.narrow(0, 0, 1).narrow(1, 0, 1).flatten(0, 1)).await.map(drop)
    }

    /// The most that c_fc's product is from Burn's own, with what is made of it in one piece: as a run computes it and, on a
    /// GPU, in each of the ways that there are. A speed counts only where the numbers agree.
    ///
    /// # Errors
    /// [`crate::Error::Device`] if the device fails.
    pub async fn difference(&self) -> Result<f32> {
        #[cfg_attr(not(feature = "gpu"), expect(unused_variables))]
        let Operands { x, weights, residual } = self.operands(Step::Fc);
        let burns = x.clone().matmul(weights.0.clone()) + weights.1.clone().unsqueeze();
        #[cfg_attr(not(feature = "gpu"), expect(unused_mut))]
        let mut pairs = vec![(fused::linear(x.clone(), weights.clone()), burns.clone())];
        #[cfg(feature = "gpu")]
        for product in Product::ALL.into_iter().filter(|way| self.steps.contains(&Step::Product(*way))) {
            let found = [
                product.linear(x, weights),
                product.linear_add(x, weights, residual),
                product.linear_gelu(x, weights, Gelu::Tanh),
                product.linear_gelu(x, weights, Gelu::Exact),
            ];
            let added = burns.clone() + residual.clone();
            let expected =
                [burns.clone(), added, Gelu::Tanh.of(burns.clone()), Gelu::Exact.of(burns.clone())];
            let found = found.map(|found| found.expect("it is on a GPU, in multiples of four"));
            pairs.extend(found.into_iter().zip(expected));
        }
        let differences = pairs.into_iter().map(|(found, expected)| (found - expected).abs().max());
        let differences = read_back(Tensor::cat(differences.collect(), 0)).await?;
        // In this order what is no number is the largest.
        Ok(differences.into_iter().max_by(f32::total_cmp).unwrap_or(0.0))
    }

    fn operands(&self, step: Step) -> &Operands {
        let index = self.steps.iter().position(|other| *other == step).expect("all steps are there");
        &self.operands[index]
    }
}

impl Operands {
    fn new(device: &ComputeDevice, [rows, depth, columns]: [usize; 3]) -> Self {
        let number = |i: usize| ((i * 7919) % 1009) as f32 / 1009.0 - 0.5;
        let numbers = |count: usize| (0..count).map(number).collect::<Vec<f32>>();
        let matrix = |rows: usize, columns: usize| {
            Tensor::from_data(TensorData::new(numbers(rows * columns), [rows, columns]), &device.burn)
        };
        let bias = Tensor::from_data(TensorData::new(numbers(columns), [columns]), &device.burn);
        Self {
            x: matrix(rows, depth),
            weights: (matrix(depth, columns), bias),
            residual: matrix(rows, columns),
        }
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;

    #[test]
    fn every_step_runs_and_counts_its_products() {
        let json = include_str!("../../www/public/models/ioi-mini/config.json");
        let config = Gpt2Config::from_json(json).unwrap();
        let steps = LayerSteps::new(&ComputeDevice::cpu(), &config, 36);
        for &step in &steps.steps {
            pollster::block_on(steps.run(step)).unwrap();
        }
        let [width, inner] = [config.n_embd, config.n_inner].map(|size| size as f64);
        assert_eq!(steps.flops(Step::Fc), 2.0 * 36.0 * width * inner);
        // 1 + 2 + … + 18 keys, twice; scores and values.
        assert_eq!(steps.flops(Step::Attention), 4.0 * 2.0 * 171.0 * width);
    }
}
