import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeFileUnflushed } from '../src/base/files.node.js';
import { alignFace } from '../src/faces/align.js';
import { FaceDetector } from '../src/faces/detector.js';
import { FaceFinder } from '../src/faces/finder.js';
import { MeshNetwork } from '../src/faces/mesh.js';
import { decodePicture } from '../src/images/decode.node.js';
import { encodePicture } from '../src/images/encode.node.js';
import { Session } from '../src/runtime/session.node.js';

export const STAGES = ['decode', 'detect', 'mesh', 'describe', 'warp', 'encode', 'write'] as const;
export type Stage = (typeof STAGES)[number];

/** Adds up how long stages take. */
class Watch {
  readonly seconds = Object.fromEntries(STAGES.map((stage) => [stage, 0])) as Record<Stage, number>;

  async time<Result>(stage: Stage, work: () => Result | Promise<Result>): Promise<Result> {
    const start = performance.now();
    const result = await work();
    this.seconds[stage] += (performance.now() - start) / 1000;
    return result;
  }
}

/**
 * Crops pictures one after the other on one thread, as a worker does, and says how many seconds each stage took.
 * `describe` is what finding does beside both networks: pose, sharpness, the 68 points.
 */
export async function timeStages(files: readonly string[], size: number): Promise<Record<Stage, number>> {
  const watch = new Watch();
  const finder = await timedFinder(watch);
  const out = await mkdtemp(join(tmpdir(), 'ageband-bench-'));
  try {
    await cropOne(files[0]!, size, finder, join(out, 'warm-up.jpg'), new Watch());
    for (const stage of STAGES) watch.seconds[stage] = 0;
    // Each has a name of its own, as in a job: to replace a file takes some file systems ten times as long.
    for (const [index, file] of files.entries()) await cropOne(file, size, finder, join(out, `${index}.jpg`), watch);
    // The networks' time is part of that of the finder.
    watch.seconds.describe -= watch.seconds.detect + watch.seconds.mesh;
    return watch.seconds;
  } finally {
    await finder.dispose();
    await rm(out, { recursive: true });
  }
}

async function cropOne(file: string, size: number, finder: FaceFinder, crop: string, watch: Watch): Promise<void> {
  const picture = await watch.time('decode', () => decodePicture(file));
  const [face] = await watch.time('describe', () => finder.find(picture));
  if (face === undefined) return;
  const template = 'outer-eyes-and-nose';
  const aligned = await watch.time('warp', () => alignFace(picture, face.landmarks, { size, template, margin: 0 }));
  const bytes = await watch.time('encode', () => encodePicture(aligned, 'jpeg', 95));
  await watch.time('write', () => writeFileUnflushed(crop, bytes));
}

async function timedFinder(watch: Watch): Promise<FaceFinder> {
  const [detectorFile, meshFile] = ['detector', 'mesh'].map((name) => new URL(`../models/faces/${name}.onnx`, import.meta.url));
  class TimedDetector extends FaceDetector {
    override detect(...given: Parameters<FaceDetector['detect']>) {
      return watch.time('detect', () => super.detect(...given));
    }
  }
  class TimedMesh extends MeshNetwork {
    override fit(...given: Parameters<MeshNetwork['fit']>) {
      return watch.time('mesh', () => super.fit(...given));
    }
  }
  const open = async (file: URL) => Session.create(await readFile(file), { threads: 1 });
  return new FaceFinder(new TimedDetector(await open(detectorFile!)), new TimedMesh(await open(meshFile!)));
}
