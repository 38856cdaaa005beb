export * from './convolution.js';
export * from './elementwise.js';
export * from './indexing.js';
export * from './layout.js';
export * from './matrix.js';
export * from './normalisation.js';
export * from './pooling.js';
export * from './reduction.js';
