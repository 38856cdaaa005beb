"""The two networks of the reference numbers, as lists of layers, and their forward pass in PyTorch."""

import torch
from torch.nn import functional

CLASSES = 8

Tensors = dict[str, torch.Tensor]


def conv(name: str, filters: int, kernel: int, stride: int = 1, padding: int = 0) -> dict:
    """Convolution with bias, then ReLU."""
    return dict(kind="conv", name=name, filters=filters, kernel=kernel, stride=stride, padding=padding)


def max_pool(stride: int) -> dict:
    """3x3 windows that lie wholly inside the picture."""
    return dict(kind="max_pool", size=3, stride=stride)


def batch_norm(name: str) -> dict:
    """Over batch, height and width, with Keras's defaults."""
    return dict(kind="batch_norm", name=name, momentum=0.99, epsilon=1e-3)


def local_response_norm(alpha: float) -> dict:
    """x / (k + alpha / size * sum of squares over `size` neighbouring channels) ** beta, as ONNX has it."""
    return dict(kind="local_response_norm", size=5, alpha=alpha, beta=0.75, k=1.0)


def dense(name: str, units: int, activation: str) -> dict:
    return dict(kind="dense", name=name, units=units, activation=activation)


def dropout(name: str) -> dict:
    return dict(kind="dropout", name=name, rate=0.5)


HEAD = [
    dict(kind="flatten"),
    dense("dense1", 16, "relu"),
    dropout("dropout1"),
    dense("dense2", 12, "relu"),
    dropout("dropout2"),
    dense("dense3", CLASSES, "linear"),
]

BASELINE = [
    conv("conv1", 6, 7),
    max_pool(stride=2),
    batch_norm("batch_norm1"),
    conv("conv2", 8, 5),
    max_pool(stride=2),
    batch_norm("batch_norm2"),
    conv("conv3", 10, 3),
    max_pool(stride=3),
    *HEAD,
]


def levi_hassner(alpha: float) -> list[dict]:
    return [
        conv("conv1", 6, 7, stride=4),
        max_pool(stride=2),
        local_response_norm(alpha),
        conv("conv2", 8, 5, padding=2),
        max_pool(stride=2),
        local_response_norm(alpha),
        conv("conv3", 10, 3, padding=1),
        max_pool(stride=2),
        *HEAD,
    ]


def apply_layer(layer: dict, parameters: Tensors, x: torch.Tensor, masks: Tensors | None, training: bool):
    """Output of one layer; without masks dropout does nothing."""
    name = layer.get("name")
    match layer["kind"]:
        case "conv":
            kernel, bias = parameters[f"{name}.kernel"], parameters[f"{name}.bias"]
            return functional.conv2d(x, kernel, bias, layer["stride"], layer["padding"]).relu()
        case "max_pool":
            return functional.max_pool2d(x, layer["size"], layer["stride"])
        case "batch_norm":
            return functional.batch_norm(
                x,
                None if training else parameters[f"{name}.moving_mean"],
                None if training else parameters[f"{name}.moving_variance"],
                parameters[f"{name}.gamma"],
                parameters[f"{name}.beta"],
                training=training,
                eps=layer["epsilon"],
            )
        case "local_response_norm":
            return functional.local_response_norm(x, layer["size"], layer["alpha"], layer["beta"], layer["k"])
        case "flatten":
            return x.flatten(1)
        case "dense":
            y = x @ parameters[f"{name}.kernel"] + parameters[f"{name}.bias"]
            return y.relu() if layer["activation"] == "relu" else y
        case "dropout":
            return x if masks is None else x * masks[f"{name}.mask"]


def forward(layers: list[dict], parameters: Tensors, pictures: torch.Tensor, masks: Tensors | None, training: bool):
    """Logits [N, classes], and the moving statistics after this batch (of training mode)."""
    x, moving = pictures, {}
    for layer in layers:
        if layer["kind"] == "batch_norm" and training:
            moving |= updated_statistics(layer, parameters, x.detach())
        x = apply_layer(layer, parameters, x, masks, training)
    return x, moving


def updated_statistics(layer: dict, parameters: Tensors, x: torch.Tensor) -> Tensors:
    """Moving mean and variance after a batch as Keras 3 has them: with the biased variance of the batch.

    PyTorch, and TensorFlow's fused kernel, put the unbiased variance into the moving average.
    """
    name, momentum = layer["name"], layer["momentum"]
    batch = {"moving_mean": x.mean(dim=(0, 2, 3)), "moving_variance": x.var(dim=(0, 2, 3), correction=0)}
    return {
        f"{name}.{key}": momentum * parameters[f"{name}.{key}"] + (1 - momentum) * value
        for key, value in batch.items()
    }
