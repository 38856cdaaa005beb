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
