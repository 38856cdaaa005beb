import '/house-style.css';
import './style.css';
import { render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { PhotoView } from './photo/photo-view.js';
import { ComparisonView } from './runs/comparison-view.js';
import { RunView } from './runs/run-view.js';
import { RunsView } from './runs/runs-view.js';
import { CameraView } from './photo/camera-view.js';

const TABS = [
  { address: '#/', name: 'Photo' },
  { address: '#/camera', name: 'Camera' },
  { address: '#/runs', name: 'Runs' },
] as const;

/** What the address names behind its `#`: a path and a query. */
function useAddress(): { readonly path: string; readonly query: URLSearchParams } {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const look = (): void => setHash(location.hash);
    addEventListener('hashchange', look);
    return () => removeEventListener('hashchange', look);
  }, []);
  const [path = '', query = ''] = hash.replace(/^#/, '').split('?');
  return { path: path === '' ? '/' : path, query: new URLSearchParams(query) };
}

function Page() {
  const { path, query } = useAddress();
  const current = path.startsWith('/run') || path === '/compare' ? '#/runs' : `#${path}`;
  return (
    <>
      <header class="bar">
        <a class="brand" href="#/">
          <svg viewBox="0 0 20 20" aria-hidden="true">
            <path d="M2 12h3v6H2zM7 7h3v11H7zM12 2h3v16h-3zM17 9h3v9h-3z" />
          </svg>
          ageband
        </a>
        <nav aria-label="Views">
          {TABS.map(({ address, name }) => (
            <a href={address} aria-current={address === current ? 'page' : undefined}>
              {name}
            </a>
          ))}
        </nav>
      </header>
      <main>
        {/* Photos stay as they are while other views are looked at. */}
        <div hidden={current !== '#/'}>
          <PhotoView isShown={current === '#/'} />
        </div>
        {path === '/camera' && <CameraView />}
        {path === '/runs' && <RunsView />}
        {path === '/run' && <RunView key={query.get('run')} id={query.get('run') ?? ''} />}
        {path === '/compare' && <ComparisonView key={query.toString()} ids={query.getAll('run')} />}
      </main>
    </>
  );
}

render(<Page />, document.getElementById('page')!);
