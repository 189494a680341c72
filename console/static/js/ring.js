// @ts-check
/** The ringing and the short signals, made by WebAudio: no file to load, nothing to license. */

/** @type {AudioContext | null} */ let context = null;
let timer = 0;

/** @param {number} hz @param {number} from seconds from now @param {number} long */
function beep(hz, from, long) {
  context ??= new AudioContext();
  if (context.state === 'suspended') context.resume().catch(() => undefined);
  const [tone, gain] = [context.createOscillator(), context.createGain()];
  const at = context.currentTime + from;
  tone.frequency.value = hz;
  gain.gain.setValueAtTime(0, at);
  gain.gain.linearRampToValueAtTime(0.18, at + 0.02);
  gain.gain.setValueAtTime(0.18, at + long - 0.04);
  gain.gain.linearRampToValueAtTime(0, at + long);
  tone.connect(gain).connect(context.destination);
  tone.start(at);
  tone.stop(at + long);
}

function once() {
  beep(880, 0, 0.22);
  beep(1108, 0.26, 0.3);
}

/** @param {boolean} on */
export function ring(on) {
  if (on === Boolean(timer)) return;
  clearInterval(timer);
  timer = 0;
  if (!on) return;
  once();
  timer = window.setInterval(once, 1800);
}

export const test = once;
