"""Reference numbers for whole networks, made with PyTorch: python3 test/reference/networks.py [OUT]

For each network, at a reduced picture size and with reduced widths so that the files stay small:

NETWORK-step.safetensors, NETWORK-step.json
    One training step with dropout: parameters, pictures, labels, dropout masks, logits, loss, the
    gradient of the loss by every trainable parameter, the moving statistics after the step; and the
    probabilities in inference mode with the parameters and moving statistics before it.
NETWORK-curves.json
    Losses of 20 training steps without dropout from the same parameters, on the same batch, with
    several optimisers. losses[i] is the loss before the i-th update.

Names and layouts: conv kernels [O, I, kh, kw], dense kernels [in, out], pictures [N, C, H, W] in
0..1, flattening in the order C, H, W, one-hot labels and dropout masks [N, units] with the values 0
and 1 / (1 - rate). All is computed in float64 from numbers that float32 holds exactly, and rounded to
float32 at the end, so the files are nearer to the truth than any float32 engine.
"""

import argparse
from pathlib import Path

import numpy
import torch
from torch.nn import functional

from network_layers import BASELINE, CLASSES, Tensors, apply_layer, forward, levi_hassner
from safetensors_writer import write_json, write_safetensors

BATCH = 4
CURVE_STEPS = 20

# Name, layers, height and width of the pictures, seed. The alpha of Levi & Hassner's network (1e-4)
# hardly changes a number: the last network would show a mistake in the normalisation. The seeds were
# searched: their loss curves pass `check_stability`, and their four labels differ.
NETWORKS = [
    ("baseline", BASELINE, 64, 13),
    ("levi-hassner", levi_hassner(1e-4), 96, 3),
    ("levi-hassner-alpha-1", levi_hassner(1.0), 96, 3),
]

# With Nesterov momentum Keras and PyTorch differ as soon as the learning rate changes (Keras keeps it in
# the velocity): there it stays constant.
OPTIMISERS = [
    dict(kind="sgd", learning_rate=0.01, decay=1e-5, momentum=0.0, nesterov=False),
    dict(kind="sgd", learning_rate=0.002, decay=0.0, momentum=0.9, nesterov=True),
    dict(kind="adamw", learning_rate=1e-3, decay=0.0, beta1=0.9, beta2=0.999, epsilon=1e-7, weight_decay=1e-2),
]


def exact(values: numpy.ndarray) -> torch.Tensor:
    """The values rounded to float32, held as float64."""
    return torch.from_numpy(numpy.asarray(values, dtype=numpy.float32).astype(numpy.float64))


def smooth_pictures(random: numpy.random.Generator, size: int) -> torch.Tensor:
    """Pictures [N, 3, size, size] in 0..1: some plane waves of low frequency and a little noise."""
    rows, columns = numpy.meshgrid(numpy.arange(size) / size, numpy.arange(size) / size, indexing="ij")
    pictures = 0.02 * random.standard_normal((BATCH, 3, size, size))
    for plane in pictures.reshape(-1, size, size):
        for _ in range(6):
            row_frequency, column_frequency = random.uniform(-8, 8, 2)
            phase = random.uniform(0, 2 * numpy.pi)
            plane += random.uniform(0.2, 1) * numpy.sin(
                2 * numpy.pi * (row_frequency * rows + column_frequency * columns) + phase
            )
    low, high = pictures.min(axis=(2, 3), keepdims=True), pictures.max(axis=(2, 3), keepdims=True)
    return exact((pictures - low) / (high - low))


def initial_parameters(random: numpy.random.Generator, layers: list[dict], size: int) -> Tensors:
    """Normal kernels of deviation 1 / sqrt(inputs of a unit); everything else off its usual start, to matter.

    Kernels before a batch norm are six times larger. Their scale does not change the output, but it
    damps their steps: the loss curves do not jump (see `check_stability`). The biases of the first layer
    make up for the mean of the pictures, about 0.5: without that half of its filters would be dead.
    """
    parameters, shape = {}, (3, size, size)
    for position, layer in enumerate(layers):
        name = layer.get("name")
        if layer["kind"] in ("conv", "dense"):
            channels_in = shape[0]
            if layer["kind"] == "conv":
                kernel_shape = (layer["filters"], channels_in, layer["kernel"], layer["kernel"])
                inputs, channels_out = channels_in * layer["kernel"] ** 2, layer["filters"]
            else:
                kernel_shape = (channels_in, layer["units"])
                inputs, channels_out = channels_in, layer["units"]
            normalised = any(following["kind"] == "batch_norm" for following in layers[position + 1 : position + 3])
            deviation = (6 if normalised else 1) / numpy.sqrt(inputs)
            kernel = exact(random.normal(0, deviation, kernel_shape))
            bias = random.normal(0, 0.05, channels_out)
            if position == 0:
                bias -= 0.5 * kernel.sum(dim=(1, 2, 3)).numpy()
            parameters |= {f"{name}.kernel": kernel, f"{name}.bias": exact(bias)}
        if layer["kind"] == "batch_norm":
            parameters[f"{name}.gamma"] = exact(random.uniform(0.8, 1.2, shape[0]))
            parameters[f"{name}.beta"] = exact(random.normal(0, 0.1, shape[0]))
            parameters[f"{name}.moving_mean"] = exact(random.uniform(0, 2, shape[0]))
            parameters[f"{name}.moving_variance"] = exact(random.uniform(2, 6, shape[0]))
        picture = torch.zeros(1, *shape, dtype=torch.float64)
        shape = tuple(apply_layer(layer, parameters, picture, None, False).shape[1:])
    return parameters


