import type { HostTensor } from '../base/tensor.js';
import type { DeviceTensor } from './device-tensor.js';

/** Named tensors. */
export type Feeds = Readonly<Record<string, HostTensor | DeviceTensor>>;

export interface RunOptions {
  /**
   * Outputs wanted, by name; all outputs by default. A tensor given here receives the output in its own memory, so
   * that nothing is allocated; it must not be one of the feeds.
   */
  readonly fetches?: Readonly<Record<string, HostTensor | undefined>>;
}

/** A graph that is loaded and ready to run, whatever the platform. */
export interface Runner {
  /** @throws {EngineError} when an input is missing, has the wrong shape, or a name is not that of the graph. */
  run(feeds: Feeds, options?: RunOptions): Promise<Record<string, HostTensor>>;
  /** Frees its memory. */
  dispose(): Promise<void>;
}
