import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foldFiles } from '../../../test/support/adience.js';
import { foldLine, foldText } from '../../../test/support/fold-text.js';
import { temporaryFolder } from '../../../test/support/folder.js';
import { DataError } from '../../base/errors.js';
import { decodeText } from '../text-file.js';
import { listAdienceFaces, parseFold } from './adience-folds.js';
import type { AdienceFace } from './adience-folds.js';
import type { LeftOut } from './source.js';

function parse(text: string): { faces: AdienceFace[]; problems: LeftOut[] } {
  const problems: LeftOut[] = [];
  return { faces: parseFold(text, 3, 'fold.txt', 'aligned', problems), problems };
}

describe('parseFold', () => {
  it('reads a row', () => {
    expect(parse(foldText(foldLine('30@N03', '10_o.jpg', 7, '(25, 32)', 'f')))).toEqual({
      faces: [
        {
          file: 'aligned/30@N03/landmark_aligned_face.7.10_o.jpg',
          album: '30@N03',
          subject: '7',
          label: '(25, 32)',
          gender: 'f',
          fold: 3,
          place: { file: 'fold.txt', line: 2 },
        },
      ],
      problems: [],
    });
  });

  it('takes u and nothing for an unknown gender', () => {
    const { faces } = parse(foldText(foldLine('a', 'b.jpg', 1, '3', 'u'), foldLine('a', 'b.jpg', 2, '3', '')));
    expect(faces.map(({ gender }) => gender)).toEqual([undefined, undefined]);
  });

  it('reads Windows line ends, quotes and Latin-1', () => {
    const text = foldText('a@N0\t"é.jpg"\t1\t"(25, 32)"\tm\t0\t0\t0\t0\t0\t0\t0').replaceAll('\n', '\r\n');
    const { faces } = parse(decodeText(Buffer.from(text, 'latin1')));
    expect(faces).toMatchObject([{ file: 'aligned/a@N0/landmark_aligned_face.1.é.jpg', label: '(25, 32)' }]);
  });

  it('reports damaged rows with their lines, and keeps the others', () => {
    const good = foldLine('a', 'b.jpg', 1, '(0, 2)');
    const { faces, problems } = parse(
      foldText(
        good,
        'a\tb.jpg\t1',
        foldLine('..', 'b.jpg', 1, '(0, 2)'),
        foldLine('a', '/../../b.jpg', 1, '(0, 2)'),
        foldLine('a', 'c:\\b.jpg', 1, '(0, 2)'),
        good.replace('\t1\t', '\t../1\t'),
        foldLine('a', 'b.jpg', 1, '(0, 2)', 'male'),
        `"${good}`,
        good,
      ),
    );
    expect(faces.map(({ place }) => place.line)).toEqual([2, 10]);
    expect(problems.map(({ line, kind, reason }) => [line, kind, reason])).toEqual([
      [3, 'damaged', '12 columns expected, got 3'],
      [4, 'damaged', 'user_id must be a plain name, got ".."'],
      [5, 'damaged', 'original_image must be a plain name, got "/../../b.jpg"'],
      [6, 'damaged', 'original_image must be a plain name, got "c:\\\\b.jpg"'],
      [7, 'damaged', 'face_id must be a whole number, got "../1"'],
      [8, 'damaged', 'gender must be m, f, u or nothing, got "male"'],
      [9, 'damaged', 'the quotes do not match'],
    ]);
  });

  it('accounts for every line, whatever it holds', () => {
    const good = fc.constant(foldLine('a', 'b.jpg', 1, '(0, 2)'));
    const cells = fc.array(fc.string({ unit: 'binary', maxLength: 6 }), { minLength: 11, maxLength: 13 });
    const line = fc.oneof(good, fc.string({ unit: 'binary' }), cells.map((values) => values.join('\t')));
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        const text = foldText(...lines);
        const { faces, problems } = parse(text);
        const filled = text.split(/\r\n|\n|\r/).filter((content) => content.trim() !== '');
        expect(faces.length + problems.length).toBe(filled.length - 1);
      }),
    );
  });

  it('accounts for every line of damaged bytes', () => {
    const bytes = Buffer.from(foldText(...Array.from({ length: 5 }, () => foldLine('ä', 'b.jpg', 1, '35'))));
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(255), (position, value) => {
        const start = bytes.indexOf('\n') + 1;
        const damagedBytes = Buffer.from(bytes);
        damagedBytes[start + (position % (bytes.length - start))] = value;
        const text = decodeText(damagedBytes);
        const { faces, problems } = parse(text);
        const filled = text.split(/\r\n|\n|\r/).filter((content) => content.trim() !== '');
        expect(faces.length + problems.length).toBe(filled.length - 1);
      }),
    );
  });

  it('reports a header that is another, and goes on', () => {
    const line = foldLine('a', 'b.jpg', 1, '(0, 2)');
    const headless = parse(`${line}\n${line}\n`);
    expect(headless.faces).toHaveLength(1);
    expect(headless.problems).toMatchObject([
      { line: 1, reason: expect.stringMatching(/must begin with user_id, .* got a, b.jpg, 1/) as string },
    ]);
    expect(parse('file,age\na.jpg,3\n').problems.map((problem) => problem.line)).toEqual([1, 2]);
    expect(parse('').problems).toMatchObject([{ reason: expect.stringMatching(/got nothing$/) as string }]);
  });
});

