// @ts-check
/**
 * The city's places, ready to be asked at every key: a hundred thousand grids are looked up by the names in a text, not gone
 * through. No drawing here.
 */

/** @typedef {{id: string, parent: string | null, name: string, initials: string, level: number, streets: string[]}} Place */
/** @typedef {{text: string, place: Place, note: string}} Offer */
/** @typedef {{place: Place | null, rest: string}} Recognised */

const SHOWN = 9;

/** @param {Map<string, Place[]>} lists @param {string} key @param {Place} place */
function put(lists, key, place) {
  const list = lists.get(key);
  if (!list) lists.set(key, [place]);
  else if (list.at(-1) !== place) list.push(place);
}

export class Gazetteer {
  /** @param {string} [city] */
  constructor(city = '') {
    this.city = city;
    /** @type {Place[]} */ this.places = [];
    /** What each place is called, in one: most places are passed over by one look. @type {string[]} */ this.words = [];
    /** @type {Map<string, {place: Place, order: number}>} */ this.of = new Map();
    /** @type {Map<string, Place[]>} */ this.below = new Map();
    /** @type {Map<string, Place[]>} */ this.named = new Map();
    this.longest = 0;
    /** @type {{text: string, found: Recognised} | null} */ this.last = null;
  }

  /** @param {Place[]} places the larger before the smaller */
  add(places) {
    for (const one of places) {
      this.of.set(one.id, { place: one, order: this.places.length });
      this.places.push(one);
      this.words.push([one.name, ...one.streets].join(' '));
      put(this.below, one.parent ?? '', one);
      for (const name of [one.name, ...one.streets]) {
        put(this.named, name, one);
        this.longest = Math.max(this.longest, name.length);
      }
    }
    this.last = null;
    return this;
  }

  /** The place and all it lies in, the largest first. @param {Place} place @returns {Place[]} */
  chain(place) {
    const line = [];
    for (let at = /** @type {Place | undefined} */ (place); at && !line.includes(at); at = this.of.get(at.parent ?? '')?.place) line.unshift(at);
    return line;
  }

  /** As people write it. A grid is named by a street in it, if one is known. @param {Place} place @param {string} [street] */
  written(place, street = '') {
    const line = this.chain(place);
    const above = line.filter((one) => one.level < 5).map((one) => one.name).join('');
    if (place.level < 5) return above;
    return above + (street || place.name.replace(line.at(-2)?.name ?? '', ''));
  }

  /** The smallest place the text names, and what follows it. @param {string} text @returns {Recognised} */
  recognised(text) {
    if (this.last?.text !== text) this.last = { text, found: this.#look(text) };
    return this.last.found;
  }

  /** @param {string} text @returns {Recognised} */
  #look(text) {
    /** @type {Place | null} */ let best = null;
    let end = 0;
    let score = 0;
    /** @type {Set<string>} */ const seen = new Set();
    for (let at = 0; at < text.length; at += 1) {
      for (let length = 1; length <= Math.min(this.longest, text.length - at); length += 1) {
        const name = text.slice(at, at + length);
        const having = seen.has(name) ? undefined : this.named.get(name);
        if (!having) continue;
        seen.add(name);
        for (const one of having) {
          // Of two of the same name the one counts whose surroundings are named, too; else the one that is told first.
          const named = this.chain(one).filter((each) => text.includes(each.name)).length;
          const found = named * 10 + one.level + name.length / 100;
          if (found < score || (found === score && best && this.#place(one) >= this.#place(best))) continue;
          [best, end, score] = [one, at + length, found];
        }
      }
    }
    return { place: best, rest: best ? text.slice(end).trim() : text.trim() };
  }

  /** @param {Place} one */
  #place(one) {
    return this.of.get(one.id)?.order ?? 0;
  }

  /** @param {Place} one @param {Place | null} within */
  #liesIn(one, within) {
    return !within || this.chain(one).includes(within);
  }

  /** What could stand at the end of this text. @param {string} text @returns {Offer[]} */
  offers(text) {
    const { place, rest } = this.recognised(text);
    if (!rest) {
      const below = this.below.get(place?.id ?? '') ?? [];
      return below.slice(0, SHOWN).map((one) => ({ text: this.written(one, one.streets[0]), place: one, note: one.streets.join(' ') }));
    }
    const letters = rest.toLowerCase();
    /** @type {{rank: number, one: Place, street: string | undefined}[]} */ const found = [];
    for (let at = 0; at < this.places.length; at += 1) {
      const one = this.places[at];
      const initials = one.initials !== '' && one.initials.startsWith(letters);
      if ((!initials && !this.words[at].includes(rest)) || one === place) continue;
      const street = one.streets.find((name) => name.includes(rest));
      const rank = one.name.startsWith(rest) ? 0 : initials ? 1 : street ? 2 : one.name.includes(rest) ? 3 : -1;
      // Where it lies costs more to find out than whether it is called so.
      if (rank >= 0 && this.#liesIn(one, place)) found.push({ rank, one, street });
    }
    found.sort((a, b) => a.rank - b.rank || a.one.level - b.one.level);
    return found.slice(0, SHOWN).map(({ rank, one, street }) => ({ text: this.written(one, street), place: one, note: street && rank !== 2 ? street : '' }));
  }
}
