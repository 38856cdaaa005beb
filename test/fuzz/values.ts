/** Damaged copies of JSON values: the text stays JSON, and what it says does not make sense. */
import * as fc from 'fast-check';

/** Values that a schema has to refuse, or that cost much if it does not. */
const HOSTILE: readonly (() => unknown)[] = [
  ...[null, true, false, 0, 1, -1, 0.5, 1e308, -1e21, 2 ** 31, 2 ** 53, 4096, 1_000_000, '', '0', 'x', '__proto__', '../../x', '\0', '\ud800'].map(
    (value) => () => value,
  ),
  ...[() => 'x'.repeat(10_000), () => [], () => ({}), () => [[]], () => [1, 'a', null], () => ({ toString: 1 })],
  ...[() => Array.from({ length: 2000 }, (_, index) => index + 1), () => nested(200), () => BOTTOMLESS],
];

function nested(levels: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < levels; level++) value = [value];
  return value;
}

/** Stands for lists in lists, so deep that no function which calls itself may follow them. */
const BOTTOMLESS = 'bottomless';
const LEVELS = 20_000;

/** Where a value stands: in which object or list, under which key. */
interface Slot {
  readonly holder: Record<string, unknown>;
  readonly key: string;
}

const LONGEST_REPEATED = 2000;

type Change = (slots: readonly Slot[]) => void;

const which = fc.nat(0xffff);
const pick = (slots: readonly Slot[], index: number): Slot => slots[index % slots.length]!;

const replace = fc.tuple(which, fc.constantFrom(...HOSTILE)).map(([index, make]): Change => (slots) => {
  const { holder, key } = pick(slots, index);
  holder[key] = make();
});

const remove = which.map((index): Change => (slots) => {
  const { holder, key } = pick(slots, index);
  if (Array.isArray(holder)) holder.splice(Number(key), 1);
  else Reflect.deleteProperty(holder, key);
});

const swap = fc.tuple(which, which).map(([first, second]): Change => (slots) => {
  const [a, b] = [pick(slots, first), pick(slots, second)];
  const copies = [a, b].map(({ holder, key }) => structuredClone(holder[key]));
  a.holder[a.key] = copies[1];
  b.holder[b.key] = copies[0];
});

const repeat = fc.tuple(which, fc.constantFrom(2, 3, 1500)).map(([index, times]): Change => (slots) => {
  const { holder, key } = pick(slots, index);
  const copy = structuredClone(holder[key]);
  // Not again and again what is large already: the readers are on trial here, and not this.
  if (jsonOf(copy).length > LONGEST_REPEATED) return;
  if (Array.isArray(holder)) holder.splice(Number(key), 0, ...Array.from({ length: times }, () => structuredClone(copy)));
  else for (let copyIndex = 0; copyIndex < Math.min(3, times); copyIndex++) holder[`${key}${copyIndex}`] = structuredClone(copy);
});

const shift = fc.tuple(which, fc.constantFrom(-1, 1, 0.5, 1e6)).map(([index, by]): Change => (slots) => {
  const numbers = slots.filter(({ holder, key }) => typeof holder[key] === 'number');
  if (numbers.length === 0) return;
  const { holder, key } = pick(numbers, index);
  holder[key] = (holder[key] as number) + by;
});

/** One of the values with some changes. */
export function mutatedValue(samples: readonly unknown[]): fc.Arbitrary<unknown> {
  const changes = fc.array(fc.oneof(replace, replace, remove, swap, repeat, shift), { minLength: 1, maxLength: 4 });
  return fc.tuple(fc.nat(samples.length - 1), changes).map(([sample, list]) => {
    const root: Record<string, unknown> = { value: structuredClone(samples[sample]) };
    for (const change of list) change(slotsOf(root));
    return root['value'];
  });
}

/** Not into what an earlier change has nested without end. */
function slotsOf(root: Record<string, unknown>): Slot[] {
  const slots: Slot[] = [{ holder: root, key: 'value' }];
  const look = (value: unknown, depth: number): void => {
    if (depth > 20 || slots.length > 20_000 || typeof value !== 'object' || value === null) return;
    const holder = value as Record<string, unknown>;
    for (const key of Object.keys(holder)) {
      slots.push({ holder, key });
      look(holder[key], depth + 1);
    }
  };
  look(root['value'], 0);
  return slots;
}

/** The same as JSON texts; `undefined` becomes the empty text. */
export function mutatedJson(samples: readonly unknown[]): fc.Arbitrary<Uint8Array> {
  return mutatedValue(samples).map((value) => Buffer.from(jsonOf(value)));
}

export function jsonOf(value: unknown): string {
  const text = (JSON.stringify(value) as string | undefined) ?? '';
  return text.replace(`"${BOTTOMLESS}"`, '['.repeat(LEVELS) + ']'.repeat(LEVELS));
}
