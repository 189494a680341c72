// @ts-check
/** What waits on a kiosk for the network: sealed for the city before it is written down, so that nobody who comes next can read it. */

const DATABASE = 'kiosk';
const STORE = 'kept';
/** So many are kept; who comes after is asked to call. */
export const MOST = 50;

/** @typedef {{kiosk: string, key: string}} Pack Who this kiosk is, and the open half of its key. */
/** @typedef {{n?: number, kiosk: string, key: string, sealed: string}} Item */

/** @returns {Promise<IDBDatabase>} */
function database() {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open(DATABASE, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(STORE, { keyPath: 'n', autoIncrement: true });
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
}

/**
 * Do one thing with the store, and say what came of it once it is on the disk.
 * @param {IDBTransactionMode} mode @param {(store: IDBObjectStore) => IDBRequest} work
 */
async function within(mode, work) {
  const db = await database();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = db.transaction(STORE, mode, { durability: 'strict' });
      const asked = work(transaction.objectStore(STORE));
      transaction.oncomplete = () => resolve(asked.result);
      transaction.onerror = () => reject(transaction.error);
      transaction.onabort = () => reject(transaction.error);
    });
  } finally {
    db.close();
  }
}

/** @returns {Promise<number>} */
export const count = () => within('readonly', (store) => store.count());
/** @returns {Promise<Item[]>} the oldest first */
export const all = () => within('readonly', (store) => store.getAll());
/** @param {Item} item */
export const add = (item) => within('readwrite', (store) => store.add(item));
/** @param {number} n */
export const drop = (n) => within('readwrite', (store) => store.delete(n));

/** @param {Uint8Array} bytes */
const text64 = (bytes) => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
/** @param {string} text */
const bytes64 = (text) => Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));

/** Seal a text so that only the city opens it. @param {Pack} pack @param {string} about @param {string} text */
export async function seal(pack, about, text) {
  const curve = { name: 'ECDH', namedCurve: 'P-256' };
  const theirs = await crypto.subtle.importKey('raw', bytes64(pack.key), curve, false, []);
  const own = await crypto.subtle.generateKey(curve, false, ['deriveBits']);
  const point = new Uint8Array(await crypto.subtle.exportKey('raw', own.publicKey));
  const shared = await crypto.subtle.deriveBits({ name: 'ECDH', public: theirs }, own.privateKey, 256);
  const root = await crypto.subtle.importKey('raw', shared, 'HKDF', false, ['deriveKey']);
  const derivation = { name: 'HKDF', hash: 'SHA-256', salt: point, info: new TextEncoder().encode('kiosk kept') };
  const key = await crypto.subtle.deriveKey(derivation, root, { name: 'AES-GCM', length: 256 }, false, ['encrypt']);
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const additionalData = new TextEncoder().encode(`${pack.kiosk} ${about}`);
  const body = await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData }, key, new TextEncoder().encode(text));
  return text64(new Uint8Array([...point, ...iv, ...new Uint8Array(body)]));
}

/** @param {number} bytes */
export const random = (bytes) => Array.from(crypto.getRandomValues(new Uint8Array(bytes)), (byte) => byte.toString(16).padStart(2, '0')).join('');
