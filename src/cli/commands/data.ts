import { resolve } from 'node:path';
import { Command, Option } from 'commander';
import { ConfigError } from '../../base/errors.js';
import type { AdienceOptions, AdienceTable } from '../../data/sources/adience.js';
import type { NamedColumns } from '../../data/sources/csv-columns.js';
import type { SourceOptions, SourceTable } from '../../data/sources/source.js';
import { defaultManifest } from '../../data/sources/write-source.js';
import { choiceOption, pathOption } from '../options.js';
import { runSource } from '../run-source.js';
import { dataCheckCommand } from './data-check.js';

/** Options of every source. */
interface Options {
  out?: string;
  between?: 'keep' | 'nearest' | 'drop';
  json?: boolean;
}

type FolderReader = (folder: string, options: SourceOptions) => Promise<SourceTable>;

/** `ageband data`: from data sets as they are published to manifests, and what is wrong with a manifest. */
export function dataCommand(): Command {
  return new Command('data')
    .description('read a data set as it is published and write a manifest of it, or check a manifest')
    .addCommand(adienceCommand())
    .addCommand(
      folderCommand('utkface', 'UTKFace: age and gender from the names of the pictures', async (...words) => {
        const { readUtkface } = await import('../../data/sources/utkface.js');
        return await readUtkface(...words);
      }),
    )
    .addCommand(
      folderCommand('fgnet', 'FG-NET: subject and age from the names of the pictures', async (...words) => {
        const { readFgnet } = await import('../../data/sources/fgnet.js');
        return await readFgnet(...words);
      }),
    )
    .addCommand(
      folderCommand('folder', 'a folder of folders that are named for ages, bands or classes', async (...words) => {
        const { readLabelledFolders } = await import('../../data/sources/labelled-folders.js');
        return await readLabelledFolders(...words);
      }),
    )
    .addCommand(csvCommand())
    .addCommand(dataCheckCommand());
}

function adienceCommand(): Command {
  const command = sourceCommand('adience', 'Adience: the five fold files, with aligned/ or faces/')
    .argument('<folder>', 'folder that the data set was unpacked into')
    .addOption(
      choiceOption(
        '--labels <which>',
        'mended: the eight labels, with a typo mended, each face once; published: as the usual scripts have them',
        ['mended', 'published'],
        'mended',
      ),
    )
    .addOption(
      new Option('--pictures <folder>', 'pictures to take (default: aligned, or faces if only they are there)').choices([
        'aligned',
        'faces',
      ]),
    );
  return command.action(async (folder: string, { out, json, ...options }: Options & AdienceOptions) => {
    const { readAdience } = await import('../../data/sources/adience.js');
    await runSource<AdienceTable>((onProgress) => readAdience(folder, { ...options, onProgress }), { out, json });
  });
}

function folderCommand(name: string, description: string, read: FolderReader): Command {
  return sourceCommand(name, description)
    .argument('<folder>', 'folder of the data set')
    .action(async (folder: string, { out, json, ...options }: Options) => {
      await runSource((onProgress) => read(folder, { ...options, onProgress }), { out, json });
    });
}

interface CsvOptions extends Options {
  root?: string;
  fileColumn?: string;
  ageColumn?: string;
  bandColumn?: string;
  subjectColumn?: string;
  genderColumn?: string;
}

function csvCommand(): Command {
  return sourceCommand('csv', 'a CSV file of any columns; the usual names are found by themselves')
    .argument('<file>', 'CSV file with a header')
    .addOption(pathOption('--root <folder>', 'folder that the paths in it start from (default: its own folder)'))
    .option('--file-column <name>', 'column of the picture files')
    .option('--age-column <name>', 'column of the ages in years')
    .option('--band-column <name>', 'column of the age bands')
    .option('--subject-column <name>', 'column that tells who is in the picture')
    .option('--gender-column <name>', 'column of the gender')
    .action(async (file: string, { out, json, root, between, ...named }: CsvOptions) => {
      refuseOverwriting(file, out, root);
      const { readLabelledCsv } = await import('../../data/sources/labelled-csv.js');
      const options = {
        ...(root === undefined ? {} : { root }),
        ...(between === undefined ? {} : { between }),
        columns: columnsOf(named),
      };
      await runSource((onProgress) => readLabelledCsv(file, { ...options, onProgress }), { out, json });
    });
}

/** `{ fileColumn: 'x' }` as `{ file: 'x' }`. */
function columnsOf(named: Readonly<Record<string, string>>): NamedColumns {
  return Object.fromEntries(Object.entries(named).map(([option, name]) => [option.replace(/Column$/, ''), name]));
}

function refuseOverwriting(file: string, out: string | undefined, root: string | undefined): void {
  const manifest = resolve(out ?? defaultManifest(root ?? resolve(file, '..')));
  if (manifest !== resolve(file)) return;
  throw new ConfigError(`${file}: the manifest would take the place of the file that it is made from`, {
    hint: 'Choose another path with --out.',
  });
}

function sourceCommand(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .addOption(
      choiceOption(
        '--between <rule>',
        'ages between two bands: kept without a band, given to the nearest (of two as near, the younger), or left out',
        ['keep', 'nearest', 'drop'],
        'keep',
      ),
    )
    .addOption(pathOption('--out <file>', 'manifest to write (default: manifest.csv in the folder of the pictures)'))
    .option('--json', 'print the summary as JSON');
}
