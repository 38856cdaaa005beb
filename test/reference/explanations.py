"""Reference numbers for class maps, made with PyTorch: python3 test/reference/explanations.py [OUT]

explanations.safetensors
    NETWORK.METHOD.LAYER [N, h, w]: maps of the networks of networks.py with their parameters and
    pictures, in inference mode, at each convolution. METHOD is grad-cam, grad-cam++ or hires-cam; the class of
    picture i is targets[i]. Grad-CAM++ is that of exp(score), divided by exp(score).
    pooled.*: pictures, parameters and maps of a small network that ends in global average pooling and
    one dense layer, with the class activation map (cam) and Grad-CAM of its last convolution.
    spread.map [h, w], and spread.HxW: the same stretched over pictures of that size.

The class maps follow the equations of the papers, with the gradients of autograd; no code is shared with
the TypeScript side. All is computed in float64 and rounded to float32 at the end.
"""

import argparse
from pathlib import Path

import numpy
import torch
from torch.nn import functional

from network_layers import CLASSES, Tensors, apply_layer
from networks import BATCH, NETWORKS, exact, initial_parameters, smooth_pictures
from safetensors_writer import write_safetensors

TARGETS = [2, 5, 0, 7]


def activations_and_scores(layers: list[dict], parameters: Tensors, pictures: torch.Tensor, name: str):
    """The output of a convolution after its ReLU, as a leaf, and the logits that follow from it."""
    x, activations = pictures, None
    for layer in layers:
        x = apply_layer(layer, parameters, x, None, False)
        if layer.get("name") == name:
            activations = x = x.detach().requires_grad_()
    return activations, x


def grad_cam(activations: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
    """Selvaraju et al. 2017, equations 1 and 2."""
    (gradient,) = torch.autograd.grad(scores.sum(), activations, retain_graph=True)
    weights = gradient.mean(dim=(2, 3), keepdim=True)
    return (weights * activations).sum(dim=1).relu().detach()


def grad_cam_plus_plus(activations: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
    """Chattopadhay et al. 2018, equations 19 (alpha) and 7 (weights), for Y = exp(score), over exp(score)."""
    (gradient,) = torch.autograd.grad(scores.sum(), activations, retain_graph=True)
    second, third = gradient**2, gradient**3
    below = 2 * second + third * activations.sum(dim=(2, 3), keepdim=True)
    alpha = torch.where(below != 0, second / torch.where(below != 0, below, torch.ones_like(below)), 0.0)
    weights = (alpha * gradient.relu()).sum(dim=(2, 3), keepdim=True)
    return (weights * activations).sum(dim=1).relu().detach()


def hires_cam(activations: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
    """Draelos & Carin 2020, equation 6: every cell has a gradient of its own."""
    (gradient,) = torch.autograd.grad(scores.sum(), activations, retain_graph=True)
    return (gradient * activations).sum(dim=1).relu().detach()


def network_maps(name: str, layers: list[dict], size: int, seed: int) -> Tensors:
    random = numpy.random.default_rng(seed)
    parameters = initial_parameters(random, layers, size)
    pictures = smooth_pictures(random, size)
    maps = {}
    for layer in (layer["name"] for layer in layers if layer["kind"] == "conv"):
        activations, logits = activations_and_scores(layers, parameters, pictures, layer)
        scores = logits[torch.arange(BATCH), TARGETS]
        maps[f"{name}.grad-cam.{layer}"] = grad_cam(activations, scores)
        maps[f"{name}.grad-cam++.{layer}"] = grad_cam_plus_plus(activations, scores)
        maps[f"{name}.hires-cam.{layer}"] = hires_cam(activations, scores)
    return maps


def pooled_maps(random: numpy.random.Generator) -> Tensors:
    """Convolution, ReLU, pooling, convolution, ReLU, means, dense."""
    shapes = {"conv1.kernel": (4, 3, 3, 3), "conv2.kernel": (5, 4, 3, 3), "dense.kernel": (5, CLASSES)}
    parameters = {name: exact(random.normal(0, 0.4, shape)) for name, shape in shapes.items()}
    parameters |= {"conv1.bias": exact(random.normal(0, 0.1, 4)), "conv2.bias": exact(random.normal(0, 0.1, 5))}
    parameters["dense.bias"] = exact(random.normal(0, 0.1, CLASSES))
    pictures = smooth_pictures(random, 16)
    x = functional.conv2d(pictures, parameters["conv1.kernel"], parameters["conv1.bias"], padding=1).relu()
    x = functional.max_pool2d(x, 2)
    x = functional.conv2d(x, parameters["conv2.kernel"], parameters["conv2.bias"], padding=1).relu()
    activations = x.detach().requires_grad_()
    logits = activations.mean(dim=(2, 3)) @ parameters["dense.kernel"] + parameters["dense.bias"]
    scores = logits[torch.arange(BATCH), TARGETS]
    weights = parameters["dense.kernel"][:, TARGETS].T
    tensors = {f"pooled.{name}": value for name, value in parameters.items()} | {"pooled.pictures": pictures}
    tensors["pooled.cam"] = torch.einsum("nkhw,nk->nhw", activations.detach(), weights)
    tensors["pooled.grad-cam"] = grad_cam(activations, scores)
    tensors["pooled.probabilities"] = logits.softmax(dim=1).detach()
    return tensors


def spread_maps(random: numpy.random.Generator) -> Tensors:
    """A map stretched over pictures."""
    values = exact(random.uniform(0, 1, (5, 6)))
    values = exact(values / values.max())
    tensors = {"spread.map": values}
    for size in [(48, 48), (31, 70), (3, 2)]:
        spread = functional.interpolate(values[None, None], size, mode="bilinear", align_corners=False)
        tensors[f"spread.{size[0]}x{size[1]}"] = spread[0, 0]
    return tensors


def main() -> None:
    parser = argparse.ArgumentParser(description="Makes the reference numbers of the class maps.")
    parser.add_argument("out", nargs="?", type=Path, default=Path(__file__).parent, help="folder to write into")
    out = parser.parse_args().out
    torch.set_num_threads(1)
    tensors = {"targets": torch.tensor(TARGETS)}
    for network in NETWORKS:
        tensors |= network_maps(*network)
    random = numpy.random.default_rng(1)
    tensors |= pooled_maps(random) | spread_maps(random)
    write_safetensors(out / "explanations.safetensors", {name: value.numpy() for name, value in tensors.items()})


if __name__ == "__main__":
    main()
