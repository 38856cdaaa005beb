/** A thread in which files of Keras are read one after the other, for speed: the product takes a new one for each. */
import { parentPort, workerData } from 'node:worker_threads';

const { readKeras } = await import(`${workerData.dist}formats/keras/read.js`);
const { readKerasWeights } = await import(`${workerData.dist}formats/keras/read-weights.js`);
const { AgebandError } = await import(`${workerData.dist}base/errors.js`);

parentPort.on('message', async ({ bytes, file, wanted, options }) => {
  try {
    if (wanted === undefined) await readKeras(bytes, file, options);
    else await readKerasWeights(bytes, file, wanted, () => undefined);
    parentPort.postMessage('valid');
  } catch (error) {
    parentPort.postMessage(error instanceof AgebandError ? 'refused' : 'untyped');
  }
});
