// @ts-check
/**
 * The browser's telephone: register, ring, answer, hang up, mute, hold, keys, levels, statistics.
 * The only file that knows JsSIP. It carries sound; what a call *is* comes from the server.
 */
import { UA, WebSocketInterface } from '../vendor/jssip.js';

const PC_CONFIG = { iceServers: [], rtcpMuxPolicy: 'require' };
// Machines with VPN or virtual adapters gather addresses for up to 40 s; the usable ones come at once.
const ICE_PATIENCE_MS = 150;
const REGISTER_AGAIN_MS = 2000;
const SILENCED_MS = 2000;
const DEBUG = new URLSearchParams(location.search).get('debug') === '1';

/** @typedef {{user: string, secret: string, uri: string, ws: string, expires?: number}} Credentials */
/** @typedef {{id: string, direction: 'in'|'out', purpose: string, state: 'ringing'|'calling'|'talking'|'held', muted: boolean}} Leg */

/** Emits `change` (registration, microphone or call changed), `ring` ({detail: leg}) and `ended` ({detail: {id, cause}}). */
export class Phone extends EventTarget {
  constructor() {
    super();
    /** @type {'off'|'connecting'|'registered'|'failed'} */ this.state = 'off';
    /** @type {Leg | null} */ this.leg = null;
    /** @type {'unknown'|'open'|'denied'|'missing'} */ this.mic = 'unknown';
    this.stream = /** @type {MediaStream | null} */ (null);
    this.audio = document.createElement('audio');
    this.audio.autoplay = true;
    document.body.append(this.audio);
    /** @type {any} */ this.ua = null;
    /** @type {any} */ this.session = null;
    /** @type {AudioContext | null} */ this.context = null;
    /** @type {Record<string, AnalyserNode>} */ this.analysers = {};
    /** Whether the server knows that the call in hand is over, although nobody told this phone. */
    this.isGhost = () => false;
    if (DEBUG) Object.assign(window, { __phone: this });
  }

  changed() { this.dispatchEvent(new Event('change')); }

  /** Open the microphone once and keep it: the first opening costs 400 ms, which must not fall into an answer. */
  async openMicrophone() {
    if (this.stream?.getAudioTracks().some((track) => track.readyState === 'live')) return true;
    // Tests measure pure tones, which speech processing would remove.
    const audio = { echoCancellation: !DEBUG, noiseSuppression: !DEBUG, autoGainControl: !DEBUG };
    try {
      this.stream = await navigator.mediaDevices.getUserMedia({ audio });
      this.mic = 'open';
      this.watchMicrophone(this.stream.getAudioTracks()[0]);
      this.listen('mic', this.stream);
      await this.speakInto(this.stream.getAudioTracks()[0]);
    } catch (error) {
      this.mic = error instanceof DOMException && error.name === 'NotAllowedError' ? 'denied' : 'missing';
    }
    this.changed();
    return this.mic === 'open';
  }

  /** A microphone that ends, or that the system has silenced for seconds, is no microphone. @param {MediaStreamTrack} track */
  watchMicrophone(track) {
    track.addEventListener('ended', () => this.reopen());
    const ours = () => this.stream?.getAudioTracks().includes(track) && track.readyState === 'live';
    const say = (/** @type {Phone['mic']} */ mic) => { if (ours() && this.mic !== mic) { this.mic = mic; this.changed(); } };
    track.addEventListener('mute', () => setTimeout(() => { if (track.muted) say('missing'); }, SILENCED_MS));
    track.addEventListener('unmute', () => say('open'));
  }

  /** A headset was pulled out: take whatever the system offers now, also into a call that is going on. */
  async reopen() {
    this.stream = null;
    if (!(await this.openMicrophone())) {
      // The caller whom nobody here can answer goes to the next seat at once; no call is missed by that.
      if (this.leg?.state === 'ringing') this.hangUp();
    }
  }

  /** Let the call that is going on, if there is one, hear this microphone. @param {MediaStreamTrack} track */
  async speakInto(track) {
    for (const sender of this.session?.connection?.getSenders() ?? []) await sender.replaceTrack(track);
    if (this.leg) track.enabled = !this.leg.muted;
  }

