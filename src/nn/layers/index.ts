export * from './convolution.js';
export * from './dense.js';
export * from './elementwise.js';
export * from './normalisation.js';
export * from './pooling.js';
export * from './regularisation.js';
export * from './shape.js';
