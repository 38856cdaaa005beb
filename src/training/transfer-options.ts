import { z } from 'zod';
import { messageOf } from '../base/errors.js';
import { parseBandList } from '../data/bands.js';
import type { Layer } from '../nn/layer.js';
import { chosenLayers, LAYER_PATTERN } from '../nn/parts.js';

const factor = z.number().positive();
const PATTERNS = 'must be layers such as backbone or conv1,conv2* or none';
const RATES = 'must be layers with factors above 0 such as backbone=0.1,head=1';

/** The options of transfer learning: which bands are told, which layers are trained and how fast. */
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
  /** What the learning rate is multiplied by from that epoch on. */
  unfreezeFactor: factor.default(1),
  /** Factors on the learning rate by layers, named as for `freeze`; of several that name a layer the last one counts. */
  rates: z
    .string()
    .refine((list) => parseRates(list) !== undefined, RATES)
    .optional(),
  /** Whether what the frozen layers at the start of the network give is computed once and kept, where that is possible. */
  featureCache: z.boolean().default(true),
};

export type TransferSettings = z.infer<z.ZodObject<typeof transferFields>>;

/** Whether layers are frozen. */
export function freezes({ freeze }: Pick<TransferSettings, 'freeze'>): boolean {
  return freeze !== undefined && freeze !== 'none';
}

/**
 * Names of the layers that are frozen at first.
 * @param weighted names of the layers that have parameters
 * @throws {ConfigError} when a layer is named that does not exist
 */
export function frozenLayers(
  settings: Pick<TransferSettings, 'freeze'>,
  layers: readonly Layer[],
  weighted: ReadonlySet<string>,
): Set<string> {
  return freezes(settings) ? chosenLayers(layers, patternsOf(settings.freeze!), weighted, 'freeze') : new Set();
}

/**
 * Factors on the learning rate by the names of layers.
 * @param weighted names of the layers that have parameters
 * @throws {ConfigError} when a layer is named that does not exist
 */
export function layerRates(
  { rates }: Pick<TransferSettings, 'rates'>,
  layers: readonly Layer[],
  weighted: ReadonlySet<string>,
): Map<string, number> {
  const parts = rates === undefined ? [] : parseRates(rates)!;
  return new Map(
    parts.flatMap(([pattern, value]) => [...chosenLayers(layers, [pattern], weighted, 'rates')].map((name) => [name, value] as const)),
  );
}

function patternsOf(list: string): string[] {
  return list.split(',').map((pattern) => pattern.trim());
}

/** Undefined when it is none. */
function parseRates(list: string): [pattern: string, factor: number][] | undefined {
  const parts = list.split(',').map((part): [string, number] => {
    const [pattern = '', value = '', ...rest] = part.split('=').map((text) => text.trim());
    return [pattern, rest.length > 0 || value === '' ? NaN : Number(value)];
  });
  const isSound = parts.every(([pattern, value]) => LAYER_PATTERN.test(pattern) && factor.safeParse(value).success);
  return isSound ? parts : undefined;
}
