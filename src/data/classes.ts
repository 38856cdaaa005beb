import type { AgeSpan } from '../base/expected-age.js';
import { AGE_BANDS, bandHolding, parseAnyBand, parseBand, spansOfClasses } from './bands.js';

/** The classes of a data set, and the index of each by the names that the data set uses. */
export interface ClassList {
  readonly classes: readonly string[];
  /** The index of a class by its name; any spelling of an age band will do. `undefined` when it is not in the list. */
  indexOf(name: string): number | undefined;
  /** What the classes stand for, where they were given and are age bands: then other bands are mapped to them. */
  readonly spans: readonly AgeSpan[] | undefined;
}

/**
 * The classes of a data set that uses these names.
 *
 * When every name is an age band, the classes are the bands that occur, youngest first and in the spelling of
 * {@link AGE_BANDS}. Otherwise they are the names themselves in the order of their character codes, as Keras's
 * `flow_from_directory` has it.
 * @param expected the classes to use instead, such as those of a trained model. Where they are age bands, another band has
 *   the index of the one that it lies in as a whole.
 */
export function classList(names: Iterable<string>, expected?: readonly string[]): ClassList {
  const classes = expected ?? ownClasses([...new Set(names)]);
  const spans = expected && spansOfClasses(expected);
  const ownIndexOf = indexByName(classes);
  const indexOf = (name: string): number | undefined => {
    const other = spans && parseAnyBand(name);
    return ownIndexOf(name) ?? (other && bandHolding(other, spans));
  };
  return { classes, indexOf, spans };
}

/** The index of a class by its name, or by any spelling of it where it is an age band. */
export function indexByName(classes: readonly string[]): (name: string) => number | undefined {
  const indices = new Map(classes.map((name, index) => [name, index]));
  return (name) => {
    const band = parseBand(name);
    return indices.get(name) ?? (band === undefined ? undefined : indices.get(AGE_BANDS[band]!));
  };
}

function ownClasses(names: readonly string[]): string[] {
  const bands = new Set(names.map(parseBand));
  if (bands.has(undefined)) return names.toSorted();
  return AGE_BANDS.filter((_, band) => bands.has(band));
}

/**
 * Where most names are age bands, the names that are none: slips such as `25-23`. Each would become a class of its own
 * and put all of them out of the order of age.
 */
export function slipsAmongBands(names: readonly string[]): string[] {
  const distinct = [...new Set(names)];
  const others = distinct.filter((name) => parseBand(name) === undefined);
  return 2 * others.length < distinct.length ? others : [];
}
