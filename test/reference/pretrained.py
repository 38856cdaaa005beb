"""Numbers for VGG-16 and ResNet-50 with few channels, made with PyTorch: python3 test/reference/pretrained.py [OUT]

pretrained-NETWORK.safetensors, for `vgg16` and `resnet-50` (Keras) and `vgg16-torch` and `resnet-50-torch` (torchvision)
    features: what the backbone makes of the pictures in inference mode, before `Flatten` or as means of the channels
    loss, and the gradient of the loss by every trainable parameter, in a training step without dropout
pretrained-vgg16-notop.h5.gz
    weights of the small VGG-16 in the layout of Keras's file `vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5`
pretrained-resnet-50.onnx.gz, pretrained-resnet-50-train.onnx.gz
    the small ResNet-50 of torchvision as `torch.onnx.export` writes it, with normalisations folded and kept

All weights, and the pictures, come from a formula of their names in the files (`drawn` below), so that a test can make the
same ones. Keras's kernels are [kH, kW, I, O], torchvision's [O, I, kH, kW]. The two networks of torchvision are modules with
its names; where torchvision is installed, they are compared with its own at full width. Gradients have the names and layouts
of ageband.
"""

import argparse
import gzip
import io
import math
from pathlib import Path

import h5py
import numpy
import torch
from torch import nn
from torch.nn import functional

from safetensors_writer import write_safetensors

BATCH, SIDE, CLASSES = 2, 64, 3
VGG_CHANNELS, VGG_CONVOLUTIONS = [4, 4, 6, 6, 6], [2, 2, 3, 3, 3]
STEM, RESNET_CHANNELS, RESNET_BLOCKS = 4, [2, 2, 4, 4], [3, 4, 6, 3]
UNITS = [6, 5]
MEAN_LEVELS = [103.939, 116.779, 123.68]
MEAN, DEVIATION = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]

RANGES = {
    "bias": (-0.2, 0.2), "beta": (-0.2, 0.2), "gamma": (0.5, 1.5),
    "moving_mean": (-0.2, 0.2), "moving_variance": (0.5, 1.5), "pictures": (0, 1),
}  # fmt: skip


def drawn(name: str, shape, role: str, fan_in: int = 0) -> torch.Tensor:
    """Numbers from a hash of the name and of their place; kernels have the variance 2 / fan_in. float32, held as float64."""
    start = 0x811C9DC5
    for character in name:
        start = (start ^ ord(character)) * 0x01000193 & 0xFFFFFFFF
    x = (numpy.arange(math.prod(shape), dtype=numpy.uint64) * 0x9E3779B9 + start) & 0xFFFFFFFF
    for shift, factor in [(16, 0x7FEB352D), (15, 0x846CA68B)]:
        x = ((x ^ (x >> shift)) * factor) & 0xFFFFFFFF
    x ^= x >> 16
    reach = math.sqrt(6 / fan_in) if role == "kernel" else None
    low, high = (-reach, reach) if reach else RANGES[role]
    values = low + (high - low) * ((x >> 8).astype(numpy.float64) / 2**24)
    return torch.from_numpy(values.astype(numpy.float32).astype(numpy.float64).reshape(shape))


def pictures() -> torch.Tensor:
    return drawn("pictures", (BATCH, 3, SIDE, SIDE), "pictures")


