/** The way on from a page whose collection or painting cannot be shown. */
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { linkButton } from './button.tsx';

export function AllCollections(): ReactNode {
  return (
    <Link to="/collections" className={linkButton('plain')}>
      All collections
    </Link>
  );
}
