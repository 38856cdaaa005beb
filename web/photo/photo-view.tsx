import { useState } from 'preact/hooks';
import { engine } from '../engine/engine.js';
import type { Model } from '../engine/messages.js';
import { Bars } from './bars.js';
import { DropZone } from './drop-zone.js';
import { annotatedPicture, csvOf, jsonOf, saveFile } from './export.js';
import { HeatMapPanel } from './heat-map-panel.js';
import type { Photo, Result } from './photo.js';
import { resultText, subjectsOf } from './photo.js';
import { Stage } from './stage.js';
import { StartNote } from './start-note.js';
import { useReady } from './use-ready.js';

let keys = 0;

/** Photos: drop some, and see what they show. */
export function PhotoView({ isShown }: { readonly isShown: boolean }) {
  const start = useReady();
  const [photos, setPhotos] = useState<readonly Photo[]>([]);
  const [current, setCurrent] = useState<number>();
  const [selected, setSelected] = useState(0);
  const photo = photos.find(({ key }) => key === current);
  const model = start !== undefined && 'model' in start ? start.model : null;

  const settle = (key: number, result: Result): void =>
    setPhotos((all) => all.map((one) => (one.key === key ? { ...one, result } : one)));
  const read = (key: number, file: Blob, isWhole: boolean): void => {
    settle(key, { kind: 'waiting' });
    engine.ask(isWhole ? 'whole' : 'photo', { key, file }).then(
      (analysis) => settle(key, { kind: 'read', analysis, isWhole }),
      (error: unknown) => settle(key, { kind: 'failed', message: (error as Error).message }),
    );
  };
  const add = (files: readonly File[]): void => {
    const added = files.map((file): Photo => ({ key: keys++, name: file.name, file, address: URL.createObjectURL(file), result: { kind: 'waiting' } }));
    if (added.length === 0) return;
    setPhotos((all) => [...all, ...added]);
    setCurrent(added[0]!.key);
    setSelected(0);
    for (const { key, file } of added) read(key, file, false);
  };
  const clear = (): void => {
    for (const { key, address } of photos) {
      URL.revokeObjectURL(address);
      void engine.ask('forget', { key });
    }
    setPhotos([]);
  };

  const subject = photo && subjectsOf(photo)[selected];
  return (
    <>
      <h1 class={photo ? 'hidden' : undefined}>How old does this face look?</h1>
      <DropZone isShown={isShown} isSmall={photos.length > 0} classes={model?.classes ?? []} onFiles={add} />
      <StartNote start={start} />
      <p class="hidden" role="status">
        {photo ? resultText(photo) : ''}
      </p>
      {photos.length > 1 && (
        <ul class="strip" aria-label="Photos">
          {photos.map((one) => (
            <li key={one.key}>
              <button
                type="button"
                aria-pressed={one.key === current}
                aria-label={resultText(one)}
                onClick={() => {
                  setCurrent(one.key);
                  setSelected(0);
                }}
              >
                {one.result.kind === 'failed' ? <span class="broken">!</span> : <Thumbnail address={one.address} />}
              </button>
            </li>
          ))}
        </ul>
      )}
      {photo && (
        <div class="result">
          <div class="left">
            <Stage photo={photo} model={model} selected={selected} onSelect={setSelected} />
            {model && <Actions photos={photos} photo={photo} model={model} onClear={clear} />}
          </div>
          <div class="panel">
            <Findings photo={photo} selected={selected} onSelect={setSelected} onWhole={() => read(photo.key, photo.file, true)} />
            {subject && model && <Bars classes={model.classes} said={subject} />}
            {subject && model && (
              <HeatMapPanel key={`${photo.key}-${selected}`} model={model} photo={photo.key} index={selected} subject={subject} />
            )}
          </div>
        </div>
      )}
    </>
  );
}

interface ActionsProps {
  readonly photos: readonly Photo[];
  /** The one that is looked at. */
  readonly photo: Photo;
  readonly model: Model;
  readonly onClear: () => void;
}

/** The results as files, and an end. */
function Actions({ photos, photo, model, onClear }: ActionsProps) {
  const savePicture = async (): Promise<void> => {
    saveFile(`${photo.name.replace(/\.[^.]*$/, '')}-ageband.png`, await annotatedPicture(photo, model));
  };
  return (
    <div class="actions" role="group" aria-label="Results">
      <button type="button" onClick={() => saveFile('ageband.json', new Blob([jsonOf(photos, model)], { type: 'application/json' }))}>
        Save JSON
      </button>
      <button type="button" onClick={() => saveFile('ageband.csv', new Blob([csvOf(photos, model)], { type: 'text/csv' }))}>
        Save CSV
      </button>
      {subjectsOf(photo).length > 0 && (
        <button type="button" onClick={() => void savePicture()}>
          Save picture
        </button>
      )}
      <button type="button" onClick={onClear}>
        Remove {photos.length === 1 ? 'photo' : 'all photos'}
      </button>
    </div>
  );
}

/** Nothing until it is known that it can be shown. */
function Thumbnail({ address }: { readonly address: string }) {
  return <img src={address} alt="" hidden onLoad={({ currentTarget }) => (currentTarget.hidden = false)} />;
}

interface FindingsProps {
  readonly photo: Photo;
  readonly selected: number;
  readonly onSelect: (subject: number) => void;
  readonly onWhole: () => void;
}

/** What was found, and what can be done where nothing was. */
function Findings({ photo, selected, onSelect, onWhole }: FindingsProps) {
  const { result } = photo;
  const count = subjectsOf(photo).length;
  switch (result.kind) {
    case 'waiting':
      return <h2>Looking for faces …</h2>;
    case 'failed':
      return (
        <>
          <h2>Not read</h2>
          <p class="notice">{result.message}</p>
        </>
      );
    case 'read':
      if (count === 0) {
        return (
          <>
            <h2>No face was found</h2>
            <p>If this picture is a face already, such as a close crop, it can be taken as a whole.</p>
            <button type="button" class="primary" onClick={onWhole}>
              Take the whole picture
            </button>
          </>
        );
      }
      return (
        <>
          <h2>{result.isWhole ? 'The whole picture' : count === 1 ? 'One face' : `Face ${selected + 1} of ${count}`}</h2>
          {count > 1 && (
            <div class="steps">
              <button type="button" disabled={selected === 0} onClick={() => onSelect(selected - 1)}>
                Previous
              </button>
              <button type="button" disabled={selected === count - 1} onClick={() => onSelect(selected + 1)}>
                Next
              </button>
            </div>
          )}
        </>
      );
  }
}
