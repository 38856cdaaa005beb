import { interpolateInferno } from 'd3-scale-chromatic';
import { ConfigError, ShapeError } from '../base/errors.js';
import type { Picture } from '../images/picture.js';
import type { ClassMap } from './heat-map.js';
import { spreadMap } from './heat-map.js';

export const DEFAULT_OPACITY = 0.5;
const LEVELS = 256;

/**
 * The colours of maps, from 0 to 1 in 256 steps: "inferno" of van der Walt & Smith (matplotlib, 2015), from black over
 * red to pale yellow. Equal steps look equal, and it reads the same in grey and to the colour-blind.
 */
export const HEAT_COLOURS: readonly string[] = Array.from({ length: LEVELS }, (_, level) =>
  interpolateInferno(level / (LEVELS - 1)),
);
const PALETTE = HEAT_COLOURS.map((colour) => Number.parseInt(colour.slice(1), 16));

/**
 * A picture under the colours of a map.
 * @param map values in 0..1, [height, width] as the picture
 * @param opacity of the colours, 0..1: 0 shows the picture alone, 1 the map alone
 * @throws {ConfigError} when the opacity is out of range
 * @throws {ShapeError} when the sizes differ
 */
export function paintMap({ data, width, height }: Picture, map: Float32Array, opacity = DEFAULT_OPACITY): Picture {
  if (!(opacity >= 0 && opacity <= 1)) throw new ConfigError(`the opacity must be from 0 to 1, got ${opacity}`);
  if (map.length !== width * height) {
    throw new ShapeError(`paintMap: a map of ${map.length} values does not fit a picture of ${width} × ${height}`);
  }
  const painted = new Uint8Array(data.length);
  for (let pixel = 0; pixel < map.length; pixel++) {
    const colour = PALETTE[Math.round(map[pixel]! * (LEVELS - 1))]!;
    for (let channel = 0; channel < 3; channel++) {
      const index = 3 * pixel + channel;
      const level = (colour >> (16 - 8 * channel)) & 0xff;
      painted[index] = Math.round(data[index]! + (level - data[index]!) * opacity);
    }
  }
  return { data: painted, width, height };
}

/** A picture, of any size, under the colours of the map that a network made of it. @throws as {@link paintMap} */
export function overlayMap(picture: Picture, map: ClassMap, opacity = DEFAULT_OPACITY): Picture {
  return paintMap(picture, spreadMap(map, picture.width, picture.height), opacity);
}
