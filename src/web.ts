/** What the package offers in a web page. It needs `onnxruntime-web` beside it. */
export * from './base/errors.js';
export type { AlignmentTemplate, AlignOptions } from './faces/align.js';
export { alignFace, ALIGNMENT_TEMPLATES, alignmentMatrix } from './faces/align.js';
export type { Box, Face, FaceQuality, Point } from './faces/face.js';
export type { FaceFinder } from './faces/finder.js';
export { openFaceFinder } from './faces/finder.web.js';
export type { Picture } from './images/picture.js';
