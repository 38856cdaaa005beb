import { useState } from 'preact/hooks';
import { rateText } from '../../src/base/counts.js';
import type { RunSummary } from './summary.js';
import { comparisonAddress, runAddress, share, span, STATES } from './summary.js';
import { useNow, useStream } from './use-stream.js';

/** The runs of the folder that the server was given, as they are now. */
export function RunsView() {
  const { events, isBroken } = useStream<{ runs: readonly RunSummary[] }>('/v1/runs/events');
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const { runs } = events;
  const choose = (id: string, isChosen: boolean): void => setChosen((all) => (isChosen ? [...all, id] : all.filter((one) => one !== id)));
  return (
    <>
      <h1>Runs</h1>
      {isBroken && <p class="notice">The server does not answer; what is shown may be old.</p>}
      {runs === undefined && !isBroken && <p class="note">Looking for runs …</p>}
      {runs?.length === 0 && (
        <p>
          There are no runs. Start one with <code>ageband train DATA --out runs/first</code>, and this page with{' '}
          <code>ageband serve --runs runs</code>.
        </p>
      )}
      {runs !== undefined && runs.length > 0 && (
        <>
          <ul class="runs">
            {runs.map((run) => (
              <li key={run.id}>
                <RunRow run={run} isChosen={chosen.includes(run.id)} onChoose={choose} />
              </li>
            ))}
          </ul>
          <p class="choices">
            <button type="button" class="primary" disabled={chosen.length < 2} onClick={() => (location.hash = comparisonAddress(chosen))}>
              {chosen.length < 2 ? 'Choose two or more runs to compare' : `Compare ${chosen.length} runs`}
            </button>
          </p>
        </>
      )}
    </>
  );
}

interface RowProps {
  readonly run: RunSummary;
  readonly isChosen: boolean;
  readonly onChoose: (id: string, isChosen: boolean) => void;
}

function RunRow({ run, isChosen, onChoose }: RowProps) {
  const { id, state, about, done, epochs, best, last, endsAt } = run;
  const now = useNow();
  return (
    <>
      <input type="checkbox" checked={isChosen} disabled={state === 'damaged'} aria-label={`Compare ${id}`} onChange={({ currentTarget }) => onChoose(id, currentTarget.checked)} />
      <div class="what">
        <a href={runAddress(id)}>{id}</a>
        <span class="about">{about}</span>
      </div>
      <span class={`state ${state}`}>{STATES[state]}</span>
      <div class="course">
        <progress max={epochs || 1} value={done} aria-label={`Epochs of ${id}`} />
        <span>
          {done} of {epochs} epochs
          {endsAt !== null && `, ${span((endsAt - now) / 1000)} left`}
        </span>
      </div>
      <dl>
        <div>
          <dt>Accuracy</dt>
          <dd>{share(best?.val_accuracy ?? best?.accuracy)}</dd>
        </div>
        <div>
          <dt>Images/s</dt>
          <dd>{last === null ? '–' : rateText(last.images_per_second)}</dd>
        </div>
      </dl>
    </>
  );
}
