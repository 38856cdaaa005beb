import { useEffect, useState } from 'preact/hooks';
import { likeliest } from '../../src/base/likeliest.js';
import { DEFAULT_METHOD, METHOD_NAMES } from '../../src/explain/map-methods.js';
import { engine } from '../engine/engine.js';
import type { HeatMap, Model, Subject } from '../engine/messages.js';
import { Bitmap } from './bitmap.js';

interface Props {
  readonly model: Model;
  readonly photo: number;
  /** Index of the subject in the photo. */
  readonly index: number;
  readonly subject: Subject;
}

/** What the network is shown, with what speaks for a band over it. */
export function HeatMapPanel({ model, photo, index, subject }: Props) {
  const [target, setTarget] = useState(likeliest(subject.probabilities));
  const [opacity, setOpacity] = useState(0.5);
  const [map, setMap] = useState<HeatMap | { readonly error: string } | undefined>();
  useEffect(() => {
    if (!model.explains) return;
    let isWanted = true;
    setMap(undefined);
    engine.ask('explain', { key: photo, subject: index, target }).then(
      (answer) => isWanted && setMap(answer),
      (error: unknown) => isWanted && setMap({ error: (error as Error).message }),
    );
    return () => {
      isWanted = false;
    };
  }, [model, photo, index, target]);
  const band = model.classes[target]!.name;
  // Of an empty map nothing is shown: it would only darken the face.
  const colours = map !== undefined && 'colours' in map && !map.isEmpty ? map.colours : undefined;
  return (
    <section class="heat" aria-labelledby="heat-heading">
      <h3 id="heat-heading">What the network sees</h3>
      <div class="heat-grid">
        <div class="crop" data-state={map === undefined ? 'loading' : 'ready'}>
          <Bitmap image={subject.crop} label="The face as the network is shown it" />
          {colours && <Bitmap image={colours} opacity={opacity} />}
        </div>
        {model.explains ? (
          <div class="controls">
            <label>
              What speaks for
              <select value={target} onChange={({ currentTarget }) => setTarget(Number(currentTarget.value))}>
                {model.classes.map(({ name }, value) => (
                  <option value={value}>{name}</option>
                ))}
              </select>
            </label>
            <label>
              Strength of the colours
              <input
                type="range"
                min="0"
                max="1"
                step="0.05"
                value={opacity}
                onInput={({ currentTarget }) => setOpacity(Number(currentTarget.value))}
              />
            </label>
            <p class="hint" aria-live="polite">
              {map === undefined
                ? 'Computing the heat map …'
                : 'error' in map
                  ? map.error
                  : map.isEmpty
                    ? `Nothing in this face speaks for ${band}.`
                    : `${METHOD_NAMES[DEFAULT_METHOD]}: pale yellow is where most speaks for ${band}, dark where nothing does. A hint, not a reason: such maps can mislead.`}
            </p>
          </div>
        ) : (
          <p class="hint">This file does not hold the layers of its network, which heat maps need.</p>
        )}
      </div>
    </section>
  );
}
