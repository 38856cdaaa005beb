import { join } from 'node:path';
import { Command } from 'commander';
import { makeFolder, unmakeFolder } from '../../base/files.node.js';
import { checkText } from '../check-text.js';
import { pathOption } from '../options.js';
import { pictureProgress } from '../progress.js';

/** The exit code when something was found. */
const FOUND = 2;

interface Options {
  root?: string;
  out?: string;
  json?: boolean;
}

/** `ageband data check`: what is wrong with the pictures and rows of a manifest. */
export function dataCheckCommand(): Command {
  return new Command('check')
    .description(
      'list damaged, tiny and repeated pictures, conflicting labels and leaks between splits; plot the classes',
    )
    .argument('<manifest>', 'CSV file with a column `file`')
    .addOption(pathOption('--root <folder>', 'folder that the file names start from (default: that of the manifest)'))
    .addOption(pathOption('--out <folder>', 'folder for check.csv, classes.png and classes.svg (default: NAME.check beside NAME.csv)'))
    .option('--json', 'print JSON')
    .action(check);
}

async function check(
  path: string,
  { root, out = `${path.replace(/\.csv$/i, '')}.check`, json }: Options,
): Promise<void> {
  const { checkManifest, writeFindings } = await import('../../data/check-manifest.js');
  const { plotClassCounts } = await import('../../evaluation/class-plot.js');
  // Before the long work: whether there is a place for its result.
  const made = await makeFolder(out);
  const progress = pictureProgress(process.stderr);
  try {
    const result = await checkManifest(path, root, progress.show).catch(async (error: unknown) => {
      await unmakeFolder(out, made);
      throw error;
    });
    progress.close();
    const list = join(out, 'check.csv');
    await writeFindings(list, result.findings);
    const written = [list, ...(await plotClassCounts(result.classes, out))];
    if (json) console.log(JSON.stringify({ ...result, written }, null, 2));
    else console.log(`${checkText(result)}\n\nWritten: ${written.join(', ')}`);
    if (result.findings.length > 0) process.exitCode = FOUND;
  } finally {
    progress.close();
  }
}
