"""Rate of the report's network in PyTorch, on the CPU or with CUDA: the yardstick of the training benches.

    python3 bench/pytorch_rate.py --batch 10 --size 227 --threads 2 --mode train --steps 3

prints one JSON line: the seconds of each step (after one step of warm-up that is not counted), the
images per second by the median step, and the peak memory of the process in bytes.

With --serve nothing is measured until asked for: each line `step` on standard input runs one step
and answers with one JSON line; `quit` or the end of the input ends. So another process can run its
own steps and these in turn, on an equally busy machine, and pay the start-up once. The first
answer of a server is its warm-up.

A training step is the forward pass with dropout, cross-entropy, the backward pass and a plain SGD
update; an inference step is the forward pass with the moving statistics, and softmax.
Pictures and labels are random: the rate does not depend on them.
"""

import argparse
import json
import resource
import statistics
import sys
import time
from collections import OrderedDict
from collections.abc import Callable

import torch
from torch import nn
from torch.nn import functional

REPORT_SIZE = 227
REPORT_TRAINABLE_PARAMETERS = 51_980_232
CLASSES = 8
LEARNING_RATE = 0.001


def batch_norm(channels: int) -> nn.BatchNorm2d:
    """Batch norm with Keras's defaults; PyTorch's momentum is one minus that of Keras (0.99)."""
    return nn.BatchNorm2d(channels, eps=1e-3, momentum=0.01)


def pooled_size(size: int) -> int:
    """Height and width of the last pooling's output for square pictures of `size` pixels."""
    size = (size - 6 - 3) // 2 + 1  # conv1 7x7, pool1 3x3/2
    size = (size - 4 - 3) // 2 + 1  # conv2 5x5, pool2 3x3/2
    return (size - 2 - 3) // 3 + 1  # conv3 3x3, pool3 3x3/3


def report_network(size: int) -> nn.Sequential:
    """The report's network for pictures [N, 3, size, size]; its output are the logits [N, 8]."""
    network = nn.Sequential(
        OrderedDict(
            conv1=nn.Conv2d(3, 96, 7),
            relu1=nn.ReLU(inplace=True),
            pool1=nn.MaxPool2d(3, 2),
            batch_norm1=batch_norm(96),
            conv2=nn.Conv2d(96, 256, 5),
            relu2=nn.ReLU(inplace=True),
            pool2=nn.MaxPool2d(3, 2),
            batch_norm2=batch_norm(256),
            conv3=nn.Conv2d(256, 384, 3),
            relu3=nn.ReLU(inplace=True),
            pool3=nn.MaxPool2d(3, 3),
            flatten=nn.Flatten(),
            dense1=nn.Linear(384 * pooled_size(size) ** 2, 512),
            relu4=nn.ReLU(inplace=True),
            dropout1=nn.Dropout(0.5),
            dense2=nn.Linear(512, 256),
            relu5=nn.ReLU(inplace=True),
            dropout2=nn.Dropout(0.5),
            dense3=nn.Linear(256, CLASSES),
        )
    )
    for module in network.modules():
        if isinstance(module, (nn.Conv2d, nn.Linear)):
            nn.init.normal_(module.weight, mean=0.0, std=0.01)
            nn.init.zeros_(module.bias)
    trainable = sum(parameter.numel() for parameter in network.parameters())
    if size == REPORT_SIZE:
        assert trainable == REPORT_TRAINABLE_PARAMETERS, trainable
    return network


def training_step(network: nn.Module, pictures: torch.Tensor, labels: torch.Tensor, device: str) -> Callable[[], None]:
    network.train()
    optimiser = torch.optim.SGD(network.parameters(), lr=LEARNING_RATE)

    def step() -> None:
        optimiser.zero_grad()
        logits = network(pictures.to(device, non_blocking=True))
        functional.cross_entropy(logits, labels.to(device)).backward()
        optimiser.step()

    return step


def inference_step(network: nn.Module, pictures: torch.Tensor, device: str) -> Callable[[], None]:
    network.eval()

    @torch.inference_mode()
    def step() -> None:
        functional.softmax(network(pictures.to(device, non_blocking=True)), dim=1)

    return step


def timed(step: Callable[[], None]) -> float:
    """Seconds that one call of `step` takes, until the device has done it."""
    start = time.perf_counter()
    step()
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return time.perf_counter() - start


def peak_bytes() -> int:
    """Largest resident memory of this process so far; Linux counts it in KiB, macOS in bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def print_json(value: dict) -> None:
    print(json.dumps(value), flush=True)


def serve(step: Callable[[], None], description: dict) -> None:
    """Runs one step for each line `step` of the standard input, until `quit` or its end."""
    for line in sys.stdin:
        command = line.strip()
        if command == "quit":
            return
        if command != "step":
            sys.exit(f"pytorch_rate: expected the line 'step' or 'quit', got {command!r}")
        seconds = timed(step)
        print_json({**description, "seconds": seconds, "peak_bytes": peak_bytes()})


def measure(step: Callable[[], None], steps: int, description: dict) -> None:
    step()
    seconds = [timed(step) for _ in range(steps)]
    rate = description["batch"] / statistics.median(seconds)
    print_json({**description, "seconds": seconds, "images_per_second": rate, "peak_bytes": peak_bytes()})


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Rate of the report's network in PyTorch.")
    parser.add_argument("--batch", type=int, default=10, help="pictures per step (default 10)")
    parser.add_argument("--size", type=int, default=REPORT_SIZE, help="height and width in pixels (default 227)")
    parser.add_argument("--threads", type=int, default=2, help="CPU threads (default 2)")
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    parser.add_argument("--tf32", action="store_true", help="with cuda: let products round their factors to TF32")
    parser.add_argument("--mode", choices=["train", "inference"], default="train")
    parser.add_argument("--steps", type=int, default=3, help="measured steps (default 3)")
    parser.add_argument("--serve", action="store_true", help="run a step for each line 'step' on standard input")
    return parser.parse_args()


def main() -> None:
    options = arguments()
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    if options.device == "cuda":
        if not torch.cuda.is_available():
            sys.exit("pytorch_rate: this PyTorch has no CUDA, or there is no card")
        torch.backends.cuda.matmul.allow_tf32 = options.tf32
        torch.backends.cudnn.allow_tf32 = options.tf32
        torch.backends.cudnn.benchmark = True
    network = report_network(options.size).to(options.device)
    pictures = torch.rand(options.batch, 3, options.size, options.size)
    labels = torch.randint(CLASSES, (options.batch,))
    if options.device == "cuda":
        # As in a training, the pictures come from the processor with each step.
        pictures = pictures.pin_memory()
    if options.mode == "train":
        step = training_step(network, pictures, labels, options.device)
    else:
        step = inference_step(network, pictures, options.device)
    description = {
        "engine": f"PyTorch {torch.__version__.split('+')[0]}",
        "device": torch.cuda.get_device_name() if options.device == "cuda" else "cpu",
        "mode": options.mode,
        "batch": options.batch,
    }
    if options.serve:
        serve(step, description)
    else:
        measure(step, options.steps, description)


if __name__ == "__main__":
    main()
