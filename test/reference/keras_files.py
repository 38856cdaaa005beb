"""Files as Keras writes them, made with h5py and zipfile alone, and what their networks answer, computed with PyTorch.

The layouts are those of `keras.models.save_model`: of Keras 2 (`.h5`: attributes `model_config`, `training_config`,
`layer_names`, `weight_names`) and of Keras 3 (`.keras`: a zip archive of `config.json`, `metadata.json` and
`model.weights.h5`). Weights have Keras's order: kernels of convolutions [kH, kW, I, O], and rows of the dense layer after
`Flatten` by height, width and channel. Pictures are [N, H, W, 3] in 0..1, pixel values by formula (`pictures` below).

    python3 test/reference/keras_files.py [FOLDER]           the small files
    python3 test/reference/keras_files.py FOLDER SIDE        the report's two networks for pictures of SIDE pixels;
                                                             at 227 they take 200 MB each
"""

import io
import json
import math
import sys
import zipfile
from pathlib import Path

import h5py
import numpy
import torch
from torch.nn import functional

VERSION_2, VERSION_3 = "2.2.4", "3.3.3"


def conv(name, filters, kernel, strides=(1, 1), padding="valid", activation="relu", use_bias=True, dilation=(1, 1)):
    return "Conv2D", dict(
        name=name, trainable=True, filters=filters, kernel_size=list(kernel), strides=list(strides), padding=padding,
        data_format="channels_last", dilation_rate=list(dilation), activation=activation, use_bias=use_bias,
    )


def pool(name, size, strides, padding="valid", kind="MaxPooling2D"):
    return kind, dict(
        name=name, trainable=True, pool_size=[size, size], strides=[strides, strides], padding=padding,
        data_format="channels_last",
    )


def norm(name, momentum=0.99, epsilon=1e-3, center=True, scale=True):
    return "BatchNormalization", dict(
        name=name, trainable=True, axis=-1, momentum=momentum, epsilon=epsilon, center=center, scale=scale
    )


def dense(name, units, activation):
    return "Dense", dict(name=name, trainable=True, units=units, activation=activation, use_bias=True)


def plain(kind, name, **config):
    return kind, dict(name=name, trainable=True, **config)


def report(filters, units):
    """The report's network; its two programs differ in the width of the second dense layer."""
    return [
        conv("conv2d_1", filters[0], (7, 7)),
        pool("max_pooling2d_1", 3, 2),
        norm("batch_normalization_1"),
        conv("conv2d_2", filters[1], (5, 5)),
        pool("max_pooling2d_2", 3, 2),
        norm("batch_normalization_2"),
        conv("conv2d_3", filters[2], (3, 3)),
        pool("max_pooling2d_3", 3, 3),
        plain("Flatten", "flatten_1", data_format="channels_last"),
        dense("dense_1", units[0], "relu"),
        plain("Dropout", "dropout_1", rate=0.5, noise_shape=None, seed=None),
        dense("dense_2", units[1], "relu"),
        plain("Dropout", "dropout_2", rate=0.5, noise_shape=None, seed=None),
        dense("dense_3", units[2], "softmax"),
    ]


# Everything that can be read, with windows that do not fit evenly.
VARIED = [
    plain("ZeroPadding2D", "pad", padding=[[1, 2], [0, 3]], data_format="channels_last"),
    conv("first", 4, (3, 5), strides=(2, 2), padding="same", activation="linear", use_bias=False),
    norm("norm_a", momentum=0.9, epsilon=0.01, scale=False),
    plain("ReLU", "relu", max_value=None, negative_slope=0.0, threshold=0.0),
    pool("average", 3, 2, padding="same", kind="AveragePooling2D"),
    conv("second", 6, (4, 4), strides=(2, 1), padding="same", activation="tanh"),
    pool("maximum", 2, 2, padding="same"),
    conv("third", 5, (3, 3), padding="same", activation="sigmoid", dilation=(2, 2)),
    plain("Flatten", "flatten", data_format="channels_last"),
    norm("norm_b"),
    plain("Dropout", "dropout", rate=0.25, noise_shape=None, seed=None),
    dense("hidden", 7, "relu"),
    dense("last", 4, "linear"),
    plain("Activation", "softmax", activation="softmax"),
]

