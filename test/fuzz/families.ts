/** All formats that are fuzzed, by family. */
import type { OpenFamily } from './format.js';

const OPENERS = {
  tables: async () => (await import('./formats/tables.js')).openTables,
  settings: async () => (await import('./formats/settings.js')).openSettings,
  runs: async () => (await import('./formats/runs.js')).openRuns,
  tensors: async () => (await import('./formats/tensors.js')).openTensors,
  keras: async () => (await import('./formats/keras.js')).openKeras,
  onnx: async () => (await import('./formats/onnx.js')).openOnnx,
  pictures: async () => (await import('./formats/pictures.js')).openPictures,
  requests: async () => (await import('./formats/requests.js')).openRequests,
} satisfies Record<string, () => Promise<OpenFamily>>;

export type FamilyName = keyof typeof OPENERS;
export const FAMILIES = Object.keys(OPENERS) as FamilyName[];

export async function familyOpener(name: FamilyName): Promise<OpenFamily> {
  return await OPENERS[name]();
}
