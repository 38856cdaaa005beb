/**
 * Writes the weights that the training of the built-in model starts from: those of dlib's network for face recognition
 * (CC0, https://github.com/davisking/dlib-models), which the package `@vladmandic/face-api` (MIT) has for TensorFlow.js,
 * as a safetensors file for the network `face-resnet`.
 *
 *   npx tsx scripts/age-model/start.ts face-start.safetensors
 */
import { writeFileAtomic } from '../../src/base/files.node.js';
import { writeSafetensors } from '../../src/formats/safetensors.js';
import { faceRecognitionWeights } from './face-recognition.js';

const [target] = process.argv.slice(2);
if (target === undefined) throw new Error('give the name of the file to write');
const source = 'dlib_face_recognition_resnet_model_v1, CC0';
await writeFileAtomic(target, writeSafetensors(await faceRecognitionWeights(), { source }));
console.log(`Written: ${target}`);
