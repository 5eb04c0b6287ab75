//! Launching a compute shader of our own on the device of Burn's tensors.

use burn_wgpu::CubeTensor;
use cubecl::CubeCount;
use cubecl::ir::{ElemType, UIntKind, metadata::Info, settings::Dim3};
use cubecl::prelude::*;
use cubecl::server::{KernelArguments, MetadataBindingInfo};

/// WGSL, which the browser and wgpu both take as it is: CubeCL's compiler has no part in it.
///
/// Its bindings are the inputs in order, the output, and a uniform of the launch's numbers. What is constant in a model
/// comes before the source as `const`, so that the driver can unroll by it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Shader {
    /// One after the other.
    pub parts: Vec<Part>,
    pub constants: Vec<(&'static str, usize)>,
}

/// Some of a shader's source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Part {
    /// Different for each source.
    pub name: &'static str,
    pub source: &'static str,
}

impl Shader {
    /// The output, computed by so many workgroups.
    pub fn launch<const D: usize>(
        self,
        inputs: Vec<CubeTensor>,
        output: [usize; D],
        groups: [usize; 2],
        numbers: &[usize],
    ) -> CubeTensor {
        let (client, device, dtype) = (inputs[0].client.clone(), inputs[0].device.clone(), inputs[0].dtype);
        let buffer = client.empty(output.iter().product::<usize>() * dtype.size());
        let output = CubeTensor::new_contiguous(client.clone(), device, output.into(), buffer, dtype);
        let bindings = inputs.into_iter().chain([output.clone()]).map(|tensor| tensor.handle.binding());
        let arguments = KernelArguments::new()
            .with_buffers(bindings.collect())
            .with_info(MetadataBindingInfo::custom(packed(numbers)));
        let [x, y] = groups.map(|count| count as u32);
        client.launch(Box::new(self), CubeCount::Static(x, y, 1), arguments);
        output
    }
}

/// Numbers as the `u32`s of a whole number of `vec4u`.
fn packed(numbers: &[usize]) -> Vec<u64> {
    let at = |i: usize| numbers.get(i).map_or(0, |&number| number as u64);
    (0..numbers.len().div_ceil(4) * 2).map(|pair| at(2 * pair) | at(2 * pair + 1) << 32).collect()
}

impl KernelMetadata for Shader {
    fn id(&self) -> KernelId {
        let names: Vec<&str> = self.parts.iter().map(|part| part.name).collect();
        KernelId::new::<Self>().info((names, self.constants.clone()))
    }

    fn address_type(&self) -> ElemType {
        UIntKind::U32.into()
    }
}

impl CubeKernel for Shader {
    fn define(&self) -> KernelDefinition {
        let settings = KernelSettings::new(Dim3::new_single(), ExecutionMode::Checked, AddressType::U32);
        KernelDefinition { body: Scope::root(settings.clone()), settings, info: Info::default() }
    }

    fn source(&self) -> Option<PrecompiledSource> {
        let constants = self.constants.iter().map(|(name, value)| format!("const {name} = {value}u;\n"));
        Some(PrecompiledSource {
            source: constants.chain(self.parts.iter().map(|part| part.source.to_owned())).collect(),
            entrypoint_name: "main".into(),
            lang: "wgsl",
        })
    }
}