  /** @param {Credentials} who @param {{register?: boolean}} [how] a citizen's phone only calls and is never called */
  start(who, { register = true } = {}) {
    if (this.session && this.leg?.state !== 'ringing' && this.ua?.get('authorization_user') === who.user) {
      // The server came back in mid-call. Its sound has not stopped for that and must not now; only the account is new.
      this.ua.set('password', who.secret);
      if (this.ua.isConnected()) this.ua.register();
      return;
    }
    this.stop();
    const url = new URL(who.ws, location.href);
    url.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:';
    this.ua = new UA({
      sockets: [new WebSocketInterface(url.href)],
      uri: who.uri,
      authorization_user: who.user,
      password: who.secret,
      register,
      register_expires: who.expires ?? 120,
      session_timers: false,
      connection_recovery_min_interval: 1,
      connection_recovery_max_interval: 8,
      user_agent: 'hotline',
    });
    this.ua.on(register ? 'registered' : 'connected', () => this.set('registered'));
    this.ua.on('disconnected', () => this.set('connecting'));
    this.ua.on('registrationFailed', () => this.tryAgain(this.ua));
    this.ua.on('unregistered', () => this.set('connecting'));
    this.ua.on('newRTCSession', (/** @type {any} */ e) => this.arrived(e));
    this.set('connecting');
    this.ua.start();
  }

  /** After a restart the switchboard may not know this account yet; it is told within a second. @param {any} ua */
  tryAgain(ua) {
    this.set('failed');
    setTimeout(() => { if (ua === this.ua && ua.isConnected() && !ua.isRegistered()) ua.register(); }, REGISTER_AGAIN_MS);
  }

  stop() {
    this.ua?.stop();
    this.ua = null;
    this.set('off');
  }

  /** @param {Phone['state']} state */
  set(state) {
    if (this.state === state) return;
    this.state = state;
    this.changed();
  }

  /** @param {any} event */
  arrived({ originator, session, request }) {
    // A ghost gives way; so does the dead half of this very call, which the server rings again.
    if (this.session && (this.isGhost() || (this.leg?.id && request.getHeader('X-Call') === this.leg.id))) this.hangUp();
    if (this.session) {
      session.terminate({ status_code: 486 });
      return;
    }
    const incoming = originator === 'remote';
    const said = (/** @type {string} */ name) => (incoming ? request.getHeader(name) ?? '' : '');
    const id = said('X-Call');
    this.session = session;
    // With a purpose it is no citizen who rings here: the server has this phone rung, and then the citizen.
    this.leg = { id, direction: incoming ? 'in' : 'out', purpose: said('X-Outgoing'), state: incoming ? 'ringing' : 'calling', muted: false };
    this.watch(session);
    if (incoming) this.dispatchEvent(new CustomEvent('ring', { detail: this.leg }));
    this.changed();
  }

  /** @param {any} session */
  watch(session) {
    let timer = 0;
    const track = (/** @type {RTCPeerConnection} */ pc) => pc.addEventListener('track', (e) => this.hear(e.streams[0] ?? new MediaStream([e.track])));
    if (session.connection) track(session.connection);
    session.on('peerconnection', (/** @type {any} */ e) => track(e.peerconnection));
    session.on('icecandidate', (/** @type {any} */ e) => { timer ||= window.setTimeout(() => e.ready(), ICE_PATIENCE_MS); });
    session.on('sdp', (/** @type {any} */ e) => {
      if (e.originator !== 'local') return;
      clearTimeout(timer);
      timer = 0;
      // Chromium writes 0.0.0.0 when it hides its addresses; Asterisk would read that as hold and send no sound.
      e.sdp = e.sdp.replace(/c=IN IP4 0\.0\.0\.0/g, 'c=IN IP4 192.0.2.1');
    });
    session.on('confirmed', () => this.leave('talking'));
    session.on('accepted', () => this.leave('talking'));
    session.on('hold', (/** @type {any} */ e) => { if (e.originator === 'local') this.leave('held'); });
    session.on('unhold', (/** @type {any} */ e) => { if (e.originator === 'local') this.leave('talking'); });
    session.on('ended', (/** @type {any} */ e) => this.over(session, e.cause));
    session.on('failed', (/** @type {any} */ e) => this.over(session, e.cause));
  }

  /** @param {Leg['state']} state */
  leave(state) {
    if (!this.leg) return;
    this.leg = { ...this.leg, state };
    this.changed();
  }

  /** @param {any} session @param {string} cause */
  over(session, cause) {
    if (this.session !== session) return;
    const id = this.leg?.id ?? '';
    this.session = null;
    this.leg = null;
    this.audio.srcObject = null;
    delete this.analysers.remote;
    for (const track of this.stream?.getAudioTracks() ?? []) track.enabled = true;
    this.dispatchEvent(new CustomEvent('ended', { detail: { id, cause } }));
    this.changed();
  }

