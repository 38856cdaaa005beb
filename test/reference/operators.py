"""Reference numbers for single operators, made with PyTorch: python3 test/reference/operators.py [OUT]

Writes operators.safetensors and operators.json. A case NAME has tensors NAME.x (input), NAME.w, NAME.b
(weights, bias), NAME.y (output), NAME.dy (the gradient that arrives at the output), NAME.dx, NAME.dw,
NAME.db (gradients); pictures are [N, C, H, W]. The JSON file gives the operator and its attributes in
the words of ONNX; `pads` is top, left, bottom, right. All is computed in float64 from numbers that
float32 holds exactly, and rounded to float32 at the end.
"""

import argparse
from collections.abc import Callable
from pathlib import Path

import numpy
import torch
from torch.nn import functional

from safetensors_writer import write_json, write_safetensors

BATCH_NORM_EPSILON = 1e-3
BATCH_NORM_MOMENTUM = 0.99


class Cases:
    """The cases made so far, and the random numbers for the next one."""

    def __init__(self, seed: int) -> None:
        self.random = numpy.random.default_rng(seed)
        self.tensors: dict[str, torch.Tensor] = {}
        self.attributes: dict[str, dict] = {}

    def normal(self, *shape: int) -> torch.Tensor:
        return exact(self.random.standard_normal(shape))

    def add(
        self,
        name: str,
        attributes: dict,
        inputs: dict[str, torch.Tensor],
        operator: Callable[..., torch.Tensor],
    ) -> None:
        """Runs `operator` on the inputs, and backwards from a random gradient of its output."""
        leaves = {key: value.clone().requires_grad_() for key, value in inputs.items()}
        y = operator(**leaves)
        dy = self.normal(*y.shape)
        gradients = torch.autograd.grad(y, list(leaves.values()), dy)
        self.record(name, attributes, inputs | {"y": y.detach(), "dy": dy})
        self.record(name, attributes, {f"d{key}": gradient for key, gradient in zip(leaves, gradients)})

    def record(self, name: str, attributes: dict, tensors: dict[str, torch.Tensor]) -> None:
        self.attributes[name] = attributes
        self.tensors |= {f"{name}.{key}": value for key, value in tensors.items()}


def exact(values: numpy.ndarray) -> torch.Tensor:
    """The values rounded to float32, held as float64."""
    return torch.from_numpy(numpy.asarray(values, dtype=numpy.float32).astype(numpy.float64))


