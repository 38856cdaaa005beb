import { describe, expect, it } from 'vitest';
import { addressFault, isBelow, parseS3, pathOfAddress } from './addresses.js';

it.each([
  ['https://h.org/a/b.jpg', 'h.org/a/b.jpg'],
  ['http://H.org:8080/a//b%20c.jpg', 'h.org_8080/a/b c.jpg'],
  ['https://h.org/../..%2f..%2Fetc/passwd', 'h.org/__.._etc/passwd'],
  ['https://h.org/', 'h.org'],
  ['s3://bucket/album/a b?.jpg', 'bucket/album/a b_.jpg'],
  ['s3://bucket/../x/%2e.jpg', 'bucket/_/x/%2e.jpg'],
])('pathOfAddress(%j) is %j', (address, path) => {
  expect(pathOfAddress(address)).toBe(path);
});

it('tells addresses apart by what they ask for', () => {
  const [one, other] = [1, 2].map((id) => pathOfAddress(`https://h.org/p/get.jpg?id=${id}`));
  expect(one).toMatch(/^h\.org\/p\/get-[0-9a-f]{8}\.jpg$/);
  expect(other).not.toBe(one);
});

it.each([
  ['https://h.org/a.jpg', undefined],
  ['s3://bucket/a.jpg', undefined],
  ['s3://bucket/', 'is no s3://bucket/key'],
  ['s3://B/a.jpg', 'is no s3://bucket/key'],
  ['ftp://h.org/a.jpg', 'is no address of http, https or s3'],
  ['file:///etc/passwd', 'is no address of http, https or s3'],
  ['a.jpg', 'is no address of http, https or s3'],
  ['https://u:p@h.org/a.jpg', 'holds a user or password, which would stand in all lists'],
  ['https://h.org/\u001b[2J', 'holds a character that cannot be seen'],
  [`https://h.org/${'a'.repeat(5000)}`, 'is longer than 4096 characters'],
])('addressFault(%j) is %j', (address, fault) => {
  expect(addressFault(address)).toBe(fault);
});

describe('isBelow', () => {
  it.each([
    ['https://h.org/a/b.jpg', 'https://h.org', true],
    ['https://H.ORG:443/a/b.jpg', 'https://h.org/a', true],
    ['https://h.org/ab.jpg', 'https://h.org/a', false],
    ['https://h.org/a/../b.jpg', 'https://h.org/a/', false],
    ['https://h.org.evil.org/a', 'https://h.org', false],
    ['https://h.org@evil.org/a', 'https://h.org', false],
    ['http://h.org/a', 'https://h.org', false],
    ['https://h.org:444/a', 'https://h.org', false],
    ['s3://bucket/a/b', 's3://bucket', true],
    ['s3://bucket2/a/b', 's3://bucket', false],
    ['s3://bucket/ab', 's3://bucket/a', false],
  ])('%s below %s: %s', (address, place, expected) => {
    expect(isBelow(address, [place])).toBe(expected);
  });
});

it('parses the key as it stands', () => {
  expect(parseS3('s3://my.bucket/a/b c%20#?.jpg')).toEqual({ bucket: 'my.bucket', key: 'a/b c%20#?.jpg' });
  expect(parseS3('s3://bucket')).toEqual({ bucket: 'bucket', key: '' });
  expect(parseS3('https://bucket/x')).toBeUndefined();
});