GLOBAL = [
    plain("Rescaling", "rescaling", scale=1 / 127.5, offset=-1.0),
    conv("conv", 6, (3, 3), strides=(2, 2), padding="same"),
    plain("GlobalAveragePooling2D", "global", data_format="channels_last"),
    dense("last", 3, "softmax"),
]


def pictures(count, side):
    """Pixel values by formula, so that a test can make the same ones."""
    index = numpy.arange(count * side * side * 3)
    return ((index * 7919 % 1009) / 1009).astype(numpy.float32).reshape(count, side, side, 3)


def same_pads(length, kernel, stride, dilation=1):
    """TensorFlow's padding `same`: the odd pixel goes to the end."""
    total = max(0, (math.ceil(length / stride) - 1) * stride + (kernel - 1) * dilation + 1 - length)
    return total // 2, total - total // 2


def padded(x, config, kernel, dilation=(1, 1), value=0.0):
    if config["padding"] == "valid":
        return x
    rows = same_pads(x.shape[2], kernel[0], config["strides"][0], dilation[0])
    columns = same_pads(x.shape[3], kernel[1], config["strides"][1], dilation[1])
    return functional.pad(x, (*columns, *rows), value=value)


ACTIVATIONS = dict(
    linear=lambda x: x, relu=torch.relu, tanh=torch.tanh, sigmoid=torch.sigmoid, softmax=lambda x: x.softmax(1)
)


class Network:
    """Draws the weights of a network while its first pictures pass through it, and answers for others."""

    def __init__(self, layers, side, seed):
        self.layers, self.side = layers, side
        self.random = numpy.random.default_rng(seed)
        self.weights = {}
        with torch.no_grad():
            self.answer(pictures(1, side))

    def weight(self, layer, role, shape, low, high):
        stored = self.weights.setdefault(layer, {})
        if role not in stored:
            stored[role] = self.random.uniform(low, high, shape).astype(numpy.float32)
        return torch.from_numpy(stored[role]).double()

    def answer(self, images, factor=1.0):
        """Probabilities [N, classes] of pictures [N, H, W, 3]."""
        x = torch.from_numpy(images).double().permute(0, 3, 1, 2) * factor
        for kind, config in self.layers:
            x = self.apply(kind, config, x)
        return x.numpy()

    def apply(self, kind, c, x):
        name = c["name"]
        match kind:
            case "Conv2D":
                kernel, dilation = c["kernel_size"], c["dilation_rate"]
                reach = math.sqrt(6 / (kernel[0] * kernel[1] * x.shape[1]))
                weight = self.weight(name, "kernel", (*kernel, x.shape[1], c["filters"]), -reach, reach)
                bias = self.weight(name, "bias", (c["filters"],), -0.2, 0.2) if c["use_bias"] else None
                x = padded(x, c, kernel, dilation)
                x = functional.conv2d(x, weight.permute(3, 2, 0, 1), bias, c["strides"], 0, dilation)
                return ACTIVATIONS[c["activation"]](x)
            case "MaxPooling2D":
                return functional.max_pool2d(padded(x, c, c["pool_size"], value=-math.inf), c["pool_size"], c["strides"])
            case "AveragePooling2D":
                total = functional.avg_pool2d(padded(x, c, c["pool_size"]), c["pool_size"], c["strides"])
                count = functional.avg_pool2d(padded(torch.ones_like(x), c, c["pool_size"]), c["pool_size"], c["strides"])
                return total / count
            case "BatchNormalization":
                size = (x.shape[1],)
                # The channels of a flattened picture stand in Keras's order here: x has been flattened that way.
                gamma = self.weight(name, "gamma", size, 0.5, 2) if c["scale"] else None
                beta = self.weight(name, "beta", size, -0.5, 0.5) if c["center"] else None
                mean = self.weight(name, "moving_mean", size, -0.5, 0.5)
                variance = self.weight(name, "moving_variance", size, 0.5, 2)
                return functional.batch_norm(x, mean, variance, gamma, beta, eps=c["epsilon"])
            case "ZeroPadding2D":
                rows, columns = c["padding"]
                return functional.pad(x, (*columns, *rows))
            case "Flatten":
                return x.permute(0, 2, 3, 1).flatten(1)
            case "GlobalAveragePooling2D":
                return x.mean((2, 3))
            case "Dense":
                reach = math.sqrt(6 / x.shape[1])
                weight = self.weight(name, "kernel", (x.shape[1], c["units"]), -reach, reach)
                return ACTIVATIONS[c["activation"]](x @ weight + self.weight(name, "bias", (c["units"],), -0.2, 0.2))
            case "ReLU":
                return x.relu()
            case "Activation":
                return ACTIVATIONS[c["activation"]](x)
            case "Rescaling":
                return x * c["scale"] + c["offset"]
            case "Dropout":
                return x

    def trainable(self):
        """Arrays that an optimiser changes, in Keras's order."""
        return [
            (f"{layer}/{role}", array)
            for layer, roles in self.weights.items()
            for role, array in roles.items()
            if not role.startswith("moving")
        ]


