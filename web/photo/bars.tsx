import { ageText } from '../../src/base/expected-age.js';
import { likeliest } from '../../src/base/likeliest.js';
import type { BandClass, Said } from '../engine/messages.js';
import { ageOf, percent } from './ages.js';

interface Props {
  readonly classes: readonly BandClass[];
  readonly said: Said;
}

const BY_BANDS = 'The mean of the bands, and those that hold the middle 90 % of the probability';
const BY_YEARS = 'The mean of the years, and those that hold the middle 80 % of the probability';

/** The band of a face in large letters, its age, and a bar for each band. */
export function Bars({ classes, said }: Props) {
  const { probabilities, years } = said;
  const best = likeliest(probabilities);
  const age = ageOf(said, classes);
  return (
    <>
      <p class="verdict">
        <strong>{classes[best]!.name}</strong>
        <span>{percent(probabilities[best]!)} sure</span>
      </p>
      {age && (
        <p class="age" title={years === null ? BY_BANDS : BY_YEARS}>
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
