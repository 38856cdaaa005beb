/** Entry of a worker thread that crops pictures; `crop-pictures.ts` is its other end. */
import { workerData } from 'node:worker_threads';
import { serveTasks } from '../../base/worker-pool.node.js';
import { openFaceFinder } from '../../faces/finder.node.js';
import type { Device } from '../../runtime/device.js';
import { Cropper } from './cropper.js';
import type { CropFolders, CropItem } from './cropper.js';
import type { CropLooks } from './settings.js';

/** What such a thread is started with. */
export interface CropWorkerData {
  readonly looks: CropLooks;
  readonly folders: CropFolders;
  readonly device: Device;
}

const { looks, folders, device } = workerData as CropWorkerData;
const cropper = openFaceFinder({ threads: 1, device }).then((finder) => new Cropper(finder, looks, folders));
// Whoever gives the first task hears of it.
cropper.catch(() => undefined);

serveTasks(async (item: CropItem) => (await cropper).crop(item));
