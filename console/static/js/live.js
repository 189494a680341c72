// @ts-check
/** One WebSocket to the server, kept alive: snapshots on connecting, the server's clock, what could not be sent is sent again. */

const PAUSES_MS = [1000, 2000, 4000, 8000];
const KEEP_UNSENT_MS = 60_000;

/** Emits `message` ({detail: message}) and `link` ({detail: up}). */
export class Live extends EventTarget {
  /** @param {string} path */
  constructor(path) {
    super();
    this.path = path;
    this.up = false;
    this.offset = 0;
    this.heard = 0;
    this.retryAt = 0;
    this.tries = 0;
    this.over = false;
    /** @type {WebSocket | null} */ this.socket = null;
    /** @type {{at: number, text: string}[]} */ this.unsent = [];
    addEventListener('online', () => this.connect());
    this.connect();
  }

  /** The server's time, by the offset of its last message. */
  now() { return Date.now() + this.offset; }

  connect() {
    if (this.over || (this.socket && this.socket.readyState <= WebSocket.OPEN)) return;
    const url = new URL(this.path, location.href);
    url.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:';
    const socket = new WebSocket(url);
    let opened = false;
    this.socket = socket;
    socket.onopen = () => {
      opened = true;
      this.tries = 0;
      this.heard = Date.now();
      this.link(true);
      this.flush();
    };
    socket.onmessage = ({ data }) => this.receive(JSON.parse(data));
    socket.onclose = () => {
      if (this.socket !== socket) return;
      this.link(false);
      if (!opened) this.askWhetherSignedIn();
      this.later();
    };
  }

  later() {
    if (this.over) return;
    const pause = PAUSES_MS[Math.min(this.tries++, PAUSES_MS.length - 1)];
    this.retryAt = Date.now() + pause;
    setTimeout(() => this.connect(), pause);
  }

  /** A refused handshake does not tell its reason; a page that is refused too means the session has ended. */
  async askWhetherSignedIn() {
    const answer = await fetch(location.pathname, { method: 'HEAD', redirect: 'manual' }).catch(() => null);
    if (answer && (answer.type === 'opaqueredirect' || answer.status === 401)) {
      location.assign(`/login?next=${encodeURIComponent(location.pathname)}`);
    }
  }

  /** @param {any} message */
  receive(message) {
    this.heard = Date.now();
    if (typeof message.now === 'number') this.offset = message.now - Date.now();
    this.dispatchEvent(new CustomEvent('message', { detail: message }));
  }

  /** @param {boolean} up */
  link(up) {
    this.up = up;
    this.dispatchEvent(new CustomEvent('link', { detail: up }));
  }

  /** Take a fresh snapshot: something was missed. */
  restart() { this.socket?.close(); }

  close() {
    this.over = true;
    this.socket?.close();
  }

  /** @param {Record<string, unknown>} command @param {{keep?: boolean}} [how] keep: still worth sending after a reconnect */
  send(command, { keep = false } = {}) {
    const text = JSON.stringify(command);
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(text);
    else if (keep) this.unsent.push({ at: Date.now(), text });
    else return false;
    return true;
  }

  flush() {
    const fresh = this.unsent.filter((item) => Date.now() - item.at < KEEP_UNSENT_MS);
    this.unsent = [];
    for (const item of fresh) this.socket?.send(item.text);
  }
}