def add_convolution(
    cases: Cases,
    name: str,
    x_shape: tuple[int, int, int, int],
    filters: int,
    kernel_shape: tuple[int, int],
    strides: tuple[int, int] = (1, 1),
    pads: tuple[int, int, int, int] = (0, 0, 0, 0),
    dilations: tuple[int, int] = (1, 1),
    group: int = 1,
) -> None:
    top, left, bottom, right = pads

    def convolve(x: torch.Tensor, w: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        padded = functional.pad(x, (left, right, top, bottom))
        return functional.conv2d(padded, w, b, strides, 0, dilations, group)

    attributes = dict(
        operator="Conv", kernel_shape=kernel_shape, strides=strides, pads=pads, dilations=dilations, group=group
    )
    inputs = dict(
        x=cases.normal(*x_shape),
        w=cases.normal(filters, x_shape[1] // group, *kernel_shape),
        b=cases.normal(filters),
    )
    cases.add(name, attributes, inputs, convolve)


def add_convolutions(cases: Cases) -> None:
    add_convolution(cases, "conv_valid", (2, 3, 7, 8), 4, (3, 3))
    add_convolution(cases, "conv_pointwise", (2, 5, 4, 3), 3, (1, 1))
    # One row and one column at the end are not read: their gradient is zero.
    add_convolution(cases, "conv_stride2", (2, 3, 8, 10), 4, (3, 3), strides=(2, 2))
    add_convolution(cases, "conv_stride4", (2, 3, 17, 18), 4, (7, 7), strides=(4, 4))
    add_convolution(cases, "conv_padding", (2, 3, 6, 5), 4, (5, 5), pads=(2, 2, 2, 2))
    add_convolution(cases, "conv_padding_asymmetric", (2, 3, 7, 6), 4, (3, 3), strides=(2, 2), pads=(0, 0, 1, 2))
    add_convolution(cases, "conv_rectangular", (2, 2, 7, 9), 3, (2, 4), strides=(2, 3), pads=(1, 0, 1, 0))
    add_convolution(cases, "conv_dilation2", (2, 3, 9, 8), 4, (3, 3), pads=(1, 1, 1, 1), dilations=(2, 2))
    add_convolution(cases, "conv_groups2", (2, 4, 6, 6), 6, (3, 3), pads=(1, 1, 1, 1), group=2)
    add_convolution(cases, "conv_depthwise", (2, 4, 7, 7), 4, (3, 3), strides=(2, 2), pads=(1, 1, 1, 1), group=4)
    add_convolution(
        cases, "conv_all", (2, 4, 11, 12), 6, (3, 3), strides=(2, 3), pads=(2, 2, 2, 2), dilations=(2, 2), group=2
    )


def add_max_pool(cases: Cases, name: str, x: torch.Tensor, kernel: int, stride: int, padding: int) -> None:
    attributes = dict(operator="MaxPool", kernel_shape=[kernel] * 2, strides=[stride] * 2, pads=[padding] * 4)
    cases.add(name, attributes, dict(x=x), lambda x: functional.max_pool2d(x, kernel, stride, padding))


def add_average_pool(cases: Cases, name: str, x: torch.Tensor, padding: int, count_include_pad: bool) -> None:
    attributes = dict(operator="AveragePool", kernel_shape=[3, 3], strides=[2, 2], pads=[padding] * 4)
    attributes["count_include_pad"] = int(count_include_pad)
    cases.add(
        name,
        attributes,
        dict(x=x),
        lambda x: functional.avg_pool2d(x, 3, 2, padding, count_include_pad=count_include_pad),
    )


def add_poolings(cases: Cases) -> None:
    add_max_pool(cases, "max_pool_overlapping", cases.normal(2, 3, 8, 9), 3, 2, 0)
    add_max_pool(cases, "max_pool_stride3", cases.normal(2, 3, 10, 9), 3, 3, 0)
    add_max_pool(cases, "max_pool_2x2", cases.normal(2, 3, 6, 7), 2, 2, 0)
    add_max_pool(cases, "max_pool_padding", cases.normal(2, 3, 8, 7) - 3, 3, 2, 1)
    # Small whole numbers, and a plane that is constant: nearly every window has its maximum several
    # times. The gradient goes to the first one in row-major order.
    ties = exact(cases.random.integers(0, 3, (2, 3, 9, 9)))
    ties[0, 0] = 1
    add_max_pool(cases, "max_pool_ties", ties, 3, 2, 0)
    check_ties(cases, "max_pool_ties")
    # What a ReLU leaves: many zeros.
    add_max_pool(cases, "max_pool_zeros", cases.normal(2, 3, 9, 9).sub(1).relu(), 3, 2, 0)
    add_average_pool(cases, "average_pool", cases.normal(2, 3, 8, 9), 0, False)
    add_average_pool(cases, "average_pool_padding", cases.normal(2, 3, 7, 6), 1, False)
    add_average_pool(cases, "average_pool_padding_counted", cases.normal(2, 3, 7, 6), 1, True)
    cases.add(
        "global_average_pool",
        dict(operator="GlobalAveragePool"),
        dict(x=cases.normal(2, 3, 5, 4)),
        lambda x: x.mean(dim=(2, 3), keepdim=True),
    )


def check_ties(cases: Cases, name: str) -> None:
    """Asserts that PyTorch gave the gradient of each 3x3 window, stride 2, to its first maximum."""
    x, dy = cases.tensors[f"{name}.x"].numpy(), cases.tensors[f"{name}.dy"].numpy()
    expected = numpy.zeros_like(x)
    for n, c, row, column in numpy.ndindex(*dy.shape):
        window = x[n, c, 2 * row : 2 * row + 3, 2 * column : 2 * column + 3]
        first_row, first_column = divmod(int(window.argmax()), 3)
        expected[n, c, 2 * row + first_row, 2 * column + first_column] += dy[n, c, row, column]
    numpy.testing.assert_allclose(cases.tensors[f"{name}.dx"].numpy(), expected)


def add_local_response_norm(cases: Cases, name: str, size: int, alpha: float, beta: float, bias: float) -> None:
    attributes = dict(operator="LRN", size=size, alpha=alpha, beta=beta, bias=bias)
    x = cases.normal(2, 7, 3, 4) * 3
    cases.add(name, attributes, dict(x=x), lambda x: functional.local_response_norm(x, size, alpha, beta, bias))
    squares = numpy.pad(x.numpy() ** 2, ((0, 0), (size // 2, size // 2), (0, 0), (0, 0)))
    sums = sum(squares[:, offset : offset + x.shape[1]] for offset in range(size))
    by_formula = x.numpy() / (bias + alpha / size * sums) ** beta
    numpy.testing.assert_allclose(cases.tensors[f"{name}.y"].numpy(), by_formula)


def add_batch_norms(cases: Cases) -> None:
    """Training mode with the statistics of the batch (`mean`, biased `variance`), and inference mode.

    `moving_mean` and `moving_variance` are those before the batch, `after_...` those after it:
    momentum * before + (1 - momentum) * batch, with the biased variance (Keras 3).
    """
    x = cases.normal(3, 4, 5, 2) * exact(numpy.array([0.1, 1, 3, 1])).reshape(1, 4, 1, 1) + 2
    gamma, beta = cases.normal(4), cases.normal(4)
    moving_mean, moving_variance = cases.normal(4), exact(cases.random.uniform(0.5, 2, 4))
    before = dict(moving_mean=moving_mean, moving_variance=moving_variance)
    attributes = dict(operator="BatchNormalization", epsilon=BATCH_NORM_EPSILON, momentum=BATCH_NORM_MOMENTUM)
    inputs = dict(x=x, gamma=gamma, beta=beta)

    def normalise(x, gamma, beta, mean=None, variance=None):
        training = mean is None
        return functional.batch_norm(x, mean, variance, gamma, beta, training, eps=BATCH_NORM_EPSILON)

    training = attributes | dict(training_mode=1)
    cases.add("batch_norm_training", training, inputs, normalise)
    batch = dict(mean=x.mean(dim=(0, 2, 3)), variance=x.var(dim=(0, 2, 3), correction=0))
    after = {
        f"after_moving_{key}": BATCH_NORM_MOMENTUM * before[f"moving_{key}"] + (1 - BATCH_NORM_MOMENTUM) * value
        for key, value in batch.items()
    }
    cases.record("batch_norm_training", training, before | batch | after)

    inference = attributes | dict(training_mode=0)
    cases.add(
        "batch_norm_inference",
        inference,
        inputs,
        lambda x, gamma, beta: normalise(x, gamma, beta, moving_mean, moving_variance),
    )
    cases.record("batch_norm_inference", inference, before)


def add_cross_entropy(cases: Cases, name: str, logits: torch.Tensor, targets: torch.Tensor, **settings) -> None:
    """Softmax cross-entropy: logits, targets [N, K], probabilities, loss (one number), dlogits.

    As Keras has it: smoothed targets are (1 - s) * t + s / K, a sample weighs sum(t * class_weights),
    and the loss is the sum over the batch divided by N, not by the sum of the weights.
    """
    smoothing = settings.get("label_smoothing", 0.0)
    class_weights = exact(numpy.array(settings.get("class_weights", [1.0] * logits.shape[1])))
    leaf = logits.clone().requires_grad_()
    smoothed = targets * (1 - smoothing) + smoothing / logits.shape[1]
    per_sample = -(smoothed * leaf.log_softmax(dim=1)).sum(dim=1) * (targets * class_weights).sum(dim=1)
    loss = per_sample.mean()
    if "class_weights" not in settings:
        by_torch = functional.cross_entropy(logits, targets, label_smoothing=smoothing)
        torch.testing.assert_close(loss.detach(), by_torch)
    (dlogits,) = torch.autograd.grad(loss, [leaf])
    tensors = dict(
        logits=logits, targets=targets, probabilities=logits.softmax(dim=1), loss=loss.detach(), dlogits=dlogits
    )
    cases.record(name, dict(operator="SoftmaxCrossEntropy") | settings, tensors)


def add_cross_entropies(cases: Cases) -> None:
    one_hot = exact(numpy.eye(8)[[3, 0, 7, 3, 5]])
    soft = exact(cases.random.dirichlet(numpy.ones(8), 5))
    add_cross_entropy(cases, "cross_entropy", cases.normal(5, 8) * 2, one_hot)
    add_cross_entropy(cases, "cross_entropy_label_smoothing", cases.normal(5, 8) * 2, one_hot, label_smoothing=0.1)
    add_cross_entropy(cases, "cross_entropy_soft_targets", cases.normal(5, 8) * 2, soft)
    # exp overflows float32 from 89 on: softmax must subtract the greatest logit first.
    add_cross_entropy(cases, "cross_entropy_large_logits", cases.normal(5, 8) * 100, one_hot)
    weights = [0.5, 1.0, 2.0, 0.25, 1.0, 4.0, 1.0, 1.5]
    add_cross_entropy(cases, "cross_entropy_class_weights", cases.normal(5, 8) * 2, one_hot, class_weights=weights)


def main() -> None:
    parser = argparse.ArgumentParser(description="Makes the reference numbers of single operators.")
    parser.add_argument("out", nargs="?", type=Path, default=Path(__file__).parent, help="folder to write into")
    out = parser.parse_args().out
    torch.set_num_threads(1)
    cases = Cases(seed=4)
    add_convolutions(cases)
    add_poolings(cases)
    add_local_response_norm(cases, "local_response_norm", 5, 1e-4, 0.75, 1.0)
    add_local_response_norm(cases, "local_response_norm_strong", 5, 1.0, 0.75, 2.0)
    add_local_response_norm(cases, "local_response_norm_size3", 3, 0.5, 0.5, 1.0)
    add_batch_norms(cases)
    add_cross_entropies(cases)
    write_safetensors(out / "operators.safetensors", {key: value.numpy() for key, value in cases.tensors.items()})
    made_with = f"PyTorch {torch.__version__.split('+')[0]}, float64"
    write_json(out / "operators.json", dict(made_with=made_with, cases=cases.attributes))


if __name__ == "__main__":
    main()
