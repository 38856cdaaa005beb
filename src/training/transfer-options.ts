import { z } from 'zod';
import { messageOf } from '../base/errors.js';
import { parseBandList } from '../data/bands.js';
import { LAYER_PATTERN } from '../nn/parts.js';

const factor = z.number().positive();
const PATTERNS = 'must be layers such as backbone or conv1,conv2* or none';
const RATES = 'must be layers with factors above 0 such as backbone=0.1,head=1';

/**
 * The options of transfer learning: which bands are told, which layers are trained and how fast. None has a default that
 * stands in the settings, so that jobs that were begun before there were such options go on.
 */
export const transferFields = {
  /** Age bands from young to old, such as `0-12,13-25,26-59,60+`, that ages and bands of the data are mapped to. */
  bands: z
    .string()
    .superRefine((list, context) => {
      try {
        parseBandList(list);
      } catch (error) {
        context.addIssue({ code: 'custom', message: messageOf(error) });
      }
    })
    .optional(),
  /** Layers whose weights stay: names, globs, or the words `backbone` and `head`, separated by commas; or `none`. */
  freeze: z
    .string()
    .refine((list) => patternsOf(list).every((pattern) => LAYER_PATTERN.test(pattern)), PATTERNS)
    .optional(),
  /** Epoch from which on all layers are trained. */
  unfreezeAt: z.number().int().min(2).optional(),
  /** What the learning rate is multiplied by from that epoch on; 1 by default. */
  unfreezeFactor: factor.optional(),
  /** Factors on the learning rate by layers, named as for `freeze`; of several that name a layer the last one counts. */
  rates: z
    .string()
    .refine((list) => parseRates(list) !== undefined, RATES)
    .optional(),
  /** False: what the frozen layers at the start of the network give is not computed once and kept, but at every step. */
  featureCache: z.boolean().optional(),
};

/** Whether layers are frozen. */
export function freezes({ freeze }: { readonly freeze?: string | undefined }): boolean {
  return freeze !== undefined && freeze !== 'none';
}

/** Number of epochs, from the first, in which layers are frozen: 0 where none are, Infinity where they are not unfrozen. */
export function frozenEpochs(settings: { readonly freeze?: string | undefined; readonly unfreezeAt?: number | undefined }): number {
  return freezes(settings) ? (settings.unfreezeAt ?? Infinity) - 1 : 0;
}

/** The parts of a list of layers. */
export function patternsOf(list: string): string[] {
  return list.split(',').map((pattern) => pattern.trim());
}

/** The parts of a list of factors by layers; undefined when it is none. */
export function parseRates(list: string): [pattern: string, factor: number][] | undefined {
  const parts = list.split(',').map((part): [string, number] => {
    const [pattern = '', value = '', ...rest] = part.split('=').map((text) => text.trim());
    return [pattern, rest.length > 0 || value === '' ? NaN : Number(value)];
  });
  const isSound = parts.every(([pattern, value]) => LAYER_PATTERN.test(pattern) && factor.safeParse(value).success);
  return isSound ? parts : undefined;
}