describe('listAdienceFaces', () => {
  it('lists every face once, with the repeats apart', async () => {
    const line = foldLine('a', 'b.jpg', 1, '(0, 2)');
    const folder = await temporaryFolder(foldFiles([[line, foldLine('a', 'b.jpg', 2, 'None'), line], [line]]));
    const { faces, repeats } = await listAdienceFaces(folder);
    const placeOf = ({ fold, place }: AdienceFace): number[] => [fold, place.line];
    expect(faces.map(placeOf)).toEqual([[0, 2], [0, 3]]);
    expect(repeats.map(placeOf)).toEqual([[0, 4], [1, 2]]);
  });

  it('finds fold files in the folder itself, and reports those that are not there', async () => {
    const folder = await temporaryFolder({ 'fold_2_data.txt': foldText(foldLine('a', 'b.jpg', 1, '35')) });
    const { faces, problems } = await listAdienceFaces(folder);
    expect(faces).toMatchObject([{ fold: 2, label: '35' }]);
    expect(problems).toHaveLength(4);
    expect(problems[0]).toEqual({ file: join(folder, 'fold_0_data.txt'), kind: 'missing', reason: 'no such fold file' });
  });

  it('names the pictures that are there, or that are asked for', async () => {
    const folds = foldFiles([[foldLine('a', 'b.jpg', 1, '35')]]);
    const nameIn = async (files: Record<string, string>, pictures?: 'aligned' | 'faces'): Promise<string> => {
      const { faces } = await listAdienceFaces(await temporaryFolder({ ...folds, ...files }), pictures);
      return faces[0]!.file;
    };
    const aligned = 'aligned/a/landmark_aligned_face.1.b.jpg';
    const cropped = 'faces/a/coarse_tilt_aligned_face.1.b.jpg';
    expect(await nameIn({})).toBe(aligned);
    expect(await nameIn({ 'faces/x': '' })).toBe(cropped);
    expect(await nameIn({ 'faces/x': '', 'aligned/x': '' })).toBe(aligned);
    expect(await nameIn({ 'faces/x': '', 'aligned/x': '' }, 'faces')).toBe(cropped);
  });

  it('refuses a folder that is not of Adience', async () => {
    await expect(listAdienceFaces(await temporaryFolder())).rejects.toThrow(/no fold files/);
    await expect(listAdienceFaces('/no/such/folder')).rejects.toThrow(DataError);
  });
});
