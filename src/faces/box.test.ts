import { expect, it } from 'vitest';
import { boxAround, overlap, shareInside, sideOf } from './box.js';

const SQUARE = { left: 0, top: 0, width: 4, height: 4 };

it('boxAround goes from the first to the last point', () => {
  const points = [
    { x: 3, y: -1 },
    { x: -2, y: 5 },
    { x: 0, y: 0 },
  ];
  expect(boxAround(points)).toEqual({ left: -2, top: -1, width: 5, height: 6 });
});

it('sideOf is that of the square with the same area', () => {
  expect(sideOf({ left: 7, top: 7, width: 2, height: 8 })).toBe(4);
});

it('overlap is a share of the smaller box', () => {
  expect(overlap(SQUARE, { left: 2, top: 2, width: 2, height: 1 })).toBe(1);
  expect(overlap(SQUARE, { left: 3, top: 0, width: 2, height: 4 })).toBe(0.5);
  expect(overlap({ left: 3, top: 0, width: 2, height: 4 }, SQUARE)).toBe(0.5);
  expect(overlap(SQUARE, { left: 5, top: 5, width: 2, height: 2 })).toBe(0);
});

it('shareInside counts pixels as squares around their centres', () => {
  expect(shareInside({ left: -0.5, top: -0.5, width: 10, height: 10 }, 10, 10)).toBe(1);
  expect(shareInside({ left: -5.5, top: -0.5, width: 10, height: 10 }, 10, 10)).toBe(0.5);
  expect(shareInside({ left: 20, top: 20, width: 10, height: 10 }, 10, 10)).toBe(0);
});
