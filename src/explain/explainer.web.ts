import type { WebProvider } from '../runtime/session.web.js';
import { Session } from '../runtime/session.web.js';
import { describeExplanationModel } from './description.js';
import { Explainer } from './explainer.js';

/**
 * Opens an explanation model, as `ageband export --explain` writes it, in a web page.
 * @throws {FormatError} when it is no such model
 * @throws {EngineError} when ONNX Runtime refuses it
 */
export async function openExplainer(model: Uint8Array, provider?: WebProvider): Promise<Explainer> {
  const description = describeExplanationModel(model);
  return new Explainer(await Session.create(model, provider), description);
}
