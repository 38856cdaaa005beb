import type { Model } from './messages.js';

/** A file of the server that the page is from. */
export async function bytesAt(path: string): Promise<Uint8Array> {
  return new Uint8Array(await (await answerOf(path)).arrayBuffer());
}

/** The model that the server offers. */
export async function modelOf(): Promise<Model> {
  const { models } = (await (await answerOf('/v1/models')).json()) as { models: [Model] };
  return models[0];
}

async function answerOf(path: string): Promise<Response> {
  const response = await fetch(path).catch(() => undefined);
  if (response?.ok === true) return response;
  throw new Error('The server does not answer. Is ageband serve still running?');
}
