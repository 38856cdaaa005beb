import { useEffect, useRef } from 'preact/hooks';

interface Props {
  readonly image: ImageBitmap;
  /** What it shows; without it, it is decoration. */
  readonly label?: string;
  /** 0..1 */
  readonly opacity?: number;
}

/** A picture that the worker has made. */
export function Bitmap({ image, label, opacity = 1 }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const element = canvas.current!;
    element.width = image.width;
    element.height = image.height;
    element.getContext('2d')!.drawImage(image, 0, 0);
  }, [image]);
  useEffect(() => {
    canvas.current!.style.opacity = String(opacity);
  }, [opacity]);
  return label === undefined ? <canvas ref={canvas} aria-hidden="true" /> : <canvas ref={canvas} role="img" aria-label={label} />;
}
