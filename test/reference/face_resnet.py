"""Numbers for the network face-resnet: dlib's face recognition network, as `@vladmandic/face-api` stores it, in PyTorch.

    python3 test/reference/face_resnet.py node_modules/@vladmandic/face-api/model

writes test/reference/face-resnet.json: the mean of the picture's features in blocks of 8, before the last layer. Factors
and summands of the channels stay beside the convolutions here, and the mean levels are subtracted from the picture.
"""

import json
import os
import sys

import numpy
import torch
import torch.nn.functional as functional

MODEL = "face_recognition_model"
SIDE = 150

spec = json.load(open(os.path.join(sys.argv[1], f"{MODEL}-weights_manifest.json")))[0]["weights"]
raw = open(os.path.join(sys.argv[1], f"{MODEL}.bin"), "rb").read()
tensors = {}
offset = 0
for weight in spec:
    count = int(numpy.prod(weight["shape"]))
    quantization = weight.get("quantization")
    kind = numpy.uint8 if quantization else numpy.float32
    values = numpy.frombuffer(raw, kind, count, offset).astype(numpy.float32)
    offset += count * (1 if quantization else 4)
    if quantization:
        values = values * numpy.float32(quantization["scale"]) + numpy.float32(quantization["min"])
    tensors[weight["name"]] = torch.tensor(values.reshape(weight["shape"]))


def convolve(x, name, stride, padding, activate):
    kernel = tensors[f"{name}/conv/filters"].permute(3, 2, 0, 1).contiguous()
    y = functional.conv2d(x, kernel, tensors[f"{name}/conv/bias"], stride=stride, padding=padding)
    y = y * tensors[f"{name}/scale/weights"].view(1, -1, 1, 1) + tensors[f"{name}/scale/biases"].view(1, -1, 1, 1)
    return functional.relu(y) if activate else y


def block(x, name):
    y = convolve(convolve(x, f"{name}/conv1", 1, 1, True), f"{name}/conv2", 1, 1, False)
    return functional.relu(x + y)


def halving(x, name):
    y = convolve(convolve(x, f"{name}/conv1", 2, 0, True), f"{name}/conv2", 1, 1, False)
    shortcut = functional.avg_pool2d(x, 2, 2)
    if shortcut.shape[2] != y.shape[2]:
        y = functional.pad(y, (0, 1, 0, 1))
    if shortcut.shape[1] != y.shape[1]:
        shortcut = torch.cat([shortcut, torch.zeros_like(shortcut)], 1)
    return functional.relu(y + shortcut)


index = numpy.arange(SIDE * SIDE * 3)
levels = (numpy.sin(index * 0.01) * 60 + 128 + (index * 7919) % 37).astype(numpy.int64).reshape(SIDE, SIDE, 3)
x = torch.tensor(levels.astype(numpy.float32)).permute(2, 0, 1)[None]
x = (x - torch.tensor([122.782, 117.001, 104.298]).view(1, 3, 1, 1)) / 255
x = functional.max_pool2d(convolve(x, "conv32_down", 2, 0, True), 3, 2)
for name in ["conv32_1", "conv32_2", "conv32_3"]:
    x = block(x, name)
for channels, blocks in [(64, 3), (128, 2), (256, 2)]:
    x = halving(x, f"conv{channels}_down")
    for number in range(blocks):
        x = block(x, f"conv{channels}_{number + 1}")
x = halving(x, "conv256_down_out").mean((2, 3))
means = x.reshape(32, 8).mean(1).tolist()
json.dump({"means": means}, open(os.path.join(os.path.dirname(__file__), "face-resnet.json"), "w"))
