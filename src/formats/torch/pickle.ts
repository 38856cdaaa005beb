/**
 * A reader of Python's pickles (https://docs.python.org/3/library/pickletools.html), of the protocols 2 to 5 and as far as they
 * consist of plain values. A pickle is a program for a small machine with a stack, which may call whatever it names. Here a name
 * stays a name, and what calls give is up to the `PickleWorld`: nothing else of a file is ever run.
 *
 * Memory is bounded: an operation makes one value at most, of the bytes that follow it, and operations are counted.
 */
import { FormatError } from '../../base/errors.js';

/** More than a file of 10,000 tensors has. */
const MOST_OPERATIONS = 500_000;
/** The longest name of a module or of what is in it, in bytes. */
const LONGEST_LINE = 1000;
/** The operation that ends a pickle. */
const STOP = 0x2e;

/** A function or class that a pickle names, such as `collections.OrderedDict`. */
export class PickleGlobal {
  constructor(readonly name: string) {}
}

/** What there is outside a pickle. */
export interface PickleWorld {
  /** @throws {FormatError} when a pickle may not name this function or class */
  readonly check: (name: string) => void;
  /** What a function or class makes of its arguments. @throws {FormatError} when they are not those that it takes */
  readonly call: (name: string, values: readonly unknown[]) => unknown;
  /** What an identifier stands for that its writer has put in place of something large. @throws {FormatError} */
  readonly load: (identifier: unknown) => unknown;
}

/**
 * Reads one pickle. Dictionaries are of the class Map, lists and tuples arrays, integers numbers or bigints.
 * @param start where it begins
 * @param file name for messages
 * @returns its value, and where it ends
 * @throws {FormatError} when it is damaged or holds anything but plain values and what `world` gives
 */
export function readPickle(bytes: Uint8Array, start: number, file: string, world: PickleWorld): { value: unknown; end: number } {
  const machine: Machine = new Machine(bytes, start, file, world);
  for (let count = 0; count < MOST_OPERATIONS; count++) {
    const code = machine.unsigned(1);
    if (code === STOP) return { value: machine.pop(), end: machine.position };
    const operation = OPERATIONS.get(code);
    if (operation === undefined) machine.fail(`the operation 0x${code.toString(16).padStart(2, '0')} is not known here`);
    operation(machine);
  }
  return machine.fail(`it has more than ${MOST_OPERATIONS} operations`);
}

class Machine {
  position: number;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #file: string;
  readonly #world: PickleWorld;
  readonly #stack: unknown[] = [];
  /** Heights of the stack. */
  readonly #marks: number[] = [];
  readonly #memo = new Map<number, unknown>();

  constructor(bytes: Uint8Array, start: number, file: string, world: PickleWorld) {
    this.position = start;
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#file = file;
    this.#world = world;
  }

