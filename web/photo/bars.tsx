import type { BandClass } from '../engine/messages.js';
import { ageText } from '../../src/base/expected-age.js';
import { ageOf, likeliestOf, percent } from './ages.js';

interface Props {
  readonly classes: readonly BandClass[];
  readonly probabilities: readonly number[];
}

/** The band of a face in large letters, its age, and a bar for each band. */
export function Bars({ classes, probabilities }: Props) {
  const best = likeliestOf(probabilities);
  const age = ageOf(probabilities, classes);
  return (
    <>
      <p class="verdict">
        <strong>{classes[best]!.name}</strong>
        <span>{percent(probabilities[best]!)} sure</span>
      </p>
      {age && (
        <p class="age" title="The mean of the bands, and those that hold the middle 90 % of the probability">
          {ageText(age)}
        </p>
      )}
      <ul class="bars" aria-label="Probability of each band">
        {classes.map(({ name }, index) => (
          <li class={index === best ? 'best' : undefined}>
            <span class="name">{name}</span>
            <svg class="track" preserveAspectRatio="none" viewBox="0 0 100 1" aria-hidden="true">
              <rect width={100 * probabilities[index]!} height="1" />
            </svg>
            <span class="share">{percent(probabilities[index]!)}</span>
          </li>
        ))}
      </ul>
    </>
  );
}
