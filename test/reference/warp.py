"""Makes warp.safetensors: a picture by formula, warped by OpenCV with several matrices.

Needs python3-opencv (4.6 was used). The picture is the same as in src/images/warp.test.ts: 97 x 71 pixels, smooth waves,
and a black and white chequerboard in its right half, whose edges show every rounding.
"""

import sys
from pathlib import Path

import cv2
import numpy

from safetensors_writer import write_safetensors

WIDTH, HEIGHT = 97, 71
# Name: matrix of OpenCV (from the picture to the result), width and height of the result.
WARPS = {
    "same": ([1, 0, 0, 0, 1, 0], 97, 71),
    "shift": ([1, 0, 3.3, 0, 1, -2.7], 60, 50),
    "smaller": ([0.31, 0.02, 1.5, -0.04, 0.35, 2.25], 40, 30),
    "larger": ([2.13, -0.4, -31.7, 0.37, 1.94, -22.1], 64, 64),
    "turned": ([-0.77, 0.64, 40.3, -0.64, -0.77, 70.9], 64, 64),
    "mirrored": ([-1.2, 0.1, 90.4, 0.05, 1.1, -7.6], 64, 48),
}


def picture() -> numpy.ndarray:
    rows, columns, channels = numpy.meshgrid(
        numpy.arange(HEIGHT), numpy.arange(WIDTH), numpy.arange(3), indexing="ij"
    )
    waves = numpy.floor(127.5 + 127 * numpy.sin(0.21 * columns + 0.13 * (channels + 1) * rows))
    board = 255 * ((rows // 3 + columns // 3 + channels) % 2)
    return numpy.where(columns < WIDTH // 2, waves, board).astype(numpy.uint8)


def main(folder: Path) -> None:
    image = picture()
    results = {"picture": image}
    for name, (matrix, width, height) in WARPS.items():
        results[name] = cv2.warpAffine(image, numpy.float64(matrix).reshape(2, 3), (width, height))
    write_safetensors(folder / "warp.safetensors", results)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent))
