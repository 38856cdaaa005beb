import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { readTable } from '../../src/data/manifest-table.js';
import { fetchObject } from '../../src/data/s3.js';
import { ageband, FACES, startAgeband } from '../support/cli.js';
import { PORTRAIT } from '../support/portrait.js';
import type { Store } from './store.js';
import { addressesBelow } from './store.js';

const LIMITS = { limit: 100e6, patience: 30, deadline: 60, attempts: 4 };
/** Three pages of a list. */
const MANY = 2500;
const SIZE = ['--size', '64'];

/** Names that something on the way may take for something else. */
const ODD_NAMES = [
  ...['sp ace.jpg', 'plus+plus.jpg', 'per%20cent.jpg', '100%.jpg', 'ünï-日本-😀.jpg', 'u\u0308.jpg', '\u00fc.jpg', 'Case.jpg', 'case.jpg'],
  ...['a/../b.jpg', '../up.jpg', './dot.jpg', 'dou//ble.jpg', 'dou/ble.jpg', '/lead.jpg', 'q?x=1.jpg', 'hash#1.jpg', 'am&p<>"\'.jpg'],
  ...['back\\slash.jpg', 'colon:x.jpg', 'tilde~!*().jpg', 'comma,"quote";.jpg', `${'long/'.repeat(190)}a.jpg`],
];

type Check = (store: Store, folder: string) => Promise<void>;

/** Each writes below a prefix of its own; it fails by throwing. */
export const CHECKS: Readonly<Record<string, Check>> = {
  'crops and predictions are those of the disk, row for row': async (store, folder) => {
    const names = (await readdir(FACES, { recursive: true })).filter((name) => name.endsWith('.jpg')).sort();
    for (const name of names) await store.put(`same/${name}`, await readFile(join(FACES, name)));
    const source = `${store.address}same/`;
    const at = (name: string): string => join(folder, name);
    for (const words of [
      ['crop', source, at('crops-s3'), ...SIZE],
      ['crop', FACES, at('crops-disk'), ...SIZE],
      ['predict', source, '--out', at('ages-s3')],
      ['predict', FACES, '--out', at('ages-disk')],
    ]) {
      const { code, stderr } = await ageband(...words);
      assert.equal(code, 0, stderr);
    }
    for (const [kind, list] of [['crops', 'crops.csv'], ['ages', 'predictions.csv']] as const) {
      const [fetched, local] = await Promise.all([`${kind}-s3`, `${kind}-disk`].map((name) => valuesOf(join(at(name), list))));
      assert.equal(fetched!.length, names.length);
      assert.deepEqual(fetched!.map(([file, ...values]) => [file!.slice(source.length), ...values]), local);
    }
    for (const name of names) assert.deepEqual(await readFile(at(`crops-s3/${name}`)), await readFile(at(`crops-disk/${name}`)));
  },

  'odd names are listed and fetched as they are': async (store) => {
    for (const name of ODD_NAMES) await store.put(`odd/${name}`, Buffer.from(name));
    const listed = await addressesBelow(`${store.address}odd/`);
    assert.deepEqual(listed.sort(), ODD_NAMES.map((name) => `${store.address}odd/${name}`).sort());
    for (const name of ODD_NAMES) {
      const bytes = await fetchObject(`${store.address}odd/${name}`, LIMITS);
      assert.equal(Buffer.from(bytes).toString(), name);
    }
  },

  'a list of several pages holds each object once': async (store) => {
    const names = Array.from({ length: MANY }, (_, index) => `many/${String(index).padStart(5, '0')}.jpg`);
    await store.putMany(names, Buffer.from('x'));
    assert.deepEqual(await addressesBelow(`${store.address}many/`), names.map((name) => store.address + name));
  },

  'objects that are compressed, sent in parts or empty are given as they were': async (store) => {
    const portrait = await readFile(PORTRAIT);
    const large = Buffer.concat([portrait, Buffer.alloc(11e6)]);
    await store.put('kinds/gzip.jpg', gzipSync(portrait), { ContentEncoding: 'gzip' });
    await store.put('kinds/sum.jpg', portrait, { ChecksumAlgorithm: 'SHA256' });
    await store.put('kinds/empty.jpg', Buffer.alloc(0));
    await store.put('kinds/', Buffer.alloc(0));
    await store.putInParts('kinds/parts.jpg', large);
    const expected: Readonly<Record<string, Buffer>> = { gzip: portrait, sum: portrait, empty: Buffer.alloc(0), parts: large };
    for (const [name, bytes] of Object.entries(expected)) {
      assert.ok(bytes.equals(await fetchObject(`${store.address}kinds/${name}.jpg`, LIMITS)), name);
    }
    const attempt = fetchObject(`${store.address}kinds/parts.jpg`, { ...LIMITS, limit: 1e6 });
    await assert.rejects(attempt, /has more than the 1000000 bytes that are fetched$/);
  },

  'what is not there or not allowed is said': async (store, folder) => {
    await assert.rejects(fetchObject(`${store.address}none.jpg`, LIMITS), /none\.jpg: cannot be fetched: NoSuchKey: /);
    await assert.rejects(fetchObject(`s3://${store.bucket}-none/a.jpg`, LIMITS), /cannot be fetched: (NoSuchBucket|AccessDenied): /);
    const wrong = { AWS_ACCESS_KEY_ID: 'nobody', AWS_SECRET_ACCESS_KEY: 'nothing', AWS_SESSION_TOKEN: '', NODE_NO_WARNINGS: '1' };
    const { code, stderr } = await startAgeband(['crop', store.address, join(folder, 'refused'), ...SIZE], undefined, wrong).ended;
    assert.equal(code, 1);
    assert.match(stderr, /^error: s3: (InvalidAccessKeyId|SignatureDoesNotMatch): .*\nhint: AWS_ACCESS_KEY_ID, /);
  },
};

/** The values of a list's rows, of which the file is the first. */
async function valuesOf(path: string): Promise<string[][]> {
  return readTable(await readFile(path, 'utf8')).rows.map(({ values }) => values!);
}
