import { likeliest } from '../../src/base/likeliest.js';
import type { Box } from '../../src/faces/face.js';
import type { Model } from '../engine/messages.js';
import { percent } from './ages.js';
import type { Photo } from './photo.js';
import { subjectsOf } from './photo.js';

interface Props {
  readonly photo: Photo;
  readonly model: Model | null;
  readonly selected: number;
  readonly onSelect: (subject: number) => void;
}

/** A photo with its faces boxed, each a button. */
export function Stage({ photo, model, selected, onSelect }: Props) {
  const { result } = photo;
  const size = result.kind === 'read' ? result.analysis : undefined;
  const isWhole = result.kind === 'read' && result.isWhole;
  return (
    <div class="stage">
      <div class="frame">
        {result.kind === 'failed' ? <p class="broken">This file cannot be shown.</p> : <img src={photo.address} alt={photo.name} />}
        {size && !isWhole && (
          <svg class="boxes" viewBox={`0 0 ${size.width} ${size.height}`} aria-hidden="true">
            {subjectsOf(photo).map(({ box }, index) => (
              <rect class={index === selected ? 'selected' : undefined} x={box.left} y={box.top} width={box.width} height={box.height} />
            ))}
          </svg>
        )}
        {size &&
          !isWhole &&
          subjectsOf(photo).map(({ box, probabilities }, index) => (
            <button
              type="button"
              class="face"
              aria-pressed={index === selected}
              aria-label={`Face ${index + 1}${model ? `: ${model.classes[likeliest(probabilities)]!.name}` : ''}`}
              onClick={() => onSelect(index)}
              ref={(element) => {
                if (element) place(element, box, size);
              }}
            >
              <span class="tag">
                {model ? model.classes[likeliest(probabilities)]!.name : index + 1}
                <span class="share"> · {percent(Math.max(...probabilities))}</span>
              </span>
            </button>
          ))}
        {result.kind === 'waiting' && <p class="busy">Looking for faces …</p>}
      </div>
    </div>
  );
}

/** Tags of boxes beyond these shares of the picture stand to the other side, or inside, so that they are not cut off. */
const FAR_RIGHT = 0.6;
const NEAR_TOP = 0.12;

/** The style attribute of HTML is forbidden by the policy of the page; that of an element is not. */
function place(element: HTMLElement, { left, top, width, height }: Box, size: { width: number; height: number }): void {
  const clamp = (value: number): number => Math.min(1, Math.max(0, value));
  const [x, y] = [clamp(left / size.width), clamp(top / size.height)];
  element.classList.toggle('right', x > FAR_RIGHT);
  element.classList.toggle('top', y < NEAR_TOP);
  Object.assign(element.style, {
    left: `${100 * x}%`,
    top: `${100 * y}%`,
    width: `${100 * (clamp((left + width) / size.width) - x)}%`,
    height: `${100 * (clamp((top + height) / size.height) - y)}%`,
  });
}
