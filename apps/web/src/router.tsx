/** The routes and what their addresses say; each page is loaded when it is visited. */
import { createRootRoute, createRoute, createRouter, lazyRouteComponent, type Router } from '@tanstack/react-router';
import { SEARCH } from './addresses.ts';
import { parseGallerySearch } from './pages/collection/search.ts';
import { parseMintSearch } from './pages/mint/search.ts';
import { parseStyleSearch } from './pages/style/search.ts';
import { NotFound, PageFailure, Shell } from './shell.tsx';

const root = createRootRoute({ component: Shell, notFoundComponent: NotFound, errorComponent: PageFailure });

const style = createRoute({
  getParentRoute: () => root,
  path: '/',
  validateSearch: parseStyleSearch,
  component: lazyRouteComponent(() => import('./pages/style/style-page.tsx'), 'StylePage'),
});

export const mintRoute = createRoute({
  getParentRoute: () => root,
  path: '/mint',
  validateSearch: parseMintSearch,
  component: lazyRouteComponent(() => import('./pages/mint/mint-page.tsx'), 'MintPage'),
});

const collections = createRoute({
  getParentRoute: () => root,
  path: '/collections',
  component: lazyRouteComponent(() => import('./pages/collection/collections-page.tsx'), 'CollectionsPage'),
});

export const galleryRoute = createRoute({
  getParentRoute: () => root,
  path: '/collection/$address',
  validateSearch: parseGallerySearch,
  component: lazyRouteComponent(() => import('./pages/collection/gallery-page.tsx'), 'GalleryPage'),
});

const token = createRoute({
  getParentRoute: () => root,
  path: '/collection/$address/$tokenId',
  component: lazyRouteComponent(() => import('./pages/token/token-page.tsx'), 'TokenPage'),
});

const studio = createRoute({
  getParentRoute: () => root,
  path: '/studio',
  component: lazyRouteComponent(() => import('./pages/studio/studio-page.tsx'), 'StudioPage'),
});

const tree = root.addChildren([style, mintRoute, collections, galleryRoute, token, studio]);

export function createPages(): Router<typeof tree> {
  return createRouter({ ...SEARCH, routeTree: tree, scrollRestoration: true, defaultPreload: 'intent', defaultErrorComponent: PageFailure });
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createPages>;
  }
}