class Keras:
    """The networks of `keras.applications`. Weights are drawn when they are met, under their names in Keras's files."""

    def __init__(self, training: bool):
        self.training, self.weights = training, {}

    def weight(self, layer: str, role: str, shape, fan_in: int = 0) -> torch.Tensor:
        name = f"{layer}/{role}"
        if name not in self.weights:
            values = drawn(name, shape, role, fan_in)
            self.weights[name] = values.requires_grad_(not role.startswith("moving"))
        return self.weights[name]

    def conv(self, x, name: str, filters: int, size: int, stride=1, same=False):
        inputs = x.shape[1]
        kernel = self.weight(name, "kernel", (size, size, inputs, filters), size * size * inputs)
        bias = self.weight(name, "bias", (filters,))
        if same:
            x = functional.pad(x, (size // 2,) * 4)
        return functional.conv2d(x, kernel.permute(3, 2, 0, 1), bias, stride)

    def norm(self, x, name: str):
        gamma, beta, mean, variance = (
            self.weight(name, role, (x.shape[1],)) for role in ("gamma", "beta", "moving_mean", "moving_variance")
        )
        if self.training:
            mean, variance = x.mean((0, 2, 3)), x.var((0, 2, 3), unbiased=False)
        wide = lambda values: values.view(1, -1, 1, 1)
        return (x - wide(mean)) / torch.sqrt(wide(variance) + 1.001e-5) * wide(gamma) + wide(beta)

    def preprocess(self, x):
        """`preprocess_input` of mode caffe: levels of 0..255, BGR, without the means."""
        return (x * 255)[:, [2, 1, 0]] - torch.tensor(MEAN_LEVELS, dtype=torch.float64).view(1, 3, 1, 1)

    def vgg16(self, x):
        x = self.preprocess(x)
        for block, (count, filters) in enumerate(zip(VGG_CONVOLUTIONS, VGG_CHANNELS), 1):
            for index in range(1, count + 1):
                x = torch.relu(self.conv(x, f"block{block}_conv{index}", filters, 3, same=True))
            x = functional.max_pool2d(x, 2, 2)
        return x

    def resnet50(self, x):
        x = functional.pad(self.preprocess(x), (3, 3, 3, 3))
        x = torch.relu(self.norm(self.conv(x, "conv1_conv", STEM, 7, 2), "conv1_bn"))
        x = functional.max_pool2d(functional.pad(x, (1, 1, 1, 1)), 3, 2)
        for stage, (blocks, filters) in enumerate(zip(RESNET_BLOCKS, RESNET_CHANNELS)):
            for block in range(blocks):
                name = f"conv{stage + 2}_block{block + 1}"
                stride = 2 if block == 0 and stage > 0 else 1
                shortcut = x
                if block == 0:
                    shortcut = self.norm(self.conv(x, f"{name}_0_conv", 4 * filters, 1, stride), f"{name}_0_bn")
                y = torch.relu(self.norm(self.conv(x, f"{name}_1_conv", filters, 1, stride), f"{name}_1_bn"))
                y = torch.relu(self.norm(self.conv(y, f"{name}_2_conv", filters, 3, same=True), f"{name}_2_bn"))
                y = self.norm(self.conv(y, f"{name}_3_conv", 4 * filters, 1), f"{name}_3_bn")
                x = torch.relu(shortcut + y)
        return x.mean((2, 3))

    def gradients(self) -> dict[str, torch.Tensor]:
        return {
            name.replace("/", "."): values.grad.permute(3, 2, 0, 1).contiguous() if values.ndim == 4 else values.grad
            for name, values in self.weights.items()
            if values.grad is not None
        }


class Bottleneck(nn.Module):
    def __init__(self, inputs: int, channels: int, stride: int, projects: bool):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(inputs, channels, 1, bias=False), nn.BatchNorm2d(channels)
        self.conv2, self.bn2 = nn.Conv2d(channels, channels, 3, stride, 1, bias=False), nn.BatchNorm2d(channels)
        self.conv3, self.bn3 = nn.Conv2d(channels, 4 * channels, 1, bias=False), nn.BatchNorm2d(4 * channels)
        self.downsample = None
        if projects:
            self.downsample = nn.Sequential(nn.Conv2d(inputs, 4 * channels, 1, stride, bias=False), nn.BatchNorm2d(4 * channels))

    def forward(self, x):
        y = torch.relu(self.bn1(self.conv1(x)))
        y = torch.relu(self.bn2(self.conv2(y)))
        y = self.bn3(self.conv3(y))
        return torch.relu(y + (x if self.downsample is None else self.downsample(x)))


class Resnet50(nn.Module):
    """torchvision's resnet50, under its names, of any width."""

    def __init__(self, stem=STEM, widths=RESNET_CHANNELS, outputs=7):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, stem, 7, 2, 3, bias=False), nn.BatchNorm2d(stem)
        inputs = stem
        for stage, (blocks, channels) in enumerate(zip(RESNET_BLOCKS, widths)):
            layers = []
            for block in range(blocks):
                layers.append(Bottleneck(inputs, channels, 2 if block == 0 and stage > 0 else 1, block == 0))
                inputs = 4 * channels
            setattr(self, f"layer{stage + 1}", nn.Sequential(*layers))
        self.fc = nn.Linear(inputs, outputs)

    def features(self, x):
        x = functional.max_pool2d(torch.relu(self.bn1(self.conv1(x))), 3, 2, 1)
        return self.layer4(self.layer3(self.layer2(self.layer1(x)))).mean((2, 3))

    def forward(self, x):
        return self.fc(self.features(x))


class Vgg16(nn.Module):
    """The convolutions of torchvision's vgg16, under its names, of any width."""

    def __init__(self, widths=VGG_CHANNELS):
        super().__init__()
        layers, inputs = [], 3
        for count, channels in zip(VGG_CONVOLUTIONS, widths):
            for _ in range(count):
                layers += [nn.Conv2d(inputs, channels, 3, padding=1), nn.ReLU()]
                inputs = channels
            layers.append(nn.MaxPool2d(2, 2))
        self.features = nn.Sequential(*layers)


ROLES = {"weight": "gamma", "bias": "beta", "running_mean": "moving_mean", "running_var": "moving_variance"}


def fill(module: nn.Module) -> nn.Module:
    """Draws the weights of a module under their names in torchvision's files."""
    module = module.double()
    for path, part in module.named_modules():
        norm = isinstance(part, nn.BatchNorm2d)
        for role, values in [*part.named_parameters(recurse=False), *part.named_buffers(recurse=False)]:
            if role == "num_batches_tracked":
                continue
            ours = ROLES[role] if norm else "kernel" if role == "weight" else role
            fan_in = math.prod(values.shape[1:])
            values.data.copy_(drawn(f"{path}.{role}", tuple(values.shape), ours, fan_in))
    return module


def normalised(x):
    wide = lambda values: torch.tensor(values, dtype=torch.float64).view(1, 3, 1, 1)
    return (x - wide(MEAN)) / wide(DEVIATION)


def torch_gradients(module: nn.Module) -> dict[str, torch.Tensor]:
    parts = dict(module.named_modules())
    result = {}
    for name, values in module.named_parameters():
        path, role = name.rsplit(".", 1)
        ours = ROLES[role] if isinstance(parts[path], nn.BatchNorm2d) else "kernel" if role == "weight" else role
        if values.grad is not None:
            result[f"{path.replace('.', '_')}.{ours}"] = values.grad
    return result


def head_loss(features: torch.Tensor):
    """Loss and parameters of the report's head, without dropout; picture i is of class i."""
    x, parameters = features.flatten(1), {}
    for index, units in enumerate([*UNITS, CLASSES], 1):
        kernel = drawn(f"dense{index}.kernel", (x.shape[1], units), "kernel", x.shape[1]).requires_grad_()
        bias = drawn(f"dense{index}.bias", (units,), "bias").requires_grad_()
        parameters |= {f"dense{index}.kernel": kernel, f"dense{index}.bias": bias}
        x = x @ kernel + bias
        x = torch.relu(x) if index < 3 else x
    return functional.cross_entropy(x, torch.arange(BATCH)), parameters


def fixture(features: torch.Tensor, training_features: torch.Tensor, gradients) -> dict[str, numpy.ndarray]:
    loss, head = head_loss(training_features)
    loss.backward()
    assert all(features.flatten(1).std(0) > 0) or (features > 0).float().mean() > 0.3, "too many dead features"
    steps = gradients() | {name: values.grad for name, values in head.items()}
    tensors = {"features": features, "loss": loss.reshape(1)} | {f"gradient:{name}": values for name, values in steps.items()}
    return {name: values.detach().numpy() for name, values in tensors.items()}


def keras_fixture(forward) -> dict[str, numpy.ndarray]:
    network = Keras(True)
    return fixture(forward(Keras(False), pictures()), forward(network, pictures()), network.gradients)


def torch_fixture(module: nn.Module) -> dict[str, numpy.ndarray]:
    fill(module)
    x = normalised(pictures())
    with torch.no_grad():
        inference = module.eval().features(x)
    return fixture(inference, module.train().features(x), lambda: torch_gradients(module))


def write_compressed(path: Path, buffer: io.BytesIO) -> None:
    path.write_bytes(gzip.compress(buffer.getvalue(), mtime=0))


def write_notop(path: Path) -> None:
    """As Keras 1 wrote the file that `keras.applications` still has: `block1_conv1/block1_conv1_W_1:0`."""
    network = Keras(False)
    network.vgg16(pictures())
    layers = ["input_1"]
    for block, count in enumerate(VGG_CONVOLUTIONS, 1):
        layers += [f"block{block}_conv{index}" for index in range(1, count + 1)] + [f"block{block}_pool"]
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        file.attrs["layer_names"] = numpy.array([name.encode() for name in layers])
        for layer in layers:
            group = file.create_group(layer)
            roles = [] if f"{layer}/kernel" not in network.weights else [("W", "kernel"), ("b", "bias")]
            group.attrs["weight_names"] = numpy.array([f"{layer}_{letter}_1:0".encode() for letter, _ in roles])
            for letter, role in roles:
                values = network.weights[f"{layer}/{role}"].detach().numpy().astype(numpy.float32)
                group.create_dataset(f"{layer}_{letter}_1:0", data=values)
    write_compressed(path, buffer)


def export_onnx(path: Path, folded: bool) -> None:
    mode = torch.onnx.TrainingMode.EVAL if folded else torch.onnx.TrainingMode.PRESERVE
    module = fill(Resnet50()).float().eval()
    buffer = io.BytesIO()
    torch.onnx.export(module, torch.zeros(1, 3, SIDE, SIDE), buffer, training=mode, do_constant_folding=folded)
    write_compressed(path, buffer)


def compare_with_torchvision() -> None:
    try:
        from torchvision import models
    except ImportError:
        print("torchvision is not installed: nothing to compare with")
        return
    x = normalised(pictures())
    with torch.no_grad():
        ours = fill(Resnet50(64, [64, 128, 256, 512], 1000)).eval()
        theirs = models.resnet50().double().eval()
        theirs.load_state_dict(ours.state_dict())
        assert torch.allclose(ours(x), theirs(x), rtol=1e-9)
        ours = fill(Vgg16([64, 128, 256, 512, 512])).eval()
        theirs = models.vgg16().double().eval()
        theirs.load_state_dict(ours.state_dict(), strict=False)
        assert torch.allclose(ours.features(x), theirs.features(x), rtol=1e-9)
    print("the same as torchvision's")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("out", nargs="?", type=Path, default=Path(__file__).parent)
    out = parser.parse_args().out
    compare_with_torchvision()
    fixtures = {
        "vgg16": keras_fixture(Keras.vgg16),
        "resnet-50": keras_fixture(Keras.resnet50),
        "vgg16-torch": torch_fixture(Vgg16()),
        "resnet-50-torch": torch_fixture(Resnet50()),
    }
    for name, tensors in fixtures.items():
        write_safetensors(out / f"pretrained-{name}.safetensors", tensors)
    write_notop(out / "pretrained-vgg16-notop.h5.gz")
    export_onnx(out / "pretrained-resnet-50.onnx.gz", True)
    export_onnx(out / "pretrained-resnet-50-train.onnx.gz", False)


if __name__ == "__main__":
    main()
