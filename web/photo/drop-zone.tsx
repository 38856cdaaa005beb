import { useEffect, useRef, useState } from 'preact/hooks';
import type { BandClass } from '../engine/messages.js';

interface Props {
  /** Whether the view is the one that is looked at: a paste is for that one. */
  readonly isShown: boolean;
  readonly isSmall: boolean;
  readonly classes: readonly BandClass[];
  readonly onFiles: (files: readonly File[]) => void;
}

/** Where photos come in: dropped anywhere on the page, pasted, or chosen. */
export function DropZone({ isShown, isSmall, classes, onFiles }: Props) {
  const [isOver, setOver] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (!isShown) return;
    const take = (event: Event, data: DataTransfer | null): void => {
      const files = [...(data?.files ?? [])];
      if (files.length === 0) return;
      event.preventDefault();
      onFiles(files);
    };
    const listeners: Record<string, (event: Event) => void> = {
      // Without this, the browser would open the file.
      dragover: (event) => {
        event.preventDefault();
        setOver(true);
      },
      dragleave: () => setOver(false),
      drop: (event) => {
        event.preventDefault();
        setOver(false);
        take(event, (event as DragEvent).dataTransfer);
      },
      paste: (event) => take(event, (event as ClipboardEvent).clipboardData),
    };
    for (const [name, listener] of Object.entries(listeners)) addEventListener(name, listener);
    return () => {
      for (const [name, listener] of Object.entries(listeners)) removeEventListener(name, listener);
    };
  }, [isShown, onFiles]);
  return (
    <div class={`drop${isSmall ? ' small' : ''}${isOver ? ' over' : ''}`}>
      <p class="lead">{isSmall ? 'Drop or paste more photos' : 'Drop a photo here, or paste one'}</p>
      <p class="choices">
        <button type="button" class="primary" onClick={() => input.current!.click()}>
          Choose photos
        </button>
        <a class="button" href="#/camera">
          Use the camera
        </a>
        <input
          ref={input}
          type="file"
          multiple
          hidden
          accept="image/jpeg,image/png,image/webp,image/avif,image/gif"
          aria-label="Photos"
          onChange={({ currentTarget }) => {
            onFiles([...(currentTarget.files ?? [])]);
            currentTarget.value = '';
          }}
        />
      </p>
      {!isSmall && classes.length > 0 && (
        <ul class="bands" aria-label="Bands">
          {classes.map(({ name }) => (
            <li>{name}</li>
          ))}
        </ul>
      )}
    </div>
  );
}
