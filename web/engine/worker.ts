/** Finds and classifies faces in a thread of its own. Photos come in as files and leave as nothing but figures and crops. */
import { messageOf } from '../../src/base/errors.js';
import type { Kind, Question, Reply, Requests } from './messages.js';
import { PhotoReader } from './photo-reader.js';

let reader: Promise<PhotoReader> | undefined;

const handlers: { [Name in Kind]: (request: Requests[Name]['request']) => Promise<Requests[Name]['answer']> } = {
  start: async () => (await (reader ??= PhotoReader.open())).ready,
  photo: async ({ key, file }) => (await reader!).readPhoto(key, file),
  whole: async ({ key, file }) => (await reader!).readWhole(key, file),
  frame: async ({ frame }) => (await reader!).readFrame(frame),
  explain: async ({ key, subject, target }) => (await reader!).explain(key, subject, target),
  forget: async ({ key }) => {
    (await reader!).forget(key);
    return null;
  },
};

/** One question at a time: the networks work in one memory. */
let last: Promise<void> = Promise.resolve();

self.onmessage = ({ data }: MessageEvent<Question>) => {
  last = last.then(() => answer(data));
};

async function answer({ id, kind, request }: Question): Promise<void> {
  let reply: Reply;
  try {
    reply = { id, answer: await handlers[kind](request as never) };
  } catch (error) {
    reply = { id, error: messageOf(error) };
  }
  self.postMessage(reply);
}
