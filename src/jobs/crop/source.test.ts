import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { emptyFiles, temporaryFolder } from '../../../test/support/folder.js';
import { openCropSource } from './source.js';

describe('a folder as a source of crops', () => {
  it('is listed with the folders below', async () => {
    const root = await temporaryFolder(emptyFiles('b.jpg', 'a/c.png', 'a/notes.txt'));
    const source = await openCropSource(root, undefined, join(root, '..', 'elsewhere'));
    expect(source).toEqual({ root, files: ['b.jpg', 'a/c.png'], problems: [] });
  });

  it('does not include the crops that lie in it', async () => {
    const root = await temporaryFolder(emptyFiles('b.jpg', 'crops/b.jpg', 'crops2/d.jpg'));
    await symlink(join(root, 'crops'), join(root, 'link'));
    expect((await openCropSource(root, undefined, join(root, 'crops'))).files).toEqual(['b.jpg', 'crops2/d.jpg']);
    const { files, problems } = await openCropSource(root, undefined, join(root, 'link'));
    expect(files).toEqual(['b.jpg', 'crops2/d.jpg']);
    expect(problems).toEqual([{ file: join(root, 'link'), reason: 'a linked folder, which is not followed' }]);
  });

  it('is refused where it lies in the folder of the crops', async () => {
    const root = await temporaryFolder(emptyFiles('a/b.jpg'));
    await expect(openCropSource(join(root, 'a'), undefined, root)).rejects.toThrow(/lies in the folder of the crops/);
    await expect(openCropSource(root, undefined, root)).rejects.toThrow(/lies in the folder of the crops/);
  });

  it('is refused when it is missing, empty, or a picture', async () => {
    const root = await temporaryFolder(emptyFiles('one.jpg'));
    await mkdir(join(root, 'empty'));
    const open = (name: string) => openCropSource(join(root, name), undefined, '/nowhere');
    await expect(open('none')).rejects.toThrow(/none: no such folder or manifest/);
    await expect(open('empty')).rejects.toThrow(/empty: no picture to crop/);
    await expect(open('one.jpg')).rejects.toThrow(/one\.jpg: is a picture/);
  });
});

describe('a manifest as a source of crops', () => {
  it('keeps its columns and rows, and names each file once', async () => {
    const text = 'age,file,note\n30,p/a.jpg,"x, y"\n31,./p/a.jpg,\n32,none.jpg,z\n';
    const root = await temporaryFolder({ 'list.csv': text, 'p/a.jpg': '' });
    const source = await openCropSource(join(root, 'list.csv'), undefined, '/nowhere');
    expect(source).toEqual({
      root,
      files: ['p/a.jpg', 'none.jpg'],
      problems: [],
      table: {
        header: ['age', 'file', 'note'],
        fileColumn: 1,
        rows: [
          { file: 'p/a.jpg', values: ['30', 'p/a.jpg', 'x, y'] },
          { file: 'p/a.jpg', values: ['31', './p/a.jpg', ''] },
          { file: 'none.jpg', values: ['32', 'none.jpg', 'z'] },
        ],
      },
    });
  });

  it('starts from --root', async () => {
    const root = await temporaryFolder({ 'lists/list.csv': 'file\nb.jpg\n', ...emptyFiles('pictures/b.jpg') });
    const source = await openCropSource(join(root, 'lists/list.csv'), join(root, 'pictures'), '/nowhere');
    expect(source).toMatchObject({ root: join(root, 'pictures'), files: ['b.jpg'] });
  });

  it('reports damaged rows and paths that lead where they must not, with their lines', async () => {
    const root = await temporaryFolder({
      'in/list.csv': 'file,n\na.jpg,1\nb.jpg\n../c.jpg,3\n,4\nlink.jpg,5\n"d.jpg,6\nout/e.jpg,7\n',
      ...emptyFiles('in/a.jpg', 'in/out/e.jpg', 'c.jpg'),
    });
    await symlink(join(root, 'c.jpg'), join(root, 'in/link.jpg'));
    const path = join(root, 'in/list.csv');
    const { files, problems } = await openCropSource(path, undefined, join(root, 'in/out'));
    expect(files).toEqual(['a.jpg']);
    const folder = join(root, 'in');
    expect(problems).toEqual([
      { file: path, line: 3, reason: '2 columns expected, got 1' },
      { file: path, line: 4, reason: `the path ../c.jpg leads out of ${folder}` },
      { file: path, line: 5, reason: 'the file is empty' },
      { file: path, line: 6, reason: `the path link.jpg is a link out of ${folder}, which is not followed` },
      { file: path, line: 7, reason: 'the quotes do not match' },
      { file: path, line: 8, reason: 'the path out/e.jpg leads into the folder of the crops' },
    ]);
  });

  it('must have a column file', async () => {
    const root = await temporaryFolder({ 'list.csv': 'path,age\na.jpg,3\n' });
    await expect(openCropSource(join(root, 'list.csv'), undefined, '/nowhere')).rejects.toThrow(
      /must name a column 'file', got path, age/,
    );
  });
});

it('a fold file of Adience stands for its own rows, with what is known of the faces', async () => {
  const header = 'user_id\toriginal_image\tface_id\tage\tgender\tx\ty\tdx\tdy\ttilt_ang\tfiducial_yaw_angle\tfiducial_score\n';
  const rest = '\t0\t0\t9\t9\t0\t0\t90\n';
  const picture = await sharp({ create: { width: 8, height: 8, channels: 3, background: '#888' } }).jpeg().toBuffer();
  const root = await temporaryFolder({
    'folds/fold_0_data.txt': `${header}a@N\tx.jpg\t7\t(25, 23)\tf${rest}a@N\tgone.jpg\t7\t(0, 2)\tm${rest}`,
    'folds/fold_1_data.txt': `${header}b@N\ty.jpg\t8\t(0, 2)\tm${rest}`,
    'aligned/a@N/landmark_aligned_face.7.x.jpg': picture,
    'aligned/b@N/landmark_aligned_face.8.y.jpg': picture,
  });
  const path = join(root, 'folds/fold_0_data.txt');
  const { files, problems, table, root: from } = await openCropSource(path, undefined, '/nowhere');
  expect([from, files]).toEqual([root, ['aligned/a@N/landmark_aligned_face.7.x.jpg']]);
  expect(table!.header).toEqual(['file', 'subject', 'band', 'age', 'gender', 'fold', 'album']);
  expect(table!.rows.map(({ values }) => values)).toEqual([[files[0], '7', '25-32', '', 'f', '0', 'a@N']]);
  expect(problems.map(({ file, line }) => [file, line])).toEqual([[path, 3]]);
});
