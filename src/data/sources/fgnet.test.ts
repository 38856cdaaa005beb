import { expect, it } from 'vitest';
import { temporaryFolder } from '../../../test/support/folder.js';
import { tinyPictures } from '../../../test/support/picture.js';
import { readFgnet } from './fgnet.js';

it('readFgnet reads subject and age from the names', async () => {
  const names = ['images/001A02.JPG', 'images/001A43a.JPG', 'images/082A22.jpg', 'images/1A2.JPG', 'images/001B02.JPG'];
  const root = await temporaryFolder({ ...(await tinyPictures(...names)), 'points/001a02.pts': '' });
  const { columns, rows, problems } = await readFgnet(root);
  expect(columns).toEqual(['file', 'subject', 'band', 'age']);
  expect(rows).toEqual([
    { file: 'images/001A02.JPG', subject: '001', age: 2, band: '0-2' },
    { file: 'images/001A43a.JPG', subject: '001', age: 43, band: '38-43' },
    { file: 'images/082A22.jpg', subject: '082', age: 22 },
  ]);
  expect(problems.map(({ file, kind }) => [file.slice(root.length + 1), kind])).toEqual([
    ['images/001B02.JPG', 'damaged'],
    ['images/1A2.JPG', 'damaged'],
  ]);
});

it('readFgnet reads every form of the names that the data set has, and its ages from 0 to 69', async () => {
  const ages = {
    ...{ '001A02.JPG': 2, '001A43a.JPG': 43, '001A43b.JPG': 43, '002A00.JPG': 0, '004A62.JPG': 62, '006A69.JPG': 69 },
    ...{ '010A07B.jpg': 7, '039a12.jpeg': 12, '082A18.JPG': 18 },
  };
  const root = await temporaryFolder(await tinyPictures(...Object.keys(ages)));
  const { rows, problems } = await readFgnet(root, { between: 'nearest' });
  expect(Object.fromEntries(rows.map(({ file, age }) => [file, age]))).toEqual(ages);
  expect(rows.map(({ subject }) => subject)).toEqual(Object.keys(ages).map((name) => name.slice(0, 3)));
  expect(rows.find(({ file }) => file === '004A62.JPG')).toMatchObject({ subject: '004', band: '60+' });
  expect(problems).toEqual([]);
});

it('readFgnet passes over the points and lists copies with other names', async () => {
  const names = ['Images/001A02.JPG', 'Images/001A02 (1).JPG', 'Images/001A.JPG', 'Images/0001A02.JPG', 'Images/001A999.JPG'];
  const root = await temporaryFolder({ ...(await tinyPictures(...names)), 'Points/001a02.pts': 'version: 1', 'Data_files/x.txt': '' });
  const { rows, problems } = await readFgnet(root);
  expect(rows.map(({ file }) => file)).toEqual(['Images/001A02.JPG']);
  expect(problems).toHaveLength(4);
  expect(problems.find(({ file }) => file.endsWith('001A999.JPG'))!.reason).toMatch(/age must be a number from 0 to 130/);
});
