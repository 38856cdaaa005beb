import { z } from 'zod';
import { ConfigError } from '../../base/errors.js';
import { parseSettings } from '../../base/settings.js';
import { getModel } from '../../models/registry.js';
import type { TrainConfig } from '../../training/config.js';
import { parseConfig, withAbsolutePaths } from '../../training/config.js';

const ownSchema = z.object({
  /** Folder of the runs and results. */
  out: z.string().min(1).default('runs/cross-validation'),
  /** `published`: those in the column `fold` of the manifest; a number: so many are drawn. */
  folds: z.literal('published').or(z.int().min(2)),
  /** Column of a manifest that names what folds and splits never part, or `none`. */
  groupBy: z.string().min(1).optional(),
  /** Whether drawn folds also keep pictures together that are the same, for which all are read. */
  nearDuplicates: z.boolean().default(true),
  /** Goes on although published folds part subjects. */
  allowLeaks: z.boolean().default(false),
  /**
   * Seconds (1800 by default) without a further step, picture or epoch after which the process of a fold is ended; it goes on at
   * its last checkpoint, and has failed when it hangs again without getting any further. It changes no result.
   */
  giveUpAfter: z.number().positive().optional(),
});

/** Settings that the folds decide, and that hence cannot be given. */
const DECIDED = ['train', 'test', 'classes'] as const;
type TrainingOptions = Omit<TrainConfig, (typeof DECIDED)[number]>;

/** Options of `crossValidate`: its own and those of `train`; what is left out takes the default. */
export type CrossValidateOptions = z.input<typeof ownSchema> & Partial<TrainingOptions> & Pick<TrainConfig, 'data'>;

/** Everything that decides what a cross-validation computes. */
export type CrossValidationSettings = Omit<z.output<typeof ownSchema>, 'out' | 'giveUpAfter'> & TrainingOptions;

export interface CrossValidationPlan {
  readonly settings: CrossValidationSettings;
  readonly out: string;
  readonly giveUpAfter: number | undefined;
}

/** @throws {ConfigError} naming every option that cannot be used */
export function planCrossValidation(options: CrossValidateOptions): CrossValidationPlan {
  const given: Record<string, unknown> = { ...options };
  const decided = DECIDED.find((name) => name in given);
  if (decided !== undefined) {
    throw new ConfigError(`${decided}: the folds decide it in a cross-validation`, { hint: 'Leave it out.' });
  }
  const names = Object.keys(ownSchema.shape);
  const [own, training] = [true, false].map((isOwn) =>
    Object.fromEntries(Object.entries(given).filter(([name]) => names.includes(name) === isOwn)),
  );
  const { out, giveUpAfter, ...settings } = parseSettings(ownSchema, own);
  const { train: _train, test: _test, classes: _classes, ...config } = withAbsolutePaths(parseConfig(training));
  getModel(config.model);
  return { settings: { ...settings, ...config }, out, giveUpAfter };
}
