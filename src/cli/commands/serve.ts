import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { Command, Option } from 'commander';
import type { ModelChoice } from '../../evaluation/classify.js';
import type { DeviceChoice } from '../../runtime/device.js';
import { givenDevice } from '../device.js';
import { untilInterrupted } from '../interrupt.js';
import { countOption, deviceOption, modelOption, numberOption, pathOption } from '../options.js';

/** Where runs are looked for by default, if there is such a folder. */
const RUNS = 'runs';

interface Options extends ModelChoice {
  runs?: string;
  host?: string;
  port?: number;
  token?: string;
  device?: DeviceChoice;
  workers?: number;
  open?: boolean;
}

/** `ageband serve`: the page and the API. */
export function serveCommand(): Command {
  return new Command('serve')
    .description('open a page that tells bands from photos and shows runs while they train, and an API for programs')
    .addOption(modelOption())
    .addOption(pathOption('--runs <folder>', `folder whose runs are shown (default: ${RUNS}, if there is one)`))
    .addOption(numberOption('--port <number>', 'port; 0 takes any that is free', 8000))
    .option('--host <address>', 'address to listen on; another than this machine needs a token (default: 127.0.0.1)')
    .addOption(new Option('--token <text>', 'what others must know to use it').env('AGEBAND_TOKEN'))
    .addOption(deviceOption())
    .addOption(countOption('--workers <count>', 'threads that look at pictures (default: one per core, up to 4)'))
    .option('--open', 'open the page in the browser')
    .action(async ({ open, device, ...chosen }: Options) => {
      const options = { ...chosen, ...(await givenDevice(device)) };
      const { serve } = await import('../../server/serve.js');
      const runs = options.runs ?? (existsSync(RUNS) ? RUNS : undefined);
      const server = await serve({
        ...options,
        ...(runs === undefined ? {} : { runs }),
      });
      console.log(`ageband is at ${server.address}${options.token === undefined ? '' : '?token=TOKEN'}`);
      if (open === true) openInBrowser(`${server.address}${options.token === undefined ? '' : `?token=${encodeURIComponent(options.token)}`}`);
      await untilInterrupted(async (interrupted) => {
        await Promise.race([once(interrupted, 'abort'), once(process, 'SIGTERM')]);
        await server.close();
      });
    });
}

/** Lets the system choose the browser. Where it cannot, the address stands on the terminal. */
function openInBrowser(address: string): void {
  const [command, ...words] =
    process.platform === 'darwin' ? ['open'] : process.platform === 'win32' ? ['cmd', '/c', 'start', ''] : ['xdg-open'];
  spawn(command, [...words, address], { stdio: 'ignore', detached: true })
    .on('error', () => undefined)
    .unref();
}