def names(values):
    """A list of names as old versions of h5py store it: texts of one fixed length."""
    return numpy.array([value.encode() for value in values])


def write_list(group, attribute, values):
    group.attrs[attribute] = names(values)


def write_weights_2(group, network):
    group.attrs["backend"] = b"tensorflow"
    group.attrs["keras_version"] = VERSION_2.encode()
    write_list(group, "layer_names", [config["name"] for _, config in network.layers])
    for _, config in network.layers:
        layer = config["name"]
        roles = network.weights.get(layer, {})
        own = group.create_group(layer)
        write_list(own, "weight_names", [f"{layer}/{role}:0" for role in roles])
        for role, array in roles.items():
            own.create_dataset(f"{layer}/{role}:0", data=array)


def write_keras_2(path, network, optimiser=None, state=(), functional_model=False, inputs=None):
    """A whole model as `model.save(path)` of Keras 2 writes it."""
    shape = inputs or [None, network.side, network.side, 3]
    layers = [dict(class_name=kind, config=dict(config)) for kind, config in network.layers]
    if functional_model:
        chain = [dict(class_name="InputLayer", config=dict(name="input_1", batch_input_shape=shape)), *layers]
        for before, layer in zip([None, *chain], chain):
            layer["name"] = layer["config"]["name"]
            layer["inbound_nodes"] = [[[before["name"], 0, 0, {}]]] if before else []
        config = dict(name="model_1", layers=chain, input_layers=[["input_1", 0, 0]], output_layers=[[chain[-1]["name"], 0, 0]])
    else:
        layers[0]["config"]["batch_input_shape"] = shape
        config = dict(name="sequential_1", layers=layers)
    with h5py.File(path, "w") as file:
        file.attrs["backend"] = b"tensorflow"
        file.attrs["keras_version"] = VERSION_2.encode()
        file.attrs["model_config"] = json.dumps(dict(class_name="Model" if functional_model else "Sequential", config=config)).encode()
        write_weights_2(file.create_group("model_weights"), network)
        if optimiser:
            training = dict(optimizer_config=optimiser, loss="categorical_crossentropy", metrics=["acc"])
            file.attrs["training_config"] = json.dumps(training).encode()
            group = file.create_group("optimizer_weights")
            write_list(group, "weight_names", [name for name, _ in state])
            for name, array in state:
                group.create_dataset(name, data=array)


def write_weights_3(file, network, named=False):
    """Weights as Keras 3 keeps them, in `.keras` and alone; newer versions add the names that layers have."""
    counts = {}
    for kind, layer in network.layers:
        word = {"Conv2D": "conv2d", "BatchNormalization": "batch_normalization", "Dense": "dense"}.get(kind, kind.lower())
        counts[word] = counts.get(word, -1) + 1
        group = file.create_group(f"layers/{word}" + (f"_{counts[word]}" if counts[word] else "") + "/vars")
        if named:
            group.attrs["name"] = layer["name"]
        for index, array in enumerate(network.weights.get(layer["name"], {}).values()):
            group[str(index)] = array


def write_keras_3(path, network, optimiser, state):
    """A whole model as `model.save(path)` of Keras 3 writes it."""
    shape = [None, network.side, network.side, 3]

    def wrapped(module, kind, config):
        return dict(module=module, class_name=kind, config=config, registered_name=None)

    layers = [
        wrapped("keras.layers", "InputLayer", dict(batch_shape=shape, dtype="float32", sparse=False, name="input_layer")),
        *(wrapped("keras.layers", kind, config) for kind, config in network.layers),
    ]
    config = wrapped("keras", "Sequential", dict(name="sequential", trainable=True, layers=layers, build_input_shape=shape))
    config["compile_config"] = dict(optimizer=wrapped("keras.optimizers", *optimiser), loss="categorical_crossentropy")
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        write_weights_3(file, network)
        for index, array in enumerate(state):
            file[f"optimizer/vars/{index}"] = array
        file.create_group("vars")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for name, content in [
            ("metadata.json", json.dumps(dict(keras_version=VERSION_3, date_saved="2024-01-01@00:00:00"))),
            ("config.json", json.dumps(config)),
            ("model.weights.h5", buffer.getvalue()),
        ]:
            archive.writestr(zipfile.ZipInfo(name), content)


