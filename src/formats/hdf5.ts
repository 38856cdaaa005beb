/**
 * HDF5 files in memory, read and written by the HDF Group's own library compiled to WebAssembly (h5wasm). It sees no other
 * file system than its own, in memory, so that links of a hostile file to other files lead nowhere.
 *
 * A damaged file can leave the library's memory in disorder, or make it run without end. Node.js therefore reads in a
 * thread that is thrown away (`keras/read.node.ts`); a page does well to read in a Web Worker.
 */
import type { Dataset, File, Group } from 'h5wasm';
import { FormatError, messageOf } from '../base/errors.js';
import { float32Of } from '../base/floats.js';
import type { HostTensor } from '../base/tensor.js';
import { shapeText, sizeOf } from '../base/tensor.js';

/** The longest attribute that is read, in bytes. */
const MOST_ATTRIBUTE_BYTES = 64e6;
/** The most members of one group. */
const MOST_MEMBERS = 100_000;

let paths = 0;

/** The library keeps what it knows of a file under its name: no name is used twice. */
function newPath(): string {
  return `${++paths}.h5`;
}

type Library = Awaited<ReturnType<typeof loadLibrary>>;

async function loadLibrary() {
  const library = await import('h5wasm');
  const module = await library.ready;
  module.activate_throwing_error_handler();
  return { library, files: module.FS };
}

/** An array in a file, not read yet. */
export interface Hdf5Dataset {
  readonly shape: readonly number[];
  /** Its numbers. @throws {FormatError} when they are no numbers, or the file is damaged */
  read(): Float32Array;
}

/** A group of a file. Paths are relative to it: names with `/` between them. */
export interface Hdf5Group {
  /** The names of its groups and arrays. */
  names(): string[];
  /** Undefined when there is no such group. */
  group(path: string): Hdf5Group | undefined;
  /** Undefined when there is no such array. */
  dataset(path: string): Hdf5Dataset | undefined;
  /** An attribute that is a text; undefined when there is none. */
  text(name: string): string | undefined;
  /** An attribute that is a list of texts; undefined when there is none. */
  texts(name: string): string[] | undefined;
}

/**
 * Opens a file for as long as `use` takes.
 * @param file name for messages
 * @throws {FormatError} when it is damaged, no HDF5, or `use` throws that
 */
export async function readHdf5<Result>(bytes: Uint8Array, file: string, use: (root: Hdf5Group) => Result): Promise<Result> {
  const { library, files } = await loadLibrary();
  const path = newPath();
  files.writeFile(path, bytes);
  try {
    return guarded(file, () => {
      const opened = new library.File(path, 'r');
      try {
        return use(new Reader(opened, library, file, bytes.length));
      } finally {
        opened.close();
      }
    });
  } finally {
    files.unlink(path);
  }
}

/** Runs what may meet damage; whatever the library throws becomes a FormatError. */
function guarded<Result>(file: string, act: () => Result): Result {
  try {
    return act();
  } catch (error) {
    if (error instanceof FormatError) throw error;
    throw new FormatError(file, `is no HDF5 file, or a damaged one: ${reasonOf(error)}`, { cause: error });
  }
}

/** The library's own words for the cause stand at the end of its report of many lines. */
function reasonOf(error: unknown): string {
  const minor = [...messageOf(error).matchAll(/^ *minor: (.+)$/gm)].at(-1)?.[1];
  return minor?.toLowerCase() ?? messageOf(error);
}

class Reader implements Hdf5Group {
  readonly #group: Group;
  readonly #library: Library['library'];
  readonly #file: string;
  readonly #fileBytes: number;

  constructor(group: Group, library: Library['library'], file: string, fileBytes: number) {
    this.#group = group;
    this.#library = library;
    this.#file = file;
    this.#fileBytes = fileBytes;
  }

