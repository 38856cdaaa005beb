/** What every error of this package is: what was wrong, with which value, and what to do about it. */
export abstract class AgebandError extends Error {
  /** A stable word for programs, such as `'SHAPE'`. */
  abstract readonly code: string;
  /** One sentence that says what the user can do, if there is something. */
  readonly hint: string | undefined;

  constructor(message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.name = new.target.name;
    this.hint = options.hint;
  }
}

/** A graph was built from shapes, types or attributes that do not fit together. */
export class ShapeError extends AgebandError {
  readonly code = 'SHAPE';
}

/** An option or a configuration file holds a value that cannot be used. */
export class ConfigError extends AgebandError {
  readonly code = 'CONFIG';
}

/** A data set, manifest or split cannot be used as a whole. */
export class DataError extends AgebandError {
  readonly code = 'DATA';
}

/** Something is wrong with one file. */
abstract class AboutFileError extends AgebandError {
  /** Path of the file, or a name such as `'<buffer>'`. */
  readonly file: string;
  /** The message without the file. */
  readonly reason: string;

  constructor(file: string, reason: string, options: { hint?: string; cause?: unknown } = {}) {
    super(`${file}: ${reason}`, options);
    this.file = file;
    this.reason = reason;
  }
}

/** One picture cannot be read. */
export class PictureError extends AboutFileError {
  readonly code = 'PICTURE';
}

/** A file of weights, a model or a checkpoint is damaged or belongs to another network. */
export class FormatError extends AboutFileError {
  readonly code = 'FORMAT';
}

/** A file or folder cannot be read or written. */
export class FileError extends AboutFileError {
  readonly code = 'FILE';
}

/** A server, such as Redis, cannot be reached, or refuses what is asked of it. */
export class ConnectionError extends AgebandError {
  readonly code = 'CONNECTION';
}

/** The loss became NaN or infinite. */
export class DivergedError extends AgebandError {
  readonly code = 'DIVERGED';
}

/** ONNX Runtime refused a graph or failed while running it. */
export class EngineError extends AgebandError {
  readonly code = 'ENGINE';
}

/** A device, such as a graphics card, cannot be used. */
export class DeviceError extends AgebandError {
  readonly code = 'DEVICE';
  /** Its name, such as `'webgpu'`. */
  readonly device: string;

  constructor(device: string, reason: string, options: { hint?: string; cause?: unknown } = {}) {
    super(`the device ${device} cannot be used: ${reason}`, options);
    this.device = device;
  }
}

/** The message of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
