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
    header, chunks, offset = {}, [], 0
    for name, values in tensors.items():
        array = numpy.asarray(values)
        if array.dtype == numpy.float64:
            array = array.astype(numpy.float32)
        data = array.astype(array.dtype.newbyteorder("<")).tobytes()
        header[name] = {
            "dtype": TYPES[array.dtype.name],
            "shape": list(array.shape),
            "data_offsets": [offset, offset + len(data)],
        }
        chunks.append(data)
        offset += len(data)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)  # so that the data begin at a multiple of 8 bytes
    path.write_bytes(len(text).to_bytes(8, "little") + text + b"".join(chunks))


def write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, indent=2) + "\n")
