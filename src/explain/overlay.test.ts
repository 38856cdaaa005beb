import { describe, expect, it } from 'vitest';
import { HEAT_COLOURS, overlayMap, paintMap } from './overlay.js';

const grey = { data: new Uint8Array(6).fill(100), width: 2, height: 1 };

describe('HEAT_COLOURS', () => {
  it('goes from black to pale yellow, brighter with every step', () => {
    expect(HEAT_COLOURS).toHaveLength(256);
    expect([HEAT_COLOURS[0], HEAT_COLOURS[255]]).toEqual(['#000004', '#fcffa4']);
    const lightness = HEAT_COLOURS.map((colour) => {
      const [red, green, blue] = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
      return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
    });
    expect(lightness.every((value, level) => level === 0 || value > lightness[level - 1]! - 0.5)).toBe(true);
  });
});

describe('paintMap', () => {
  it('mixes the colours of the map into the picture', () => {
    const { data } = paintMap(grey, Float32Array.of(0, 1), 0.5);
    expect([...data]).toEqual([50, 50, 52, 176, 178, 132]);
  });

  it('shows the picture alone or the map alone at the ends of the opacity', () => {
    expect([...paintMap(grey, Float32Array.of(0, 1), 0).data]).toEqual([...grey.data]);
    expect([...paintMap(grey, Float32Array.of(0, 1), 1).data]).toEqual([0, 0, 4, 252, 255, 164]);
  });

  it.each([-0.1, 1.1, Number.NaN])('refuses an opacity of %d', (opacity) => {
    expect(() => paintMap(grey, Float32Array.of(0, 1), opacity)).toThrow('the opacity must be from 0 to 1');
  });

  it('refuses a map of another size', () => {
    expect(() => paintMap(grey, Float32Array.of(0))).toThrow('a map of 1 values does not fit a picture of 2 × 1');
  });
});

describe('overlayMap', () => {
  it('spreads the map over a picture of any size', () => {
    const map = { values: Float32Array.of(0, 5), height: 1, width: 2 };
    expect([...overlayMap(grey, map, 1).data]).toEqual([0, 0, 4, 252, 255, 164]);
  });
});
