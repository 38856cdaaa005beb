/**
 * Draws the data set in examples/faces: cartoon faces of eight age bands, the same ones at each run.
 * Children have a large forehead and large, low eyes; adults' hair turns grey and thin, and lines appear.
 */
import { Buffer } from 'node:buffer';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';

const OUT = 'examples/faces';
const SIZE = 96;
const FACES_PER_BAND = 24;
const BANDS = ['0-2', '4-6', '8-13', '15-20', '25-32', '38-43', '48-53', '60+'];
const SKIN = ['#f6d3b8', '#e8b48c', '#c98d5f', '#a06a42', '#7a4a2c'];
const HAIR = ['#2b1d14', '#4a2f1b', '#7b4a21', '#b8863b', '#8c2f1b'];
const BACKGROUND = ['#bcd3e6', '#d9e4c3', '#e6d5c0', '#d5cbe2', '#c8dedb', '#e4c9c9'];

/** A small generator of numbers in [0, 1) (mulberry32), so that the drawings never change. */
function generator(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The drawing of one face; `age` runs from 0 (youngest band) to 1 (oldest). */
function face(age, random) {
  const between = (low, high) => low + (high - low) * random();
  const oneOf = (list) => list[Math.floor(random() * list.length)];
  const childhood = Math.max(0, 1 - 2.5 * age);
  const lines = Math.max(0, (age - 0.45) / 0.55);
  const grey = Math.max(0, (age - 0.65) / 0.35);

  const skin = oneOf(SKIN);
  const hair = grey > between(0.2, 0.5) ? oneOf(['#9a9a98', '#c9c9c6', '#e8e8e4']) : oneOf(HAIR);
  const width = 26 + 4 * childhood + between(-1.5, 1.5);
  const height = 33 - 3 * childhood + between(-1.5, 1.5);
  const eyeLine = 2 + 7 * childhood + between(-1, 1);
  const eye = 2.6 + 2.4 * childhood + between(-0.3, 0.3);
  const apart = 10.5 + between(-1, 1);
  const hairHeight = height * (age < 0.1 ? 0.18 : between(0.42, 0.6) - 0.25 * grey * random());
  const mouth = eyeLine + 15 - 2 * childhood;
  const stroke = (path, opacity) =>
    `<path d="${path}" fill="none" stroke="#3b2416" stroke-width="1" opacity="${opacity.toFixed(2)}"/>`;

  const wrinkles = [];
  for (let line = 0; line < Math.round(4 * lines); line++) {
    const y = -height * 0.45 + 3.5 * line;
    wrinkles.push(stroke(`M -12 ${y} Q 0 ${y - 2} 12 ${y}`, 0.35 + 0.3 * lines));
  }
  if (lines > 0) {
    for (const side of [-1, 1]) {
      wrinkles.push(
        stroke(
          `M ${side * 6} ${eyeLine + 8} Q ${side * 12} ${eyeLine + 12} ${side * 11} ${mouth + 4}`,
          0.3 + 0.5 * lines,
        ),
      );
      wrinkles.push(stroke(`M ${side * (apart - 4)} ${eyeLine + 5} q ${side * 4} 2 ${side * 8} 0`, 0.3 + 0.4 * lines));
    }
  }
  const beard =
    age > 0.45 && random() < 0.35
      ? `<path d="M ${-width} ${eyeLine + 6} Q 0 ${height * 1.5} ${width} ${eyeLine + 6} Q 0 ${mouth + 6} ${-width} ${eyeLine + 6}" fill="${hair}"/>`
      : '';
  const eyes = [-1, 1].map(
    (side) => `<circle cx="${side * apart}" cy="${eyeLine}" r="${eye}" fill="#fff"/>
      <circle cx="${side * apart}" cy="${eyeLine}" r="${eye * 0.62}" fill="#33261d"/>
      ${stroke(`M ${side * apart - 5} ${eyeLine - eye - 3} q 5 -3 10 0`, 0.9)}`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${SIZE}" height="${SIZE}" viewBox="-48 -48 96 96">
    <rect x="-48" y="-48" width="96" height="96" fill="${oneOf(BACKGROUND)}"/>
    <g transform="translate(${between(-3, 3)} ${between(-2, 4)}) rotate(${between(-6, 6)})">
      <ellipse rx="${width}" ry="${height}" fill="${skin}"/>
      <clipPath id="head"><ellipse rx="${width + 2}" ry="${height + 2}"/></clipPath>
      <rect x="-48" y="${-height - 2}" width="96" height="${hairHeight}" fill="${hair}" clip-path="url(#head)"/>
      ${beard}${wrinkles.join('')}${eyes.join('')}
      ${stroke(`M 0 ${eyeLine + 4} q 3 5 -1 6`, 0.7)}
      <path d="M -7 ${mouth} q 7 ${between(2, 6)} 14 0" fill="none" stroke="#8c3b33" stroke-width="1.8"/>
    </g>
  </svg>`;
}

await rm(OUT, { recursive: true, force: true });
for (const [band, name] of BANDS.entries()) {
  await mkdir(join(OUT, name), { recursive: true });
  for (let number = 0; number < FACES_PER_BAND; number++) {
    const drawing = face(band / (BANDS.length - 1), generator(1000 * band + number));
    const file = join(OUT, name, `${String(number + 1).padStart(2, '0')}.jpg`);
    await sharp(Buffer.from(drawing)).jpeg({ quality: 85 }).toFile(file);
  }
}
