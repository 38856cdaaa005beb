/** The process of one peer: gets a {@link Question} in a message and answers with what the peer says of the picture. */
import { messageOf, PictureError } from '../../src/base/errors.js';
import { decodePicture } from '../../src/images/decode.node.js';
import { CHANGES } from './changes.js';
import type { ChangeName } from './changes.js';
import type { Estimate, Estimator, PeerName } from './estimator.js';

/** A picture, and how it is changed before it is shown to a peer. */
export interface Question {
  readonly file: string;
  readonly change: ChangeName;
}

/** What comes of one picture. */
export type Answer =
  | { readonly kind: 'estimate'; readonly estimate: Estimate | undefined; readonly milliseconds: number }
  /** The picture cannot be decoded; that is not the peer's fault. */
  | { readonly kind: 'unreadable'; readonly reason: string }
  /** The peer failed. */
  | { readonly kind: 'failed'; readonly reason: string };

/** Networks and their packages are loaded by the process that uses them alone. */
async function open(name: PeerName, model: string | undefined): Promise<Estimator> {
  if (name === 'ours') return await (await import('./ours.js')).openOurs(model);
  if (name === 'human') return await (await import('./human.js')).openHuman();
  return await (await import('./face-api.js')).openFaceApi(name === 'face-api-whole');
}

async function answer(estimator: Estimator, { file, change }: Question): Promise<Answer> {
  try {
    const picture = await CHANGES[change](await decodePicture(file));
    const start = performance.now();
    const estimate = await estimator(picture);
    return { kind: 'estimate', estimate, milliseconds: performance.now() - start };
  } catch (error) {
    return { kind: error instanceof PictureError ? 'unreadable' : 'failed', reason: messageOf(error) };
  }
}

const [name, model] = process.argv.slice(2);
const estimator = await open(name as PeerName, model).catch((error: unknown) => {
  console.error(messageOf(error));
  process.exit(1);
});
process.on('message', (question: Question) => void answer(estimator, question).then((result) => process.send?.(result)));
process.send?.('ready');
