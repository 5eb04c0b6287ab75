//! The steps that a run's time goes into, one by one, to be timed: `patchbay bench` and `npm run bench` hold the watch.

#[cfg(not(target_arch = "wasm32"))]
pub mod checkpoint;

use burn::tensor::{Tensor, TensorData};

use crate::Result;
use crate::device::{ComputeDevice, read_back};
use crate::model::{Gpt2Config, fused};

/// GPT-2 small's config.json, as far as it is read.
pub const GPT2_SMALL: &str = r#"{
  "model_type": "gpt2", "activation_function": "gelu_new", "n_layer": 12, "n_head": 12, "n_embd": 768,
  "n_ctx": 1024, "n_positions": 1024, "vocab_size": 50257, "layer_norm_epsilon": 1e-05
}
"#;

/// A layer's steps on numbers of no meaning, and two for comparison.
pub struct LayerSteps {
    rows: usize,
    config: Gpt2Config,
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
    /// The product of c_fc by itself, as Burn computes it.
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
    pub const ALL: [Self; 7] =
        [Self::Attn, Self::Attention, Self::AttnProj, Self::Fc, Self::MlpProj, Self::BurnProduct, Self::Peak];

    pub fn name(self) -> &'static str {
        match self {
            Self::Attn => "norm, c_attn",
            Self::Attention => "attention",
            Self::AttnProj => "attn.c_proj, add",
            Self::Fc => "norm, c_fc, gelu",
            Self::MlpProj => "mlp.c_proj, add",
            Self::BurnProduct => "c_fc, Burn's product",
            Self::Peak => "peak: product in cache",
        }
    }
}

impl LayerSteps {
    pub fn new(device: &ComputeDevice, config: &Gpt2Config, rows: usize) -> Self {
        let path = |row: usize| (row / PATH * PATH..=row).collect();
        let mut steps =
            Self { rows, config: config.clone(), operands: Vec::new(), paths: (0..rows).map(path).collect() };
        steps.operands = Step::ALL.map(|step| Operands::new(device, steps.shape(step))).into();
        steps
    }

    /// Rows, depth and columns of a step's product; of attention: queries, d_model and d_model.
    pub fn shape(&self, step: Step) -> [usize; 3] {
        let (rows, d, inner) = (self.rows, self.config.n_embd, self.config.n_inner);
        match step {
            Step::Attn => [rows, d, 3 * d],
            Step::Attention | Step::AttnProj => [rows, d, d],
            Step::Fc | Step::BurnProduct => [rows, d, inner],
            Step::MlpProj => [rows, inner, d],
            Step::Peak => PEAK,
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
            Step::BurnProduct => x.matmul(weights.0),
        };
        read_back(out.narrow(0, 0, 1).narrow(1, 0, 1).flatten(0, 1)).await.map(drop)
    }

    /// The most that c_fc's product is from Burn's own: a speed counts only where the numbers agree.
    ///
    /// # Errors
    /// [`crate::Error::Device`] if the device fails.
    pub async fn difference(&self) -> Result<f32> {
        let Operands { x, weights, .. } = self.operands(Step::Fc);
        let burns = x.clone().matmul(weights.0.clone()) + weights.1.clone().unsqueeze();
        let difference = (fused::linear(x.clone(), weights.clone()) - burns).abs().max();
        Ok(read_back(difference).await?[0])
    }

    fn operands(&self, step: Step) -> &Operands {
        let index = Step::ALL.iter().position(|other| *other == step).expect("all steps are there");
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
        for step in Step::ALL {
            pollster::block_on(steps.run(step)).unwrap();
        }
        let [width, inner] = [config.n_embd, config.n_inner].map(|size| size as f64);
        assert_eq!(steps.flops(Step::Fc), 2.0 * 36.0 * width * inner);
        // 1 + 2 + … + 18 keys, twice; scores and values.
        assert_eq!(steps.flops(Step::Attention), 4.0 * 2.0 * 171.0 * width);
    }
}
