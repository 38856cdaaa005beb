import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HostTensor } from '../../src/base/tensor.js';
import type { Device } from '../../src/runtime/device.js';
import type { RunOptions, Feeds } from '../../src/runtime/runner.js';
import { Session } from '../../src/runtime/session.node.js';

/** What ONNX Runtime's profile says of a node that has run. */
export interface ProfiledNode {
  readonly name: string;
  readonly operator: string;
  /** Such as `CPUExecutionProvider`. */
  readonly provider: string;
}

export interface ProfiledRun {
  readonly outputs: Record<string, HostTensor>;
  /** In the order in which they ran, copies between processor and device included. */
  readonly nodes: readonly ProfiledNode[];
}

interface ProfileEvent {
  readonly cat: string;
  readonly name: string;
  readonly args?: { readonly op_name?: string; readonly provider?: string };
}

/** Runs a model once and profiles it. */
export async function profiledRun(model: Uint8Array, feeds: Feeds, device: Device, options?: RunOptions): Promise<ProfiledRun> {
  const folder = await mkdtemp(join(tmpdir(), 'ageband-profile-'));
  const session = await Session.create(model, { device, threads: 1, profile: join(folder, 'profile') });
  const outputs = await session.run(feeds, options).finally(() => session.dispose());
  const [file] = await readdir(folder);
  const events = JSON.parse(await readFile(join(folder, file!), 'utf8')) as ProfileEvent[];
  await rm(folder, { recursive: true });
  const nodes = events.flatMap(({ cat, name, args }) =>
    cat === 'Node' && args?.provider !== undefined ? [{ name, operator: args.op_name!, provider: args.provider }] : [],
  );
  return { outputs, nodes };
}

/** The operators that did not run on WebGPU, and copies to and from the processor. */
export function fallbacks(nodes: readonly ProfiledNode[]): string[] {
  return nodes
    .filter(({ operator, provider }) => provider !== 'WebGpuExecutionProvider' || operator.startsWith('Memcpy'))
    .map(({ name, operator, provider }) => `${operator} on ${provider} (${name})`);
}
