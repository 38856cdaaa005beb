/** What the package offers in a web page. It needs `onnxruntime-web` beside it. */
export * from './base/errors.js';
export type { MapMethod } from './explain/map-methods.js';
export type { ExplanationDescription } from './explain/description.js';
export type { Explainer, Explanation } from './explain/explainer.js';
export { openExplainer } from './explain/explainer.web.js';
export type { ClassMap } from './explain/heat-map.js';
export { isEmptyMap, normaliseMap, spreadMap } from './explain/heat-map.js';
export { HEAT_COLOURS, overlayMap } from './explain/overlay.js';
export type { AlignmentTemplate, AlignOptions } from './faces/align.js';
export { alignFace, ALIGNMENT_TEMPLATES, alignmentMatrix } from './faces/align.js';
export type { Box, Face, FaceQuality, Point } from './faces/face.js';
export type { FaceFinder } from './faces/finder.js';
export { openFaceFinder } from './faces/finder.web.js';
export type { Picture } from './images/picture.js';
export type { EngineFiles, WebEngineSettings, WebProvider } from './runtime/session.web.js';
export { configureEngine } from './runtime/session.web.js';
