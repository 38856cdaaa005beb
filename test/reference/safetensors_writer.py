"""Writes the safetensors format: https://huggingface.co/docs/safetensors (section "Format").

A file is the length of the header (8 bytes, little-endian), the header (JSON: name of each tensor to
its type, shape and byte range in the data), and the data of the tensors one after another, row-major
and little-endian.
"""

import json
from collections.abc import Mapping
from pathlib import Path

import numpy

TYPES = {"float32": "F32", "int64": "I64", "uint8": "U8"}


def write_safetensors(path: Path, tensors: Mapping[str, numpy.ndarray]) -> None:
    """Writes arrays of type float32, int64 or uint8; float64 arrays are rounded to float32."""
    entries = {}
    for name, values in tensors.items():
        array = numpy.asarray(values)
        if array.dtype == numpy.float64:
            array = array.astype(numpy.float32)
        entries[name] = (TYPES[array.dtype.name], array.shape, array.astype(array.dtype.newbyteorder("<")).tobytes())
    write_entries(path, entries)


def write_entries(path: Path, entries: Mapping[str, tuple[str, tuple[int, ...], bytes]]) -> None:
    """Writes tensors of any type, each as the format's word for it, a shape and little-endian bytes."""
    header, offset = {}, 0
    for name, (type_, shape, data) in entries.items():
        header[name] = {"dtype": type_, "shape": list(shape), "data_offsets": [offset, offset + len(data)]}
        offset += len(data)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)  # so that the data begin at a multiple of 8 bytes
    path.write_bytes(len(text).to_bytes(8, "little") + text + b"".join(data for _, _, data in entries.values()))


def write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, indent=2) + "\n")