  fail(reason: string): never {
    throw new FormatError(this.#file, `its pickle cannot be read: at byte ${this.position}, ${reason}`);
  }

  /** @returns where the next bytes begin */
  skip(count: number): number {
    const start = this.position;
    if (count > this.#bytes.length - start) this.fail('it is cut off');
    this.position += count;
    return start;
  }

  take(count: number): Uint8Array {
    const start = this.skip(count);
    return this.#bytes.subarray(start, start + count);
  }

  /** A little-endian number; one of 8 bytes that is no safe integer is larger than any file. */
  unsigned(size: 1 | 2 | 4 | 8): number {
    const start = this.skip(size);
    if (size === 1) return this.#view.getUint8(start);
    if (size === 2) return this.#view.getUint16(start, true);
    return size === 4 ? this.#view.getUint32(start, true) : Number(this.#view.getBigUint64(start, true));
  }

  signed(): number {
    return this.#view.getInt32(this.skip(4), true);
  }

  double(): number {
    return this.#view.getFloat64(this.skip(8), false);
  }

  text(length: number, encoding: 'utf-8' | 'latin1' = 'utf-8'): string {
    const bytes = this.take(length);
    try {
      return new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch {
      return this.fail('a text is no UTF-8');
    }
  }

  line(): string {
    const length = this.#bytes.subarray(this.position, this.position + LONGEST_LINE).indexOf(0x0a);
    if (length < 0) this.fail('a name does not end');
    const text = this.text(length);
    this.skip(1);
    return text;
  }

  push(value: unknown): void {
    this.#stack.push(value);
  }

  /** Takes the uppermost value of the part of the stack above the last mark. */
  pop(): unknown {
    if (this.#stack.length <= (this.#marks.at(-1) ?? 0)) this.fail('there is no value');
    return this.#stack.pop();
  }

  top(): unknown {
    const value = this.pop();
    this.push(value);
    return value;
  }

  mark(): void {
    this.#marks.push(this.#stack.length);
  }

  /** Takes all values above the last mark, and the mark. */
  popToMark(): unknown[] {
    const height = this.#marks.pop();
    if (height === undefined) this.fail('there is no mark');
    return this.#stack.splice(height);
  }

  /** The list, or the dictionary, that is uppermost. */
  collection<Kind extends unknown[] | Map<unknown, unknown>>(kind: new () => Kind): Kind {
    const value = this.top();
    return value instanceof kind ? value : this.fail('something is put into what is no list or dictionary');
  }

  remember(index: number = this.#memo.size): void {
    this.#memo.set(index, this.top());
  }

  recall(index: number): void {
    if (!this.#memo.has(index)) this.fail('it uses a value that was not kept');
    this.push(this.#memo.get(index));
  }

  global(module: unknown, name: unknown): void {
    if (typeof module !== 'string' || typeof name !== 'string') this.fail('a name is no text');
    this.#world.check(`${module}.${name}`);
    this.push(new PickleGlobal(`${module}.${name}`));
  }

  call(): void {
    const values = this.pop();
    const callee = this.pop();
    if (!(callee instanceof PickleGlobal) || !Array.isArray(values)) this.fail('it calls what is no function');
    this.push(this.#world.call(callee.name, values));
  }

  load(): void {
    this.push(this.#world.load(this.pop()));
  }
}

function append(items: readonly unknown[], machine: Machine): void {
  const list = machine.collection<unknown[]>(Array);
  for (const item of items) list.push(item);
}

/** Sets entries of a dictionary; keys and values take turns. */
function setItems(items: readonly unknown[], machine: Machine): void {
  if (items.length % 2 === 1) machine.fail('a key has no value');
  const dictionary = machine.collection<Map<unknown, unknown>>(Map);
  for (let index = 0; index < items.length; index += 2) dictionary.set(items[index], items[index + 1]);
}

/** Attributes of a dictionary, such as the versions of its modules, say nothing of its content. */
function leaveAttributes(machine: Machine): void {
  machine.pop();
  machine.collection<Map<unknown, unknown>>(Map);
}

/** A whole number of any length, little-endian and in two's complement. */
function integerOf(bytes: Uint8Array): number | bigint {
  const digits = bytes.reduceRight((text, byte) => text + byte.toString(16).padStart(2, '0'), '');
  const value = bytes.length === 0 ? 0n : BigInt.asIntN(8 * bytes.length, BigInt(`0x${digits}`));
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function lastItems(machine: Machine, count: number): unknown[] {
  return Array.from({ length: count }, () => machine.pop()).reverse();
}

/** By their codes, with the names that `pickletools` gives them. */
const OPERATIONS: ReadonlyMap<number, (machine: Machine) => void> = new Map<number, (machine: Machine) => void>([
  // PROTO and FRAME tell readers of streams what comes.
  [0x80, (machine) => void machine.skip(1)],
  [0x95, (machine) => void machine.skip(8)],
  // NONE, NEWTRUE, NEWFALSE
  [0x4e, (machine) => machine.push(null)],
  [0x88, (machine) => machine.push(true)],
  [0x89, (machine) => machine.push(false)],
  // BININT, BININT1, BININT2, LONG1, BINFLOAT
  [0x4a, (machine) => machine.push(machine.signed())],
  [0x4b, (machine) => machine.push(machine.unsigned(1))],
  [0x4d, (machine) => machine.push(machine.unsigned(2))],
  [0x8a, (machine) => machine.push(integerOf(machine.take(machine.unsigned(1))))],
  [0x47, (machine) => machine.push(machine.double())],
  // SHORT_BINUNICODE, BINUNICODE, BINUNICODE8; SHORT_BINSTRING and BINSTRING of Python 2
  [0x8c, (machine) => machine.push(machine.text(machine.unsigned(1)))],
  [0x58, (machine) => machine.push(machine.text(machine.unsigned(4)))],
  [0x8d, (machine) => machine.push(machine.text(machine.unsigned(8)))],
  [0x55, (machine) => machine.push(machine.text(machine.unsigned(1), 'latin1'))],
  [0x54, (machine) => machine.push(machine.text(machine.unsigned(4), 'latin1'))],
  // SHORT_BINBYTES, BINBYTES
  [0x43, (machine) => machine.push(machine.take(machine.unsigned(1)))],
  [0x42, (machine) => machine.push(machine.take(machine.unsigned(4)))],
  // EMPTY_TUPLE, TUPLE1, TUPLE2, TUPLE3, TUPLE
  [0x29, (machine) => machine.push([])],
  [0x85, (machine) => machine.push(lastItems(machine, 1))],
  [0x86, (machine) => machine.push(lastItems(machine, 2))],
  [0x87, (machine) => machine.push(lastItems(machine, 3))],
  [0x74, (machine) => machine.push(machine.popToMark())],
  // EMPTY_LIST, APPEND, APPENDS
  [0x5d, (machine) => machine.push([])],
  [0x61, (machine) => append([machine.pop()], machine)],
  [0x65, (machine) => append(machine.popToMark(), machine)],
  // EMPTY_DICT, SETITEM, SETITEMS
  [0x7d, (machine) => machine.push(new Map())],
  [0x73, (machine) => setItems(lastItems(machine, 2), machine)],
  [0x75, (machine) => setItems(machine.popToMark(), machine)],
  // MARK, POP, POP_MARK
  [0x28, (machine) => machine.mark()],
  [0x30, (machine) => void machine.pop()],
  [0x31, (machine) => void machine.popToMark()],
  // BINPUT, LONG_BINPUT, MEMOIZE, BINGET, LONG_BINGET
  [0x71, (machine) => machine.remember(machine.unsigned(1))],
  [0x72, (machine) => machine.remember(machine.unsigned(4))],
  [0x94, (machine) => machine.remember()],
  [0x68, (machine) => machine.recall(machine.unsigned(1))],
  [0x6a, (machine) => machine.recall(machine.unsigned(4))],
  // GLOBAL, STACK_GLOBAL, REDUCE, BINPERSID
  [0x63, (machine) => machine.global(machine.line(), machine.line())],
  [0x93, (machine) => machine.global(...(lastItems(machine, 2) as [unknown, unknown]))],
  [0x52, (machine) => machine.call()],
  [0x51, (machine) => machine.load()],
  // BUILD
  [0x62, leaveAttributes],
]);
