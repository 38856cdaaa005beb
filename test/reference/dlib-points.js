/**
 * Makes dlib-points.json: where dlib 19.24 finds the largest face and its 68 points, in the sample of Adience and in 500
 * pictures of UTKFace, those whose names have the smallest SHA-1. Numbers only; the pictures are not part of the project.
 * To run it, with the packages libdlib-dev, libdlib-data and libjpeg-dev of Debian 12:
 *   g++ -O3 -march=native bench/dlib/pipeline.cpp -o pipeline $(pkg-config --cflags --libs dlib-1) -ljpeg
 *   node test/reference/dlib-points.js ./pipeline DATA > test/reference/dlib-points.json
 * where DATA holds `adience/aligned` and `utkface/images`.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';

const [pipeline, data] = process.argv.slice(2);
const MODEL = '/usr/share/dlib/shape_predictor_68_face_landmarks.dat';
const sha1 = (text) => createHash('sha1').update(text).digest('hex');

const adience = readdirSync(join(data, 'adience/aligned'), { recursive: true }).filter((name) => name.endsWith('.jpg'));
const utkface = readdirSync(join(data, 'utkface/images'))
  .sort((a, b) => (sha1(a) < sha1(b) ? -1 : 1))
  .slice(0, 500);
const files = [
  ...adience.sort().map((name) => join(data, 'adience/aligned', name)),
  ...utkface.map((name) => join(data, 'utkface/images', name)),
];
const lines = execFileSync(pipeline, ['points', MODEL, '1'], { input: files.join('\n') + '\n', maxBuffer: 1e8 });
const found = lines.toString().trim().split('\n').map((line) => JSON.parse(line));
const entries = found.map(({ file, box, points }) => {
  const flat = box === null ? null : points.flat();
  return `${JSON.stringify(relative(data, file))}: ${JSON.stringify(flat)}`;
});
console.log(`{\n${entries.join(',\n')}\n}`);
