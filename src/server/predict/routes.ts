import type { Hono } from 'hono';
import type { Metrics } from '../metrics.js';
import type { ServedModel } from '../models.js';
import { RequestError } from '../request-error.js';
import { predictQuery, predictResponse } from '../schemas.js';
import type { Admission } from './admission.js';
import type { Dispatcher } from './dispatcher.js';
import { picturesOf, refuse } from './request-pictures.js';
import type { PictureAnswer } from './task.js';

/** What predictions are made with. */
export interface Predicting {
  readonly model: ServedModel;
  readonly dispatcher: Dispatcher;
  readonly admission: Admission;
}

const BAD_QUERY = 'the query may hold faces=all or faces=none, and nothing else';

/** `POST /v1/predict`. */
export function addPredictRoute(app: Hono, { model, dispatcher, admission }: Predicting, metrics: Metrics): void {
  app.post('/v1/predict', async (context) => {
    const request = context.req.raw;
    const query = predictQuery.safeParse(context.req.query());
    if (!query.success) return await refuse(request, new RequestError('BAD_REQUEST', BAD_QUERY));
    const visit = admission.enter();
    if (visit instanceof RequestError) return await refuse(request, visit);
    try {
      const sent = await picturesOf(request, visit.hold);
      const answers = await dispatcher.submit(sent.map(({ bytes }) => ({ bytes, ...query.data })), request.signal);
      for (const answer of answers) metrics.countPicture('refused' in answer ? 'refused' : 'read');
      requireOne(answers);
      const pictures = answers.map((answer, index) => ({ name: sent[index]!.name, ...pictureOf(answer) }));
      return context.json(predictResponse.parse({ model: model.description.id, pictures }));
    } finally {
      visit.leave();
    }
  });
}

/** Where no picture could be read, the request fails as the first one does. */
function requireOne(answers: readonly PictureAnswer[]): void {
  const [first] = answers;
  if (first === undefined || !('refused' in first)) return;
  if (answers.every((answer) => 'refused' in answer)) throw new RequestError(first.refused, first.reason);
}

function pictureOf(answer: PictureAnswer): object {
  return 'refused' in answer ? { error: { code: answer.refused, message: answer.reason } } : answer;
}
