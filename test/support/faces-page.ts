/** What the page of browser.test.ts runs: it finds the faces of a picture that the test hands over. */
import { openFaceFinder } from '../../src/web.js';
import type { Face } from '../../src/faces/face.js';

async function bytesAt(path: string): Promise<Uint8Array> {
  return new Uint8Array(await (await fetch(path)).arrayBuffer());
}

async function findFaces(width: number, height: number): Promise<Face[]> {
  const finder = await openFaceFinder(await bytesAt('/detector.onnx'), await bytesAt('/mesh.onnx'));
  try {
    return await finder.find({ data: await bytesAt('/pixels'), width, height });
  } finally {
    await finder.dispose();
  }
}

Object.assign(globalThis, { findFaces });