def dropout_masks(random: numpy.random.Generator, layers: list[dict]) -> Tensors:
    """A mask [N, units] for each dropout layer: 0, or 1 / (1 - rate)."""
    masks, units = {}, 0
    for layer in layers:
        units = layer.get("units", units)
        if layer["kind"] == "dropout":
            kept = random.random((BATCH, units)) >= layer["rate"]
            masks[f"{layer['name']}.mask"] = exact(kept / (1 - layer["rate"]))
    return masks


def trainable(parameters: Tensors) -> Tensors:
    return {name: value for name, value in parameters.items() if ".moving_" not in name}


def step_fixture(layers: list[dict], parameters: Tensors, pictures: torch.Tensor, labels: torch.Tensor, masks: Tensors):
    """The tensors of one training step and of inference before it, and the loss."""
    leaves = {name: value.clone().requires_grad_() for name, value in trainable(parameters).items()}
    logits, moving = forward(layers, parameters | leaves, pictures, masks, training=True)
    loss = functional.cross_entropy(logits, labels)
    gradients = torch.autograd.grad(loss, list(leaves.values()))
    inference_logits, _ = forward(layers, parameters, pictures, None, training=False)
    tensors = parameters | masks | {"pictures": pictures, "labels": labels, "logits": logits.detach()}
    tensors |= {f"grad.{name}": gradient for name, gradient in zip(leaves, gradients)}
    tensors |= {f"after.{name}": value for name, value in moving.items()}
    tensors["inference.probabilities"] = inference_logits.softmax(dim=1)
    return tensors, loss.item()


def make_optimiser(settings: dict, leaves: list[torch.Tensor]) -> torch.optim.Optimizer:
    rate = settings["learning_rate"]
    if settings["kind"] == "sgd":
        return torch.optim.SGD(leaves, rate, momentum=settings["momentum"], nesterov=settings["nesterov"])
    betas = (settings["beta1"], settings["beta2"])
    return torch.optim.AdamW(leaves, rate, betas, settings["epsilon"], settings["weight_decay"])


def loss_curve(layers: list[dict], parameters: Tensors, pictures: torch.Tensor, labels: torch.Tensor, settings: dict):
    """Losses before each of 20 updates on one batch, without dropout.

    The learning rate of update i (from 0) is learning_rate / (1 + decay * i), Keras's time-based decay.
    """
    leaves = {name: value.clone().requires_grad_() for name, value in trainable(parameters).items()}
    optimiser = make_optimiser(settings, list(leaves.values()))
    losses = []
    for step in range(CURVE_STEPS):
        for group in optimiser.param_groups:
            group["lr"] = settings["learning_rate"] / (1 + settings["decay"] * step)
        logits, _ = forward(layers, parameters | leaves, pictures, None, training=True)
        loss = functional.cross_entropy(logits, labels)
        losses.append(loss.item())
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return losses


def check_stability(layers: list[dict], parameters: Tensors, pictures: torch.Tensor, labels: torch.Tensor, curve: dict):
    """Asserts that the rounding errors of a float32 engine cannot lead a loss curve elsewhere.

    Where two pixels of a pooling window, or a unit and its ReLU threshold, are nearly equal, a small
    error moves a gradient to another place, and some steps later the losses differ by a percent.
    """
    generator = torch.Generator().manual_seed(0)
    for _ in range(8):
        disturbed = {
            name: value * (1 + 1e-6 * torch.randn(value.shape, generator=generator, dtype=value.dtype))
            for name, value in parameters.items()
        }
        losses = loss_curve(layers, disturbed, pictures, labels, curve)
        numpy.testing.assert_allclose(losses, curve["losses"], rtol=1e-4)


def make_network(out: Path, name: str, layers: list[dict], size: int, seed: int) -> None:
    random = numpy.random.default_rng(seed)
    parameters = initial_parameters(random, layers, size)
    pictures = smooth_pictures(random, size)
    labels = exact(numpy.eye(CLASSES)[random.integers(CLASSES, size=BATCH)])
    masks = dropout_masks(random, layers)
    tensors, loss = step_fixture(layers, parameters, pictures, labels, masks)
    write_safetensors(out / f"{name}-step.safetensors", {key: value.numpy() for key, value in tensors.items()})
    made_with = f"PyTorch {torch.__version__.split('+')[0]}, float64"
    description = dict(network=name, made_with=made_with, seed=seed, pictures_shape=list(pictures.shape), layers=layers)
    write_json(out / f"{name}-step.json", description | dict(loss=loss))
    curves = [
        optimiser | dict(losses=loss_curve(layers, parameters, pictures, labels, optimiser)) for optimiser in OPTIMISERS
    ]
    for curve in curves:
        check_stability(layers, parameters, pictures, labels, curve)
    write_json(out / f"{name}-curves.json", dict(network=name, made_with=made_with, dropout_rate=0, curves=curves))


def main() -> None:
    parser = argparse.ArgumentParser(description="Makes the reference numbers of the whole networks.")
    parser.add_argument("out", nargs="?", type=Path, default=Path(__file__).parent, help="folder to write into")
    out = parser.parse_args().out
    torch.set_num_threads(1)
    for name, layers, size, seed in NETWORKS:
        make_network(out, name, layers, size, seed)


if __name__ == "__main__":
    main()
