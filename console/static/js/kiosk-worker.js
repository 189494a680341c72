// @ts-check
/** Stands between a kiosk's pages and the network: without one it shows the page that was kept, and keeps what is filed. */
import { MOST, add, all, count, drop, random, seal } from '/static/js/kiosk-kept.js';

/** @type {any} */
const worker = self;
const CACHE = 'kiosk';
const PAGE = '/kiosk/offline';
const PACK = '/kiosk/pack';
/** What a proxy answers when nobody is behind it, and we when our store is away: as good as no network. */
const DOWN = new Set([502, 503, 504]);
/** Longer than any page of ours takes. What comes later has the same key and is filed once. */
const PATIENCE_MS = 20_000;

worker.addEventListener('install', (/** @type {any} */ e) => e.waitUntil(fill().then(() => worker.skipWaiting())));
worker.addEventListener('activate', (/** @type {any} */ e) => e.waitUntil(worker.clients.claim()));

/** Keep the page for the time without a network, and all that it loads. */
async function fill() {
  const page = await fetch(PAGE, { redirect: 'error' });
  const pack = await fetch(PACK, { redirect: 'error' });
  if (!page.ok || !pack.ok) return;
  const html = await page.clone().text();
  const seen = new Set(['/static/icons.svg']);
  for (const [, path] of html.matchAll(/(?:href|src)="(\/static\/[^"#]+)/g)) seen.add(path);
  const cache = await caches.open(CACHE);
  for (const path of seen) {
    const piece = await fetch(path);
    if (!piece.ok) return;
    if (path.endsWith('.js')) {
      for (const [, next] of (await piece.clone().text()).matchAll(/from '([^']+)'/g)) seen.add(new URL(next, new URL(path, location.origin)).pathname);
    }
    await cache.put(path, piece);
  }
  await cache.put(PACK, pack);
  await cache.put(PAGE, page);
}

/** @param {Request} request */
async function reach(request) {
  /** @type {Promise<never>} */
  const late = new Promise((_, reject) => { setTimeout(() => reject(new Error('late')), PATIENCE_MS); });
  const answer = await Promise.race([fetch(request), late]);
  if (DOWN.has(answer.status)) throw new Error(String(answer.status));
  return answer;
}

async function instead() {
  return (await caches.match(PAGE)) ?? Response.error();
}

/** @param {Request} request */
async function page(request) {
  try {
    return await reach(request);
  } catch {
    return instead();
  }
}

/** @param {Request} request */
async function asset(request) {
  try {
    return await fetch(request);
  } catch {
    return (await caches.match(request, { ignoreSearch: true })) ?? Response.error();
  }
}

/** Send what somebody files; if nobody takes it, seal it and keep it. @param {Request} request */
async function report(request) {
  const copy = request.clone();
  try {
    return await reach(request);
  } catch {
    return keep(Object.fromEntries((await copy.formData()).entries()));
  }
}

/** @param {Record<string, any>} sent */
async function keep(sent) {
  const pack = await (await caches.match(PACK))?.json();
  if (!pack?.key || await count() >= MOST) return Response.redirect(`${PAGE}?full=1`, 303);
  const key = /^[0-9a-f]{8,40}$/.test(sent.key) ? sent.key : random(16);
  const slip = String(100_000 + crypto.getRandomValues(new Uint32Array(1))[0] % 900_000);
  const { category, place, words, number } = sent;
  const sealed = await seal(pack, key, JSON.stringify({ category, place, words, number, slip, at: Date.now() }));
  await add({ kiosk: pack.kiosk, key, sealed });
  return Response.redirect(`${PAGE}?kept=${slip}`, 303);
}

/** Send what waits, the oldest first, one by one; what was taken is forgotten, at the first that is not we stop. */
async function flush() {
  await navigator.locks.request('kept', { ifAvailable: true }, async (/** @type {any} */ lock) => {
    if (!lock) return;
    for (const { n, kiosk, key, sealed } of await all()) {
      const body = JSON.stringify({ kiosk, key, sealed });
      const answer = await fetch('/api/kiosk/kept', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body }).catch(() => null);
      if (!answer?.ok) return;
      await drop(n);
    }
  });
  for (const client of await worker.clients.matchAll()) client.postMessage('kept');
}

/** @type {Record<string, () => Promise<unknown>>} */
const ORDERS = { flush, refresh: () => fill().catch(() => undefined), locked: () => caches.delete(CACHE) };
worker.addEventListener('message', (/** @type {any} */ e) => e.waitUntil(ORDERS[e.data]?.()));

worker.addEventListener('fetch', (/** @type {any} */ e) => {
  const { request } = e;
  const { origin, pathname } = new URL(request.url);
  if (origin !== location.origin) return;
  const ours = pathname === '/kiosk' || pathname.startsWith('/kiosk/');
  if (ours && request.mode === 'navigate') {
    e.respondWith(request.method === 'POST' && pathname === '/kiosk/report' ? report(request) : page(request));
  } else if (request.method === 'GET' && pathname.startsWith('/static/')) {
    e.respondWith(asset(request));
  }
});
