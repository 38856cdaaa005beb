import { readFileSync } from 'node:fs';
import { Hono } from 'hono';
import { AgebandError } from '../base/errors.js';
import { loadModel } from '../evaluation/model-source.js';
import type { Metrics } from './metrics.js';
import type { ServedModel } from './models.js';
import { openApiDocument } from './openapi.js';
import { listPageFiles, pageFiles } from './page-files.js';
import type { Predicting } from './predict/routes.js';
import { addPredictRoute } from './predict/routes.js';
import { RequestError } from './request-error.js';
import type { RunsService } from './runs/routes.js';
import { addRunRoutes } from './runs/routes.js';
import { errorSchema, healthResponse, modelsResponse } from './schemas.js';
import { refuseOtherSites, requireToken, securityHeaders } from './security.js';

/** What the server is made of. */
export interface AppParts {
  readonly predicting: Predicting;
  readonly runs: RunsService;
  readonly metrics: Metrics;
  /** Whether only this machine can reach it. */
  readonly loopback: boolean;
  readonly token: string | undefined;
}

/** Everything that the server answers. */
export async function createApp({ predicting, runs, metrics, loopback, token }: AppParts): Promise<Hono> {
  const app = new Hono();
  app.use(securityHeaders(), metrics.watch(), refuseOtherSites({ loopback }));
  if (token !== undefined) app.use(requireToken(token));
  app.onError((error, context) => {
    const { code, status, message, retryAfter } = requestErrorOf(error);
    if (retryAfter !== undefined) context.header('Retry-After', String(retryAfter));
    return context.json(errorSchema.parse({ error: { code, message } }), status);
  });
  app.notFound((context) => context.json(errorSchema.parse({ error: { code: 'NOT_FOUND', message: 'there is nothing here' } }), 404));

  const { model } = predicting;
  const api = openApiDocument(packageVersion());
  app.get('/healthz', (context) => context.json(healthResponse.parse({ status: 'ok', model: model.description.id })));
  app.get('/metrics', async (context) => context.body(await metrics.text(), 200, { 'Content-Type': metrics.contentType }));
  app.get('/openapi.json', (context) => context.json(api));
  app.get('/v1/models', (context) => context.json(modelsResponse.parse({ models: [model.description] })));
  addPredictRoute(app, predicting, metrics);
  addModelFiles(app, model, runs);
  addRunRoutes(app, runs);
  app.use(pageFiles(await listPageFiles()));
  return app;
}

/** The networks for the page, which computes by itself. */
function addModelFiles(app: Hono, { source, description }: ServedModel, runs: RunsService): void {
  const asFile = (bytes: Uint8Array) => new Response(bytes as Uint8Array<ArrayBuffer>, { headers: { 'Content-Type': 'application/octet-stream' } });
  app.get('/models/network.onnx', async () => asFile((await loadModel(source)).bytes));
  app.get('/models/explainer.onnx', async () => {
    if (!description.explains) throw new RequestError('NOT_FOUND', 'the file does not hold the layers of its network, which heat maps need');
    return asFile(await runs.explainerOf(source));
  });
}

/** What a user may hear of an error; of ours nothing but that there was one. */
function requestErrorOf(error: unknown): RequestError {
  if (error instanceof RequestError) return error;
  if (error instanceof AgebandError) {
    return new RequestError('BAD_REQUEST', error.hint === undefined ? error.message : `${error.message}. ${error.hint}`);
  }
  console.error(error);
  return new RequestError('INTERNAL', 'something went wrong in the server; its output says more');
}

function packageVersion(): string {
  const manifest = new URL('../../package.json', import.meta.url);
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version;
}
