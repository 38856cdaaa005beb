"""Files of weights as PyTorch and Keras 3 write them, and numbers of other widths as float32: python3 test/reference/weight_files.py [OUT]

torch-resnet-50.pth.gz
    state dict of the small ResNet-50 of pretrained.py, as `torch.save` writes it since version 1.6: a zip archive
torch-vgg16-old.pth.gz
    what a trainer keeps of the small VGG-16, in the form of before 1.6: the state dict of a module in DataParallel, the state of
    an optimiser, and numbers
keras-resnet-50.weights.h5.gz
    weights alone of the small ResNet-50 of Keras and a head on it, as `save_weights` of Keras 3 writes them: layers numbered
    within their class, without names, in a group of the model that they belong to
onnx-resnet-50-half.onnx.gz
    pretrained-resnet-50-train.onnx.gz with its numbers as float16, one half of the initialisers in bytes and the other in a list;
    made with Debian's python3-onnx
torch-tensors.pth, torch-tensors-old.pth
    tensors of many types, with strides, with storages that they share, and without elements; pickled in the protocols 4 and 2
torch-tensors.safetensors
    the floating-point ones among them as float32, row-major
float-widths.safetensors
    special values of float16, bfloat16 and float64 under these names, and what PyTorch makes of them under `NAME float32`
weight-files.json
    SHA-256 of all 65,536 numbers of float16 and of bfloat16 as float32, those that are NaN with the bits 7fc00000

The numbers of the networks come from a formula of their names, see pretrained.py.
"""

import gzip
import hashlib
import io
import sys
from collections import OrderedDict
from pathlib import Path

import h5py
import numpy
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

from pretrained import RESNET_BLOCKS, Keras, Resnet50, Vgg16, fill, pictures
from safetensors_writer import write_entries, write_json, write_safetensors

# Smallest and greatest subnormal, smallest normal, neighbours of 1, a third, the greatest, infinity, NaN, and the zeros.
HALVES = [0x0000, 0x0001, 0x03FF, 0x0400, 0x3BFF, 0x3C00, 0x3C01, 0x3555, 0x7BFF, 0x7C00, 0x7E00]
BRAINS = [0x0000, 0x0001, 0x007F, 0x0080, 0x3F7F, 0x3F80, 0x3F81, 0x3EAB, 0x7F7F, 0x7F80, 0x7FC0]
# Halfway between two float32 (to even, down and up), beyond the greatest, below the smallest subnormal, and specials.
DOUBLES = [0.0, 1 + 2**-24, 1 + 3 * 2**-24, 1 + 2**-24 + 2**-40, 0.1, 3.5e38, 1e300, 2**-149, 2**-150, 1.1 * 2**-150, 1e-300,
           float("inf"), float("nan")]  # fmt: skip


def bits(values, type_):
    # torch has no unsigned integers of two bytes.
    signed = [value - 0x10000 if value >= 0x8000 else value for value in values]
    return torch.tensor(signed, dtype=torch.int16).view(type_)


def save(value, path: Path, **options) -> None:
    buffer = io.BytesIO()
    torch.save(value, buffer, **options)
    content = buffer.getvalue()
    path.write_bytes(gzip.compress(content, mtime=0) if path.suffix == ".gz" else content)


def trained() -> dict:
    module = nn.DataParallel(fill(Vgg16()).float())
    optimiser = torch.optim.SGD(module.parameters(), lr=0.1, momentum=0.9)
    for values in module.parameters():
        values.grad = torch.zeros_like(values)
    optimiser.step()
    state = dict(module.state_dict())
    # Weight decay and momentum are zero: nothing has moved.
    return {"epoch": 3, "arch": "vgg16", "best_acc1": 71.5, "state_dict": state, "optimizer": optimiser.state_dict(), "seed": None}


def resnet_layers():
    """The convolutions of Keras's ResNet-50 in the order of `model.layers`; normalisations follow each other alike."""
    yield "conv1"
    for stage, blocks in enumerate(RESNET_BLOCKS):
        for block in range(blocks):
            # The shortcut of a first block stands before what is added to it.
            yield from (f"conv{stage + 2}_block{block + 1}_{place}" for place in ([1, 2, 0, 3] if block == 0 else [1, 2, 3]))


