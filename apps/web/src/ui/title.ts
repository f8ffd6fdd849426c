/** The document's title, so that history and screen readers name the page. */
import { useEffect } from 'react';

export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Pentimento`;
  }, [title]);
}
