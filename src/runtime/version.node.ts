import './telemetry.node.js';
import { env } from 'onnxruntime-node';

/** The version of ONNX Runtime. */
export function engineVersion(): string {
  return env.versions.node ?? env.versions.common;
}
