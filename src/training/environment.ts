/** The machine and the programs that a run was trained with, in `environment.json`. */
import { readFile } from 'node:fs/promises';
import { availableParallelism, cpus, release, totalmem, type } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { readFileIfPresent, writeFileAtomic } from '../base/files.node.js';
import type { Device } from '../runtime/device.js';
import { DEVICES } from '../runtime/device.js';
import { engineVersion } from '../runtime/version.node.js';
import type { RunFolder } from './run-folder.js';

const environmentSchema = z.object({
  ageband: z.string(),
  onnxRuntime: z.string(),
  node: z.string(),
  /** Name and version of the operating system, and the kind of processor it is for. */
  system: z.string(),
  processor: z.string(),
  /** Cores that the process may use. */
  cores: z.int().positive(),
  /** Bytes. */
  memory: z.number().positive(),
  /** What computed; the processor where it is not recorded. */
  device: z.enum(DEVICES).default('cpu'),
});

export type Environment = z.infer<typeof environmentSchema>;

/** What this process runs with, where it computes on that device. */
export async function currentEnvironment(device: Device): Promise<Environment> {
  const manifest = await readFile(new URL('../../package.json', import.meta.url), 'utf8');
  return {
    ageband: (JSON.parse(manifest) as { version: string }).version,
    onnxRuntime: engineVersion(),
    node: process.versions.node,
    system: `${type()} ${release()}, ${process.arch}`,
    // Some ARM machines give no name, or no list at all.
    processor: cpus()[0]?.model.trim() || 'unknown',
    cores: availableParallelism(),
    memory: totalmem(),
    device,
  };
}

/** Records what this process runs with, in place of what an earlier part of the run was trained with. */
export async function writeEnvironment(run: RunFolder, device: Device): Promise<void> {
  await writeFileAtomic(environmentFile(run), `${JSON.stringify(await currentEnvironment(device), undefined, 2)}\n`);
}

/** What a run was trained with; undefined when it is not recorded, or the record is damaged. */
export async function readEnvironment(run: RunFolder): Promise<Environment | undefined> {
  const content = await readFileIfPresent(environmentFile(run));
  try {
    return environmentSchema.safeParse(JSON.parse(content?.toString('utf8') ?? '')).data;
  } catch {
    return undefined;
  }
}

function environmentFile(run: RunFolder): string {
  return join(run.path, 'environment.json');
}
