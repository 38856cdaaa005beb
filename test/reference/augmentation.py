"""Reference pictures of Keras 2's augmentation, made with SciPy: python3 test/reference/augmentation.py [OUT]

Writes augmentation.safetensors (NAME.picture, uint8 [H, W, 3]; NAME.output, float32 [H, W, 3] in the
range of the picture, 0..255) and augmentation.json (parameters and matrix of each case).

This is `ImageDataGenerator.apply_transform` as Keras 2.2 to 2.4 have it (the package keras_preprocessing
1.0 to 1.1.2, of 2018 to 2020):

- theta (rotation) and shear are angles in degrees. tx moves along the rows, so it is the height shift,
  and ty the width shift, both in pixels. zx zooms the rows, zy the columns, drawn independently.
- One matrix maps (row, column) of the output to (row, column) of the input:
  centre . rotation . shift . shear . zoom . centre^-1. So a zoom above 1 makes the picture smaller, and
  a positive shift moves it up or to the left.
- The centre is (H / 2 + 0.5, W / 2 + 0.5), one pixel beyond the true one, (H / 2 - 0.5, W / 2 - 0.5).
  That was mended (keras-team/keras-preprocessing, pull request 314, October 2020) after the last release
  of that package, and so reached users only with later versions of Keras that took the code in. The same
  later code exchanges the axes (pull request 318), so that tx moves along the columns.
- Bilinear interpolation of each channel; beyond the border the nearest pixel (fill_mode 'nearest').
- The horizontal flip comes last, after the matrix.

The draws of the report's settings (width and height shift 0.2, shear 0.2, zoom 0.2): tx uniform in
+-0.2 H, ty in +-0.2 W, shear in +-0.2 degrees, zx and zy in 0.8..1.2, the flip with probability 1/2.
"""

import argparse
from pathlib import Path

import numpy
import scipy
from scipy import ndimage

from safetensors_writer import write_json, write_safetensors

NO_CHANGE = dict(theta=0.0, tx=0.0, ty=0.0, shear=0.0, zx=1.0, zy=1.0, flip_horizontal=False)

# Name, height, width, what differs from NO_CHANGE. Shifts are those of the report's ranges unless the
# name says otherwise; its shear of at most 0.2 degrees hardly shows, so there are larger ones.
CASES = [
    ("identity", 16, 16, {}),
    ("flip", 16, 16, dict(flip_horizontal=True)),
    ("height_shift", 16, 16, dict(tx=2.7)),
    ("width_shift", 16, 16, dict(ty=-3.1)),
    ("whole_pixels", 16, 16, dict(tx=-2.0, ty=3.0)),
    ("shear_small", 16, 16, dict(shear=0.2)),
    ("shear_large", 16, 16, dict(shear=-20.0)),
    ("zoom_out", 16, 16, dict(zx=1.2, zy=1.15)),
    ("zoom_in", 16, 16, dict(zx=0.8, zy=0.9)),
    ("zoom_unequal", 16, 16, dict(zx=0.85, zy=1.2)),
    ("rotation", 16, 16, dict(theta=25.0)),
    ("report", 16, 16, dict(tx=1.9, ty=-2.4, shear=0.15, zx=0.93, zy=1.11)),
    ("report_flip", 16, 16, dict(tx=-3.0, ty=0.8, shear=-0.11, zx=1.07, zy=0.84, flip_horizontal=True)),
    ("all", 16, 16, dict(theta=-12.0, tx=1.5, ty=2.2, shear=14.0, zx=1.1, zy=0.9, flip_horizontal=True)),
    ("landscape", 16, 21, dict(tx=2.3, ty=-3.9, shear=0.2, zx=1.13, zy=0.88)),
    ("portrait_all", 20, 15, dict(theta=30.0, tx=-2.1, ty=1.4, shear=-9.0, zx=0.9, zy=1.2, flip_horizontal=True)),
    ("shift_beyond_border", 16, 16, dict(tx=40.5, ty=-3.2)),
    ("zoom_far_out", 17, 20, dict(zx=3.0, zy=2.5)),
]


