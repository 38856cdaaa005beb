import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { ageband, startAgeband } from './support/cli.js';
import { contentOf, rowsOf, temporaryFolder } from './support/folder.js';
import { startHttp } from './support/http.js';
import { photos } from './support/photos.js';
import { PORTRAIT } from './support/portrait.js';
import { HAS_REDIS, startRedis, withRedis } from './support/redis.js';
import { startS3 } from './support/s3.js';
import { Crew, loading } from './support/workers.js';

const SIZE = ['--size', '64'];

/** Gives the files of a folder; the first answer to each `/busy` is that it is too busy, and `/moved/` leads there. */
async function serve(folder: string) {
  let busy = 0;
  return await startHttp((request, response) => {
    const { pathname } = new URL(request.url!, 'http://h');
    if (pathname.startsWith('/moved/')) response.writeHead(302, { location: pathname.replace('/moved', '') }).end();
    else if (pathname === '/busy/portrait.jpg' && busy++ === 0) response.writeHead(503).end();
    else {
      readFile(join(folder, decodeURIComponent(pathname.replace('/busy', '')))).then(
        (bytes) => response.writeHead(200, { 'content-length': bytes.length }).end(bytes),
        () => response.writeHead(404).end(),
      );
    }
  });
}

describe('pictures by http', () => {
  it('are fetched, cropped and not kept; those that fail are set aside, and tried again by the next call alone', async () => {
    const { root, source, out } = await photos();
    const { origin, asked } = await serve(source);
    const list = join(root, 'list.txt');
    const good = ['/busy/portrait.jpg', '/portrait.png?id=1', '/portrait.png?id=2', '/moved/album/two.jpg', '/album/nobody.png'];
    const bad = ['/album/broken.jpg', '/none.jpg'];
    await writeFile(list, `# of a test\n\n${[...good, ...bad, good[0]!].map((path) => origin + path).join('\r\n')}\nftp://h/a.jpg\n`);
    const { code, stdout, stderr } = await ageband('crop', list, out, ...SIZE);
    expect(code).toBe(2);
    expect(stdout).toMatch(/^7 pictures: 4 with a face, 1 without, 2 unreadable\n/);
    expect(stderr).toContain(`${list}:11: ftp://h/a.jpg is no address of http, https or s3\n`);
    expect(stderr).toContain(`${origin}/none.jpg: cannot be fetched: the server answers 404 Not Found\n`);
    expect(asked.filter((path) => path === '/busy/portrait.jpg')).toHaveLength(2);

    const rows = await rowsOf(join(out, 'crops.csv'));
    expect(rows.map(({ file }) => file)).toEqual([...good, ...bad].map((path) => origin + path));
    const host = origin.replace('http://', '').replace(':', '_');
    expect(rows[0]!['crop']).toBe(`${host}/busy/portrait.jpg`);
    expect(rows[1]!['crop']).not.toBe(rows[2]!['crop']);
    // The same pictures from the disk.
    const local = join(root, 'local');
    await ageband('crop', source, local, ...SIZE);
    expect((await readFile(join(out, rows[0]!['crop']!))).equals(await readFile(join(local, 'portrait.jpg.jpg')))).toBe(true);
    expect((await readFile(join(out, rows[3]!['crop']!))).equals(await readFile(join(local, 'album/two.jpg')))).toBe(true);
    expect((await readdir(out, { recursive: true })).filter((name) => name.endsWith('.png'))).toEqual([]);

    asked.length = 0;
    expect((await ageband('crop', list, out, ...SIZE)).code).toBe(2);
    expect(asked.sort()).toEqual(bad);
  });

  it('may stand in a manifest beside paths, and its other columns are carried on', async () => {
    const { root, source, out } = await photos();
    const { origin } = await serve(source);
    await writeFile(join(source, 'm.csv'), `file,age\nportrait.jpg,30\n${origin}/album/two.jpg,40\nhttps://u:p@h/x.jpg,50\n`);
    const { code, stderr } = await ageband('crop', join(source, 'm.csv'), out, ...SIZE);
    expect(code).toBe(2);
    expect(stderr).toContain('m.csv:4: the address holds a user or password, which would stand in all lists\n');
    const host = origin.replace('http://', '').replace(':', '_');
    expect(await readFile(join(out, 'manifest.csv'), 'utf8')).toBe(`file,age\nportrait.jpg,30\n${host}/album/two.jpg,40\n`);
    // Other commands fetch nothing.
    const check = await ageband('data', 'check', join(source, 'm.csv'));
    expect(check.stdout + check.stderr).toContain('is an address: `ageband crop` fetches pictures');
    const predictions = join(root, 'ages');
    await ageband('predict', join(source, 'm.csv'), '--out', predictions);
    const rows = await rowsOf(join(predictions, 'predictions.csv'));
    expect(rows.map(({ file, error, band }) => [file, error, band !== ''])).toEqual([
      ['portrait.jpg', '', true],
      ...Array.from({ length: rows.length - 1 }, () => [`${origin}/album/two.jpg`, '', true]),
    ]);
  });
});

