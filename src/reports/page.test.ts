import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { classCountsSpec } from '../evaluation/class-plot.js';
import { renderSvg } from '../evaluation/plots.js';
import type { Document } from './document.js';
import { notice, table, text } from './document.js';
import { pageOf } from './page.js';

const HOSTILE = '<script>alert(1)</script>"\'><img src=x onerror=alert(2)>';

/** A document in which every text is hostile. */
async function hostileDocument(): Promise<Document> {
  const svg = await renderSvg(classCountsSpec([{ name: HOSTILE, pictures: 1 }, { name: 'b', pictures: 2 }]));
  const image = { bytes: Uint8Array.of(255, 216), type: 'jpeg' } as const;
  return {
    title: HOSTILE,
    lead: [HOSTILE],
    sections: [
      {
        title: HOSTILE,
        blocks: [
          text(HOSTILE),
          notice(HOSTILE),
          { kind: 'figures', figures: [{ label: HOSTILE, value: HOSTILE, note: HOSTILE }] },
          table(HOSTILE, ['', HOSTILE], [[HOSTILE, HOSTILE]]),
          { kind: 'plots', plots: [{ name: 'classes', svg, description: HOSTILE, tables: [table(HOSTILE, [HOSTILE], [[HOSTILE]])] }] },
          { kind: 'code', text: HOSTILE },
          { kind: 'pictures', pictures: [{ views: [{ image, description: HOSTILE }], caption: [HOSTILE] }] },
        ],
      },
    ],
  };
}

it('a page holds no tag that a text brought in', async () => {
  const page = await pageOf(await hostileDocument(), HOSTILE);
  expect(page).not.toMatch(/<script/i);
  expect(page).not.toContain('onerror=alert(2)>');
  expect([...page.matchAll(/<img [^>]*>/g)].map(([tag]) => tag.replace(/alt=".*"/, ''))).toEqual([
    `<img src="data:image/jpeg;base64,/9g=" >`,
  ]);
});

it('a page names nothing outside itself, and its policy allows its own style alone', async () => {
  const page = await pageOf(await hostileDocument(), '');
  const addresses = [...page.matchAll(/(?:src|href|url)[=(]"?([^")\s>]*)/g)].map(([, address]) => address!);
  const outside = addresses.filter((address) => !/^(?:data:|#|x$)/.test(address));
  expect(outside).toEqual([]);
  const style = /<style>(.*?)<\/style>/s.exec(page)![1]!;
  const digest = createHash('sha256').update(style).digest('base64');
  expect(page).toContain(`default-src &#39;none&#39;; style-src &#39;sha256-${digest}&#39;`);
  expect(page).not.toContain(' style="');
});
