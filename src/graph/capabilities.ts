/** Operators that graphs here use and that not every execution provider of ONNX Runtime has. */
export const OPTIONAL_OPERATORS = ['FusedMatMul', 'LRN', 'LogSoftmax', 'ScatterElements', 'Sign'] as const;
export type OptionalOperator = (typeof OPTIONAL_OPERATORS)[number];

/** What a graph may be made of where it will be computed, and what pays there. */
export interface Capabilities {
  /** What is missing is made of other operators. Without ScatterElements, MaxPool does not tell positions either. */
  readonly operators: ReadonlySet<OptionalOperator>;
  /** Whether the products that Winograd's filtering saves outweigh its transforms; see `convolutionByRows`. */
  readonly winograd: boolean;
  /** Largest map between a convolution and its pooling that may stand in one piece, in bytes; see `poolInChunks`. */
  readonly largestMap: number;
}

/** The processor: every operator, and memory that is dearer than dispatching. */
export const PROCESSOR_CAPABILITIES: Capabilities = {
  operators: new Set(OPTIONAL_OPERATORS),
  winograd: true,
  largestMap: 50e6,
};

/** What every provider has. Each node costs a dispatch, so graphs have fewer and larger ones. */
export const COMMON_CAPABILITIES: Capabilities = { operators: new Set(), winograd: false, largestMap: 250e6 };