  /** @param {MediaStream} stream */
  hear(stream) {
    this.audio.srcObject = stream;
    this.audio.play().catch(() => addEventListener('pointerdown', () => this.audio.play(), { once: true }));
    this.listen('remote', stream);
  }

  async answer() {
    const { session } = this;
    if (this.leg?.state !== 'ringing' || !(await this.openMicrophone()) || this.session !== session) return false;
    session.answer({ mediaStream: this.stream, pcConfig: PC_CONFIG });
    return true;
  }

  /** @param {string} target */
  async call(target) {
    if (this.session || !this.ua || !(await this.openMicrophone())) return false;
    this.ua.call(target, { mediaStream: this.stream, pcConfig: PC_CONFIG });
    return true;
  }

  hangUp() {
    const { session } = this;
    if (!session) return;
    try {
      // Busy, not unavailable: the exchange takes 480 for a seat that did not pick up.
      session.terminate(this.leg?.state === 'ringing' ? { status_code: 486 } : {});
    } catch {
      this.over(session, 'Terminated'); // JsSIP refuses to end what it thinks has ended
    }
  }

  /** @param {boolean} on */
  mute(on) {
    if (!this.session || !this.leg) return;
    if (on) this.session.mute({ audio: true });
    else this.session.unmute({ audio: true });
    this.leg = { ...this.leg, muted: on };
    this.changed();
  }

  /** @param {boolean} on */
  hold(on) {
    if (!this.session || !this.leg) return;
    if (on) this.session.hold();
    else this.session.unhold();
  }

  /** @param {string} key one of 0-9 * # */
  key(key) {
    this.session?.sendDTMF(key, { transportType: 'RFC2833', duration: 160, interToneGap: 80 });
  }

  /** @param {'mic'|'remote'} name @param {MediaStream} stream */
  listen(name, stream) {
    this.context ??= new AudioContext();
    if (this.context.state === 'suspended') addEventListener('pointerdown', () => this.context?.resume(), { once: true });
    const analyser = this.context.createAnalyser();
    analyser.fftSize = 2048;
    this.context.createMediaStreamSource(stream).connect(analyser);
    this.analysers[name] = analyser;
  }

  /** @param {'mic'|'remote'} name @returns {number} loudness from 0 to 1, on the scale the ear uses */
  level(name) {
    const analyser = this.analysers[name];
    if (!analyser || this.context?.state !== 'running') return 0;
    const wave = new Float32Array(analyser.fftSize);
    analyser.getFloatTimeDomainData(wave);
    const power = wave.reduce((sum, x) => sum + x * x, 0) / wave.length;
    return Math.min(1, Math.max(0, 1 + (10 * Math.log10(power + 1e-9)) / 60));
  }

  /** @param {'mic'|'remote'} name @returns {{hz: number, db: number}} the loudest tone heard */
  tone(name) {
    const analyser = this.analysers[name];
    if (!analyser || !this.context) return { hz: 0, db: -Infinity };
    const bins = new Float32Array(analyser.frequencyBinCount);
    analyser.getFloatFrequencyData(bins);
    const top = bins.reduce((best, db, i) => (db > bins[best] ? i : best), 0);
    return { hz: (top * this.context.sampleRate) / analyser.fftSize, db: bins[top] };
  }

  /** @returns {Promise<{rtt: number, lost: number, received: number, sent: number, codec: string} | null>} */
  async statistics() {
    const report = await this.session?.connection?.getStats();
    if (!report) return null;
    const all = [...report.values()];
    const one = (/** @type {string} */ type) => all.find((entry) => entry.type === type) ?? {};
    const [inbound, remote, pair] = [one('inbound-rtp'), one('remote-inbound-rtp'), all.find((x) => x.type === 'candidate-pair' && x.nominated) ?? {}];
    const received = inbound.packetsReceived ?? 0;
    const lost = inbound.packetsLost ?? 0;
    return {
      rtt: Math.round((remote.roundTripTime ?? pair.currentRoundTripTime ?? 0) * 1000),
      lost: received + lost > 0 ? Math.max(0, lost) / (received + lost) : 0,
      received,
      sent: one('outbound-rtp').packetsSent ?? 0,
      codec: report.get(inbound.codecId)?.mimeType ?? '',
    };
  }
}
