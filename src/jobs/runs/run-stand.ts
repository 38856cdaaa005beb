import { RunFolder } from '../../training/run-folder.js';
import { fileState } from '../file-state.js';

/** How far a run has got: another text whenever it has written a further checkpoint. */
export async function standOf(out: string): Promise<string> {
  return await fileState(new RunFolder(out).checkpointFile('last'));
}
