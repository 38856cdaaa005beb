/**
 * How far our crops of Adience's pictures are from those that OpenFace's code makes with OpenCV from the same 68 points.
 *   npx tsx bench/warp.ts DATA [PYTHON]    where DATA holds adience/aligned, and PYTHON can import cv2
 */
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { alignFace } from '../src/faces/align.js';
import { decodePicture } from '../src/images/decode.node.js';

/** Where OpenFace's template has the outer eye corners and the base of the nose, before it is normalised. */
const COMPARE = `
import sys, json, cv2, numpy
low, high = numpy.float32([0.0792396913815, 0.182360984545]), numpy.float32([0.971193274221, 1.06080371126])
template = numpy.float32([[0.252418718401, 0.331052263829], [0.782865376271, 0.321305281656], [0.520712933176, 0.634268222208]])
places = 227 * (template - low) / (high - low)
for line in sys.stdin:
    job = json.loads(line)
    picture = numpy.fromfile(job["picture"], numpy.uint8).reshape(job["height"], job["width"], 3)
    ours = numpy.fromfile(job["crop"], numpy.uint8).reshape(227, 227, 3)
    matrix = cv2.getAffineTransform(numpy.float32(job["points"]), places)
    theirs = cv2.warpAffine(picture, matrix, (227, 227))
    print(numpy.abs(ours.astype(int) - theirs).max())
`;

const [data, python = 'python3'] = process.argv.slice(2);
if (data === undefined) throw new Error('give the folder that holds adience/aligned');
const reference = new URL('../test/reference/dlib-points.json', import.meta.url);
const dlib = JSON.parse(await readFile(reference, 'utf8')) as Record<string, number[] | null>;
const folder = await mkdtemp(join(tmpdir(), 'ageband-warp-'));
try {
  const jobs: string[] = [];
  for (const [file, flat] of Object.entries(dlib)) {
    if (!file.startsWith('adience') || flat === null) continue;
    const decoded = await decodePicture(join(data, file));
    const points = Array.from({ length: 68 }, (_, index) => ({ x: flat[2 * index]!, y: flat[2 * index + 1]! }));
    const [picture, crop] = [join(folder, `${jobs.length}.picture`), join(folder, `${jobs.length}.crop`)];
    await writeFile(picture, decoded.data);
    await writeFile(crop, alignFace(decoded, points).data);
    const { width, height } = decoded;
    const three = [36, 45, 33].map((index) => [flat[2 * index], flat[2 * index + 1]]);
    jobs.push(JSON.stringify({ picture, crop, width, height, points: three }));
  }
  const printed = execFileSync(python, ['-c', COMPARE], { input: jobs.join('\n') + '\n', encoding: 'utf8' });
  const differences = printed.trim().split('\n').map(Number);
  console.log(`${differences.length} crops, largest difference of a level ${Math.max(...differences)}`);
} finally {
  await rm(folder, { recursive: true });
}