def transform_matrix(height: int, width: int, theta: float, tx: float, ty: float, shear: float, zx: float, zy: float):
    """The 3x3 matrix that maps (row, column, 1) of the output to (row, column, 1) of the input."""
    theta, shear = numpy.deg2rad(theta), numpy.deg2rad(shear)
    cosine, sine = numpy.cos(theta), numpy.sin(theta)
    rotation = numpy.array([[cosine, -sine, 0], [sine, cosine, 0], [0, 0, 1]])
    shearing = numpy.array([[1, -numpy.sin(shear), 0], [0, numpy.cos(shear), 0], [0, 0, 1]])
    centre = translation(height / 2 + 0.5, width / 2 + 0.5)
    linear = rotation @ translation(tx, ty) @ shearing @ numpy.diag([zx, zy, 1])
    return centre @ linear @ numpy.linalg.inv(centre)


def translation(rows: float, columns: float) -> numpy.ndarray:
    return numpy.array([[1, 0, rows], [0, 1, columns], [0, 0, 1]], dtype=numpy.float64)


def augment(picture: numpy.ndarray, matrix: numpy.ndarray, flip_horizontal: bool) -> numpy.ndarray:
    """The picture [H, W, 3] seen through the matrix, then flipped."""
    channels = [
        ndimage.affine_transform(channel, matrix[:2, :2], matrix[:2, 2], order=1, mode="nearest")
        for channel in numpy.moveaxis(picture.astype(numpy.float32), 2, 0)
    ]
    output = numpy.stack(channels, axis=2)
    return output[:, ::-1] if flip_horizontal else output


def check_by_formula(picture: numpy.ndarray, matrix: numpy.ndarray, output: numpy.ndarray) -> None:
    """Asserts that an output without flip is bilinear interpolation at coordinates clamped to the picture."""
    height, width = picture.shape[:2]
    rows, columns = numpy.meshgrid(numpy.arange(height), numpy.arange(width), indexing="ij")
    row, column = numpy.tensordot(matrix[:2], numpy.stack([rows, columns, numpy.ones_like(rows)]), axes=1)
    row, column = row.clip(0, height - 1), column.clip(0, width - 1)
    top, left = numpy.floor(row).astype(int), numpy.floor(column).astype(int)
    bottom, right = numpy.minimum(top + 1, height - 1), numpy.minimum(left + 1, width - 1)
    down, across = (row - top)[..., None], (column - left)[..., None]
    upper = picture[top, left] * (1 - across) + picture[top, right] * across
    lower = picture[bottom, left] * (1 - across) + picture[bottom, right] * across
    numpy.testing.assert_allclose(output, upper * (1 - down) + lower * down, atol=1e-3)


def main() -> None:
    parser = argparse.ArgumentParser(description="Makes the reference pictures of Keras 2's augmentation.")
    parser.add_argument("out", nargs="?", type=Path, default=Path(__file__).parent, help="folder to write into")
    out = parser.parse_args().out
    random = numpy.random.default_rng(5)
    tensors, cases = {}, []
    for name, height, width, changes in CASES:
        parameters = NO_CHANGE | changes
        flip = parameters.pop("flip_horizontal")
        picture = random.integers(0, 256, (height, width, 3), dtype=numpy.uint8)
        matrix = transform_matrix(height, width, **parameters)
        check_by_formula(picture, matrix, augment(picture, matrix, flip_horizontal=False))
        tensors[f"{name}.picture"] = picture
        tensors[f"{name}.output"] = augment(picture, matrix, flip)
        case = dict(name=name, height=height, width=width, parameters=parameters, flip_horizontal=flip)
        cases.append(case | dict(matrix=matrix[:2].tolist()))
    write_safetensors(out / "augmentation.safetensors", tensors)
    write_json(out / "augmentation.json", dict(made_with=f"SciPy {scipy.__version__}", cases=cases))


if __name__ == "__main__":
    main()