describe('pictures in S3', () => {
  it('are listed page by page, fetched, and named from the prefix on', async () => {
    const { root, source, out } = await photos();
    const portrait = await readFile(PORTRAIT);
    const names = ['in/a b&c.jpg', 'in/deep/er.jpg', 'in/z.jpg', 'in/', 'in/notes.txt', 'inside.jpg'];
    const { environment, asked } = await startS3(new Map(names.map((name) => [`bucket/${name}`, portrait])));
    const crop = startAgeband(['crop', 's3://bucket/in/', out, ...SIZE], undefined, environment);
    expect(await crop.ended).toMatchObject({ code: 0, stdout: expect.stringMatching(/^3 pictures: 3 with a face/) as string });
    expect((await rowsOf(join(out, 'crops.csv'))).map(({ file, crop }) => [file, crop])).toEqual([
      ['s3://bucket/in/a b&c.jpg', 'a b&c.jpg'],
      ['s3://bucket/in/deep/er.jpg', 'deep/er.jpg'],
      ['s3://bucket/in/z.jpg', 'z.jpg'],
    ]);
    const local = join(root, 'local');
    await ageband('crop', source, local, ...SIZE);
    expect((await readFile(join(out, 'z.jpg'))).equals(await readFile(join(local, 'portrait.jpg.jpg')))).toBe(true);
    expect(asked.filter((path) => path.includes('list-type'))).toHaveLength(3);
  });

  it('are reported when they are not there, and end the job where nobody can ask for any', async () => {
    const { root, out } = await photos();
    const { environment } = await startS3(new Map([['bucket/a.jpg', await readFile(PORTRAIT)]]));
    const list = join(root, 'list.txt');
    await writeFile(list, 's3://bucket/a.jpg\ns3://bucket/b.jpg\n');
    const { code, stderr } = await startAgeband(['crop', list, out, ...SIZE], undefined, environment).ended;
    expect(code).toBe(2);
    expect(stderr).toContain('s3://bucket/b.jpg: cannot be fetched: NoSuchKey: there is no such object; the beginning of several must end in /\n');
    const refused = await startAgeband(['crop', 's3://bucket/', out, ...SIZE], undefined, { ...environment, AWS_ACCESS_KEY_ID: 'another' }).ended;
    expect(refused.stderr).toMatch(/^error: s3: InvalidAccessKeyId: the service does not know the AWS_ACCESS_KEY_ID\nhint: /);
    const without = await startAgeband(['crop', 's3://bucket/', out, ...SIZE], undefined, loading('no-s3-client.js')).ended;
    expect(without.stderr).toMatch(/^error: s3: the package @aws-sdk\/client-s3 is not installed, which speaks to S3\nhint: .*npm install @aws-sdk\/client-s3\n/);
    const nowhere = { ...environment, AWS_REGION: '', AWS_DEFAULT_REGION: '', AWS_CONFIG_FILE: '/dev/null' };
    const lost = await startAgeband(['crop', 's3://bucket/', out, ...SIZE], undefined, nowhere).ended;
    expect(lost.stderr).toMatch(/^error: s3: .*\nhint: AWS_ACCESS_KEY_ID, /);
  });
});

