"""GPT-2 as an ONNX graph, for ONNX Runtime Web and transformers.js: `onnx_graph.py CHECKPOINT_FOLDER FILE.onnx`.

Takes `input_ids`, (batch, pos), rows of one length, and gives `logits` of the last position, (batch, 1, vocab). Operators
are the standard's own, each as large as it has them (LayerNormalization, Gelu), so that the runtime need not find them.
"""

import json
import pathlib
import sys

import numpy as np
from onnx import TensorProto, checker, helper, numpy_helper, save
from safetensors.numpy import load_file

folder, to = map(pathlib.Path, sys.argv[1:])
config = json.loads((folder / "config.json").read_text())
weights = load_file(folder / "model.safetensors")
N_HEADS, D_MODEL, EPS = config["n_head"], config["n_embd"], config["layer_norm_epsilon"]
D_HEAD = D_MODEL // N_HEADS

nodes, constants = [], {}


def op(kind, *inputs, **attributes):
    """The name of what an operator gives."""
    name = f"{kind}_{len(nodes)}"
    nodes.append(helper.make_node(kind, inputs, [name], name=name, **attributes))
    return name


def constant(name, value):
    constants[name] = numpy_helper.from_array(np.array(value, order="C"), name)
    return name


def weight(name):
    found = weights.get(name, weights.get(f"transformer.{name}"))
    return constant(name, found.astype(np.float32))


def integers(*values):
    return constant("i" + "_".join(map(str, values)), np.array(values, np.int64))


def norm(x, name):
    return op("LayerNormalization", x, weight(f"{name}.weight"), weight(f"{name}.bias"), axis=-1, epsilon=EPS)


def linear(x, name):
    return op("Add", op("MatMul", x, weight(f"{name}.weight")), weight(f"{name}.bias"))


def heads(x, *order):
    """(batch, pos, d_model) as (batch, head, pos, d_head), or by another order of the axes."""
    return op("Transpose", op("Reshape", x, integers(0, 0, N_HEADS, D_HEAD)), perm=order)


def attention(x, name, future):
    parts = [f"{name}_{part}" for part in "qkv"]
    thirds = integers(D_MODEL, D_MODEL, D_MODEL)
    nodes.append(helper.make_node("Split", [linear(x, f"{name}.c_attn"), thirds], parts, name=f"{name}_qkv", axis=-1))
    q, k, v = heads(parts[0], 0, 2, 1, 3), heads(parts[1], 0, 2, 3, 1), heads(parts[2], 0, 2, 1, 3)
    scores = op("Add", op("Mul", op("MatMul", q, k), constant("scale", np.float32(D_HEAD**-0.5))), future)
    z = op("Transpose", op("MatMul", op("Softmax", scores, axis=-1), v), perm=[0, 2, 1, 3])
    return linear(op("Reshape", z, integers(0, 0, D_MODEL)), f"{name}.c_proj")


length = op("Gather", op("Shape", "input_ids"), constant("one", np.int64(1)))
positions = op("Range", constant("zero", np.int64(0)), length, "one")
# Of each query and key the mask that is added to their score: keys after the query are out.
query, key = op("Unsqueeze", positions, integers(1)), op("Unsqueeze", positions, integers(0))
never, always = constant("never", np.float32(-1e9)), constant("always", np.float32(0))
future = op("Where", op("Greater", key, query), never, always)

x = op("Add", op("Gather", weight("wte.weight"), "input_ids"), op("Gather", weight("wpe.weight"), positions))
for layer in range(config["n_layer"]):
    x = op("Add", x, attention(norm(x, f"h.{layer}.ln_1"), f"h.{layer}.attn", future))
    inner = op("Gelu", linear(norm(x, f"h.{layer}.ln_2"), f"h.{layer}.mlp.c_fc"), approximate="tanh")
    x = op("Add", x, linear(inner, f"h.{layer}.mlp.c_proj"))
last = norm(op("Gather", x, constant("last", np.int64(-1)), axis=1), "ln_f")
logits = op("Unsqueeze", op("Gemm", last, "wte.weight", transB=1), integers(1))
nodes.append(helper.make_node("Identity", [logits], ["logits"]))

graph = helper.make_graph(
    nodes,
    "gpt2",
    [helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["batch", "pos"])],
    [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", 1, config["vocab_size"]])],
    list(constants.values()),
)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)
checker.check_model(model)
to.parent.mkdir(parents=True, exist_ok=True)
save(model, to)
