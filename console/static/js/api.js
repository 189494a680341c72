// @ts-check
/** Requests to the server, with the page's token; refusals come back as values, because the form must show them. */

const csrf = document.querySelector('meta[name=csrf]')?.getAttribute('content') ?? '';

/** @typedef {{ok: boolean, status: number, body: any}} Answer status 0: the server was not reached */

/**
 * @param {string} method @param {string} path @param {unknown} [body] @param {{keepalive?: boolean}} [how]
 * @returns {Promise<Answer>}
 */
export async function ask(method, path, body, { keepalive = false } = {}) {
  /** @type {RequestInit} */
  const request = { method, keepalive, headers: { 'X-CSRF': csrf } };
  if (body !== undefined) {
    request.headers = { ...request.headers, 'Content-Type': 'application/json' };
    request.body = JSON.stringify(body);
  }
  try {
    const response = await fetch(path, request);
    const json = response.headers.get('Content-Type')?.includes('json');
    return { ok: response.ok, status: response.status, body: json ? await response.json() : null };
  } catch {
    return { ok: false, status: 0, body: null };
  }
}

/** @param {string} path @param {Record<string, string>} query */
export const get = (path, query = {}) => ask('GET', `${path}?${new URLSearchParams(query)}`);
