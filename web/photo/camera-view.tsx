import { useEffect, useRef, useState } from 'preact/hooks';
import { likeliest } from '../../src/base/likeliest.js';
import { engine } from '../engine/engine.js';
import { Bars } from './bars.js';
import { StartNote } from './start-note.js';
import type { TrackedFace } from './tracker.js';
import { Tracker } from './tracker.js';
import { useReady } from './use-ready.js';

/** Longer side of the frames that are looked at, in pixels: enough for a face at a table. */
const FRAME_SIDE = 640;

interface Seen {
  readonly width: number;
  readonly height: number;
  readonly faces: readonly TrackedFace[];
}

/** The camera: faces are followed, and what is said of each is steadied over time. */
export function CameraView() {
  const start = useReady();
  const video = useRef<HTMLVideoElement>(null);
  const [isOn, setOn] = useState(false);
  const [problem, setProblem] = useState<string>();
  const [seen, setSeen] = useState<Seen>({ width: 4, height: 3, faces: [] });
  const isReady = start !== undefined && !('error' in start);
  const model = isReady ? start.model : null;

  useEffect(() => {
    if (!isOn || !isReady) return;
    const element = video.current!;
    const tracker = new Tracker();
    const stopping = new AbortController();
    const isStopped = (): boolean => stopping.signal.aborted;
    let stream: MediaStream | undefined;
    const run = async (): Promise<void> => {
      stream = await navigator.mediaDevices.getUserMedia({ video: { width: { ideal: 1280 } } });
      if (isStopped()) return;
      element.srcObject = stream;
      await element.play();
      while (!isStopped()) {
        const { width, height, subjects } = await lookAt(element);
        setSeen({ width, height, faces: tracker.follow(subjects) });
      }
    };
    run()
      .catch((error: unknown) => {
        if (!isStopped()) setProblem(cameraProblem(error));
      })
      .finally(() => stop(stream));
    return () => {
      stopping.abort();
      stop(stream);
      element.srcObject = null;
    };
  }, [isOn, isReady]);

  const toggle = (): void => {
    setProblem(undefined);
    setSeen({ width: 4, height: 3, faces: [] });
    setOn(!isOn);
  };
  return (
    <>
      <h1>Camera</h1>
      <p class="choices">
        <button type="button" class="primary" onClick={toggle} disabled={!isReady}>
          {isOn ? 'Stop the camera' : 'Start the camera'}
        </button>
      </p>
      <StartNote start={start} />
      {problem !== undefined && (
        <p class="notice" role="alert">
          {problem}
        </p>
      )}
      <div class="result" hidden={!isOn || problem !== undefined}>
        <div class="stage">
          <div class="frame">
            <video ref={video} muted playsInline aria-label="The camera" />
            <svg class="boxes" viewBox={`0 0 ${seen.width} ${seen.height}`} aria-hidden="true">
              {seen.faces.map(({ id, box, probabilities }) => (
                <g key={id}>
                  <rect class="selected" x={box.left} y={box.top} width={box.width} height={box.height} />
                  {model && (
                    <text x={box.left} y={box.top - 6} font-size={seen.width / 30}>
                      {model.classes[likeliest(probabilities)]!.name}
                    </text>
                  )}
                </g>
              ))}
            </svg>
          </div>
        </div>
        <div class="panel">
          <h2 class="faces-seen">{seen.faces.length === 0 ? 'No face in view' : seen.faces.length === 1 ? 'One face' : `${seen.faces.length} faces`}</h2>
          {model && seen.faces[0] && <Bars classes={model.classes} said={seen.faces[0]} />}
          <p class="hint">The figures are means over the last few frames of each face. Of several faces, those of the largest are shown.</p>
        </div>
      </div>
    </>
  );
}

/** The faces of what the camera shows now. */
async function lookAt(video: HTMLVideoElement) {
  const scale = Math.min(1, FRAME_SIDE / Math.max(video.videoWidth, video.videoHeight));
  const size = { resizeWidth: Math.round(video.videoWidth * scale), resizeHeight: Math.round(video.videoHeight * scale) };
  const frame = await createImageBitmap(video, size);
  const analysis = await engine.ask('frame', { frame }, [frame]);
  for (const { crop } of analysis.subjects) crop.close();
  return analysis;
}

function stop(stream: MediaStream | undefined): void {
  for (const track of stream?.getTracks() ?? []) track.stop();
}

function cameraProblem(error: unknown): string {
  switch ((error as DOMException).name) {
    case 'NotAllowedError':
      return 'The browser does not let this page use the camera. Allow it in the settings of the page, and start again.';
    case 'NotFoundError':
      return 'No camera was found.';
    case 'NotReadableError':
      return 'The camera is in use by another program.';
    default:
      return `The camera cannot be used: ${(error as Error).message}`;
  }
}
