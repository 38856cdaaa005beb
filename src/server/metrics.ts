import type { MiddlewareHandler } from 'hono';
import { matchedRoutes } from 'hono/route';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { DispatcherState } from './predict/dispatcher.js';

/** The pattern of what looks at every request. */
const EVERYTHING = '/*';

/** What the server tells Prometheus. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #requests = new Counter({
    name: 'ageband_requests_total',
    help: 'Requests by route and status.',
    labelNames: ['route', 'status'],
    registers: [this.#registry],
  });
  readonly #seconds = new Histogram({
    name: 'ageband_request_seconds',
    help: 'Time from a request to its answer.',
    labelNames: ['route'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers: [this.#registry],
  });
  readonly #pictures = new Counter({
    name: 'ageband_pictures_total',
    help: 'Pictures by what became of them.',
    labelNames: ['outcome'],
    registers: [this.#registry],
  });
  readonly #batches = new Histogram({
    name: 'ageband_batch_pictures',
    help: 'Pictures that a thread was given at once.',
    buckets: [1, 2, 4, 8],
    registers: [this.#registry],
  });

  /** @param stateOf what the dispatcher is at, when somebody asks */
  constructor(stateOf: () => DispatcherState) {
    collectDefaultMetrics({ register: this.#registry });
    const gauge = (name: string, help: string, of: (state: DispatcherState) => number): void => {
      new Gauge({
        ...{ name, help, registers: [this.#registry] },
        collect() {
          this.set(of(stateOf()));
        },
      });
    };
    gauge('ageband_pictures_waiting', 'Pictures that wait for a thread.', ({ waiting }) => waiting);
    gauge('ageband_threads_busy', 'Threads that work at pictures.', ({ busy }) => busy);
  }

  /** Counts and times every request, by the pattern of its route: paths are the sender's, and could be without number. */
  watch(): MiddlewareHandler {
    return async (context, next) => {
      const stop = this.#seconds.startTimer();
      await next();
      const route = matchedRoutes(context).findLast(({ path }) => path !== EVERYTHING)?.path ?? 'page';
      this.#requests.inc({ route, status: context.res.status });
      stop({ route });
    };
  }

  countPicture(outcome: 'read' | 'refused'): void {
    this.#pictures.inc({ outcome });
  }

  countBatch(pictures: number): void {
    this.#batches.observe(pictures);
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  async text(): Promise<string> {
    return await this.#registry.metrics();
  }
}
