import { fileURLToPath } from 'node:url';

/** Path of the model that ships with the package: an ONNX file that takes aligned faces and tells years and the eight bands. */
export const BUILT_IN_MODEL = fileURLToPath(new URL('../../models/age/model.onnx', import.meta.url));
