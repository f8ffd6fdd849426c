/** Light or dark: the system's preference until it is changed here. */
import { type ReactNode, useState, useSyncExternalStore } from 'react';
import { Button } from './button.tsx';

const KEY = 'pentimento.theme';

export function ThemeToggle(): ReactNode {
  const [chosen, setChosen] = useState(() => document.documentElement.dataset.theme);
  const systemDark = useSyncExternalStore(onSystemChange, () => SYSTEM_DARK.matches);
  const dark = chosen === undefined ? systemDark : chosen === 'dark';
  const toggle = () => {
    const theme = dark ? 'light' : 'dark';
    document.documentElement.dataset.theme = theme;
    localStorage.setItem(KEY, theme);
    setChosen(theme);
  };
  return (
    <Button weight="quiet" onClick={toggle} aria-label={dark ? 'Light theme' : 'Dark theme'}>
      <svg aria-hidden="true" viewBox="0 0 16 16" width="20" height="20" fill="currentColor" shapeRendering="crispEdges">
        {dark ? (
          <path d="M5 5h6v6H5zM7 0h2v3H7zM7 13h2v3H7zM0 7h3v2H0zM13 7h3v2h-3zM2 2h2v2H2zM12 2h2v2h-2zM2 12h2v2H2zM12 12h2v2h-2z" />
        ) : (
          <path d="M6 1h4v2H8v2H7v4h1v2h2v1h4v1h-2v2H6v-1H4v-2H2V6h2V3h2z" />
        )}
      </svg>
    </Button>
  );
}

const SYSTEM_DARK = matchMedia('(prefers-color-scheme: dark)');

function onSystemChange(listener: () => void): () => void {
  SYSTEM_DARK.addEventListener('change', listener);
  return () => SYSTEM_DARK.removeEventListener('change', listener);
}
