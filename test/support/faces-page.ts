/** What the page of browser.test.ts runs: it finds the faces of a picture that the test hands over, and explains one. */
import { openExplainer, openFaceFinder } from '../../src/web.js';
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

async function explain(image: number[], target: number): Promise<{ map: number[]; probabilities: number[] }> {
  const explainer = await openExplainer(await bytesAt('/explainer.onnx'));
  try {
    const { map, probabilities } = await explainer.explain(Float32Array.from(image), target);
    return { map: [...map.values], probabilities: [...probabilities] };
  } finally {
    await explainer.dispose();
  }
}

Object.assign(globalThis, { findFaces, explain });
