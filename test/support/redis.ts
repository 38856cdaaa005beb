import type { ChildProcess } from 'node:child_process';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { Queue } from 'bullmq';
import { onTestFinished } from 'vitest';
import { parseRedisAddress } from '../../src/jobs/queue/redis-address.js';
import { patientOptions, QUEUE, requireRedis } from '../../src/jobs/queue/connection.js';
import { temporaryFolder } from './folder.js';

const server = ['redis-server', 'valkey-server'].find((name) => spawnSync(name, ['--version']).status === 0);

/** Whether there is a server of Redis or Valkey to run tests with. */
export const HAS_REDIS = server !== undefined;

/** Whether Redis can be asked by TLS: openssl makes its certificate. */
export const HAS_TLS = HAS_REDIS && spawnSync('openssl', ['version']).status === 0;

/** The title of tests that need one, with the reason where they are skipped. */
export function withRedis(title: string): string {
  return HAS_REDIS ? title : `${title} (skipped: neither redis-server nor valkey-server is installed)`;
}

export interface TestRedis {
  readonly url: string;
  /** Kills it with -9 and starts it again at the same address after a moment, with what it has saved. */
  restart(): Promise<void>;
}

/**
 * A server of Redis for one test.
 * @param options `appendonly`: it saves every command at once; without it, it forgets everything when it is restarted
 */
export async function startRedis({ appendonly = false, password = '' } = {}): Promise<TestRedis> {
  const [folder, port] = [await temporaryFolder(), await freePort()];
  const words = [
    ...['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--daemonize', 'no'],
    ...['--appendonly', appendonly ? 'yes' : 'no', '--appendfsync', 'always'],
    ...(password === '' ? [] : ['--requirepass', password]),
  ];
  const url = `redis://127.0.0.1:${port}`;
  const start = async (): Promise<ChildProcess> => {
    const child = spawn(server!, words, { stdio: 'ignore' });
    const address = parseRedisAddress(url, password);
    for (;;) {
      try {
        await requireRedis(address);
        return child;
      } catch (error) {
        if (child.exitCode !== null) throw error;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  };
  let running = await start();
  const stop = async (): Promise<void> => {
    const ended = once(running, 'exit');
    running.kill('SIGKILL');
    await ended;
  };
  onTestFinished(stop);
  return {
    url,
    restart: async () => {
      await stop();
      await new Promise((resolve) => setTimeout(resolve, 1000));
      running = await start();
    },
  };
}

/** A server of Redis by TLS for one test, on 127.0.0.1. @returns its port and the file of its certificate, which nobody has signed */
export async function startSecureRedis(): Promise<{ port: number; certificate: string }> {
  const [folder, port] = [await temporaryFolder(), await freePort()];
  const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
  spawnSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', '-keyout', key, '-out', certificate, ...names]);
  const words = ['--port', '0', '--tls-port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', ''];
  const child = spawn(server!, [...words, '--tls-cert-file', certificate, '--tls-key-file', key, '--tls-auth-clients', 'no'], { stdio: 'pipe' });
  onTestFinished(async () => {
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  });
  for await (const lines of child.stdout) if (String(lines).includes('Ready to accept connections')) break;
  return { port, certificate };
}

/** The queue itself, as anybody sees it who can reach the server. */
export function rawQueue(url: string): Queue {
  const queue = new Queue(QUEUE.name, { prefix: QUEUE.prefix, connection: patientOptions(parseRedisAddress(url)) });
  queue.on('error', () => undefined);
  onTestFinished(() => queue.close());
  return queue;
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as { port: number };
  probe.close();
  await once(probe, 'close');
  return port;
}
