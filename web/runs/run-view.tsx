import { useState } from 'preact/hooks';
import { rateText } from '../../src/base/counts.js';
import type { RunSummary } from './summary.js';
import { share, span, STATES } from './summary.js';
import { useNow, useStream } from './use-stream.js';
import type { WrittenSection } from './written.js';
import { Section, WriteUp } from './written.js';

/** One run: what it is at, its curves, and its evaluation when that is asked for. */
export function RunView({ id }: { readonly id: string }) {
  const query = `run=${encodeURIComponent(id)}`;
  const { events, isBroken } = useStream<{ summary: RunSummary; curves: WrittenSection }>(`/v1/runs/follow?${query}`);
  const [isMeasured, setMeasured] = useState(false);
  const { summary, curves } = events;
  return (
    <>
      <p class="crumb">
        <a href="#/runs">Runs</a>
      </p>
      <h1>{id}</h1>
      {isBroken && <p class="notice">The server does not answer, or there is no such run; what is shown may be old.</p>}
      {summary && <Glance summary={summary} />}
      {curves ? <Section {...curves} /> : summary?.last && <p class="note">Drawing the curves …</p>}
      {summary !== undefined && summary.state !== 'damaged' && summary.best !== null && (
        <section class="evaluation" aria-labelledby="evaluation">
          <h2 id="evaluation">Evaluation</h2>
          {isMeasured ? (
            <WriteUp address={`/v1/runs/report?${query}`} />
          ) : (
            <>
              <p>
                Measures the best weights on the pictures of the run: figures of each band, confusion matrix, calibration, worst mistakes and
                heat maps. What was measured before is remembered. The worst mistakes and heat maps show photos of the data set.
              </p>
              <button type="button" class="primary" onClick={() => setMeasured(true)}>
                Evaluate
              </button>
            </>
          )}
        </section>
      )}
    </>
  );
}

/** The figures of a run at a glance. */
function Glance({ summary }: { readonly summary: RunSummary }) {
  const { state, about, done, epochs, best, last, endsAt, checkpointAt } = summary;
  const now = useNow();
  if (state === 'damaged') return <p class="notice">{about}</p>;
  const figures: readonly (readonly [label: string, value: string, note: string | undefined])[] = [
    ['Epochs', `${done} of ${epochs}`, endsAt === null ? undefined : `${span((endsAt - now) / 1000)} left`],
    [best?.val_accuracy == null ? 'Training accuracy' : 'Validation accuracy', share(best?.val_accuracy ?? best?.accuracy), best ? `best epoch, ${best.epoch}` : undefined],
    ['Last loss', last === null ? '–' : (last.val_loss ?? last.loss).toFixed(3), last === null ? undefined : last.val_loss === null ? 'training' : 'validation'],
    ['Images per second', last === null ? '–' : rateText(last.images_per_second), last === null ? undefined : 'last epoch'],
    ['Last checkpoint', checkpointAt === null ? '–' : new Date(checkpointAt).toLocaleTimeString(), checkpointAt === null ? undefined : `${span((now - checkpointAt) / 1000)} ago`],
  ];
  return (
    <>
      <p class="about">
        <span class={`state ${state}`}>{STATES[state]}</span> {about}
      </p>
      <dl class="figures">
        {figures.map(([label, value, note]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd class="value">{value}</dd>
            {note !== undefined && <dd class="note">{note}</dd>}
          </div>
        ))}
      </dl>
    </>
  );
}
