import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { foldFiles } from '../../test/support/adience.js';
import { foldLine } from '../../test/support/fold-text.js';
import { emptyFiles, temporaryFolder } from '../../test/support/folder.js';
import { tinyPictures } from '../../test/support/picture.js';
import { openJobPictures } from './job-pictures.js';

describe('a folder as the pictures of a job', () => {
  it('is listed with the folders below', async () => {
    const root = await temporaryFolder(emptyFiles('b.jpg', 'a/c.png', 'a/notes.txt'));
    const source = await openJobPictures(root, undefined, join(root, '..', 'elsewhere'));
    expect(source).toEqual({ root, files: ['b.jpg', 'a/c.png'], problems: [] });
  });

  it('does not include the crops that lie in it', async () => {
    const root = await temporaryFolder(emptyFiles('b.jpg', 'crops/b.jpg', 'crops2/d.jpg'));
    await symlink(join(root, 'crops'), join(root, 'link'));
    expect((await openJobPictures(root, undefined, join(root, 'crops'))).files).toEqual(['b.jpg', 'crops2/d.jpg']);
    const { files, problems } = await openJobPictures(root, undefined, join(root, 'link'));
    expect(files).toEqual(['b.jpg', 'crops2/d.jpg']);
    expect(problems).toEqual([{ file: join(root, 'link'), reason: 'a linked folder, which is not followed' }]);
  });

  it('is refused where it lies in the folder of the results', async () => {
    const root = await temporaryFolder(emptyFiles('a/b.jpg'));
    await expect(openJobPictures(join(root, 'a'), undefined, root)).rejects.toThrow(/lies in the folder of the results/);
    await expect(openJobPictures(root, undefined, root)).rejects.toThrow(/lies in the folder of the results/);
  });

  it('is refused when it is missing, empty, or a picture', async () => {
    const root = await temporaryFolder(emptyFiles('one.jpg'));
    await mkdir(join(root, 'empty'));
    const open = (name: string) => openJobPictures(join(root, name), undefined, '/nowhere');
    await expect(open('none')).rejects.toThrow(/none: no such folder or manifest/);
    await expect(open('empty')).rejects.toThrow(/empty: no picture in it/);
    await expect(open('one.jpg')).rejects.toThrow(/one\.jpg: is a picture/);
  });
});

describe('a manifest as the pictures of a job', () => {
  it('keeps its columns and rows, and names each file once', async () => {
    const text = 'age,file,note\n30,p/a.jpg,"x, y"\n31,./p/a.jpg,\n32,none.jpg,z\n';
    const root = await temporaryFolder({ 'list.csv': text, 'p/a.jpg': '' });
    const source = await openJobPictures(join(root, 'list.csv'), undefined, '/nowhere');
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
    const source = await openJobPictures(join(root, 'lists/list.csv'), join(root, 'pictures'), '/nowhere');
    expect(source).toMatchObject({ root: join(root, 'pictures'), files: ['b.jpg'] });
  });

  it('reports damaged rows and paths that lead where they must not, with their lines', async () => {
    const root = await temporaryFolder({
      'in/list.csv': 'file,n\na.jpg,1\nb.jpg\n../c.jpg,3\n,4\nlink.jpg,5\n"d.jpg,6\nout/e.jpg,7\n',
      ...emptyFiles('in/a.jpg', 'in/out/e.jpg', 'c.jpg'),
    });
    await symlink(join(root, 'c.jpg'), join(root, 'in/link.jpg'));
    const path = join(root, 'in/list.csv');
    const { files, problems } = await openJobPictures(path, undefined, join(root, 'in/out'));
    expect(files).toEqual(['a.jpg']);
    const folder = join(root, 'in');
    expect(problems).toEqual([
      { file: path, line: 3, reason: '2 columns expected, got 1' },
      { file: path, line: 4, reason: `the path ../c.jpg leads out of ${folder}` },
      { file: path, line: 5, reason: 'the file is empty' },
      { file: path, line: 6, reason: `the path link.jpg is a link out of ${folder}, which is not followed` },
      { file: path, line: 7, reason: 'the quotes do not match' },
      { file: path, line: 8, reason: 'the path out/e.jpg leads into the folder of the results' },
    ]);
  });

  it('must have a column file', async () => {
    const root = await temporaryFolder({ 'list.csv': 'path,age\na.jpg,3\n' });
    await expect(openJobPictures(join(root, 'list.csv'), undefined, '/nowhere')).rejects.toThrow(
      /must name a column 'file', got path, age/,
    );
  });
});

describe('fold files of Adience as the pictures of a job', () => {
  async function adience() {
    return await temporaryFolder({
      ...foldFiles([
        [foldLine('a@N', 'x.jpg', 7, '(25, 23)', 'f'), foldLine('a@N', 'gone.jpg', 7, '(0, 2)')],
        [foldLine('b@N', 'y.jpg', 8, '(0, 2)')],
        [foldLine('c@N', 'none.jpg', 9, '(0, 2)')],
      ]),
      ...(await tinyPictures('aligned/a@N/landmark_aligned_face.7.x.jpg', 'aligned/b@N/landmark_aligned_face.8.y.jpg')),
    });
  }

  it('one stands for its own rows, with what is known of the faces', async () => {
    const root = await adience();
    const path = join(root, 'folds/fold_0_data.txt');
    const { files, problems, table, root: from } = await openJobPictures(path, undefined, '/nowhere');
    expect([from, files]).toEqual([root, ['aligned/a@N/landmark_aligned_face.7.x.jpg']]);
    expect(table!.header).toEqual(['file', 'subject', 'band', 'age', 'gender', 'fold', 'album']);
    expect(table!.rows.map(({ values }) => values)).toEqual([[files[0], '7', '25-32', '', 'f', '0', 'a@N']]);
    expect(problems.map(({ file, line }) => [file, line])).toEqual([[path, 3]]);
  });

  it('several stand for the rows of all of them, in the order of the data set', async () => {
    const root = await adience();
    const paths = [1, 0].map((fold) => join(root, `folds/fold_${fold}_data.txt`));
    const { files, problems, table } = await openJobPictures(paths, undefined, '/nowhere');
    expect(files).toEqual(['aligned/a@N/landmark_aligned_face.7.x.jpg', 'aligned/b@N/landmark_aligned_face.8.y.jpg']);
    expect(table!.rows.map(({ values }) => values[5])).toEqual(['0', '1']);
    expect(problems.map(({ file, line }) => [file, line])).toEqual([[paths[1], 3]]);
  });

  it('go together with nothing else', async () => {
    const [root, other] = [await adience(), await adience()];
    const path = join(root, 'folds/fold_0_data.txt');
    const open = (...paths: string[]) => openJobPictures([path, ...paths], undefined, '/nowhere');
    await expect(open(root)).rejects.toThrow(/is a folder, and of several sources each must be a fold file of Adience/);
    await expect(open(join(root, 'folds/fold_5_data.txt'))).rejects.toThrow(/no such folder or manifest/);
    await expect(open(join(other, 'folds/fold_1_data.txt'))).rejects.toThrow(/fold_1_data\.txt: does not lie beside .*fold_0/);
    await expect(openJobPictures(path, root, '/nowhere')).rejects.toThrow(/root: only a CSV manifest .* is a fold file/);
    await expect(openJobPictures(root, root, '/nowhere')).rejects.toThrow(/root: only a CSV manifest .* is a folder/);
  });
});
