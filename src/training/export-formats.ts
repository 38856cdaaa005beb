/** The forms in which a network leaves a run; the file name ends like that. */
export const EXPORT_FORMATS = ['onnx', 'keras', 'h5', 'safetensors'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];