  names(): string[] {
    const names = this.#group.keys();
    if (names.length > MOST_MEMBERS) throw new FormatError(this.#file, `${this.#group.path} has ${names.length} members`);
    return names;
  }

  group(path: string): Hdf5Group | undefined {
    const entity = this.#entity(path);
    return entity instanceof this.#library.Group ? this.#reader(entity) : undefined;
  }

  dataset(path: string): Hdf5Dataset | undefined {
    const entity = this.#entity(path);
    if (!(entity instanceof this.#library.Dataset)) return undefined;
    const { shape } = entity.metadata;
    if (shape === null) throw new FormatError(this.#file, `the array "${entity.path}" is empty`);
    return { shape, read: () => this.#numbers(entity, shape) };
  }

  text(name: string): string | undefined {
    const value = this.#attribute(name);
    if (value === undefined || typeof value === 'string') return value;
    throw new FormatError(this.#file, `the attribute "${name}" of ${this.#group.path} is no text`);
  }

  texts(name: string): string[] | undefined {
    const value = this.#attribute(name);
    if (value === undefined) return undefined;
    // An empty list has no text type in the files of h5py.
    const list: unknown[] = Array.isArray(value) || ArrayBuffer.isView(value) ? [...(value as unknown[])] : [value];
    if (list.every((item) => typeof item === 'string')) return list;
    throw new FormatError(this.#file, `the attribute "${name}" of ${this.#group.path} is no list of texts`);
  }

  #reader(group: Group): Reader {
    return new Reader(group, this.#library, this.#file, this.#fileBytes);
  }

  /** What stands at a path, found step by step: the library counts a name that is not there as an error. */
  #entity(path: string): ReturnType<Group['get']> {
    const steps = path.split('/').filter((step) => step !== '');
    let entity: ReturnType<Group['get']> = this.#group;
    for (const step of steps) {
      const known = entity instanceof this.#library.Group && step !== '.' && step !== '..' && entity.keys().includes(step);
      if (!known) return null;
      entity = (entity as Group).get(step);
    }
    return entity;
  }

  #attribute(name: string): unknown {
    const attribute = this.#group.attrs[name];
    if (attribute === undefined) return undefined;
    const { size, total_size: count } = attribute.metadata;
    if (size * count > MOST_ATTRIBUTE_BYTES) {
      throw new FormatError(this.#file, `the attribute "${name}" takes ${size * count} bytes`);
    }
    return attribute.value;
  }

  #numbers(dataset: Dataset, shape: readonly number[]): Float32Array {
    const { type, size, chunks, virtual_sources: sources } = dataset.metadata;
    const bytes = size * sizeOf(shape);
    // Compression by more than this has been met nowhere. What is stored in one piece cannot be larger than the file.
    const most = chunks === null ? this.#fileBytes : 100 * this.#fileBytes;
    if (bytes > most || sources !== undefined) {
      throw new FormatError(this.#file, `the array "${dataset.path}" of shape ${shapeText(shape)} cannot lie in this file`);
    }
    const { H5T_INTEGER: integer, H5T_FLOAT: float } = NUMBER_CLASSES;
    if ((type !== integer && type !== float) || (type === float && ![2, 4, 8].includes(size))) {
      throw new FormatError(this.#file, `the array "${dataset.path}" holds neither whole numbers nor float16, float32 or float64`);
    }
    if (bytes === 0) return new Float32Array();
    if (type === float && size === 2) return float32Of(this.#bytes(dataset, bytes), 'float16');
    const value: unknown = dataset.value;
    if (value instanceof Float32Array) return value;
    const numbers = typeof value === 'number' || typeof value === 'bigint' ? [value] : (value as ArrayLike<number | bigint>);
    return Float32Array.from(numbers, Number);
  }

  /** The elements as they lie in memory, little-endian: the library has no array for those of two bytes. */
  #bytes({ file_id: file, path }: Dataset, length: number): Uint8Array {
    const { Module: memory } = this.#library;
    const place = memory._malloc(length);
    if (place === 0) throw new FormatError(this.#file, `the array "${path}" of ${length} bytes does not fit into memory`);
    try {
      memory.get_dataset_data(file, path, null, null, null, BigInt(place));
      return memory.HEAPU8.slice(place, place + length);
    } finally {
      memory._free(place);
    }
  }
}

/** HDF5's numbers for classes of types. */
const NUMBER_CLASSES = { H5T_INTEGER: 0, H5T_FLOAT: 1 };

/** What a new file is to hold. Groups on the way to a path are made as well. */
export interface NewHdf5 {
  readonly groups: readonly { readonly path: string; readonly attributes?: Readonly<Record<string, string | readonly string[]>> }[];
  readonly datasets: readonly { readonly path: string; readonly tensor: HostTensor }[];
}

/** Many arrays are small, and waiting takes a millisecond. */
const BYTES_BETWEEN_TELLING = 2 ** 22;

/** Is told how many bytes of all arrays have been put into a file. */
export type ArrayListener = (done: number, total: number) => void;

/** Writes a file that every HDF5 library from 1.8 on reads; the same content gives the same bytes. */
export async function writeHdf5(content: NewHdf5, onArray: ArrayListener = () => undefined): Promise<Uint8Array<ArrayBuffer>> {
  const { library, files } = await loadLibrary();
  const path = newPath();
  const file = atTimeZero(() => new library.File(path, 'w', { libver: ['earliest', 'latest'] }));
  try {
    await fillFile(file, content, onArray);
  } finally {
    atTimeZero(() => file.close());
  }
  const bytes = files.readFile(path) as Uint8Array<ArrayBuffer>;
  files.unlink(path);
  return bytes;
}

/** The library notes beside each array when it was written, and asks the clock of JavaScript for it. */
function atTimeZero<Result>(act: () => Result): Result {
  const { now } = Date;
  Date.now = () => 0;
  try {
    return act();
  } finally {
    Date.now = now;
  }
}

async function fillFile(file: File, { groups, datasets }: NewHdf5, onArray: ArrayListener): Promise<void> {
  const made = new Map<string, Group>([['', file]]);
  const groupAt = (path: string): Group => {
    const known = made.get(path);
    if (known) return known;
    const end = path.lastIndexOf('/');
    const group = groupAt(path.slice(0, Math.max(0, end))).create_group(path.slice(end + 1));
    made.set(path, group);
    return group;
  };
  const addGroup = ({ path, attributes = {} }: NewHdf5['groups'][number]): void => {
    const group = groupAt(path);
    for (const [name, value] of Object.entries(attributes)) {
      // The library cannot write an empty list; to Keras it is the same as none.
      if (value.length > 0) group.create_attribute(name, typeof value === 'string' ? value : [...value]);
    }
  };
  const addArray = ({ path, tensor }: NewHdf5['datasets'][number]): void => {
    const end = path.lastIndexOf('/');
    const shape = [...tensor.shape];
    groupAt(path.slice(0, Math.max(0, end))).create_dataset({ name: path.slice(end + 1), data: tensor.data, shape });
  };
  atTimeZero(() => groups.forEach(addGroup));
  const total = datasets.reduce((sum, { tensor }) => sum + tensor.data.byteLength, 0);
  let [done, told] = [0, -Infinity];
  const tell = async (): Promise<void> => {
    if (done < total && done - told < BYTES_BETWEEN_TELLING) return;
    told = done;
    onArray(done, total);
    await new Promise((resolve) => setTimeout(resolve)); // lets a bar be drawn
  };
  await tell();
  for (const dataset of datasets) {
    atTimeZero(() => addArray(dataset));
    done += dataset.tensor.data.byteLength;
    await tell();
  }
}
