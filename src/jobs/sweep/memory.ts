import type { TrainConfig } from '../../training/config.js';

/** What the memory of a training depends on. */
export type Demand = Pick<TrainConfig, 'model' | 'optimiser' | 'imageSize' | 'batchSize'>;

/** The most memory, in bytes, that a trial of this demand ever held. */
export interface Measured {
  readonly demand: Demand;
  readonly peak: number;
}

/**
 * The memory that a trial will take at most: what one of the same network and optimiser took that was no smaller in any
 * way. Undefined when there was none such.
 */
export function estimatePeak(demand: Demand, measured: readonly Measured[]): number | undefined {
  const larger = measured.filter(
    ({ demand: { model, optimiser, imageSize, batchSize } }) =>
      model === demand.model && optimiser === demand.optimiser && imageSize >= demand.imageSize && batchSize >= demand.batchSize,
  );
  return larger.length === 0 ? undefined : Math.min(...larger.map(({ peak }) => peak));
}

/**
 * Whether a trial may begin beside those under way. One of which nothing is known runs alone, and so is measured; so does
 * one that needs more than there is.
 * @param limit bytes that all together may take; undefined for no limit
 */
export function hasRoom(
  demand: Demand,
  underWay: readonly Demand[],
  measured: readonly Measured[],
  limit: number | undefined,
): boolean {
  if (limit === undefined || underWay.length === 0) return true;
  const peaks = [demand, ...underWay].map((each) => estimatePeak(each, measured) ?? Infinity);
  return peaks.reduce((sum, peak) => sum + peak, 0) <= limit;
}
