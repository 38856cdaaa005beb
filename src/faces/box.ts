import type { Box, Point } from './face.js';

/** The smallest box around points. */
export function boxAround(points: readonly Point[]): Box {
  const xs = points.map(({ x }) => x);
  const ys = points.map(({ y }) => y);
  const left = Math.min(...xs);
  const top = Math.min(...ys);
  return { left, top, width: Math.max(...xs) - left, height: Math.max(...ys) - top };
}

/** Side of the square that has the area of a box. */
export function sideOf({ width, height }: Box): number {
  return Math.sqrt(width * height);
}

/** The area that two boxes share, as a fraction of the smaller one. */
export function overlap(a: Box, b: Box): number {
  return sharedArea(a, b) / Math.min(a.width * a.height, b.width * b.height);
}

/** How much of a box lies inside a picture, 0..1. */
export function shareInside(box: Box, width: number, height: number): number {
  // The picture's pixels reach half a pixel beyond their centres.
  return sharedArea(box, { left: -0.5, top: -0.5, width, height }) / (box.width * box.height);
}

function sharedArea(a: Box, b: Box): number {
  const width = Math.min(a.left + a.width, b.left + b.width) - Math.max(a.left, b.left);
  const height = Math.min(a.top + a.height, b.top + b.height) - Math.max(a.top, b.top);
  return Math.max(0, width) * Math.max(0, height);
}