def write_numbered(path: Path) -> None:
    network = Keras(False)
    network.resnet50(pictures())
    roles = {"conv2d": ("conv", ["kernel", "bias"]), "batch_normalization": ("bn", ["gamma", "beta", "moving_mean", "moving_variance"])}
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        for index, layer in enumerate(resnet_layers()):
            for word, (ending, names) in roles.items():
                group = file.create_group(f"layers/functional/layers/{word}" + (f"_{index}" if index else "") + "/vars")
                for place, role in enumerate(names):
                    group[str(place)] = network.weights[f"{layer}_{ending}/{role}"].detach().numpy().astype(numpy.float32)
        file.create_group("layers/global_average_pooling2d/vars")
        file["layers/dense/vars/0"], file["layers/dense/vars/1"] = numpy.zeros((16, 7), "f4"), numpy.zeros(7, "f4")
        file.create_group("vars")
    path.write_bytes(gzip.compress(buffer.getvalue(), mtime=0))


def write_half(path: Path) -> None:
    model = onnx.load_from_string(gzip.decompress((Path(__file__).parent / "pretrained-resnet-50-train.onnx.gz").read_bytes()))
    for index, tensor in enumerate(model.graph.initializer):
        if tensor.data_type != TensorProto.FLOAT:
            continue
        values = numpy_helper.to_array(tensor).astype(numpy.float16)
        listed = helper.make_tensor(tensor.name, TensorProto.FLOAT16, values.shape, values.flatten())
        tensor.CopyFrom(numpy_helper.from_array(values, tensor.name) if index % 2 else listed)
    path.write_bytes(gzip.compress(model.SerializeToString(), mtime=0))


def tensors() -> OrderedDict:
    base = torch.arange(60, dtype=torch.float32).reshape(3, 4, 5) / 7
    image = torch.arange(48, dtype=torch.float32).reshape(2, 3, 4, 2).to(memory_format=torch.channels_last)
    return OrderedDict(
        base=base,
        part=base[1:, :, 2],
        transposed=base.permute(2, 0, 1),
        every_other=base.flatten()[1::2],
        channels_last=image,
        scalar=torch.tensor(2.5),
        empty=torch.zeros(0, 3),
        single=base[2:3, 3:4],
        half=(base / 3).half(),
        half_transposed=(base / 3).half().transpose(0, 2),
        brain=(base / 3).bfloat16(),
        double=base.double() / 3,
        parameter=nn.Parameter(base[0].clone()),
        frozen=nn.Parameter(base[1].clone(), requires_grad=False),
        long=torch.tensor([1, -1, 2**40]),
        int=torch.tensor([7], dtype=torch.int32),
        short=torch.tensor([7], dtype=torch.int16),
        char=torch.tensor([-7], dtype=torch.int8),
        byte=torch.tensor([7], dtype=torch.uint8),
        bool=torch.tensor([True, False]),
        größe=torch.tensor([1.5]),
    )


def float_widths(path: Path) -> None:
    values = {
        "float16": ("F16", bits([*HALVES, *(0x8000 | value for value in HALVES)], torch.float16)),
        "bfloat16": ("BF16", bits([*BRAINS, *(0x8000 | value for value in BRAINS)], torch.bfloat16)),
        "float64": ("F64", torch.tensor([*DOUBLES, *(-value for value in DOUBLES)], dtype=torch.float64)),
    }
    entries = {}
    for name, (type_, given) in values.items():
        raw = given.view(torch.int16) if given.element_size() == 2 else given
        entries[name] = (type_, given.shape, raw.numpy().tobytes())
        entries[f"{name} float32"] = ("F32", given.shape, given.float().numpy().tobytes())
    write_entries(path, entries)


def digest(type_) -> str:
    values = bits(range(0x10000), type_).float()
    values[values.isnan()] = float("nan")
    return hashlib.sha256(values.numpy().tobytes()).hexdigest()


def main() -> None:
    out = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    write_numbered(out / "keras-resnet-50.weights.h5.gz")
    write_half(out / "onnx-resnet-50-half.onnx.gz")
    save(fill(Resnet50()).float().state_dict(), out / "torch-resnet-50.pth.gz")
    save(trained(), out / "torch-vgg16-old.pth.gz", _use_new_zipfile_serialization=False)
    save(tensors(), out / "torch-tensors.pth", pickle_protocol=4)
    save(tensors(), out / "torch-tensors-old.pth", _use_new_zipfile_serialization=False)
    floats = {name: values.detach().float().contiguous().numpy() for name, values in tensors().items() if values.is_floating_point()}
    write_safetensors(out / "torch-tensors.safetensors", floats)
    float_widths(out / "float-widths.safetensors")
    write_json(out / "weight-files.json", {"float16": digest(torch.float16), "bfloat16": digest(torch.bfloat16)})


if __name__ == "__main__":
    main()
