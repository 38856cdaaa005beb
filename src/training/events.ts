import type { Problem } from '../data/sample.js';
import type { Device } from '../runtime/device.js';
import type { EpochRecord } from './history.js';

/** Why training ends; `paused` and `interrupted` runs can go on. */
export type TrainingEnd = 'finished' | 'early-stopping' | 'paused' | 'interrupted';

/** What a training run tells while it goes on. */
export type TrainingEvent =
  /** A file of weights to start from is being fetched or read; in bytes. */
  | { readonly kind: 'weights'; readonly done: number; readonly total: number; readonly verb: 'fetched' | 'read' }
  /** Pictures are being read for the first time. */
  | { readonly kind: 'loading'; readonly done: number; readonly total: number }
  /** What the frozen layers give is computed for pictures, to be kept while they are frozen. */
  | { readonly kind: 'features'; readonly done: number; readonly total: number }
  | {
      readonly kind: 'start';
      /** What computes. */
      readonly device: Device;
      readonly parameters: number;
      /** How many of them are trained at first, where layers are frozen. */
      readonly trainable?: number;
      readonly trainImages: number;
      readonly validImages: number;
      readonly epochs: number;
      readonly stepsPerEpoch: number;
      /** Where an interrupted run goes on: epoch from 1, step of that epoch from 0. */
      readonly resumedAt?: { readonly epoch: number; readonly step: number };
      readonly problems: readonly Problem[];
      /** What was taken over from another run or is done in another way than one would think. */
      readonly notes?: readonly string[];
    }
  | {
      readonly kind: 'step';
      readonly epoch: number;
      readonly epochs: number;
      /** Steps of this epoch that are done, and how many there are. */
      readonly step: number;
      readonly steps: number;
      /** Means over this epoch so far. */
      readonly loss: number;
      readonly accuracy: number;
      readonly imagesPerSecond: number;
      /** Of this epoch, without validation. */
      readonly secondsLeft: number;
    }
  /** Pictures that are validated at the end of an epoch. */
  | { readonly kind: 'validation'; readonly done: number; readonly total: number }
  | { readonly kind: 'epoch'; readonly record: EpochRecord; readonly epochs: number; readonly steps: number }
  | { readonly kind: 'checkpoint'; readonly file: string; readonly reason: 'start' | 'epoch' | 'best' | 'last' | 'stop' }
  | {
      readonly kind: 'end';
      readonly reason: TrainingEnd;
      /** Folder of the run. */
      readonly run: string;
      readonly best?: EpochRecord;
    };

export type TrainingListener = (event: TrainingEvent) => void;