describe('a service of S3 that is disturbed', () => {
  it('is asked again, page by page and object by object, also when it breaks off in the middle', async () => {
    const { root, out } = await photos();
    const portrait = await readFile(PORTRAIT);
    const broken = new Set<string>();
    const { environment } = await startS3(new Map(['a', 'b', 'c'].map((name) => [`bucket/${name}.jpg`, portrait])), (url, response) => {
      const [kind] = /token|b\.jpg|c\.jpg/.exec(url) ?? [];
      if (kind === undefined || broken.has(kind)) return false;
      broken.add(kind);
      if (kind === 'b.jpg') {
        response.writeHead(200, { 'content-length': portrait.length }).write(portrait.subarray(0, 1000));
        setTimeout(() => response.destroy(), 50);
      } else response.writeHead(503, { 'content-type': 'text/html' }).end('<html>busy');
      return true;
    });
    const { code, stdout, stderr } = await startAgeband(['crop', 's3://bucket/', out, ...SIZE], undefined, environment).ended;
    expect([code, stderr, stdout.split('\n')[0]]).toEqual([0, '', '3 pictures: 3 with a face, 0 without, 0 unreadable']);
    expect(broken.size).toBe(3);

    // The same, where the endpoint stands in a profile and has a name instead of a number.
    const { AWS_ENDPOINT_URL, ...others } = environment;
    const config = join(root, 'config');
    await writeFile(config, `[default]\nendpoint_url = ${AWS_ENDPOINT_URL.replace('127.0.0.1', 'localhost')}\n`);
    const profile = { ...others, AWS_CONFIG_FILE: config };
    const again = await startAgeband(['crop', 's3://bucket/a.jpg', join(root, 'again'), ...SIZE], undefined, profile).ended;
    expect([again.code, again.stderr]).toEqual([0, '']);
  });

  it('may give compressed objects, and keys that a terminal would obey are shown without', async () => {
    const { out } = await photos();
    const portrait = await readFile(PORTRAIT);
    const compressed = gzipSync(portrait);
    const objects = new Map(['a.jpg', 'b\u001b[2J.jpg'].map((name) => [`bucket/${name}`, portrait]));
    const { environment } = await startS3(objects, (url, response) => {
      if (!url.includes('a.jpg')) return false;
      response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': compressed.length }).end(compressed);
      return true;
    });
    const { code, stdout, stderr } = await startAgeband(['crop', 's3://bucket/', out, ...SIZE], undefined, environment).ended;
    expect([code, stderr]).toEqual([2, 's3://bucket/b [2J.jpg: holds a character that cannot be seen\n']);
    expect(stdout).toMatch(/^1 picture: 1 with a face/);
  });
});

describe.skipIf(!HAS_REDIS)(withRedis('pictures with addresses through the queue'), () => {
  it('are fetched by workers that may, from where they may, and come to the same files', async () => {
    const { url } = await startRedis();
    const { root, source, out } = await photos();
    const { origin } = await serve(source);
    const elsewhere = await startHttp((_, response) => response.writeHead(302, { location: `${origin}/portrait.jpg` }).end());
    const list = join(root, 'list.txt');
    await writeFile(list, ['/portrait.jpg', '/album/two.jpg', '/none.jpg'].map((path) => `${origin}${path}\n`).join(''));
    const whole = join(root, 'whole');
    await ageband('crop', list, whole, ...SIZE);
    const worker = ['--redis', url, '--write', root, '--workers', '1'];
    const crew = new Crew(1, [...worker, '--fetch', `${origin}/`]);
    expect((await ageband('crop', list, out, ...SIZE, '--redis', url)).code).toBe(2);
    expect(await contentOf(out, 'journal.jsonl')).toEqual(await contentOf(whole, 'journal.jsonl'));
    await crew.stop();

    // One that may ask another server alone follows it nowhere.
    const moved = join(await temporaryFolder({ 'moved.txt': `${elsewhere.origin}/x.jpg\n` }), 'moved.txt');
    new Crew(1, [...worker, '--fetch', elsewhere.origin]);
    const led = await ageband('crop', moved, join(root, 'led'), ...SIZE, '--redis', url);
    expect(led.stderr).toContain(`${elsewhere.origin}/x.jpg: leads to ${origin}, from which nothing may be fetched\n`);
    await writeFile(list, `${origin}/none.jpg\n`);
    const refused = await ageband('crop', list, join(root, 'refused'), ...SIZE, '--redis', url);
    expect(refused.stdout).toMatch(/^1 picture: 0 with a face, 0 without, 1 unreadable\n/);
    expect(refused.stderr).toContain(`${origin}/none.jpg: ${origin}/none.jpg: this worker may not fetch from there\n`);
    const wrong = await ageband('worker', ...worker, '--fetch', 'photos.example.org');
    expect(wrong.stderr).toMatch(/^error: fetch: photos\.example\.org is no address of http, https or s3\n/);
  });
});
