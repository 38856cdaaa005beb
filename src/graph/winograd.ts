/** Matrices of Winograd's minimal filtering in one dimension, found by Toom and Cook's interpolation. */

/**
 * y = A · ((G · g) ⊙ (B · d)) is the correlation of `outputs` + `taps` − 1 data d with `taps` weights g, using that many
 * products instead of outputs · taps (Winograd 1980; Lavin & Gray 2016). Row-major lists of rows.
 */
export interface MinimalFilter {
  /** [outputs][points] */
  readonly outputTransform: readonly (readonly number[])[];
  /** [points][taps] */
  readonly kernelTransform: readonly (readonly number[])[];
  /** [points][points] */
  readonly inputTransform: readonly (readonly number[])[];
}

/** Points of interpolation, the kindest to rounding first; the last point of every filter is infinity. */
const POINTS = [0, 1, -1, 2, -2, 0.5, -0.5];

/** The largest number of points (outputs + taps − 1) that `minimalFilter` knows. */
export const MOST_POINTS = POINTS.length + 1;

/** The filter F(outputs, taps). */
export function minimalFilter(outputs: number, taps: number): MinimalFilter {
  const finite = POINTS.slice(0, outputs + taps - 2);
  const powers = (point: number, count: number) => Array.from({ length: count }, (_, power) => point ** power);
  const last = (count: number) => Array.from({ length: count }, (_, index) => (index === count - 1 ? 1 : 0));
  const others = (index: number) => finite.filter((_, other) => other !== index);
  const scale = (index: number) => others(index).reduce((product, other) => product * (finite[index]! - other), 1);
  const kernelTransform = finite.map((point, index) => powers(point, taps).map((power) => power / scale(index)));
  const inputTransform = finite.map((_, index) => [...polynomial(others(index)), 0]);
  const vandermonde = [...finite.map((point) => powers(point, outputs)), last(outputs)];
  return {
    outputTransform: Array.from({ length: outputs }, (_, row) => vandermonde.map((column) => column[row]!)),
    kernelTransform: [...kernelTransform, last(taps)],
    inputTransform: [...inputTransform, polynomial(finite)],
  };
}

/** Coefficients of Π (x − root), the constant term first. */
function polynomial(roots: readonly number[]): number[] {
  return roots.reduce<number[]>(
    (coefficients, root) => {
      const shifted = [0, ...coefficients];
      coefficients.forEach((coefficient, power) => (shifted[power]! -= root * coefficient));
      return shifted;
    },
    [1],
  );
}
