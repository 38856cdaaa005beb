/** What a request may ask for. Every input is hostile until it is checked. */

/** Bytes of the body of one request. */
export const MOST_BYTES = 32 * 2 ** 20;
/** Of a body that is too large, so many bytes are read and forgotten, so that its sender hears why it is refused. */
export const MOST_BYTES_READ = 2 * MOST_BYTES;
/** Bytes of all bodies that are held at the same time. */
export const MOST_BYTES_HELD = 256 * 2 ** 20;
/** Pictures of one request. */
export const MOST_PICTURES = 32;
/** Pixels of one picture, told before it is decoded. */
export const MOST_PIXELS = 50e6;
/** Requests that may wait at the same time. */
export const MOST_WAITING = 64;
/** Pictures that a thread is given at once. */
export const MOST_TOGETHER = 8;
/** Milliseconds that a request may wait for a thread, and that a thread may work at what it was given. */
export const LONGEST_WAIT = 20_000;
export const LONGEST_WORK = 60_000;
/** Milliseconds in which a request must have arrived whole. */
export const LONGEST_ARRIVAL = 60_000;
/** Milliseconds that requests under way are given when the server stops. */
export const LONGEST_FAREWELL = 10_000;
