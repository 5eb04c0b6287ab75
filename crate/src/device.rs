//! Where the model computes: the CPU, or a GPU through WebGPU (Vulkan, Metal, DirectX natively).

use std::sync::{Arc, Mutex, PoisonError};

use burn::tensor::{Device, Tensor};

use crate::room::{self, Room};
use crate::{Error, Result};

/// An opened device, with the first thing that went wrong on it.
#[derive(Debug, Clone)]
pub struct ComputeDevice {
    pub burn: Device,
    pub kind: DeviceKind,
    /// The GPU's name, or what the CPU device is.
    pub adapter: String,
    /// Whether the "GPU" is a program on the CPU (llvmpipe, SwiftShader), slower than the CPU device.
    pub is_software: bool,
    /// Bytes of a GPU's largest buffer.
    buffer: Option<u64>,
    fault: Fault,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(rename_all = "snake_case")]
pub enum DeviceKind {
    Cpu,
    Gpu,
}

/// Set from the GPU's error callbacks. Invalid work raises nothing by itself: it is skipped, and stale
/// data comes back.
#[derive(Debug, Clone, Default)]
struct Fault(Arc<Mutex<Option<String>>>);

impl Fault {
    #[cfg(feature = "gpu")]
    fn set(&self, message: String) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(message);
    }

    fn get(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl ComputeDevice {
    pub fn cpu() -> Self {
        Self {
            burn: Device::flex(),
            kind: DeviceKind::Cpu,
            adapter: "CPU".into(),
            is_software: false,
            buffer: None,
            fault: Fault::default(),
        }
    }

    /// Opens the GPU that the platform prefers. It can be opened once in a process; clone it after.
    ///
    /// # Errors
    /// [`Error::Device`] if this build has no GPU support, or no adapter is found.
    #[cfg(not(feature = "gpu"))]
    pub async fn gpu() -> Result<Self> {
        Err(Error::Device(
            "this build computes on the CPU only; build with the cargo feature \"gpu\" for a GPU".into(),
        ))
    }

    /// Opens the GPU that the platform prefers. It can be opened once in a process; clone it after.
    ///
    /// # Errors
    /// [`Error::Device`] if no adapter is found.
    #[cfg(feature = "gpu")]
    pub async fn gpu() -> Result<Self> {
        let (burn, setup) = Device::wgpu_options().init_with_setup_async().await.map_err(|error| {
            Error::Device(format!("no GPU could be opened: {error}. Choose the CPU instead"))
        })?;
        let fault = Fault::default();
        let on_error = fault.clone();
        setup.device.on_uncaptured_error(Arc::new(move |error: burn_wgpu::wgpu::Error| {
            on_error.set(format!("the GPU refused work: {error}"));
        }));
        let on_loss = fault.clone();
        setup.device.set_device_lost_callback(move |reason, message| {
            on_loss.set(format!("the GPU was lost ({reason:?}): {message}"));
        });
        let info = setup.adapter.get_info();
        // Those of the adapter, all of which are asked for.
        let limits = setup.device.limits();
        let device = Self {
            buffer: Some(limits.max_buffer_size.min(limits.max_storage_buffer_binding_size)),
            burn,
            kind: DeviceKind::Gpu,
            is_software: info.device_type == burn_wgpu::wgpu::DeviceType::Cpu,
            adapter: [info.name, info.driver]
                .into_iter()
                .find(|name| !name.is_empty())
                .unwrap_or("GPU".into()),
            fault,
        };
        Ok(device)
    }

    /// # Errors
    /// [`Error::Device`] with the first thing that went wrong, if anything has since it was opened.
    pub fn check(&self) -> Result<()> {
        match self.fault.get() {
            None => Ok(()),
            Some(message) => Err(Error::Device(format!(
                "{message}. No result computed after it is shown; choose the CPU, or in a browser reload the page"
            ))),
        }
    }

    /// Numbers that were read from it, which a result is made of.
    ///
    /// # Errors
    /// As [`ComputeDevice::check`]; where one is not finite, [`Error::Device`] of a GPU, and [`Error::BadModel`] of the CPU, which
    /// does not err.
    pub fn finite(&self, numbers: Vec<f32>) -> Result<Vec<f32>> {
        self.check()?;
        if numbers.iter().all(|number| number.is_finite()) {
            return Ok(numbers);
        }
        Err(match self.kind {
            DeviceKind::Cpu => Error::model(
                "the model's numbers overflow, so there is no result; its weights are too large to be GPT-2's",
            ),
            DeviceKind::Gpu => Error::Device(format!(
                "{} gave numbers that are not finite, so there is no result; try the CPU",
                self.adapter
            )),
        })
    }

    /// What there is for a model.
    pub fn room(&self) -> Room {
        Room { kind: self.kind, memory: room::MEMORY, buffer: self.buffer, rows: self.rows_per_grid() }
    }

    /// How many tokens one pass should hold: enough rows for the matrix products to run near their best,
    /// few enough that memory stays small and steps are short.
    pub fn tokens_per_batch(&self) -> usize {
        match self.kind {
            DeviceKind::Cpu => 256,
            DeviceKind::Gpu => 1024,
        }
    }

    /// How many rows the products of a pass have at most, or nearly so: its clean prompts and their flips.
    pub fn rows_per_batch(&self) -> usize {
        2 * self.tokens_per_batch()
    }

    /// How many rows the products of a grid of edits have at most, or nearly so: more than of a run, since each batch runs
    /// its prompts unedited too, and in the layers below the edits nothing but those, for which products of few rows are slow. On a
    /// GPU they are bound by its buffers.
    pub fn rows_per_grid(&self) -> usize {
        match self.kind {
            DeviceKind::Cpu => 6 * self.tokens_per_batch(),
            DeviceKind::Gpu => 4 * self.tokens_per_batch(),
        }
    }

    /// How many rows the products have with which two ways to compute them are compared: as many as a run has, but few on a
    /// software adapter, where more tell nothing more and take seconds.
    pub fn rows_to_measure(&self) -> usize {
        if self.is_software { 64 } else { self.tokens_per_batch() }
    }

    /// After how many layers to wait for the device. A GPU's work is only queued, so that progress and cancel are
    /// true only where it is waited for; each time takes it some milliseconds, as a layer does.
    pub fn layers_per_wait(&self) -> usize {
        if self.is_software { 1 } else { 4 }
    }
}

/// Numbers from the device.
///
/// # Errors
/// [`Error::Device`] if it does not give them.
pub async fn read_back(tensor: Tensor<1>) -> Result<Vec<f32>> {
    let data = tensor.into_data_async().await.map_err(|error| error.to_string());
    let numbers = data.and_then(|data| data.try_into_vec().map_err(|error| error.to_string()));
    numbers.map_err(|error| Error::Device(format!("the device gave no result: {error}")))
}