def slots(network, roles, interleaved, seed=9):
    """State of an optimiser: for each parameter its tensors in turn (since 2.11), or one role after the other (before)."""
    random = numpy.random.default_rng(seed)
    made = {
        (name, role): random.uniform(0, 1e-3, array.shape).astype(numpy.float32)
        for name, array in network.trainable()
        for role in roles
    }
    order = sorted(made, key=lambda key: roles.index(key[1])) if not interleaved else made
    return [(f"training/{name}/{role}:0", made[name, role]) for name, role in order]


def write_small(folder):
    answers = {}

    def answer(file, network, factor=1.0):
        answers[file] = dict(side=network.side, probabilities=network.answer(pictures(2, network.side), factor).tolist())

    base = Network(report((3, 4, 5), (6, 6, 8)), 37, seed=1)
    sgd = dict(class_name="SGD", config=dict(lr=0.001, momentum=0.0, decay=1e-5, nesterov=False))
    write_keras_2(folder / "keras-base.h5", base, sgd, [("SGD/iterations:0", numpy.int64(320))])
    answer("keras-base.h5", base)

    trained = Network(report((3, 4, 5), (6, 5, 8)), 37, seed=2)
    with h5py.File(folder / "keras-pretrained-weights.h5", "w") as file:
        write_weights_2(file, trained)
    answer("keras-pretrained-weights.h5", trained)
    with h5py.File(folder / "keras-numbered.weights.h5", "w") as file:
        write_weights_3(file, trained, named=True)
        file.create_group("vars")
    answer("keras-numbered.weights.h5", trained)

    half = Network(report((3, 4, 5), (6, 5, 8)), 37, seed=5)
    half.weights = {layer: {role: array.astype(numpy.float16) for role, array in roles.items()} for layer, roles in half.weights.items()}
    with h5py.File(folder / "keras-half-weights.h5", "w") as file:
        write_weights_2(file, half)
    answer("keras-half-weights.h5", half)

    varied = Network(VARIED, 17, seed=3)
    adam = dict(class_name="Adam", config=dict(learning_rate=0.002, beta_1=0.9, beta_2=0.999, epsilon=1e-7, amsgrad=False))
    state = [("Adam/iterations:0", numpy.int64(12)), *slots(varied, ["m", "v"], interleaved=False)]
    write_keras_2(folder / "keras-varied.h5", varied, adam, state, functional_model=True)
    answer("keras-varied.h5", varied)
    momentum = ("SGD", dict(name="SGD", learning_rate=0.01, momentum=0.9, nesterov=True))
    write_keras_3(folder / "keras-varied.keras", varied, momentum, [
        numpy.int64(12), numpy.float32(0.01), *(array for _, array in slots(varied, ["momentum"], True))
    ])
    answer("keras-varied.keras", varied)

    # Trained on pixels of 0..255.
    rescaled = Network(GLOBAL, 20, seed=4)
    write_keras_2(folder / "keras-rescaled.h5", rescaled)
    answer("keras-rescaled.h5", rescaled, 255.0)
    (folder / "keras-files.json").write_text(json.dumps(answers, indent=1) + "\n")


def write_full(folder, side):
    answers = {}
    for seed, (file, units) in enumerate([("age8_base.h5", (512, 512, 8)), ("age8_pretrained_base.h5", (512, 256, 8))]):
        network = Network(report((96, 256, 384), units), side, seed)
        write_keras_2(folder / file, network)
        answers[file] = dict(side=side, probabilities=network.answer(pictures(1, side)).tolist())
    (folder / "full.json").write_text(json.dumps(answers) + "\n")


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    with torch.no_grad():
        if len(sys.argv) > 2:
            write_full(target, int(sys.argv[2]))
        else:
            write_small(target)
