import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

export interface UtkfaceTraining {
  /** Folder of the pictures. */
  readonly utkface: string;
  /** Folder for all that is made. */
  readonly work: string;
  readonly epochs: string;
  readonly device: string;
  /** Height and width of the network's input. */
  readonly size: string;
}

/**
 * Trains the report's network on UTKFace with the report's settings, and measures it on the pictures that were held out. Given
 * again, it goes on where it stood.
 */
export function trainOnUtkface({ utkface, work, epochs, device, size }: UtkfaceTraining): void {
  mkdirSync(work, { recursive: true });
  const [faces, split, run] = ['faces.csv', 'split.csv', 'run'].map((name) => join(work, name)) as [string, string, string];
  if (!existsSync(split)) {
    ageband('data', 'utkface', utkface, '--out', faces);
    ageband('split', faces, '--root', utkface, '--out', split);
  }
  if (!existsSync(join(run, 'config.json'))) {
    ageband('train', split, '--root', utkface, '--out', run, '--epochs', epochs, '--device', device, '--image-size', size);
  } else if (!existsSync(join(run, 'model.onnx'))) ageband('train', '--resume', '--out', run, '--device', device);
  ageband('evaluate', run, '--device', device, '--plots', join(work, 'plots'));
  ageband('report', run);
}

function ageband(...words: string[]): void {
  console.log(`\n$ ageband ${words.join(' ')}\n`);
  const { status } = spawnSync(process.execPath, ['dist/cli/main.js', ...words], { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
